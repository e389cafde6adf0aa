//! The sBPF build with stock rustc. xtask/toolchain/README.md tells the whole; here are the flags and the paths.
//!
//! Same sources, same toolchain, same ELF, wherever things lie. Three kinds of paths would get in the way:
//! - *Paths in strings* (`file!()`): remapped to fixed names.
//! - *Paths in hashes*: cargo hashes where a package lies into its symbols and its OUT_DIR, for packages of the workspace
//!   relative to the workspace, for those of std relative to the compiler's sysroot. So a sysroot is made of links in
//!   the target folder, with the edited std where a sysroot has its sources. (Cargo hashes the target's specification by
//!   content, and the linker not at all.)
//! - *Paths in flags*: cargo rebuilds everything when a flag changes. Flags with the checkout's path are kept out of
//!   its sight in an argument file, so that checkouts which share a target folder share its artifacts.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result};

use super::{PROGRAMS, Program};
use crate::{
    process, report,
    setup::{self, Toolchain},
    workspace::{RUST_VERSION, Workspace, lock},
};

/// The target's name: of its specification, and of cargo's folder for it.
const TARGET: &str = "sbpfv3";

/// Everything that rustc is told and that holds on any machine.
const FLAGS: [&str; 15] = [
    // The base of sBPF v3 is LLVM's BPF v4, less the instructions that sBPF does not have.
    "-Ctarget-cpu=v4",
    "-Clink-arg=--llvm-args=-disable-ldsx",
    "-Clink-arg=--llvm-args=-disable-movsx",
    "-Clink-arg=--llvm-args=-disable-bswap",
    "-Clink-arg=--llvm-args=-disable-gotox",
    // On Linux's BPF a division by zero is zero, so LLVM's machine passes move divisions before the checks that guard
    // them. The Solana VM traps on one. (The differential test's guarded divisions fail without the first two; the third
    // pass hoists the same way.)
    "-Clink-arg=--llvm-args=-disable-machine-licm",
    "-Clink-arg=--llvm-args=-disable-machine-cse",
    "-Clink-arg=--llvm-args=-disable-postra-machine-licm",
    // sBPF has frames of 4 KiB.
    "-Clink-arg=--llvm-args=-bpf-stack-size=4096",
    // Makes the Solana crates call the VM's syscalls; rustc warns of a built-in cfg, knowing it as `zkvm`.
    "--cfg",
    "target_os=\"solana\"",
    "-Aexplicit_builtin_cfgs_in_flags",
    // A program cannot unwind, and its panic messages would cost more than they tell.
    "-Zunstable-options",
    "-Cpanic=immediate-abort",
    // Cargo leaves flags out of hashes when there is such a mapping among them: without, OUT_DIR would depend on where the
    // argument file lies. (No path begins like this; the real mappings stand in that file.)
    "--remap-path-prefix=/flashback-nowhere=/flashback",
];

/// Builds programs and puts their ELFs into a folder.
pub fn build(workspace: &Workspace, programs: &[&Program], destination: &Path) -> Result<()> {
    let toolchain = setup::ensure_toolchain(workspace)?;
    let folder = workspace.target.join("sbf");
    // Stamp, sysroot and argument file are this build's from here on.
    let _lock = lock(&workspace.target.join("sbf.lock"))?;
    start_over_after_change(workspace, &folder, &toolchain)?;
    let sysroot = Sysroot::link(workspace, &toolchain.std, folder.join("sysroot"))?;
    let argument_file = folder.join("rustc-arguments");
    fs::write(&argument_file, path_arguments(workspace, &sysroot)?)
        .with_context(|| format!("cannot write {}", argument_file.display()))?;

    // One program at a time: built together, they would share the union of their dependencies' features.
    for program in programs {
        let started = Instant::now();
        report::heading(format_args!("building {} ({})", program.package, toolchain.describe()));
        process::run(&mut cargo_build(
            workspace,
            program,
            &toolchain,
            &folder,
            &sysroot,
            &argument_file,
        ))?;
        place(
            &folder.join(TARGET).join("release").join(format!("lib{}", program.elf)),
            &destination.join(program.elf),
        )?;
        report::note(format_args!("built in {}", report::elapsed(started.elapsed())));
    }
    Ok(())
}

/// Copies an ELF in one step: a test run may be reading the one that lies there.
fn place(built: &Path, named: &Path) -> Result<()> {
    let part = named.with_extension(format!("{}.part", std::process::id()));
    if let Some(folder) = named.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::copy(built, &part)
        .and_then(|_| fs::rename(&part, named))
        .with_context(|| format!("cannot copy {} to {}", built.display(), named.display()))
}

