//! The command line: commands and what stands for all of them.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use solana_sdk::hash::Hash;
use solana_sdk::pubkey::Pubkey;

use crate::command::admin::AdminAction;
use crate::command::certifier::CertifierAction;
use crate::command::config::ConfigAction;
use crate::command::dispute::DisputeAction;
use crate::command::events::EventsArgs;
use crate::command::localnet::LocalnetArgs;
use crate::command::nonce::NonceAction;
use crate::command::oracle::OracleAction;
use crate::command::provider::ProviderAction;
use crate::command::shell::{Completions, Man};
use crate::command::sla::SlaAction;
use crate::command::transaction::TransactionAction;
use crate::command::treasury::TreasuryAction;
use crate::command::unit::UnitAction;
use crate::command::wallet::show::Wallet;
use crate::demo::DemoArgs;
use crate::exit::usage;
use crate::quantity;
use crate::settings::Origin;

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
    /// The command's name with those of its groups, such as `sla show`.
    #[arg(skip)]
    pub path: String,
}

/// Where, as whom, and how to print.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArguments {
    /// RPC server: a URL or l[ocalhost], d[evnet], t[estnet], m[ainnet-beta]
    /// [default: the configuration's]
    #[arg(short, long, global = true, value_name = "URL_OR_MONIKER", env = "FLASHBACK_URL")]
    pub url: Option<String>,
    /// Websocket server [default: derived from the RPC server's URL]
    #[arg(long, global = true, value_name = "URL", env = "FLASHBACK_WS_URL")]
    pub ws_url: Option<String>,
    /// Who acts: a keypair file, `-` (a keypair on standard input), `prompt:` (a seed phrase), `usb:` (a hardware wallet)
    /// or an address, with --dry-run and --sign-only [default: the configuration's]
    #[arg(short, long, global = true, value_name = "SIGNER", env = "FLASHBACK_KEYPAIR")]
    pub keypair: Option<String>,
    /// Who pays transaction fees [default: who acts]
    #[arg(long, global = true, value_name = "SIGNER", env = "FLASHBACK_FEE_PAYER")]
    pub fee_payer: Option<String>,
    /// Solana configuration file [default: ~/.config/solana/cli/config.yml]; what ~/.config/flashback/config.yml says goes
    /// before it
    #[arg(short = 'C', long, global = true, value_name = "FILE", env = "FLASHBACK_CONFIG")]
    pub config: Option<PathBuf>,
    /// How final what is read has to be; what is sent is awaited until it is confirmed at least
    #[arg(long, global = true, value_name = "LEVEL", env = "FLASHBACK_COMMITMENT")]
    pub commitment: Option<Commitment>,
    /// How to print
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        env = "FLASHBACK_OUTPUT",
        default_value = "display"
    )]
    pub output: OutputFormat,
    /// Send nothing: show what it would do and cost
    #[arg(long, global = true, conflicts_with = "sign_only")]
    pub dry_run: bool,
    /// Send nothing: sign, and print the transaction for `flashback transaction sign` and `send`
    #[arg(long, global = true)]
    pub sign_only: bool,
    /// Sign with this durable nonce account's value: valid until it is used
    #[arg(long, global = true, value_name = "ADDRESS", value_parser = quantity::address, conflicts_with = "blockhash")]
    pub nonce: Option<Pubkey>,
    /// Who may advance the nonce [default: who acts]
    #[arg(long, global = true, value_name = "SIGNER")]
    pub nonce_authority: Option<String>,
    /// Sign with this blockhash instead of the latest
    #[arg(long, global = true, value_name = "HASH", value_parser = quantity::hash)]
    pub blockhash: Option<Hash>,
    /// Pay this for being included early, in micro-lamports per compute unit [default: as others paid lately for the
    /// accounts that are written, 100,000 lamports a transaction at most]
    #[arg(long, global = true, value_name = "PRICE", env = "FLASHBACK_COMPUTE_UNIT_PRICE")]
    pub with_compute_unit_price: Option<u64>,
    /// Attach a memo of up to 566 bytes
    #[arg(long, global = true, value_name = "TEXT", value_parser = quantity::memo)]
    pub with_memo: Option<String>,
    /// Do not wait until it is confirmed: print the signature, and leave the rest to the server
    #[arg(long, global = true, conflicts_with_all = ["dry_run", "sign_only"])]
    pub no_wait: bool,
    /// Do not ask before what cannot be undone
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Which of these options were given by the environment.
    #[arg(skip)]
    pub from_environment: Vec<String>,
    /// Whether nobody has said how to print.
    #[arg(skip)]
    pub output_is_default: bool,
}

