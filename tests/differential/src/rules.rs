//! Core's rules, one by one.

use flashback_core::committee::{
    Candidate, CommitteeSize, DrawHash, Eligibility, SeatCover, check_enough, draw, find_draw_hash,
};
use flashback_core::hash::Sha256;
use flashback_core::money::{self, RefundCurve};
use flashback_core::quality::{
    Aggregate, Judgement, NOT_PROMISED, Thresholds, Verdict, allowed_failures, effective_rate,
    evaluate, shortfall_of_count, shortfall_of_mean,
};
use flashback_core::reputation::{Score, points_breached_milli, points_met_milli};
use flashback_core::stake::Stake;
use flashback_core::units::{Atoms, Bps, Gib, Ppm, PricePerGibMonth, Seconds, Timestamp};
use flashback_core::{CoreError, math, text};

use crate::random::Random;
use crate::transcript::Transcript;

/// One case of every rule.
pub fn run<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
    units(random, out);
    amounts(random, out);
    quality(random, out);
    committee::<H>(random, out);
    stake(random, out);
    reputation(random, out);
}

fn units<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
    let (a, b, c) = (random.long(), random.long(), random.long());
    out.put(Atoms(a).plus(Atoms(b)));
    out.put(Atoms(a).minus(Atoms(b)));
    out.put(Atoms(a).times(b));
    out.put(Bps(random.short()).of_floor(Atoms(a)));
    out.put(Bps(random.short()).of_ceil(Atoms(a)));
    out.put(Ppm(random.int()).of_floor(Atoms(a)));
    out.put(Timestamp(a.cast_signed()).after(b));
    out.put(Timestamp(a.cast_signed()).since(Timestamp(b.cast_signed())));
    out.put(math::mul_div_floor(a, b, c));
    out.put(math::mul_div_ceil(a, b, c));
    out.put(math::sqrt_ceil(a));
    out.put(math::part(a, b, c));
    out.put(math::part(a, b.checked_rem(c).unwrap_or(0), c));
    let region = random.key();
    let short: [u8; 16] = core::array::from_fn(|index| region[index] & 0x7f);
    out.put(text::check_region(&short));
    out.print(format_args!("{}", text::region_name(&short)));
}

fn seats(random: &mut Random) -> CommitteeSize {
    CommitteeSize::new(if random.coin() { 3 } else { 5 }).expect("3 or 5")
}

fn amounts<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
    let (price, gib, windows) = (random.long(), random.long(), random.short());
    let (window, rate, seats) = (random.int(), Bps(random.short() % 10_001), seats(random));
    out.put(money::price_floor(Gib(gib), PricePerGibMonth(price), Seconds(window), windows));
    out.put(money::due(Atoms(price), random.short(), windows));
    out.put(money::largest_due(Atoms(price), windows));
    out.put(money::cover_floor(Atoms(price), rate));
    out.put(money::oracle_fee_floor(Atoms(price), rate, Atoms(random.int().into()), seats));
    let (paid, more) = (Atoms(price >> 1), Atoms(gib >> 1));
    out.put(paid.plus(more).and_then(|after| money::protocol_fee_step(paid, after, rate)));
    let minimum = Atoms(random.int().into());
    out.put(money::fee_reserve(Atoms(price), windows, seats, rate, minimum, rate));
    let curve = RefundCurve {
        x1_bps: random.short() % 10_000,
        y1_bps: random.short() % 10_001,
        x2_bps: random.short() % 10_000,
        y2_bps: random.short() % 10_001,
    };
    let shortfall = Ppm(random.int() % 1_000_001);
    out.put(curve.check());
    out.put(curve.refund(shortfall));
    out.put(RefundCurve::DEFAULT.refund(shortfall));
    out.put(money::pay_floor(Atoms(price), shortfall, &RefundCurve::DEFAULT));
    out.put(money::penalty_floor(Atoms(price), windows as u8, shortfall, Atoms(gib)));
    out.put(money::absence_share(Atoms(price), rate, windows as u8 & 7, gib as u8 & 7));
    out.put(money::split_penalty(Atoms(price), rate));
    let cover = SeatCover::new(Atoms(price), windows, seats, rate, 2, minimum);
    out.put(cover.map(|cover| (cover.absence_share, cover.fraud)));
    out.put(cover.and_then(SeatCover::total));
    out.put(cover.and_then(|cover| cover.left_after(windows as u8 & 3)));
}

/// A verdict as a figure.
pub fn verdict_figure(verdict: Verdict) -> Option<(Ppm, bool)> {
    match verdict {
        Verdict::Abstained => None,
        Verdict::Measured { shortfall, excellent } => Some((shortfall, excellent)),
    }
}

/// Thresholds, now and then with a metric left out.
pub fn thresholds(random: &mut Random) -> Thresholds {
    let mut some = |bound: u64| match random.below(4) {
        0 => NOT_PROMISED,
        _ => random.below(bound) as u32 + 1,
    };
    Thresholds {
        uptime_failures_ppm: some(100_000),
        errors_ppm: some(100_000),
        latency_us: some(500_000),
        upload_kib_s: some(100_000),
        download_kib_s: some(100_000),
    }
}

