//! Setting the protocol up and governing it, certifying its participants, checking its vaults.

pub mod accept_authority;
pub mod amend_certificate;
pub mod appoint_certifier;
pub mod assert_solvent;
pub mod certify;
pub mod govern;
pub mod initialize;
pub mod pause;
pub mod remove_certifier;
pub mod revoke_certificate;

pub use accept_authority::*;
pub use amend_certificate::*;
pub use appoint_certifier::*;
pub use assert_solvent::*;
pub use certify::*;
pub use govern::*;
pub use initialize::*;
pub use pause::*;
pub use remove_certifier::*;
pub use revoke_certificate::*;
