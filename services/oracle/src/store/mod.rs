//! Records, kept: append-only, in a SQLite file or a PostgreSQL database.
//!
//! | table | what |
//! | --- | --- |
//! | `windows` | every window that was probed, and how far its report has come ([`State`]) |
//! | `records` | what was measured: each record once, each committed on its own |
//! | `objects` | the oracle's own objects in consumers' buckets, to be cleaned up |
//! | `canaries` | consumers' objects that this oracle has read right once |
//! | `rollups` | hourly sums of records that were deleted |
//!
//! Whatever ends the process, at most the record that was being written is lost. Several processes may use one store.

mod dialect;
mod error;
mod objects;
mod recorder;
mod records;
mod rollup;
mod rows;
mod schema;
mod state;
mod timescale;
mod windows;

pub use dialect::Dialect;
pub use error::{Result, StoreError};
pub use records::WindowStore;
pub use rollup::RolledUp;
pub use state::{Opening, State, Submission, Window};
pub use windows::{Filter, Stats};

use dialect::Pools;

/// A store of records. Cloning is cheap, and shares its connections.
#[derive(Clone, Debug)]
pub struct Store {
    pools: Pools,
}

impl Store {
    /// Opens a store, and makes it if need be: `sqlite:PATH` or a bare path (the file is created), or
    /// `postgres://USER:PASSWORD@HOST/DATABASE` (the database must be there, its tables are created).
    ///
    /// # Errors
    /// [`StoreError::UrlUnknown`], [`StoreError::Open`]; [`StoreError::SchemaNewer`] if a newer version wrote it.
    pub async fn open(url: &str) -> Result<Self> {
        let pools = Pools::open(url).await?;
        schema::migrate(&pools).await?;
        Ok(Self { pools })
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.pools.dialect
    }

    /// Closes its connections, those of its clones too. Without it they close as the last clone is dropped, later.
    pub async fn close(&self) {
        self.pools.close().await;
    }
}
