use std::mem::offset_of;

use flashback::events::{BatchSettled, SettledRecord, WindowSettled};
use flashback_core::quality::Aggregate;
use flashback_core::sla::{SlaState, WindowResult};
use flashback_sdk::account::Sla;
use flashback_sdk::draw::Draw;
use flashback_sdk::instruction::{
    ProposeSlaArgs, SubmitReportArgs, seat_committee, settle, submit_report,
};
use flashback_tests::chain::PACKET;
use flashback_tests::prelude::*;
use flashback_tests::{Attempt, Receipt};
use solana_account::Account;
use solana_sdk::instruction::{AccountMeta, Instruction};
use solana_sdk::message::Message;

/// What `skipped` says of an account that is no Sla.
const NO_SLA: u32 = 1;

fn sla(id: u64) -> Pubkey {
    address::sla(&key(CONSUMER), id)
}

fn read(world: &World, id: u64) -> Sla {
    world.chain.read(&sla(id))
}

/// The consumer's SLAs of these numbers, of 10 GiB each, which begin at one time.
fn with_slas(ids: impl Iterator<Item = u64> + Clone) -> World {
    let mut world = World::with_market();
    for id in ids.clone() {
        reserves(&mut world, id);
    }
    world.chain.wait_slots(9);
    for id in ids {
        seats(&mut world, id);
    }
    world
}

fn reserves(world: &mut World, id: u64) {
    let mut args = ProposeSlaArgs { id, ..reservation() };
    args.request.gib = 10;
    world.consumer().reserves_with(args).succeeds();
}

fn seats(world: &mut World, id: u64) {
    let slot_hashes = world.chain.account(&solana_sdk::sysvar::slot_hashes::ID).unwrap();
    let drawn = Draw {
        address: sla(id),
        sla: &read(world, id),
        provider: &world.provider_account(),
        registry: &world.registry(),
        slot_hashes: &slot_hashes.data,
    }
    .committee()
    .unwrap();
    let seated = seat_committee(sla(id), world.provider_address(), &drawn);
    Attempt::new(&mut world.chain, seated, vec![]).succeeds();
}

/// The seats of an SLA report window 0.
fn reports(world: &mut World, id: u64, aggregates: [Option<Aggregate>; 3]) {
    let seats = read(world, id).seats;
    for (authority, aggregate) in seats.into_iter().zip(aggregates) {
        let Some(aggregate) = aggregate else { continue };
        let mut names = (0..ORACLES).map(|index| format!("oracle {index}"));
        let name = names.find(|name| key(name) == authority).unwrap();
        let args = SubmitReportArgs { window: 0, aggregate, root: [9; 32] };
        let report = submit_report(authority, sla(id), args);
        Attempt::new(&mut world.chain, report, vec![keypair(&name)]).succeeds();
    }
}

/// Five SLAs whose first windows are met, breached, unmeasured, blocked and not served at all.
fn five_fates() -> World {
    let mut world = with_slas(1..=5);
    let terms = read(&world, 1).body.terms;
    world.wait(terms.report_opens(0).unwrap());
    reports(&mut world, 1, [Some(met(&terms)); 3]);
    reports(&mut world, 2, [Some(slow(&terms, 7)), Some(met(&terms)), Some(slow(&terms, 8))]);
    reports(&mut world, 3, [None, Some(met(&terms)), None]);
    reports(&mut world, 4, [Some(inconclusive(&terms)), None, Some(inconclusive(&terms))]);
    reports(&mut world, 5, [Some(down(&terms)); 3]);
    world
}

fn all(ids: impl Iterator<Item = u64>) -> Vec<Pubkey> {
    ids.map(sla).collect()
}

/// The record of what `settle` says of an SLA.
fn record_of(events: &[WindowSettled]) -> SettledRecord {
    let last = events.last().unwrap();
    let sum = |of: fn(&WindowSettled) -> u64| events.iter().map(of).sum();
    SettledRecord {
        cursor: last.window + 1,
        settled: u8::try_from(events.len()).unwrap(),
        result: last.result,
        skipped: 0,
        paid: sum(|one| one.paid),
        refunded: sum(|one| one.refunded),
        penalty: sum(|one| one.penalty),
        absence: sum(|one| one.absence),
        returned: sum(|one| one.returned),
        fees: sum(|one| one.protocol_fee + one.oracle_fee * u64::from(one.measured)),
    }
}

