//! Who takes part: keys that follow from names.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use flashback_sdk::address;
use flashback_tests::chain::{Chain, DEPLOYER};
use flashback_tests::names::{key, keypair};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Keypair, Signer};

/// The consumer whose FLASH lies in a token account that is not its associated one.
const UNUSUAL: &str = "consumer 2";
/// Where that is.
const UNUSUAL_PURSE: &str = "consumer 2's purse";

/// Everybody, by part. One key may have several.
pub struct Cast {
    /// May become providers; the last one begins as nothing.
    pub providers: Vec<Pubkey>,
    /// Hot keys that providers name.
    pub operators: Vec<Pubkey>,
    /// Own the token accounts that earnings go to.
    pub payouts: Vec<Pubkey>,
    /// Reserve. The last one is an oracle too.
    pub consumers: Vec<Pubkey>,
    /// Terminate and dispute for consumers.
    pub delegates: Vec<Pubkey>,
    /// May become oracles; the last ones begin as nothing, and the very last is a provider too.
    pub oracles: Vec<Pubkey>,
    /// May be appointed certifiers.
    pub certifiers: Vec<Pubkey>,
    /// Hand the authority to each other; the first one deployed the program.
    pub rulers: Vec<Pubkey>,
    /// May be appointed guardians.
    pub guardians: Vec<Pubkey>,
    /// May be appointed arbiters.
    pub arbiters: Vec<Pubkey>,
    /// Have nothing to do with it, and some FLASH.
    pub strangers: Vec<Pubkey>,
    /// Pay rent, and nothing else.
    pub rent_payers: Vec<Pubkey>,
    known: BTreeMap<Pubkey, (String, Keypair)>,
}

/// The cast.
pub static CAST: LazyLock<Cast> = LazyLock::new(Cast::gather);

impl Cast {
    fn gather() -> Self {
        let mut known = BTreeMap::new();
        let mut of = |part: &str, count: usize| -> Vec<Pubkey> {
            let names = (0..count).map(|number| match (part, number) {
                ("ruler", 0) => DEPLOYER.to_owned(),
                _ => format!("{part} {number}"),
            });
            let keys = names.map(|name| (key(&name), name));
            let keys: Vec<_> = keys.collect();
            known.extend(keys.iter().map(|(key, name)| (*key, (name.clone(), keypair(name)))));
            keys.into_iter().map(|(key, _)| key).collect()
        };
        let providers = of("provider", 4);
        let mut oracles = of("oracle", 11);
        let mut consumers = of("consumer", 3);
        consumers.push(oracles[0]);
        oracles.push(providers[2]);
        Self {
            operators: of("operator", 2),
            payouts: of("payout owner", 2),
            delegates: of("delegate", 1),
            certifiers: of("certifier", 3),
            rulers: of("ruler", 2),
            guardians: of("guardian", 2),
            arbiters: of("arbiter", 2),
            strangers: of("stranger", 2),
            rent_payers: of("rent payer", 3),
            providers,
            consumers,
            oracles,
            known,
        }
    }

    /// Every key.
    pub fn everybody(&self) -> impl Iterator<Item = Pubkey> {
        self.known.keys().copied()
    }

    /// A key's name.
    pub fn name(&self, key: &Pubkey) -> Option<&str> {
        self.known.get(key).map(|(name, _)| name.as_str())
    }

    /// A key's pair, if it is anybody's.
    pub fn keypair(&self, key: &Pubkey) -> Option<Keypair> {
        self.known.get(key).map(|(_, pair)| pair.insecure_clone())
    }
}

/// The token account in which somebody keeps its FLASH.
pub fn purse(owner: &Pubkey) -> Pubkey {
    if *owner == key(UNUSUAL) {
        return key(UNUSUAL_PURSE);
    }
    address::token_account(owner, &Chain::flash())
}

/// The owner and the pair of the token account that is not associated.
pub fn unusual_purse() -> (Pubkey, Keypair) {
    let pair = keypair(UNUSUAL_PURSE);
    debug_assert_eq!(pair.pubkey(), purse(&key(UNUSUAL)));
    (key(UNUSUAL), pair)
}
