//! Exit codes and error messages.

use std::process::ExitCode;

use flashback_sdk::Error;
use flashback_sdk::error::Cause;
use serde_json::json;
use solana_sdk::transaction::TransactionError;

use crate::arguments::OutputFormat;

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
            eprintln!("error: {}", message(error));
            if let Some(hint) = hint(error) {
                eprintln!("hint: {hint}");
            }
        }
        OutputFormat::Json => eprintln!("{}", as_json(error, code)),
    }
    ExitCode::from(code as u8)
}

/// What went wrong and why, from the outside in; an error that only repeats its cause is said once.
fn message(error: &anyhow::Error) -> String {
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
    })
}

fn sdk_error(error: &anyhow::Error) -> Option<&Error> {
    error.chain().find_map(|cause| cause.downcast_ref::<Error>())
}

fn code_of(error: &anyhow::Error) -> Code {
    if error.chain().any(|cause| cause.is::<Usage>()) {
        return Code::Usage;
    }
    match sdk_error(error) {
        Some(Error::Rule(_) | Error::Failed(_)) => Code::Refused,
        Some(Error::Network(_) | Error::Rpc(_)) => Code::Network,
        Some(Error::Expired { .. } | Error::Unknown { .. }) => Code::NotConfirmed,
        _ => Code::Failed,
    }
}

fn hint(error: &anyhow::Error) -> Option<&'static str> {
    match sdk_error(error)? {
        Error::AccountNotFound { kind: "Config", .. } => {
            Some("Flashback is not set up on this chain: is --url the one you mean?")
        }
        Error::AccountNotFound { kind: "Provider", .. } => {
            Some("name a provider by its authority's address, as it was registered with")
        }
        Error::Failed(failure) => match &failure.cause {
            Cause::Transaction(
                TransactionError::AccountNotFound | TransactionError::InsufficientFundsForFee,
            ) => Some("the paying key has no SOL on this chain"),
            Cause::Anchor { number: 3007 | 3012, .. } => {
                Some("that account does not exist yet: a step before this one is missing")
            }
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;
    use flashback_core::CoreError;

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
}
