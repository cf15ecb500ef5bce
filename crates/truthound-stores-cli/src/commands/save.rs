//! `save`: documents from files and pipes into the store.

mod progress;

use std::io;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use clap::Args;
use tokio::sync::OwnedSemaphorePermit;
use truthound_stores::{Bump, Error, ErrorKind, PutOptions, Record, SaveOptions, Store, Written};
use truthound_stores::{Reading as ReadingRules, json::Json};

use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::input::{self, Arrival, Content, Piece, Source};
use crate::stderr;
use crate::store::VERSIONING;
use progress::Progress;

/// The most documents that are saved in one go. Fewer are if fewer are there: nobody waits for a batch to fill.
const BATCH: usize = 64;

/// Save documents.
///
/// A file holds JSON documents one after another (JSON lines, for example) or arrays of them, plain or as gzip. A stream of any
/// length is read in bounded memory. The id of each document is printed, one a line, as soon as its save is acknowledged. A
/// document that is refused is named on stderr; the others are saved, and the exit code is 1.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores save results.json
  truthound-stores save results/*.json archive.jsonl.gz
  run-checks | truthound-stores save -
  truthound-stores --layer versioning save results.json --message 'late rows' --author ada
  truthound-stores save suite.json --collection expectations")]
pub(crate) struct Save {
    /// The files; - is stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Save only documents whose ids are not taken; if one is, the exit code is 4 [default: overwrite]
    #[arg(long)]
    if_absent: bool,
    #[command(flatten)]
    said: Said,
}

/// What is said with each document; needs a layer that keeps versions.
#[derive(Debug, Args)]
struct Said {
    /// Why the documents change, kept with their versions
    #[arg(long, value_name = "M")]
    message: Option<String>,
    /// Who changes them
    #[arg(long, value_name = "A")]
    author: Option<String>,
    /// Save only if this is a document's latest version, 0 for a new one; else the exit code is 4
    #[arg(long, value_name = "V")]
    expected_version: Option<String>,
    /// Save on a branch [default: main, the current documents]
    #[arg(long, value_name = "B")]
    branch: Option<String>,
    /// Which part of a semantic version is raised [default: patch]
    #[arg(long, value_name = "PART", value_parser = Bump::from_str)]
    bump: Option<Bump>,
}

impl Said {
    /// Checks that somebody listens.
    fn options(&self, context: &Context) -> Result<Option<SaveOptions>, Failure> {
        let mut options = SaveOptions::new();
        options.message.clone_from(&self.message);
        options.author.clone_from(&self.author);
        options.expected_version.clone_from(&self.expected_version);
        options.branch.clone_from(&self.branch);
        options.bump = self.bump;
        if options == SaveOptions::new() {
            return Ok(None);
        }
        if context.place.layers()?.iter().any(|layer| layer.kind() == VERSIONING) {
            return Ok(Some(options));
        }
        Err(Failure::Usage(
            "--message, --author, --expected-version, --branch and --bump are kept with versions: add --layer versioning, or a layer of that \
             type to the configuration file"
                .to_owned(),
        ))
    }
}

pub(crate) async fn run(options: &Save, context: &mut Context) -> Result<Code, Failure> {
    let said = options.said.options(context)?;
    let store = context.open().await?;
    let rules = store.info().reading().with_fallback_time(context.now);
    let sources: Vec<Source> = options.files.iter().cloned().map(Source::from).collect();
    let progress = Progress::new(&sources, context.out.is_terminal());
    let mode = if options.if_absent { PutOptions::create() } else { PutOptions::default() };
    let mut saving = Saving {
        store,
        context,
        rules,
        said,
        mode,
        progress,
        tally: Tally::default(),
        has_given_up: false,
        has_reader: true,
    };
    let outcome = saving.save_all(sources).await;
    saving.progress.finish();
    let closed = saving.store.close().await;
    outcome?;
    closed?;
    Ok(saving.tally.code())
}

/// What went wrong, as far as the exit code says it.
#[derive(Debug, Default)]
struct Tally {
    refused: u64,
    taken: u64,
}

impl Tally {
    fn code(&self) -> Code {
        match (self.refused, self.taken) {
            (0, 0) => Code::Done,
            (0, _) => Code::Conflict,
            _ => Code::Error,
        }
    }
}

struct Saving<'a> {
    store: Arc<dyn Store>,
    context: &'a mut Context,
    rules: ReadingRules,
    said: Option<SaveOptions>,
    mode: PutOptions,
    progress: Progress,
    tally: Tally,
    has_given_up: bool,
    /// Whether anybody still reads the ids.
    has_reader: bool,
}

/// A record on its way, and where it came from.
struct Arrived {
    place: String,
    record: Record,
    room: Option<OwnedSemaphorePermit>,
}

impl Saving<'_> {
    async fn save_all(&mut self, sources: Vec<Source>) -> Result<(), Failure> {
        let mut reading = input::start(sources)
            .map_err(|error| Failure::Other(format!("cannot start reading: {error}")))?;
        while let Some(first) = reading.arrivals.recv().await {
            let mut batch = Vec::new();
            let mut next = Some(first);
            while let Some(arrival) = next {
                batch.extend(self.arrived(arrival));
                next = if batch.len() < BATCH { reading.arrivals.try_recv().ok() } else { None };
            }
            self.save_batch(batch).await?;
            self.progress.at(reading.taken());
            if self.has_given_up {
                break;
            }
        }
        Ok(())
    }

    /// Makes a record of a document; whatever is none is named.
    fn arrived(&mut self, arrival: Arrival) -> Option<Arrived> {
        let (source, piece, room) = match arrival {
            Arrival::Piece { source, piece, room } => (source, piece, room),
            Arrival::Failed { source, error } => {
                self.refuse(&format!("cannot read {source}: {error}"));
                return None;
            }
            Arrival::Empty { source } => {
                self.progress.aside(|| stderr::note(&format!("{source} holds no document")));
                return None;
            }
        };
        let Piece { line, number, content } = piece;
        let place = format!("{source}:{line}: document {number}");
        match content {
            Content::Refused(reason) => {
                self.refuse(&format!("{place}: {reason}"));
                None
            }
            Content::Document(text) => {
                let parsed = Record::parse(self.context.collection.clone(), &text, &self.rules);
                let said = parsed.and_then(|mut record| match &self.said {
                    Some(said) => said.attach(&mut record).map(|()| record),
                    None => Ok(record),
                });
                match said {
                    Ok(record) => Some(Arrived { place, record, room }),
                    Err(error) => {
                        let id = id_of(&text).map(|id| format!(" ({id:?})")).unwrap_or_default();
                        self.refuse(&format!("{place}{id}: {}", error.report()));
                        None
                    }
                }
            }
        }
    }

    /// Saves records, and prints the ids of those that were acknowledged.
    async fn save_batch(&mut self, batch: Vec<Arrived>) -> Result<(), Failure> {
        if batch.is_empty() {
            return Ok(());
        }
        let (places, records): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|arrived| ((arrived.place, arrived.room), arrived.record)).unzip();
        let outcomes = self.store.put_many(records, self.mode.clone()).await;
        if let Some(reason) = one_reason(&outcomes) {
            self.tally.refused += outcomes.len() as u64;
            self.has_given_up = true;
            let first = places.first().map(|(place, _)| place.as_str()).unwrap_or_default();
            self.say(&format!("{first} and what follows cannot be saved: {reason}"));
            return Ok(());
        }
        for ((place, room), outcome) in places.into_iter().zip(outcomes) {
            self.saved(&place, outcome)?;
            drop(room);
        }
        // An id that is printed is safe, so it must not be held back until more are there.
        let flushed = self.context.out.flush();
        self.printed(flushed)
    }

    /// Reports one outcome.
    fn saved(&mut self, place: &str, outcome: Result<Written, Error>) -> Result<(), Failure> {
        match outcome {
            Ok(written) => {
                if self.has_reader {
                    let printed = self.context.out.line(written.meta.key.id());
                    self.printed(printed)?;
                }
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Conflict => {
                self.tally.taken += 1;
                self.say(&format!("{place}: {}", error.report()));
                Ok(())
            }
            Err(error) => {
                self.refuse(&format!("{place}: {}", error.report()));
                Ok(())
            }
        }
    }

    /// Saves on when the reader of the ids goes away: what it asked for is that the documents be saved.
    fn printed(&mut self, outcome: io::Result<()>) -> Result<(), Failure> {
        match outcome {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.has_reader = false,
            outcome => outcome?,
        }
        Ok(())
    }

    fn refuse(&mut self, text: &str) {
        self.tally.refused += 1;
        self.say(text);
    }

    fn say(&self, text: &str) {
        self.progress.aside(|| stderr::error(text));
    }
}

/// Finds the id of a document that is refused, to name it.
fn id_of(text: &[u8]) -> Option<String> {
    let document = Json::parse(text).ok()?;
    let id = ["run_id", "name", "id"].into_iter().find_map(|name| document.get(name)?.as_str())?;
    Some(id.chars().take(80).collect())
}

/// Says why nothing of a batch was saved, if it was for one reason that lies with the store, not with the documents.
fn one_reason(outcomes: &[Result<Written, Error>]) -> Option<String> {
    let reason = |outcome: &Result<Written, Error>| match outcome {
        Err(error) => {
            let of_the_document = matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Corrupt | ErrorKind::Conflict)
                    // A damaged index is nobody's document.
                    && error.context("index").is_none();
            (!of_the_document).then_some(error.kind())
        }
        Ok(_) => None,
    };
    let first = reason(outcomes.first()?)?;
    if !outcomes.iter().all(|outcome| reason(outcome) == Some(first)) {
        return None;
    }
    // The first that has a cause tells the most.
    let errors = || outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
    let told =
        errors().find(|error| std::error::Error::source(error).is_some()).or_else(|| errors().next())?;
    Some(told.report())
}
