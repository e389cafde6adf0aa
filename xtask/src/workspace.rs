//! Where everything lies: the checkout, its target folder and the cache that outlives both.

use std::{
    env,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{process, report};

/// The compiler that rust-toolchain.toml pins. The upstream sBPF route needs std's sources of this version.
pub const RUST_VERSION: &str = "1.95.0";

pub struct Workspace {
    /// The checkout.
    pub root: PathBuf,
    /// Cargo's target folder, absolute.
    pub target: PathBuf,
    /// What set-up installs, shared by all checkouts of this user.
    pub cache: PathBuf,
}

impl Workspace {
    pub fn locate() -> Result<Self> {
        // At run time, because checkouts that share a target folder share this binary too.
        let manifest_folder =
            env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest_folder)
            .parent()
            .filter(|root| root.join("xtask/Cargo.toml").is_file())
            .with_context(|| {
                format!(
                    "{} is not the workspace's xtask folder: run `cargo xtask` in a checkout",
                    manifest_folder.display()
                )
            })?
            .to_path_buf();
        let target = target_folder(&root)?;
        let cache = match env::var_os("FLASHBACK_CACHE").filter(|folder| !folder.is_empty()) {
            Some(folder) => std::path::absolute(&folder).with_context(|| {
                format!("FLASHBACK_CACHE={} is not a folder's path", folder.display())
            })?,
            None => match env::var_os("HOME").filter(|home| !home.is_empty()) {
                Some(home) => Path::new(&home).join(".cache/flashback"),
                None => bail!(
                    "neither HOME nor FLASHBACK_CACHE is set: set FLASHBACK_CACHE to a folder for what set-up installs"
                ),
            },
        };
        Ok(Self { root, target, cache })
    }

    /// Where built programs lie, for tests and deployments.
    pub fn deploy_folder(&self) -> PathBuf {
        self.target.join("deploy")
    }

    /// A binary of the workspace in its development build.
    pub fn binary(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }

    /// A child in the workspace's root, free of what `cargo run` set for xtask itself.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        for (name, _) in env::vars_os() {
            let set_by_cargo_run = name.to_str().is_some_and(|name| {
                name == "CARGO"
                    || name.starts_with("CARGO_PKG_")
                    || name.starts_with("CARGO_MANIFEST_")
            });
            if set_by_cargo_run {
                command.env_remove(name);
            }
        }
        command
    }

    /// Cargo, in the workspace's root.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.command("cargo");
        command.args(arguments);
        command
    }

    /// Builds one binary of the workspace. Always with `--workspace`, so that features unify in one way and no
    /// dependency is compiled twice.
    pub fn build_binary(&self, name: &str) -> Result<PathBuf> {
        report::heading(format_args!("building {name}"));
        process::run(&mut self.cargo(&["build", "--workspace", "--bin", name]))?;
        Ok(self.binary(name))
    }

    /// Fails unless the workspace's compiler is the pinned one.
    pub fn require_pinned_rust(&self) -> Result<()> {
        let found = process::capture(self.command("rustc").arg("--version"))
            .with_context(|| format!("rustc {RUST_VERSION} is needed: install it with `rustup toolchain install {RUST_VERSION}`"))?;
        let version = found.split_whitespace().nth(1).unwrap_or_default();
        if version != RUST_VERSION {
            bail!(
                "rustc is {version}, but programs are built with the pinned {RUST_VERSION}: install it with \
                 `rustup toolchain install {RUST_VERSION}`, and set neither `+toolchain` nor RUSTUP_TOOLCHAIN"
            );
        }
        Ok(())
    }

    /// Compiles a published crate's binary into a folder of its own. What an interrupted build compiled is kept until
    /// the build succeeds, so that a retry goes on where it stopped.
    pub fn cargo_install(
        &self,
        krate: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
        root: &Path,
        title: &str,
    ) -> Result<()> {
        let name = krate.replace('@', "-");
        let scratch = self.cache.join("build").join(&name);
        let mut command = self.cargo(&["install", krate, "--locked", "--force"]);
        command
            .args(arguments)
            .arg("--root")
            .arg(root)
            .env("CARGO_TARGET_DIR", &scratch)
            .envs(variables.iter().copied());
        // Flags meant for the workspace's own crates have no business here.
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        process::run_logged(title, &mut command, &self.log(&name))?;
        fs::remove_dir_all(&scratch).with_context(|| format!("cannot remove {}", scratch.display()))
    }

    pub fn log(&self, name: &str) -> PathBuf {
        self.cache.join("logs").join(format!("{name}.log"))
    }

    /// Holds one part of the cache for as long as the guard lives; another run of xtask waits.
    pub fn lock_cache(&self, part: &str) -> Result<File> {
        lock(&self.cache.join(format!("{part}.lock")))
    }
}

/// An exclusive lock on a file, which the system lets go of when the guard or the process ends.
pub fn lock(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .with_context(|| format!("cannot open the lock file {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            report::note(format_args!(
                "waiting for another cargo xtask, which holds {}",
                path.display()
            ));
            file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
        }
        Err(TryLockError::Error(error)) => {
            return Err(error).with_context(|| format!("cannot lock {}", path.display()));
        }
    }
    Ok(file)
}

/// Cargo alone knows all the ways to set its target folder. Asked in the user's own folder, since
/// a relative CARGO_TARGET_DIR counts from there.
fn target_folder(root: &Path) -> Result<PathBuf> {
    let metadata = process::capture(
        Command::new("cargo")
            .args(["metadata", "--no-deps", "--format-version=1", "--manifest-path"])
            .arg(root.join("Cargo.toml")),
    )
    .context("cargo cannot read the workspace")?;
    json_string_after(&metadata, "\"target_directory\":")
        .map(PathBuf::from)
        .context("`cargo metadata` named no target folder")
}

/// The JSON string that follows the last occurrence of `key`. Enough JSON for one path, without a parser to compile.
fn json_string_after(json: &str, key: &str) -> Option<String> {
    let mut characters =
        json[json.rfind(key)? + key.len()..].trim_start().strip_prefix('"')?.chars();
    let mut string = String::new();
    loop {
        match characters.next()? {
            '"' => return Some(string),
            '\\' => string.push(characters.next()?),
            character => string.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_folder_is_read_from_metadata() {
        let json = r#"{"packages":[{"x":"\"target_directory\":no"}],"target_directory":"/a \"b\"/target","version":1}"#;
        assert_eq!(json_string_after(json, "\"target_directory\":").unwrap(), "/a \"b\"/target");
        assert_eq!(json_string_after("{}", "\"target_directory\":"), None);
        assert_eq!(json_string_after("\"target_directory\":\"/cut", "\"target_directory\":"), None);
    }

    #[test]
    fn the_pinned_compiler_is_the_one_that_rustup_uses() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rust-toolchain.toml");
        let toml = fs::read_to_string(file).unwrap();
        assert!(
            toml.contains(&format!("channel = \"{RUST_VERSION}\"")),
            "RUST_VERSION and rust-toolchain.toml must move together"
        );
    }

    #[test]
    fn a_lock_excludes_others_until_it_is_dropped() {
        let path = env::temp_dir().join(format!("xtask-test-{}.lock", std::process::id()));
        let held = lock(&path).unwrap();
        assert!(matches!(File::open(&path).unwrap().try_lock(), Err(TryLockError::WouldBlock)));
        drop(held);
        File::open(&path).unwrap().try_lock().unwrap();
        fs::remove_file(&path).unwrap();
    }
}
