//! What a reservation costs and promises, before and when it is agreed: the same code for both.

use crate::committee::{CommitteeSize, DRAW_DELAY_SLOTS, SEATS_MAX, SeatCover};
use crate::error::{CoreError, Result};
use crate::money;
use crate::params::{DURATION_MAX_SECS, Params, WINDOW_MAX_SECS};
use crate::quality::Thresholds;
use crate::sla::parts::{SlaBody, SlaState, SlaTerms, VACANT};
use crate::units::{Atoms, Bps, Gib, PricePerGibMonth, Seconds, Timestamp};

borsh_type! {
    /// What a unit offers.
    pub struct Offer {
        /// Atoms per GiB per 30 days: at least 1.
        pub price_per_gib_month: u64,
        /// The provider's count of offers when this one was made or last changed: no other offer of its ever has it.
        pub version: u32,
        /// Shortest reservation, in seconds: 1 up to the longest. A consumer that is served ends none earlier.
        pub min_duration_secs: u32,
        /// Longest reservation, in seconds; no SLA is longer than 366 days.
        pub max_duration_secs: u32,
        /// Seconds between two probes of one oracle, 1 to 604,800: the probe rate that the provider agrees to.
        pub probe_interval_secs: u32,
        /// What is promised.
        pub thresholds: Thresholds,
    }
}

impl Offer {
    /// Checks the offer.
    ///
    /// # Errors
    /// [`CoreError::DurationLimitsInvalid`], [`CoreError::ProbeRateInvalid`], [`CoreError::ThresholdInvalid`],
    /// [`CoreError::PriceBelowOneAtomPerWindow`] for a price of zero.
    pub fn check(&self) -> Result<()> {
        self.thresholds.check()?;
        if self.min_duration_secs == 0 || self.min_duration_secs > self.max_duration_secs {
            return Err(CoreError::DurationLimitsInvalid);
        }
        if self.probe_interval_secs == 0 || self.probe_interval_secs > WINDOW_MAX_SECS {
            return Err(CoreError::ProbeRateInvalid);
        }
        if self.price_per_gib_month == 0 {
            return Err(CoreError::PriceBelowOneAtomPerWindow);
        }
        Ok(())
    }
}

borsh_type! {
    /// What a consumer asks for.
    pub struct Request {
        /// GiB to reserve: at least 1.
        pub gib: u64,
        /// The most that price and fees may come to, in atoms.
        pub max_total: u64,
        /// The version of the offer that was quoted.
        pub offer_version: u32,
        /// Length of a window, in seconds: a multiple of 4, from the deployment's shortest to 604,800.
        pub window_secs: u32,
        /// Number of windows: 1 to 65,534.
        pub windows: u16,
        /// Seats of the committee: 3 or 5.
        pub seats: u8,
        /// What is to be promised. Anything else than the offer's waits for the provider's word.
        pub thresholds: Thresholds,
    }
}

/// What a reservation costs, and the terms it would get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The terms.
    pub terms: SlaTerms,
    /// The largest fees on top of the price; what is not spent is refunded.
    pub fee_reserve: Atoms,
    /// What the consumer deposits: price and fee reserve.
    pub deposit: Atoms,
    /// What each seat's oracle must have free.
    pub seat_cover: SeatCover,
}

