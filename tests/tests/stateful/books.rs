//! Every account there is, decoded, and kept in step with the chain.
//!
//! An account can only be made or changed by an instruction that names it: so whoever follows the accounts of every
//! instruction knows all of them.

use std::collections::BTreeMap;

use flashback_sdk::account::{
    Certificate, Certifier, Challenge, Config, DataUnit, Dispute, FlashbackAccount, Oracle,
    Provider, Registry, Round, Sla, TokenAccount,
};
use flashback_sdk::address;
use flashback_tests::chain::Chain;
use solana_account::Account;
use solana_sdk::pubkey::Pubkey;

/// What an account weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body {
    pub lamports: u64,
    pub bytes: usize,
}

/// All accounts by address.
#[derive(Clone, Default)]
pub struct Books {
    pub config: Option<Config>,
    pub registry: Option<Registry>,
    pub providers: BTreeMap<Pubkey, Provider>,
    pub units: BTreeMap<Pubkey, DataUnit>,
    pub oracles: BTreeMap<Pubkey, Oracle>,
    pub certifiers: BTreeMap<Pubkey, Certifier>,
    pub certificates: BTreeMap<Pubkey, Certificate>,
    pub slas: BTreeMap<Pubkey, Sla>,
    pub rounds: BTreeMap<Pubkey, Round>,
    pub disputes: BTreeMap<Pubkey, Dispute>,
    pub challenges: BTreeMap<Pubkey, Challenge>,
    /// Token accounts of FLASH.
    pub tokens: BTreeMap<Pubkey, TokenAccount>,
    /// Lamports and sizes of all of them, and lamports of everybody that was ever named.
    pub bodies: BTreeMap<Pubkey, Body>,
    /// The vault of every SLA, provider and oracle that ever was.
    vaults: BTreeMap<Pubkey, Pubkey>,
}

impl Books {
    /// Reads an account anew, or forgets it.
    ///
    /// # Panics
    /// If the program owns it and it is nothing that the SDK can decode.
    pub fn refresh(&mut self, chain: &Chain, at: Pubkey) {
        self.forget(&at);
        let Some(account) = chain.account(&at) else { return };
        let body = Body { lamports: account.lamports, bytes: account.data.len() };
        self.bodies.insert(at, body);
        if account.owner == address::TOKEN_PROGRAM && at != Chain::flash() {
            let token = TokenAccount::decode(&at, &account).expect("a token account");
            self.tokens.insert(at, token);
        } else if account.owner == address::PROGRAM {
            self.decode(at, &account);
        }
    }

    fn decode(&mut self, at: Pubkey, account: &Account) {
        fn is<T: FlashbackAccount>(account: &Account) -> bool {
            account.data.starts_with(T::TAG)
        }
        fn read<T: FlashbackAccount>(at: Pubkey, account: &Account) -> T {
            T::decode(&at, account).unwrap_or_else(|error| panic!("{at}: {error}"))
        }
        let vault = match () {
            () if is::<Sla>(account) => Some(address::escrow as fn(&Pubkey) -> Pubkey),
            () if is::<Provider>(account) || is::<Oracle>(account) => {
                Some(address::stake_vault as _)
            }
            () => None,
        };
        if let Some(derive) = vault {
            self.vaults.entry(at).or_insert_with(|| derive(&at));
        }
        macro_rules! sorted {
            ($($kind:ident into $shelf:ident),* $(,)?) => {
                $(if is::<$kind>(account) {
                    self.$shelf.insert(at, read(at, account));
                    return;
                })*
            };
        }
        sorted!(
            Provider into providers, DataUnit into units, Oracle into oracles, Sla into slas, Round into rounds,
            Certifier into certifiers, Certificate into certificates, Dispute into disputes,
            Challenge into challenges,
        );
        if is::<Config>(account) {
            self.config = Some(read(at, account));
        } else {
            self.registry = Some(read(at, account));
        }
    }

    fn forget(&mut self, at: &Pubkey) {
        self.bodies.remove(at);
        self.tokens.remove(at);
        self.providers.remove(at);
        self.units.remove(at);
        self.oracles.remove(at);
        self.certifiers.remove(at);
        self.certificates.remove(at);
        self.slas.remove(at);
        self.rounds.remove(at);
        self.disputes.remove(at);
        self.challenges.remove(at);
    }

    /// Whether there is anything at an address.
    pub fn has(&self, at: &Pubkey) -> bool {
        self.bodies.contains_key(at)
    }

    /// Lamports at an address.
    pub fn lamports(&self, at: &Pubkey) -> u64 {
        self.bodies.get(at).map_or(0, |body| body.lamports)
    }

    /// FLASH in a token account, in atoms.
    pub fn flash(&self, at: &Pubkey) -> u64 {
        self.tokens.get(at).map_or(0, |token| token.amount.0)
    }

    /// The Config; there is one.
    pub fn config(&self) -> &Config {
        self.config.as_ref().expect("an initialized protocol")
    }

    /// The registry; there is one.
    pub fn registry(&self) -> &Registry {
        self.registry.as_ref().expect("an initialized protocol")
    }

    /// The vault of an SLA, a provider or an oracle.
    pub fn vault(&self, owner: &Pubkey) -> Pubkey {
        *self.vaults.get(owner).expect("the owner of a vault")
    }

    /// Whoever owns a vault now.
    pub fn vault_owners(&self) -> impl Iterator<Item = &Pubkey> {
        self.slas.keys().chain(self.providers.keys()).chain(self.oracles.keys())
    }

    /// Who paid the rent of every account that is not the protocol's own.
    pub fn rent_payers(&self) -> Vec<(Pubkey, Pubkey)> {
        let mut paid = Vec::new();
        for (at, one) in &self.providers {
            paid.extend([(*at, one.rent_payer), (self.vault(at), one.rent_payer)]);
        }
        for (at, one) in &self.oracles {
            paid.extend([(*at, one.rent_payer), (self.vault(at), one.rent_payer)]);
        }
        for (at, one) in &self.slas {
            paid.extend([(*at, one.rent_payer), (self.vault(at), one.rent_payer)]);
        }
        paid.extend(self.units.iter().map(|(at, one)| (*at, one.rent_payer)));
        paid.extend(self.certifiers.iter().map(|(at, one)| (*at, one.rent_payer)));
        paid.extend(self.certificates.iter().map(|(at, one)| (*at, one.rent_payer)));
        paid.extend(self.rounds.iter().map(|(at, one)| (*at, one.rent_payer)));
        paid.extend(self.disputes.iter().map(|(at, one)| (*at, one.rent_payer)));
        paid.extend(self.challenges.iter().map(|(at, one)| (*at, one.rent_payer)));
        paid
    }
}