#[test]
fn a_batch_comes_to_what_its_slas_come_to_one_by_one() {
    // One window is due of each; then four (or three, where silence ends it).
    for (window, counts) in [(0, [1; 5]), (3, [4, 4, 3, 4, 4])] {
        let mut world = five_fates();
        world.wait(read(&world, 1).body.terms.settles_at(window).unwrap());
        let mut single = world.clone();
        let receipt = world.anyone().settles_many(&all(1..=5)).succeeds();
        assert!(receipt.events::<WindowSettled>().is_empty());
        let records = receipt.event::<BatchSettled>().records;
        assert_eq!(records.len(), 5);
        for ((id, record), count) in (1..=5).zip(records).zip(counts) {
            let settled = Attempt::new(&mut single.chain, settle(sla(id)), vec![]).succeeds();
            assert_eq!(record, record_of(&settled.events()), "SLA {id}");
            assert_eq!(record.settled, count, "SLA {id}");
            assert_eq!(world.chain.account(&sla(id)), single.chain.account(&sla(id)), "SLA {id}");
        }
    }
}

#[test]
fn the_figures_of_a_batch_are_cores() {
    let mut world = five_fates();
    let now = read(&world, 1).body.terms.settles_at(3).unwrap();
    world.wait(now);
    let before: Vec<_> = (1..=5).map(|id| read(&world, id).body).collect();
    world.anyone().settles_many(&all(1..=5)).succeeds();
    for (id, mut body) in (1..=5).zip(before) {
        while body.settle_next(now).unwrap().is_some() {}
        assert_eq!(read(&world, id).body, body, "SLA {id}");
        assert_eq!(body.progress.state(), Ok(SlaState::Ended));
    }
}

#[test]
fn the_records_stand_in_the_order_of_the_accounts() {
    let mut world = five_fates();
    world.wait(read(&world, 1).body.terms.settles_at(0).unwrap());
    let order = [4, 2, 5, 1, 3];
    let slas = all(order.into_iter());
    let records = world.anyone().settles_many(&slas).succeeds().event::<BatchSettled>().records;
    let results: Vec<_> = records.iter().map(|record| record.result).collect();
    let expected = [
        WindowResult::Blocked,
        WindowResult::Breached,
        WindowResult::Breached,
        WindowResult::Met,
        WindowResult::Unmeasured,
    ];
    assert_eq!(results, expected.map(WindowResult::code));
}

/// Everything that cannot be settled, around one SLA that can be.
#[test]
fn what_cannot_be_settled_is_skipped_and_stops_nothing() {
    let mut world = five_fates();
    let terms = read(&world, 1).body.terms;
    world.wait(terms.settles_at(0).unwrap());
    // Settled up to date; only agreed; closed; forged, as another program's; damaged.
    Attempt::new(&mut world.chain, settle(sla(2)), vec![]).succeeds();
    reserves(&mut world, 6);
    let genuine = world.chain.account(&sla(3)).unwrap();
    world.chain.put(key("forged"), Account { owner: key("other program"), ..genuine.clone() });
    let mut unknown = genuine.clone();
    unknown.data[..8].fill(7);
    world.chain.put(key("unknown"), unknown);
    let mut account = world.chain.account(&sla(4)).unwrap();
    account.data[8 + offset_of!(Sla, body.terms.seats)] = 4;
    world.chain.put(sla(4), account);

    let nothing_due = CoreError::NothingDue.number();
    let cases = [
        (world.provider_address(), NO_SLA),
        (sla(99), NO_SLA),
        (key(STRANGER), NO_SLA),
        (purse(CONSUMER), NO_SLA),
        (address::PROGRAM, NO_SLA),
        (address::registry(), NO_SLA),
        (key("forged"), NO_SLA),
        (key("unknown"), NO_SLA),
        (sla(1), 0),
        (sla(1), nothing_due),
        (sla(2), nothing_due),
        (sla(3), NO_SLA), // read-only
        (sla(4), CoreError::CommitteeSizeInvalid.number()),
        (sla(5), 0),
        (sla(6), nothing_due),
    ];
    let accounts = cases.map(|(account, _)| account);
    let before = accounts.map(|account| world.chain.account(&account));
    let attempt = world.anyone().settles_many(&accounts).read_only(sla(3));
    let records = attempt.read_only(address::PROGRAM).succeeds().event::<BatchSettled>().records;
    let skipped: Vec<_> = records.iter().map(|record| record.skipped).collect();
    assert_eq!(skipped, cases.map(|(_, skipped)| skipped));
    for ((record, (account, skipped)), before) in records.iter().zip(cases).zip(before) {
        let settled = account == sla(1) || account == sla(5);
        assert_eq!(world.chain.account(&account) != before, settled, "{account}");
        if skipped > 0 {
            let figures = [record.paid, record.refunded, record.penalty, record.absence];
            assert_eq!((record.settled, record.result, figures), (0, 0, [0; 4]));
        }
    }
}

