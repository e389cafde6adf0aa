//! A leaf: the records of its rounds, in their one encoding.

use super::record::Record;
use super::{LEAF, RECORDS, Series};
use crate::error::{CoreError, Result};
use crate::hash::{Digest, Sha256};
use crate::quality::Aggregate;

/// The one encoding of leaf `index`: its records one after the other, by round and within a round by kind.
///
/// # Errors
/// [`CoreError::RecordMalformed`] if a record has figures that its kind does not measure, records are not in
/// order, or a round has two of a kind; [`CoreError::RecordOutsideSlice`] if one lies in none of the leaf's
/// rounds; [`CoreError::ProofInvalid`] if the tree has no such leaf.
pub fn encode_leaf(series: &Series, index: u32, records: &[Record]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for record in records {
        record.encode_into(series.window_start(), &mut bytes)?;
    }
    leaf_sums(series, index, &bytes)?;
    Ok(bytes)
}

/// The records of an encoded leaf.
///
/// # Errors
/// As [`encode_leaf`]: [`CoreError::RecordMalformed`] for every other encoding.
pub fn decode_leaf(series: &Series, index: u32, bytes: &[u8]) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    scan(series, index, bytes, |record| {
        records.push(*record);
        Ok(())
    })?;
    Ok(records)
}

/// What an encoded leaf's records add up to.
///
/// # Errors
/// As [`decode_leaf`].
pub fn leaf_sums(series: &Series, index: u32, bytes: &[u8]) -> Result<Aggregate> {
    let mut sums = Aggregate::EMPTY;
    scan(series, index, bytes, |record| record.count_into(&mut sums))?;
    Ok(sums)
}

/// Visits the records of a leaf, each checked: well-formed, in its slice, and after the one before.
fn scan(
    series: &Series,
    index: u32,
    bytes: &[u8],
    mut visit: impl FnMut(&Record) -> Result<()>,
) -> Result<()> {
    let rounds = series.shape().leaf_rounds(index)?;
    let mut round = rounds.start;
    let mut slice_start = series.boundary(round)?;
    let mut slice_end = series.boundary(round.saturating_add(1))?;
    let mut last_kind = None;
    let mut rest = bytes;
    while !rest.is_empty() {
        let record = Record::decode_from(series.window_start(), &mut rest)?;
        while record.time >= slice_end {
            round = round.saturating_add(1);
            if round >= rounds.end {
                return Err(CoreError::RecordOutsideSlice);
            }
            slice_start = slice_end;
            slice_end = series.boundary(round.saturating_add(1))?;
            last_kind = None;
        }
        if record.time < slice_start {
            let before_the_leaf = round == rounds.start;
            return Err(if before_the_leaf {
                CoreError::RecordOutsideSlice
            } else {
                CoreError::RecordMalformed
            });
        }
        if last_kind >= Some(record.kind) {
            return Err(CoreError::RecordMalformed);
        }
        last_kind = Some(record.kind);
        visit(&record)?;
    }
    Ok(())
}

/// The hash that stands for a leaf's records.
pub(super) fn records_digest<H: Sha256>(bytes: &[u8]) -> Digest {
    H::hash(&[RECORDS, bytes])
}

/// The hash of a leaf.
pub(super) fn leaf_digest<H: Sha256>(context: &Digest, index: u32, records: &Digest) -> Digest {
    H::hash(&[LEAF, context, &index.to_le_bytes(), records])
}
