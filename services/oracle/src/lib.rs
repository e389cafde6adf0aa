//! The oracle of Flashback: measures storage for those who pay for it, provably.
//!
//! | module | what |
//! | --- | --- |
//! | [`key`] | what records belong to |
//! | [`clock`] | the chain's time |
//! | [`credentials`] | what consumers seal to an oracle |
//! | [`schedule`] | when which round probes what |
//! | [`target`] | one consumer's storage, measured |
//! | [`round`] | one round of probes |
//! | [`store`] | records, kept |
//! | [`window`] | a window's records as a tree |
//! | [`publication`] | records, for anyone to check |
//! | [`report`] | windows, reported once |
//! | [`audit`] | others' records, checked |
//! | [`run`] | everything together |
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod audit;
pub mod clock;
pub mod credentials;
pub mod key;
pub mod publication;
pub mod report;
pub mod round;
pub mod run;
pub mod schedule;
pub mod store;
pub mod target;
mod text;
pub mod window;
