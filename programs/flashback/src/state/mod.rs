//! The accounts. Each starts with a version byte, keeps reserved bytes and records who paid its rent.

mod certificate;
mod config;
mod contest;
mod oracle;
mod provider;
mod registry;
mod sla;
mod stake_owner;
mod unit;

pub use certificate::{Certificate, Certifier, SubjectKind};
pub use config::Config;
pub use contest::{Challenge, Dispute, Round};
pub use oracle::{FormerOracle, Oracle};
pub use provider::Provider;
pub use registry::{OracleRegistry, RegistryEntry};
pub use sla::Sla;
pub use stake_owner::StakeOwner;
pub use unit::{DataUnit, Maintenance};

/// The version that this program writes into every account.
pub const VERSION: u8 = 1;
