//! `diff`: what changed between two documents.

use clap::Args;
use truthound_stores::StoreExt;

use crate::context::Context;
use crate::diff;
use crate::exit::{Code, Failure};
use crate::output::Format;

/// Show what changed between two results: status, validators that broke or were fixed, statistics, tags, metadata.
///
/// As jsonl, each change is an object with a kind: status, validator, statistic or value. As json, all of it is one object.
/// The exit code is 0 whether or not something changed.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  truthound-stores diff run_20260130_120000_4e5f6071 run_20260131_120000_0a1b2c3d")]
pub(crate) struct Diff {
    /// The id of the earlier document
    before: String,
    /// The id of the later document
    after: String,
    /// Print NaN, Infinity and -Infinity as null, in json and jsonl
    #[arg(long)]
    strict: bool,
}

pub(crate) async fn run(options: &Diff, context: &mut Context) -> Result<Code, Failure> {
    let format = context.format();
    if matches!(format, Format::Csv | Format::Ids) {
        return Err(Failure::Usage("diff is printed as table, json or jsonl: choose one of them".to_owned()));
    }
    let (before, after) = (context.key(&options.before)?, context.key(&options.after)?);
    let store = context.open_to_read().await?;
    let before = store.read(&before).await?.into_body()?.to_json()?;
    let after = store.read(&after).await?.into_body()?.to_json()?;
    let difference = diff::compare(&before, &after);
    diff::print(&mut context.out, format, options.strict, (&before, &after), &difference)?;
    store.close().await?;
    Ok(Code::Done)
}
