//! What is waited for, told on a terminal while it is.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use tokio::time::interval;

use crate::output::printable;

/// Awaits work. Meanwhile standard error, if it is a terminal, says for what and how long.
pub async fn shown<T>(what: &str, work: impl Future<Output = T>) -> T {
    if !std::io::stderr().is_terminal() {
        return work.await;
    }
    let mut work = std::pin::pin!(work);
    let mut second = interval(Duration::from_secs(1));
    for seconds in 0u64.. {
        tokio::select! {
            done = &mut work => {
                erase();
                return done;
            }
            _ = second.tick() => say(&line(what, seconds)),
        }
    }
    work.await
}

/// Says something on a terminal, in a line of its own.
pub fn note(text: &str) {
    if std::io::stderr().is_terminal() {
        announce(text);
    }
}

/// Says what has to be known if nothing is said afterwards, terminal or not.
pub fn announce(text: &str) {
    tell(&mut std::io::stderr(), text);
}

/// Servers and strangers may have written part of it.
fn tell(out: &mut impl Write, text: &str) {
    // That nobody listens stops nothing.
    let _ = writeln!(out, "{}", printable(text));
}

fn line(what: &str, seconds: u64) -> String {
    match seconds {
        0 => format!("{what} …"),
        seconds => format!("{what} … {seconds} s"),
    }
}

fn say(text: &str) {
    eprint!("\r\x1b[K{text}");
    let _ = std::io::stderr().flush();
}

fn erase() {
    say("");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_one_line_that_steers_no_terminal() {
        let mut out = vec![];
        tell(&mut out, "refused: \u{1b}[2J\nhint: send it again");
        assert_eq!(out, b"refused: \\u{1b}[2J\\nhint: send it again\n");
    }

    #[test]
    fn a_wait_is_told_with_its_length() {
        assert_eq!(line("waiting for the draw", 0), "waiting for the draw …");
        assert_eq!(line("waiting for the draw", 12), "waiting for the draw … 12 s");
    }
}
