//! Options of transactions, on commands that make none: they would promise what does not happen.

use anyhow::Result;

use super::{Mode, Settings};
use crate::exit::usage;

/// The commands that never make a transaction, whatever they are asked for. Those that look at one or pass it on
/// (`flashback transaction`) say themselves what each option would mean there, and `flashback oracle run` and `audit`
/// take what shapes the transactions that they send of themselves.
const NEVER_SEND: &[&str] = &[
    "admin params show",
    "admin show",
    "certifier certificate",
    "certifier list",
    "certifier show",
    "completions",
    "config alias",
    "config aliases",
    "config set",
    "config show",
    "config unalias",
    "config unset",
    "demo",
    "dispute list",
    "dispute show",
    "events",
    "localnet",
    "localnet travel",
    "man",
    "nonce show",
    "oracle key new",
    "oracle key show",
    "oracle list",
    "oracle show",
    "oracle slas",
    "oracle status",
    "provider list",
    "provider show",
    "provider slas",
    "reference",
    "sla list",
    "sla quote",
    "sla seal",
    "sla show",
    "sla simulate",
    "sla watch",
    "treasury show",
    "unit list",
    "unit search",
    "unit show",
    "wallet",
];

impl Settings {
    /// Refuses the options of transactions for a command, by its name with its groups', that never makes one.
    ///
    /// # Errors
    /// With the exit code of wrong usage, if one of them is given on the command line; what the environment or a file says
    /// is passed over.
    pub fn refuse_of_transactions(&self, command: &str) -> Result<()> {
        if !NEVER_SEND.contains(&command) {
            return Ok(());
        }
        let global = &self.global;
        let price_on_line = global.with_compute_unit_price.is_some()
            && global.from_environment.iter().all(|given| given != "with_compute_unit_price");
        let shaping = [
            ("--with-memo", global.with_memo.is_some()),
            ("--nonce", global.nonce.is_some()),
            ("--nonce-authority", global.nonce_authority.is_some()),
            ("--blockhash", global.blockhash.is_some()),
            // Which `config show` shows, and where it comes from.
            ("--with-compute-unit-price", price_on_line && command != "config show"),
        ];
        match shaping.iter().find(|(_, given)| *given) {
            Some((flag, _)) => Err(of_transactions(flag)),
            None => self.refuse_modes(),
        }
    }

    /// Refuses the options that decide what becomes of a transaction, for work that is done all the same.
    ///
    /// # Errors
    /// With the exit code of wrong usage, if one of them is given.
    pub fn refuse_modes(&self) -> Result<()> {
        match self.mode() {
            Mode::Send => Ok(()),
            Mode::NoWait => Err(of_transactions("--no-wait")),
            Mode::DryRun => Err(of_transactions("--dry-run")),
            Mode::SignOnly => Err(of_transactions("--sign-only")),
        }
    }
}

fn of_transactions(flag: &str) -> anyhow::Error {
    usage(format!("{flag} is of transactions, and this is none"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::{Command, CommandFactory};

    use super::*;
    use crate::arguments::Arguments;

    const HASH: &str = "11111111111111111111111111111111";

    /// The commands that make transactions, or look at one that was made.
    const OF_TRANSACTIONS: &[&str] = &[
        "admin arbiter",
        "admin authority accept",
        "admin authority offer",
        "admin authority withdraw",
        "admin certifier appoint",
        "admin certifier remove",
        "admin guardian",
        "admin init",
        "admin migrate",
        "admin params set",
        "admin pause",
        "certifier amend",
        "certifier certify",
        "certifier revoke",
        "dispute answer",
        "dispute challenge",
        "dispute expire",
        "dispute expire-challenge",
        "dispute free-seat",
        "dispute open",
        "dispute prove",
        "dispute rule",
        "dispute settle",
        "nonce advance",
        "nonce authorize",
        "nonce create",
        "nonce withdraw",
        "oracle audit",
        "oracle close",
        "oracle join",
        "oracle leave",
        "oracle register",
        "oracle report",
        "oracle run",
        "oracle stake",
        "oracle unstake",
        "oracle update",
        "oracle withdraw-stake",
        "provider close",
        "provider operator set",
        "provider operator unset",
        "provider register",
        "provider stake",
        "provider unstake",
        "provider update",
        "provider withdraw-stake",
        "sla accept",
        "sla arm-redraw",
        "sla check",
        "sla close",
        "sla close-abandoned",
        "sla collect",
        "sla expire",
        "sla fold",
        "sla propose",
        "sla redraw",
        "sla reject",
        "sla release",
        "sla renew",
        "sla report",
        "sla reserve",
        "sla seat",
        "sla settle",
        "sla terminate",
        "sla withdraw",
        "transaction history",
        "transaction send",
        "transaction show",
        "transaction sign",
        "treasury check",
        "treasury sweep",
        "unit boost",
        "unit close",
        "unit create",
        "unit maintenance",
        "unit refresh",
        "unit remove",
        "unit update",
    ];

    fn commands(command: &Command, path: &str, all: &mut BTreeSet<String>) {
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            let path = format!("{path} {}", inner.get_name()).trim_start().to_owned();
            commands(inner, &path, all);
            if !inner.is_subcommand_required_set() {
                all.insert(path);
            }
        }
    }

    #[test]
    fn every_command_is_known_to_send_or_not_to() {
        let mut all = BTreeSet::new();
        commands(&Arguments::command(), "", &mut all);
        let known = NEVER_SEND.iter().chain(OF_TRANSACTIONS).map(|name| (*name).to_owned());
        assert_eq!(all, known.clone().collect());
        assert_eq!(known.count(), all.len(), "none is in both lists");
    }

    fn settings(flags: &[&str]) -> Settings {
        let command = ["flashback", "sla", "list"].iter().chain(flags);
        let matches = Arguments::command().try_get_matches_from(command);
        Settings::new(Arguments::parse_matches(matches).unwrap().global)
    }

    #[test]
    fn options_of_transactions_are_refused_where_there_is_none() {
        for flags in [
            &["--with-memo", "x"][..],
            &["--with-compute-unit-price", "5"],
            &["--nonce", HASH],
            &["--blockhash", HASH],
            &["--no-wait"],
            &["--sign-only"],
            &["--dry-run"],
        ] {
            for command in NEVER_SEND {
                let refused = settings(flags).refuse_of_transactions(command);
                if (*command, flags[0]) == ("config show", "--with-compute-unit-price") {
                    refused.unwrap();
                    continue;
                }
                let said = refused.unwrap_err().to_string();
                assert_eq!(said, format!("{} is of transactions, and this is none", flags[0]));
            }
            for command in OF_TRANSACTIONS {
                settings(flags).refuse_of_transactions(command).unwrap();
            }
        }
        settings(&["--yes", "--fee-payer", "a"]).refuse_of_transactions("sla list").unwrap();
    }

    #[test]
    fn what_the_environment_says_is_passed_over() {
        let mut settings = settings(&["--with-compute-unit-price", "5"]);
        settings.global.from_environment = vec!["with_compute_unit_price".to_owned()];
        settings.refuse_of_transactions("sla list").unwrap();
    }
}
