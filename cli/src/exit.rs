//! Exit codes and error messages.

use std::process::ExitCode;

use clap::error::ErrorKind;
use flashback_sdk::Error;
use flashback_sdk::error::{Cause, CoreError};
use serde_json::json;
use solana_sdk::signature::Signature;
use solana_sdk::transaction::TransactionError;

use crate::arguments::OutputFormat;
use crate::output::printable;

/// Wrong usage that only shows after parsing.
#[derive(Debug)]
struct Usage(String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// An error that exits with the code of wrong usage.
pub fn usage(message: impl Into<String>) -> anyhow::Error {
    Usage(message.into()).into()
}

/// What the state of things does not allow, where no rule of the protocol says so.
#[derive(Debug)]
struct Refused(String);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// An error that exits with the code of what is refused: the command line is right, and would be done in another state.
pub fn refused(message: impl Into<String>) -> anyhow::Error {
    Refused(message.into()).into()
}

/// Whether an error exits with the code of what is refused.
#[cfg(test)]
pub fn is_refused(error: &anyhow::Error) -> bool {
    code_of(error) == Code::Refused
}

/// Whether an error exits with the code of wrong usage.
pub fn is_usage(error: &anyhow::Error) -> bool {
    code_of(error) == Code::Usage
}

/// An error's exit code, and what it says.
#[cfg(test)]
pub fn said(error: &anyhow::Error) -> (u8, String) {
    (code_of(error) as u8, message(error))
}

/// What happened, as an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Code {
    Failed = 1,
    Usage = 2,
    Network = 3,
    Refused = 4,
    NotConfirmed = 5,
}

/// Prints an error and returns its exit code.
pub fn report(error: &anyhow::Error, output: OutputFormat) -> ExitCode {
    let code = code_of(error);
    match output {
        OutputFormat::Display => {
            eprint!("{}", text(error));
        }
        json => eprintln!("{}", json.json_text(&as_json(error, code))),
    }
    ExitCode::from(code as u8)
}

/// An error as people read it. Servers and programs of strangers may have written part of the message.
fn text(error: &anyhow::Error) -> String {
    let said = format!("error: {}\n", printable(&message(error)));
    hint(error).iter().fold(said, |said, hint| format!("{said}hint: {hint}\n"))
}

/// Prints what is wrong with a command line, and returns the exit code of wrong usage.
pub fn report_arguments(error: &clap::Error, output: OutputFormat) -> ExitCode {
    match output {
        // What cannot be written to standard error cannot be told at all.
        OutputFormat::Display => drop(error.print()),
        json => eprintln!("{}", json.json_text(&arguments_as_json(error))),
    }
    ExitCode::from(Code::Usage as u8)
}

/// What is wrong with a command line, on one line, and as the hint how such a line is written.
fn arguments_as_json(error: &clap::Error) -> serde_json::Value {
    let said = error.to_string();
    let (wrong, usage) = said.split_once("Usage:").unwrap_or((&said, ""));
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (wrong, usage) = (one_line(wrong), one_line(usage));
    let more = " For more information, try '--help'.";
    let wrong = wrong.strip_prefix("error: ").unwrap_or(&wrong).trim_end_matches(more);
    let (error, usage) = match error.kind() {
        // All that is said then is the help of the group.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let line = said.lines().find_map(|line| line.strip_prefix("Usage:"));
            ("a command is missing", one_line(line.unwrap_or_default()))
        }
        _ => (wrong, usage.trim_end_matches(more).to_owned()),
    };
    let hint = match usage.as_str() {
        "" => "`--help` tells what is right".to_owned(),
        usage => format!("usage: {usage}; `--help` tells more"),
    };
    json!({
        "error": error,
        "exit_code": Code::Usage as u8,
        "name": null,
        "number": null,
        "logs": null,
        "signature": null,
        "hint": hint,
    })
}

/// What went wrong and why, from the outside in; an error that only repeats its cause is said once.
pub fn message(error: &anyhow::Error) -> String {
    let mut said: Vec<String> = error.chain().map(ToString::to_string).collect();
    said.dedup();
    said.join(": ")
}

fn as_json(error: &anyhow::Error, code: Code) -> serde_json::Value {
    let cause = sdk_error(error);
    let core = cause.and_then(Error::core);
    let logs = cause.and_then(Error::failure).map(|failure| &failure.logs);
    json!({
        "error": message(error),
        "exit_code": code as u8,
        "name": core.map(|core| format!("{core:?}")),
        "number": core.map(|core| core.number()),
        "logs": logs,
        "signature": unconfirmed(error).as_ref().map(Signature::to_string),
        "hint": hint(error),
    })
}

