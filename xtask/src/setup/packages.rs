//! System packages that the workspace's dependencies compile against.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{process, report};

/// Debian's names. OpenSSL's own build (vendored by a dependency) wants make and perl; bindgen wants libclang; the rest
/// are RocksDB's and Solana's needs. The sBPF toolchain comes from apt, checked by Debian's keys. The oracle's store is
/// tested over PostgreSQL too, in clusters that the tests start and remove themselves.
const PACKAGES: [&str; 13] = [
    "ca-certificates",
    "clang",
    "cmake",
    "debian-archive-keyring",
    "g++",
    "libclang-dev",
    "libssl-dev",
    "libudev-dev",
    "make",
    "perl",
    "pkg-config",
    "postgresql",
    "protobuf-compiler",
];

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum State {
    Complete,
    /// Not a system with dpkg: a missing package will show when something fails to compile.
    Unknown,
}

pub fn names() -> String {
    PACKAGES.join(" ")
}

/// Installs what is missing, if this process may.
pub fn ensure() -> Result<State> {
    if process::find_on_path("dpkg-query").is_none() {
        return Ok(State::Unknown);
    }
    // It exits with 1 when it knows nothing of a package, and still reports on the others.
    let output = Command::new("dpkg-query")
        .args(["-W", "-f", "${Package} ${db:Status-Status}\n"])
        .args(PACKAGES)
        .output()?;
    let missing = missing(&String::from_utf8_lossy(&output.stdout));
    if missing.is_empty() {
        return Ok(State::Complete);
    }
    if !process::is_root() || process::find_on_path("apt-get").is_none() {
        bail!(
            "system packages are missing and only root may install them. Run\n\n    \
             sudo apt-get update && sudo apt-get install -y {}\n",
            missing.join(" ")
        );
    }
    report::note(format_args!("installing {}", missing.join(" ")));
    // A machine that boots may be updating itself: wait for its lock.
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .args(["-q", "-o", "DPkg::Lock::Timeout=600"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    process::run(&mut apt(&["update"]))?;
    process::run(apt(&["install", "-y", "--no-install-recommends"]).args(&missing))?;
    Ok(State::Complete)
}

/// Which packages are not among those that `dpkg-query` reports as installed.
fn missing(report: &str) -> Vec<&'static str> {
    PACKAGES
        .into_iter()
        .filter(|package| {
            !report.lines().any(|line| line.split_once(' ') == Some((package, "installed")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_installed_packages_count() {
        let all: String = PACKAGES.iter().map(|package| format!("{package} installed\n")).collect();
        assert!(missing(&all).is_empty());
        let removed =
            all.replace("cmake installed", "cmake config-files").replace("perl installed\n", "");
        assert_eq!(missing(&removed), ["cmake", "perl"]);
    }
}
