//! What a shell and its user need to know about this program: completions and man pages.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::exit::usage;
use crate::output::Report;
use crate::settings::Settings;

/// For which shell.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Where man pages go.
#[derive(Debug, Args)]
pub struct Man {
    /// Write the page of every command into this folder, which is made if it is missing [default: the page of
    /// `flashback` itself, to standard output]
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

/// Prints a completion script.
pub fn completions(args: &Completions) -> Result<()> {
    print(&script(args.shell))
}

/// Writes or prints man pages.
pub fn man(args: &Man, settings: &Settings) -> Result<()> {
    match &args.dir {
        Some(dir) => {
            write_pages(dir)?.print(settings.output());
            Ok(())
        }
        None => print(&page()?),
    }
}

/// Prints text that is made to be piped: a reader that has seen enough is no error.
pub fn print(text: &[u8]) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}

fn script(shell: Shell) -> Vec<u8> {
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    let mut script = vec![];
    clap_complete::generate(shell, &mut command, name, &mut script);
    script
}

/// The page of the program itself.
fn page() -> Result<Vec<u8>> {
    let mut page = vec![];
    let command = Arguments::command().disable_help_subcommand(true);
    clap_mangen::Man::new(command).render(&mut page)?;
    Ok(page)
}

fn write_pages(dir: &Path) -> Result<Report> {
    let cannot = |why| usage(format!("cannot write man pages to {}: {why}", dir.display()));
    std::fs::create_dir_all(dir).map_err(cannot)?;
    clap_mangen::generate_to(Arguments::command(), dir).map_err(cannot)?;
    Ok(Report::new("man pages written").fact("folder", dir.display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn every_shell_gets_a_script_that_knows_the_commands() {
        for shell in Shell::value_variants() {
            let script = String::from_utf8(script(*shell)).unwrap();
            for known in ["flashback", "localnet", "simulate", "max-total"] {
                assert!(script.contains(known), "{known} in the script for {shell}");
            }
        }
    }

    #[test]
    fn every_command_gets_a_page() {
        let dir = std::env::temp_dir().join(format!("flashback-man-{}", std::process::id()));
        write_pages(&dir.join("man1")).unwrap();
        let page = |name: &str| std::fs::read_to_string(dir.join("man1").join(name)).unwrap();
        assert!(page("flashback-sla-simulate.1").contains("flashback\\-sla\\-simulate"));
        assert!(page("flashback-completions.1").contains("powershell"));
        assert!(!dir.join("man1/flashback-reference.1").exists());
        assert!(page("flashback.1").into_bytes() == super::page().unwrap());
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
