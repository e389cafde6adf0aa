//! The upstream sBPF toolchain: std's sources, LLVM and the linker. xtask/toolchain/README.md says why each is needed.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use super::{
    debian::{self, Suite},
    packages, std_edits,
};
use crate::{
    process,
    workspace::{RUST_VERSION, Workspace},
};

const LINKER_VERSION: &str = "0.2.6";
/// Older LLVMs cannot pass arguments on the stack or return aggregates on BPF.
const LLVM_PACKAGE: &str = "libllvm23";
const LLVM_LIBRARY: &str = "libLLVM.so.23.1";

pub struct Toolchain {
    /// std's edited sources.
    pub std: PathBuf,
    /// The folder of LLVM's libraries and of the loader they were built for.
    pub llvm: PathBuf,
    pub linker: PathBuf,
    /// Names everything of the toolchain that a program's ELF depends on.
    pub identity: String,
    llvm_version: String,
}

impl Toolchain {
    pub fn describe(&self) -> String {
        format!("rustc {RUST_VERSION}, LLVM {}, sbpf-linker {LINKER_VERSION}", self.llvm_version)
    }
}

/// Why this machine cannot have the toolchain, if it cannot.
pub fn unsupported() -> Option<String> {
    let place = format!("{}/{}", env::consts::OS, env::consts::ARCH);
    if place != "linux/x86_64" {
        return Some(format!(
            "the sBPF toolchain of this project runs on x86-64 Debian, not on {place}"
        ));
    }
    ["apt-get", "apt-cache", "dpkg-deb"]
        .into_iter()
        .find(|tool| process::find_on_path(tool).is_none())
        .map(|tool| format!("the sBPF toolchain of this project comes from Debian packages, and {tool} is missing"))
}

/// Installs what is missing of the toolchain.
pub fn ensure(workspace: &Workspace) -> Result<Toolchain> {
    if let Some(reason) = unsupported() {
        bail!(
            "{reason}: install the Solana tools instead, whose `cargo build-sbf` is used when it is on PATH"
        );
    }
    workspace.require_pinned_rust()?;
    let folder = workspace.cache.join("sbf");
    let std = folder.join(format!("std-{}", std_edits::revision()));
    let llvm = folder.join(LLVM_PACKAGE);
    let linker_root = folder.join(format!("sbpf-linker-{LINKER_VERSION}"));
    let linker = linker_root.join("bin/sbpf-linker");

    if !(std.exists() && llvm.exists() && linker.exists()) {
        packages::ensure()?;
        let _lock = workspace.lock_cache("sbf")?;
        // Asked again, since another run may have held the lock and done the work.
        if !std.exists() {
            install_std(workspace, &std)?;
        }
        if !llvm.exists() {
            install_llvm(workspace, &llvm)?;
        }
        if !linker.exists() {
            install_linker(workspace, &linker_root)?;
        }
    }

    let packages_file = llvm.join(PACKAGES_FILE);
    let packages = fs::read_to_string(&packages_file).with_context(|| {
        format!("cannot read {}: remove {} and try again", packages_file.display(), llvm.display())
    })?;
    Ok(Toolchain {
        llvm_version: llvm_version(&packages).unwrap_or_else(|| "of unknown version".into()),
        identity: format!(
            "std {}\nsbpf-linker {LINKER_VERSION}\n{packages}",
            std_edits::revision()
        ),
        llvm: llvm.join("usr/lib/x86_64-linux-gnu"),
        std,
        linker,
    })
}

/// What LLVM's folder was unpacked from.
const PACKAGES_FILE: &str = "packages";

fn install_std(workspace: &Workspace, std: &Path) -> Result<()> {
    let debs = workspace.cache.join("debs/rust-src");
    let prefix = format!("rust-src_{RUST_VERSION}");
    let kept = |debs: &Path| -> Result<Option<PathBuf>> {
        Ok(debian::packages_in(debs)?.into_iter().find(|deb| {
            deb.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix))
        }))
    };
    if kept(&debs)?.is_none() {
        let suite = open_suite(workspace, "trixie-backports")?;
        let version = suite.version("rust-src", RUST_VERSION)?.with_context(|| {
            format!("Debian's trixie-backports no longer have rust-src {RUST_VERSION}: put its .deb into {}", debs.display())
        })?;
        // The final name only once it is whole.
        let part = fresh_folder(&beside(&debs, "part"))?;
        suite.download(&[format!("rust-src={version}")], &part)?;
        move_packages(&part, &debs)?;
        suite.close();
    }
    let deb = kept(&debs)?.with_context(|| format!("apt downloaded no {prefix}*.deb"))?;

    let part = fresh_folder(&beside(std, "part"))?;
    debian::unpack(&deb, &part)?;
    let library = part.join(format!("usr/src/rustc-{RUST_VERSION}/library"));
    ensure!(library.join("std/src/lib.rs").is_file(), "{} holds no sources of std", deb.display());
    std_edits::apply(&library)?;
    fs::rename(&library, std).with_context(|| format!("cannot create {}", std.display()))?;
    let _ = fs::remove_dir_all(part);
    Ok(())
}

