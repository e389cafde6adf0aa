//! Manifests as they are written: `migrations/NNNN-name.json`, described in migrations/README.md.

use std::path::Path;

use anyhow::{Context, Result};
use flashback_core::admission::{Certification, LEVEL_MAX};
use flashback_core::hash::{Sha256, SoftwareSha256};
use flashback_core::units::{Atoms, Timestamp};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use solana_sdk::pubkey::Pubkey;

use crate::exit::usage;
use crate::parameters::Replacements;
use crate::quantity::{Time, time};

/// The most certifiers or SLAs of a step: they go into one transaction.
pub const STEP_MAX: usize = 4;

/// A manifest.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// From 1, without gaps.
    pub number: u32,
    /// What it is for.
    pub title: String,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// In the order in which they are applied.
    pub steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    number: u32,
    title: String,
    steps: Vec<Step>,
}

/// What one transaction changes at most.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// These parameters have these values.
    Params(Replacements),
    /// These certifiers are appointed so, and those are none.
    Certifiers(Certifiers),
    /// It may pause new SLAs, once.
    Guardian(Address),
    /// It decides disputes.
    Arbiter(Address),
    /// It may take the authority over, or has.
    OfferAuthority(Address),
    /// The treasury.
    Treasury(Treasury),
}

/// Appointments to make and to end.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certifiers {
    #[serde(default)]
    pub appoint: Vec<Appointment>,
    #[serde(default)]
    pub remove: Vec<Address>,
}

/// A certifier as it is to be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appointment {
    pub address: Address,
    /// The highest level that it may give.
    #[serde(deserialize_with = "level")]
    pub level: u8,
    /// When it ends.
    #[serde(deserialize_with = "moment")]
    pub until: Timestamp,
}

/// What concerns the treasury: it can be filled and checked. Nothing can be spent from it today.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treasury {
    /// The protocol fees of these SLAs are swept.
    Sweep(Vec<Address>),
    /// Nothing is changed; what does not hold stops the migration.
    Expect(Expectation),
}

/// What has to hold of the treasury.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The chain asserts that the treasury and the reward vault hold what they owe.
    #[serde(default)]
    pub solvent: bool,
    /// What the treasury holds at least, in atoms.
    #[serde(default, deserialize_with = "atoms")]
    pub at_least: Option<Atoms>,
}

/// An address in base 58. Aliases are refused: a manifest means the same to everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub Pubkey);

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let text = String::deserialize(json)?;
        let wrong =
            |_| D::Error::custom(format!("`{text}` is no address: 32 to 44 base-58 characters"));
        text.parse().map(Self).map_err(wrong)
    }
}

fn level<'de, D: Deserializer<'de>>(json: D) -> Result<u8, D::Error> {
    let level = u8::deserialize(json)?;
    // Whether it is over already depends on the day.
    let given = Certification { level, expires_at: Timestamp(i64::MAX) };
    given.check_given(LEVEL_MAX, Timestamp(0)).map_err(D::Error::custom)?;
    Ok(level)
}

fn moment<'de, D: Deserializer<'de>>(json: D) -> Result<Timestamp, D::Error> {
    match time(&String::deserialize(json)?).map_err(D::Error::custom)? {
        Time::At(moment) => Ok(moment),
        Time::After(_) => Err(D::Error::custom(
            "a manifest means the same on every day: write 2027-01-01T00:00:00Z",
        )),
    }
}

fn atoms<'de, D: Deserializer<'de>>(json: D) -> Result<Option<Atoms>, D::Error> {
    Ok(Some(Atoms(u64::deserialize(json)?)))
}

impl Manifest {
    /// The manifest in a file's bytes.
    ///
    /// # Errors
    /// What is wrong, after the JSON path of where.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let written: Written = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let (path, wrong) = (error.path().to_string(), error.inner());
            if path == "." { wrong.to_string() } else { format!("{path}: {wrong}") }
        })?;
        json.end().map_err(|error| error.to_string())?;
        let Written { number, title, steps } = written;
        if title.trim().is_empty() {
            return Err("title: says nothing: say what the manifest is for".to_owned());
        }
        if steps.is_empty() {
            return Err("steps: there are none: a manifest has one at least".to_owned());
        }
        for (index, step) in steps.iter().enumerate() {
            step.check().map_err(|wrong| format!("steps[{index}].{wrong}"))?;
        }
        let digest = SoftwareSha256::hash(&[bytes]);
        let sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { number, title, sha256, steps })
    }

    /// Its number as file names and messages have it.
    pub fn name(&self) -> String {
        format!("{:04}", self.number)
    }

    /// What the transaction of one of its steps, counted from 1, says about itself on chain.
    pub fn memo(&self, step: usize) -> String {
        let (name, sha256, of) = (self.name(), &self.sha256, self.steps.len());
        format!("flashback migration {name} sha256:{sha256} step {step}/{of}")
    }
}

