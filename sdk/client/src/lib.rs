//! The Rust SDK of Flashback.
//!
//! | module | what |
//! | --- | --- |
//! | [`Flashback`] | a client that acts as one key: reads, quotes, sends |
//! | [`search`] | which units can be reserved, the best bargain first |
//! | [`quote`] | what a reservation would cost and may come to, to the atom |
//! | [`watch`] | what becomes of an SLA, change by change |
//! | [`draw`] | who is drawn for a committee |
//! | [`instruction`] | one builder per instruction, to compose transactions |
//! | [`account`] | the program's accounts, decoded and checked |
//! | [`address`] | every address that the program derives |
//! | [`event`] | the program's events, decoded from logs |
//! | [`subscription`] | the events as they happen: none missed, none twice |
//! | [`error`] | what can go wrong, the program's errors decoded |
//!
//! The client has a method for what people do most. Everything else is a builder of [`instruction`], sent by
//! [`Flashback::send`].
//!
//! The rules, units and amounts are [`flashback_core`]'s, here as [`core`]: the same code as on chain.
//!
//! A consumer reserves 1 TiB for 30 days and seats the committee that will watch it:
//!
//! ```no_run
//! use flashback_sdk::core::units::Gib;
//! use flashback_sdk::quote::Reservation;
//! use flashback_sdk::{Flashback, Result, address};
//! use solana_sdk::pubkey::Pubkey;
//! use solana_sdk::signature::Keypair;
//!
//! # async fn reserve(key: Keypair, provider: Pubkey) -> Result<()> {
//! let consumer = Flashback::new("http://127.0.0.1:8899", key);
//! // The provider's number of the unit, and a number of the consumer's own that no live SLA of its has.
//! let (unit, id) = (1, 7);
//! let quoted = consumer.quote(&provider, unit, &Reservation::daily(Gib(1024), 30)).await?;
//! println!("deposit: {} of which fees at most {}", quoted.quote.deposit, quoted.quote.fee_reserve);
//! consumer.propose_sla(&provider, unit, id, &quoted).await?.send().await?;
//!
//! let sla = address::sla(&consumer.key(), id);
//! // The committee must be seated while its slot hash is known: within 512 slots, about 100 seconds or more.
//! consumer.seat_committee(&sla).await?.send().await?;
//! let start = consumer.sla(&sla).await?.body.terms.start;
//! println!("the first window begins at {start} (unix seconds)");
//! # Ok(())
//! # }
//! ```
//!
//! Another takes the best bargain in a region, in steps that can be repeated after any failure:
//!
//! ```no_run
//! use flashback_sdk::core::text::region;
//! use flashback_sdk::core::units::Gib;
//! use flashback_sdk::quote::Reservation;
//! use flashback_sdk::{Flashback, Result, Search};
//!
//! # async fn bargain(consumer: Flashback) -> Result<()> {
//! let search =
//!     Search { region: Some(region("eu-central-1")?), capacity: Gib(1024), ..Search::default() };
//! let Some(best) = consumer.search(&search).await?.units.into_iter().next() else { return Ok(()) };
//! // Keep the number: `reserve` called again with it reserves nothing twice.
//! let id = consumer.free_sla_id().await?;
//! let wanted = Reservation::daily(Gib(1024), 30);
//! let reserved = consumer.reserve(&best.provider_authority, best.unit.id, id, &wanted).await?;
//! let mut watch = consumer.watch(&reserved.sla);
//! while let Some(change) = watch.next().await? {
//!     println!("{:?}: {:?}", change.now.state, change.settled());
//! }
//! let withdrawn = consumer.withdraw_all().await?;
//! for receipt in &withdrawn.receipts {
//!     println!("withdrawn in {}", receipt.signature);
//! }
//! withdrawn.complete()?;
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod account;
pub mod address;
mod batch;
mod client;
pub mod draw;
pub mod error;
pub mod event;
pub mod instruction;
mod landed;
mod lookup;
mod prepared;
pub mod quote;
mod scan;
pub mod search;
mod send;
mod sent;
mod since;
pub mod subscription;
mod verbs;
pub mod watch;

pub use client::Flashback;
pub use error::{Error, Result};
pub use flashback_core as core;
pub use landed::{Balances, Landed, Touch};
pub use prepared::Prepared;
pub use scan::Found;
pub use search::{Listing, Listings, Search};
pub use send::{
    AccountChange, AnySigner, Budget, InFlight, Lifetime, Nonce, OfflineTransaction, Pace,
    PriorityFee, Receipt, SendOptions, SentHook, Simulation, TRANSACTION_MAX_BYTES,
};
pub use sent::{Batch, Batches, Sent};
pub use verbs::Reserved;
