//! Where the workspace is and what it contains.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::metadata::Metadata;
use crate::outcome::Outcome;
use crate::run;

/// The workspace that this program was built in.
pub(crate) struct Workspace {
    root: PathBuf,
    metadata: Metadata,
}

impl Workspace {
    /// Finds the workspace and asks cargo for its members.
    pub(crate) fn find() -> Outcome<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root =
            here.parent().ok_or_else(|| format!("{} has no parent folder", here.display()))?.to_path_buf();
        let mut cargo = Command::new("cargo");
        cargo.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(&root);
        let metadata = Metadata::parse(&run::capture(&mut cargo)?)?;
        Ok(Self { root, metadata })
    }

    /// The folder of the root manifest.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The members, as cargo sees them.
    pub(crate) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// A folder of the given name under cargo's target folder.
    pub(crate) fn target(&self, name: &str) -> PathBuf {
        self.metadata.target_directory.join(name)
    }

    /// A cargo command that runs in the root of the workspace.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.args(args).current_dir(&self.root);
        cargo
    }
}
