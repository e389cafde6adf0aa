//! Committees: draws held, seats redrawn.

use flashback_core::sla::SlaState;
use flashback_core::units::Timestamp;
use flashback_sdk::account::Sla;
use flashback_sdk::draw::Draw;
use flashback_sdk::instruction::{self as build, RedrawnSeat};
use solana_sdk::pubkey::Pubkey;

use super::sla::is;
use crate::stateful::cast::CAST;
use crate::stateful::economy::{Act, Economy};
use crate::stateful::time::{draw_has_lapsed, draw_is_ready};

pub fn seat_committee(e: &mut Economy) -> Option<Act> {
    let slot = e.chain.slot();
    let (at, sla) =
        e.some_sla(|_, _, sla| is(sla, SlaState::Agreed) && draw_is_ready(sla, slot))?;
    Some(seating(e, &at, &sla))
}

/// SLAs in that state of which a draw is pending whose hash is not lost.
pub fn awaiting_draw(e: &Economy, state: SlaState) -> Vec<Pubkey> {
    let slot = e.chain.slot();
    let all = e.books.slas.iter().filter(|(_, sla)| {
        let redrawn = sla.body.progress.redraw_seats != 0;
        let pending = state != SlaState::Active || redrawn && can_redraw(sla, e.chain.now());
        is(sla, state) && pending && !draw_has_lapsed(sla, slot)
    });
    all.map(|(at, _)| *at).collect()
}

/// Whether reports are closed, and a newcomer would still measure a window.
fn can_redraw(sla: &Sla, now: Timestamp) -> bool {
    let (terms, progress) = (&sla.body.terms, &sla.body.progress);
    let ready = now.0 + i64::from(terms.access_delay_secs) - terms.start;
    let first = (ready.max(0) + i64::from(terms.window_secs) - 1) / i64::from(terms.window_secs);
    let reports = terms.report_opens(progress.cursor);
    first < i64::from(progress.end) && reports.is_ok_and(|opens| now < opens)
}

/// Waits for the hash of an SLA's draw and seats its committee.
pub fn seat_soon(e: &mut Economy) -> Option<Act> {
    let all = awaiting_draw(e, SlaState::Agreed);
    let at = e.random.pick(&all)?;
    e.wait_for_draw(&at);
    let sla = e.books.slas[&at];
    if !would_be_seated(e, &at, &sla) && e.random.chance(80) {
        return None;
    }
    Some(seating(e, &at, &sla))
}

/// Whether a majority of those drawn can cover their seats.
fn would_be_seated(e: &Economy, at: &Pubkey, sla: &Sla) -> bool {
    let Some(drawn) = e.held_draw(at, |draw| draw.committee().ok()) else { return false };
    let terms = &sla.body.terms;
    let cover = terms.seat_cover().and_then(|cover| cover.total()).expect("a cover");
    let able =
        e.books.oracles.values().filter(|one| {
            drawn.contains(&one.authority) && one.serves() && one.stake.free() >= cover
        });
    able.count() >= usize::from(terms.committee().expect("a committee").majority())
}

/// Seats the drawn committee; where none is drawn, some oracles.
pub fn seating(e: &mut Economy, at: &Pubkey, sla: &Sla) -> Act {
    let drawn = e.held_draw(at, |draw| draw.committee().ok());
    let seats = usize::from(sla.body.terms.seats);
    let committee = drawn.unwrap_or_else(|| CAST.oracles[..seats].to_vec());
    Act::new(build::seat_committee(*at, sla.provider, &committee))
}

/// The seat's oracle, and whether it has left; nobody for a vacant seat.
fn holder(e: &Economy, sla: &Sla, seat: usize) -> (Option<Pubkey>, bool) {
    let key = sla.seats[seat];
    let held = (key != Pubkey::default()).then_some(key);
    let account = e.books.oracles.values().find(|one| one.authority == key);
    (held, account.is_some_and(|one| !one.serves()))
}

pub fn arm_redraw(e: &mut Economy) -> Option<Act> {
    let (slot, now, careless) = (e.chain.slot(), e.chain.now(), e.is_careless());
    let mut seats = Vec::new();
    for at in e.books.slas.keys() {
        let sla = e.settled(at);
        for seat in 0..usize::from(sla.body.terms.seats) {
            let (key, left) = holder(e, &sla, seat);
            let (mut tried, lapsed) = (sla.body, draw_has_lapsed(&sla, slot));
            if careless || tried.arm_redraw(seat, left, slot, lapsed, now).is_ok() {
                seats.push((*at, u8::try_from(seat).expect("a seat"), key));
            }
        }
    }
    let (at, seat, key) = e.random.pick(&seats)?;
    Some(Act::new(build::arm_redraw(at, seat, key)))
}

pub fn redraw(e: &mut Economy) -> Option<Act> {
    let slot = e.chain.slot();
    let (at, sla) = e.some_sla(|_, _, sla| {
        let waits = sla.body.progress.redraw_seats != 0;
        is(sla, SlaState::Active) && waits && draw_is_ready(sla, slot)
    })?;
    redrawing(e, &at, &sla)
}

/// Waits for the hash of a redraw and holds it.
pub fn redraw_soon(e: &mut Economy) -> Option<Act> {
    let all = awaiting_draw(e, SlaState::Active);
    let at = e.random.pick(&all)?;
    e.wait_for_draw(&at);
    let sla = e.books.slas[&at];
    redrawing(e, &at, &sla)
}

/// Gives the seats that wait to whoever is drawn for them.
pub fn redrawing(e: &mut Economy, at: &Pubkey, sla: &Sla) -> Option<Act> {
    let newcomers = e.held_draw(at, |draw| draw.newcomers().ok())?;
    let waiting = (0..8).filter(|seat| sla.body.progress.redraw_seats >> seat & 1 != 0);
    let seats: Vec<_> = waiting
        .zip(newcomers)
        .map(|(seat, newcomer)| RedrawnSeat { leaver: holder(e, sla, seat).0, newcomer })
        .collect();
    let rounds = e.books.rounds.iter().filter(|(_, round)| round.sla == *at);
    let rounds: Vec<_> = rounds.map(|(round, _)| *round).collect();
    let round = e.random.pick(&rounds);
    Some(Act::new(build::redraw_seats(*at, sla.provider, round, &seats)))
}

impl Economy {
    /// Holds an SLA's draw off-chain.
    pub fn held_draw<T>(&self, at: &Pubkey, hold: impl FnOnce(&Draw) -> Option<T>) -> Option<T> {
        let sla = self.books.slas[at];
        let slot_hashes = self.chain.account(&solana_sdk::sysvar::slot_hashes::ID)?;
        hold(&Draw {
            address: *at,
            sla: &sla,
            provider: self.books.providers.get(&sla.provider)?,
            registry: self.books.registry(),
            slot_hashes: &slot_hashes.data,
        })
    }
}
