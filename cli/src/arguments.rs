//! The command line: commands and what stands for all of them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::command::localnet::LocalnetArgs;
use crate::command::provider::ProviderAction;
use crate::command::shell::{Completions, Man};
use crate::command::sla::SlaAction;
use crate::command::unit::UnitAction;
use crate::demo::DemoArgs;

/// Reserve, provide and judge storage with a promise attached, on Solana.
///
/// Amounts are in FLASH (`2.5FLASH`, `2.5`), capacities in GiB or TiB (`1TiB`), times as `20s`, `1h`, `30d`.
/// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 network, 4 refused by a program, 5 not confirmed.
#[derive(Debug, Parser)]
#[command(name = "flashback", version, propagate_version = true)]
pub struct Arguments {
    #[command(flatten)]
    pub global: GlobalArguments,
    #[command(subcommand)]
    pub command: Command,
}

/// Where, as whom, and how to print.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArguments {
    /// RPC server: a URL or l[ocalhost], d[evnet], t[estnet], m[ainnet-beta]
    /// [default: the Solana configuration's]
    #[arg(short, long, global = true, value_name = "URL_OR_MONIKER", env = "FLASHBACK_URL")]
    pub url: Option<String>,
    /// Keypair file of who acts and pays [default: the Solana configuration's]
    #[arg(short, long, global = true, value_name = "FILE", env = "FLASHBACK_KEYPAIR")]
    pub keypair: Option<PathBuf>,
    /// Solana configuration file [default: ~/.config/solana/cli/config.yml]
    #[arg(short = 'C', long, global = true, value_name = "FILE", env = "FLASHBACK_CONFIG")]
    pub config: Option<PathBuf>,
    /// How to print
    #[arg(long, global = true, value_name = "FORMAT", default_value = "display")]
    pub output: OutputFormat,
}

/// How results and errors are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people.
    #[default]
    Display,
    /// One JSON object: amounts in atoms (10⁻⁶ FLASH), GiB, seconds, unix time, µs, KiB/s, shares in ppm,
    /// scores in thousandths of a point.
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a small market on an embedded chain, contests and all, and prove its figures
    Demo(DemoArgs),
    /// Run an embedded chain with Flashback and a market, until Ctrl-C
    Localnet(LocalnetArgs),
    /// Register as a storage provider, stake, look
    #[command(subcommand)]
    Provider(ProviderAction),
    /// List data units, look
    #[command(subcommand)]
    Unit(UnitAction),
    /// Reserve storage, and see an SLA through
    #[command(subcommand)]
    Sla(SlaAction),
    /// Print a script that completes commands in a shell
    Completions(Completions),
    /// Print or write man pages
    Man(Man),
    /// Print the reference of all commands, docs/cli.md
    #[command(hide = true)]
    Reference,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
