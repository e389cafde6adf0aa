//! From the protocol's types to columns and back.

use flashback_core::hash::Digest;
use flashback_core::quality::{AGGREGATE_SIZE, Aggregate};
use flashback_core::records::{Kind, Outcome, Record};
use flashback_core::units::Timestamp;
use solana_sdk::pubkey::Pubkey;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::error::{Result, StoreError};
use crate::key::{SlaLife, WindowKey};

/// A column of whole numbers.
pub(super) fn number<T: TryFrom<i64>>(row: &AnyRow, column: &'static str) -> Result<T> {
    T::try_from(row.try_get::<i64, _>(column)?).map_err(|_| StoreError::Damaged(column))
}

/// A column of whole numbers that may be empty.
pub(super) fn number_or_none<T: TryFrom<i64>>(
    row: &AnyRow,
    column: &'static str,
) -> Result<Option<T>> {
    let number = row.try_get::<Option<i64>, _>(column)?;
    number.map(T::try_from).transpose().map_err(|_| StoreError::Damaged(column))
}

/// A column of that many bytes, which may be empty.
pub(super) fn bytes<const N: usize>(row: &AnyRow, column: &'static str) -> Result<Option<[u8; N]>> {
    let bytes = row.try_get::<Option<Vec<u8>>, _>(column)?;
    bytes.map(|bytes| bytes.try_into()).transpose().map_err(|_| StoreError::Damaged(column))
}

/// A column that holds a key.
pub(super) fn pubkey(row: &AnyRow, column: &'static str) -> Result<Pubkey> {
    bytes::<32>(row, column)?.map(Pubkey::new_from_array).ok_or(StoreError::Damaged(column))
}

/// A column that holds a time.
pub(super) fn timestamp(row: &AnyRow, column: &'static str) -> Result<Timestamp> {
    Ok(Timestamp(row.try_get(column)?))
}

/// The columns `sla` and `start`.
pub(super) fn life(row: &AnyRow) -> Result<SlaLife> {
    Ok(SlaLife { sla: pubkey(row, "sla")?, start: timestamp(row, "start")? })
}

/// The columns of a window's key.
pub(super) fn window_key(row: &AnyRow) -> Result<WindowKey> {
    Ok(life(row)?.window(number(row, "window_no")?))
}

/// The columns `aggregate` and `root`.
pub(super) fn submission(row: &AnyRow) -> Result<Option<(Aggregate, Digest)>> {
    let aggregate = bytes::<AGGREGATE_SIZE>(row, "aggregate")?;
    match (aggregate, bytes::<32>(row, "root")?) {
        (Some(aggregate), Some(root)) => Ok(Some((Aggregate::decode(&aggregate)?, root))),
        (None, None) => Ok(None),
        _ => Err(StoreError::Damaged("aggregate or root")),
    }
}

/// The code of a kind.
pub(super) fn kind_code(kind: Kind) -> i64 {
    let position = Kind::ALL.iter().position(|other| *other == kind);
    position.and_then(|position| i64::try_from(position).ok()).unwrap_or(i64::MAX)
}

/// Every outcome, by code.
const OUTCOMES: [Outcome; 3] = [Outcome::Ok, Outcome::Failed, Outcome::Inconclusive];

/// The code of an outcome.
pub(super) fn outcome_code(outcome: Outcome) -> i64 {
    match outcome {
        Outcome::Ok => 0,
        Outcome::Failed => 1,
        Outcome::Inconclusive => 2,
    }
}

/// The columns of a record, and its round.
pub(super) fn record(row: &AnyRow) -> Result<(u32, Record)> {
    let kind = Kind::ALL.get(number::<usize>(row, "kind")?).copied();
    let outcome = OUTCOMES.get(number::<usize>(row, "outcome")?).copied();
    let record = Record {
        time: timestamp(row, "time")?,
        kind: kind.ok_or(StoreError::Damaged("kind"))?,
        outcome: outcome.ok_or(StoreError::Damaged("outcome"))?,
        latency_us: number(row, "latency_us")?,
        bytes: number(row, "bytes")?,
        duration_us: number(row, "duration_us")?,
    };
    Ok((number(row, "round")?, record))
}

/// The columns of sums.
pub(super) fn sums(row: &AnyRow) -> Result<Aggregate> {
    Ok(Aggregate {
        attempts: number(row, "attempts")?,
        probes_total: number(row, "probes_total")?,
        probes_ok: number(row, "probes_ok")?,
        ops_total: number(row, "ops_total")?,
        ops_ok: number(row, "ops_ok")?,
        latency_count: number(row, "latency_count")?,
        upload_count: number(row, "upload_count")?,
        download_count: number(row, "download_count")?,
        latency_sum_us: number(row, "latency_sum_us")?,
        upload_sum_kib_s: number(row, "upload_sum_kib_s")?,
        download_sum_kib_s: number(row, "download_sum_kib_s")?,
    })
}

/// The figures of sums, in the order of their columns.
pub(super) fn figures(sums: &Aggregate) -> Result<[i64; 11]> {
    let sum = |figure| i64::try_from(figure).map_err(|_| StoreError::Damaged("sums beyond 2^63"));
    Ok([
        sums.attempts.into(),
        sums.probes_total.into(),
        sums.probes_ok.into(),
        sums.ops_total.into(),
        sums.ops_ok.into(),
        sums.latency_count.into(),
        sums.upload_count.into(),
        sums.download_count.into(),
        sum(sums.latency_sum_us)?,
        sum(sums.upload_sum_kib_s)?,
        sum(sums.download_sum_kib_s)?,
    ])
}
