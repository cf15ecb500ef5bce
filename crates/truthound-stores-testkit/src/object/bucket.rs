//! What is stored: the model. A command takes effect whole and at once, as on the stores that it stands for.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use object_store::path::Path;
use object_store::{Attributes, Error, GetOptions, ObjectMeta, PutMode, UpdateVersion};
use truthound_stores_core::{Checksum, Timestamp};

use super::command::{Command, Got, Reply};
use super::failure::Cause;
use super::limits;
use super::options::{Condition, DeleteMissing, ETags, StoreOptions, Vendor};

mod page;

/// The objects of a store.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    objects: BTreeMap<String, Object>,
    /// Counts writes; opaque tags and versions are made of it.
    writes: u64,
}

#[derive(Clone, Debug)]
struct Object {
    location: Path,
    body: Bytes,
    attributes: Attributes,
    e_tag: String,
    version: Option<String>,
    modified: Duration,
}

impl Object {
    fn meta(&self) -> ObjectMeta {
        ObjectMeta {
            location: self.location.clone(),
            last_modified: (UNIX_EPOCH + self.modified).into(),
            size: self.body.len() as u64,
            e_tag: Some(self.e_tag.clone()),
            version: self.version.clone(),
        }
    }
}

type Answer = Result<Reply, Cause>;

impl Bucket {
    /// Carries out a command.
    pub(super) fn execute(&mut self, options: &StoreOptions, now: Timestamp, command: &Command) -> Answer {
        match command {
            Command::List(page) => Ok(Reply::Page(self.page(options, page))),
            Command::Get { location, options } => self.get(location, options),
            Command::Put { location, body, mode, attributes } => {
                self.may_put(options, location, mode)?;
                Ok(self.write(options, now, location, body.clone(), attributes))
            }
            Command::Delete { location } => self.delete(options, location),
            Command::DeleteIf { location, version } => {
                let found = self.objects.get(location.as_ref());
                if options.compare_and_delete == Condition::Honoured
                    && found.is_some_and(|found| !matches(options, found, version))
                {
                    return Err(Cause::Status(412));
                }
                self.delete(options, location)
            }
            Command::DeleteBatch { locations } => {
                let delete = |location: &Path| {
                    // A batch is idempotent everywhere: the name is gone, that is what counts.
                    self.objects.remove(location.as_ref());
                    Ok(location.clone())
                };
                Ok(Reply::Batch(locations.iter().map(delete).collect()))
            }
            Command::Copy { from, to, create } => {
                let found = self.objects.get(from.as_ref()).cloned().ok_or(Cause::Status(404))?;
                if *create {
                    self.may_put(options, to, &PutMode::Create)?;
                }
                drop(self.write(options, now, to, found.body, &found.attributes));
                Ok(Reply::Done)
            }
            Command::FinishUpload { location, body, attributes } => {
                Ok(self.write(options, now, location, body.clone(), attributes))
            }
            // Parts are kept by the client's side of the simulation: until the end, nobody else can see them.
            Command::StartUpload { .. } | Command::UploadPart { .. } | Command::AbortUpload { .. } => {
                Ok(Reply::Done)
            }
        }
    }

    /// Returns all names, in order.
    pub(super) fn names(&self) -> Vec<String> {
        self.objects.keys().cloned().collect()
    }

    fn may_put(&self, options: &StoreOptions, location: &Path, mode: &PutMode) -> Result<(), Cause> {
        let found = self.objects.get(location.as_ref());
        match mode {
            PutMode::Create if options.create == Condition::Honoured && found.is_some() => {
                Err(Cause::Status(412))
            }
            PutMode::Update(version) if options.update == Condition::Honoured => match found {
                Some(found) if matches(options, found, version) => Ok(()),
                // S3 says so; its client makes a failed precondition of it, as the others' stores do themselves.
                None if options.vendor == Vendor::S3 => Err(Cause::Status(404)),
                Some(_) | None => Err(Cause::Status(412)),
            },
            PutMode::Create | PutMode::Update(_) | PutMode::Overwrite => Ok(()),
        }
    }

    fn write(
        &mut self,
        options: &StoreOptions,
        now: Timestamp,
        location: &Path,
        body: Bytes,
        attributes: &Attributes,
    ) -> Reply {
        self.writes += 1;
        let e_tag = match options.e_tags {
            ETags::Content => {
                let digest = Checksum::of(&body);
                let hex = digest.as_bytes().iter().take(16).map(|byte| format!("{byte:02x}"));
                format!("\"{}\"", hex.collect::<String>())
            }
            ETags::Opaque => format!("\"0x{:x}\"", self.writes),
        };
        // As generations look: a number with the time in it, of which only equality means anything.
        let version = options.versions.then(|| format!("17672256{:08}", self.writes));
        let object = Object {
            location: location.clone(),
            body,
            attributes: limits::as_headers(attributes),
            e_tag: e_tag.clone(),
            version: version.clone(),
            modified: cut_down(now, options.time_step),
        };
        self.objects.insert(location.to_string(), object);
        Reply::Written { e_tag, version }
    }

    fn get(&self, location: &Path, options: &GetOptions) -> Answer {
        let found = self.objects.get(location.as_ref()).ok_or(Cause::Status(404))?;
        if options.version.is_some() && options.version != found.version {
            return Err(Cause::Status(404));
        }
        let meta = found.meta();
        options.check_preconditions(&meta).map_err(|error| match error {
            Error::NotModified { .. } => Cause::Status(304),
            _ => Cause::Status(412),
        })?;
        let range = match &options.range {
            Some(range) => range.as_range(meta.size).or(Err(Cause::Status(416)))?,
            None => 0..meta.size,
        };
        let body = if options.head {
            Bytes::new()
        } else {
            found.body.slice(as_usize(range.start)..as_usize(range.end))
        };
        Ok(Reply::Got(Got { meta, attributes: found.attributes.clone(), range, body, cut: None }))
    }

    fn delete(&mut self, options: &StoreOptions, location: &Path) -> Answer {
        let found = self.objects.remove(location.as_ref());
        if found.is_none() && options.delete_missing == DeleteMissing::NotFound {
            return Err(Cause::Status(404));
        }
        Ok(Reply::Done)
    }
}

/// Compares what the vendor's store compares: the version on GCS, else the `ETag`.
fn matches(options: &StoreOptions, found: &Object, seen: &UpdateVersion) -> bool {
    match options.vendor {
        Vendor::Gcs => seen.version.is_some() && seen.version == found.version,
        Vendor::S3 | Vendor::Azure => seen.e_tag.as_ref() == Some(&found.e_tag),
    }
}

fn cut_down(now: Timestamp, step: Duration) -> Duration {
    let micros = u64::try_from(now.as_micros()).unwrap_or(0);
    let step = u64::try_from(step.as_micros()).unwrap_or(u64::MAX).max(1);
    Duration::from_micros(micros / step * step)
}

fn as_usize(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
