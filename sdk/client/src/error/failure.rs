//! Decoding a transaction's error.

use std::fmt;

use flashback_core::CoreError;
use flashback_core::error::FIRST_ERROR_NUMBER;
use solana_sdk::instruction::InstructionError;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::transaction::TransactionError;
use solana_system_interface::error::SystemError;
use spl_token_interface::error::TokenError;

use super::anchor;
use crate::address;

/// A transaction that failed, on chain or in its simulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The index of the failed instruction; `None` if the transaction was refused as a whole.
    pub instruction: Option<u8>,
    /// The program that refused (of nested calls, the innermost), as far as the logs tell.
    pub program: Option<Pubkey>,
    /// Why.
    pub cause: Cause,
    /// The transaction's logs; empty if unknown.
    pub logs: Vec<String>,
}

/// Why a transaction failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// A rule of Flashback refused.
    Rule(CoreError),
    /// A check of the Anchor framework refused: wrong, missing or unsigned accounts.
    Anchor {
        /// The error's number, 100 to 5999.
        number: u32,
        /// Its name in Anchor's documentation.
        name: String,
        /// The account at fault, as the instruction names it.
        account: Option<String>,
    },
    /// The SPL Token program refused.
    Token(TokenError),
    /// The System program refused: most often because an account exists already.
    System(SystemError),
    /// Another program, or the runtime, refused one instruction.
    Instruction(InstructionError),
    /// The runtime refused the transaction as a whole.
    Transaction(TransactionError),
}

impl Failure {
    /// Decodes what a chain says of a transaction. Works without logs too, less exactly.
    pub fn decode(error: &TransactionError, logs: &[String]) -> Self {
        Self::decode_in(error, logs, None)
    }

    /// The same, where the logs do not tell which program refused: it was this one then.
    pub(crate) fn decode_in(
        error: &TransactionError,
        logs: &[String],
        program: Option<Pubkey>,
    ) -> Self {
        let program = failed_program(logs).or(program);
        let (instruction, cause) = match error {
            TransactionError::InstructionError(index, InstructionError::Custom(number)) => {
                (Some(*index), Cause::custom(*number, program, logs))
            }
            TransactionError::InstructionError(index, error) => {
                (Some(*index), Cause::Instruction(error.clone()))
            }
            error => (None, Cause::Transaction(error.clone())),
        };
        Self { instruction, program, cause, logs: logs.to_vec() }
    }

    /// The rule of Flashback that refused.
    pub fn core(&self) -> Option<CoreError> {
        match self.cause {
            Cause::Rule(error) => Some(error),
            _ => None,
        }
    }

    /// The number of the framework's error.
    pub fn anchor(&self) -> Option<u32> {
        match self.cause {
            Cause::Anchor { number, .. } => Some(number),
            _ => None,
        }
    }

    /// The SPL Token program's error.
    pub fn token(&self) -> Option<&TokenError> {
        match &self.cause {
            Cause::Token(error) => Some(error),
            _ => None,
        }
    }
}

impl Cause {
    fn custom(number: u32, program: Option<Pubkey>, logs: &[String]) -> Self {
        let ours = program.is_none_or(|program| program == address::PROGRAM);
        let tokens = program.is_none_or(|program| program == address::TOKEN_PROGRAM);
        if ours && let Some(error) = CoreError::from_number(number) {
            return Self::Rule(error);
        }
        if ours && (100..FIRST_ERROR_NUMBER).contains(&number) {
            let name = logged(logs, "Error Code: ").or_else(|| anchor::name(number));
            let name = name.unwrap_or_else(|| "unknown".to_owned());
            let account = logged(logs, "AnchorError caused by account: ");
            return Self::Anchor { number, name, account };
        }
        if program == Some(address::SYSTEM_PROGRAM)
            && let Ok(error) = SystemError::try_from(number)
        {
            return Self::System(error);
        }
        if tokens && let Ok(error) = TokenError::try_from(number) {
            return Self::Token(error);
        }
        Self::Instruction(InstructionError::Custom(number))
    }
}

