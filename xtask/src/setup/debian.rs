//! apt against one suite of Debian that the machine itself does not use: with a private state folder, so that
//! nothing is installed and the machine's own package lists stay as they are. Needs no root.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::process;

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

pub struct Suite<'a> {
    name: &'a str,
    /// apt's state; worth nothing once the packages are fetched.
    state: PathBuf,
    log: PathBuf,
}

impl<'a> Suite<'a> {
    /// Opens a suite (`sid`, `trixie-backports`) and fetches its package lists.
    pub fn open(name: &'a str, state: PathBuf, log: PathBuf) -> Result<Self> {
        if !Path::new(KEYRING).is_file() {
            bail!("{KEYRING} is missing: install the package debian-archive-keyring");
        }
        let mirror = mirror()?;
        // One suite at a time, from the start: lists that an interrupted run left may be half written.
        if state.exists() {
            fs::remove_dir_all(&state)
                .with_context(|| format!("cannot remove {}", state.display()))?;
        }
        for folder in ["lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(state.join(folder))
                .with_context(|| format!("cannot create {}/{folder}", state.display()))?;
        }
        fs::write(
            state.join("sources.list"),
            format!("deb [signed-by={KEYRING}] {mirror} {name} main\n"),
        )?;
        let suite = Self { name, state, log };
        process::run_logged(
            &format!("package lists of Debian {name}"),
            suite.tool("apt-get").args(["-o", "APT::Update::Error-Mode=any", "update"]),
            &suite.log,
        )?;
        Ok(suite)
    }

    fn tool(&self, tool: &str) -> Command {
        let mut command = Command::new(tool);
        command.current_dir(&self.state).arg("-q");
        let options = [
            // apt drops to the user _apt to fetch, who may not write into a private folder.
            "APT::Sandbox::User=root".into(),
            format!("Dir::Etc::SourceList={}", self.state.join("sources.list").display()),
            "Dir::Etc::SourceParts=-".into(),
            format!("Dir::State::Lists={}", self.state.join("lists").display()),
            format!("Dir::Cache={}", self.state.join("cache").display()),
            // Nothing is installed as far as this apt knows, so every dependency is named.
            "Dir::State::status=/dev/null".into(),
        ];
        for option in options {
            command.arg("-o").arg(option);
        }
        command
    }

    /// The newest version of a package that starts with `prefix`.
    pub fn version(&self, package: &str, prefix: &str) -> Result<Option<String>> {
        let madison = process::capture(self.tool("apt-cache").args(["madison", package]))?;
        Ok(madison
            .lines()
            .filter_map(|line| line.split('|').nth(1))
            .map(str::trim)
            .find(|version| version.starts_with(prefix))
            .map(str::to_owned))
    }

    /// A package and all that it needs to run; empty if the suite has no such package.
    pub fn closure(&self, package: &str) -> Result<Vec<String>> {
        let depends = process::capture(self.tool("apt-cache").args([
            "depends",
            "--recurse",
            "--no-recommends",
            "--no-suggests",
            "--no-conflicts",
            "--no-breaks",
            "--no-replaces",
            "--no-enhances",
            package,
        ]))?;
        Ok(libraries(&depends))
    }

    /// Downloads packages into a folder.
    pub fn download(&self, packages: &[String], folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        process::run_logged(
            &format!("{} package(s) of Debian {}", packages.len(), self.name),
            self.tool("apt-get").arg("download").args(packages).current_dir(folder),
            &self.log,
        )
    }

    /// Forgets the package lists, some 50 MB a suite.
    pub fn close(self) {
        // Left-overs cost disk space and nothing else.
        let _ = fs::remove_dir_all(&self.state);
    }
}

/// Unpacks a `.deb` into a folder.
pub fn unpack(deb: &Path, folder: &Path) -> Result<()> {
    process::run(Command::new("dpkg-deb").arg("-x").arg(deb).arg(folder))
}

/// The `.deb` files in a folder, by name; none if there is no such folder.
pub fn packages_in(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut debs = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            debs.push(path);
        }
    }
    debs.sort();
    Ok(debs)
}

/// Of what `apt-cache depends --recurse` prints, the packages that hold libraries. Packages start a line, relations are
/// indented, virtual packages stand in angle brackets; what belongs to a system rather than to a library is left out.
fn libraries(depends: &str) -> Vec<String> {
    let of_a_system = |name: &str| {
        ["debconf", "cdebconf", "perl", "dpkg", "libc-bin"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
            || (name.starts_with("gcc-") && name.ends_with("-base"))
    };
    let mut names: Vec<String> = depends
        .lines()
        .filter(|line| {
            line.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
        })
        .map(|line| line.trim_end().to_owned())
        .filter(|name| !of_a_system(name))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The machine's own Debian mirror, which carries the other suites too.
fn mirror() -> Result<String> {
    if let Some(mirror) =
        env::var("FLASHBACK_DEBIAN_MIRROR").ok().filter(|mirror| !mirror.is_empty())
    {
        return Ok(mirror);
    }
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    if let Ok(entries) = fs::read_dir("/etc/apt/sources.list.d") {
        let mut more: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        more.sort();
        files.extend(more);
    }
    files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .find_map(|sources| mirror_in(&sources))
        .context(
            "no Debian mirror in /etc/apt: set FLASHBACK_DEBIAN_MIRROR to one, \
         or install the Solana tools, whose `cargo build-sbf` is used when it is on PATH",
        )
}

/// The first mirror of Debian proper (not of its security archive) in a sources file of either format.
fn mirror_in(sources: &str) -> Option<String> {
    sources
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(str::split_whitespace)
        .find(|word| {
            ["http://", "https://", "file:/"].iter().any(|scheme| word.starts_with(scheme))
                && word.trim_end_matches('/').ends_with("/debian")
        })
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_found_in_both_formats() {
        let deb822 = "Types: deb\n# https://old.example/debian\nURIs: http://mirror.example/debian\nSuites: bookworm\n";
        assert_eq!(mirror_in(deb822).unwrap(), "http://mirror.example/debian");
        let one_line = "deb http://mirror.example/debian-security bookworm-security main\ndeb [arch=amd64] https://mirror.example/debian/ trixie main\n";
        assert_eq!(mirror_in(one_line).unwrap(), "https://mirror.example/debian/");
        assert_eq!(mirror_in("deb http://mirror.example/ubuntu noble main\n"), None);
    }

    #[test]
    fn a_closure_holds_libraries_only() {
        let depends = "libllvm23\n  Depends: libc6\n  Depends: libgcc-s1\nlibc6\n |Depends: debconf\n<debconf-2.0>\nlibgcc-s1\ngcc-16-base\nlibc-bin\nlibc6\n";
        assert_eq!(libraries(depends), ["libc6", "libgcc-s1", "libllvm23"]);
    }
}
