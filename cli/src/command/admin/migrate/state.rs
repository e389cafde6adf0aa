//! What manifests are about, as it is on a chain.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use flashback_core::params::{Params, TABLE};
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::{Certifier, Sla};
use flashback_sdk::instruction::VaultOwner;
use flashback_sdk::{Error, Flashback, address};
use serde_json::{Value, json};
use solana_sdk::pubkey::Pubkey;

use super::manifest::{Certifiers, Manifest, Step, Treasury};
use crate::parameters::CURVE;

/// The part of a chain's state that the manifests name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub now: Timestamp,
    pub authority: Pubkey,
    pub pending_authority: Pubkey,
    pub guardian: Pubkey,
    pub arbiter: Pubkey,
    pub mint: Pubkey,
    pub params: Params,
    /// Of those that are named, the ones that are appointed.
    pub certifiers: BTreeMap<Pubkey, Appointed>,
    /// Of the SLAs that are named, those that have something to sweep.
    pub unswept: BTreeMap<Pubkey, Unswept>,
    /// What the treasury holds.
    pub treasury: Atoms,
    /// Why the treasury or the reward vault does not hold what it owes, if somebody wants to know.
    pub insolvent: Option<String>,
}

/// A certifier's appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appointed {
    pub level: u8,
    pub until: Timestamp,
    pub rent_payer: Pubkey,
}

/// What an SLA has for the treasury and for the fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unswept {
    pub provider: Pubkey,
    pub fees: Atoms,
    pub to_burn: Atoms,
}

/// What is to be read beside the Config.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    certifiers: BTreeSet<Pubkey>,
    slas: BTreeSet<Pubkey>,
    solvency: bool,
}

impl Wanted {
    /// What these manifests name.
    pub fn by(manifests: &[Manifest]) -> Self {
        let mut wanted = Self::default();
        for step in manifests.iter().flat_map(|manifest| &manifest.steps) {
            match step {
                Step::Certifiers(certifiers) => wanted.certifiers.extend(named(certifiers)),
                Step::Treasury(Treasury::Sweep(slas)) => {
                    wanted.slas.extend(slas.iter().map(|sla| sla.0));
                }
                Step::Treasury(Treasury::Expect(expected)) => wanted.solvency |= expected.solvent,
                _ => {}
            }
        }
        wanted
    }
}

/// The certifiers that a step names.
pub fn named(certifiers: &Certifiers) -> impl Iterator<Item = Pubkey> {
    let appointed = certifiers.appoint.iter().map(|appointment| appointment.address.0);
    appointed.chain(certifiers.remove.iter().map(|address| address.0))
}

impl State {
    /// Reads it.
    ///
    /// # Errors
    /// As [`Flashback::fetch`].
    pub async fn read(client: &Flashback, wanted: &Wanted) -> Result<Self> {
        let config = client.config().await?;
        let mut certifiers = BTreeMap::new();
        for key in &wanted.certifiers {
            if let Some(found) = client.find::<Certifier>(&address::certifier(key)).await? {
                let Certifier { max_level: level, expires_at, rent_payer, .. } = found;
                let until = Timestamp(expires_at);
                certifiers.insert(*key, Appointed { level, until, rent_payer });
            }
        }
        let mut unswept = BTreeMap::new();
        for address in &wanted.slas {
            // A closed SLA has been swept.
            let Some(sla) = client.find::<Sla>(address).await? else { continue };
            let (provider, money) = (sla.provider, sla.body.money);
            let (fees, to_burn) = (Atoms(money.protocol_fees), Atoms(money.to_burn));
            if fees > Atoms::ZERO || to_burn > Atoms::ZERO {
                unswept.insert(*address, Unswept { provider, fees, to_burn });
            }
        }
        Ok(Self {
            now: client.now().await?,
            authority: config.authority,
            pending_authority: config.pending_authority,
            guardian: config.guardian,
            arbiter: config.arbiter,
            mint: config.flash_mint,
            params: config.params,
            certifiers,
            unswept,
            treasury: client.tokens(&address::treasury()).await?,
            insolvent: if wanted.solvency { insolvency(client).await? } else { None },
        })
    }

    /// The value of what a step set, by the names of [`names`].
    pub fn value(&self, name: &str) -> Value {
        if let Some(key) = name.strip_prefix("certifier.") {
            let appointed = key.parse().ok().and_then(|key: Pubkey| self.certifiers.get(&key));
            return match appointed {
                Some(Appointed { level, until, .. }) => json!({ "level": level, "until": until.0 }),
                None => Value::Null,
            };
        }
        match name.strip_prefix("params.") {
            Some(CURVE) => {
                let curve = self.params.refund_curve;
                json!([curve.x1_bps, curve.y1_bps, curve.x2_bps, curve.y2_bps])
            }
            Some(param) => {
                let values = self.params.values();
                let found = TABLE.iter().zip(values).find(|(row, _)| row.name == param);
                found.map(|(_, value)| value).into()
            }
            None => match name {
                "guardian" => self.guardian.to_string().into(),
                "arbiter" => self.arbiter.to_string().into(),
                "authority_offered_to" => self.pending_authority.to_string().into(),
                _ => Value::Null,
            },
        }
    }
}

/// The names of what a step sets.
pub fn names(step: &Step) -> Vec<String> {
    match step {
        Step::Params(replaced) => {
            replaced.names().iter().map(|name| format!("params.{name}")).collect()
        }
        Step::Certifiers(certifiers) => {
            named(certifiers).map(|key| format!("certifier.{key}")).collect()
        }
        Step::Guardian(_) => vec!["guardian".to_owned()],
        Step::Arbiter(_) => vec!["arbiter".to_owned()],
        Step::OfferAuthority(_) => vec!["authority_offered_to".to_owned()],
        Step::Treasury(_) => vec![],
    }
}

/// Has the chain say whether the treasury and the reward vault hold what they owe; nothing is sent.
async fn insolvency(client: &Flashback) -> Result<Option<String>> {
    for owner in [VaultOwner::Treasury, VaultOwner::Rewards] {
        match client.assert_solvent(owner).simulate().await {
            Ok(_) => {}
            Err(refused @ Error::Failed(_)) => return Ok(Some(format!("{owner:?}: {refused}"))),
            Err(other) => return Err(other.into()),
        }
    }
    Ok(None)
}
