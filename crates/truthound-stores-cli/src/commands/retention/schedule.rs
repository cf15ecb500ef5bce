//! `retention schedule`: runs by a schedule.

use std::time::Duration;

use clap::Args;
use truthound_stores::{BoxFuture, Error, Result as StoreResult, Retention, Store, Tick, Timer};

use super::{Policies, report, rows};
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::{Format, Object};
use crate::stderr;
use crate::stop::Stop;

/// Apply when the schedule of the policies says so, until the command is interrupted.
///
/// However many of these run on however many machines for one store, one of them makes each run. A line {"op":"ran",…} with the numbers of `apply` is printed
/// after each run; what failed is named on stderr. With --once one look is taken: a run is made if it is due, else the line
/// {"op":"not_due","due":TIME} or {"op":"busy","until":TIME} says what is.
#[derive(Debug, Args)]
#[command(after_help = "\
A schedule in a file of policies:
  schedule = { interval_hours = 24 }
  schedule = { cron = \"30 3 * * *\" }        # minute, hour, day of the month, month, day of the week; UTC

Examples:
  truthound-stores retention schedule --policy policies.toml
  truthound-stores retention schedule --policy policies.toml --once      from a timer of the system")]
pub(super) struct Schedule {
    /// Take one look, and end
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    policies: Policies,
}

/// Time as it passes.
#[derive(Debug)]
struct Time;

impl Timer for Time {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

pub(super) async fn run(options: &Schedule, context: &mut Context) -> Result<Code, Failure> {
    if context.asked_format().is_some_and(|format| format != Format::Jsonl) {
        return Err(Failure::Usage("schedule prints JSON lines: leave --format out".to_owned()));
    }
    let retention = options.policies.open(context).await?;
    let store = context.open_to_read().await?;
    let code = if options.once {
        let tick = retention.tick(&*store, &context.collection).await?;
        print(context, &tick)?
    } else {
        keep(&retention, &*store, context).await?
    };
    store.close().await?;
    retention.close_targets().await?;
    Ok(code)
}

/// Keeps the schedule until somebody asks to stop. A look in progress is broken off then, which loses nothing.
async fn keep(retention: &Retention, store: &dyn Store, context: &mut Context) -> Result<Code, Failure> {
    let mut stop = Stop::new()?;
    let collection = context.collection.clone();
    // What can never work is an error now, and not one each minute.
    let Some(first) = stop.or(retention.tick(store, &collection)).await else { return Ok(Code::Done) };
    note(context, Ok(&first?))?;
    let mut printed = Ok(());
    let told = |tick: &StoreResult<Tick>| {
        let noted = note(context, tick.as_ref());
        if printed.is_ok() {
            printed = noted;
        }
    };
    stop.or(retention.keep_schedule(store, &collection, &Time, told)).await;
    printed?;
    Ok(Code::Done)
}

/// Says what a look came to, if it is worth a line.
fn note(context: &mut Context, tick: Result<&Tick, &Error>) -> Result<(), Failure> {
    match tick {
        Ok(tick @ Tick::Ran(_)) => print(context, tick).map(|_| ()),
        Ok(_) => Ok(()),
        Err(error) => {
            stderr::error(&error.report());
            Ok(())
        }
    }
}

fn print(context: &mut Context, tick: &Tick) -> Result<Code, Failure> {
    let (line, code) = match tick {
        Tick::Ran(applied) => (rows::ran(applied), report(&applied.errors, applied.failed)),
        Tick::NotDue(due) => {
            (Object::default().with("op", "not_due").with("due", due.to_string()).finish(), Code::Done)
        }
        Tick::Busy(until) => {
            (Object::default().with("op", "busy").with("until", until.to_string()).finish(), Code::Done)
        }
        _ => (Object::default().with("op", "other").finish(), Code::Done),
    };
    context.out.line(line)?;
    context.out.flush()?;
    Ok(code)
}
