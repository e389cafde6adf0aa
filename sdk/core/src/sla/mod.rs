//! The SLA: its parts in the account, its state machine, settlement and money out.
//!
//! ```text
//! Proposed ──accept──▶ Agreed ──seat──▶ Active ──last window settled──▶ Ended ──close──▶ (gone)
//!    │                    └──draw lapsed──────────────────────────────────▲
//!    └──rejected, or not accepted in time─────────────────────────────────┘
//! ```
//!
//! Where the unit accepts automatically, an SLA begins as Agreed. It also ends early, after a termination or three
//! unmeasured windows in a row: what was the last window then is its last one.
//!
//! Window `k` covers `[start + k·w, start + (k+1)·w)`. After its end come the report phase (w/4) and the
//! challenge phase (w/4); then anyone settles it, in order. Since both phases fit into half a window, a
//! window can be settled before the next one's report phase opens, and one round of storage is enough.
//!
//! A window that is contested in its challenge phase moves into a [`ContestedRound`] and settles there by the
//! same judgement (`judge`), while later windows go on. A seat is redrawn between one window's settlement and
//! the next one's reports.

mod challenge;
mod close;
mod contest;
mod dispute;
mod judge;
mod money_out;
mod outlook;
mod parts;
mod proposal;
mod quote;
mod redraw;
mod settle;
mod submit;
mod terminate;

pub use challenge::{CHALLENGE_SECS, ChallengeWon, Slashed};
pub use close::{CLOSE_GRACE_SECS, FreedSeat, PushedOut, Released};
pub use contest::{ContestedRound, Holders, RoundSeatFreed};
pub use dispute::{BondReturned, Contest, DISPUTE_SECS, Party, Ruling};
pub use money_out::{Collected, Swept};
pub use outlook::{Payout, Payouts};
pub use parts::{
    COMMITMENT_SIZE, Commitment, Money, Progress, Round, SeatStatus, Seats, SlaBody, SlaState,
    SlaTerms, VACANT,
};
pub use quote::{Offer, Quote, Request};
pub use redraw::{MISSED_RUN, RedrawReason, Replaced};
pub use settle::{BATCH_MAX, WindowOutcome, WindowResult, check_batch};
pub use submit::commitment;
pub use terminate::{NOTICE_SECS, NOTICE_WINDOWS, Termination};

#[cfg(test)]
mod tests;
