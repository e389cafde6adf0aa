//! The end of SLAs and their contests.

use flashback_core::sla::SlaState;
use flashback_core::units::Timestamp;
use flashback_sdk::account::Sla;
use flashback_sdk::instruction as build;
use flashback_sdk::instruction::{CloseSla, ReleaseSla};
use flashback_tests::chain::Chain;
use solana_sdk::pubkey::Pubkey;

use super::is_abandoned;
use crate::stateful::acts::{committee, contest, sla};
use crate::stateful::cast::purse;
use crate::stateful::economy::{Act, Economy};
use crate::stateful::time::{draw_has_lapsed, draw_is_ready, grace_ends};

/// Does what can be done now.
pub fn crank_all(e: &mut Economy) {
    contests(e);
    rounds(e);
    let all: Vec<_> = e.books.slas.keys().copied().collect();
    for at in all {
        end(e, &at);
        collect(e, &at);
        release(e, &at);
        match is_abandoned(&at) {
            true => push_out(e, &at),
            false => withdraw(e, &at),
        }
        if e.books.slas.get(&at).is_some_and(|one| one.body.check_closable().is_ok()) {
            let one = e.books.slas[&at];
            e.must(Act::new(build::close_sla(CloseSla::of(at, &one))));
        }
    }
}

fn contests(e: &mut Economy) {
    let now = e.chain.now().0;
    let challenges: Vec<_> =
        e.books.challenges.iter().map(|(at, one)| (*at, one.clone())).collect();
    for (at, challenge) in challenges {
        if at.to_bytes()[3] % 2 == 0 {
            // It may have been voided, or be too late.
            let _ = contest::answers(e, &at, &challenge).map(|act| e.attempt(&act));
        }
        if now >= challenge.deadline && e.books.challenges.contains_key(&at) {
            let round = e.books.rounds[&challenge.round];
            let to = purse(&challenge.challenger);
            let mint = Chain::flash();
            e.must(Act::new(build::expire_challenge(at, &challenge, &round, to, mint)));
        }
    }
    let disputes: Vec<_> = e.books.disputes.iter().map(|(at, one)| (*at, one.clone())).collect();
    for (at, dispute) in disputes {
        let over = now >= dispute.deadline;
        if over || at.to_bytes()[3] % 4 == 0 {
            // Too late is refused, of course.
            let arbiter = e.books.config().arbiter;
            let turned = e.random.one(&[None, Some(0), Some(1)]);
            let ruled = Act::new(build::rule_dispute(arbiter, at, &dispute, turned));
            let _ = ruled.can_be_signed().then(|| e.attempt(&ruled));
        }
        if over {
            e.must(Act::new(build::expire_dispute(at, &dispute)));
        }
    }
}

fn rounds(e: &mut Economy) {
    let now = e.chain.now();
    let rounds: Vec<_> = e.books.rounds.iter().map(|(at, round)| (*at, *round)).collect();
    for (at, round) in rounds {
        let window = round.body.round.window;
        let over = e.books.slas[&round.sla].body.terms.settles_at(window);
        if round.body.settled == 0 && round.body.open == 0 && over.is_ok_and(|over| now >= over) {
            e.must(Act::new(build::settle_round(round.sla, window, &round)));
        }
        for seat in 0..5u8 {
            let Some(round) = e.books.rounds.get(&at).copied() else { break };
            let (body, place) = (&round.body, usize::from(seat));
            let left = body.covers[place] > 0
                || body.fees[place] > 0
                || body.absence_owed[place] > 0
                || body.points[place] != 0;
            if body.settled != 0 && left {
                e.must(Act::new(build::free_round_seat(round.sla, window, &round, seat)));
            }
        }
    }
}

/// Proposals are answered or expire; draws are held or lapse; windows are settled.
fn end(e: &mut Economy, at: &Pubkey) {
    let one = e.books.slas[at];
    let (now, slot) = (e.chain.now(), e.chain.slot());
    match one.body.progress.state() {
        Ok(SlaState::Proposed) if now >= Timestamp(one.body.progress.deadline) => {
            e.must(Act::new(build::expire_proposal(*at)));
        }
        Ok(SlaState::Proposed) if !is_abandoned(at) => {
            if let Some(signer) = e.operator_of(&one.provider) {
                e.must(Act::new(build::reject_sla(signer, one.provider, *at)));
            }
        }
        Ok(SlaState::Agreed) if draw_has_lapsed(&one, slot) => {
            e.must(Act::new(build::expire_sla(*at, one.provider, one.unit_id)));
        }
        Ok(SlaState::Agreed) if draw_is_ready(&one, slot) && !is_abandoned(at) => {
            let seating = committee::seating(e, at, &one);
            // Too few oracles may be left.
            let _ = e.attempt(&seating);
        }
        Ok(SlaState::Active) if sla::is_due(&one, now) => {
            e.must(Act::new(build::settle(*at)));
        }
        _ => {}
    }
}

/// Penalties and absences are collected, as far as there is anything to take.
fn collect(e: &mut Economy, at: &Pubkey) {
    let one = e.books.slas[at];
    if one.body.money.penalty_owed > 0 {
        e.must(Act::new(build::collect_penalty(*at, one.provider)));
    }
    for (seat, key) in (0u8..).zip(one.seats) {
        let oracle = e.books.oracles.values().find(|oracle| oracle.authority == key);
        let Some(mut stake) = oracle.map(|oracle| oracle.stake) else { continue };
        let mut tried = e.books.slas[at].body;
        if tried.collect_absence(usize::from(seat), &mut stake).is_ok() {
            e.must(Act::new(build::collect_absence(*at, seat, &key)));
        }
    }
}

/// What an ended SLA reserved is given back, as soon as anything of it can be.
fn release(e: &mut Economy, at: &Pubkey) {
    let one = e.books.slas[at];
    if sla::can_release(e, at, &one) {
        e.must(Act::new(build::release_sla(&ReleaseSla::of(*at, &one))));
    }
}

fn withdraw(e: &mut Economy, at: &Pubkey) {
    let one = e.books.slas[at];
    let money = &one.body.money;
    if money.refundable > 0 {
        let paid = build::withdraw_refund(one.consumer, *at, purse(&one.consumer));
        e.must(Act::new(paid));
    }
    if money.earned > 0
        && let Some(signer) = e.operator_of(&one.provider)
    {
        let payout = purse(&e.books.providers[&one.provider].payout);
        let paid = build::withdraw_earnings(signer, one.provider, *at, payout);
        e.must(Act::new(paid));
    }
    if money.protocol_fees > 0 || money.to_burn > 0 {
        e.must(Act::new(build::sweep_fees(*at, one.provider, Chain::flash())));
    }
    for ((seat, key), fee) in (0u8..).zip(one.seats).zip(one.body.seats.fees) {
        if fee > 0 {
            let claimed = build::claim_oracle_fees(key, *at, seat, purse(&key));
            e.must(Act::new(claimed));
        }
    }
}

/// After the grace period anyone pays out what was left alone, and closes.
fn push_out(e: &mut Economy, at: &Pubkey) {
    let one: Sla = e.books.slas[at];
    let ended = sla::is(&one, SlaState::Ended) && !sla::is_held(&one);
    let owes = one.body.escrow_owed().expect("amounts that fit").0 > 0;
    if ended && owes && e.chain.now() >= grace_ends(&one) {
        let act = sla::abandoned(e, at, &one);
        e.must(act);
    }
}
