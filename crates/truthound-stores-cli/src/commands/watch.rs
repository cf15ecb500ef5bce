//! `watch`: follows the change feed.

mod lines;

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use truthound_stores::{ChangePage, ChangeToken, Collection, Error, Store};

use crate::args;
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::Format;
use crate::stderr;
use crate::stop::Stop;
use crate::store::quoted;

/// How many changes are asked for at once.
const PAGE: usize = 1000;

/// How long to wait before a store that fails is asked again, at least.
const PATIENCE: Duration = Duration::from_secs(1);

/// Follow what is saved and deleted, from now on, as JSON lines: one for each change.
///
/// A line has op, collection, id and revision; one of a put has what `list` prints of the document, too. Every acknowledged change
/// is printed at least once, in order per document (in buckets, it or a later one of the same document); of all collections, unless
/// --collection names one.
///
/// A token marks a place in the feed. To go on after the last line that was dealt with, keep the token that came last and give it to
/// --after: with --once it is the last line, with --tokens one follows each batch ({"op":"token","token":…}), and it is printed on
/// stderr when the command is interrupted, which ends it with exit code 0. If the feed no longer reaches back to --after, a
/// line {"op":"reset","token":…} comes first: compare with what `list` prints now, and go on.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores watch | jq -r 'select(.status == \"failure\") | .id'
  truthound-stores watch --once                          where to begin: a token for this moment
  truthound-stores watch --once --after \"$TOKEN\"         what changed since then, and the next token")]
pub(crate) struct Watch {
    /// Begin after this token [default: now]
    #[arg(long, value_name = "TOKEN")]
    after: Option<String>,
    /// Print the changes that there are, then the token to go on from, and end
    #[arg(long)]
    once: bool,
    /// Print a token after each batch of changes
    #[arg(long)]
    tokens: bool,
    /// How long to wait before looking again: 500ms, 2s, 1m
    #[arg(long, value_name = "TIME", default_value = "500ms", value_parser = args::interval)]
    interval: Duration,
}

pub(crate) async fn run(options: &Watch, context: &mut Context) -> Result<Code, Failure> {
    if context.asked_format().is_some_and(|format| format != Format::Jsonl) {
        return Err(Failure::Usage("watch prints JSON lines: leave --format out".to_owned()));
    }
    let store = context.open_to_read().await?;
    let mut stop =
        Stop::new().map_err(|error| Failure::Other(format!("cannot listen to Ctrl-C: {error}")))?;
    let mut feed = Feed {
        only: context.asked_collection.clone(),
        token: options.after.as_deref().map(ChangeToken::new),
        tokens: options.tokens && !options.once,
        context,
        store: Arc::clone(&store),
    };
    // Without its last line, the token, the answer of --once would look like a whole one.
    let cut_off = || Failure::Other("interrupted before the token could be printed".to_owned());
    let outcome = match stop.or(feed.begin()).await {
        Some(Ok(())) if options.once => stop.or(feed.drain()).await.unwrap_or_else(|| Err(cut_off())),
        Some(Ok(())) => feed.follow(&mut stop, options.interval).await,
        Some(Err(failure)) => Err(failure),
        None if options.once => Err(cut_off()),
        None => Ok(()),
    };
    let closed = store.close().await;
    outcome?;
    closed?;
    Ok(Code::Done)
}

struct Feed<'a> {
    context: &'a mut Context,
    store: Arc<dyn Store>,
    /// The collection whose changes are printed.
    only: Option<Collection>,
    /// Where to go on.
    token: Option<ChangeToken>,
    /// Whether to print a token after each batch.
    tokens: bool,
}

impl Feed<'_> {
    /// Finds the place to begin at, and says it; whoever reads that knows that later changes will be printed.
    async fn begin(&mut self) -> Result<(), Failure> {
        if self.token.is_some() {
            return Ok(());
        }
        // Asked without a token, the feed answers with one for this moment.
        let page = self.store.changes(None, PAGE).await?;
        self.token = Some(page.next);
        if self.tokens {
            self.print_token()?;
            self.context.out.flush()?;
        }
        Ok(())
    }

    /// Prints what there is, and the token to go on from.
    async fn drain(&mut self) -> Result<(), Failure> {
        loop {
            let page = self.read().await?;
            if self.print(page)? == 0 {
                break;
            }
        }
        self.print_token()?;
        Ok(self.context.out.flush()?)
    }

    /// Prints changes as they come until somebody asks to stop.
    async fn follow(&mut self, stop: &mut Stop, interval: Duration) -> Result<(), Failure> {
        stderr::note(&format!("watching {} after {}", self.store, self.place()));
        let mut is_failing = false;
        loop {
            // What is printed is never cut off: only reading and waiting are.
            let Some(page) = stop.or(self.read()).await else { break };
            let pause = match page {
                Ok(page) => {
                    is_failing = false;
                    if self.print(page)? > 0 {
                        continue;
                    }
                    interval
                }
                // An outage ends; the changes of meanwhile are in the feed then.
                Err(error) if error.is_retryable() => {
                    if !is_failing {
                        stderr::error(&format!("{}; trying again until it works", error.report()));
                    }
                    is_failing = true;
                    interval.max(PATIENCE)
                }
                Err(error) => {
                    self.say_where_to_go_on();
                    return Err(error.into());
                }
            };
            if stop.or(tokio::time::sleep(pause)).await.is_none() {
                break;
            }
        }
        self.say_where_to_go_on();
        Ok(())
    }

    async fn read(&self) -> Result<ChangePage, Error> {
        self.store.changes(self.token.clone(), PAGE).await
    }

    /// Prints a batch and hands it over; answers how many lines of the feed there were, wanted or not.
    fn print(&mut self, page: ChangePage) -> Result<usize, Failure> {
        let lines = page.changes.len() + usize::from(page.reset);
        self.token = Some(page.next);
        if lines == 0 {
            return Ok(0);
        }
        if page.reset {
            self.context.out.data(lines::reset(self.place()))?;
        }
        let mut printed = usize::from(page.reset);
        for change in &page.changes {
            if self.only.as_ref().is_none_or(|only| only == change.key.collection()) {
                self.context.out.data(lines::change(change))?;
                printed += 1;
            }
        }
        if self.tokens && printed > 0 {
            self.print_token()?;
        }
        self.context.out.flush()?;
        Ok(lines)
    }

    fn print_token(&mut self) -> Result<(), Failure> {
        let line = lines::token(self.place());
        Ok(self.context.out.data(line)?)
    }

    fn place(&self) -> &str {
        self.token.as_ref().map_or("", ChangeToken::as_str)
    }

    fn say_where_to_go_on(&self) {
        stderr::note(&format!("to go on from here: --after {}", quoted(self.place())));
    }
}

#[cfg(test)]
mod tests;
