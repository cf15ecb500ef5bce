//! `retention restore`: brings records back.

use std::sync::Arc;

use clap::{Args, ValueEnum};
use futures_util::TryStreamExt;
use serde_json::Value;
use truthound_stores::{
    Deleted, Pattern, Query, RestoreFrom, Restored, Retention, RetentionTargets, Store, SystemClock,
};

use super::{Policies, report};
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::{Format, Row, cell, number, print_objects, size, table};

/// Bring records back that were deleted, archived or put in quarantine.
///
/// Each is written, read back and compared before it goes from where it was kept. An id that was saved again meanwhile is not overwritten: exit code 4. What is not
/// there any more is named: exit code 3. Deletions can be undone for the grace period.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores retention restore --list
  truthound-stores retention restore run_20260131_120000_0a1b2c3d
  truthound-stores retention restore --from archive --policy policies.toml --all --asset 'warehouse.*'")]
pub(super) struct Restore {
    /// The records' ids
    #[arg(value_name = "ID", required_unless_present_any = ["all", "list"], conflicts_with_all = ["all", "list"])]
    ids: Vec<String>,
    /// Bring all back
    #[arg(long, conflicts_with = "list")]
    all: bool,
    /// Of all, only those of this asset; * stands for any text, ? for one character, \ takes the next one literally
    #[arg(long, value_name = "PATTERN", requires = "all")]
    asset: Option<String>,
    /// List the deletions that can be undone, and until when
    #[arg(long)]
    list: bool,
    /// Where to bring them back from
    #[arg(long, value_name = "WHERE", value_enum, default_value = "deleted")]
    from: From,
    #[command(flatten)]
    policies: Policies,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum From {
    /// Deletions whose grace period is not over
    Deleted,
    /// The archive that the policies name
    Archive,
    /// The quarantine that the policies name
    Quarantine,
}

impl From {
    fn place(self) -> RestoreFrom {
        match self {
            Self::Deleted => RestoreFrom::Deleted,
            Self::Archive => RestoreFrom::Archive,
            Self::Quarantine => RestoreFrom::Quarantine,
        }
    }
}

/// What came back.
struct Back<'a>(&'a Restored);

impl Row for Back<'_> {
    const NAMES: &'static [&'static str] = &["restored", "restored_bytes", "failed"];

    fn values(&self) -> Vec<Value> {
        vec![self.0.restored.records.into(), self.0.restored.bytes.into(), self.0.failed.into()]
    }
}

impl Row for Deleted {
    const NAMES: &'static [&'static str] = &["id", "until", "data_asset", "run_time", "size"];

    fn values(&self) -> Vec<Value> {
        vec![
            self.key.id().into(),
            self.until.to_string().into(),
            self.data_asset.as_str().into(),
            self.run_time.to_string().into(),
            self.size.into(),
        ]
    }
}

pub(super) async fn run(options: &Restore, context: &mut Context) -> Result<Code, Failure> {
    let retention = if options.from == From::Deleted && options.policies.policy.is_none() {
        // Deletions are in the store itself: no policy says where.
        Retention::restoring(RetentionTargets::none(), Arc::new(SystemClock::new()))
    } else {
        options.policies.open(context).await?
    };
    if options.list && options.from != From::Deleted {
        return Err(Failure::Usage(
            "--list is for deletions: the archive and the quarantine are stores, which `list --store URL` lists".to_owned(),
        ));
    }
    let format = if options.list { context.format() } else { context.format_without_ids("numbers are")? };
    let store = context.open_to_read().await?;
    let code = if options.list {
        list(&retention, &*store, context, format).await?
    } else {
        bring_back(options, &retention, &*store, context, format).await?
    };
    store.close().await?;
    retention.close_targets().await?;
    Ok(code)
}

async fn list(
    retention: &Retention,
    store: &dyn Store,
    context: &mut Context,
    format: Format,
) -> Result<Code, Failure> {
    let deleted: Vec<Deleted> = retention.deleted(store, &context.collection)?.try_collect().await?;
    if format == Format::Ids {
        deleted.iter().try_for_each(|one| context.out.line(one.key.id()))?;
        return Ok(Code::Done);
    }
    print_objects(&mut context.out, format, &deleted, |out| {
        let mut lines = table(out, &["ID", "UNTIL", "ASSET", "RUN TIME", "SIZE"]);
        lines.add_rows(deleted.iter().map(|one| {
            [
                cell(one.key.id()),
                cell(&one.until.to_string()),
                cell(&one.data_asset),
                cell(&one.run_time.to_string()),
                number(size(one.size)),
            ]
        }));
        lines
    })?;
    Ok(Code::Done)
}

async fn bring_back(
    options: &Restore,
    retention: &Retention,
    store: &dyn Store,
    context: &mut Context,
    format: Format,
) -> Result<Code, Failure> {
    let from = options.from.place();
    let restored = if options.all {
        let mut query = Query::new().with_collection(context.collection.clone());
        query.data_asset = options.asset.as_deref().map(Pattern::new);
        retention.restore_all(store, &query, from).await?
    } else {
        retention.restore(store, &context.collection, from, &options.ids).await?
    };
    print_objects(&mut context.out, format, &[Back(&restored)], |out| {
        let mut lines = table(out, &["WHAT", "RECORDS", "SIZE"]);
        let bytes = size(restored.restored.bytes);
        lines.add_row([cell("restored"), number(restored.restored.records), number(bytes)]);
        if restored.failed > 0 {
            lines.add_row([cell("failed"), number(restored.failed), cell("")]);
        }
        lines
    })?;
    context.out.flush()?;
    Ok(report(&restored.errors, restored.failed))
}
