//! Reservations until they are agreed, or come to nothing.

use flashback_core::admission::Admission;
use flashback_core::committee::{Eligibility, check_enough};
use flashback_core::quality::NOT_PROMISED;
use flashback_core::sla::{Offer, Quote, Request, SlaState, SlaTerms};
use flashback_core::units::{Atoms, Seconds, Timestamp};
use flashback_sdk::account::{DataUnit, OracleRegistry, Sla, SubjectKind};
use flashback_sdk::address;
use flashback_sdk::instruction::{self as build, AcceptSla, ProposeSla, ProposeSlaArgs};
use flashback_tests::chain::Chain;
use solana_sdk::pubkey::Pubkey;

use super::Plan;
use super::sla::is;
use crate::stateful::cast::{CAST, purse};
use crate::stateful::economy::{Act, Economy};

/// SLAs at once.
const SLAS: usize = 7;

/// How there come to be more of them.
pub const AGREEING: &[Plan] = &[propose, propose, accept];

pub fn propose(e: &mut Economy) -> Option<Act> {
    let careless = e.is_careless();
    let (slot, now) = (e.chain.slot(), e.chain.now().0);
    let running = e.books.slas.values().filter(|sla| !is(sla, SlaState::Ended)).count();
    let paused = now < e.books.config().paused_until;
    if !careless && (running >= SLAS || paused) {
        return None;
    }
    let consumer = e.random.one(&CAST.consumers);
    let units = e.books.units.values().filter(|unit| {
        let room = unit.capacity_gib > unit.taken_gib;
        careless || room && can_agree(e, unit, &consumer)
    });
    let unit = e.random.pick(&units.cloned().collect::<Vec<_>>())?;
    let provider = e.books.providers.get(&unit.provider)?.authority;
    let request = request(e, &unit, &consumer)?;
    let certificate = address::certificate(SubjectKind::Consumer, &consumer);
    let certified = e.books.certificates.contains_key(&certificate);
    let delegate = if e.random.chance(50) { CAST.delegates[0] } else { Pubkey::default() };
    // Sometimes the number of an SLA that is closed, or of one that is not.
    let id = if slot % 5 == 0 { 0 } else { e.next_number() };
    let payer = if e.random.chance(30) { consumer } else { e.rent_payer() };
    let given = ProposeSla {
        payer,
        consumer,
        consumer_token: purse(&consumer),
        provider_authority: provider,
        unit_id: unit.id,
        mint: Chain::flash(),
        consumer_certificate: certified.then_some(certificate),
        args: ProposeSlaArgs { id, delegate, request },
    };
    Some(Act::new(build::propose_sla(given)))
}

/// Whether a consumer may be served by a unit now.
fn can_agree(e: &Economy, unit: &DataUnit, consumer: &Pubkey) -> bool {
    let config = e.books.config();
    let Some(provider) = e.books.providers.get(&unit.provider) else { return false };
    let given = |kind, key: &Pubkey| e.books.certificates.get(&address::certificate(kind, key));
    let Some(certificate) = given(SubjectKind::Provider, &provider.authority) else { return false };
    let admission = Admission {
        paused_until: Timestamp(config.paused_until),
        unit_closing: unit.closing,
        provider: certificate.certification(),
        bonded: Atoms(provider.stake.bonded),
        min_stake: Atoms(config.params.min_stake),
        consumer_level: unit.consumer_level,
        consumer: given(SubjectKind::Consumer, consumer).map(|one| one.certification()),
    };
    admission.check(e.chain.now()).is_ok()
}

/// Whether enough oracles could be drawn for an SLA on those terms.
fn are_enough(e: &Economy, consumer: &Pubkey, provider: &Pubkey, terms: &SlaTerms) -> bool {
    let Some(provider) = e.books.providers.get(provider) else { return false };
    let cover = terms.seat_cover().and_then(|cover| cover.total()).unwrap_or(Atoms(u64::MAX));
    let eligibility = Eligibility {
        joined_before: e.chain.slot(),
        now: e.chain.now(),
        excluded: &Sla::parties(consumer, provider),
    };
    let candidates = OracleRegistry::candidates(&e.books.registry().entries);
    check_enough(candidates, &eligibility, cover, terms.committee().expect("a committee")).is_ok()
}

