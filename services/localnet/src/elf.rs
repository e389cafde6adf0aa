//! Finding the program's ELF.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The environment variable that names the folder of `flashback.so`.
pub const FOLDER_VARIABLE: &str = "FLASHBACK_PROGRAM_DIR";
const FILE: &str = "flashback.so";

/// Where the program's ELF comes from.
#[derive(Clone, Debug, Default)]
pub enum ProgramElf {
    /// The folder in `FLASHBACK_PROGRAM_DIR`, else `target/deploy` of the workspace around the current
    /// folder.
    #[default]
    Find,
    /// This file.
    Path(PathBuf),
    /// These bytes.
    Bytes(Vec<u8>),
}

impl ProgramElf {
    /// This file, or wherever it is found.
    pub fn path_or_find(path: Option<PathBuf>) -> Self {
        path.map_or(Self::Find, Self::Path)
    }

    /// Reads it.
    ///
    /// # Errors
    /// If there is none, or it is no ELF; the message says how to make one.
    pub fn read(self) -> Result<Vec<u8>> {
        let (bytes, origin) = match self {
            Self::Bytes(bytes) => (bytes, "the given bytes".to_owned()),
            Self::Path(path) => (read(&path)?, path.display().to_string()),
            Self::Find => {
                let path = find()?;
                (read(&path)?, path.display().to_string())
            }
        };
        if !bytes.starts_with(b"\x7fELF") {
            bail!("{origin} is no ELF file: `cargo xtask build` makes the program");
        }
        Ok(bytes)
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| {
        format!("cannot read the program at {}: `cargo xtask build` makes it", path.display())
    })
}

fn find() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os(FOLDER_VARIABLE) {
        return Ok(Path::new(&folder).join(FILE));
    }
    let current = std::env::current_dir().context("the current folder is unknown")?;
    let built = current.ancestors().map(|folder| folder.join("target/deploy").join(FILE));
    built.into_iter().find(|path| path.is_file()).with_context(|| {
        format!(
            "there is no target/deploy/{FILE} in or above {}: run `cargo xtask build` in the workspace, or \
             name its folder in {FOLDER_VARIABLE}",
            current.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_program_is_refused_with_the_remedy() {
        let bytes = ProgramElf::Bytes(b"#!/bin/sh".to_vec()).read().unwrap_err();
        assert!(bytes.to_string().contains("cargo xtask build"), "{bytes}");
        let path = ProgramElf::Path("/nonexistent/flashback.so".into()).read().unwrap_err();
        assert!(path.to_string().contains("cargo xtask build"), "{path}");
        assert!(ProgramElf::Bytes(b"\x7fELF...".to_vec()).read().is_ok());
    }
}
