//! Reports of several SLAs at once.

mod refusals;

use std::sync::{LazyLock, Mutex};

use flashback::events::{ReportRecord, ReportsSubmitted};
use flashback_core::quality::Aggregate;
use flashback_core::sla::{SeatStatus, SlaState};
use flashback_sdk::account::Sla;
use flashback_sdk::draw::Draw;
use flashback_sdk::instruction::{
    ProposeSlaArgs, SubmitReportArgs, seat_committee, settle, submit_many, submit_report,
};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;
use flashback_tests::world::oracle_name;
use solana_account::Account;
use solana_sdk::instruction::Instruction;
use solana_sdk::message::Message;

/// SLAs of the consumer, numbered from 1, five of the seven oracles in each.
const SLAS: u64 = 10;
/// The most reports that fit a packet, if somebody else pays the fee.
const LARGEST: usize = 7;

/// An oracle, the SLAs in which it has a seat, and one in which it has none.
struct Oracle {
    name: String,
    slas: Vec<Pubkey>,
    other: Pubkey,
}

/// Ten SLAs, seated in the same second; window 0 is to be reported.
fn open() -> World {
    static OPEN: LazyLock<Mutex<World>> = LazyLock::new(|| {
        let mut world = World::with_market();
        for id in 1..=SLAS {
            let mut request = reservation().request;
            (request.gib, request.seats) = (100, 5);
            let args = ProposeSlaArgs { id, request, ..reservation() };
            world.consumer().reserves_with(args).succeeds();
        }
        world.wait_until_draw();
        for id in 1..=SLAS {
            seats(&mut world, address::sla(&key(CONSUMER), id));
        }
        world.wait_until_reports(0);
        Mutex::new(world)
    });
    OPEN.lock().unwrap().clone()
}

fn seats(world: &mut World, address: Pubkey) {
    let slot_hashes = world.chain.account(&solana_sdk::sysvar::slot_hashes::ID).unwrap().data;
    let draw = Draw {
        address,
        sla: &world.chain.read(&address),
        provider: &world.provider_account(),
        registry: &world.registry(),
        slot_hashes: &slot_hashes,
    };
    let drawn = draw.committee().unwrap();
    let seated = seat_committee(address, world.provider_address(), &drawn);
    Attempt::new(&mut world.chain, seated, vec![]).succeeds();
}

/// The oracle with the most seats, but not in every SLA.
fn busiest(world: &World) -> Oracle {
    let all: Vec<_> = (1..=SLAS).map(|id| address::sla(&key(CONSUMER), id)).collect();
    let oracles = (0..ORACLES).filter_map(|index| {
        let name = oracle_name(index);
        let sits = |sla: &Pubkey| world.chain.read::<Sla>(sla).seats.contains(&key(&name));
        let (slas, others): (Vec<_>, Vec<_>) = all.iter().partition(|sla| sits(sla));
        Some(Oracle { name, slas, other: *others.first()? })
    });
    let busiest = oracles.max_by_key(|oracle| oracle.slas.len()).unwrap();
    assert!(busiest.slas.len() >= LARGEST, "{} seats", busiest.slas.len());
    busiest
}

fn report(window: u16, aggregate: Aggregate) -> SubmitReportArgs {
    SubmitReportArgs { window, aggregate, root: [9; 32] }
}

impl Oracle {
    /// The seat's number in an SLA.
    fn seat(&self, world: &World, sla: &Pubkey) -> usize {
        let seats = world.chain.read::<Sla>(sla).seats;
        seats.iter().position(|seat| *seat == key(&self.name)).unwrap()
    }

    fn status(&self, world: &World, sla: &Pubkey) -> SeatStatus {
        let round = world.chain.read::<Sla>(sla).body.round;
        round.status_in(round.window, self.seat(world, sla))
    }

    /// Reports for a window of its first SLAs, an aggregate for each.
    fn reports(&self, window: u16, of: &[Aggregate]) -> Vec<(Pubkey, SubmitReportArgs)> {
        let slas = self.slas.iter().copied();
        slas.zip(of.iter().map(|aggregate| report(window, *aggregate))).collect()
    }

    fn submits<'w>(
        &self,
        world: &'w mut World,
        reports: &[(Pubkey, SubmitReportArgs)],
    ) -> Attempt<'w> {
        world.oracle_named(&self.name).submits_many(reports)
    }

    /// Submits them in a transaction each.
    fn submits_singly(&self, world: &mut World, reports: &[(Pubkey, SubmitReportArgs)]) {
        for (sla, report) in reports {
            let submitted = submit_report(key(&self.name), *sla, *report);
            Attempt::new(&mut world.chain, submitted, vec![keypair(&self.name)]).succeeds();
        }
    }
}

/// The accounts of all SLAs.
fn slas(world: &World) -> Vec<Account> {
    (1..=SLAS).map(|id| world.chain.account(&address::sla(&key(CONSUMER), id)).unwrap()).collect()
}

fn recorded(window: u16, settled: u8, shortfall_ppm: u32) -> ReportRecord {
    ReportRecord { window, result: 1, shortfall_ppm, settled }
}

