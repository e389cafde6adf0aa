//! One record: its fields, its encoding, and how it counts.

use crate::error::{CoreError, Result};
use crate::math::mul_div_floor;
use crate::quality::Aggregate;
use crate::units::Timestamp;

/// What a probe did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Asked whether the service is up. Every attempted round has one: it is what counts as the attempt.
    Availability = 0,
    /// An operation that timed its first byte.
    Latency = 1,
    /// An operation that timed an upload.
    Upload = 2,
    /// An operation that timed a download.
    Download = 3,
    /// Any other operation.
    Operation = 4,
}

impl Kind {
    /// Every kind, in the order in which a round's records stand.
    pub const ALL: [Kind; 5] =
        [Kind::Availability, Kind::Latency, Kind::Upload, Kind::Download, Kind::Operation];

    /// The encoded code.
    #[allow(clippy::as_conversions, reason = "a fieldless repr(u8) enum")]
    const fn code(self) -> u8 {
        self as u8
    }

    fn from_code(code: u8) -> Result<Self> {
        Self::ALL.get(usize::from(code)).copied().ok_or(CoreError::RecordMalformed)
    }
}

/// How a probe ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Outcome {
    /// The service did what was asked.
    Ok = 0,
    /// It did not, in time, though it was its turn. Throttling below the agreed probe rate is a failure.
    Failed = 1,
    /// The probe says nothing about the provider: what a consumer can cause (401, 403, missing bucket, quota),
    /// announced maintenance, or a fault on the oracle's own side.
    Inconclusive = 2,
}

impl Outcome {
    #[allow(clippy::as_conversions, reason = "a fieldless repr(u8) enum")]
    const fn code(self) -> u8 {
        self as u8
    }

    fn from_code(code: u8) -> Result<Self> {
        match code {
            0 => Ok(Self::Ok),
            1 => Ok(Self::Failed),
            2 => Ok(Self::Inconclusive),
            _ => Err(CoreError::RecordMalformed),
        }
    }
}

/// One probe of an oracle.
///
/// A figure that the kind does not measure is zero, and so is every figure of a probe that was not ok.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// When the probe began, by the chain's clock.
    pub time: Timestamp,
    /// What it did.
    pub kind: Kind,
    /// How it ended.
    pub outcome: Outcome,
    /// [`Kind::Latency`]: time to the first byte, in µs.
    pub latency_us: u32,
    /// [`Kind::Upload`], [`Kind::Download`]: bytes transferred, at least 1.
    pub bytes: u32,
    /// [`Kind::Upload`], [`Kind::Download`]: how long the transfer took, in µs, at least 1.
    pub duration_us: u32,
}

/// Bytes of a record's head: kind and outcome, and the time.
const HEAD_BYTES: usize = 4;
/// The largest time that a head expresses, in seconds since the window's start.
pub(super) const OFFSET_MAX: u32 = (1 << 24) - 1;
/// The largest encoded record.
pub const RECORD_BYTES_MAX: usize = 12;
/// The largest encoding of one round: one record of each kind, all ok.
pub const ROUND_BYTES_MAX: usize = 40;
/// The most operations of one round: one of each kind but availability.
pub(super) const ROUND_OPERATIONS_MAX: u32 = 4;

impl Record {
    /// A record without figures: of availability, of a plain operation, or not ok.
    pub const fn plain(time: Timestamp, kind: Kind, outcome: Outcome) -> Self {
        Self { time, kind, outcome, latency_us: 0, bytes: 0, duration_us: 0 }
    }

    /// An operation whose first byte came after `latency_us` µs.
    pub const fn latency(time: Timestamp, latency_us: u32) -> Self {
        Self { latency_us, ..Self::plain(time, Kind::Latency, Outcome::Ok) }
    }

    /// An upload of `bytes` bytes that took `duration_us` µs.
    pub const fn upload(time: Timestamp, bytes: u32, duration_us: u32) -> Self {
        Self { bytes, duration_us, ..Self::plain(time, Kind::Upload, Outcome::Ok) }
    }

    /// A download of `bytes` bytes that took `duration_us` µs.
    pub const fn download(time: Timestamp, bytes: u32, duration_us: u32) -> Self {
        Self { bytes, duration_us, ..Self::plain(time, Kind::Download, Outcome::Ok) }
    }

    /// The speed of a transfer in KiB/s, rounded down: `⌊bytes·10⁶ / (1024·µs)⌋`.
    ///
    /// # Errors
    /// [`CoreError::RecordMalformed`] if nothing or no time was measured, or 2³² KiB/s and more.
    pub fn speed_kib_s(&self) -> Result<u32> {
        if self.bytes == 0 {
            return Err(CoreError::RecordMalformed);
        }
        let divisor = u64::from(self.duration_us).saturating_mul(1_024);
        mul_div_floor(u64::from(self.bytes), 1_000_000, divisor)
            .ok()
            .and_then(|speed| u32::try_from(speed).ok())
            .ok_or(CoreError::RecordMalformed)
    }

