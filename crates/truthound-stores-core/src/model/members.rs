//! Objects taken apart into fields, and put together again.

use super::field::Field;
use super::misfit::Misfit;
use super::part::Part;
use super::time_text::TimeText;
use crate::json::{Json, Object};

/// Remembers the originals of members that writing their typed values would not give back.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Kept(Vec<(&'static str, Json)>);

impl Kept {
    fn keep(&mut self, name: &'static str, original: Option<Json>) {
        self.0.extend(original.map(|original| (name, original)));
    }

    fn get(&self, name: &str) -> Option<&Json> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, original)| original)
    }
}

/// Takes the known members out of an object one by one.
pub(super) struct Reader {
    members: Object,
    kept: Kept,
}

impl Reader {
    pub(super) fn new(json: Json) -> Result<Self, Misfit> {
        match json {
            Json::Object(members) => Ok(Self { members, kept: Kept::default() }),
            other => Err(Misfit::not("an object", &other)),
        }
    }

    /// Reads a member that may be missing.
    pub(super) fn field<F: Field>(&mut self, name: &'static str, default: F) -> F {
        let Some(json) = self.members.remove(name) else { return default };
        let (value, odd) = F::read(json, default);
        self.kept.keep(name, odd);
        value
    }

    /// Reads a member that must be there, of whatever type.
    pub(super) fn required<F: Field + Default>(&mut self, name: &'static str) -> Result<F, Misfit> {
        if !self.members.contains(name) {
            return Err(Misfit::missing(name));
        }
        Ok(self.field(name, F::default()))
    }

    /// Reads a member that must be there and be a string.
    pub(super) fn text(&mut self, name: &'static str) -> Result<String, Misfit> {
        match self.members.remove(name) {
            Some(Json::String(text)) => Ok(text),
            Some(other) => Err(Misfit::not("a string", &other).within(name)),
            None => Err(Misfit::missing(name)),
        }
    }

    /// Reads a string that [`Field::read`] understands.
    pub(super) fn word<F: Field>(&mut self, name: &'static str, default: F) -> Result<F, Misfit> {
        let (value, odd) = F::read(self.text(name)?.into(), default);
        self.kept.keep(name, odd);
        Ok(value)
    }

    /// Reads a time that must be there.
    pub(super) fn time(&mut self, name: &'static str) -> Result<TimeText, Misfit> {
        let text = self.text(name)?;
        TimeText::new(text).map_err(|cause| Misfit::new("is no time").within(name).caused_by(cause))
    }

    /// Reads a time that may be missing or null.
    pub(super) fn optional_time(&mut self, name: &'static str) -> Result<Option<TimeText>, Misfit> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Json::Null) => {
                self.kept.keep(name, self.members.remove(name));
                Ok(None)
            }
            Some(_) => self.time(name).map(Some),
        }
    }

    /// Reads an array of objects that may be missing or null.
    pub(super) fn list<P: Part>(&mut self, name: &'static str) -> Result<Vec<P>, Misfit> {
        match self.members.remove(name) {
            None => Ok(Vec::new()),
            Some(Json::Null) => {
                self.kept.keep(name, Some(Json::Null));
                Ok(Vec::new())
            }
            Some(Json::Array(items)) => {
                let parts = items
                    .into_iter()
                    .enumerate()
                    .map(|(at, item)| P::read(item).map_err(|misfit| misfit.within_item(at).within(name)));
                parts.collect()
            }
            Some(other) => Err(Misfit::not("an array", &other).within(name)),
        }
    }

    /// Takes out a member as it is.
    pub(super) fn take(&mut self, name: &str) -> Option<Json> {
        self.members.remove(name)
    }

    /// Returns the members that were not asked for, and the originals of those that were.
    pub(super) fn finish(self) -> (Object, Kept) {
        (self.members, self.kept)
    }
}

/// Puts an object together, with the originals of what was not changed.
pub(super) struct Writer<'a> {
    members: Object,
    kept: &'a Kept,
}

impl<'a> Writer<'a> {
    pub(super) fn new(kept: &'a Kept) -> Self {
        Self { members: Object::new(), kept }
    }

    /// Writes a member; `default` is what [`Reader::field`] was given.
    pub(super) fn field<F: Field>(
        &mut self,
        name: &'static str,
        value: &F,
        default: F,
    ) -> Result<(), Misfit> {
        let original = self.kept.get(name).filter(|original| {
            let (read, _) = F::read((*original).clone(), default);
            read.same(value)
        });
        let json = match original {
            Some(original) => original.clone(),
            None => value.write().map_err(|misfit| misfit.within(name))?,
        };
        self.members.set(name, json);
        Ok(())
    }

    /// Writes a string.
    pub(super) fn text(&mut self, name: &'static str, value: &str) {
        self.members.set(name, value);
    }

    /// Writes a time, or nothing.
    pub(super) fn optional_time(&mut self, name: &'static str, value: Option<&TimeText>) {
        let json = value.map(|time| time.as_str().into()).or_else(|| self.kept.get(name).cloned());
        if let Some(json) = json {
            self.members.set(name, json);
        }
    }

    /// Writes an array of objects.
    pub(super) fn list<P: Part>(&mut self, name: &'static str, parts: &[P]) -> Result<(), Misfit> {
        let json = match self.kept.get(name) {
            Some(original) if parts.is_empty() => original.clone(),
            _ => {
                let items = parts
                    .iter()
                    .enumerate()
                    .map(|(at, part)| part.write().map_err(|misfit| misfit.within_item(at).within(name)));
                Json::Array(items.collect::<Result<_, _>>()?)
            }
        };
        self.members.set(name, json);
        Ok(())
    }

    /// Writes a member as it is.
    pub(super) fn put(&mut self, name: &'static str, json: Json) {
        self.members.set(name, json);
    }

    /// Adds the members that the type does not know.
    pub(super) fn finish(mut self, extra: &Object, own: &[&str]) -> Result<Json, Misfit> {
        for (name, value) in extra {
            if own.contains(&name) {
                let problem = "stands in `extra`, but has a field of its own: set it there";
                return Err(Misfit::new(problem).within(name));
            }
            self.members.set(name, value.clone());
        }
        Ok(self.members.into())
    }
}
