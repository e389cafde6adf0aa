//! The plain parts of an Sla account, with typed getters.

use crate::committee::{CommitteeSize, SEATS_MAX, SeatCover};
use crate::error::{CoreError, Result};
use crate::money::{self, RefundCurve};
use crate::quality::{Judgement, NOT_PROMISED, Thresholds, effective_rate};
use crate::units::{Atoms, Bps, Ppm, Seconds, Timestamp};

/// Bytes of a submission's commitment: 160 bits of SHA-256. An oracle that looks for two preimages of one
/// commitment needs about 2^80 hashes, far more than any slash is worth; the account saves 60 bytes.
pub const COMMITMENT_SIZE: usize = 20;
/// A commitment to a submission's aggregate and to the root of its records' tree.
pub type Commitment = [u8; COMMITMENT_SIZE];
/// `first_window` of a seat that nobody holds.
pub const VACANT: u16 = u16::MAX;

pod_part! {
    /// The terms, copied when the SLA is proposed and never changed after, but for `start`, which seating sets once.
    pub struct SlaTerms {
        /// Price of all windows, in atoms.
        pub price: u64,
        /// The largest sum of penalties, in atoms, reserved from the provider's stake.
        pub cover: u64,
        /// Reserved capacity, in GiB.
        pub gib: u64,
        /// When window 0 begins, in unix seconds; 0 until the committee is seated.
        pub start: i64,
        /// Least fee of a measuring submission, in atoms.
        pub oracle_fee_min: u64,
        /// Least slash of a submission proven wrong, in atoms.
        pub fraud_min: u64,
        /// Least bond of a dispute or challenge, in atoms.
        pub bond_min: u64,
        /// Promised rate of failed probes, in ppm.
        pub uptime_failures_ppm: u32,
        /// Promised rate of failed operations, in ppm.
        pub errors_ppm: u32,
        /// Promised mean latency, in µs.
        pub latency_us: u32,
        /// Promised mean upload speed, in KiB/s.
        pub upload_kib_s: u32,
        /// Promised mean download speed, in KiB/s.
        pub download_kib_s: u32,
        /// Length of a window, in seconds.
        pub window_secs: u32,
        /// Probes that each seat attempts in a window.
        pub probes: u32,
        /// Excess failure rate that counts as no service, in ppm.
        pub uptime_full_breach_ppm: u32,
        /// Excess error rate that counts as no service, in ppm.
        pub errors_full_breach_ppm: u32,
        /// From seating to the first window, in seconds.
        pub access_delay_secs: u32,
        /// Refund curve, first knot's shortfall, in bps.
        pub refund_x1_bps: u16,
        /// Refund curve, first knot's refund, in bps.
        pub refund_y1_bps: u16,
        /// Refund curve, second knot's shortfall, in bps.
        pub refund_x2_bps: u16,
        /// Refund curve, second knot's refund, in bps.
        pub refund_y2_bps: u16,
        /// Number of windows.
        pub windows: u16,
        /// Protocol fee on what is paid out, in bps.
        pub protocol_fee_bps: u16,
        /// Oracle fee on the due, shared by the committee, in bps.
        pub oracle_fee_bps: u16,
        /// What silent oracles owe of an unmeasured due, in bps.
        pub absence_bps: u16,
        /// The consumer's share of a penalty, in bps; the rest is burnt.
        pub penalty_consumer_bps: u16,
        /// Bond of a dispute, in bps of due and penalty.
        pub bond_bps: u16,
        /// Confidence before failures count, in thousandths of a standard deviation.
        pub z_milli: u16,
        /// Fewest conclusive samples per metric.
        pub min_samples: u16,
        /// Announced maintenance: at most one n-th of the SLA's time.
        pub maintenance_part: u16,
        /// Penalty of a wholly failed window, in dues.
        pub penalty_multiple: u8,
        /// Seats of the committee: 3 or 5.
        pub seats: u8,
        /// Windows of the offer's shortest duration, rounded up: a consumer that is served ends it no earlier.
        pub min_windows: u16,
        /// For later versions.
        pub reserved: [u8; 2],
    }
}