/// The innermost program that failed: its line comes first.
fn failed_program(logs: &[String]) -> Option<Pubkey> {
    logs.iter().find_map(|line| {
        let (program, rest) = line.strip_prefix("Program ")?.split_once(' ')?;
        rest.starts_with("failed").then(|| program.parse().ok()).flatten()
    })
}

/// The word after a label of Anchor's error log, up to its full stop. Anybody's program can log anything: what the one that
/// failed has not logged itself, and what is no name, is not believed.
fn logged(logs: &[String], label: &str) -> Option<String> {
    let own = logs_of_failed(logs);
    own.iter().find_map(|line| {
        let rest = line.strip_prefix("Program log: AnchorError")?;
        let label = label.strip_prefix("AnchorError").unwrap_or(label);
        let (_, value) = rest.split_once(label)?;
        value.split_once('.').map(|(word, _)| word).filter(|word| is_name(word)).map(str::to_owned)
    })
}

/// What the innermost program that failed has logged in the call that failed.
fn logs_of_failed(logs: &[String]) -> Vec<&str> {
    let mut calls: Vec<(&str, Vec<&str>)> = vec![];
    for line in logs {
        let mut words = line.split(' ');
        match (words.next(), words.next(), words.next()) {
            (Some("Program"), Some(program), Some("invoke")) if is_key(program) => {
                calls.push((program, vec![]))
            }
            (Some("Program"), Some(program), Some(ended))
                if calls.last().is_some_and(|(running, _)| *running == program) =>
            {
                match ended {
                    "success" => drop(calls.pop()),
                    "failed" | "failed:" => return calls.pop().unwrap_or_default().1,
                    _ => {}
                }
            }
            _ => {
                if let Some((_, own)) = calls.last_mut() {
                    own.push(line);
                }
            }
        }
    }
    // It is not told which one failed.
    vec![]
}

fn is_key(word: &str) -> bool {
    word.parse::<Pubkey>().is_ok()
}

