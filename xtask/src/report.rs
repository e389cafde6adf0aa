//! What xtask says. Progress goes to stderr, so that stdout holds results alone (`demo --json` relies on it).
//! A closed pipe (`cargo xtask … | head`) is no reason to fail: write errors are dropped here, and only here.

use std::{
    fmt::Display,
    io::{Write, stderr, stdout},
    time::Duration,
};

/// A step that begins, on stderr.
pub fn heading(text: impl Display) {
    let _ = writeln!(stderr(), "==> {text}");
}

/// Something worth knowing about the step, on stderr.
pub fn note(text: impl Display) {
    let _ = writeln!(stderr(), "    {text}");
}

/// A failure, on stderr.
pub fn error(error: &anyhow::Error) {
    let _ = writeln!(stderr(), "error: {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(stderr(), "  because: {cause}");
    }
}

/// A result, on stdout.
pub fn result(text: impl Display) {
    let _ = writeln!(stdout(), "{text}");
}

/// `8.3 s`, `42 s`, `3 min 05 s`: as much as a person wants to know.
pub fn elapsed(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 10 {
        format!("{:.1} s", time.as_secs_f64())
    } else if seconds < 60 {
        format!("{seconds} s")
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_times_read_well() {
        assert_eq!(elapsed(Duration::from_millis(8_340)), "8.3 s");
        assert_eq!(elapsed(Duration::from_secs(42)), "42 s");
        assert_eq!(elapsed(Duration::from_secs(185)), "3 min 05 s");
    }
}
