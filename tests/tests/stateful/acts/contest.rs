//! Contests: disputes, challenges, fraud proofs, and what becomes of their rounds.

use flashback_core::committee::SEATS_MAX;
use flashback_core::records::Shape;
use flashback_core::sla::{Commitment, Party, Round, SeatStatus, SlaState};
use flashback_sdk::account::{Challenge, Dispute};
use flashback_sdk::address;
use flashback_sdk::instruction::{self as build, ChallengeLeaf, OpenDispute, ProveFraud};
use flashback_tests::chain::Chain;
use solana_sdk::pubkey::Pubkey;

use super::Plan;
use super::sla::is;
use crate::stateful::cast::{CAST, purse};
use crate::stateful::economy::{Act, Economy};
use crate::stateful::records::{Filed, Flaw};

/// How a window is contested, and what becomes of it then.
pub const OPENING: &[Plan] = &[challenge_leaf, open_dispute, open_dispute, prove_fraud];
pub const GOING_ON: &[Plan] = &[
    super::oracle::leave,
    super::oracle::leave,
    super::committee::arm_redraw,
    super::committee::arm_redraw,
    super::committee::arm_redraw,
    prove_fraud,
    rule_dispute,
    open_leaf,
    expire_challenge,
    expire_dispute,
    settle_round,
    free_round_seat,
];

/// A submission that stands: whose, where, and in which account.
#[derive(Clone, Copy, Debug)]
pub struct Submitted {
    pub sla: Pubkey,
    pub window: u16,
    pub seat: u8,
    pub oracle: Pubkey,
    pub contested: bool,
    pub committed: Commitment,
    pub measures: bool,
}

/// Every submission that can still be voided.
pub fn places(e: &Economy) -> Vec<Submitted> {
    let mut all = Vec::new();
    for (at, sla) in e.books.slas.iter().filter(|(_, sla)| is(sla, SlaState::Active)) {
        let window = sla.body.progress.cursor;
        all.extend(standing(*at, window, &sla.body.round, &sla.seats, false));
    }
    for round in e.books.rounds.values().filter(|round| round.body.settled == 0) {
        let (submitted, seats) = (&round.body.round, &round.seats);
        all.extend(standing(round.sla, submitted.window, submitted, seats, true));
    }
    all
}

fn standing(
    sla: Pubkey,
    window: u16,
    round: &Round,
    oracles: &[Pubkey; SEATS_MAX],
    contested: bool,
) -> Vec<Submitted> {
    let submitted =
        (0u8..).zip(oracles).zip(round.commitments).map(|((seat, oracle), committed)| {
            let status = round.status_in(window, usize::from(seat));
            let measures = matches!(status, SeatStatus::Measured | SeatStatus::Excellent);
            let one =
                Submitted { sla, window, seat, oracle: *oracle, contested, committed, measures };
            (measures || status == SeatStatus::Abstained).then_some(one)
        });
    submitted.flatten().collect()
}

impl Economy {
    fn filed(&self, one: &Submitted) -> Option<&Filed> {
        let start = self.books.slas[&one.sla].body.terms.start;
        self.archive.of(&(one.sla, start, one.window, one.oracle), &one.committed)
    }
}

pub fn prove_fraud(e: &mut Economy) -> Option<Act> {
    let careless = e.is_careless();
    let provable = |one: &Submitted| {
        let flaw = e.filed(one).map_or(Flaw::Withheld, |filed| filed.flaw);
        careless || matches!(flaw, Flaw::Aggregate | Flaw::OutsideSlice | Flaw::Foreign)
    };
    let all: Vec<_> = places(e).into_iter().filter(provable).collect();
    let one = e.random.pick(&all)?;
    let leaf = 1 + e.random.below(6) as u32;
    let proof = e.filed(&one)?.accusation(leaf);
    let prover = e.stranger();
    let given = ProveFraud {
        prover_token: purse(&prover),
        sla: one.sla,
        contested: one.contested.then_some(one.window),
        seat: one.seat,
        oracle: one.oracle,
        proof,
        flash_mint: Chain::flash(),
    };
    Some(Act::new(build::prove_fraud(given)))
}

