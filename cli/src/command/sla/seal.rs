//! `flashback sla seal`: access to the consumer's storage, for the oracles of a committee and for nobody else.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use flashback_core::sla::SlaState;
use flashback_core::units::Timestamp;
use flashback_oracle::credentials::{Access, seal};
use flashback_oracle::key::SlaLife;
use flashback_sdk::account::Oracle;
use flashback_sdk::address;
use solana_sdk::pubkey::Pubkey;

use super::require;
use crate::exit::usage;
use crate::output::Report;
use crate::quantity;
use crate::settings::Settings;

/// What is sealed, and where to.
#[derive(Debug, Args)]
pub struct Seal {
    /// The SLA's address
    #[arg(value_name = "SLA", value_parser = quantity::address)]
    sla: Pubkey,
    /// The access, as JSON: docs/credentials.md tells its fields; `-`: from standard input
    #[arg(long, value_name = "FILE")]
    access: PathBuf,
    /// The folder that a file for each oracle is written to
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

pub async fn run(wanted: &Seal, settings: &Settings) -> Result<()> {
    let text = read(&wanted.access)?;
    let client = settings.reader()?;
    let sla = client.sla(&wanted.sla).await?;
    require(&sla.body, SlaState::Active)?;
    let life = SlaLife { sla: wanted.sla, start: Timestamp(sla.body.terms.start) };
    let access = access(&text, life)?;
    let keys: Vec<Pubkey> =
        sla.seats.iter().copied().filter(|key| *key != Pubkey::default()).collect();
    let accounts: Vec<_> = keys.iter().map(address::oracle).collect();
    let mut rows = vec![];
    std::fs::create_dir_all(&wanted.out)
        .with_context(|| format!("cannot make the folder {}", wanted.out.display()))?;
    for (key, oracle) in keys.iter().zip(client.find_many::<Oracle>(&accounts).await?) {
        let oracle =
            oracle?.with_context(|| format!("the oracle {key} is gone: have its seat redrawn"))?;
        let sealed =
            seal(&access, life, *key, oracle.x25519).map_err(|why| usage(why.to_string()))?;
        let file = wanted.out.join(format!("{}-{key}.json", wanted.sla));
        std::fs::write(&file, sealed.to_json()?)
            .with_context(|| format!("cannot write {}", file.display()))?;
        rows.push([(*key).into(), file.display().to_string().into()]);
    }
    Report::new("sealed: give each oracle its file")
        .fact("sla", wanted.sla)
        .table("sealed", ["oracle_authority", "file"], rows)
        .print(settings.output());
    Ok(())
}

fn read(path: &std::path::Path) -> Result<String> {
    if path.as_os_str() == "-" {
        return std::io::read_to_string(std::io::stdin()).context("cannot read standard input");
    }
    std::fs::read_to_string(path)
        .map_err(|why| usage(format!("cannot read {}: {why}", path.display())))
}

/// The access, bound to one life of an SLA. Errors tell nothing of what was read: it holds keys.
fn access(text: &str, life: SlaLife) -> Result<Access> {
    let mut value: serde_json::Value = serde_json::from_str(text).map_err(|why| {
        usage(format!("the access is no JSON: line {}, column {}", why.line(), why.column()))
    })?;
    let Some(fields) = value.as_object_mut() else {
        return Err(usage("the access is no JSON object: see docs/credentials.md"));
    };
    fields.insert("sla".to_owned(), life.sla.to_string().into());
    fields.insert("sla_start".to_owned(), life.start.0.into());
    let access: Access = serde_path_to_error::deserialize(value).map_err(|why| {
        usage(format!("the access is wrong at `{}`: see docs/credentials.md", why.path()))
    })?;
    access.check().map_err(|why| usage(why.to_string()))?;
    Ok(access)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::said;

    const LIFE: SlaLife = SlaLife { sla: Pubkey::new_from_array([7; 32]), start: Timestamp(9) };

    #[test]
    fn access_is_bound_to_the_sla_and_errors_tell_no_secret() {
        let good = r#"{"protocol": "s3", "bucket": "b", "access": {"access_key_id": "id", "secret_access_key": "hush"}}"#;
        assert_eq!(access(good, LIFE).unwrap().life(), LIFE);
        let misspelt = good.replace("\"bucket\"", "\"bukcet\"");
        let torn = &good[..good.len() - 1];
        for (wrong, told) in [
            (misspelt.as_str(), "the access is wrong at"),
            (torn, "no JSON: line 1"),
            ("[]", "no JSON object"),
        ] {
            let (code, said) = said(&access(wrong, LIFE).err().unwrap());
            assert_eq!(code, 2);
            assert!(said.contains(told) && !said.contains("hush"), "{said}");
        }
    }
}
