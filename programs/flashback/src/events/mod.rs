//! What transitions emit, in the families of the instructions. Amounts are atoms, times unix seconds, scores and points
//! that end in `_milli` thousandths of a point.
//!
//! `sla`, `provider`, `unit` and `round` are addresses of accounts; `consumer`, `by` and the like are keys. So is an
//! oracle where its field says that it is the authority; elsewhere it is the address of the Oracle account.

mod admin;
mod contest;
mod money;
mod oracle;
mod provider;
mod sla;
mod stake;

pub use admin::*;
pub use contest::*;
pub use money::*;
pub use oracle::*;
pub use provider::*;
pub use sla::*;
pub use stake::*;
