//! `cargo xtask setup`: everything a build, a test run or a demo needs, in parts that other commands call for
//! themselves. Each part is idempotent, costs milliseconds once done, and may be interrupted anywhere: what it
//! makes appears under its final name only when it is complete.

mod debian;
mod packages;
mod std_edits;
mod toolchain;
mod validator;

use std::time::Instant;

use anyhow::Result;

pub use packages::ensure as ensure_packages;
pub use toolchain::{Toolchain, ensure as ensure_toolchain, unsupported as toolchain_unsupported};
pub use validator::ensure as ensure_validator;

use crate::{program, report, workspace::Workspace};

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct Parts {
    /// Nothing but the system packages.
    pub packages_only: bool,
    /// The Agave test validator as well, which takes half an hour to compile.
    pub validator: bool,
}

pub fn run(workspace: &Workspace, parts: Parts) -> Result<()> {
    let started = Instant::now();
    report::heading("system packages");
    match packages::ensure()? {
        packages::State::Complete => report::note("all there"),
        packages::State::Unknown => {
            report::note(format_args!("no dpkg here to ask; needed are {}", packages::names()))
        }
    }
    if !parts.packages_only {
        report::heading("sBPF toolchain");
        if let Some(tool) = program::installed_build_tool() {
            report::note(format_args!("not needed: programs are built with {}", tool.display()));
        } else {
            let toolchain = toolchain::ensure(workspace)?;
            report::note(format_args!("ready: {}", toolchain.describe()));
        }
    }
    if parts.validator && !parts.packages_only {
        report::heading("solana-test-validator");
        report::note(format_args!("ready: {}", validator::ensure(workspace)?.display()));
    }
    report::heading(format_args!("set up in {}", report::elapsed(started.elapsed())));
    Ok(())
}