impl Quote {
    /// Quotes a request against an offer under the parameters of the day.
    ///
    /// `window_min` is the shortest window that the deployment allows.
    ///
    /// # Errors
    /// What is wrong with the request: [`CoreError::OfferVersionStale`], [`CoreError::CapacityZero`],
    /// [`CoreError::WindowLengthInvalid`], [`CoreError::WindowCountInvalid`],
    /// [`CoreError::DurationOutsideOffer`], [`CoreError::CommitteeSizeInvalid`],
    /// [`CoreError::ThresholdInvalid`], [`CoreError::ProbeRateInvalid`],
    /// [`CoreError::PriceBelowOneAtomPerWindow`], [`CoreError::PriceAboveMaximum`].
    pub fn new(
        params: &Params,
        offer: &Offer,
        request: &Request,
        window_min: Seconds,
    ) -> Result<Quote> {
        if request.offer_version != offer.version {
            return Err(CoreError::OfferVersionStale);
        }
        if request.gib == 0 {
            return Err(CoreError::CapacityZero);
        }
        let window = Seconds(request.window_secs);
        let quarters = window.0.checked_rem(4) == Some(0);
        if window < window_min || window.0 > WINDOW_MAX_SECS || !quarters || window.0 == 0 {
            return Err(CoreError::WindowLengthInvalid);
        }
        if request.windows == 0 || request.windows == VACANT {
            return Err(CoreError::WindowCountInvalid);
        }
        let duration = u64::from(window.0).saturating_mul(u64::from(request.windows));
        let limits = u64::from(offer.min_duration_secs)..=u64::from(offer.max_duration_secs);
        if !limits.contains(&duration) || duration > u64::from(DURATION_MAX_SECS) {
            return Err(CoreError::DurationOutsideOffer);
        }
        let min_windows = offer.min_duration_secs.div_ceil(window.0);
        let min_windows =
            u16::try_from(min_windows).map_err(|_| CoreError::DurationOutsideOffer)?;
        let seats = CommitteeSize::new(request.seats)?;
        request.thresholds.check()?;
        let probes = window.0.checked_div(offer.probe_interval_secs).unwrap_or(0);
        if probes < u32::from(params.min_samples) || probes > params.probes_max {
            return Err(CoreError::ProbeRateInvalid);
        }
        let price = money::price_floor(
            Gib(request.gib),
            PricePerGibMonth(offer.price_per_gib_month),
            window,
            request.windows,
        )?;
        let fee_reserve = money::fee_reserve(
            price,
            request.windows,
            seats,
            Bps(params.oracle_fee_bps),
            Atoms(params.oracle_fee_min),
            Bps(params.protocol_fee_bps),
        )?;
        let deposit = price.plus(fee_reserve)?;
        if deposit.0 > request.max_total {
            return Err(CoreError::PriceAboveMaximum);
        }
        let terms = SlaTerms {
            price: price.0,
            cover: money::cover_floor(price, Bps(params.cover_bps))?.0,
            gib: request.gib,
            start: 0,
            oracle_fee_min: params.oracle_fee_min,
            fraud_min: params.fraud_min,
            bond_min: params.bond_min,
            uptime_failures_ppm: request.thresholds.uptime_failures_ppm,
            errors_ppm: request.thresholds.errors_ppm,
            latency_us: request.thresholds.latency_us,
            upload_kib_s: request.thresholds.upload_kib_s,
            download_kib_s: request.thresholds.download_kib_s,
            window_secs: window.0,
            probes,
            uptime_full_breach_ppm: params.uptime_full_breach_ppm,
            errors_full_breach_ppm: params.errors_full_breach_ppm,
            access_delay_secs: params.access_delay_secs,
            refund_x1_bps: params.refund_curve.x1_bps,
            refund_y1_bps: params.refund_curve.y1_bps,
            refund_x2_bps: params.refund_curve.x2_bps,
            refund_y2_bps: params.refund_curve.y2_bps,
            windows: request.windows,
            protocol_fee_bps: params.protocol_fee_bps,
            oracle_fee_bps: params.oracle_fee_bps,
            absence_bps: params.absence_bps,
            penalty_consumer_bps: params.penalty_consumer_bps,
            bond_bps: params.bond_bps,
            z_milli: params.z_milli,
            min_samples: params.min_samples,
            maintenance_part: params.maintenance_part,
            penalty_multiple: params.penalty_multiple,
            seats: seats.get(),
            min_windows,
            reserved: [0; 2],
        };
        let seat_cover = terms.seat_cover()?;
        // Refuses what no oracle could ever cover.
        seat_cover.total()?;
        Ok(Quote { terms, fee_reserve, deposit, seat_cover })
    }
}

impl SlaBody {
    /// Seats the drawn committee: the SLA becomes Active, its first window begins after the access delay.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Agreed.
    pub fn seat(&mut self, now: Timestamp) -> Result<()> {
        self.seat_covered([true; SEATS_MAX], now)
    }

    /// Seats those of the drawn committee that cover their seats: the SLA becomes Active, its first window begins
    /// after the access delay. The other seats are vacant, to be redrawn. With fewer than a majority nothing could be
    /// measured: the SLA does not start, and expires.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Agreed; [`CoreError::OraclesTooFew`] below a majority.
    pub fn seat_covered(&mut self, covered: [bool; SEATS_MAX], now: Timestamp) -> Result<()> {
        self.progress.require(SlaState::Agreed)?;
        let start = now.after(u64::from(self.terms.access_delay_secs))?;
        let committee = self.seat_indices()?;
        let filled = covered.iter().take(committee.len()).filter(|covered| **covered).count();
        if filled < usize::from(self.terms.committee()?.majority()) {
            return Err(CoreError::OraclesTooFew);
        }
        for (first_window, covered) in
            self.seats.first_window.iter_mut().zip(covered).take(committee.len())
        {
            *first_window = if covered { 0 } else { VACANT };
        }
        self.terms.start = start.0;
        self.progress.state = SlaState::Active.code();
        Ok(())
    }

    /// When the pending or last draw was fixed: certificates must have been valid then.
    pub fn draw_armed_at(&self) -> Timestamp {
        Timestamp(self.progress.deadline)
    }

    /// The slot before which a draw fixed for [`super::Progress::draw_slot`] was armed: oracles must have
    /// joined earlier.
    pub fn draw_armed_slot(&self) -> u64 {
        self.progress.draw_slot.saturating_sub(DRAW_DELAY_SLOTS)
    }

    /// Ends an SLA whose committee was not seated in time: everything is refunded.
    ///
    /// `lapsed` says whether the draw's slot hash has left the SlotHashes sysvar.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Agreed; [`CoreError::NotExpired`].
    pub fn expire(&mut self, lapsed: bool, now: Timestamp) -> Result<Atoms> {
        self.progress.require(SlaState::Agreed)?;
        if !lapsed {
            return Err(CoreError::NotExpired);
        }
        let refund = self.end_unstarted()?;
        // The time that it ended, from which its owners have their grace.
        self.progress.deadline = now.0;
        Ok(refund)
    }
}
