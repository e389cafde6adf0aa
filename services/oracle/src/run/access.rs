//! The folder of sealed files: what consumers have given this oracle access to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use solana_sdk::pubkey::Pubkey;
use tracing::warn;

use crate::credentials::{Access, OracleKey, SEALED_FILE_BYTES_MAX, SealedFile, open};
use crate::key::SlaLife;

/// Sealed files in a folder, by the SLA that each is for. Those of other oracles are passed over, and so are, told once,
/// those that are none.
pub struct Folder {
    path: PathBuf,
    oracle: Pubkey,
    /// When each file was last changed, as of the last look.
    seen: BTreeMap<PathBuf, SystemTime>,
    files: BTreeMap<SlaLife, SealedFile>,
}

impl Folder {
    /// A folder, which need not be there yet, of what is sealed to that oracle's authority.
    pub fn new(path: impl Into<PathBuf>, oracle: Pubkey) -> Self {
        Self { path: path.into(), oracle, seen: BTreeMap::new(), files: BTreeMap::new() }
    }

    /// Looks for files that are new or changed. Returns how many there were.
    pub fn look(&mut self) -> usize {
        let Ok(entries) = std::fs::read_dir(&self.path) else { return 0 };
        let mut new = 0usize;
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let Ok(changed) = std::fs::metadata(&path).and_then(|file| file.modified()) else {
                continue;
            };
            if self.seen.insert(path.clone(), changed) == Some(changed) {
                continue;
            }
            match read(&path) {
                Ok(file) if file.oracle != self.oracle => {}
                Ok(file) => {
                    self.files.insert(file.life(), file);
                    new = new.saturating_add(1);
                }
                Err(why) => warn!(file = %path.display(), %why, "passed over"),
            }
        }
        new
    }

    /// Opens what was sealed for an SLA; `None` if there is nothing.
    ///
    /// # Errors
    /// As [`open`].
    pub fn access(
        &self,
        life: SlaLife,
        key: &OracleKey,
    ) -> Option<crate::credentials::Result<Access>> {
        self.files.get(&life).map(|file| open(file, key, life, &self.oracle))
    }
}

fn read(path: &Path) -> Result<SealedFile, String> {
    let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if length > u64::try_from(SEALED_FILE_BYTES_MAX).unwrap_or(u64::MAX) {
        return Err(format!("it has {length} bytes, and a sealed file has fewer"));
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    SealedFile::parse(&bytes).map_err(|error| error.to_string())
}
