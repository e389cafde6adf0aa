//! `flashback config`: what is set and where, and Flashback's own configuration file.

use anyhow::Result;
use clap::Subcommand;
use solana_sdk::pubkey::Pubkey;

use crate::exit::usage;
use crate::output::{Fact, Report};
use crate::quantity;
use crate::settings::overlay::{self, Overlay};
use crate::settings::{Origin, Said, Setting, Settings, absolute_signer, alias};

#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// Show every setting, and where its value comes from
    ///
    /// Flags go before environment variables, these before ~/.config/flashback/config.yml (or the file that
    /// FLASHBACK_OVERLAY names), and that before the Solana tools' configuration. The websocket server of a file counts
    /// only where the RPC server is not named by something that goes before that file.
    Show,
    /// Set a value in Flashback's configuration file, which goes before the Solana tools'
    Set {
        /// What to set
        #[arg(value_name = "SETTING")]
        setting: Setting,
        /// Its value; it is checked first
        #[arg(value_name = "VALUE", allow_hyphen_values = true)]
        value: String,
    },
    /// Take a value out of Flashback's configuration file
    Unset {
        /// What to take out
        #[arg(value_name = "SETTING")]
        setting: Setting,
    },
    /// Let a name stand for an address, wherever a command takes an address
    ///
    /// A name that stands for another address already is given a new one with --yes only.
    Alias {
        /// The name: a letter, then up to 30 letters, digits, `-`, `_` or `.`
        #[arg(value_name = "NAME", value_parser = alias::check_name)]
        name: String,
        /// The address; an alias's own is taken over
        #[arg(value_name = "ADDRESS", value_parser = quantity::address)]
        address: Pubkey,
    },
    /// Take an alias away
    Unalias {
        /// The name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// List the aliases
    Aliases,
}

pub fn run(action: ConfigAction, settings: &Settings) -> Result<()> {
    let report = match action {
        ConfigAction::Show => show(settings)?,
        ConfigAction::Set { setting, value } => set(setting, &value)?,
        ConfigAction::Unset { setting } => unset(setting)?,
        ConfigAction::Alias { name, address } => make_alias(name, address, settings.yes())?,
        ConfigAction::Unalias { name } => remove_alias(&name)?,
        ConfigAction::Aliases => aliases()?,
    };
    report.print(settings.output());
    Ok(())
}

fn show(settings: &Settings) -> Result<Report> {
    let mut rows = vec![];
    for setting in Setting::ALL {
        let said = match setting {
            Setting::Url => Some(settings.url_said()?),
            Setting::WsUrl => Some(settings.ws_url()?),
            Setting::Keypair => Some(settings.signer_said()?),
            Setting::Commitment => Some(settings.said(setting)?.unwrap_or_else(|| Said {
                value: "confirmed".to_owned(),
                origin: Origin::Default,
            })),
            Setting::FeePayer | Setting::ComputeUnitPrice => settings.said(setting)?,
        };
        rows.push(row(setting.name(), said));
    }
    let output =
        Said { value: settings.output().name().to_owned(), origin: settings.output_origin() };
    rows.push(row("output", Some(output)));
    rows.push(row("config", Some(settings.config_path()?)));
    let (path, named) = overlay::path()?;
    let origin = if named { Origin::Variable(overlay::PATH_VARIABLE) } else { Origin::Default };
    rows.push(row("overlay", Some(Said { value: path.display().to_string(), origin })));
    Ok(Report::new("settings").table("settings", ["setting", "value", "from"], rows))
}

fn row(name: &'static str, said: Option<Said>) -> [Fact; 3] {
    let origin = said.as_ref().map_or(Origin::Default, |said| said.origin.clone());
    [name.into(), said.map(|said| said.value).into(), origin.to_string().into()]
}

fn set(setting: Setting, value: &str) -> Result<Report> {
    let mut overlay = Overlay::load_or_new()?;
    let before = overlay.get(setting);
    let wrong = |wrong| usage(format!("{}: {wrong}", setting.name()));
    let signs = matches!(setting, Setting::Keypair | Setting::FeePayer);
    let value = if signs { absolute_signer(value)? } else { value.to_owned() };
    overlay.set(setting, Some(value.clone())).map_err(wrong)?;
    let path = overlay.save()?;
    Ok(Report::new("set")
        .fact("setting", setting.name())
        .fact("before", before)
        .fact("value", value)
        .fact("file", path.display().to_string()))
}

fn unset(setting: Setting) -> Result<Report> {
    let mut overlay = Overlay::load_or_new()?;
    let Some(before) = overlay.get(setting) else {
        return Err(usage(format!(
            "{} is not set in {}",
            setting.name(),
            overlay::path()?.0.display()
        )));
    };
    overlay.set(setting, None).map_err(usage)?;
    let path = overlay.save()?;
    Ok(Report::new("unset")
        .fact("setting", setting.name())
        .fact("before", before)
        .fact("file", path.display().to_string()))
}

/// An alias that stands for another address is not replaced by mistake: what is sent to it would go elsewhere.
fn make_alias(name: String, address: Pubkey, replace: bool) -> Result<Report> {
    let mut overlay = Overlay::load_or_new()?;
    let before = overlay.aliases.insert(name.clone(), address.to_string());
    if let Some(other) = before.as_ref().filter(|other| **other != address.to_string())
        && !replace
    {
        return Err(usage(format!(
            "the alias `{name}` stands for {other}: give --yes to have it stand for {address}"
        )));
    }
    let path = overlay.save()?;
    Ok(Report::new("alias set")
        .fact("alias", name)
        .fact("before", before)
        .fact("address", address)
        .fact("file", path.display().to_string()))
}

fn remove_alias(name: &str) -> Result<Report> {
    let mut overlay = Overlay::load_or_new()?;
    let Some(before) = overlay.aliases.remove(name) else {
        return Err(usage(format!("there is no alias `{name}`: see `flashback config aliases`")));
    };
    let path = overlay.save()?;
    Ok(Report::new("alias removed")
        .fact("alias", name)
        .fact("before", before)
        .fact("file", path.display().to_string()))
}

fn aliases() -> Result<Report> {
    let aliases = Overlay::load()?.aliases;
    let rows = aliases.into_iter().map(|(name, address)| [name.into(), address.into()]);
    Ok(Report::new("aliases").table("aliases", ["alias", "address"], rows.collect()))
}
