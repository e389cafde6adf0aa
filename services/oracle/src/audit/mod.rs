//! Others' records, checked.
//!
//! [`judge`] is pure: it says what a publication, or the lack of one, shows about a report. [`Auditor`] looks at the
//! chain for what is to be judged, fetches, judges, and acts as far as its [`Policy`] goes. What it found is a
//! [`Report`], and an [`evidence`] bundle of it is a file for whoever has to decide what neither side can prove.

mod auditor;
pub mod evidence;
mod report;
mod verdict;

pub use auditor::{Auditor, Policy};
pub use report::{Action, Report, SeatReport};
pub use verdict::{Published, Verdict, judge};
