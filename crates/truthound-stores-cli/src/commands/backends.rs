//! `backends`: what this build can open.

use clap::Args;
use serde::Serialize;

use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::{Format, cell, print_table, table};

/// List the backends that are compiled in, and how to write their URLs.
#[derive(Debug, Args)]
pub(crate) struct Backends {}

#[derive(Serialize)]
struct Backend {
    name: String,
    urls: Vec<String>,
}

pub(crate) fn run(context: &mut Context) -> Result<Code, Failure> {
    let backends = context.place.registry().backends().iter();
    let backends: Vec<Backend> = backends
        .map(|backend| Backend { name: backend.name().to_owned(), urls: backend.url_forms().collect() })
        .collect();
    let format = context.format();
    let out = &mut context.out;
    match format {
        Format::Table => {
            let mut lines = table(out, &["NAME", "URLS"]);
            for backend in &backends {
                lines.add_row([cell(&backend.name), cell(&backend.urls.join("  "))]);
            }
            print_table(out, &lines)?;
        }
        Format::Json => out.line(serde_json::to_string_pretty(&backends).unwrap_or_default())?,
        Format::Jsonl => {
            for backend in &backends {
                out.line(serde_json::to_string(backend).unwrap_or_default())?;
            }
        }
        Format::Csv | Format::Ids => {
            return Err(Failure::Usage(
                "backends are printed as table, json or jsonl: choose one of them".to_owned(),
            ));
        }
    }
    Ok(Code::Done)
}
