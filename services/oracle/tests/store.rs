//! The store's promises, over SQLite and over PostgreSQL.

mod support;

#[path = "store/appending.rs"]
mod appending;
#[path = "store/bed.rs"]
mod bed;
#[path = "store/killed.rs"]
mod killed;
#[path = "store/opening.rs"]
mod opening;
#[path = "store/retention.rs"]
mod retention;
#[path = "store/transitions.rs"]
mod transitions;