fn cargo_build(
    workspace: &Workspace,
    program: &Program,
    toolchain: &Toolchain,
    folder: &Path,
    sysroot: &Sysroot,
    argument_file: &Path,
) -> Command {
    let mut command =
        workspace.cargo(&["build", "--release", "--package", program.package, "--target"]);
    command
        .arg(specification(workspace))
        .args([
            "-Zjson-target-spec",
            "-Zbuild-std=std,panic_abort",
            "-Zbuild-std-features=compiler-builtins-mem",
        ])
        .env("CARGO_TARGET_DIR", folder)
        // Lets a stable compiler take -Z flags, and cargo build a std for a target that std does not list.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC_BOOTSTRAP_SYNTHETIC_TARGET", "1")
        .env("RUSTC", workspace.root.join("xtask/toolchain/rustc"))
        .env("SBPF_RUSTC", &sysroot.rustc)
        .env("SBPF_SYSROOT", &sysroot.path)
        .env_remove("RUSTFLAGS")
        .env(
            "CARGO_ENCODED_RUSTFLAGS",
            format!("{}\u{1f}@{}", FLAGS.join("\u{1f}"), argument_file.display()),
        )
        // For the linker's wrapper.
        .env("SBPF_LINKER", &toolchain.linker)
        .env("SBPF_LLVM", &toolchain.llvm)
        .env("SBPF_PROGRAMS", PROGRAMS.map(|program| format!("lib{}", program.elf)).join(" "));
    command
}

fn specification(workspace: &Workspace) -> PathBuf {
    workspace.root.join("xtask/toolchain").join(format!("{TARGET}.json"))
}

fn linker_wrapper(workspace: &Workspace) -> PathBuf {
    workspace.root.join("xtask/toolchain/link")
}

/// Cargo does not notice another std, LLVM or linker: what they made is removed when one of them changes.
fn start_over_after_change(
    workspace: &Workspace,
    folder: &Path,
    toolchain: &Toolchain,
) -> Result<()> {
    let read = |path: PathBuf| {
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let scripts = workspace.root.join("xtask/toolchain");
    let identity = format!(
        "{}{}{}",
        toolchain.identity,
        read(scripts.join("link"))?,
        read(scripts.join("rustc"))?
    );
    let stamp = folder.join("toolchain");
    if fs::read_to_string(&stamp).is_ok_and(|stamped| stamped == identity) {
        return Ok(());
    }
    if folder.exists() {
        report::note("the toolchain has changed: building from scratch");
        fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    fs::write(&stamp, identity).with_context(|| format!("cannot write {}", stamp.display()))
}

/// A sysroot with the stock compiler's libraries for the host and the edited std's sources.
struct Sysroot {
    path: PathBuf,
    /// The stock compiler itself.
    rustc: PathBuf,
}

/// Where a sysroot has std's sources.
const STD_SOURCES: &str = "lib/rustlib/src/rust/library";

impl Sysroot {
    fn link(workspace: &Workspace, std: &Path, path: PathBuf) -> Result<Self> {
        let stock = process::capture(workspace.command("rustc").args(["--print", "sysroot"]))?;
        let stock = Path::new(stock.trim_end());
        let host_libraries = "lib/rustlib/x86_64-unknown-linux-gnu";
        link(&stock.join(host_libraries), &path.join(host_libraries))?;
        link(std, &path.join(STD_SOURCES))?;
        Ok(Self { path, rustc: stock.join("bin/rustc") })
    }
}

/// Makes or corrects a symbolic link.
fn link(to: &Path, link: &Path) -> Result<()> {
    if fs::read_link(link).is_ok_and(|target| target == to) {
        return Ok(());
    }
    if let Some(folder) = link.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
    }
    if fs::symlink_metadata(link).is_ok() {
        fs::remove_file(link).with_context(|| format!("cannot replace {}", link.display()))?;
    }
    std::os::unix::fs::symlink(to, link)
        .with_context(|| format!("cannot create {}", link.display()))
}

/// The arguments that name places, one a line. The last mapping that fits a path is taken, so inner folders come last.
fn path_arguments(workspace: &Workspace, sysroot: &Sysroot) -> Result<String> {
    let mut lines = vec![format!("-Clinker={}", linker_wrapper(workspace).display())];
    let mut map =
        |from: &Path, to: &str| lines.push(format!("--remap-path-prefix={}={to}", from.display()));
    map(&workspace.root, "/flashback");
    map(&workspace.target, "/flashback/target");
    map(&sysroot.path.join(STD_SOURCES), &format!("/rustc/{RUST_VERSION}/library"));
    for sources in registry_sources(workspace)? {
        map(&sources, "/registry");
    }
    Ok(lines.join("\n"))
}

/// Where cargo unpacks dependencies: a folder per registry, named after the registry's address.
fn registry_sources(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let cargo_home = match env::var_os("CARGO_HOME").filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env::var_os("HOME").context("neither CARGO_HOME nor HOME is set")?)
            .join(".cargo"),
    };
    let folder = cargo_home.join("registry/src");
    if !folder.exists() {
        process::run(&mut workspace.cargo(&["fetch"]))?;
    }
    let mut folders = Vec::new();
    for entry in
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        folders.push(entry?.path());
    }
    folders.sort();
    Ok(folders)
}
