//! Oracles: entering and leaving, reporting.

use flashback_core::committee::DRAWS_HELD_SLOTS;
use flashback_core::sla::{SeatStatus, SlaState};
use flashback_core::units::Atoms;
use flashback_sdk::account::{Oracle, SubjectKind};
use flashback_sdk::address;
use flashback_sdk::instruction::{self as build, RegisterOracleArgs};
use flashback_tests::chain::Chain;
use solana_sdk::pubkey::Pubkey;

use super::Plan;
use super::sla::is;
use crate::stateful::cast::CAST;
use crate::stateful::economy::{Act, Economy};

/// How a window is reported.
pub const REPORTING: &[Plan] = &[submit_report, submit_report, submit_many];

/// How there come to be more of them.
pub const COMING: &[Plan] =
    &[join, join, leave_for_good, register, super::stake::stake, super::admin::certify];

/// What follows from an absence.
pub const MISSING: &[Plan] = &[leave, super::committee::arm_redraw, super::committee::arm_redraw];

/// Oracles that have to stay, so that committees can be drawn.
const ENOUGH: usize = 6;

fn some_oracle(e: &mut Economy, fits: impl Fn(&Economy, &Oracle) -> bool) -> Option<Oracle> {
    let careless = e.is_careless();
    let all = e.books.oracles.values().filter(|one| careless || fits(e, one));
    let all: Vec<_> = all.copied().collect();
    e.random.pick(&all)
}

fn details(e: &mut Economy) -> RegisterOracleArgs {
    let long = if e.is_careless() { 201 } else { 10 };
    RegisterOracleArgs { x25519: [5; 32], records_url: "u".repeat(long) }
}

pub fn register(e: &mut Economy) -> Option<Act> {
    let careless = e.is_careless();
    let known = |key: &&Pubkey| e.books.oracles.values().any(|one| one.authority == **key);
    let free: Vec<_> = CAST.oracles.iter().filter(|key| careless || !known(key)).copied().collect();
    let authority = e.random.pick(&free)?;
    let (payer, args) = (e.rent_payer(), details(e));
    let registered = build::register_oracle(payer, authority, Chain::flash(), args);
    Some(Act::new(registered))
}

pub fn update(e: &mut Economy) -> Option<Act> {
    let authority = some_oracle(e, |_, _| true)?.authority;
    let args = details(e);
    Some(Act::new(build::update_oracle(authority, args)))
}

pub fn join(e: &mut Economy) -> Option<Act> {
    let (now, least) = (e.chain.now().0, e.books.config().params.min_stake);
    let oracle = some_oracle(e, |e, one| {
        let certificate = address::certificate(SubjectKind::Oracle, &one.authority);
        let certified = e.books.certificates.get(&certificate);
        let certified = certified.is_some_and(|one| one.expires_at > now);
        one.joined == 0 && certified && one.stake.bonded >= least
    })?;
    let (payer, authority) = (e.rent_payer(), oracle.authority);
    Some(Act::new(build::join_registry(payer, authority)))
}

/// Leaving takes two steps: first it is drawn no more, by its own word or because anyone says that it may not serve any
/// more; then anyone takes its entry out.
pub fn leave(e: &mut Economy) -> Option<Act> {
    let serving = e.books.oracles.values().filter(|one| one.serves()).count();
    let (enough, careless) = (serving > ENOUGH, e.is_careless());
    let all =
        e.books.oracles.values().filter(|one| {
            careless || one.serves() && enough || can_be_taken_out(e, &one.authority)
        });
    let all: Vec<_> = all.copied().collect();
    // Those who have a contested window behind them, or owe something, before all.
    let pressed = all.iter().filter(|one| {
        one.serves() && (is_contested(e, &one.authority) || owes_absence(e, &one.authority))
    });
    let pressed: Vec<_> = pressed.copied().collect();
    let oracle = match pressed.is_empty() {
        false if e.random.chance(70) => e.random.pick(&pressed)?,
        _ => e.random.pick(&all)?,
    };
    let signer = match e.is_careless() || !oracle.serves() {
        true => e.stranger(),
        false => oracle.authority,
    };
    leaving(e, &oracle.authority, signer)
}

/// Takes the entry of one out that has left, so that it can join again.
fn leave_for_good(e: &mut Economy) -> Option<Act> {
    let gone = e.books.oracles.values().filter(|one| can_be_taken_out(e, &one.authority));
    let oracle = e.random.pick(&gone.copied().collect::<Vec<_>>())?;
    let stranger = e.stranger();
    leaving(e, &oracle.authority, stranger)
}

