//! `versions get`: a document as it was.

use clap::Args;
use truthound_stores::Store;
use truthound_stores::json;

use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::{Format, pretty};

/// Print a version of a document, checked against its checksum.
///
/// The exit code is 3 if there is no such version, 5 if it is not what was saved.
#[derive(Debug, Args)]
pub(crate) struct Get {
    /// The document's id
    id: String,
    /// The version
    version: String,
    /// Print NaN, Infinity and -Infinity as null
    #[arg(long)]
    strict: bool,
}

pub(super) async fn run(options: &Get, context: &mut Context) -> Result<Code, Failure> {
    print(context, &options.id, &options.version, options.strict).await
}

/// Prints a version, laid out for people unless it is to stand on one line.
pub(in crate::commands) async fn print(
    context: &mut Context,
    id: &str,
    version: &str,
    strict: bool,
) -> Result<Code, Failure> {
    let format = context.asked_format();
    if matches!(format, Some(Format::Table | Format::Csv | Format::Ids)) {
        return Err(Failure::Usage("a version is printed as json or jsonl: choose one of them".to_owned()));
    }
    let key = context.key(id)?;
    let store = context.place.open_versions().await?;
    context.say_if_missing(store.inner());
    let body = store.get_version(&key, version).await?.record.body;
    let text = if strict { json::strict(body.as_bytes())? } else { body.as_bytes().to_vec() };
    let text = String::from_utf8_lossy(&text);
    match format {
        Some(Format::Jsonl) => context.out.data(text.into_owned())?,
        _ => context.out.line(pretty(&text))?,
    }
    store.close().await?;
    Ok(Code::Done)
}
