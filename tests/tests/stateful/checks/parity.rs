//! What the chain makes of an SLA is what core makes of it, natively, to the atom.

mod contests;

use anchor_lang::AnchorDeserialize;
use flashback_core::CoreError;
use flashback_core::hash::SoftwareSha256;
use flashback_core::sla::{SlaBody, SlaState, commitment};
use flashback_core::stake::Stake;
use flashback_core::units::Timestamp;
use flashback_sdk::account::{Oracle, Sla};
use flashback_sdk::instruction::SubmitReportArgs;
use solana_sdk::pubkey::Pubkey;

use crate::stateful::books::Books;
use crate::stateful::economy::{Act, Economy};
use crate::stateful::idl;
use crate::stateful::time::draw_has_lapsed;

/// What is refused before core is asked, for what core does not see: who signs, what a proof says, whom a draw gives.
const BEFORE_CORE: [CoreError; 9] = [
    CoreError::Unauthorized,
    CoreError::ProofInvalid,
    CoreError::NoFraud,
    CoreError::CommitteeMismatch,
    CoreError::DrawNotReady,
    CoreError::DrawLapsed,
    CoreError::OraclesTooFew,
    CoreError::SeatInvalid,
    CoreError::RedrawRefused,
];

/// After a success.
pub fn check(economy: &Economy, before: &Books, act: &Act) {
    let batch = match act.name() {
        "settle_many" => act.instruction.accounts.iter().map(|meta| meta.pubkey).collect(),
        "submit_many" => return check_reports(economy, before, act),
        _ if contests::check(economy, before, act) => return,
        _ => Vec::from_iter(act.account("sla")),
    };
    // What a batch may not write it skips.
    for at in batch.into_iter().filter(|at| act.may_write(at)) {
        let (Some(sla), Some(after)) = (before.slas.get(&at), economy.books.slas.get(&at)) else {
            continue;
        };
        if let Some(done) = expected(economy, before, act, sla) {
            let body = done.unwrap_or_else(|error| panic!("core refuses {}: {error}", act.name()));
            assert_eq!(after.body, body, "{} of {at} is not as core has it", act.name());
        }
    }
}

/// After a refusal of something that is not bent: core refuses it, too, and by the same rule.
pub fn check_refused(economy: &Economy, act: &Act, refused: CoreError) {
    if BEFORE_CORE.contains(&refused) {
        return;
    }
    let books = &economy.books;
    let Some(sla) = act.account("sla").and_then(|at| books.slas.get(&at)) else { return };
    let of_contests = contests::outcome(economy, books, act);
    let outcome = of_contests.or_else(|| Some(expected(economy, books, act, sla)?.map(drop)));
    if let Some(outcome) = outcome {
        assert_eq!(outcome, Err(refused), "{}: core and chain differ", act.name());
    }
}

/// The SLA's body after an instruction, for those that take no more than that.
fn expected(
    economy: &Economy,
    before: &Books,
    act: &Act,
    sla: &Sla,
) -> Option<Result<SlaBody, CoreError>> {
    let (now, mut body) = (economy.chain.now(), sla.body);
    let seat = || usize::from(act.instruction.data[8]);
    let done = match act.name() {
        "settle" => match settle(&mut body, now, u16::MAX) {
            0 => Err(CoreError::NothingDue),
            _ => Ok(()),
        },
        "settle_many" => {
            settle(&mut body, now, u16::MAX);
            Ok(())
        }
        "submit_report" => report(&mut body, sla, &act.account("authority")?, &arguments(act), now),
        "terminate_sla" => {
            settle(&mut body, now, u16::MAX);
            match sla.acts_for_consumer(&act.account("signer")?) {
                true => body.terminate_by_consumer(now).map(drop),
                false => body.terminate_by_provider(now).map(drop),
            }
        }
        "reject_sla" => body.reject().map(drop),
        "withdraw_earnings" => body.take_earnings().map(drop),
        "withdraw_refund" => body.take_refund().map(drop),
        "claim_oracle_fees" => body.take_oracle_fees(seat()).map(drop),
        "sweep_fees" => body.take_protocol_fees().map(drop),
        "collect_penalty" => {
            let mut stake = before.providers[&sla.provider].stake;
            body.collect_penalty(&mut stake).map(drop)
        }
        "collect_absence" => {
            let mut stake: Stake = before.oracles[&act.account("oracle")?].stake;
            body.collect_absence(seat(), &mut stake).map(drop)
        }
        "expire_sla" => expire(&mut body, draw_has_lapsed(sla, economy.chain.slot()), now),
        "release_sla" => release(&mut body, before, act, sla, now),
        "fold_scores" => fold(&mut body, before, act, sla),
        "close_sla" => body.check_closable(),
        "close_abandoned_sla" => body.push_out(now).and_then(|_| body.check_closable()),
        _ => return None,
    };
    Some(done.map(|()| body))
}

