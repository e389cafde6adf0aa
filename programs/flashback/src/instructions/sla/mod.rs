//! The life of an SLA: reserving, seating, settling, ending.

mod agreement;

pub mod accept_sla;
pub mod close_abandoned_sla;
pub mod close_sla;
pub mod expire_sla;
pub mod fold_scores;
pub mod propose_sla;
pub mod reject_sla;
pub mod release_sla;
pub mod seat_committee;
pub mod settle;
pub mod settle_many;
pub mod terminate_sla;

pub use accept_sla::*;
pub use close_abandoned_sla::*;
pub use close_sla::*;
pub use expire_sla::*;
pub use fold_scores::*;
pub use propose_sla::*;
pub use reject_sla::*;
pub use release_sla::*;
pub use seat_committee::*;
pub use settle::*;
pub use settle_many::*;
pub use terminate_sla::*;
