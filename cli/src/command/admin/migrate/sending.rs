//! What is kept of a transaction before it is sent, so that a run that is killed meanwhile leaves no doubt behind.

use std::collections::BTreeMap;

use flashback_sdk::{InFlight, Lifetime};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use solana_sdk::hash::Hash;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use super::journal::Pending;
use super::state::{State, names};

/// A step that is about to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begun {
    /// The manifest's number.
    pub number: u32,
    pub title: String,
    pub sha256: String,
    /// Which of the manifest's steps, from 1.
    pub step: usize,
    /// What it sets, as it leaves it.
    pub leaves: BTreeMap<String, Value>,
}

/// A transaction that is about to be sent, or was, and of which the journal does not know what became.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sending {
    /// What it does.
    pub does: Begun,
    #[serde(with = "text")]
    signature: Signature,
    until: Until,
}

/// Until when it can land.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Until {
    /// Up to this block height.
    BlockHeight(u64),
    /// While a nonce account stands at this value.
    Nonce {
        #[serde(with = "text")]
        account: Pubkey,
        #[serde(with = "text")]
        value: Hash,
    },
}

impl Begun {
    /// A step that leaves that state.
    pub fn new(step: Pending<'_>, after: &State) -> Self {
        let leaves = names(step.step).into_iter().map(|name| {
            let value = after.value(&name);
            (name, value)
        });
        let manifest = step.manifest;
        Self {
            number: manifest.number,
            title: manifest.title.clone(),
            sha256: manifest.sha256.clone(),
            step: step.number,
            leaves: leaves.collect(),
        }
    }

    /// Where in the manifests it is.
    pub fn place(&self) -> String {
        format!("migration {:04}, step {}", self.number, self.step)
    }
}

impl Sending {
    pub fn new(does: &Begun, sent: &InFlight) -> Self {
        let until = match sent.lifetime {
            Lifetime::Blockhash { last_valid_height } => Until::BlockHeight(last_valid_height),
            Lifetime::Nonce { account, value } => Until::Nonce { account, value },
        };
        Self { does: does.clone(), signature: sent.signature, until }
    }

    pub fn in_flight(&self) -> InFlight {
        let lifetime = match self.until {
            Until::BlockHeight(last_valid_height) => Lifetime::Blockhash { last_valid_height },
            Until::Nonce { account, value } => Lifetime::Nonce { account, value },
        };
        InFlight { signature: self.signature, lifetime }
    }

    /// Whether of it and another one lands at most.
    pub fn excludes(&self, other: &Self) -> bool {
        matches!(self.until, Until::Nonce { .. }) && self.until == other.until
    }
}

/// Keys, hashes and signatures as text.
mod text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<T, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}