/// Ends what never began: a proposal, or an SLA whose draw lapsed, which gives back what it took at once.
fn expire(body: &mut SlaBody, lapsed: bool, now: Timestamp) -> Result<(), CoreError> {
    if body.progress.state == SlaState::Proposed.code() {
        return body.expire_proposal(now).map(drop);
    }
    body.expire(lapsed, now)?;
    body.release().map(drop)
}

/// The seats of the oracles that an instruction names beside its own accounts.
fn seats_named<'a>(before: &'a Books, act: &Act, sla: &Sla) -> Vec<(usize, &'a Oracle)> {
    let named = &act.instruction.accounts[idl::fixed_accounts(&act.instruction)..];
    let oracles = named.iter().map(|meta| &before.oracles[&meta.pubkey]);
    let seat = |oracle: &Oracle| sla.seats.iter().position(|seat| *seat == oracle.authority);
    oracles.map(|oracle| (seat(oracle).expect("a seat"), oracle)).collect()
}

/// Gives back what can be; refuses if that is nothing.
fn release(
    body: &mut SlaBody,
    before: &Books,
    act: &Act,
    sla: &Sla,
    now: Timestamp,
) -> Result<(), CoreError> {
    let mut parts = vec![body.release().map(drop)];
    for (seat, oracle) in seats_named(before, act, sla) {
        parts.push(body.free_seat(seat, &oracle.stake, now).map(drop));
    }
    let told = |error| parts.contains(&Err(error));
    match parts.iter().any(Result::is_ok) {
        true => Ok(()),
        false if told(CoreError::StateInvalid) => Err(CoreError::StateInvalid),
        false if told(CoreError::NotClosable) => Err(CoreError::NotClosable),
        false => Err(CoreError::AlreadyReleased),
    }
}

/// Folds the points that wait; refuses if there are none.
fn fold(body: &mut SlaBody, before: &Books, act: &Act, sla: &Sla) -> Result<(), CoreError> {
    let mut folded = body.fold_unit_points().is_ok();
    for (seat, _) in seats_named(before, act, sla) {
        folded |= body.fold_seat_points(seat).is_ok();
    }
    if folded { Ok(()) } else { Err(CoreError::NothingToFold) }
}

/// Settles what is due before a window; says how many windows that was.
fn settle(body: &mut SlaBody, now: Timestamp, window: u16) -> usize {
    let mut settled = 0;
    while body.progress.cursor < window {
        if body.settle_next(now).expect("an SLA that settles").is_none() {
            break;
        }
        settled += 1;
    }
    settled
}

/// Settles what comes before, and submits.
fn report(
    body: &mut SlaBody,
    sla: &Sla,
    oracle: &Pubkey,
    given: &SubmitReportArgs,
    now: Timestamp,
) -> Result<(), CoreError> {
    settle(body, now, given.window);
    let seat = sla.seats.iter().position(|seat| seat == oracle).ok_or(CoreError::NotSeated)?;
    let committed = commitment::<SoftwareSha256>(&given.aggregate, &given.root);
    body.submit(seat, given.window, &given.aggregate, committed, now).map(drop)
}

fn check_reports(economy: &Economy, before: &Books, act: &Act) {
    let fixed = idl::fixed_accounts(&act.instruction);
    let oracle = act.account("authority").expect("an oracle");
    let mut expected = before.slas.clone();
    let reports: Vec<SubmitReportArgs> = arguments(act);
    for (meta, given) in act.instruction.accounts[fixed..].iter().zip(reports) {
        let may_write = act.may_write(&meta.pubkey);
        if let Some(sla) = expected.get_mut(&meta.pubkey).filter(|_| may_write) {
            let mut body = sla.body;
            // One that is refused stops no other.
            let _ = report(&mut body, sla, &oracle, &given, economy.chain.now());
            sla.body = body;
        }
    }
    for (at, sla) in expected {
        assert_eq!(
            economy.books.slas[&at].body, sla.body,
            "reports of {at} are not as core has them"
        );
    }
}

fn arguments<T: AnchorDeserialize>(act: &Act) -> T {
    T::deserialize(&mut &act.instruction.data[8..]).expect("the arguments")
}
