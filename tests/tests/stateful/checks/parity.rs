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

pub fn check(economy: &Economy, before: &Books, act: &Act) {
    let now = economy.chain.now();
    let batch = match act.name() {
        "settle_many" => act.instruction.accounts.iter().map(|meta| meta.pubkey).collect(),
        "submit_many" => return check_reports(economy, before, act),
        _ if contests::check(economy, before, act) => return,
        _ => Vec::from_iter(act.account("sla")),
    };
    for at in batch {
        let (Some(sla), Some(after)) = (before.slas.get(&at), economy.books.slas.get(&at)) else {
            continue;
        };
        if let Some(body) = expected(before, act, sla, now, economy.chain.slot()) {
            assert_eq!(after.body, body, "{} of {at} is not as core has it", act.name());
        }
    }
}

/// The SLA's body after an instruction, for those that take no more than that.
fn expected(before: &Books, act: &Act, sla: &Sla, now: Timestamp, slot: u64) -> Option<SlaBody> {
    let mut body = sla.body;
    let seat = || usize::from(act.instruction.data[8]);
    let done = match act.name() {
        "settle" | "settle_many" => {
            settle(&mut body, now, u16::MAX);
            Ok(())
        }
        "submit_report" => {
            report(&mut body, sla, &act.account("authority")?, &arguments(act), now);
            Ok(())
        }
        "terminate_sla" => {
            settle(&mut body, now, u16::MAX);
            let signer = act.account("signer")?;
            let by_consumer = sla.acts_for_consumer(&signer);
            let ended = match by_consumer {
                true => body.terminate_by_consumer(now),
                false => body.terminate_by_provider(now),
            };
            ended.map(drop)
        }
        "accept_sla" => body.accept(slot, now),
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
        "expire_sla" => expire(&mut body, now),
        "release_sla" => {
            release(&mut body, before, act, sla, now);
            Ok(())
        }
        "fold_scores" => {
            fold(&mut body, before, act, sla);
            Ok(())
        }
        _ => return None,
    };
    done.unwrap_or_else(|error| panic!("core refuses {}: {error}", act.name()));
    Some(body)
}

/// Ends what never began: a proposal, or an SLA whose draw lapsed, which gives back what it took at once.
fn expire(body: &mut SlaBody, now: Timestamp) -> Result<(), CoreError> {
    if body.progress.state == SlaState::Proposed.code() {
        return body.expire_proposal(now).map(drop);
    }
    body.expire(true, now)?;
    body.release().map(drop)
}

/// The seats of the oracles that an instruction names beside its own accounts.
fn seats_named<'a>(before: &'a Books, act: &Act, sla: &Sla) -> Vec<(usize, &'a Oracle)> {
    let named = &act.instruction.accounts[idl::fixed_accounts(&act.instruction)..];
    let oracles = named.iter().map(|meta| &before.oracles[&meta.pubkey]);
    let seat = |oracle: &Oracle| sla.seats.iter().position(|seat| *seat == oracle.authority);
    oracles.map(|oracle| (seat(oracle).expect("a seat"), oracle)).collect()
}

/// Gives back what can be.
fn release(body: &mut SlaBody, before: &Books, act: &Act, sla: &Sla, now: Timestamp) {
    let _ = body.release();
    for (seat, oracle) in seats_named(before, act, sla) {
        let _ = body.free_seat(seat, &oracle.stake, now);
    }
}

/// Folds the points that wait.
fn fold(body: &mut SlaBody, before: &Books, act: &Act, sla: &Sla) {
    let _ = body.fold_unit_points();
    for (seat, _) in seats_named(before, act, sla) {
        let _ = body.fold_seat_points(seat);
    }
}

/// Settles what is due before a window.
fn settle(body: &mut SlaBody, now: Timestamp, window: u16) {
    while body.progress.cursor < window {
        if body.settle_next(now).expect("an SLA that settles").is_none() {
            return;
        }
    }
}

/// Settles what comes before, and submits, if the report is not refused.
fn report(
    body: &mut SlaBody,
    sla: &Sla,
    oracle: &Pubkey,
    given: &SubmitReportArgs,
    now: Timestamp,
) {
    settle(body, now, given.window);
    if let Some(seat) = sla.seats.iter().position(|seat| seat == oracle) {
        let committed = commitment::<SoftwareSha256>(&given.aggregate, &given.root);
        let _ = body.submit(seat, given.window, &given.aggregate, committed, now);
    }
}

fn check_reports(economy: &Economy, before: &Books, act: &Act) {
    let fixed = idl::fixed_accounts(&act.instruction);
    let oracle = act.account("authority").expect("an oracle");
    let mut expected = before.slas.clone();
    let reports: Vec<SubmitReportArgs> = arguments(act);
    for (meta, given) in act.instruction.accounts[fixed..].iter().zip(reports) {
        if let Some(sla) = expected.get_mut(&meta.pubkey) {
            let mut body = sla.body;
            report(&mut body, sla, &oracle, &given, economy.chain.now());
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
