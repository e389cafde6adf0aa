//! What nearly every test uses.

pub use anchor_lang::error::ErrorCode;
pub use flashback_core::CoreError;
pub use flashback_core::sla::Party;
pub use flashback_core::units::{Atoms, Timestamp};
pub use flashback_sdk::account::SubjectKind;
pub use flashback_sdk::address;
pub use flashback_sdk::error::TokenError;
pub use solana_sdk::instruction::InstructionError;
pub use solana_sdk::pubkey::Pubkey;

pub use crate::World;
pub use crate::actors::EXPIRY;
pub use crate::attempt::ACCOUNT_IN_USE;
pub use crate::chain::{Chain, DEPLOYER, GENESIS};
pub use crate::measured::{down, excellent, inconclusive, met, slow};
pub use crate::names::{key, keypair};
pub use crate::world::{
    ARBITER, CERTIFIER, CONSUMER, GUARDIAN, NUMBER, OPERATOR, ORACLES, OTHER_PROVIDER, PAYOUT,
    PROVIDER, PURSE, RENT_PAYER, STAKE, STRANGER, listing, purse, reservation, settings,
};
