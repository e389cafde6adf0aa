//! The whole life of an SLA by core: quoted, seated, reported, settled, emptied and closed.

use flashback_core::hash::Sha256;
use flashback_core::params::Params;
use flashback_core::sla::{Offer, Quote, Request, SlaBody, commitment};
use flashback_core::stake::Stake;
use flashback_core::units::{Seconds, Timestamp};

use crate::Environment;
use crate::random::Random;
use crate::rules::{aggregate, thresholds, verdict_figure};
use crate::transcript::Transcript;

/// One life.
pub fn run<H: Sha256>(random: &mut Random, environment: &Environment, out: &mut Transcript<H>) {
    let offer = offer(random);
    let request = request(random, &offer);
    let quote = Quote::new(&Params::default(), &offer, &request, Seconds(3_600));
    out.put(offer.check());
    out.put(quote.map(|quote| (quote.deposit, quote.fee_reserve)));
    let Ok(quote) = quote else { return };
    let mut body = quote.agreed(environment.slot, Timestamp(environment.unix_timestamp));
    out.put(body.seat(Timestamp(environment.unix_timestamp)));
    state(&body, out);
    for window in 0..request.windows {
        report::<H>(&mut body, window, random, out);
        if random.below(4) > 0 {
            settle(&mut body, window, out);
        }
    }
    settle(&mut body, request.windows.saturating_sub(1), out);
    state(&body, out);
    end(&mut body, &quote, out);
    state(&body, out);
}

fn offer(random: &mut Random) -> Offer {
    Offer {
        price_per_gib_month: random.below(1_000_000),
        version: 3,
        min_duration_secs: 3_600,
        max_duration_secs: 60 * 86_400,
        probe_interval_secs: 60,
        thresholds: thresholds(random),
    }
}

fn request(random: &mut Random, offer: &Offer) -> Request {
    Request {
        gib: random.below(100_000),
        max_total: u64::MAX >> random.below(24),
        offer_version: offer.version,
        window_secs: 3_600 * (1 + random.below(48) as u32),
        windows: 1 + random.below(4) as u16,
        seats: if random.coin() { 3 } else { 5 },
        thresholds: offer.thresholds,
    }
}

fn report<H: Sha256>(
    body: &mut SlaBody,
    window: u16,
    random: &mut Random,
    out: &mut Transcript<H>,
) {
    let Ok(now) = body.terms.report_opens(window) else { return };
    settle_all(body, now, out);
    for seat in 0..usize::from(body.terms.seats) {
        if random.below(4) == 0 {
            continue;
        }
        let aggregate = aggregate(random, &body.terms.thresholds(), body.terms.probes);
        let commitment = commitment::<H>(&aggregate, &random.key());
        let verdict = body.submit(seat, window, &aggregate, commitment, now);
        out.put(verdict.map(verdict_figure));
    }
}

fn settle<H: Sha256>(body: &mut SlaBody, window: u16, out: &mut Transcript<H>) {
    if let Ok(now) = body.terms.settles_at(window) {
        settle_all(body, now, out);
    }
}

fn settle_all<H: Sha256>(body: &mut SlaBody, now: Timestamp, out: &mut Transcript<H>) {
    loop {
        let outcome = match body.settle_next(now) {
            Ok(Some(outcome)) => outcome,
            Ok(None) => return,
            Err(error) => return out.put(Err::<(), _>(error)),
        };
        out.put((outcome.window, outcome.result.code()));
        out.put((outcome.due, outcome.paid));
        out.put((outcome.refunded, outcome.penalty));
        out.put((outcome.protocol_fee, outcome.oracle_fee));
        out.put((outcome.absence, outcome.returned));
        out.put((outcome.shortfall, outcome.measured));
        out.put(outcome.ended);
    }
}

fn end<H: Sha256>(body: &mut SlaBody, quote: &Quote, out: &mut Transcript<H>) {
    let mut provider =
        Stake { bonded: quote.terms.cover, covered: quote.terms.cover, ..Stake::default() };
    out.put(
        body.collect_penalty(&mut provider).map(|collected| (collected.amount, collected.to_burn)),
    );
    let cover = quote.seat_cover.total().map_or(0, |cover| cover.0);
    for seat in 0..usize::from(body.terms.seats) {
        let mut oracle = Stake { bonded: cover, covered: cover, ..Stake::default() };
        out.put(body.collect_absence(seat, &mut oracle).map(|collected| collected.amount));
        out.put((oracle.bonded, oracle.covered));
        out.put(body.seat_cover_left(seat));
        out.put(body.take_oracle_fees(seat));
    }
    out.put(body.take_earnings());
    out.put(body.take_refund());
    out.put(body.take_protocol_fees().map(|swept| (swept.fees, swept.burnt)));
    let last = body.terms.windows.saturating_sub(1);
    let now = body.terms.settles_at(last).unwrap_or_default();
    out.put(body.release().map(|released| (released.cover, released.points_milli)));
    for seat in 0..usize::from(body.terms.seats) {
        out.put(
            body.free_seat(seat, &Stake::default(), now).map(|freed| (freed.cover, freed.points)),
        );
    }
    out.put(body.check_closable());
    out.put((provider.bonded, provider.covered));
}

fn state<H: Sha256>(body: &SlaBody, out: &mut Transcript<H>) {
    out.bytes(bytemuck::bytes_of(body));
    out.put(body.check());
    out.put(body.escrow_owed());
}
