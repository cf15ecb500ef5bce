//! The documents: real-sized ones from the testkit's generator, and small ones where there are a million.

use std::path::{Path, PathBuf};

use bytes::Bytes;

use truthound_stores_core::codec::{Codec, Compression, Format};
use truthound_stores_core::{Body, Collection, Key, Reading, Record, Timestamp};
use truthound_stores_filesystem::FileSystemConfig;
use truthound_stores_testkit::{Generator, SeededRandom};

use crate::Outcome;

/// The asset whose documents are asked for. It has a tenth of them, so that a store of a thousand has the hundred of a page.
pub(crate) const ASSET: &str = "warehouse.sales.orders";

/// How many real-sized documents are made; each is saved again and again under new ids.
const POOL: usize = 1_000;
/// The sizes of the files that count as real-sized: 5.5 KB on average. The generator writes larger ones, too.
const SIZES: std::ops::Range<usize> = 2_000..8_500;
/// How many hex digits of an id are its number.
const DIGITS: usize = 8;

/// Real-sized documents that differ in nothing but their ids once they repeat.
pub(crate) struct Pool {
    templates: Vec<Template>,
}

struct Template {
    record: Record,
    /// The id without its number.
    stem: String,
    /// The bytes of the file that the store writes.
    file: Vec<u8>,
    /// Where the number stands in the canonical text, and in the file.
    in_body: usize,
    in_file: usize,
}

impl Pool {
    /// Makes the documents, always the same ones.
    pub(crate) fn new() -> Outcome<Self> {
        let mut generator = Generator::new(11);
        let mut templates = Vec::with_capacity(POOL);
        while templates.len() < POOL {
            let template = Template::new(generator.record())?;
            if SIZES.contains(&template.file.len()) {
                templates.push(template);
            }
        }
        Ok(Self { templates })
    }

    fn template(&self, number: u64) -> Outcome<&Template> {
        let at = usize::try_from(number)? % self.templates.len().max(1);
        Ok(self.templates.get(at).ok_or("there are no documents")?)
    }

    /// Makes the id of document `number`.
    pub(crate) fn id(&self, number: u64) -> Outcome<String> {
        Ok(format!("{}{number:08x}", self.template(number)?.stem))
    }

    /// Makes the record of document `number`.
    pub(crate) fn record(&self, number: u64) -> Outcome<Record> {
        let template = self.template(number)?;
        let key = Key::result(&self.id(number)?)?;
        let mut text = template.record.body.as_bytes().to_vec();
        write_number(&mut text, template.in_body, number)?;
        let body = Body::from_canonical(Bytes::from(text));
        Ok(Record::new(key, template.record.attributes.clone(), body))
    }

    /// Makes the bytes of document `number` as the store writes them.
    pub(crate) fn file(&self, number: u64) -> Outcome<Vec<u8>> {
        let template = self.template(number)?;
        let mut file = template.file.clone();
        write_number(&mut file, template.in_file, number)?;
        Ok(file)
    }

    /// Returns the mean size of the files, in bytes.
    pub(crate) fn mean_size(&self) -> usize {
        self.templates.iter().map(|template| template.file.len()).sum::<usize>() / self.templates.len().max(1)
    }
}

impl Template {
    fn new(record: Record) -> Outcome<Self> {
        let id = record.key.id().to_owned();
        let stem = id.get(..id.len().saturating_sub(DIGITS)).ok_or("an id is too short")?.to_owned();
        let file =
            Codec::new(Format::Json, Compression::None).with_pretty(true).encode(record.body.as_bytes())?;
        let number = id.get(stem.len()..).ok_or("an id has no number")?;
        let (in_body, in_file) =
            (place_of(record.body.as_bytes(), &stem, number)?, place_of(&file, &stem, number)?);
        Ok(Self { record, stem, file, in_body, in_file })
    }
}

/// Finds where the number of an id stands in a document.
fn place_of(text: &[u8], stem: &str, number: &str) -> Outcome<usize> {
    let id = format!("\"{stem}{number}\"");
    let at = text.windows(id.len()).position(|window| window == id.as_bytes());
    Ok(at.ok_or("a document does not hold its id")? + 1 + stem.len())
}

fn write_number(text: &mut [u8], at: usize, number: u64) -> Outcome {
    let place = text.get_mut(at..at + DIGITS).ok_or("a document is too short")?;
    place.copy_from_slice(format!("{:08x}", u32::try_from(number)?).as_bytes());
    Ok(())
}

/// Makes small document `number`: a run a minute, about 600 bytes as a file, times without an offset as Truthound writes them.
pub(crate) fn small(number: u64) -> Outcome<Record> {
    let mut random = SeededRandom::new(number);
    // The 1st of January 2024.
    let start = Timestamp::from_micros(1_704_067_200_000_000);
    let time = start.plus_micros(i64::try_from(number)? * 61_000_000).to_string();
    let (asset, status) = (asset_of(number), if random.chance(80) { "success" } else { "failure" });
    let validators = random.between(5, 50);
    let failed = if status == "success" { 0 } else { random.between(1, validators) };
    let text = format!(
        r#"{{"run_id":"{}","run_time":"{}","data_asset":"{asset}","status":"{status}","results":[],"statistics":{{"total_validators":{validators},"passed_validators":{},"failed_validators":{failed},"error_validators":0,"total_rows":{},"total_columns":12,"total_issues":{failed},"high_issues":{failed},"execution_time_ms":{}.5}},"tags":{{"environment":"production","team":"sales"}},"metadata":{{}},"suite_name":null}}"#,
        small_id(number),
        time.trim_end_matches('Z'),
        validators - failed,
        random.between(100, 5_000_000),
        random.between(3, 900),
    );
    Ok(Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default())?)
}

/// Makes the id of small document `number`.
pub(crate) fn small_id(number: u64) -> String {
    format!("run_{number:08x}")
}

/// Gives every tenth document to [`ASSET`], and the others to 300 assets.
fn asset_of(number: u64) -> String {
    if number.is_multiple_of(10) {
        ASSET.to_owned()
    } else {
        format!("warehouse.area_{:03}.table", number % 300)
    }
}

/// Says where the store keeps the document of an id that is safe as a name.
pub(crate) fn path_of(base: &Path, id: &str) -> PathBuf {
    results(base).join(format!("{id}.json"))
}

/// Says which folder the store under `base` keeps results in.
pub(crate) fn results(base: &Path) -> PathBuf {
    base.join("default").join(FileSystemConfig::DEFAULT_PREFIX)
}