/// What a consumer asks of a unit: at most what is free, and what its provider's stake covers.
fn request(e: &mut Economy, unit: &DataUnit, consumer: &Pubkey) -> Option<Request> {
    let Offer { probe_interval_secs, thresholds, .. } = unit.offer;
    // Probes of a window: enough to judge, and a window of a multiple of four seconds.
    let probes = e.random.one(&[8, 12, 12, 12, 24]);
    let windows = match e.random.below(12) {
        0 => 200,
        1 => 1,
        2 | 3 => 12,
        _ => e.random.within(2..=8),
    };
    let shortest = unit.offer.min_duration_secs.div_ceil(probe_interval_secs * probes);
    let mut own = thresholds;
    own.uptime_failures_ppm = 2_000;
    let mut request = Request {
        gib: e.random.magnitude(unit.capacity_gib - unit.taken_gib.min(unit.capacity_gib - 1)),
        max_total: u64::MAX,
        offer_version: unit.offer.version,
        window_secs: probe_interval_secs * probes,
        windows: (windows as u16).max(shortest as u16),
        seats: e.random.one(&[3, 3, 5]),
        thresholds: if e.random.chance(80) { thresholds } else { own },
    };
    let config = e.books.config();
    let (params, window_min) = (config.params, Seconds(config.window_min_secs));
    let free = e.books.providers[&unit.provider].stake.free().0;
    let purse = e.books.flash(&purse(consumer));
    let judged = |quote: &Quote| are_enough(e, consumer, &unit.provider, &quote.terms);
    for _ in 0..40 {
        match Quote::new(&params, &unit.offer, &request, window_min) {
            Ok(quote) if quote.terms.cover > free || quote.deposit.0 > purse || !judged(&quote) => {
                request.gib = (request.gib / 2).max(1);
            }
            Ok(quote) => {
                request.max_total = quote.deposit.0;
                break;
            }
            Err(_) => request.gib = (request.gib * 4).min(unit.capacity_gib),
        }
    }
    let careless = e.is_careless();
    if careless {
        match e.random.below(7) {
            0 => request.offer_version += 1,
            1 => request.max_total = request.max_total.saturating_sub(1),
            2 => request.gib = unit.capacity_gib + 1,
            3 => request.windows = 0,
            4 => request.seats = 4,
            5 => request.thresholds.errors_ppm = NOT_PROMISED,
            _ => request.window_secs += 1,
        }
    }
    (careless || request.max_total != u64::MAX).then_some(request)
}

pub fn accept(e: &mut Economy) -> Option<Act> {
    let now = e.chain.now().0;
    let (at, sla) = e.some_sla(|e, _, sla| {
        let waits = is(sla, SlaState::Proposed) && now < sla.body.progress.deadline;
        let mut units = e.books.units.values();
        let unit = units.find(|one| one.provider == sla.provider && one.id == sla.unit_id);
        waits
            && unit.is_some_and(|unit| can_agree(e, unit, &sla.consumer))
            && are_enough(e, &sla.consumer, &sla.provider, &sla.body.terms)
    })?;
    let signer = e.operator_of(&sla.provider)?;
    let certificate = address::certificate(SubjectKind::Consumer, &sla.consumer);
    let certified = e.books.certificates.contains_key(&certificate);
    let given = AcceptSla {
        signer,
        provider_authority: e.books.providers[&sla.provider].authority,
        unit_id: sla.unit_id,
        sla: at,
        consumer_certificate: certified.then_some(certificate),
    };
    Some(Act::new(build::accept_sla(given)))
}

pub fn reject(e: &mut Economy) -> Option<Act> {
    let (at, sla) = e.some_sla(|_, _, sla| is(sla, SlaState::Proposed))?;
    let signer = e.operator_of(&sla.provider)?;
    Some(Act::new(build::reject_sla(signer, sla.provider, at)))
}