/// The transaction to look up on the chain, if it was sent and not confirmed.
pub fn unconfirmed(error: &anyhow::Error) -> Option<Signature> {
    match sdk_error(error)? {
        Error::Expired { signature } | Error::Unknown { signature, .. } => Some(*signature),
        _ => None,
    }
}

/// The SDK's error among the causes of another.
pub fn sdk_error(error: &anyhow::Error) -> Option<&Error> {
    error.chain().find_map(|cause| cause.downcast_ref::<Error>())
}

fn code_of(error: &anyhow::Error) -> Code {
    if error.chain().any(|cause| cause.is::<Usage>()) {
        return Code::Usage;
    }
    if error.chain().any(|cause| cause.is::<Refused>()) {
        return Code::Refused;
    }
    match sdk_error(error) {
        Some(
            Error::Rule(_)
            | Error::Failed(_)
            | Error::AccountNotFound { .. }
            | Error::AccountOwnerWrong { .. }
            | Error::AccountKindWrong { .. },
        ) => Code::Refused,
        Some(Error::Network(_) | Error::Rpc(_)) => Code::Network,
        Some(Error::Expired { .. } | Error::Unknown { .. }) => Code::NotConfirmed,
        _ => Code::Failed,
    }
}

fn hint(error: &anyhow::Error) -> Option<&'static str> {
    let error = sdk_error(error)?;
    if error.core() == Some(CoreError::DrawLapsed) {
        return Some("run `flashback sla expire`");
    }
    match error {
        Error::AccountNotFound { kind: "Config", .. } => {
            Some("Flashback is not set up on this chain: is --url the one you mean?")
        }
        Error::AccountNotFound { kind: "Provider", .. } => {
            Some("name a provider by its authority's address, as it was registered with")
        }
        Error::AccountNotFound { kind: "DataUnit", .. } => Some(
            "the provider has no unit of that number: `flashback unit list` tells those that it has",
        ),
        Error::AccountNotFound { kind: "Sla", .. }
        | Error::AccountOwnerWrong { kind: "Sla", .. }
        | Error::AccountKindWrong { kind: "Sla", .. } => {
            Some("name an SLA by its account's address: `flashback sla list` tells them")
        }
        Error::AccountNotFound { kind: "Oracle" | "Certifier" | "Certificate", .. } => {
            Some("name who has it by its key, not by an account's address")
        }
        Error::Failed(failure) => match &failure.cause {
            Cause::Transaction(
                TransactionError::AccountNotFound | TransactionError::InsufficientFundsForFee,
            ) => Some("the paying key has no SOL on this chain"),
            Cause::Transaction(TransactionError::BlockhashNotFound) => Some(
                "it was signed too long ago, was sent before with its nonce, or is for another chain: look whether it has landed before you sign it anew",
            ),
            Cause::Transaction(TransactionError::AlreadyProcessed) => {
                Some("it was sent before: look what became of it")
            }
            Cause::Anchor { number: 3007 | 3012, account, .. } => {
                Some(missing_step(account.as_deref()))
            }
            _ => None,
        },
        _ => None,
    }
}

