//! Contested windows: disputes, challenges, fraud proofs, and what becomes of their rounds.

mod contested;

pub mod challenge_leaf;
pub mod expire_challenge;
pub mod expire_dispute;
pub mod free_round_seat;
pub mod open_dispute;
pub mod open_leaf;
pub mod prove_fraud;
pub mod rule_dispute;
pub mod settle_round;

pub use challenge_leaf::*;
pub use expire_challenge::*;
pub use expire_dispute::*;
pub use free_round_seat::*;
pub use open_dispute::*;
pub use open_leaf::*;
pub use prove_fraud::*;
pub use rule_dispute::*;
pub use settle_round::*;
