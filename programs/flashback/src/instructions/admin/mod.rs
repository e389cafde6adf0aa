//! Setting the protocol up, certifying its participants, checking its vaults.

pub mod appoint_certifier;
pub mod assert_solvent;
pub mod certify;
pub mod initialize;

pub use appoint_certifier::*;
pub use assert_solvent::*;
pub use certify::*;
pub use initialize::*;
