//! SLAs that run, and what is done when they have ended.

use flashback_core::sla::SlaState;
use flashback_core::units::Timestamp;
use flashback_sdk::account::Sla;
use flashback_sdk::address;
use flashback_sdk::instruction::{self as build, CloseSla, ReleaseSla};
use flashback_tests::chain::Chain;
use solana_sdk::pubkey::Pubkey;

use crate::stateful::economy::{Act, Economy};
use crate::stateful::time::{draw_has_lapsed, grace_ends};

pub fn is(sla: &Sla, state: SlaState) -> bool {
    sla.body.progress.state == state.code()
}

pub fn expire(e: &mut Economy) -> Option<Act> {
    let (slot, now) = (e.chain.slot(), e.chain.now().0);
    let (at, sla) = e.some_sla(|_, _, sla| match sla.body.progress.state() {
        Ok(SlaState::Proposed) => now >= sla.body.progress.deadline,
        Ok(SlaState::Agreed) => draw_has_lapsed(sla, slot),
        _ => false,
    })?;
    Some(Act::new(match is(&sla, SlaState::Proposed) {
        true => build::expire_proposal(at),
        false => build::expire_sla(at, sla.provider, sla.unit_id),
    }))
}

pub fn terminate(e: &mut Economy) -> Option<Act> {
    let (at, sla) = e.some_sla(|_, _, sla| is(sla, SlaState::Active))?;
    let provider = e.books.providers.get(&sla.provider)?.authority;
    let signer = match e.random.below(4) {
        0 if sla.delegate != Pubkey::default() => sla.delegate,
        1 => provider,
        _ => sla.consumer,
    };
    Some(Act::new(build::terminate_sla(signer, sla.provider, at)))
}

/// Whether something is due to be settled.
pub fn is_due(sla: &Sla, now: Timestamp) -> bool {
    let progress = &sla.body.progress;
    let due = sla.body.terms.settles_at(progress.cursor).is_ok_and(|at| now >= at);
    is(sla, SlaState::Active) && progress.cursor < progress.end && due
}

pub fn settle(e: &mut Economy) -> Option<Act> {
    let now = e.chain.now();
    let (at, _) = e.some_sla(|_, _, sla| is_due(sla, now))?;
    Some(Act::new(build::settle(at)))
}

pub fn settle_many(e: &mut Economy) -> Option<Act> {
    let now = e.chain.now();
    let due = e.books.slas.values().any(|sla| is_due(sla, now));
    if !due && !e.is_careless() {
        return None;
    }
    let mut all: Vec<_> = e.books.slas.keys().copied().collect();
    if e.is_careless() {
        all.extend(e.random.pick(&all));
        all.push(address::registry());
    }
    Some(Act::new(build::settle_many(&all)))
}

pub fn fold_scores(e: &mut Economy) -> Option<Act> {
    let (at, sla) = e.some_sla(|_, _, sla| {
        let points = &sla.body.seats.points;
        sla.body.progress.points_milli != 0 || points.iter().any(|points| *points != 0)
    })?;
    let given = ReleaseSla::of(at, &sla);
    Some(Act::new(build::fold_scores(&given)))
}

pub fn release(e: &mut Economy) -> Option<Act> {
    let (at, sla) = e.some_sla(can_release)?;
    let mut given = ReleaseSla::of(at, &sla);
    if e.random.chance(40) {
        given.oracles.retain(|_| e.random.chance(50));
    }
    Some(Act::new(build::release_sla(&given)))
}

/// Whether anything of what an SLA reserved can be given back now.
pub fn can_release(e: &Economy, _: &Pubkey, sla: &Sla) -> bool {
    let (mut tried, now) = (sla.body, e.chain.now());
    let mut can = tried.release().is_ok();
    for (seat, key) in sla.seats.iter().enumerate() {
        let oracle = e.books.oracles.values().find(|oracle| oracle.authority == *key);
        can |= oracle.is_some_and(|oracle| tried.free_seat(seat, &oracle.stake, now).is_ok());
    }
    can
}

/// Whether an SLA still holds back somebody's capacity, cover or seat.
pub fn is_held(sla: &Sla) -> bool {
    sla.body.progress.released == 0 || !ReleaseSla::of(Pubkey::default(), sla).oracles.is_empty()
}

pub fn close(e: &mut Economy) -> Option<Act> {
    let (at, sla) = e.some_sla(|_, _, sla| sla.body.check_closable().is_ok())?;
    Some(Act::new(build::close_sla(CloseSla::of(at, &sla))))
}

pub fn close_abandoned(e: &mut Economy) -> Option<Act> {
    let now = e.chain.now();
    let (at, sla) = e.some_sla(|_, _, sla| {
        let owes = sla.body.escrow_owed().is_ok_and(|owed| owed.0 > 0);
        is(sla, SlaState::Ended) && !is_held(sla) && owes && now >= grace_ends(sla)
    })?;
    Some(abandoned(e, &at, &sla))
}

/// Closes an SLA that its owners have left alone.
pub fn abandoned(e: &mut Economy, at: &Pubkey, sla: &Sla) -> Act {
    let payer = if e.random.chance(50) { e.stranger() } else { e.rent_payer() };
    Act::new(build::close_abandoned_sla(payer, *at, sla, Chain::flash()))
}
