//! Saves results into a folder, finds the failures among them, and walks over all.
//!
//! `cargo run -p truthound-stores --example quickstart [URL]`; without a URL, in a temporary folder.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use futures_util::TryStreamExt;
use truthound_stores::{
    Query, Result, Status, Store, StoreExt, SystemClock, ValidationResult, ValidatorResult, open,
};

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    if let Some(url) = std::env::args().nth(1) {
        tour(&url).await?;
    } else {
        let folder = tempfile::tempdir()?;
        tour(&folder.path().to_string_lossy()).await?;
    }
    Ok(())
}

async fn tour(url: &str) -> Result<()> {
    let store = open(url).await?;
    println!("Opened {store}\n");

    let clock = SystemClock::new();
    for (asset, nulls) in [("orders", 0), ("users", 12), ("invoices", 3)] {
        let check = match nulls {
            0 => ValidatorResult::passed("not_null"),
            _ => ValidatorResult::failed("not_null", "critical", nulls),
        };
        let result = ValidationResult::builder(asset)
            .result(check.with_column("email"))
            .result(ValidatorResult::passed("unique").with_column("id"))
            .tag("environment", "production")
            .build(&clock)?;
        let written = store.save(&result).await?;
        println!("Saved {} ({} bytes)", written.meta.key, written.meta.size);
    }

    println!("\nFailures in production:");
    let query = Query::new().with_status(Status::FAILURE).with_tag("environment", "production");
    for failed in store.query::<ValidationResult>(&query).await?.into_complete()? {
        println!("{}: failed in {}", failed.data_asset, failed.get_failed_columns().join(", "));
    }

    println!("\nAll results, newest first:");
    let mut results = store.iter_query::<ValidationResult>(&Query::new(), 100);
    while let Some(result) = results.try_next().await? {
        println!("{}\n", result.summary());
    }
    drop(results);
    store.close().await
}
