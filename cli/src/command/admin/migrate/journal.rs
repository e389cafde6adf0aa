//! How far a chain is: a file for each chain and program, written anew before and after every transaction.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flashback_core::units::Timestamp;
use flashback_sdk::InFlight;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::manifest::{Manifest, Step};
use super::sending::{Begun, Sending};
use super::state::State;
use crate::exit::usage;

/// The folder of journals, within that of the manifests.
const FOLDER: &str = "applied";

/// What was applied on a chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entries {
    /// The chain's genesis hash.
    chain: String,
    program: String,
    /// By number, from 1.
    applied: Vec<Applied>,
    /// What the steps so far have set, as they left it.
    left: BTreeMap<String, Value>,
    /// What may be in the air: of these transactions one lands at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sending: Vec<Sending>,
}

/// A manifest that was applied, or is being applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Applied {
    number: u32,
    title: String,
    sha256: String,
    /// Its steps so far, in their order.
    steps: Vec<Done>,
}

/// A step that is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Done {
    /// Of its transaction; none if it was so already.
    signature: Option<String>,
    /// The chain's time when it was recorded, in unix seconds.
    time: i64,
}

/// A journal and its file.
#[derive(Clone, Debug)]
pub struct Journal {
    path: PathBuf,
    entries: Entries,
    /// Whether what is recorded is written to the file.
    writes: bool,
}

/// A step that is not done.
#[derive(Clone, Copy, Debug)]
pub struct Pending<'a> {
    pub manifest: &'a Manifest,
    /// Counted from 1.
    pub number: usize,
    pub step: &'a Step,
}

impl Journal {
    /// Where the journal of a chain and program is, whether it exists or not.
    pub fn place(manifests: &Path, chain: &str, program: &str) -> PathBuf {
        manifests.join(FOLDER).join(format!("{chain}-{program}.json"))
    }

