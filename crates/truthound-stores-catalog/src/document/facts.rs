//! What a document's text does not say of it: its attributes, or those that a wrapper added.

use truthound_stores_core::{Attributes, Checksum, Error, Ext, Record, Result, Timestamp};

use crate::document::Form;
use crate::document::trailer;
use crate::pack::{Pack, Unpack};
use crate::row::{Change, Facts, Lately, Row};
use crate::state::State;

const EXT: u8 = 1;
const ALL: u8 = 2;

/// Packs what the record's text does not say; `None` if it says everything.
///
/// # Errors
/// `Invalid` if that is more than can be kept.
pub(crate) fn unsaid(form: &Form, record: &Record) -> Result<Option<Vec<u8>>> {
    if record.speaks_for_itself(&form.reading) {
        return Ok(None);
    }
    let mut bare = record.clone();
    bare.attributes.ext = Ext::default();
    let mut pack = Pack::default();
    if bare.speaks_for_itself(&form.reading) {
        pack.byte(EXT);
        record.attributes.ext.iter().for_each(|(name, value)| {
            pack.text(name);
            pack.text(value);
        });
    } else {
        pack.byte(ALL);
        pack.raw(&row_of(record.attributes.clone()).pack());
    }
    let packed = pack.into_bytes();
    let most = trailer::LONGEST - trailer::UNIQUE;
    if packed.len() > most {
        return Err(Error::invalid(format!(
            "the attributes that the document's text does not say take {} bytes: at most {most} are kept",
            packed.len()
        ))
        .at(&record.key));
    }
    Ok(Some(packed))
}

/// Completes what the text says, if it says enough, by what was packed.
///
/// # Errors
/// `Corrupt` for bytes that [`unsaid`] does not make; what is wrong with the text, if it is needed.
pub(crate) fn complete(
    packed: Option<&[u8]>,
    said: impl FnOnce() -> Result<Attributes>,
) -> Result<Attributes> {
    match packed.and_then(<[u8]>::split_first) {
        None => said(),
        Some((&EXT, rest)) => {
            let mut attributes = said()?;
            let mut unpack = Unpack::new(rest);
            while !unpack.is_empty() {
                let name = unpack.text()?;
                attributes.ext.set(name, unpack.text()?)?;
            }
            Ok(attributes)
        }
        Some((&ALL, rest)) => match Row::unpack(rest, &mut Lately::default())?.change {
            Change::Put(facts) => Ok(facts.attributes),
            Change::Delete => Err(Error::corrupt("the object's facts are those of a deletion")),
        },
        Some(_) => Err(Error::unsupported(
            "the object's facts are in a form that this program does not know: use a later one",
        )),
    }
}

/// Attributes are packed as rows pack them; the rest of the row says nothing.
fn row_of(attributes: Attributes) -> Row {
    let checksum = Checksum::from_bytes([0; Checksum::WHOLE]);
    let facts = Facts { attributes, suffix: String::new(), size: 0, checksum };
    let state = State { incarnation: 0, hlc: 0 };
    Row { id: String::new(), state, before: None, change: Change::Put(Box::new(facts)) }
}

/// Asset and time, by which a row is found in segments.
pub(crate) fn place_of(attributes: &Attributes) -> (String, Timestamp) {
    (attributes.data_asset.clone(), attributes.run_time)
}
