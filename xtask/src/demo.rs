//! `cargo xtask demo`: from a bare machine to a running demo.

use std::process::ExitCode;

use anyhow::Result;

use crate::{
    process,
    program::{self, Route},
    report, setup,
    workspace::Workspace,
};

/// Builds what the demo needs and hands over to it. Its stdout stays its own; all else goes to stderr.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    setup::ensure_packages()?;
    for built in program::build(workspace, &program::deployed(), Route::Either)? {
        report::note(built);
    }
    let cli = workspace.build_binary("flashback")?;
    report::heading("flashback demo");
    let status = process::status(
        workspace
            .command(cli)
            .arg("demo")
            .args(arguments)
            .env("FLASHBACK_PROGRAM_DIR", workspace.deploy_folder()),
    )?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(status.code().and_then(|code| code.try_into().ok()).unwrap_or(1))
    })
}
