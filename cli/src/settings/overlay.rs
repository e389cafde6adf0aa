//! The overlay: what Flashback's own configuration file says goes before the Solana tools'.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Setting, alias, check};
use crate::exit::usage;

/// Names another file than the usual one.
pub const PATH_VARIABLE: &str = "FLASHBACK_OVERLAY";

/// Flashback's configuration file, `~/.config/flashback/config.yml`; every field may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Overlay {
    /// RPC server: a URL or a moniker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json_rpc_url: Option<String>,
    /// Websocket server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub websocket_url: Option<String>,
    /// Who acts: any signer that `--keypair` takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keypair_path: Option<String>,
    /// Who pays transaction fees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee_payer: Option<String>,
    /// processed, confirmed or finalized.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commitment: Option<String>,
    /// In micro-lamports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compute_unit_price: Option<u64>,
    /// Names for addresses.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, String>,
}

/// Where the file is, whether it exists or not, and whether somebody has named it.
///
/// # Errors
/// If neither the variable `FLASHBACK_OVERLAY` nor `HOME` is set.
pub fn path() -> Result<(PathBuf, bool)> {
    match std::env::var_os(PATH_VARIABLE).filter(|path| !path.is_empty()) {
        Some(path) => Ok((path.into(), true)),
        None => Ok((super::home()?.join(".config/flashback/config.yml"), false)),
    }
}

impl Overlay {
    /// Reads the file; nothing is set if there is none in the usual place.
    ///
    /// # Errors
    /// With the exit code of wrong usage and the field's name, if a file that is there, or was named, cannot be read or is
    /// wrong.
    pub fn load() -> Result<Self> {
        match path() {
            Ok((path, true)) if !path.exists() => Err(usage(format!(
                "{PATH_VARIABLE} names {}, which is not there: `flashback config set` and `flashback config alias` make \
                 it; or unset the variable",
                path.display()
            ))),
            Ok((path, named)) if named || path.exists() => Self::read(&path),
            _ => Ok(Self::default()),
        }
    }

    /// Reads the file to change it; there may be none yet.
    ///
    /// # Errors
    /// As [`Overlay::load`]; if neither `FLASHBACK_OVERLAY` nor `HOME` is set.
    pub fn load_or_new() -> Result<Self> {
        let (path, _) = path()?;
        if path.exists() { Self::read(&path) } else { Ok(Self::default()) }
    }

    fn read(path: &Path) -> Result<Self> {
        let overlay: Self = read_yaml(path)?;
        overlay.check().map_err(|wrong| usage(format!("{}: {wrong}", path.display())))?;
        Ok(overlay)
    }

    /// What is wrong with it, if anything, and in which field. Signers are looked for only when they are to sign.
    fn check(&self) -> Result<(), String> {
        for setting in Setting::ALL {
            if let Some(value) = self.get(setting)
                && !matches!(setting, Setting::Keypair | Setting::FeePayer)
            {
                check(setting, &value).map_err(|wrong| format!("{}: {wrong}", setting.field()))?;
            }
        }
        for (name, address) in &self.aliases {
            let checked = alias::check_name(name).and_then(|_| alias::parse(name, address));
            checked.map_err(|wrong| format!("aliases.{name}: {wrong}"))?;
        }
        Ok(())
    }

    /// What it says of a setting.
    pub fn get(&self, setting: Setting) -> Option<String> {
        match setting {
            Setting::Url => self.json_rpc_url.clone(),
            Setting::WsUrl => self.websocket_url.clone(),
            Setting::Keypair => self.keypair_path.clone(),
            Setting::FeePayer => self.fee_payer.clone(),
            Setting::Commitment => self.commitment.clone(),
            Setting::ComputeUnitPrice => self.compute_unit_price.map(|price| price.to_string()),
        }
    }

    /// Sets a setting, or takes it out.
    ///
    /// # Errors
    /// If the value is none that it can have.
    pub fn set(&mut self, setting: Setting, value: Option<String>) -> Result<(), String> {
        if let Some(value) = &value {
            check(setting, value)?;
        }
        match setting {
            Setting::Url => self.json_rpc_url = value,
            Setting::WsUrl => self.websocket_url = value,
            Setting::Keypair => self.keypair_path = value,
            Setting::FeePayer => self.fee_payer = value,
            Setting::Commitment => self.commitment = value,
            Setting::ComputeUnitPrice => {
                self.compute_unit_price =
                    value.as_deref().map(super::value::parse_price).transpose()?;
            }
        }
        Ok(())
    }

    /// Writes the file, by way of another one, so that it is never half written.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(&self) -> Result<PathBuf> {
        let (path, _) = path()?;
        let cannot = || format!("cannot write the configuration {}", path.display());
        let mut new = path.clone().into_os_string();
        new.push(format!(".{}", std::process::id()));
        solana_cli_config::save_config_file(self, &new).with_context(cannot)?;
        std::fs::rename(&new, &path).with_context(cannot)?;
        Ok(path)
    }
}

/// Reads a YAML file.
///
/// # Errors
/// With the exit code of wrong usage, the file's name and the field's.
pub fn read_yaml<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let cannot =
        |error: String| usage(format!("cannot read the configuration {}: {error}", path.display()));
    let value: serde_json::Value =
        solana_cli_config::load_config_file(path).map_err(|error| cannot(error.to_string()))?;
    // An empty file is one that says nothing.
    let value = if value.is_null() { serde_json::json!({}) } else { value };
    serde_path_to_error::deserialize(value).map_err(|error| {
        let wrong = error.inner();
        match error.path().to_string().as_str() {
            "." | "" => cannot(wrong.to_string()),
            field => cannot(format!("{field}: {wrong}")),
        }
    })
}