impl Arguments {
    /// Parses the command line; one that asks for help or the version is answered, and the program ends.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_command_line() -> Result<Self, clap::Error> {
        Self::parse_matches(Self::command().try_get_matches()).inspect_err(|error| {
            if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
                error.exit();
            }
        })
    }

    /// The arguments in what was parsed, and which of them the environment gave.
    pub fn parse_matches(matches: Result<ArgMatches, clap::Error>) -> Result<Self, clap::Error> {
        let matches = matches?;
        let mut arguments = Self::from_arg_matches(&matches)?;
        let given =
            |id: &&clap::Id| matches.value_source(id.as_str()) == Some(ValueSource::EnvVariable);
        arguments.global.from_environment =
            matches.ids().filter(given).map(|id| id.as_str().to_owned()).collect();
        arguments.global.output_is_default =
            matches.value_source("output") == Some(ValueSource::DefaultValue);
        arguments.path = path(&matches);
        Ok(arguments)
    }
}

/// The names of the commands that were given, from the outside in.
fn path(matches: &ArgMatches) -> String {
    let inner = |matches: &ArgMatches| {
        matches.subcommand().map(|(name, inner)| (name.to_owned(), inner.clone()))
    };
    let given = std::iter::successors(inner(matches), |(_, matches)| inner(matches));
    given.map(|(name, _)| name).collect::<Vec<_>>().join(" ")
}

impl GlobalArguments {
    /// Refuses options that do not go together, on whichever side of a command they stand: clap compares only those of one
    /// side.
    ///
    /// # Errors
    /// Wrong usage.
    pub fn check(&self) -> anyhow::Result<()> {
        let wrong = [
            (
                self.nonce_authority.is_some() && self.nonce.is_none(),
                "--nonce-authority needs --nonce",
            ),
            (
                self.nonce.is_some() && self.blockhash.is_some(),
                "--nonce and --blockhash exclude each other",
            ),
            (self.dry_run && self.sign_only, "--dry-run and --sign-only exclude each other"),
            (self.no_wait && self.dry_run, "--no-wait and --dry-run exclude each other"),
            (self.no_wait && self.sign_only, "--no-wait and --sign-only exclude each other"),
        ];
        match wrong.iter().find(|(wrong, _)| *wrong) {
            Some((_, why)) => Err(usage(*why)),
            None => Ok(()),
        }
    }

    /// Whether an option that was given was so by its flag or by its variable.
    pub fn origin(&self, id: &str, flag: &'static str, variable: &'static str) -> Origin {
        if self.from_environment.iter().any(|given| given == id) {
            Origin::Variable(variable)
        } else {
            Origin::Flag(flag)
        }
    }
}

/// How final a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Commitment {
    /// Of the newest block, which may be dropped.
    Processed,
    /// Voted for by most of the stake.
    Confirmed,
    /// Never to be undone.
    Finalized,
}

impl Commitment {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Processed => "processed",
            Self::Confirmed => "confirmed",
            Self::Finalized => "finalized",
        }
    }
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
    /// The same in one line.
    JsonCompact,
}

