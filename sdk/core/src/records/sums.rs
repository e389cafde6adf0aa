//! Sums of records: adding them, and packing them into the bits that a subtree can need.

use super::record::ROUND_OPERATIONS_MAX;
use crate::error::{CoreError, Result};
use crate::quality::{AGGREGATE_SIZE, Aggregate};

/// Bytes of the largest packed sums.
pub(super) const PACKED_BYTES_MAX: usize = 32;
/// Fields of an aggregate.
const FIELDS: usize = 11;
/// Bits of one sample (a latency in µs, a speed in KiB/s).
const SAMPLE_BITS: u32 = 32;
/// Bits that operations need beyond rounds: a round has at most four.
const OPERATION_BITS: u32 = ROUND_OPERATIONS_MAX.trailing_zeros();

impl Aggregate {
    /// The sum of two disjoint sets of records.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] if a figure does not fit.
    pub fn plus(&self, other: &Aggregate) -> Result<Aggregate> {
        let count = |a: u32, b: u32| a.checked_add(b).ok_or(CoreError::ArithmeticOverflow);
        let sum = |a: u64, b: u64| a.checked_add(b).ok_or(CoreError::ArithmeticOverflow);
        Ok(Aggregate {
            attempts: count(self.attempts, other.attempts)?,
            probes_total: count(self.probes_total, other.probes_total)?,
            probes_ok: count(self.probes_ok, other.probes_ok)?,
            ops_total: count(self.ops_total, other.ops_total)?,
            ops_ok: count(self.ops_ok, other.ops_ok)?,
            latency_count: count(self.latency_count, other.latency_count)?,
            upload_count: count(self.upload_count, other.upload_count)?,
            download_count: count(self.download_count, other.download_count)?,
            latency_sum_us: sum(self.latency_sum_us, other.latency_sum_us)?,
            upload_sum_kib_s: sum(self.upload_sum_kib_s, other.upload_sum_kib_s)?,
            download_sum_kib_s: sum(self.download_sum_kib_s, other.download_sum_kib_s)?,
        })
    }

    /// The figures in the order of [`Aggregate::encode`].
    fn figures(&self) -> [u64; FIELDS] {
        [
            u64::from(self.attempts),
            u64::from(self.probes_total),
            u64::from(self.probes_ok),
            u64::from(self.ops_total),
            u64::from(self.ops_ok),
            u64::from(self.latency_count),
            u64::from(self.upload_count),
            u64::from(self.download_count),
            self.latency_sum_us,
            self.upload_sum_kib_s,
            self.download_sum_kib_s,
        ]
    }

    fn from_figures(figures: [u64; FIELDS]) -> Result<Self> {
        let [a, b, c, d, e, f, g, h, latency, upload, download] = figures;
        let count = |figure| u32::try_from(figure).map_err(|_| CoreError::ArithmeticOverflow);
        Ok(Self {
            attempts: count(a)?,
            probes_total: count(b)?,
            probes_ok: count(c)?,
            ops_total: count(d)?,
            ops_ok: count(e)?,
            latency_count: count(f)?,
            upload_count: count(g)?,
            download_count: count(h)?,
            latency_sum_us: latency,
            upload_sum_kib_s: upload,
            download_sum_kib_s: download,
        })
    }

    /// The aggregate of its canonical bytes ([`Aggregate::encode`]). It may contradict itself: see
    /// [`Aggregate::check`].
    ///
    /// # Errors
    /// None: every such array is the encoding of an aggregate.
    pub fn decode(bytes: &[u8; AGGREGATE_SIZE]) -> Result<Self> {
        unpack(bytes, [32, 32, 32, 32, 32, 32, 32, 32, 64, 64, 64])
    }
}

/// Sums packed for hashing and for the wire.
pub(super) struct Packed {
    bytes: [u8; PACKED_BYTES_MAX],
    len: usize,
}

impl Packed {
    /// Packs the sums of `rounds` rounds: the figures in the order of [`Aggregate::encode`], least bits first,
    /// zeros up to the byte. With `b` the bit length of `rounds`, an operation count has `b + 2` bits, any other
    /// count `b`, and a sum of samples `b + 32`.
    ///
    /// # Errors
    /// [`CoreError::ProofInvalid`] for sums that so many rounds cannot have.
    pub(super) fn new(sums: &Aggregate, rounds: u32) -> Result<Self> {
        let mut packed = Self { bytes: [0; PACKED_BYTES_MAX], len: packed_bytes(rounds) };
        let mut slots = packed.bytes.iter_mut();
        let (mut held, mut held_bits) = (0u64, 0u32);
        for (figure, bits) in sums.figures().into_iter().zip(widths(rounds)) {
            if figure.checked_shr(bits).unwrap_or(0) != 0 {
                return Err(CoreError::ProofInvalid);
            }
            // At most 7 bits are held and a figure has at most 45.
            held |= figure.checked_shl(held_bits).unwrap_or(0);
            held_bits = held_bits.saturating_add(bits);
            while held_bits >= 8 {
                let [byte, ..] = held.to_le_bytes();
                *slots.next().ok_or(CoreError::ProofInvalid)? = byte;
                held >>= 8;
                held_bits = held_bits.saturating_sub(8);
            }
        }
        if held_bits > 0 {
            let [byte, ..] = held.to_le_bytes();
            *slots.next().ok_or(CoreError::ProofInvalid)? = byte;
        }
        Ok(packed)
    }

    /// The packed bytes.
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&self.bytes)
    }

    /// The sums of packed bytes.
    ///
    /// # Errors
    /// [`CoreError::ProofInvalid`] unless the bytes are as [`Packed::new`] writes them.
    pub(super) fn read(bytes: &[u8], rounds: u32) -> Result<Aggregate> {
        if bytes.len() != packed_bytes(rounds) {
            return Err(CoreError::ProofInvalid);
        }
        unpack(bytes, widths(rounds))
    }
}

/// Bits of each figure in the sums of `rounds` rounds.
fn widths(rounds: u32) -> [u32; FIELDS] {
    let count = u32::BITS.saturating_sub(rounds.leading_zeros());
    let operations = count.saturating_add(OPERATION_BITS);
    let sum = count.saturating_add(SAMPLE_BITS);
    [count, count, count, operations, operations, count, count, count, sum, sum, sum]
}

/// Bytes of the packed sums of `rounds` rounds.
pub(super) fn packed_bytes(rounds: u32) -> usize {
    let bits = widths(rounds).into_iter().fold(0, u32::saturating_add);
    usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX)
}

fn unpack(bytes: &[u8], widths: [u32; FIELDS]) -> Result<Aggregate> {
    let mut rest = bytes.iter();
    // At most 7 bits are held beyond a figure of 45; figures of 32 and 64 bits keep to the byte.
    let (mut held, mut held_bits) = (0u64, 0u32);
    let mut figures = [0; FIELDS];
    for (figure, bits) in figures.iter_mut().zip(widths) {
        while held_bits < bits {
            let byte = rest.next().ok_or(CoreError::ProofInvalid)?;
            held |= u64::from(*byte).checked_shl(held_bits).unwrap_or(0);
            held_bits = held_bits.saturating_add(8);
        }
        let mask = u64::MAX.checked_shr(u64::BITS.saturating_sub(bits)).unwrap_or(0);
        *figure = held & mask;
        held = held.checked_shr(bits).unwrap_or(0);
        held_bits = held_bits.saturating_sub(bits);
    }
    if held != 0 || rest.next().is_some() {
        return Err(CoreError::ProofInvalid);
    }
    Aggregate::from_figures(figures)
}