/// Takes an oracle out of the registry, or its entry.
pub fn leaving(e: &Economy, oracle: &Pubkey, signer: Pubkey) -> Option<Act> {
    let entry = e.books.registry().entries.iter().find(|entry| entry.oracle == *oracle);
    let rent_payer = entry.map_or(signer, |entry| entry.rent_payer);
    Some(Act::new(build::leave_registry(signer, oracle, rent_payer)))
}

/// Whether it has left so long ago that its entry can go.
pub fn can_be_taken_out(e: &Economy, oracle: &Pubkey) -> bool {
    let account = e.books.oracles.values().find(|one| one.authority == *oracle);
    let has_left = account.is_some_and(|one| one.joined != 0 && !one.serves());
    let entry = e.books.registry().entries.iter().find(|entry| entry.oracle == *oracle);
    has_left && entry.is_some_and(|one| e.chain.slot() >= one.out_slot + DRAWS_HELD_SLOTS)
}

fn is_contested(e: &Economy, oracle: &Pubkey) -> bool {
    let open = e.books.rounds.values().filter(|round| round.body.settled == 0);
    open.flat_map(|round| round.seats).any(|seat| seat == *oracle)
}

/// Whether it owes an absence where a newcomer could take its place.
fn owes_absence(e: &Economy, oracle: &Pubkey) -> bool {
    e.books.slas.values().filter(|sla| is(sla, SlaState::Active)).any(|sla| {
        let mut seats = sla.seats.iter().zip(sla.body.seats.absence_owed);
        seats.any(|(seat, owed)| seat == oracle && owed > 0)
    })
}

/// Whether somebody owes an absence in an SLA that runs.
pub fn is_owed_absence(e: &Economy) -> bool {
    e.books.oracles.values().any(|one| owes_absence(e, &one.authority))
}

pub fn close(e: &mut Economy) -> Option<Act> {
    let oracle = some_oracle(e, |_, one| {
        let owed = one.stake.owed().is_ok_and(|owed| owed == Atoms::ZERO);
        owed && one.joined == 0 && one.seats == 0
    })?;
    let authority = oracle.authority;
    let certificate = address::certificate(SubjectKind::Oracle, &authority);
    let certificate = e.books.certificates.get(&certificate);
    let certificate_payer = certificate.map_or(oracle.rent_payer, |one| one.rent_payer);
    let closed = build::close_oracle(authority, oracle.rent_payer, certificate_payer);
    Some(Act::new(closed))
}

/// Every seat that can report a window now: SLA, window, oracle.
pub fn reportable(e: &Economy) -> Vec<(Pubkey, u16, Pubkey)> {
    let now = e.chain.now();
    let mut all = Vec::new();
    let active = e.books.slas.iter().filter(|(_, sla)| is(sla, SlaState::Active));
    for at in active.map(|(at, _)| at) {
        let sla = e.settled(at);
        let (body, window) = (&sla.body, sla.body.progress.cursor);
        let opens = body.terms.report_opens(window).is_ok_and(|opens| now >= opens);
        let closes = body.terms.report_closes(window).is_ok_and(|closes| now >= closes);
        if !is(&sla, SlaState::Active) || !opens || closes {
            continue;
        }
        let silent = |seat: &usize| {
            let counts = body.seats.counts(*seat, window);
            counts && body.round.status_in(window, *seat) == SeatStatus::Absent
        };
        let seats = (0..usize::from(body.terms.seats)).filter(silent);
        all.extend(seats.map(|seat| (*at, window, sla.seats[seat])));
    }
    all
}

pub fn submit_report(e: &mut Economy) -> Option<Act> {
    let (at, window, oracle) = match e.is_careless() {
        true => {
            let (at, sla) = e.some_sla(|_, _, _| true)?;
            let cursor = sla.body.progress.cursor;
            (at, e.random.one(&[cursor, cursor + 1, 0]), e.random.one(&CAST.oracles))
        }
        false => e.random.pick(&reportable(e))?,
    };
    let (place, filed) = e.submission(&at, window, &oracle);
    let report = filed.report(window);
    e.archive.offer(place, filed);
    Some(Act::new(build::submit_report(oracle, at, report)))
}

pub fn submit_many(e: &mut Economy) -> Option<Act> {
    let all = reportable(e);
    let (_, _, oracle) = e.random.pick(&all)?;
    let mut reports = Vec::new();
    for (at, window, _) in all.iter().filter(|(_, _, key)| *key == oracle).take(4) {
        let (place, filed) = e.submission(at, *window, &oracle);
        reports.push((*at, filed.report(*window)));
        e.archive.offer(place, filed);
    }
    if e.is_careless() {
        // Twice the same: the second one is skipped.
        reports.extend(reports.first().copied());
    }
    Some(Act::new(build::submit_many(oracle, &reports)))
}
