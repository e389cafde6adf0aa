//! Money out of escrows, and into them from stakes.

pub mod claim_oracle_fees;
pub mod collect_absence;
pub mod collect_penalty;
pub mod sweep_fees;
pub mod withdraw_earnings;
pub mod withdraw_refund;

pub use claim_oracle_fees::*;
pub use collect_absence::*;
pub use collect_penalty::*;
pub use sweep_fees::*;
pub use withdraw_earnings::*;
pub use withdraw_refund::*;
