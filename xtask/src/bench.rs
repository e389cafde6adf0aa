//! `cargo xtask bench`: compute units and sizes against the figures in bench/.

use anyhow::{Result, bail};

use crate::{process, program, report, setup, workspace::Workspace};

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Mode {
    /// Fail if a figure has grown.
    Check,
    /// Record today's figures.
    Bless,
}

/// The figures are those of the project's own sBPF build, whichever tools this machine has.
pub fn run(workspace: &Workspace, mode: Mode) -> Result<()> {
    setup::ensure_packages()?;
    let programs = program::build_for_bench(workspace, &program::deployed())?;
    let bench = workspace.build_binary("flashback-bench")?;
    report::heading("flashback-bench");
    let mode = match mode {
        Mode::Check => "--check",
        Mode::Bless => "--bless",
    };
    let mut command = workspace.command(bench);
    let status = process::status(command.arg(mode).env("FLASHBACK_PROGRAM_DIR", programs))?;
    if !status.success() {
        bail!("`{}` failed ({})", process::describe(&command), process::ending(status));
    }
    Ok(())
}