fn install_llvm(workspace: &Workspace, llvm: &Path) -> Result<()> {
    // Debian sid moves, and what LLVM needs moves with it: a set that worked is kept, and is used before sid is asked.
    let debs = workspace.cache.join("debs").join(LLVM_PACKAGE);
    if debian::packages_in(&debs)?.is_empty() {
        let suite = open_suite(workspace, "sid")?;
        let packages = suite.closure(LLVM_PACKAGE).with_context(|| {
            format!(
                "Debian sid no longer has {LLVM_PACKAGE}: copy {} from a machine that has it",
                debs.display()
            )
        })?;
        let part = fresh_folder(&beside(&debs, "part"))?;
        suite.download(&packages, &part)?;
        fs::rename(&part, &debs).with_context(|| format!("cannot create {}", debs.display()))?;
        suite.close();
    }

    let part = fresh_folder(&beside(llvm, "part"))?;
    let mut names = String::new();
    for deb in debian::packages_in(&debs)? {
        debian::unpack(&deb, &part)?;
        names.push_str(&deb.file_name().unwrap_or_default().to_string_lossy());
        names.push('\n');
    }
    if let Err(error) = libraries_load(&part.join("usr/lib/x86_64-linux-gnu")) {
        // Not a set that works: the next run shall ask sid anew.
        fs::rename(&debs, fresh_folder(&beside(&debs, "rejected"))?)?;
        return Err(error);
    }
    fs::write(part.join(PACKAGES_FILE), names)?;
    fs::rename(&part, llvm).with_context(|| format!("cannot create {}", llvm.display()))
}

/// Whether the loader finds every library that LLVM wants, among these alone.
fn libraries_load(libraries: &Path) -> Result<()> {
    let list = process::capture(
        Command::new(libraries.join("ld-linux-x86-64.so.2"))
            .arg("--library-path")
            .arg(libraries)
            .arg("--list")
            .arg(libraries.join(LLVM_LIBRARY)),
    )?;
    if let Some(line) = list.lines().find(|line| line.contains("=>") && !within(line, libraries)) {
        bail!(
            "Debian sid's {LLVM_PACKAGE} did not come with a library that it needs: {}",
            line.trim()
        );
    }
    Ok(())
}

fn within(line: &str, libraries: &Path) -> bool {
    line.split("=> ").nth(1).is_some_and(|path| Path::new(path).starts_with(libraries))
}

fn install_linker(workspace: &Workspace, root: &Path) -> Result<()> {
    workspace.cargo_install(
        &format!("sbpf-linker@{LINKER_VERSION}"),
        &[],
        &[],
        root,
        "sbpf-linker (about 3 minutes on two cores)",
    )
}

fn open_suite<'a>(workspace: &Workspace, name: &'a str) -> Result<Suite<'a>> {
    Suite::open(
        name,
        workspace.cache.join(format!("apt-{name}")),
        workspace.log(&format!("apt-{name}")),
    )
}

/// The path of an unfinished or set-aside version of a folder.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// An empty folder under a name that an interrupted run may have left in use.
fn fresh_folder(path: &Path) -> Result<PathBuf> {
    if path.exists() {
        fs::remove_dir_all(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    fs::create_dir_all(path).with_context(|| format!("cannot create {}", path.display()))?;
    Ok(path.to_path_buf())
}

/// Adds the packages in one folder to those in another, and removes the first.
fn move_packages(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for deb in debian::packages_in(from)? {
        if let Some(name) = deb.file_name() {
            fs::rename(&deb, to.join(name))
                .with_context(|| format!("cannot move {}", deb.display()))?;
        }
    }
    fs::remove_dir_all(from).with_context(|| format!("cannot remove {}", from.display()))
}

/// LLVM's version out of its package's file name, where apt writes an epoch's colon as `%3a`.
fn llvm_version(packages: &str) -> Option<String> {
    let name = packages.lines().find(|name| name.starts_with(&format!("{LLVM_PACKAGE}_")))?;
    Some(name.split('_').nth(1)?.replace("%3a", ":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_llvm_version_is_read_from_the_package() {
        assert_eq!(
            llvm_version("libc6_2.43-1_amd64.deb\nlibllvm23_1%3a23.1.3-1_amd64.deb\n").unwrap(),
            "1:23.1.3-1"
        );
        assert_eq!(llvm_version("libc6_2.43-1_amd64.deb\n"), None);
    }

    #[test]
    fn libraries_of_the_system_are_told_apart() {
        let folder = Path::new("/cache/llvm/lib");
        assert!(within(
            "\tlibffi.so.8 => /cache/llvm/lib/libffi.so.8 (0x00007ff2987ed000)",
            folder
        ));
        assert!(!within("\tlibffi.so.8 => /usr/lib/libffi.so.8 (0x00007ff2987ed000)", folder));
    }
}
