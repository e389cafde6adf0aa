//! Setting up: the protocol, its participants, their stakes and units.

use flashback_core::units::Atoms;
use solana_sdk::pubkey::Pubkey;

use crate::address;
use crate::client::Flashback;
use crate::error::Result;
use crate::instruction::{
    self as build, AppointCertifierArgs, CertifyArgs, CreateUnitArgs, Initialize, InitializeArgs,
    RegisterOracleArgs, RegisterProviderArgs, StakeOwner,
};
use crate::prepared::Prepared;

impl Flashback {
    /// Sets the protocol up, once, as the program's upgrade authority.
    pub fn initialize(&self, flash_mint: Pubkey, args: InitializeArgs) -> Prepared {
        let (payer, authority) = (self.key(), self.key());
        self.prepare([build::initialize(Initialize { payer, authority, flash_mint, args })])
    }

    /// Appoints a certifier, as the Config's authority.
    pub fn appoint_certifier(&self, args: AppointCertifierArgs) -> Prepared {
        self.prepare([build::appoint_certifier(self.key(), self.key(), args)])
    }

    /// Certifies somebody, as a certifier.
    pub fn certify(&self, args: CertifyArgs) -> Prepared {
        self.prepare([build::certify(self.key(), self.key(), args)])
    }

    /// Registers as a provider.
    pub async fn register_provider(&self, args: RegisterProviderArgs) -> Result<Prepared> {
        let mint = self.mint().await?;
        Ok(self.prepare([build::register_provider(self.key(), self.key(), mint, args)]))
    }

    /// Registers as an oracle.
    pub async fn register_oracle(&self, args: RegisterOracleArgs) -> Result<Prepared> {
        let mint = self.mint().await?;
        Ok(self.prepare([build::register_oracle(self.key(), self.key(), mint, args)]))
    }

    /// Bonds FLASH of this key's associated token account to its own provider or oracle: `owner` is of this key.
    pub async fn stake(&self, owner: StakeOwner, amount: Atoms) -> Result<Prepared> {
        let tokens = address::token_account(&self.key(), &self.mint().await?);
        Ok(self.prepare([build::stake(self.key(), tokens, owner, amount)]))
    }

    /// Enters the registry from which committees are drawn, as an oracle.
    pub fn join_registry(&self) -> Prepared {
        self.prepare([build::join_registry(self.key(), self.key())])
    }

    /// Lists a data unit, as a provider.
    pub fn create_unit(&self, args: CreateUnitArgs) -> Prepared {
        self.prepare([build::create_unit(self.key(), self.key(), args)])
    }

    /// Creates a key's associated token account for FLASH unless it exists, and sends it FLASH of this key's.
    pub async fn transfer(&self, to: &Pubkey, amount: Atoms) -> Result<Prepared> {
        let mint = self.mint().await?;
        let from = address::token_account(&self.key(), &mint);
        let create = build::create_token_account(&self.key(), to, &mint);
        let to = address::token_account(to, &mint);
        Ok(self.prepare([create, build::transfer(&self.key(), &from, &mint, &to, amount)]))
    }
}