#[test]
fn a_closed_sla_is_skipped() {
    let mut world = World::with_emptied_sla();
    let closed = world.sla_address();
    world.anyone().closes().succeeds();
    reserves(&mut world, 2);
    world.chain.wait_slots(9);
    seats(&mut world, 2);
    world.wait(read(&world, 2).body.terms.settles_at(0).unwrap());
    let records = world.anyone().settles_many(&[closed, sla(2)]).succeeds();
    let records = records.event::<BatchSettled>().records;
    assert_eq!((records[0].skipped, records[1].skipped, records[1].settled), (NO_SLA, 0, 1));
}

#[test]
fn an_ended_sla_is_skipped() {
    let mut world = World::with_ended_sla();
    let ended = world.sla_address();
    let attempt = world.anyone().settles_many(&[ended]);
    attempt.is_refused(CoreError::NothingDue);
}

#[test]
fn a_batch_that_settles_nothing_is_refused() {
    let mut world = World::with_active_sla();
    let sla = world.sla_address();
    world.anyone().settles_many(&[]).is_refused(CoreError::BatchInvalid);
    world.anyone().settles_many(&[sla]).is_refused(CoreError::NothingDue);
    let due = world.terms().settles_at(0).unwrap();
    world.wait(Timestamp(due.0 - 1));
    world.anyone().settles_many(&[sla]).is_refused(CoreError::NothingDue);
    world.wait(due);
    let attempt = world.anyone().settles_many(&[sla]).read_only(sla);
    attempt.is_refused(CoreError::NothingDue);
    world.anyone().settles_many(&[key(STRANGER)]).is_refused(CoreError::NothingDue);
    world.anyone().settles_many(&[sla]).succeeds();
    world.anyone().settles_many(&[sla]).is_refused(CoreError::NothingDue);
}

/// The largest compute budget of a transaction.
fn budget() -> Instruction {
    let program_id = "ComputeBudget111111111111111111111111111111".parse().unwrap();
    let mut data = vec![2];
    data.extend(1_400_000u32.to_le_bytes());
    Instruction { program_id, accounts: vec![], data }
}

/// Bytes of a transaction that settles so many SLAs.
fn packet(count: u64) -> usize {
    let slas = all(1..=count);
    let instructions = [flashback_sdk::instruction::settle_many(&slas), budget()];
    1 + 64 + Message::new(&instructions, Some(&key("fee payer"))).serialize().len()
}

fn check_log(receipt: &Receipt, records: usize) {
    assert_eq!(receipt.event::<BatchSettled>().records.len(), records);
    assert!(!receipt.logs().contains("truncated"), "{}", receipt.logs());
    assert!(receipt.logs().len() < 10_000, "{} bytes", receipt.logs().len());
}

#[test]
fn the_largest_batch_that_fits_a_transaction_keeps_its_log() {
    let largest = (1..=64).take_while(|count| packet(*count) <= PACKET).last().unwrap();
    assert_eq!(largest, 30);
    let mut world = with_slas(1..=largest);
    // Three windows of each are due: the most work, and the end.
    world.wait(read(&world, 1).body.terms.settles_at(2).unwrap());
    let receipt = world.anyone().settles_many(&all(1..=largest)).and(budget()).succeeds();
    check_log(&receipt, 30);
    for record in receipt.event::<BatchSettled>().records {
        assert_eq!((record.settled, record.skipped), (3, 0));
    }
}

/// With address lookup tables a transaction locks 128 accounts: all but its fee payer and the program may be SLAs.
#[test]
fn so_does_the_largest_that_lookup_tables_allow() {
    let mut world = World::with_active_sla();
    world.wait_until_settleable(0);
    let sla = world.sla_address();
    check_log(&world.anyone().settles_many(&[sla; 126]).succeeds(), 126);
}

/// An account can be named 255 times: nobody settles an SLA unseen by naming it so often that the log is cut.
#[test]
fn no_batch_is_so_large_that_its_event_is_lost() {
    let mut world = World::with_active_sla();
    world.wait_until_settleable(0);
    let sla = world.sla_address();
    for count in [127, 128, 153, 160, 255] {
        let attempt = world.anyone().settles_many(&vec![sla; count]);
        attempt.is_refused(CoreError::BatchInvalid);
    }
}

#[test]
fn a_pause_stops_no_settlement() {
    let mut world = World::with_active_sla();
    world.wait_until_settleable(0);
    world.guardian().pauses(100).succeeds();
    let sla = world.sla_address();
    world.anyone().settles_many(&[sla]).succeeds();
}

#[test]
fn nobody_needs_to_sign() {
    let mut world = World::with_active_sla();
    let sla = world.sla_address();
    world.wait_until_settleable(0);
    let attempt = world.anyone().settles_many(&[sla]);
    assert_eq!(attempt.accounts(), [AccountMeta::new(sla, false)]);
    attempt.succeeds();
}
