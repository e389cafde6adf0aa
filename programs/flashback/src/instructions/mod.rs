//! One file per instruction, in families. Each reads top to bottom: arguments, accounts, checks, handler.

pub mod admin;
pub mod contest;
pub mod money;
pub mod oracle;
pub mod provider;
pub mod sla;
pub mod stake;

pub use admin::*;
pub use contest::*;
pub use money::*;
pub use oracle::*;
pub use provider::*;
pub use sla::*;
pub use stake::*;
