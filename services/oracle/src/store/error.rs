//! What can go wrong with a store.

use flashback_core::CoreError;
use flashback_core::records::Kind;

use crate::key::WindowKey;

/// The store's results.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Why the store refused, or failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL names no kind of store.
    #[error(
        "{0:?} names no store: give a file's path, sqlite:PATH or postgres://USER@HOST/DATABASE"
    )]
    UrlUnknown(String),
    /// The store cannot be opened. Nothing of the URL is told but its kind: it may hold a password.
    #[error("the {kind} store cannot be opened: {source}")]
    Open {
        /// SQLite or PostgreSQL.
        kind: &'static str,
        /// Why.
        source: sqlx::Error,
    },
    /// A newer version of this software wrote it.
    #[error("the store's schema is version {found}, this software knows {known}: update it")]
    SchemaNewer {
        /// The store's.
        found: i64,
        /// The newest known here.
        known: i64,
    },
    /// The database failed.
    #[error("the store failed: {0}")]
    Database(#[from] sqlx::Error),
    /// What is stored cannot be what was written.
    #[error("the store is damaged: {0}")]
    Damaged(&'static str),
    /// The round has a record of that kind already.
    #[error("round {round} of {window} has a {kind:?} record already: each is made once")]
    RecordExists {
        /// The window.
        window: WindowKey,
        /// The round.
        round: u32,
        /// The kind.
        kind: Kind,
    },
    /// The record can stand in no tree of that window.
    #[error("round {round} of {window} cannot have that {kind:?} record: {source}")]
    RecordRefused {
        /// The window.
        window: WindowKey,
        /// The round.
        round: u32,
        /// The kind.
        kind: Kind,
        /// Why.
        source: CoreError,
    },
    /// The window was never opened here.
    #[error("{0} is not in the store: it is opened before anything is recorded of it")]
    WindowUnknown(WindowKey),
    /// The window was opened with something else.
    #[error("{0} was opened with another oracle, length, number of rounds or deadline")]
    WindowDiffers(WindowKey),
    /// There is no such transition.
    #[error("{window} is {found}: it cannot become {wanted}")]
    TransitionRefused {
        /// The window.
        window: WindowKey,
        /// Its state.
        found: String,
        /// The state that was asked for.
        wanted: String,
    },
    /// Records were added after the tree was built.
    #[error("{window} holds {found} records and its tree has {built}: build it anew")]
    RecordsChanged {
        /// The window.
        window: WindowKey,
        /// In the store.
        found: u64,
        /// In the tree.
        built: u64,
    },
    /// A rule of the protocol refused.
    #[error(transparent)]
    Rule(#[from] CoreError),
}
