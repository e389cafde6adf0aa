//! Retention: records of windows long over become hourly sums, and are deleted.

use std::collections::BTreeMap;

use flashback_core::quality::Aggregate;
use flashback_core::units::{Seconds, Timestamp};
use sqlx::{Any, Transaction};

use super::error::Result;
use super::state::Window;
use super::windows::{Filter, keyed};
use super::{Store, rows};
use crate::key::{SlaLife, WindowKey};

/// Seconds of what is summed up together.
const HOUR_SECS: i64 = 3_600;

/// What was rolled up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RolledUp {
    /// Windows.
    pub windows: u64,
    /// Records, which are deleted.
    pub records: u64,
}

impl Store {
    /// Rolls up the windows that landed or were missed and ended `retention` seconds ago or longer: their records are
    /// summed up by the hour of their times and deleted, window by window, in one transaction each. They are not
    /// published any more.
    ///
    /// Nothing may be disputed about such a window any more: `retention` must be longer than that takes.
    pub async fn roll_up(&self, now: Timestamp, retention: Seconds) -> Result<RolledUp> {
        let mut total = RolledUp::default();
        for window in self.windows(&Filter::default()).await? {
            let due = window.opening.ends(&window.key)?.after(u64::from(retention.0))?;
            if window.rolled_up || !window.state.is_final() || now < due {
                continue;
            }
            if let Some(records) = self.roll_up_window(&window.key).await? {
                total.windows = total.windows.saturating_add(1);
                total.records = total.records.saturating_add(records);
            }
        }
        Ok(total)
    }

    /// Rolls up one window, unless another process has; how many records it had.
    async fn roll_up_window(&self, key: &WindowKey) -> Result<Option<u64>> {
        let mut transaction = self.pools.begin().await?;
        let Window { rolled_up: true, .. } = self.locked_window(&mut transaction, key).await?
        else {
            let records = sum_up(&mut transaction, key).await?;
            for text in [
                "DELETE FROM records WHERE sla = $1 AND start = $2 AND window_no = $3",
                "UPDATE windows SET rolled_up = 1 WHERE sla = $1 AND start = $2 AND window_no = $3",
            ] {
                keyed(sqlx::query(text), key).execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
            return Ok(Some(records));
        };
        Ok(None)
    }

    /// The hourly sums of an SLA's deleted records, by the hour's begin.
    pub async fn hours(&self, life: &SlaLife) -> Result<Vec<(Timestamp, Aggregate)>> {
        let rows = sqlx::query("SELECT * FROM rollups WHERE sla = $1 AND start = $2 ORDER BY hour")
            .bind(life.sla.to_bytes().to_vec())
            .bind(life.start.0)
            .fetch_all(&self.pools.reader)
            .await?;
        rows.iter().map(|row| Ok((rows::timestamp(row, "hour")?, rows::sums(row)?))).collect()
    }

    /// The sums over all records of an SLA, those that were deleted too.
    pub async fn sums(&self, life: &SlaLife) -> Result<Aggregate> {
        let mut sums = Aggregate::EMPTY;
        for (_, hour) in self.hours(life).await? {
            sums = sums.plus(&hour)?;
        }
        for window in self.windows(&Filter { life: Some(*life), unfinished: false }).await? {
            for (_, record) in self.records(&window.key).await? {
                record.count_into(&mut sums)?;
            }
        }
        Ok(sums)
    }
}

/// Adds a window's records to the hourly sums; how many they are.
async fn sum_up(transaction: &mut Transaction<'static, Any>, key: &WindowKey) -> Result<u64> {
    let query = sqlx::query(
        "SELECT round, kind, outcome, time, latency_us, bytes, duration_us FROM records \
         WHERE sla = $1 AND start = $2 AND window_no = $3",
    );
    let rows = keyed(query, key).fetch_all(&mut **transaction).await?;
    let mut hours: BTreeMap<i64, Aggregate> = BTreeMap::new();
    for row in &rows {
        let (_, record) = rows::record(row)?;
        let into_hour = record.time.0.rem_euclid(HOUR_SECS);
        let hour = record.time.0.saturating_sub(into_hour);
        record.count_into(hours.entry(hour).or_insert(Aggregate::EMPTY))?;
    }
    for (hour, sums) in hours {
        // Windows share an hour. Sums of so many records do not overflow.
        let mut query = sqlx::query(
            "INSERT INTO rollups (sla, start, hour, attempts, probes_total, probes_ok, ops_total, ops_ok, \
               latency_count, upload_count, download_count, latency_sum_us, upload_sum_kib_s, download_sum_kib_s) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
             ON CONFLICT (sla, start, hour) DO UPDATE SET \
               attempts = rollups.attempts + excluded.attempts, \
               probes_total = rollups.probes_total + excluded.probes_total, \
               probes_ok = rollups.probes_ok + excluded.probes_ok, \
               ops_total = rollups.ops_total + excluded.ops_total, \
               ops_ok = rollups.ops_ok + excluded.ops_ok, \
               latency_count = rollups.latency_count + excluded.latency_count, \
               upload_count = rollups.upload_count + excluded.upload_count, \
               download_count = rollups.download_count + excluded.download_count, \
               latency_sum_us = rollups.latency_sum_us + excluded.latency_sum_us, \
               upload_sum_kib_s = rollups.upload_sum_kib_s + excluded.upload_sum_kib_s, \
               download_sum_kib_s = rollups.download_sum_kib_s + excluded.download_sum_kib_s",
        )
        .bind(key.life.sla.to_bytes().to_vec())
        .bind(key.life.start.0)
        .bind(hour);
        for figure in rows::figures(&sums)? {
            query = query.bind(figure);
        }
        query.execute(&mut **transaction).await?;
    }
    Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
}
