//! Who does what. Every act is an [`Attempt`], which a test may bend before it is sent.

mod admin;
mod anyone;
mod consumer;
mod oracle;
mod provider;

pub use admin::{Arbiter, Certifier, Deployer, Guardian, certificate};
pub use anyone::Anyone;
pub use consumer::Consumer;
pub use oracle::{OracleActor, details as oracle_details};
pub use provider::{ProviderActor, details as provider_details, same_unit};

use flashback_core::units::Timestamp;
use solana_sdk::instruction::Instruction;
use solana_sdk::signature::Keypair;

use crate::World;
use crate::attempt::Attempt;
use crate::chain::GENESIS;

/// When certificates and appointments of this world expire.
pub const EXPIRY: Timestamp = Timestamp(GENESIS + 10 * 365 * 86_400);

fn attempt(world: &mut World, instruction: Instruction, signers: Vec<Keypair>) -> Attempt<'_> {
    Attempt::new(&mut world.chain, instruction, signers)
}
