//! What the tests of contests share: windows to contest, and figures by hand.

use flashback::events::SeatRedrawn;
use flashback_core::committee::DRAWS_HELD_SLOTS;
use flashback_core::quality::Aggregate;
use flashback_core::sla::SlaTerms;
use flashback_sdk::instruction::{CreateUnitArgs, OpenDispute, ProposeSlaArgs, open_dispute};
use flashback_tests::Attempt;
use flashback_tests::actors::OracleActor;
use flashback_tests::prelude::*;
use flashback_tests::world::{oracle_name, rent_payer};

/// The due of window 0: a quarter of 2,730,666 atoms, rounded down.
pub const DUE: u64 = 682_666;
/// A submission's fee: a third of 0.5 % of the due, rounded down.
pub const FEE: u64 = 1_137;
/// The least bond: a tenth of due and penalty is less.
pub const BOND: u64 = 1_000_000;
/// What a voided submission of window 0 costs: the due, once and as a penalty would (twice).
pub const SLASH: u64 = 3 * DUE;
/// What a seat's cover holds against fraud: the same of the largest due, 682,667 atoms.
pub const FRAUD_COVER: u64 = 3 * 682_667;
/// What it holds against absences: half of that due in two shares, rounded up each, three times.
pub const ABSENCE_COVER: u64 = 3 * 170_667;
/// Seconds of a day.
pub const A_DAY: u64 = 86_400;

/// What a seat reports, by the terms.
pub type Report = fn(&SlaTerms) -> Aggregate;

/// A report of a shortfall of 35 %.
pub fn slow_by_7(terms: &SlaTerms) -> Aggregate {
    slow(terms, 7)
}

/// A report of a shortfall of 20 %.
pub fn slow_by_4(terms: &SlaTerms) -> Aggregate {
    slow(terms, 4)
}

/// A unit whose offer asks for a probe an hour: its trees of records are small.
pub fn hourly() -> CreateUnitArgs {
    let mut unit = listing();
    unit.offer.probe_interval_secs = 3_600;
    unit
}

/// With an SLA on that unit whose committee is seated.
pub fn active(unit: CreateUnitArgs, args: ProposeSlaArgs) -> World {
    let mut world = World::initialized().and_market(STAKE, unit);
    world.consumer().reserves_with(args).succeeds();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    world
}

/// With window 0 reported so, in its challenge phase.
pub fn contestable(reports: [Option<Report>; 3]) -> World {
    let mut world = World::with_active_sla();
    report(&mut world, 0, reports);
    world
}

/// Likewise, watched by five.
pub fn contestable_by_five(reports: [Option<Report>; 5]) -> World {
    let mut args = reservation();
    args.request.seats = 5;
    let mut world = active(listing(), args);
    report(&mut world, 0, reports);
    world
}

/// Waits for a window's reports, and then for its challenge phase.
pub fn report<const N: usize>(world: &mut World, window: u16, reports: [Option<Report>; N]) {
    let terms = world.terms();
    world.reports(window, reports.map(|report| report.map(|report| report(&terms))));
    world.wait_until_challenges(window);
}

/// With window 0, met, disputed by the consumer.
pub fn disputed() -> World {
    let mut world = World::with_contestable_window();
    world.consumer().disputes(0).succeeds();
    world
}

/// With window 1 contested too, by the provider.
pub fn disputed_twice() -> World {
    let mut world = disputed();
    report(&mut world, 1, [Some(met); 3]);
    world.provider().disputes(1).succeeds();
    world
}

/// Another SLA of the consumer, by address.
pub fn another_sla(world: &mut World) -> Pubkey {
    let id = NUMBER + 1;
    world.consumer().reserves_with(ProposeSlaArgs { id, ..reservation() }).succeeds();
    address::sla(&key(CONSUMER), id)
}

/// A dispute by somebody of that name, from their own purse, as a party.
pub fn disputes_as<'w>(world: &'w mut World, name: &str, party: Party, window: u16) -> Attempt<'w> {
    let given = OpenDispute {
        payer: key(RENT_PAYER),
        signer: key(name),
        signer_token: purse(name),
        party,
        provider: world.provider_address(),
        sla: world.sla_address(),
        window,
    };
    Attempt::new(&mut world.chain, open_dispute(given), vec![rent_payer(), keypair(name)])
}

/// Lamports of an account; none if it does not exist.
pub fn lamports(world: &World, address: &Pubkey) -> u64 {
    world.chain.account(address).map_or(0, |account| account.lamports)
}

/// One second before a time.
pub fn before(time: Timestamp) -> Timestamp {
    Timestamp(time.0 - 1)
}

/// The registry's word on an oracle's free stake.
pub fn registered_free_stake(world: &World, oracle: &Pubkey) -> u64 {
    let entries = world.registry().entries;
    entries.iter().find(|entry| entry.oracle == *oracle).expect("an entry").free_stake
}

/// The oracle of an authority, whether it holds a seat or not.
pub fn oracle_of<'w>(world: &'w mut World, authority: &Pubkey) -> OracleActor<'w> {
    let index = (0..ORACLES).find(|index| key(&oracle_name(*index)) == *authority);
    world.oracle(index.expect("an oracle of this world"))
}

/// Takes an oracle that has left out of the registry for good, as soon as that can be.
pub fn is_removed(world: &mut World, authority: &Pubkey) {
    world.chain.wait_slots(DRAWS_HELD_SLOTS);
    oracle_of(world, authority).leaves().succeeds();
    assert_eq!(world.oracle_account(authority).joined, 0);
}

/// Takes everything out of an oracle that has left its seat and the registry, and closes its account.
pub fn exits(world: &mut World, authority: &Pubkey) {
    let free = world.oracle_account(authority).stake.free();
    if free > Atoms::ZERO {
        oracle_of(world, authority).unstakes(free).succeeds();
    }
    world.wait_secs(30 * A_DAY);
    oracle_of(world, authority).withdraws_stake().succeeds();
    is_removed(world, authority);
    oracle_of(world, authority).exits().succeeds();
    assert!(world.chain.account(&address::oracle(authority)).is_none());
}

/// A seat's oracle leaves the registry and is replaced, while that window is contested.
pub fn redraw(world: &mut World, seat: u8, contested: Option<u16>) -> SeatRedrawn {
    world.seat(usize::from(seat)).leaves().succeeds();
    world.anyone().arms_redraw(seat).succeeds();
    world.wait_until_draw();
    world.anyone().redraws(contested).succeeds().event()
}

/// Escrow and every stake vault hold what is owed, to the atom: nobody has donated.
pub fn assert_all_solvent(world: &mut World) {
    let escrow = world.escrow();
    world.anyone().asserts_escrow_solvent().succeeds();
    assert_eq!(world.chain.tokens(&escrow), world.sla().body.escrow_owed().unwrap());
    let provider = world.provider_address();
    let mut stakes = vec![(provider, world.provider_account().stake)];
    let oracles = (0..ORACLES).map(|index| key(&oracle_name(index)));
    for oracle in oracles.filter(|one| world.chain.account(&address::oracle(one)).is_some()) {
        stakes.push((address::oracle(&oracle), world.oracle_account(&oracle).stake));
    }
    for (owner, stake) in stakes {
        world.anyone().asserts_stake_solvent(owner).succeeds();
        assert_eq!(world.chain.tokens(&address::stake_vault(&owner)), stake.owed().unwrap());
    }
}
