//! What the chain shows.

use flashback_core::sla::{Party, Quote, SlaTerms};
use flashback_core::units::{Atoms, Seconds};
use flashback_sdk::account::{Config, DataUnit, Oracle, Provider, Registry, Round, Sla};
use flashback_sdk::address;
use flashback_sdk::draw::Draw;
use solana_sdk::pubkey::Pubkey;

use super::{CONSUMER, NUMBER, PROVIDER, World, purse, reservation};
use crate::names::key;

impl World {
    /// The SLA's address.
    pub fn sla_address(&self) -> Pubkey {
        address::sla(&key(CONSUMER), NUMBER)
    }

    /// The escrow's address.
    pub fn escrow(&self) -> Pubkey {
        address::escrow(&self.sla_address())
    }

    /// The SLA.
    pub fn sla(&self) -> Sla {
        self.chain.read(&self.sla_address())
    }

    /// The SLA's terms.
    pub fn terms(&self) -> SlaTerms {
        self.sla().body.terms
    }

    /// The Config.
    pub fn config(&self) -> Config {
        self.chain.read(&address::config())
    }

    /// The Provider's address.
    pub fn provider_address(&self) -> Pubkey {
        address::provider(&key(PROVIDER))
    }

    /// The Provider.
    pub fn provider_account(&self) -> Provider {
        self.chain.read(&self.provider_address())
    }

    /// The unit's address.
    pub fn unit_address(&self) -> Pubkey {
        address::unit(&self.provider_address(), NUMBER)
    }

    /// The unit.
    pub fn unit(&self) -> DataUnit {
        self.chain.read(&self.unit_address())
    }

    /// The Round of a contested window.
    pub fn round_address(&self, window: u16) -> Pubkey {
        address::round(&self.sla_address(), window)
    }

    /// The Round of a contested window.
    pub fn round(&self, window: u16) -> Round {
        self.chain.read(&self.round_address(window))
    }

    /// Whether a window is contested.
    pub fn is_contested(&self, window: u16) -> bool {
        self.chain.account(&self.round_address(window)).is_some()
    }

    /// A party's Dispute of a window.
    pub fn dispute_address(&self, window: u16, party: Party) -> Pubkey {
        address::dispute(&self.round_address(window), party)
    }

    /// The Challenge of a seat's leaf in a window.
    pub fn challenge_address(&self, window: u16, seat: u8, leaf: u32) -> Pubkey {
        address::challenge(&self.round_address(window), seat, leaf)
    }

    /// The oracles that the pending redraw gives now, by authority.
    pub fn newcomers(&self) -> Vec<Pubkey> {
        self.with_draw(|draw| draw.newcomers().expect("drawn newcomers"))
    }

    /// The Oracle account of an authority.
    pub fn oracle_account(&self, authority: &Pubkey) -> Oracle {
        self.chain.read(&address::oracle(authority))
    }

    /// The registry of oracles.
    pub fn registry(&self) -> Registry {
        self.chain.read(&address::registry())
    }

    /// What a person holds in FLASH.
    pub fn purse(&self, name: &str) -> Atoms {
        self.chain.tokens(&purse(name))
    }

    /// The SLA's quote, by the inputs of [`reservation`].
    pub fn quote(&self) -> Quote {
        let request = reservation().request;
        let config = self.config();
        let window_min = Seconds(config.window_min_secs);
        Quote::new(&config.params, &self.unit().offer, &request, window_min).expect("a quote")
    }

    /// The committee that the draw gives now, by authority.
    pub fn drawn(&self) -> Vec<Pubkey> {
        self.with_draw(|draw| draw.committee().expect("a drawn committee"))
    }

    fn with_draw<T>(&self, hold: impl FnOnce(&Draw) -> T) -> T {
        let slot_hashes = self.chain.account(&solana_sdk::sysvar::slot_hashes::ID);
        hold(&Draw {
            address: self.sla_address(),
            sla: &self.sla(),
            provider: &self.provider_account(),
            registry: &self.registry(),
            slot_hashes: &slot_hashes.expect("slot hashes").data,
        })
    }
}
