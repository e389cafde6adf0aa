//! `cargo xtask build`: the on-chain programs as sBPF ELFs in target/deploy.

mod upstream;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result, ensure};

use crate::{process, report, workspace::Workspace};

#[derive(Debug, PartialEq, Eq)]
pub struct Program {
    /// The cargo package.
    pub package: &'static str,
    /// Its folder, from the workspace's root.
    pub folder: &'static str,
    /// The ELF's name.
    pub elf: &'static str,
    /// Not for deployment.
    pub test_only: bool,
}

pub const FLASHBACK: Program = Program {
    package: "flashback",
    folder: "programs/flashback",
    elf: "flashback.so",
    test_only: false,
};
pub const DIFFERENTIAL: Program = Program {
    package: "flashback-differential",
    folder: "tests/differential",
    elf: "flashback_differential.so",
    test_only: true,
};
pub const PROGRAMS: [&Program; 2] = [&FLASHBACK, &DIFFERENTIAL];

/// What a deployment consists of.
pub fn deployed() -> Vec<&'static Program> {
    PROGRAMS.into_iter().filter(|program| !program.test_only).collect()
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Route {
    /// `cargo build-sbf` where it is installed, the project's own toolchain elsewhere.
    Either,
    /// The project's own toolchain, whose figures bench/ records.
    Upstream,
}

pub struct Built {
    pub path: PathBuf,
    bytes: u64,
    sha256: String,
}

impl std::fmt::Display for Built {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(formatter, "{}  {} bytes  sha256 {}", self.path.display(), self.bytes, self.sha256)
    }
}

/// Solana's own build tool, if installed.
pub fn installed_build_tool() -> Option<PathBuf> {
    process::find_on_path("cargo-build-sbf")
}

/// Builds programs into target/deploy.
pub fn build(workspace: &Workspace, programs: &[&Program], route: Route) -> Result<Vec<Built>> {
    let deploy = workspace.deploy_folder();
    fs::create_dir_all(&deploy).with_context(|| format!("cannot create {}", deploy.display()))?;
    match installed_build_tool().filter(|_| route == Route::Either) {
        Some(tool) => {
            for program in programs {
                let started = Instant::now();
                report::heading(format_args!(
                    "building {} with {}",
                    program.package,
                    tool.display()
                ));
                build_with_solana_tools(workspace, program, &deploy)?;
                report::note(format_args!("built in {}", report::elapsed(started.elapsed())));
            }
        }
        None => upstream::build(workspace, programs, &deploy)?,
    }
    programs.iter().map(|program| measure(deploy.join(program.elf))).collect()
}

/// Builds programs with the project's own toolchain, and leaves target/deploy as it is. Returns the ELFs' folder.
pub fn build_for_bench(workspace: &Workspace, programs: &[&Program]) -> Result<PathBuf> {
    let folder = workspace.target.join("sbf/deploy");
    upstream::build(workspace, programs, &folder)?;
    Ok(folder)
}

fn build_with_solana_tools(workspace: &Workspace, program: &Program, deploy: &Path) -> Result<()> {
    let mut command = workspace.cargo(&["build-sbf", "--manifest-path"]);
    command
        .arg(workspace.root.join(program.folder).join("Cargo.toml"))
        .arg("--sbf-out-dir")
        .arg(deploy);
    // It chooses a compiler of its own, which rustup's choice for xtask would overrule.
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTC");
    process::run(&mut command)
}

/// Checks that a file is an ELF and takes its figures.
fn measure(path: PathBuf) -> Result<Built> {
    let bytes = fs::read(&path).with_context(|| format!("the build left no {}", path.display()))?;
    ensure!(
        bytes.starts_with(b"\x7fELF"),
        "{} is not an ELF but {} other bytes: remove it and build again",
        path.display(),
        bytes.len()
    );
    let sha256 = sha256(&path)?;
    Ok(Built { path, bytes: bytes.len() as u64, sha256 })
}

fn sha256(path: &Path) -> Result<String> {
    let mut command = if process::find_on_path("sha256sum").is_some() {
        Command::new("sha256sum")
    } else {
        // macOS has this one.
        let mut command = Command::new("shasum");
        command.args(["-a", "256"]);
        command
    };
    let output = process::capture(command.arg(path))?;
    output.split_whitespace().next().map(str::to_owned).context("no checksum was printed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_is_a_package_of_the_workspace() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for program in PROGRAMS {
            let manifest =
                fs::read_to_string(root.join(program.folder).join("Cargo.toml")).unwrap();
            assert!(
                manifest.contains(&format!("name = \"{}\"", program.package)),
                "{}",
                program.folder
            );
            assert_eq!(program.elf, format!("{}.so", program.package.replace('-', "_")));
        }
    }

    #[test]
    fn anchor_knows_the_deployed_programs_by_their_own_addresses() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let anchor = fs::read_to_string(root.join("Anchor.toml")).unwrap();
        for program in deployed() {
            let source = fs::read_to_string(root.join(program.folder).join("src/lib.rs")).unwrap();
            let address = source.split("declare_id!(\"").nth(1).unwrap().split('"').next().unwrap();
            let entry = format!("{} = \"{address}\"", program.package);
            assert_eq!(
                anchor.matches(&entry).count(),
                2,
                "localnet and devnet should have {entry}"
            );
        }
    }

    const ELF_MAGIC_SHA256: &str =
        "3bdbb4fe8397cd2b842430b39ccff01a8663c751945ef5e9a09e267fb8b1d359";

    #[test]
    fn only_an_elf_passes() {
        let folder = std::env::temp_dir().join(format!("xtask-test-elf-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let elf = folder.join("a.so");
        fs::write(&elf, b"\x7fELF").unwrap();
        let built = measure(elf.clone()).unwrap();
        assert_eq!((built.bytes, built.sha256.as_str()), (4, ELF_MAGIC_SHA256));
        fs::write(&elf, b"").unwrap();
        assert!(measure(elf).is_err());
        assert!(measure(folder.join("missing.so")).is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