/// Whether this can be the name of an account or an error.
fn is_name(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Rule(error) => {
                write!(f, "the program refused: {error} ({error:?}, {})", error.number())?
            }
            Cause::Anchor { number, name, account } => {
                write!(f, "the program refused an account: {name} ({number})")?;
                if let Some(account) = account {
                    write!(f, ", account `{account}`")?;
                }
            }
            Cause::Token(error) => write!(f, "the SPL Token program refused: {error}")?,
            Cause::System(error) => write!(f, "the System program refused: {error}")?,
            Cause::Instruction(error) => {
                write!(f, "the instruction failed: {error}")?;
                if let Some(program) = self.program {
                    write!(f, ", in program {program}")?;
                }
            }
            Cause::Transaction(error) => write!(f, "the transaction was refused: {error}")?,
        }
        match self.instruction {
            Some(index) => write!(f, " [instruction {index}]"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for super::Error {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(number: u32, logs: &[&str]) -> Failure {
        let logs: Vec<String> = logs.iter().map(|line| (*line).to_owned()).collect();
        let error = TransactionError::InstructionError(2, InstructionError::Custom(number));
        Failure::decode(&error, &logs)
    }

    #[test]
    fn a_rule_is_named_with_and_without_logs() {
        let failed = format!("Program {} failed: custom program error: 0x17a8", address::PROGRAM);
        for logs in [vec![], vec![failed.as_str()]] {
            let failure = decode(CoreError::NothingDue.number(), &logs);
            assert_eq!(failure.core(), Some(CoreError::NothingDue));
            assert_eq!(failure.instruction, Some(2));
        }
    }

    #[test]
    fn the_framework_names_the_account() {
        let failure = decode(
            2001,
            &[
                &invoked(&address::PROGRAM),
                "Program log: AnchorError caused by account: sla. Error Code: ConstraintHasOne. Error Number: 2001. Error Message: A has one constraint was violated.",
                &failed(&address::PROGRAM),
            ],
        );
        assert_eq!(
            failure.cause,
            Cause::Anchor {
                number: 2001,
                name: "ConstraintHasOne".to_owned(),
                account: Some("sla".to_owned())
            }
        );
        assert_eq!(
            decode(3010, &[]).to_string(),
            "the program refused an account: AccountNotSigner (3010) [instruction 2]"
        );
    }

    fn invoked(program: &Pubkey) -> String {
        format!("Program {program} invoke [1]")
    }

    fn failed(program: &Pubkey) -> String {
        format!("Program {program} failed: custom program error: 0x7d1")
    }

    /// How a framework's error is logged.
    fn logged_error(account: &str, code: &str) -> String {
        format!(
            "Program log: AnchorError caused by account: {account}. Error Code: {code}. Error Number: 2001."
        )
    }

    #[test]
    fn only_the_program_that_failed_is_believed_and_only_names() {
        let (stranger, own) = (Pubkey::new_unique(), address::PROGRAM);
        let name = |account: Option<&str>| Cause::Anchor {
            number: 2001,
            name: "ConstraintHasOne".to_owned(),
            account: account.map(str::to_owned),
        };
        let [ran, failed_line] = [format!("Program {stranger} success"), failed(&own)];
        let [lie, truth] = [logged_error("lie", "Lie"), logged_error("sla", "ConstraintHasOne")];
        let [foreign, called] = [invoked(&stranger), invoked(&own)];
        // Before it, and inside it, as what it calls would.
        let before = [&foreign, &lie, "Program log: invoke", &ran, &called, &truth, &failed_line];
        assert_eq!(decode(2001, &before).cause, name(Some("sla")));
        let inside = [&*called, &foreign, &lie, &ran, &truth, &failed_line];
        assert_eq!(decode(2001, &inside).cause, name(Some("sla")));
        let unsaid = [&*foreign, &lie, &ran, &called, &failed_line];
        assert_eq!(decode(2001, &unsaid).cause, name(None));
        assert_eq!(decode(2001, &[&lie]).cause, name(None));
        // What steers a terminal is no name.
        for wrong in ["\u{1b}[2J", "", "sla\n", "sl\u{202e}a"] {
            let steering = logged_error(wrong, wrong);
            let failure = decode(2001, &[&called, &steering, &failed_line]);
            assert_eq!(failure.cause, name(None), "{wrong:?}");
        }
    }

    #[test]
    fn the_innermost_program_decides_what_a_number_means() {
        let inner = format!("Program {} failed: custom program error: 0x1", address::TOKEN_PROGRAM);
        let outer = format!("Program {} failed: custom program error: 0x1", address::PROGRAM);
        let failure = decode(1, &[&inner, &outer]);
        assert_eq!(failure.token(), Some(&TokenError::InsufficientFunds));
        assert_eq!(failure.program, Some(address::TOKEN_PROGRAM));
        let system = "Program 11111111111111111111111111111111 failed: custom program error: 0x1";
        let failure = decode(1, &[system, &outer]);
        assert_eq!(failure.cause, Cause::System(SystemError::ResultWithNegativeLamports));
        let other = Pubkey::new_unique();
        let failure =
            decode(6001, &[&format!("Program {other} failed: custom program error: 0x1771")]);
        assert_eq!(failure.core(), None);
        // Without logs, by the instruction's program.
        let error = TransactionError::InstructionError(2, InstructionError::Custom(6001));
        assert_eq!(Failure::decode_in(&error, &[], Some(other)).core(), None);
        let own = Failure::decode_in(&error, &[], Some(address::PROGRAM));
        assert_eq!(own.core().map(|rule| rule.number()), Some(6001));
    }

    #[test]
    fn a_whole_transaction_can_be_refused() {
        let failure = Failure::decode(&TransactionError::BlockhashNotFound, &[]);
        assert_eq!((failure.instruction, failure.core()), (None, None));
        assert_eq!(failure.cause, Cause::Transaction(TransactionError::BlockhashNotFound));
    }
}