impl OutputFormat {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Display => "display",
            Self::Json => "json",
            Self::JsonCompact => "json-compact",
        }
    }

    /// How to print that a command line cannot be parsed: as the last `--output` on it says, else the environment.
    pub fn wanted(words: impl IntoIterator<Item = String>, environment: Option<String>) -> Self {
        let mut said = environment;
        let mut words = words.into_iter().take_while(|word| word != "--");
        while let Some(word) = words.next() {
            match word.strip_prefix("--output") {
                Some("") => said = words.next(),
                Some(value) if value.starts_with('=') => said = value.get(1..).map(str::to_owned),
                _ => {}
            }
        }
        said.and_then(|name| Self::from_str(&name, false).ok()).unwrap_or_default()
    }

    /// A value as JSON text.
    pub fn json_text(self, value: &serde_json::Value) -> String {
        match self {
            Self::JsonCompact => value.to_string(),
            Self::Display | Self::Json => format!("{value:#}"),
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a small market on an embedded chain, contests and all, and prove its figures
    Demo(DemoArgs),
    /// Run an embedded chain with Flashback and a market, until Ctrl-C
    Localnet(LocalnetArgs),
    /// Be a storage provider: register, stake, name an operator, look
    #[command(subcommand)]
    Provider(ProviderAction),
    /// List, keep and find data units
    #[command(subcommand)]
    Unit(UnitAction),
    /// Reserve storage, and see an SLA through
    #[command(subcommand)]
    Sla(SlaAction),
    /// Look at transactions, and sign and send those that travel between their signers
    #[command(subcommand)]
    Transaction(TransactionAction),
    /// Make, see, hand over and empty durable nonce accounts: what is signed with one stays valid until it is used
    #[command(subcommand)]
    Nonce(NonceAction),
    /// Tell the program's events, one a line: with --output json one JSON object a line
    Events(EventsArgs),
    /// Show a key's address, SOL and FLASH, and whether it is a provider, an oracle or a certifier
    Wallet(Wallet),
    /// See and change what is set, name addresses
    #[command(subcommand)]
    Config(ConfigAction),
    /// Contest a window, and see its contests through
    #[command(subcommand)]
    Dispute(DisputeAction),
    /// Measure storage for others: register, stake, join the registry, report
    #[command(subcommand)]
    Oracle(OracleAction),
    /// Certify providers, consumers and oracles
    #[command(subcommand)]
    Certifier(CertifierAction),
    /// Fees that the protocol has earned
    #[command(subcommand)]
    Treasury(TreasuryAction),
    /// Set the protocol up, and govern it
    #[command(subcommand)]
    Admin(AdminAction),
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

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_command_has_its_groups_names_before_its_own() {
        let path = |line: &str| {
            let words = line.split_whitespace();
            Arguments::parse_matches(Arguments::command().try_get_matches_from(words)).unwrap().path
        };
        assert_eq!(path("flashback provider operator unset --yes"), "provider operator unset");
        assert_eq!(path("flashback --output json localnet"), "localnet");
    }

    #[test]
    fn the_wanted_format_is_found_on_a_command_line_that_does_not_parse() {
        use OutputFormat::{Display, Json, JsonCompact};
        let wanted = |line: &str, environment: Option<&str>| {
            let words = line.split_whitespace().map(str::to_owned);
            OutputFormat::wanted(words, environment.map(str::to_owned))
        };
        for (line, environment, format) in [
            ("sla shwo", None, Display),
            ("sla shwo", Some("json"), Json),
            ("sla shwo --output json-compact", None, JsonCompact),
            ("--output=json sla shwo", Some("display"), Json),
            ("sla shwo --output display", Some("json"), Display),
            ("sla shwo --output json --output=json-compact", None, JsonCompact),
            ("sla shwo --output yaml", Some("json"), Display),
            ("sla shwo --output", Some("json"), Display),
            ("sla shwo -- --output json", None, Display),
            ("sla shwo --outputs json", None, Display),
        ] {
            assert_eq!(wanted(line, environment), format, "{line}, {environment:?}");
        }
    }
}
