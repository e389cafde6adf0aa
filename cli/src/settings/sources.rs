//! Where settings are said: the command line and the environment, Flashback's file, the Solana tools' file.

use std::path::PathBuf;

use anyhow::{Context, Result};
use solana_cli_config::Config;

use super::overlay::{self, Overlay};
use super::{Origin, Said, Setting, Settings, check, home};
use crate::exit::usage;

impl Settings {
    /// What flags, the environment and files say of a setting, by that precedence; checked.
    ///
    /// # Errors
    /// With the exit code of wrong usage and where it is said, if a file cannot be read or a value is wrong.
    pub fn said(&self, setting: Setting) -> Result<Option<Said>> {
        // A broken file is never passed over, whatever else is said.
        let overlay = self.overlay()?.get(setting);
        let said = match setting.given(&self.global) {
            Some(said) => Some(said),
            None => match overlay {
                Some(value) => {
                    let origin = Origin::Overlay(overlay::path()?.0, setting.field());
                    Some(Said { value, origin })
                }
                None => self.solana(setting)?,
            },
        };
        if let Some(Said { value, origin }) = &said
            && !matches!(setting, Setting::Keypair | Setting::FeePayer)
        {
            check(setting, value).map_err(|wrong| usage(format!("{origin}: {wrong}")))?;
        }
        Ok(said)
    }

    fn solana(&self, setting: Setting) -> Result<Option<Said>> {
        let Some(config) = self.file()? else { return Ok(None) };
        let value = match setting {
            Setting::Url => &config.json_rpc_url,
            Setting::WsUrl => &config.websocket_url,
            Setting::Keypair => &config.keypair_path,
            Setting::Commitment => &config.commitment,
            Setting::FeePayer | Setting::ComputeUnitPrice => return Ok(None),
        };
        if value.is_empty() {
            return Ok(None);
        }
        let origin = Origin::Solana(self.config_path()?.value.into(), setting.field());
        Ok(Some(Said { value: value.clone(), origin }))
    }

    fn overlay(&self) -> Result<&Overlay> {
        if self.overlay.get().is_none() {
            let _ = self.overlay.set(Overlay::load()?);
        }
        self.overlay.get().context("the configuration was not read")
    }

    fn file(&self) -> Result<Option<&Config>> {
        if self.file.get().is_none() {
            let read = self.read_file()?;
            let _ = self.file.set(read);
        }
        Ok(self.file.get().and_then(Option::as_ref))
    }

    fn read_file(&self) -> Result<Option<Config>> {
        let path = self.config_path()?;
        if path.origin == Origin::Default && !PathBuf::from(&path.value).is_file() {
            return Ok(None);
        }
        overlay::read_yaml(path.value.as_ref()).map(Some)
    }

    /// Where the Solana tools' configuration is.
    pub fn config_path(&self) -> Result<Said> {
        if let Some(path) = &self.global.config {
            let value = path.to_str().context("the configuration's path is no valid text")?;
            let origin = self.global.origin("config", "--config", "FLASHBACK_CONFIG");
            return Ok(Said { value: value.to_owned(), origin });
        }
        let path = home()?.join(".config/solana/cli/config.yml");
        Ok(Said { value: path.display().to_string(), origin: Origin::Default })
    }
}