impl SlaTerms {
    /// The committee's size.
    ///
    /// # Errors
    /// [`CoreError::CommitteeSizeInvalid`] for terms that no quote made.
    #[inline]
    pub fn committee(&self) -> Result<CommitteeSize> {
        CommitteeSize::new(self.seats)
    }

    /// What is promised.
    pub fn thresholds(&self) -> Thresholds {
        Thresholds {
            uptime_failures_ppm: self.uptime_failures_ppm,
            errors_ppm: self.errors_ppm,
            latency_us: self.latency_us,
            upload_kib_s: self.upload_kib_s,
            download_kib_s: self.download_kib_s,
        }
    }

    /// How strictly submissions are judged.
    pub fn judgement(&self) -> Judgement {
        Judgement {
            z_milli: self.z_milli,
            min_samples: self.min_samples,
            uptime_full_breach: Ppm(self.uptime_full_breach_ppm),
            errors_full_breach: Ppm(self.errors_full_breach_ppm),
            probes: self.probes,
        }
    }

    /// The rate of failed probes that one oracle's agreed probes can enforce, and the same of failed operations, if
    /// each probing round makes one; `None` where nothing is promised. Quotes show it beside the promise.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] for terms that no quote made.
    pub fn effective_rates(&self) -> Result<[Option<Ppm>; 2]> {
        let rate = |promised: u32| match promised {
            NOT_PROMISED => Ok(None),
            promised => effective_rate(self.probes, Ppm(promised), self.z_milli).map(Some),
        };
        Ok([rate(self.uptime_failures_ppm)?, rate(self.errors_ppm)?])
    }

    /// How a shortfall becomes a refund.
    #[inline]
    pub fn refund_curve(&self) -> RefundCurve {
        RefundCurve {
            x1_bps: self.refund_x1_bps,
            y1_bps: self.refund_y1_bps,
            x2_bps: self.refund_x2_bps,
            y2_bps: self.refund_y2_bps,
        }
    }

    /// What window `k` costs.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] beyond the last window.
    #[inline]
    pub fn due(&self, k: u16) -> Result<Atoms> {
        money::due(Atoms(self.price), k, self.windows)
    }

    /// What each seat's oracle reserves of its stake.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] for terms that no quote made.
    pub fn seat_cover(&self) -> Result<SeatCover> {
        SeatCover::new(
            Atoms(self.price),
            self.windows,
            self.committee()?,
            Bps(self.absence_bps),
            self.penalty_multiple,
            Atoms(self.fraud_min),
        )
    }

    /// The length of a window.
    #[inline]
    pub fn window(&self) -> Seconds {
        Seconds(self.window_secs)
    }

    /// When window `k` begins (for `k` = number of windows: when the last one ends).
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`].
    #[inline]
    pub fn window_start(&self, k: u16) -> Result<Timestamp> {
        let offset = u64::from(self.window_secs).saturating_mul(u64::from(k));
        Timestamp(self.start).after(offset)
    }

    /// When window `k` ends and its report phase opens.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`].
    #[inline]
    pub fn report_opens(&self, k: u16) -> Result<Timestamp> {
        self.window_start(k)?.after(u64::from(self.window_secs))
    }

    /// When window `k`'s report phase has ended and its challenge phase begins.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`].
    #[inline]
    pub fn report_closes(&self, k: u16) -> Result<Timestamp> {
        self.report_opens(k)?.after(u64::from(self.phase_secs()))
    }

    /// When window `k` can be settled: after its challenge phase.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`].
    #[inline]
    pub fn settles_at(&self, k: u16) -> Result<Timestamp> {
        self.report_opens(k)?.after(u64::from(self.phase_secs()).saturating_mul(2))
    }

    /// Length of the report phase, and of the challenge phase: a quarter window.
    #[inline]
    fn phase_secs(&self) -> u32 {
        self.window_secs >> 2
    }
}

/// Where an SLA is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SlaState {
    /// Waits for the provider.
    Proposed = 1,
    /// Capacity and cover are taken; waits for its committee.
    Agreed = 2,
    /// Windows run.
    Active = 3,
    /// Nothing more will be settled; money may still be withdrawn.
    Ended = 4,
}

