//! `cargo xtask`: the project's own commands. `cargo xtask help` lists them.
//!
//! Everybody's first command waits for this crate to compile, so it has next to no dependencies.

mod arguments;
mod bench;
mod demo;
#[cfg(test)]
mod documented;
mod idl;
mod mutants;
mod process;
mod program;
mod report;
mod setup;
mod tally;
mod test;
mod workspace;

use std::{env, process::ExitCode};

use anyhow::{Context, Result};

use crate::{arguments::Command, workspace::Workspace};

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            report::error(&error);
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let arguments = env::args_os()
        .skip(1)
        .map(|argument| argument.into_string().ok().context("an argument is not UTF-8"))
        .collect::<Result<Vec<_>>>()?;
    let command = arguments::parse(arguments)?;
    if let Command::Help(topic) = command {
        report::result(arguments::help(topic));
        return Ok(ExitCode::SUCCESS);
    }
    let workspace = Workspace::locate()?;
    match command {
        Command::Help(_) => {}
        Command::Setup(parts) => setup::run(&workspace, parts)?,
        Command::Build { programs, route } => {
            program::build(&workspace, &programs, route)?.iter().for_each(report::result);
        }
        Command::Idl { check } => idl::run(&workspace, check)?,
        Command::Demo(arguments) => return demo::run(&workspace, &arguments),
        Command::Bench(mode) => bench::run(&workspace, mode)?,
        Command::Mutants(options) => {
            if !mutants::run(&workspace, &options)? {
                // The table has said which.
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Test { stages, full } => {
            if !test::run(&workspace, &stages, full)? {
                // The closing line has said it.
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
