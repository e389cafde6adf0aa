//! One run at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use flashback_core::units::Timestamp;
use solana_sdk::pubkey::Pubkey;

use crate::output::Fact;

/// Keeps other runs from the same journal. The system lets go of it when the process ends, however it does; the file stays,
/// and means nothing by itself.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock beside a journal, for a run of `acting`.
    ///
    /// # Errors
    /// If another run has it: that says which; if the file cannot be made or locked.
    pub fn take(journal: &Path, acting: &Pubkey) -> Result<Self> {
        let path = journal.with_extension("lock");
        let cannot = || format!("cannot lock {}", path.display());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(cannot)?;
        }
        // Not truncated: until it is locked, it says who else has it.
        let mut open = OpenOptions::new();
        let open = open.read(true).write(true).create(true).truncate(false);
        let mut file = open.open(&path).with_context(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "another run is migrating this chain from this folder: {} has locked {}; run again when it has ended",
                holder(&mut file),
                path.display()
            ),
            Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let since = Fact::from(Timestamp(i64::try_from(now).unwrap_or(i64::MAX)));
        let said = format!("process {}, as {acting}, since {since}", std::process::id());
        file.set_len(0).and_then(|()| writeln!(file, "{said}")).with_context(cannot)?;
        Ok(Self { _file: file })
    }
}

/// Who has locked it, by what it has written.
fn holder(file: &mut File) -> String {
    let mut said = String::new();
    // Some systems let nobody read what another has locked.
    let read = file.take(1_000).read_to_string(&mut said);
    let said = said.lines().next().unwrap_or_default().trim();
    match read {
        Ok(_) if !said.is_empty() && !said.contains(char::is_control) => said.to_owned(),
        _ => "a process that is not known".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Folder;
    use super::*;

    #[test]
    fn it_is_taken_by_one_at_a_time_and_names_it() {
        let folder = Folder::new("lock");
        let journal = folder.0.join("applied/genesis-program.json");
        let (first, second) = (Pubkey::new_unique(), Pubkey::new_unique());
        let held = Lock::take(&journal, &first).unwrap();
        let refused = Lock::take(&journal, &second).unwrap_err().to_string();
        for part in [format!("process {}", std::process::id()), first.to_string()] {
            assert!(refused.contains(&part), "{part} in {refused}");
        }
        drop(held);
        let held = Lock::take(&journal, &second).unwrap();
        let refused = Lock::take(&journal, &first).unwrap_err().to_string();
        assert!(refused.contains(&second.to_string()), "{refused}");
        drop(held);
    }
}