impl SlaState {
    /// The state of a stored code.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] for a code that no transition writes.
    pub fn from_code(code: u8) -> Result<Self> {
        match code {
            1 => Ok(Self::Proposed),
            2 => Ok(Self::Agreed),
            3 => Ok(Self::Active),
            4 => Ok(Self::Ended),
            _ => Err(CoreError::StateInvalid),
        }
    }

    /// The stored code.
    #[allow(clippy::as_conversions, reason = "a fieldless repr(u8) enum")]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

pod_part! {
    /// Where the SLA stands.
    pub struct Progress {
        /// Proposed, or ended as a proposal: until when the provider may accept. Later: when the pending or last draw
        /// was fixed; of an SLA whose draw lapsed, when it was expired. In unix seconds.
        pub deadline: i64,
        /// The hash of the first slot from here on decides the pending draw, or did the last one; 0: never agreed.
        pub draw_slot: u64,
        /// The unit's points not folded yet, in thousandths.
        pub points_milli: i32,
        /// The next window to settle.
        pub cursor: u16,
        /// The window at which the SLA ends (exclusive); moves only earlier.
        pub end: u16,
        /// Windows met.
        pub met: u16,
        /// Windows breached.
        pub breached: u16,
        /// Windows that too few oracles reported.
        pub unmeasured: u16,
        /// Windows that a majority reported, but no majority measured: too many abstained.
        pub blocked: u16,
        /// Number of the pending or last draw.
        pub draw_number: u16,
        /// [`SlaState`] as its code.
        pub state: u8,
        /// Unmeasured windows in a row.
        pub unmeasured_streak: u8,
        /// Contested rounds whose Round accounts are open.
        pub open_rounds: u8,
        /// Seats waiting for a redraw, a bit each.
        pub redraw_seats: u8,
        /// The last settled window's [`super::WindowResult`] as its code; 0 before the first.
        pub last_result: u8,
        /// 1 once the unit's capacity and the provider's cover were given back.
        pub released: u8,
    }
}

impl Progress {
    /// Where in its life the SLA is.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] for a code that no transition writes.
    #[inline]
    pub fn state(&self) -> Result<SlaState> {
        SlaState::from_code(self.state)
    }

    /// Requires a state.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`].
    #[inline]
    pub fn require(&self, state: SlaState) -> Result<()> {
        if self.state == state.code() { Ok(()) } else { Err(CoreError::StateInvalid) }
    }
}

pod_part! {
    /// Balances within the escrow vault, and running totals. All in atoms.
    pub struct Money {
        /// Deposited and not yet allotted: dues of windows to come and the rest of the fee reserve.
        pub unallocated: u64,
        /// The provider's, to withdraw.
        pub earned: u64,
        /// The consumer's, to withdraw.
        pub refundable: u64,
        /// The treasury's, to sweep.
        pub protocol_fees: u64,
        /// To burn, with the next sweep.
        pub to_burn: u64,
        /// Dues and fees of contested rounds.
        pub held: u64,
        /// Total paid to the provider so far, withdrawn or not.
        pub paid_total: u64,
        /// Total penalties so far, collected or not: at most the cover.
        pub penalty_total: u64,
        /// Penalties not yet collected from the provider's stake. Not in the escrow.
        pub penalty_owed: u64,
    }
}

pod_part! {
    /// The committee's seats, by index. Their keys stand beside this part in the account.
    pub struct Seats {
        /// Fees to claim, in atoms.
        pub fees: [u64; SEATS_MAX],
        /// Absences owed and not yet collected, in atoms. Not in the escrow.
        pub absence_owed: [u64; SEATS_MAX],
        /// The oracles' points not folded yet, in whole points.
        pub points: [i16; SEATS_MAX],
        /// The first window in which the seat counts; [`VACANT`] if nobody holds it.
        pub first_window: [u16; SEATS_MAX],
        /// Absences in a row: windows without a submission of the seat, or with one that was voided by then. An
        /// abstention is none, and ends the run.
        pub missed: [u8; SEATS_MAX],
        /// Absence shares of the seat's cover that were used.
        pub shares_used: [u8; SEATS_MAX],
        /// Seats whose cover and points were given back after the end, a bit each.
        pub freed: u8,
        /// Seats of whose oracle a submission was voided, a bit each: their fraud cover is used.
        pub voided: u8,
    }
}

/// What a seat did in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SeatStatus {
    /// Nothing yet.
    Absent = 0,
    /// Reported too few conclusive samples.
    Abstained = 1,
    /// Measured.
    Measured = 2,
    /// Measured, and found the service excellent.
    Excellent = 3,
    /// Proven wrong, or its records were not opened: counts as absent.
    Voided = 4,
}