/// Whether a window's challenge phase is open now: of the window at the cursor, or of a round that exists.
pub fn can_contest(e: &Economy, sla: &Pubkey, window: u16) -> bool {
    let terms = &e.books.slas[sla].body.terms;
    let now = e.chain.now();
    let begun = terms.report_closes(window).is_ok_and(|at| now >= at);
    begun && terms.settles_at(window).is_ok_and(|at| now < at)
}

pub fn challenge_leaf(e: &mut Economy) -> Option<Act> {
    let careless = e.is_careless();
    let all = places(e).into_iter();
    let all: Vec<_> = all.filter(|one| careless || can_contest(e, &one.sla, one.window)).collect();
    let one = e.random.pick(&all)?;
    let leaves = Shape::of(e.books.slas[&one.sla].body.terms.probes).expect("a shape").leaves();
    let leaf = if careless { leaves } else { e.random.below(u64::from(leaves)) as u32 };
    let (payer, challenger) = (e.rent_payer(), e.random.one(&CAST.strangers));
    let given = ChallengeLeaf {
        payer,
        challenger,
        challenger_token: purse(&challenger),
        sla: one.sla,
        window: one.window,
        seat: one.seat,
        leaf,
    };
    Some(Act::new(build::challenge_leaf(given)))
}

fn challenges(e: &Economy) -> Vec<(Pubkey, Challenge)> {
    e.books.challenges.iter().map(|(at, one)| (*at, one.clone())).collect()
}

fn disputes(e: &Economy) -> Vec<(Pubkey, Dispute)> {
    e.books.disputes.iter().map(|(at, one)| (*at, one.clone())).collect()
}

pub fn open_leaf(e: &mut Economy) -> Option<Act> {
    let all = challenges(e);
    let (at, challenge) = e.random.pick(&all)?;
    answers(e, &at, &challenge)
}

/// Opens a challenged leaf, if its oracle can; now and then with a path that is none.
pub fn answers(e: &mut Economy, at: &Pubkey, challenge: &Challenge) -> Option<Act> {
    let round = &e.books.rounds[&challenge.round];
    let place = usize::from(challenge.seat);
    let one = Submitted {
        sla: challenge.sla,
        window: round.body.round.window,
        seat: challenge.seat,
        oracle: round.seats[place],
        contested: true,
        committed: round.body.round.commitments[place],
        measures: true,
    };
    let filed = e.filed(&one).cloned()?;
    if filed.flaw != Flaw::None && !e.is_careless() {
        return None;
    }
    let proof = filed.opening(challenge.leaf)?;
    Some(Act::new(build::open_leaf(*at, challenge, proof)))
}

pub fn expire_challenge(e: &mut Economy) -> Option<Act> {
    let (careless, now) = (e.is_careless(), e.chain.now().0);
    let all = challenges(e).into_iter().filter(|(_, one)| careless || now >= one.deadline);
    let (at, challenge) = e.random.pick(&all.collect::<Vec<_>>())?;
    let round = e.books.rounds[&challenge.round];
    let to = purse(&challenge.challenger);
    Some(Act::new(build::expire_challenge(at, &challenge, &round, to, Chain::flash())))
}

pub fn open_dispute(e: &mut Economy) -> Option<Act> {
    let careless = e.is_careless();
    let mut windows: Vec<_> = places(e).into_iter().map(|one| (one.sla, one.window)).collect();
    windows.dedup();
    windows.retain(|(sla, window)| careless || can_contest(e, sla, *window));
    windows.retain(|(sla, window)| careless || measured(e, sla, *window) > majority(e, sla));
    let (at, window) = e.random.pick(&windows)?;
    let party = e.random.one(&[Party::Consumer, Party::Provider]);
    let dispute = address::dispute(&address::round(&at, window), party);
    let sla = e.books.slas[&at];
    if e.books.disputes.contains_key(&dispute) && !careless || is_disputed(e, &at, window, party) {
        return None;
    }
    let signer = match party {
        Party::Consumer if sla.delegate != Pubkey::default() && e.random.chance(40) => sla.delegate,
        Party::Consumer => sla.consumer,
        Party::Provider => e.operator_of(&sla.provider)?,
    };
    let payer = e.rent_payer();
    let given = OpenDispute {
        payer,
        signer,
        signer_token: purse(&signer),
        party,
        provider: sla.provider,
        sla: at,
        window,
    };
    Some(Act::new(build::open_dispute(given)))
}

