//! Flashback's integration tests: a [`World`] with actors on a Solana runtime in this process.
//!
//! Tests read as the protocol: an actor attempts an instruction, and the attempt succeeds or is refused for an exact
//! reason, with nothing changed.
//!
//! ```text
//! let mut world = World::with_active_sla();
//! world.seat(0).reports(0, met()).succeeds();
//! world.anyone().settles().is_refused(CoreError::NothingDue);
//! ```
//!
//! | module | what |
//! | --- | --- |
//! | [`chain`] | LiteSVM with the program deployed, FLASH minted, and a clock that moves |
//! | [`world`] | the protocol set up, step by step, for a test to start from |
//! | [`actors`] | who does what: providers, consumers, oracles, certifiers, the deployer, anyone |
//! | [`attempt`] | an instruction about to be sent, with one thing changed; how it ended |
//! | [`life`] | one SLA's whole life through the SDK, on any chain |
//! | [`validator`] | a validator, started and stopped by a test |
//! | [`measured`] | what oracles report |
//! | [`proxy`] | a connection that a test cuts |
//! | [`records`] | the records behind it, with their tree |
//! | [`prelude`] | what nearly every test uses |
//! | [`bench`] | compute units and sizes |
#![warn(missing_docs)]
#![allow(clippy::result_large_err, reason = "LiteSVM's own results are that large")]

pub mod actors;
pub mod attempt;
pub mod bench;
pub mod chain;
pub mod elf;
pub mod life;
pub mod measured;
pub mod names;
pub mod prelude;
pub mod proxy;
pub mod records;
pub mod scale;
pub mod validator;
pub mod world;

pub use attempt::{Attempt, Reason, Receipt};
pub use chain::Chain;
pub use world::World;
