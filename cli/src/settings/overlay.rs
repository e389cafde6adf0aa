//! The overlay: what Flashback's own configuration file says goes before the Solana tools'.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::exit::usage;

/// Names another file than the usual one.
const PATH_VARIABLE: &str = "FLASHBACK_OVERLAY";

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

/// Where the file is, whether it exists or not.
///
/// # Errors
/// If neither the variable `FLASHBACK_OVERLAY` nor `HOME` is set.
pub fn path() -> Result<PathBuf> {
    match std::env::var_os(PATH_VARIABLE).filter(|path| !path.is_empty()) {
        Some(path) => Ok(path.into()),
        None => Ok(super::home()?.join(".config/flashback/config.yml")),
    }
}

impl Overlay {
    /// Reads the file; nothing is set if there is none.
    ///
    /// # Errors
    /// If it cannot be read, or says something else than the fields above.
    pub fn load() -> Result<Self> {
        let Ok(path) = path() else { return Ok(Self::default()) };
        if path.exists() { Self::read(&path) } else { Ok(Self::default()) }
    }

    fn read(path: &Path) -> Result<Self> {
        solana_cli_config::load_config_file(path).map_err(|error| {
            usage(format!("cannot read the configuration {}: {error}", path.display()))
        })
    }

    /// Writes the file, by way of another one, so that it is never half written.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(&self) -> Result<PathBuf> {
        let path = path()?;
        let new = path.with_extension("yml.new");
        solana_cli_config::save_config_file(self, &new)?;
        std::fs::rename(&new, &path)?;
        Ok(path)
    }
}
