//! The programs' sBPF builds.

use std::env;
use std::path::{Path, PathBuf};

/// The orchestrator's ELF.
pub const FLASHBACK: &str = "flashback.so";
/// The test-only program's ELF.
pub const DIFFERENTIAL: &str = "flashback_differential.so";

/// The ELF of that name, in the folder named by `FLASHBACK_PROGRAM_DIR`, else in the workspace's `target/deploy`.
///
/// # Panics
/// If it is not there: a test never passes for want of a program.
pub fn read(name: &str) -> Vec<u8> {
    let path = path(name);
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!("there is no program at {} ({error}): run `cargo xtask build --all`", path.display())
    })
}

/// Where the ELF of that name lies.
pub fn path(name: &str) -> PathBuf {
    folder().join(name)
}

fn folder() -> PathBuf {
    if let Some(folder) = env::var_os("FLASHBACK_PROGRAM_DIR").filter(|folder| !folder.is_empty()) {
        return folder.into();
    }
    let target = env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty());
    let target = target.map_or_else(|| workspace().join("target"), PathBuf::from);
    target.join("deploy")
}

/// The workspace's root.
pub fn workspace() -> PathBuf {
    // Under cargo, the running checkout's; checkouts may share a target folder, and with it this binary.
    if let Some(manifest) = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from)
        && let Some(root) = manifest.parent()
    {
        return root.to_path_buf();
    }
    match env::current_dir() {
        Ok(folder) if folder.join("tests/src/bench.rs").is_file() => folder,
        _ => Path::new(env!("CARGO_MANIFEST_DIR")).join(".."),
    }
}