    /// Reads the journal of a chain and program; an empty one if there is none.
    ///
    /// # Errors
    /// Wrong usage, if it is malformed or another chain's.
    pub fn open(manifests: &Path, chain: &str, program: &str) -> Result<Self> {
        let path = Self::place(manifests, chain, program);
        let none = || Entries {
            chain: chain.to_owned(),
            program: program.to_owned(),
            applied: vec![],
            left: BTreeMap::new(),
            sending: vec![],
        };
        let entries: Entries = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => none(),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                usage(format!("the journal {} is malformed: {error}", path.display()))
            })?,
        };
        if (entries.chain.as_str(), entries.program.as_str()) != (chain, program) {
            let Entries { chain: its, program: of, .. } = &entries;
            return Err(usage(format!(
                "the journal {} is of program {of} on the chain with genesis hash {its}, and this is {program} on \
                 {chain}",
                path.display()
            )));
        }
        Ok(Self { path, entries, writes: true })
    }

    /// The same, of which nothing is written.
    pub fn unwritten(self) -> Self {
        Self { writes: false, ..self }
    }

    /// Where it is, whether it exists or not.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Checks that what was applied is what the manifests say now.
    ///
    /// # Errors
    /// Wrong usage, naming the manifest that was changed or is missing.
    pub fn check(&self, manifests: &[Manifest]) -> Result<()> {
        let refuse =
            |wrong: String| Err(usage(format!("{} says that {wrong}", self.path.display())));
        for (index, applied) in self.entries.applied.iter().enumerate() {
            let Applied { number, title, sha256, steps } = applied;
            let Some(manifest) = manifests.get(index).filter(|is| is.number == *number) else {
                return refuse(format!(
                    "manifest {number:04} ({title}) was applied, and there is no such file: put it back"
                ));
            };
            if manifest.sha256 != *sha256 {
                return refuse(format!(
                    "manifest {number:04} was applied with SHA-256 {sha256}, and the file has {}: an applied manifest \
                     may not change; put it back as it was, and write what is new into manifest {:04}",
                    manifest.sha256,
                    manifests.len().saturating_add(1)
                ));
            }
            let (done, of) = (steps.len(), manifest.steps.len());
            let last = index.saturating_add(1) == self.entries.applied.len();
            if done > of || (done < of && !last) {
                return refuse(format!(
                    "{done} of the {of} steps of manifest {number:04} are done"
                ));
            }
        }
        Ok(())
    }

    /// The steps that are not done, of manifests up to number `to`.
    pub fn pending<'a>(&self, manifests: &'a [Manifest], to: u32) -> Vec<Pending<'a>> {
        let pending = |manifest: &'a Manifest| {
            let steps = (1usize..).zip(&manifest.steps).skip(self.done(manifest.number));
            steps.map(move |(number, step)| Pending { manifest, number, step })
        };
        manifests.iter().filter(|manifest| manifest.number <= to).flat_map(pending).collect()
    }

    fn done(&self, number: u32) -> usize {
        let entry = self.entries.applied.iter().find(|entry| entry.number == number);
        entry.map_or(0, |entry| entry.steps.len())
    }

    /// How far it is, as in `0002` or `0002, step 1 of 3`; `none` at the beginning.
    pub fn position(&self, manifests: &[Manifest]) -> String {
        let Some(last) = self.entries.applied.last() else { return "none".to_owned() };
        let manifest = manifests.iter().find(|manifest| manifest.number == last.number);
        let (done, of) = (last.steps.len(), manifest.map_or(0, |manifest| manifest.steps.len()));
        let name = format!("{:04}", last.number);
        if done < of { format!("{name}, step {done} of {of}") } else { name }
    }

    /// What the chain has otherwise than the steps left it: name, as they left it, as it is.
    ///
    /// An appointment that has lapsed may have been ended by anyone, and an offered authority taken: neither counts.
    pub fn differences(&self, state: &State) -> Vec<(String, Value, Value)> {
        let differs = |(name, left): (&String, &Value)| {
            let is = state.value(name);
            let until = left.get("until").and_then(Value::as_i64);
            let lapsed = is.is_null() && until.is_some_and(|until| until <= state.now.0);
            let taken = name == "authority_offered_to" && *left == state.authority.to_string();
            (is != *left && !lapsed && !taken).then(|| (name.clone(), left.clone(), is))
        };
        self.entries.left.iter().filter_map(differs).collect()
    }

    /// Takes what the chain has as what the steps have left.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn accept(&mut self, state: &State) -> Result<()> {
        let mut entries = self.entries.clone();
        for (name, left) in &mut entries.left {
            *left = state.value(name);
        }
        self.save(entries)
    }

    /// What may be in the air.
    pub fn sending(&self) -> &[Sending] {
        &self.entries.sending
    }

    /// Records a transaction that is about to be sent. Those before it can land no more, but for one that shares its nonce:
    /// of these, either lands. Signed with the same nonce, the same step is the same transaction.
    ///
    /// # Errors
    /// If the file cannot be written: then it must not be sent.
    pub fn begin(&mut self, does: &Begun, sent: &InFlight) -> Result<()> {
        let mut entries = self.entries.clone();
        let sending = Sending::new(does, sent);
        entries.sending.retain(|earlier| earlier.excludes(&sending) && *earlier != sending);
        entries.sending.push(sending);
        self.save(entries)
    }

    /// Records that none of what was in the air can land any more.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn is_gone(&mut self) -> Result<()> {
        self.save(Entries { sending: vec![], ..self.entries.clone() })
    }

    /// Records that a step is done: by a transaction, with which nothing is in the air any more, or as it was so already.
    ///
    /// # Errors
    /// If the file cannot be written: the next run finds out what became of the transaction.
    pub fn record(
        &mut self,
        step: &Begun,
        signature: Option<String>,
        now: Timestamp,
    ) -> Result<()> {
        let mut entries = self.entries.clone();
        if signature.is_some() {
            entries.sending.clear();
        }
        // One that was in the air for long may land after its step was found to be so.
        if self.done(step.number) < step.step {
            let Begun { number, title, sha256, leaves, .. } = step.clone();
            let done = Done { signature, time: now.0 };
            match entries.applied.last_mut().filter(|entry| entry.number == number) {
                Some(entry) => entry.steps.push(done),
                None => {
                    entries.applied.push(Applied { number, title, sha256, steps: vec![done] });
                }
            }
            entries.left.extend(leaves);
        }
        self.save(entries)
    }

    /// Writes it by way of another file, so that it is never half written, and in such a way that it stays written if the
    /// power fails.
    fn save(&mut self, entries: Entries) -> Result<()> {
        let write = || -> std::io::Result<()> {
            let new = self.path.with_extension("json.new");
            if let Some(folder) = self.path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let mut file = std::fs::File::create(&new)?;
            writeln!(file, "{}", serde_json::to_string_pretty(&entries)?)?;
            file.sync_all()?;
            std::fs::rename(&new, &self.path)?;
            // The file's name is in its folder, and the folder's in the one above.
            self.path.ancestors().skip(1).take(2).try_for_each(sync_folder)
        };
        if self.writes && entries != self.entries {
            write().with_context(|| format!("cannot write the journal {}", self.path.display()))?;
        }
        self.entries = entries;
        Ok(())
    }

    #[cfg(test)]
    pub fn signatures(&self) -> Vec<Option<String>> {
        let steps = self.entries.applied.iter().flat_map(|entry| &entry.steps);
        steps.map(|done| done.signature.clone()).collect()
    }
}

/// Has a folder's list of files stay as it is, where systems let anybody ask for that.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    use std::io::ErrorKind::{InvalidInput, Unsupported};
    if !cfg!(unix) {
        return Ok(());
    }
    // An empty path is the folder that the process is in.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match std::fs::File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), InvalidInput | Unsupported) => Ok(()),
        synced => synced,
    }
}
