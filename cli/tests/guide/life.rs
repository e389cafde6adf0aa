//! What an SLA of the guides comes to, by core.

use flashback_core::hash::SoftwareSha256;
use flashback_core::money::split_penalty;
use flashback_core::quality::{Aggregate, NOT_PROMISED};
use flashback_core::sla::{SlaBody, SlaState, SlaTerms, commitment};
use flashback_core::units::{Atoms, Bps, Timestamp};
use flashback_tests::measured::met;

/// Speed that is reported where speed is promised.
const KIB_S: u64 = 60 * 1_024;

/// Everybody's gains and losses, in atoms.
pub struct CameTo {
    pub consumer: i128,
    pub provider: i128,
    pub oracles: i128,
    pub treasury: i128,
    pub burnt: i128,
}

/// The figures that `oracle report --latency` submits.
fn figures(terms: &SlaTerms, latency_ms: u32) -> Aggregate {
    let n = terms.probes;
    let promised = |threshold: u32| if threshold == NOT_PROMISED { 0 } else { n };
    let (upload_count, download_count) =
        (promised(terms.upload_kib_s), promised(terms.download_kib_s));
    Aggregate {
        latency_sum_us: u64::from(n) * u64::from(latency_ms) * 1_000,
        upload_count,
        download_count,
        upload_sum_kib_s: u64::from(upload_count) * KIB_S,
        download_sum_kib_s: u64::from(download_count) * KIB_S,
        ..met(terms)
    }
}

/// A seated SLA after its committee has reported these windows, all seats alike, or kept silent.
pub fn lived(seated: &SlaBody, latencies: &[Option<u32>], terminated: bool) -> SlaBody {
    let mut body = *seated;
    assert_eq!(body.progress.cursor, 0, "no window is settled yet");
    if terminated {
        body.terminate_by_consumer(Timestamp(body.terms.start - 1)).unwrap();
    }
    for (k, latency) in (0..).zip(latencies) {
        for seat in 0..usize::from(body.terms.seats) {
            if let Some(latency) = latency {
                let aggregate = figures(&body.terms, *latency);
                let commitment = commitment::<SoftwareSha256>(&aggregate, &[0; 32]);
                let now = body.terms.report_opens(k).unwrap();
                body.submit(seat, k, &aggregate, commitment, now).unwrap();
            }
        }
        body.settle_next(body.terms.settles_at(k).unwrap()).unwrap().unwrap();
    }
    assert_eq!(body.progress.state(), Ok(SlaState::Ended));
    body
}

/// Once everything is collected, swept and withdrawn.
pub fn came_to(seated: &SlaBody, end: &SlaBody) -> CameTo {
    let money = &end.money;
    let share = Bps(end.terms.penalty_consumer_bps);
    let (compensation, burnt) = split_penalty(Atoms(money.penalty_total), share).unwrap();
    let sum = |amounts: &[u64]| amounts.iter().map(|amount| i128::from(*amount)).sum::<i128>();
    let (fees, absences) = (sum(&end.seats.fees), sum(&end.seats.absence_owed));
    let deposit = i128::from(seated.money.unallocated);
    CameTo {
        consumer: i128::from(money.refundable) + i128::from(compensation.0) + absences - deposit,
        provider: i128::from(money.earned) - i128::from(money.penalty_total),
        oracles: fees - absences,
        treasury: i128::from(money.protocol_fees),
        burnt: i128::from(burnt.0),
    }
}