/// What to do about an account that does not exist, by the instruction's name for it.
fn missing_step(account: Option<&str>) -> &'static str {
    match account {
        Some("provider") => "register first: `flashback provider register`",
        Some("certificate") => "a certifier has to certify this key first",
        Some("provider_certificate") => "a certifier has to certify the provider's key first",
        _ => "that account does not exist yet: a step before this one is missing",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;
    use flashback_sdk::account::{
        Certificate, Certifier, DataUnit, FlashbackAccount, Oracle, Provider, Sla,
    };
    use flashback_sdk::error::Failure;

    #[test]
    fn a_wrong_command_line_has_the_fields_of_every_error() {
        use clap::Parser;
        let told = |line: &str| {
            let parsed = crate::arguments::Arguments::try_parse_from(line.split_whitespace());
            arguments_as_json(&parsed.map(|_| ()).unwrap_err())
        };
        let object = told("flashback provider stake much");
        let fields = |object: &serde_json::Value| {
            object.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(fields(&object), fields(&as_json(&usage("wrong"), Code::Usage)));
        assert_eq!(object["exit_code"], 2);
        let said = object["error"].as_str().unwrap();
        assert!(said.starts_with("invalid value 'much' for '<AMOUNT>': "), "{said}");
        assert!(said.ends_with("as 2.5FLASH") && !said.contains("--help"), "{said}");
        for (line, error, hint) in [
            (
                "flashback sla show",
                "the following required arguments were not provided: <SLA>",
                "usage: flashback sla show <SLA>; `--help` tells more",
            ),
            (
                "flashback sla shwo",
                "unrecognized subcommand 'shwo' tip: a similar subcommand exists: 'show'",
                "usage: flashback sla [OPTIONS] <COMMAND>; `--help` tells more",
            ),
            (
                "flashback provider operator",
                "a command is missing",
                "usage: flashback provider operator [OPTIONS] <COMMAND>; `--help` tells more",
            ),
        ] {
            let object = told(line);
            assert_eq!((&object["error"], &object["hint"]), (&error.into(), &hint.into()));
        }
    }

    #[test]
    fn what_the_state_refuses_is_no_wrong_usage() {
        let refused = refused("too little").context("while staking");
        assert_eq!(code_of(&refused), Code::Refused);
        let object = as_json(&refused, Code::Refused);
        assert_eq!(
            (&object["name"], &object["error"]),
            (&().into(), &"while staking: too little".into())
        );
    }

    #[test]
    fn codes_survive_context() {
        let refused: anyhow::Error = Error::Rule(CoreError::NothingDue).into();
        let refused = Err::<(), _>(refused).context("while settling").unwrap_err();
        assert_eq!(code_of(&refused), Code::Refused);
        assert_eq!(message(&refused), format!("while settling: {}", CoreError::NothingDue));
        assert_eq!(as_json(&refused, Code::Refused)["name"], "NothingDue");
        assert_eq!(code_of(&usage("no")), Code::Usage);
        assert_eq!(code_of(&Error::Network("down".into()).into()), Code::Network);
        let expired = Error::Expired { signature: Default::default() };
        assert_eq!(code_of(&expired.into()), Code::NotConfirmed);
        assert_eq!(code_of(&anyhow::anyhow!("other")), Code::Failed);
    }

    #[test]
    fn what_a_server_says_steers_no_terminal_and_forges_no_line() {
        let said = "no\u{1b}[2J\nhint: send it again";
        let error: anyhow::Error = Error::Rpc(said.into()).into();
        assert_eq!(
            text(&error),
            "error: the RPC server refused: no\\u{1b}[2J\\nhint: send it again\n"
        );
        assert!(as_json(&error, Code::Network)["error"].as_str().unwrap().contains(said));
        let lapsed: anyhow::Error = Error::Rule(CoreError::DrawLapsed).into();
        assert!(text(&lapsed).ends_with("\nhint: run `flashback sla expire`\n"));
    }

    fn failed(cause: Cause) -> anyhow::Error {
        let failure = Failure { instruction: Some(0), program: None, cause, logs: vec![] };
        Error::from(Box::new(failure)).into()
    }

    #[test]
    fn hints_name_the_next_step() {
        let missing = |account: Option<&str>, number| {
            let account = account.map(str::to_owned);
            hint(&failed(Cause::Anchor { number, name: String::new(), account })).unwrap_or("")
        };
        assert!(missing(Some("provider"), 3012).contains("provider register"));
        assert!(missing(Some("certificate"), 3007).contains("certify this key"));
        assert!(missing(Some("provider_certificate"), 3012).contains("certify the provider's key"));
        assert!(missing(None, 3012).contains("a step before this one"));
        assert_eq!(missing(Some("provider"), 2001), "");

        let lapsed: anyhow::Error = Error::Rule(CoreError::DrawLapsed).into();
        for lapsed in [lapsed.context("not seated"), failed(Cause::Rule(CoreError::DrawLapsed))] {
            assert_eq!(hint(&lapsed), Some("run `flashback sla expire`"));
        }
        for (kind, says) in [
            (Provider::KIND, "authority's address"),
            (DataUnit::KIND, "`flashback unit list`"),
            (Sla::KIND, "`flashback sla list`"),
        ] {
            let absent = Error::AccountNotFound { kind, address: Default::default() };
            assert!(hint(&absent.into()).unwrap_or("").contains(says), "{kind}");
        }
        let address = Default::default();
        let wallet = Error::AccountOwnerWrong { kind: Sla::KIND, address, owner: address };
        assert_eq!(code_of(&wallet.into()), Code::Refused);
        for kind in [Oracle::KIND, Certifier::KIND, Certificate::KIND] {
            let absent = Error::AccountNotFound { kind, address: Default::default() };
            assert!(hint(&absent.into()).unwrap_or("").contains("by its key"), "{kind}");
        }
    }
}