/// An aggregate near the thresholds, now and then one that contradicts itself.
pub fn aggregate(random: &mut Random, promised: &Thresholds, probes: u32) -> Aggregate {
    let attempts = if random.below(8) == 0 { random.int() } else { probes.saturating_add(3) };
    let total = match random.below(4) {
        0 => random.below(30) as u32,
        _ => attempts.min(10_000_000),
    };
    let failed = random.below(1 + u64::from(total) / 16) as u32;
    let mut sum = |threshold: u32| {
        let mean = u64::from(threshold.min(1_000_000)) * (75 + random.below(60)) / 100;
        mean.saturating_mul(u64::from(total)).saturating_add(random.below(u64::from(total) + 1))
    };
    Aggregate {
        attempts,
        probes_total: total,
        probes_ok: total - failed,
        ops_total: total,
        ops_ok: total.saturating_sub(failed / 2),
        latency_count: total,
        upload_count: total,
        download_count: total,
        latency_sum_us: sum(promised.latency_us),
        upload_sum_kib_s: sum(promised.upload_kib_s),
        download_sum_kib_s: sum(promised.download_kib_s),
    }
}

fn quality<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
    let (n, z) = (random.below(10_000_002) as u32, random.short() % 4_001);
    let rate = Ppm(random.below(1_000_002) as u32);
    let allowed = allowed_failures(n, rate, z);
    out.put(allowed);
    out.put(effective_rate(n, rate, z));
    let failures = random.below(u64::from(n) + 1) as u32;
    out.put(shortfall_of_count(failures, allowed.unwrap_or(1), n, Ppm(random.int() % 1_000_001)));
    out.put(shortfall_of_mean(random.long(), random.int()));
    let judgement = Judgement {
        z_milli: z,
        min_samples: random.below(40) as u16,
        uptime_full_breach: Ppm(random.below(100_000) as u32 + 100),
        errors_full_breach: Ppm(random.below(100_000) as u32 + 100),
        probes: random.below(5_000) as u32,
    };
    let promised = thresholds(random);
    out.put(promised.check());
    for _ in 0..3 {
        let aggregate = aggregate(random, &promised, judgement.probes);
        out.hash(&[&aggregate.encode()]);
        out.put(aggregate.check());
        out.put(evaluate(&aggregate, &promised, &judgement).map(verdict_figure));
    }
}

fn committee<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
    let keys: Vec<_> = (0..random.below(12) + 1).map(|_| random.key()).collect();
    let facts: Vec<_> =
        keys.iter().map(|_| (random.below(10), random.below(100), random.below(10))).collect();
    let candidates = || {
        keys.iter().zip(&facts).map(|(oracle, (slot, free, until))| Candidate {
            oracle,
            joined_slot: *slot,
            out_slot: u64::MAX,
            free_stake: Atoms(*free),
            certified_until: Timestamp(until.cast_signed()),
        })
    };
    let eligibility = Eligibility {
        joined_before: random.below(12),
        now: Timestamp(random.below(4).cast_signed()),
        excluded: &keys[..keys.len() / 8],
    };
    let cover = Atoms(random.below(30));
    out.put(check_enough(candidates(), &eligibility, cover, seats(random)));
    let (slot_hash, sla, number) = (random.key(), random.key(), random.short());
    let count = random.below(7) as u8;
    let drawn = draw::<H>(candidates(), &eligibility, &slot_hash, &sla, number, count);
    out.put(drawn.as_ref().map(|_| ()).map_err(|error| *error));
    for oracle in drawn.into_iter().flatten() {
        out.put(oracle.copied());
    }
    let (newest, entries) = (random.below(2_000) + 1_200, random.below(513));
    let found = find_draw_hash(newest - random.below(600), entries, |index| {
        let slot = newest - 2 * index;
        Ok::<_, CoreError>((slot, [slot as u8; 32]))
    });
    out.put(found.map(|found| match found {
        DrawHash::NotReady => (0u8, [0; 32]),
        DrawHash::Ready(hash) => (1, hash),
        DrawHash::Lapsed => (2, [0; 32]),
    }));
}

fn stake<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
    let mut stake = Stake::default();
    for _ in 0..12 {
        let amount = Atoms(random.below(1_000));
        let at = Timestamp(random.below(100).cast_signed());
        match random.below(8) {
            0 | 1 => out.put(stake.bond(Atoms(amount.0 * 4))),
            2 => out.put(stake.cover(amount)),
            3 => out.put(stake.release(amount)),
            4 => out.put(stake.take_covered(amount)),
            5 => out.put(stake.unbond(amount, at)),
            6 => out.put(stake.withdraw_unbonded(at)),
            _ => out.put(stake.slash_uncovered(amount)),
        }
        out.put((stake.bonded, stake.covered));
        for one in &stake.unbonding {
            out.put((one.amount, one.release_at));
        }
        out.put(stake.owed());
    }
    out.put(stake.check());
}

fn reputation<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
    let mut now = Timestamp(1_700_000_000);
    let mut score = Score::start(now);
    for _ in 0..6 {
        now = now.after(random.below(5_000_000)).expect("a time");
        let window = Seconds(random.below(604_801) as u32);
        let points = if random.coin() {
            points_met_milli(random.coin(), window)
        } else {
            points_breached_milli(Ppm(random.int() % 1_000_001), window)
        };
        out.put(points);
        if let Ok(next) = score.fold(points.unwrap_or(0), now) {
            score = next;
        }
        out.put((score.milli, score.updated_at));
        out.put(score.at(now).map(|score| (score.milli, score.updated_at)));
    }
}