impl SeatStatus {
    /// The stored code.
    #[allow(clippy::as_conversions, reason = "a fieldless repr(u8) enum")]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The status of a stored code; unknown codes count as absent.
    #[inline]
    pub fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Abstained,
            2 => Self::Measured,
            3 => Self::Excellent,
            4 => Self::Voided,
            _ => Self::Absent,
        }
    }
}

pod_part! {
    /// One round of submissions: those of window [`Round::window`].
    pub struct Round {
        /// Shortfalls of measuring submissions, in ppm.
        pub shortfall_ppm: [u32; SEATS_MAX],
        /// Commitments of submissions.
        pub commitments: [Commitment; SEATS_MAX],
        /// The window that this round is of; a round of another window counts as empty.
        pub window: u16,
        /// [`SeatStatus`] codes.
        pub status: [u8; SEATS_MAX],
        /// For later versions.
        pub reserved: u8,
    }
}

pod_part! {
    /// Everything of an Sla account but its keys.
    pub struct SlaBody {
        /// The terms.
        pub terms: SlaTerms,
        /// Where it stands.
        pub progress: Progress,
        /// The money.
        pub money: Money,
        /// The committee's seats.
        pub seats: Seats,
        /// The current round of submissions.
        pub round: Round,
    }
}

impl SlaBody {
    /// Every seat of the committee, by index.
    ///
    /// # Errors
    /// [`CoreError::CommitteeSizeInvalid`] for terms that no quote made.
    #[inline]
    pub fn seat_indices(&self) -> Result<core::ops::Range<usize>> {
        Ok(0..usize::from(self.terms.committee()?.get()))
    }

    /// What the escrow vault must hold.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`].
    pub fn escrow_owed(&self) -> Result<Atoms> {
        let money = &self.money;
        let balances = [
            money.unallocated,
            money.earned,
            money.refundable,
            money.protocol_fees,
            money.to_burn,
            money.held,
        ];
        balances
            .iter()
            .chain(self.seats.fees.iter())
            .try_fold(Atoms::ZERO, |sum, balance| sum.plus(Atoms(*balance)))
    }

    /// How many windows were settled, contested ones included.
    fn settled_windows(&self) -> u16 {
        let progress = &self.progress;
        [progress.met, progress.breached, progress.unmeasured, progress.blocked]
            .iter()
            .fold(0u16, |sum, count| sum.saturating_add(*count))
    }

    /// How many contested windows are not settled yet.
    pub fn unsettled_rounds(&self) -> u16 {
        self.progress.cursor.saturating_sub(self.settled_windows())
    }

    /// Checks the invariants of an Sla account.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] if the parts contradict each other.
    pub fn check(&self) -> Result<()> {
        let (progress, money, terms) = (&self.progress, &self.money, &self.terms);
        let unsettled = progress.cursor.checked_sub(self.settled_windows());
        let holds = progress.cursor <= progress.end
            && progress.end <= terms.windows
            && unsettled.is_some_and(|rounds| rounds <= u16::from(progress.open_rounds))
            && money.penalty_owed <= money.penalty_total
            && money.penalty_total <= terms.cover
            && money.paid_total <= terms.price
            && (progress.state()? != SlaState::Ended
                || money.unallocated == 0
                || self.unsettled_rounds() > 0);
        if holds { Ok(()) } else { Err(CoreError::StateInvalid) }
    }
}

const _: () = {
    assert!(size_of::<SlaTerms>() == 128);
    assert!(size_of::<Progress>() == 40);
    assert!(size_of::<Money>() == 72);
    assert!(size_of::<Seats>() == 112);
    assert!(size_of::<Round>() == 128);
    assert!(size_of::<SlaBody>() == 480);
};
