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
use crate::send::Receipt;

impl Flashback {
    /// Sets the protocol up, once, as the program's upgrade authority.
    pub async fn initialize(&self, flash_mint: Pubkey, args: InitializeArgs) -> Result<Receipt> {
        let (payer, authority) = (self.key(), self.key());
        self.send(&[build::initialize(Initialize { payer, authority, flash_mint, args })], &[])
            .await
    }

    /// Appoints a certifier, as the Config's authority.
    pub async fn appoint_certifier(&self, args: AppointCertifierArgs) -> Result<Receipt> {
        self.send(&[build::appoint_certifier(self.key(), self.key(), args)], &[]).await
    }

    /// Certifies somebody, as a certifier.
    pub async fn certify(&self, args: CertifyArgs) -> Result<Receipt> {
        self.send(&[build::certify(self.key(), self.key(), args)], &[]).await
    }

    /// Registers as a provider.
    pub async fn register_provider(&self, args: RegisterProviderArgs) -> Result<Receipt> {
        let mint = self.mint().await?;
        self.send(&[build::register_provider(self.key(), self.key(), mint, args)], &[]).await
    }

    /// Registers as an oracle.
    pub async fn register_oracle(&self, args: RegisterOracleArgs) -> Result<Receipt> {
        let mint = self.mint().await?;
        self.send(&[build::register_oracle(self.key(), self.key(), mint, args)], &[]).await
    }

    /// Bonds FLASH of this key's associated token account to its own provider or oracle: `owner` is of this key.
    pub async fn stake(&self, owner: StakeOwner, amount: Atoms) -> Result<Receipt> {
        let tokens = address::token_account(&self.key(), &self.mint().await?);
        self.send(&[build::stake(self.key(), tokens, owner, amount)], &[]).await
    }

    /// Enters the registry from which committees are drawn, as an oracle.
    pub async fn join_registry(&self) -> Result<Receipt> {
        self.send(&[build::join_registry(self.key(), self.key())], &[]).await
    }

    /// Lists a data unit, as a provider.
    pub async fn create_unit(&self, args: CreateUnitArgs) -> Result<Receipt> {
        self.send(&[build::create_unit(self.key(), self.key(), args)], &[]).await
    }

    /// Creates a key's associated token account for FLASH unless it exists, and sends it FLASH of this key's.
    pub async fn transfer(&self, to: &Pubkey, amount: Atoms) -> Result<Receipt> {
        let mint = self.mint().await?;
        let from = address::token_account(&self.key(), &mint);
        let create = build::create_token_account(&self.key(), to, &mint);
        let to = address::token_account(to, &mint);
        self.send(&[create, build::transfer(&self.key(), &from, &mint, &to, amount)], &[]).await
    }
}