    /// Adds the record to a sum. This is the one rule of how records count:
    ///
    /// | kind | ok | failed | inconclusive |
    /// | --- | --- | --- | --- |
    /// | availability | attempt, probe, probe ok | attempt, probe | attempt |
    /// | latency | operation, operation ok, latency sample | operation | – |
    /// | upload | operation, operation ok, upload sample | operation | – |
    /// | download | operation, operation ok, download sample | operation | – |
    /// | operation | operation, operation ok | operation | – |
    ///
    /// # Errors
    /// [`CoreError::RecordMalformed`] for a transfer without a speed; [`CoreError::ArithmeticOverflow`].
    pub fn count_into(&self, sums: &mut Aggregate) -> Result<()> {
        let (conclusive, ok) = match self.outcome {
            Outcome::Ok => (true, true),
            Outcome::Failed => (true, false),
            Outcome::Inconclusive => (false, false),
        };
        if self.kind == Kind::Availability {
            increment(&mut sums.attempts, true)?;
            increment(&mut sums.probes_total, conclusive)?;
            return increment(&mut sums.probes_ok, ok);
        }
        increment(&mut sums.ops_total, conclusive)?;
        increment(&mut sums.ops_ok, ok)?;
        if !ok {
            return Ok(());
        }
        let (count, sum, sample) = match self.kind {
            Kind::Latency => (&mut sums.latency_count, &mut sums.latency_sum_us, self.latency_us),
            Kind::Upload => {
                (&mut sums.upload_count, &mut sums.upload_sum_kib_s, self.speed_kib_s()?)
            }
            Kind::Download => {
                (&mut sums.download_count, &mut sums.download_sum_kib_s, self.speed_kib_s()?)
            }
            Kind::Availability | Kind::Operation => return Ok(()),
        };
        increment(count, true)?;
        *sum = sum.checked_add(u64::from(sample)).ok_or(CoreError::ArithmeticOverflow)?;
        Ok(())
    }

    /// Which figures are encoded, in order.
    const fn measures(kind: Kind, outcome: Outcome) -> Measures {
        match (outcome, kind) {
            (Outcome::Ok, Kind::Latency) => Measures::Latency,
            (Outcome::Ok, Kind::Upload | Kind::Download) => Measures::Transfer,
            _ => Measures::Nothing,
        }
    }

    /// Appends the record's one encoding: a u32 of which bits 0–2 are the kind, 3–4 the outcome, 5–7 zero
    /// and 8–31 the seconds since the window's start; then what it measured, as u32s (latency; or bytes,
    /// duration). Little-endian.
    ///
    /// # Errors
    /// [`CoreError::RecordMalformed`] if a figure is out of range or one that the kind does not measure;
    /// [`CoreError::RecordOutsideSlice`] for a time that this cannot express.
    pub(super) fn encode_into(&self, window_start: Timestamp, bytes: &mut Vec<u8>) -> Result<()> {
        let offset = u32::try_from(self.time.since(window_start)).unwrap_or(u32::MAX);
        if self.time < window_start || offset > OFFSET_MAX {
            return Err(CoreError::RecordOutsideSlice);
        }
        let code = u32::from(self.kind.code()) | (u32::from(self.outcome.code()) << 3);
        bytes.extend_from_slice(&((offset << 8) | code).to_le_bytes());
        let (zeros, figures) = match Self::measures(self.kind, self.outcome) {
            Measures::Nothing => ([self.latency_us, self.bytes | self.duration_us], [None, None]),
            Measures::Latency => ([self.bytes, self.duration_us], [Some(self.latency_us), None]),
            Measures::Transfer => {
                self.speed_kib_s()?;
                ([self.latency_us, 0], [Some(self.bytes), Some(self.duration_us)])
            }
        };
        if zeros != [0, 0] {
            return Err(CoreError::RecordMalformed);
        }
        for figure in figures.into_iter().flatten() {
            bytes.extend_from_slice(&figure.to_le_bytes());
        }
        Ok(())
    }

    /// Takes one record off the front of `bytes`.
    ///
    /// # Errors
    /// [`CoreError::RecordMalformed`] if they do not begin with a record's one encoding.
    pub(super) fn decode_from(window_start: Timestamp, bytes: &mut &[u8]) -> Result<Self> {
        let [code, low, middle, high] = take::<HEAD_BYTES>(bytes)?;
        if code >> 5 != 0 {
            return Err(CoreError::RecordMalformed);
        }
        let kind = Kind::from_code(code & 7)?;
        let outcome = Outcome::from_code(code >> 3)?;
        let offset = u32::from_le_bytes([low, middle, high, 0]);
        let mut record = Self::plain(window_start.after(u64::from(offset))?, kind, outcome);
        match Self::measures(kind, outcome) {
            Measures::Nothing => {}
            Measures::Latency => record.latency_us = u32::from_le_bytes(take(bytes)?),
            Measures::Transfer => {
                record.bytes = u32::from_le_bytes(take(bytes)?);
                record.duration_us = u32::from_le_bytes(take(bytes)?);
                record.speed_kib_s()?;
            }
        }
        Ok(record)
    }
}

enum Measures {
    Nothing,
    Latency,
    Transfer,
}

fn increment(count: &mut u32, when: bool) -> Result<()> {
    *count = count.checked_add(u32::from(when)).ok_or(CoreError::ArithmeticOverflow)?;
    Ok(())
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N]> {
    let (head, tail) = bytes.split_first_chunk::<N>().ok_or(CoreError::RecordMalformed)?;
    *bytes = tail;
    Ok(*head)
}