/// How many of a window's submissions measured, as far as they stand.
fn measured(e: &Economy, sla: &Pubkey, window: u16) -> u8 {
    let all = places(e).into_iter();
    let all = all.filter(|one| one.sla == *sla && one.window == window && one.measures);
    u8::try_from(all.count()).expect("a few seats")
}

fn majority(e: &Economy, sla: &Pubkey) -> u8 {
    e.books.slas[sla].body.terms.committee().expect("a committee").majority()
}

fn is_disputed(e: &mut Economy, sla: &Pubkey, window: u16, party: Party) -> bool {
    let round = e.books.rounds.get(&address::round(sla, window));
    let disputed = round.is_some_and(|round| round.body.disputed & party.code() != 0);
    disputed && !e.is_careless()
}

pub fn rule_dispute(e: &mut Economy) -> Option<Act> {
    let all = disputes(e);
    let (at, dispute) = e.random.pick(&all)?;
    let arbiter = e.books.config().arbiter;
    let round = &e.books.rounds[&dispute.round];
    let seats = (0..8u8).filter(|seat| {
        let status = round.body.round.status_in(round.body.round.window, usize::from(*seat));
        let measures = matches!(status, SeatStatus::Measured | SeatStatus::Excellent);
        measures && round.body.turned >> seat & 1 == 0
    });
    let seats: Vec<_> = seats.collect();
    let turned = match e.random.below(4) {
        0 => None,
        1 => Some(0),
        _ => e.random.pick(&seats).map(|seat| 1 << seat),
    };
    let turned = if e.is_careless() { Some(255) } else { turned };
    Some(Act::new(build::rule_dispute(arbiter, at, &dispute, turned)))
}

pub fn expire_dispute(e: &mut Economy) -> Option<Act> {
    let (careless, now) = (e.is_careless(), e.chain.now().0);
    let all = disputes(e).into_iter().filter(|(_, one)| careless || now >= one.deadline);
    let (at, dispute) = e.random.pick(&all.collect::<Vec<_>>())?;
    Some(Act::new(build::expire_dispute(at, &dispute)))
}

pub fn settle_round(e: &mut Economy) -> Option<Act> {
    let (careless, now) = (e.is_careless(), e.chain.now());
    let done = e.books.rounds.values().filter(|round| {
        let over = e.books.slas[&round.sla].body.terms.settles_at(round.body.round.window);
        let over = over.is_ok_and(|at| now >= at);
        careless || round.body.settled == 0 && round.body.open == 0 && over
    });
    let round = e.random.pick(&done.copied().collect::<Vec<_>>())?;
    let window = round.body.round.window;
    Some(Act::new(build::settle_round(round.sla, window, &round)))
}

pub fn free_round_seat(e: &mut Economy) -> Option<Act> {
    let careless = e.is_careless();
    let mut seats = Vec::new();
    for round in e.books.rounds.values() {
        for (seat, key) in (0u8..).zip(round.seats) {
            let (body, place) = (&round.body, usize::from(seat));
            let left = body.covers[place] > 0
                || body.fees[place] > 0
                || body.absence_owed[place] > 0
                || body.points[place] != 0;
            if key != Pubkey::default() && (careless || body.settled != 0 && left) {
                seats.push((*round, seat));
            }
        }
    }
    let (round, seat) = e.random.pick(&seats)?;
    let window = round.body.round.window;
    Some(Act::new(build::free_round_seat(round.sla, window, &round, seat)))
}
