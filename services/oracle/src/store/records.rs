//! Records: appended once, never changed.

use std::collections::BTreeSet;

use flashback_core::records::{Record, Series, encode_leaf};
use flashback_core::{CoreError, Result as CoreResult};
use sqlx::{Any, AssertSqlSafe, Transaction};

use super::error::{Result, StoreError};
use super::windows::keyed;
use super::{Store, rows};
use crate::key::WindowKey;

/// One window of a store, for records to be appended to.
#[derive(Clone, Debug)]
pub struct WindowStore {
    store: Store,
    key: WindowKey,
    series: Series,
}

impl Store {
    /// An open window, for records.
    ///
    /// # Errors
    /// [`StoreError::WindowUnknown`].
    pub async fn recording(&self, key: &WindowKey) -> Result<WindowStore> {
        let window = self.window(key).await?.ok_or(StoreError::WindowUnknown(*key))?;
        Ok(WindowStore { store: self.clone(), key: *key, series: window.series()? })
    }

    /// Appends one record of a round, for good: it is there once this returns. Where many are appended,
    /// [`Store::recording`] spares looking the window up each time.
    ///
    /// # Errors
    /// [`StoreError::RecordExists`] if the round has one of its kind; [`StoreError::RecordRefused`] if it can stand in no
    /// tree there; [`StoreError::WindowUnknown`]; [`StoreError::TransitionRefused`] if the window is not open any more.
    pub async fn append(&self, key: &WindowKey, round: u32, record: &Record) -> Result<()> {
        self.recording(key).await?.append(round, record).await
    }

    /// A window's records, each with its round, in the order of a tree's leaves: by round and kind.
    pub async fn records(&self, key: &WindowKey) -> Result<Vec<(u32, Record)>> {
        let query = sqlx::query(
            "SELECT round, kind, outcome, time, latency_us, bytes, duration_us FROM records \
             WHERE sla = $1 AND start = $2 AND window_no = $3 ORDER BY round, kind",
        );
        let rows = keyed(query, key).fetch_all(&self.pools.reader).await?;
        rows.iter().map(rows::record).collect()
    }

    /// The rounds of a window that were attempted: those with a record.
    pub async fn attempted_rounds(&self, key: &WindowKey) -> Result<BTreeSet<u32>> {
        let query = sqlx::query(
            "SELECT DISTINCT round FROM records WHERE sla = $1 AND start = $2 AND window_no = $3",
        );
        let rows = keyed(query, key).fetch_all(&self.pools.reader).await?;
        rows.iter().map(|row| rows::number(row, "round")).collect()
    }
}

impl WindowStore {
    /// Which window.
    pub fn key(&self) -> &WindowKey {
        &self.key
    }

    /// Its store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Its series.
    pub fn series(&self) -> &Series {
        &self.series
    }

    /// Appends one record of a round.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub async fn append(&self, round: u32, record: &Record) -> Result<()> {
        let (window, kind) = (self.key, record.kind);
        check(&self.series, round, record).map_err(|source| StoreError::RecordRefused {
            window,
            round,
            kind,
            source,
        })?;
        let text = format!(
            "INSERT INTO records (sla, start, window_no, round, kind, outcome, time, latency_us, bytes, duration_us) \
             SELECT sla, start, window_no, $4, $5, $6, $7, $8, $9, $10 FROM windows \
             WHERE sla = $1 AND start = $2 AND window_no = $3 AND state = 0{}",
            self.store.pools.dialect.for_share()
        );
        let done = keyed(sqlx::query(AssertSqlSafe(text)), &self.key)
            .bind(i64::from(round))
            .bind(rows::kind_code(kind))
            .bind(rows::outcome_code(record.outcome))
            .bind(record.time.0)
            .bind(i64::from(record.latency_us))
            .bind(i64::from(record.bytes))
            .bind(i64::from(record.duration_us))
            .execute(&self.store.pools.writer)
            .await;
        match done {
            Ok(done) if done.rows_affected() == 1 => Ok(()),
            Ok(_) => {
                let window = self.store.window(&self.key).await?;
                let window = window.ok_or(StoreError::WindowUnknown(self.key))?;
                Err(StoreError::TransitionRefused {
                    window: self.key,
                    found: window.state.to_string(),
                    wanted: "open for records".into(),
                })
            }
            Err(error) => {
                let exists = error.as_database_error().is_some_and(|e| e.is_unique_violation());
                match exists {
                    true => Err(StoreError::RecordExists { window, round, kind }),
                    false => Err(error.into()),
                }
            }
        }
    }
}

/// Whether the record could stand in its round: one that could not would keep the whole window from being reported.
fn check(series: &Series, round: u32, record: &Record) -> CoreResult<()> {
    if !series.slice(round)?.contains(&record.time) {
        return Err(CoreError::RecordOutsideSlice);
    }
    let leaf = round.checked_div(series.shape().rounds_per_leaf()).unwrap_or(0);
    encode_leaf(series, leaf, &[*record]).map(drop)
}

/// How many records a window has.
pub(super) async fn count(
    transaction: &mut Transaction<'static, Any>,
    key: &WindowKey,
) -> Result<u64> {
    let query = sqlx::query(
        "SELECT COUNT(*) AS n FROM records WHERE sla = $1 AND start = $2 AND window_no = $3",
    );
    rows::number(&keyed(query, key).fetch_one(&mut **transaction).await?, "n")
}
