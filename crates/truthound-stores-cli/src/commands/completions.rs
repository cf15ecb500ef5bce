//! `completions`: a script by which a shell completes the command line.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::args::Cli;
use crate::context::Context;
use crate::exit::{Code, Failure};

/// Print a script by which a shell completes commands and options.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  source <(truthound-stores completions bash)
  truthound-stores completions zsh > ~/.zfunc/_truthound-stores
  truthound-stores completions fish > ~/.config/fish/completions/truthound-stores.fish")]
pub(crate) struct Completions {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(options: &Completions, context: &mut Context) -> Result<Code, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Cli::command(), "truthound-stores", &mut script);
    context.out.line(script.trim_ascii_end())?;
    Ok(Code::Done)
}
