//! Children: started, watched and judged in one way, so that every failure names the command that failed.

use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    io::{IsTerminal, Read, Seek, SeekFrom, Write, stderr},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::report;

/// The command as one would type it.
pub fn describe(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| {
            let word = word.to_string_lossy();
            if word.contains([' ', '"', '*']) { format!("'{word}'") } else { word.into_owned() }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// How a child ended, in words.
pub fn ending(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit status {code}"),
        None => "killed by a signal".into(),
    }
}

/// Runs a child whose output is the user's to read; its stdout joins our stderr.
pub fn run(command: &mut Command) -> Result<()> {
    let status = status(command.stdout(Stdio::from(stderr())))?;
    if !status.success() {
        bail!("`{}` failed ({})", describe(command), ending(status));
    }
    Ok(())
}

/// Runs a child with our own stdin, stdout and stderr unless the caller set others, and returns how it ended.
pub fn status(command: &mut Command) -> Result<ExitStatus> {
    command.status().with_context(|| not_started(command))
}

/// Runs a child for its stdout; its stderr is the user's to read.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| not_started(command))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", describe(command), ending(output.status));
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` printed something that is not UTF-8", describe(command)))
}

/// Runs a long child whose output nobody wants to read unless it fails: it goes to the log file, while the
/// title, the elapsed time and the newest line of output tell that it is alive.
pub fn run_logged(title: &str, command: &mut Command, log: &Path) -> Result<()> {
    let started = Instant::now();
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    let mut child = command.spawn().with_context(|| not_started(command))?;

    let terminal = stderr().is_terminal();
    // On a terminal one line is rewritten; a log file of ours gets a line now and then.
    let interval = if terminal { Duration::from_secs(1) } else { Duration::from_secs(30) };
    let mut shown = started;
    let mut pause = Duration::from_millis(10);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(200));
        if shown.elapsed() >= interval {
            shown = Instant::now();
            let line = tail(log, 1).trim().chars().take(70).collect::<String>();
            let line = format!("{title}: {} … {line}", report::elapsed(started.elapsed()));
            if terminal {
                let _ = write!(stderr(), "\r\x1b[K    {line}");
            } else {
                report::note(line);
            }
        }
    };
    if terminal {
        let _ = write!(stderr(), "\r\x1b[K");
    }
    if !status.success() {
        bail!(
            "{title}: `{}` failed ({}). The last lines of {}:\n{}",
            describe(command),
            ending(status),
            log.display(),
            tail(log, 25)
        );
    }
    report::note(format_args!("{title}: done in {}", report::elapsed(started.elapsed())));
    Ok(())
}

/// The last `lines` lines of a file that may still be growing; nothing if it cannot be read.
fn tail(log: &Path, lines: usize) -> String {
    let read = || -> std::io::Result<String> {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(16 * 1024)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    let all: Vec<&str> = text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()).collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

fn not_started(command: &Command) -> String {
    format!(
        "cannot start `{}`: is it installed and on PATH?",
        command.get_program().to_string_lossy()
    )
}

/// The executable that a bare command name would start, if any.
pub fn find_on_path(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let name = name.as_ref();
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// Whether this process may install system packages.
pub fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(name: &str) -> PathBuf {
        env::temp_dir().join(format!("xtask-test-{}-{name}.log", std::process::id()))
    }

    #[test]
    fn a_failed_child_is_named_with_its_last_words() {
        let log = log("failure");
        let error = run_logged(
            "a step",
            Command::new("sh").args(["-c", "echo out of cheese >&2; exit 3"]),
            &log,
        )
        .unwrap_err();
        fs::remove_file(&log).unwrap();
        let error = error.to_string();
        assert!(error.contains("exit status 3") && error.contains("out of cheese"), "{error}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = capture(&mut Command::new("no-such-program-here")).unwrap_err();
        assert!(error.to_string().contains("no-such-program-here"), "{error}");
        assert!(find_on_path("no-such-program-here").is_none());
        assert!(find_on_path("sh").is_some());
    }

    #[test]
    fn tail_gives_the_last_lines_and_forgives_a_missing_file() {
        let log = log("tail");
        fs::write(&log, "one\ntwo\n\nthree\n").unwrap();
        assert_eq!(tail(&log, 2), "two\nthree");
        fs::remove_file(&log).unwrap();
        assert_eq!(tail(&log, 2), "");
    }
}