#[test]
fn a_batch_does_what_its_reports_would_one_by_one() {
    let mut world = open();
    let (oracle, terms) = (busiest(&world), world.terms());
    let measured = [
        met(&terms),
        slow(&terms, 7),
        inconclusive(&terms),
        down(&terms),
        excellent(&terms),
        slow(&terms, 20),
        met(&terms),
    ];
    let reports = oracle.reports(0, &measured);
    let mut singly = world.clone();
    oracle.submits_singly(&mut singly, &reports);
    let receipt = oracle.submits(&mut world, &reports).succeeds();

    assert_eq!(slas(&world), slas(&singly));
    let statuses: Vec<_> =
        oracle.slas[..7].iter().map(|sla| oracle.status(&world, sla).code()).collect();
    assert_eq!(statuses, [2, 2, 1, 2, 3, 2, 2]);
    let event = receipt.event::<ReportsSubmitted>();
    assert_eq!(event.oracle, key(&oracle.name));
    // 7 of the 20 % above the promise that are no service at all.
    let abstained = ReportRecord::default();
    let shortfalls = [0, 350_000, 0, 1_000_000, 0, 1_000_000, 0];
    let mut records = shortfalls.map(|shortfall| recorded(0, 0, shortfall));
    records[2] = abstained;
    assert_eq!(event.records, records);
}

#[test]
fn a_batch_of_one_is_a_report() {
    let mut world = open();
    let (oracle, terms) = (busiest(&world), world.terms());
    let reports = oracle.reports(0, &[met(&terms)]);
    let mut singly = world.clone();
    oracle.submits_singly(&mut singly, &reports);
    oracle.submits(&mut world, &reports).succeeds();
    assert_eq!(slas(&world), slas(&singly));
}

#[test]
fn earlier_windows_are_settled_first() {
    let mut world = open();
    let (oracle, terms) = (busiest(&world), world.terms());
    let once = oracle.reports(0, &[met(&terms)]);
    oracle.submits(&mut world, &once).succeeds();
    world.wait_until_reports(2);
    // Another crank has settled the second of the SLAs already.
    let settled = settle(oracle.slas[1]);
    Attempt::new(&mut world.chain, settled, vec![]).succeeds();
    let reports = oracle.reports(2, &[met(&terms); 3]);
    let mut singly = world.clone();
    oracle.submits_singly(&mut singly, &reports);
    let receipt = oracle.submits(&mut world, &reports).succeeds();

    assert_eq!(slas(&world), slas(&singly));
    let records = receipt.event::<ReportsSubmitted>().records;
    assert_eq!(records, [recorded(2, 2, 0), recorded(2, 0, 0), recorded(2, 2, 0)]);
    for sla in &oracle.slas[..3] {
        let progress = world.chain.read::<Sla>(sla).body.progress;
        assert_eq!((progress.cursor, progress.unmeasured), (2, 2));
        assert_eq!(oracle.status(&world, sla), SeatStatus::Measured);
    }
}

#[test]
fn a_pause_stops_no_report() {
    let mut world = open();
    let (oracle, terms) = (busiest(&world), world.terms());
    world.guardian().pauses(7 * 86_400).succeeds();
    oracle.submits(&mut world, &oracle.reports(0, &[met(&terms); 2])).succeeds();
}

/// Bytes of a transaction with one instruction, paid for by `payer`.
fn bytes(instruction: Instruction, payer: &str) -> usize {
    let message = Message::new(&[instruction], Some(&key(payer)));
    let signatures = usize::from(message.header.num_required_signatures);
    1 + 64 * signatures + message.serialize().len()
}

#[test]
fn the_largest_batch_fits_a_transaction_with_everything_to_settle_first() {
    let mut world = open();
    let (oracle, terms) = (busiest(&world), world.terms());
    world.wait_until_reports(2);
    // Two windows of each are to be settled first.
    let reports = oracle.reports(2, &[met(&terms); LARGEST]);
    let receipt = oracle.submits(&mut world, &reports).succeeds();
    let records = receipt.event::<ReportsSubmitted>().records;
    assert_eq!(records, [recorded(2, 2, 0); LARGEST]);

    // One more would fit only if the oracle paid the fee itself: no other key, no other signature.
    let more = |count: usize| {
        let all = (0..count).map(|_| (Pubkey::new_unique(), report(2, met(&terms))));
        submit_many(key(&oracle.name), &all.collect::<Vec<_>>())
    };
    let packet = flashback_tests::chain::PACKET;
    assert!(bytes(more(LARGEST), "fee payer") <= packet);
    assert!(bytes(more(LARGEST + 1), "fee payer") > packet);
    assert!(bytes(more(LARGEST + 1), &oracle.name) <= packet);
    assert!(bytes(more(LARGEST + 2), &oracle.name) > packet);
    // The budget that every instruction has without asking for more.
    let each = receipt.compute_units() / LARGEST as u64;
    assert!(each * (LARGEST as u64 + 1) < 200_000, "{each} a report");
}
