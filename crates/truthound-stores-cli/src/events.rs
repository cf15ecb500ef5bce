//! What the parts of a store tell while they work.

use tracing::Level;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Says it on stderr: warnings, and what was asked for by the settings `echo` and `echo_pool`, without which nothing of it is told.
pub(crate) fn show() {
    let wanted = Targets::new()
        .with_target("truthound_stores", Level::WARN)
        .with_target("truthound_stores_database::sql", Level::INFO)
        .with_target("truthound_stores_database::pool", Level::INFO);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).without_time();
    // Nobody else in this program listens.
    drop(tracing_subscriber::registry().with(lines.with_filter(wanted)).try_init());
}
