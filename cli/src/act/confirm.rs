//! The question before what cannot be undone.

use std::io::{IsTerminal, Write};

use anyhow::{Result, bail};

use crate::exit::usage;

/// Asks a person; without one, `--yes` has to be given.
///
/// # Errors
/// If the answer is no; wrong usage if nobody can be asked.
pub fn ask(question: &str) -> Result<()> {
    if !std::io::stdin().is_terminal() {
        return Err(usage(format!(
            "{question} This cannot be undone, and nobody is here to be asked: give --yes"
        )));
    }
    eprint!("{question} This cannot be undone. [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if !is_yes(&answer) {
        bail!("not done, and nothing was sent: the answer was no");
    }
    Ok(())
}

/// Whether an answer is `y` or `yes`, in any case.
fn is_yes(answer: &str) -> bool {
    ["y", "yes"].iter().any(|yes| answer.trim().eq_ignore_ascii_case(yes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_is_yes_in_any_case_and_anything_else_is_no() {
        for yes in ["y", "Y", "yes", "Yes", "YES", "yEs", " y\n", "YES\r\n"] {
            assert!(is_yes(yes), "{yes:?}");
        }
        for no in ["", "\n", "n", "no", "ye", "yess", "y e s", "yes please", "j", "1", "true"] {
            assert!(!is_yes(no), "{no:?}");
        }
    }
}
