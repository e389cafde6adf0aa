//! The Agave test validator, for the one suite that wants a real one. Solana's release files may be out of reach, so it
//! is compiled from its published crate, once per machine.

use std::{path::PathBuf, process::Command};

use anyhow::{Result, ensure};

use super::packages;
use crate::{process, report, workspace::Workspace};

const NAME: &str = "solana-test-validator";
const VERSION: &str = "4.2.2";
/// Any patch of this series on PATH will do.
const SERIES: &str = "4.2.";

/// The validator to test with: the one on PATH, or the cache's, compiled now if need be.
pub fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(path) = process::find_on_path(NAME) {
        match version(&path) {
            Some(version) if version.starts_with(SERIES) => return Ok(path),
            Some(version) => report::note(format_args!(
                "{} is {version}, and {SERIES}x is needed: using an own build",
                path.display()
            )),
            None => {
                report::note(format_args!("{} does not run: using an own build", path.display()))
            }
        }
    }
    let root = workspace.cache.join(format!("{NAME}-{VERSION}"));
    let path = root.join("bin").join(NAME);
    if version(&path).is_none() {
        workspace.require_pinned_rust()?;
        packages::ensure()?;
        let _lock = workspace.lock_cache(NAME)?;
        if version(&path).is_none() {
            workspace.cargo_install(
                &format!("agave-validator@{VERSION}"),
                &["--bin", NAME],
                // A test validator need not be fast, and RocksDB's C++ forgets an include that new compilers want.
                &[("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"), ("CXXFLAGS", "-include cstdint")],
                &root,
                "solana-test-validator (about half an hour on two cores, once)",
            )?;
        }
        ensure!(
            version(&path).as_deref() == Some(VERSION),
            "{} does not run as {NAME} {VERSION}: remove {} and try again",
            path.display(),
            root.display()
        );
    }
    Ok(path)
}

/// What a validator says of itself, as in `solana-test-validator 4.2.2 (src:…)`.
fn version(path: &PathBuf) -> Option<String> {
    let output = Command::new(path)
        .arg("--version")
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.split_whitespace().nth(1).map(str::to_owned)
}
