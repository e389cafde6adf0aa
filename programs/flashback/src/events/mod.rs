//! What transitions emit, in the families of the instructions. Amounts are atoms, times unix seconds.

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