impl Step {
    fn check(&self) -> Result<(), String> {
        let several = |path: &str, count: usize| match count {
            0 => Err(format!("{path}: changes nothing")),
            1..=STEP_MAX => Ok(()),
            more => Err(format!(
                "{path}: names {more}, and one transaction takes {STEP_MAX}: make several steps"
            )),
        };
        match self {
            Self::Params(replaced) => several("params", replaced.names().len().min(1)),
            Self::Certifiers(Certifiers { appoint, remove }) => {
                let appointed = appoint.iter().map(|appointment| appointment.address);
                let named: Vec<_> = appointed.chain(remove.iter().copied()).collect();
                once("certifiers", &named)?;
                several("certifiers", named.len())
            }
            Self::Treasury(Treasury::Sweep(slas)) => {
                once("treasury.sweep", slas)?;
                several("treasury.sweep", slas.len())
            }
            Self::Treasury(Treasury::Expect(expected)) => {
                let something = expected.solvent || expected.at_least.is_some();
                something.then_some(()).ok_or("treasury.expect: expects nothing".to_owned())
            }
            Self::Guardian(_) | Self::Arbiter(_) | Self::OfferAuthority(_) => Ok(()),
        }
    }

    /// What it is about, in a few words.
    pub fn summary(&self) -> String {
        match self {
            Self::Params(replaced) => format!("set {}", replaced.names().join(", ")),
            Self::Certifiers(Certifiers { appoint, remove }) => {
                format!("certifiers: appoint {}, remove {}", appoint.len(), remove.len())
            }
            Self::Guardian(_) => "appoint the guardian".to_owned(),
            Self::Arbiter(_) => "appoint the arbiter".to_owned(),
            Self::OfferAuthority(_) => "offer the authority".to_owned(),
            Self::Treasury(Treasury::Sweep(slas)) => format!("sweep fees of {} SLAs", slas.len()),
            Self::Treasury(Treasury::Expect(_)) => "check the treasury".to_owned(),
        }
    }
}

fn once(path: &str, named: &[Address]) -> Result<(), String> {
    let mut seen = vec![];
    for Address(address) in named {
        if seen.contains(address) {
            return Err(format!("{path}: names {address} twice"));
        }
        seen.push(*address);
    }
    Ok(())
}

/// The manifests of a folder: every `.json` file in it, in the order of their numbers.
///
/// # Errors
/// Wrong usage, naming the file: if one is malformed, if its name does not begin with its number, or if the numbers are
/// not 1, 2, 3 and so on.
pub fn read_all(folder: &Path) -> Result<Vec<Manifest>> {
    let entries = std::fs::read_dir(folder).map_err(|error| {
        usage(format!(
            "cannot read the folder of manifests {}: {error}; name another with --dir",
            folder.display()
        ))
    })?;
    let mut paths = vec![];
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "json") && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    let mut manifests: Vec<Manifest> = vec![];
    for path in paths {
        let bytes = std::fs::read(&path);
        let bytes = bytes.with_context(|| format!("cannot read {}", path.display()))?;
        let wrong = |wrong: String| usage(format!("{}: {wrong}", path.display()));
        let manifest = Manifest::parse(&bytes).map_err(wrong)?;
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        if !file.starts_with(&format!("{}-", manifest.name())) {
            let (name, number) = (manifest.name(), manifest.number);
            return Err(wrong(format!(
                "number: is {number}, so that the file's name has to begin with {name}-"
            )));
        }
        let expected = manifests.last().map_or(1, |last| last.number.saturating_add(1));
        if manifest.number != expected {
            let number = manifest.number;
            return Err(wrong(format!(
                "number: is {number}, and the next one is {expected}: numbers have no gaps, and each is used once"
            )));
        }
        manifests.push(manifest);
    }
    Ok(manifests)
}

#[cfg(test)]
pub mod tests;
