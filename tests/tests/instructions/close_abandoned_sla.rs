use flashback::events::{SlaClosed, SlaPushedOut};
use flashback_core::units::DAY;
use flashback_sdk::account::Sla;
use flashback_sdk::instruction::{VaultOwner, assert_solvent, close_abandoned_sla, transfer};
use flashback_tests::prelude::*;
use flashback_tests::{Attempt, Receipt};

mod accounts;
mod who_is_gone;

/// Who turns the crank; it has lamports, and pays for nothing else.
const CALLER: &str = "caller";

/// An ended, collected and released SLA of which nobody has withdrawn anything, as long after its end as owners have.
fn abandoned() -> World {
    let mut world = World::with_collected_sla();
    world.anyone().releases().succeeds();
    waits_out(&mut world);
    world
}

/// Waits until owners have had their 30 days.
fn waits_out(world: &mut World) {
    world.chain.fund(key(CALLER));
    let settles_at = world.terms().settles_at(3).unwrap();
    world.wait(settles_at.after(30 * u64::from(DAY)).unwrap());
}

/// The caller closes it, as the SDK says.
fn closes(world: &mut World) -> Attempt<'_> {
    let (address, sla) = (world.sla_address(), world.sla());
    let closed = close_abandoned_sla(key(CALLER), address, &sla, Chain::flash());
    Attempt::new(&mut world.chain, closed, vec![keypair(CALLER)])
}

fn lamports(world: &World, address: Pubkey) -> u64 {
    world.chain.account(&address).map_or(0, |account| account.lamports)
}

/// Sends it, and checks that every lamport of its accounts is still in one of them.
fn closes_without_losing_a_lamport(world: &mut World) -> Receipt {
    let accounts: Vec<_> = {
        let mut all: Vec<_> = closes(world).accounts().iter().map(|meta| meta.pubkey).collect();
        all.sort();
        all.dedup();
        all
    };
    let sum = |world: &World| accounts.iter().map(|one| lamports(world, *one)).sum::<u64>();
    let before = sum(world);
    let receipt = closes(world).succeeds();
    assert_eq!(sum(world), before);
    receipt
}

fn oracle_vault(authority: &Pubkey) -> Pubkey {
    address::stake_vault(&address::oracle(authority))
}

#[test]
fn anyone_pushes_what_is_left_to_its_owners_and_closes_it() {
    let mut world = abandoned();
    let (sla, escrow, provider) = (world.sla(), world.escrow(), world.provider_address());
    let Sla { body: before, seats, .. } = sla;
    let vault = address::stake_vault(&provider);
    let held = |world: &World, at| world.chain.tokens(&at).0;
    let (staked, treasury) = (held(&world, vault), held(&world, address::treasury()));
    let (consumer, supply) = (world.purse(CONSUMER).0, world.chain.supply().0);
    let (bonded, swept) =
        (world.provider_account().stake.bonded, world.provider_account().fees_swept);
    let oracles: Vec<_> = seats[..3]
        .iter()
        .map(|seat| (world.oracle_account(seat).stake.bonded, held(&world, oracle_vault(seat))))
        .collect();
    let money = before.money;
    assert!(money.earned > 0 && money.refundable > 0 && money.protocol_fees > 0);
    assert!(money.to_burn > 0 && before.seats.fees[..3].iter().all(|fee| *fee > 0));
    assert_eq!(held(&world, escrow), before.escrow_owed().unwrap().0);
    let receipt = closes_without_losing_a_lamport(&mut world);

    // The provider: bonded stake, whoever its payout owner is.
    let account = world.provider_account();
    assert_eq!(account.stake.bonded, bonded + money.earned);
    assert_eq!(held(&world, vault), staked + money.earned);
    assert_eq!(world.purse(PAYOUT), Atoms::ZERO);
    assert_eq!((account.fees_swept, account.open_slas), (swept + money.protocol_fees, 0));
    assert_eq!(held(&world, address::treasury()), treasury + money.protocol_fees);
    assert_eq!(world.purse(CONSUMER).0, consumer + money.refundable);
    assert_eq!(world.chain.supply().0, supply - money.to_burn);
    for (seat, (bonded, staked)) in oracles.into_iter().enumerate() {
        let (authority, fee) = (seats[seat], before.seats.fees[seat]);
        let oracle = world.oracle_account(&authority);
        assert_eq!(oracle.stake.bonded, bonded + fee);
        assert_eq!(held(&world, oracle_vault(&authority)), staked + fee);
        let registry = world.registry();
        let entry = registry.entries.iter().find(|entry| entry.oracle == authority).unwrap();
        assert_eq!(entry.free_stake, oracle.stake.free().0);
        let owner = address::oracle(&authority);
        world.anyone().asserts_stake_solvent(owner).succeeds();
    }
    world.anyone().asserts_stake_solvent(provider).succeeds();
    assert_eq!(world.chain.account(&world.sla_address()), None);
    assert_eq!(world.chain.account(&escrow), None);

    let event = receipt.event::<SlaPushedOut>();
    assert_eq!((event.sla, event.earnings), (world.sla_address(), money.earned));
    assert_eq!((event.refund, event.treasury), (money.refundable, money.protocol_fees));
    assert_eq!((event.burnt, event.oracle_fees), (money.to_burn, before.seats.fees));
    let event = receipt.event::<SlaClosed>();
    assert_eq!((event.sla, event.surplus), (world.sla_address(), 0));
}

#[test]
fn owners_have_thirty_days_to_the_second() {
    let mut world = World::with_collected_sla();
    world.anyone().releases().succeeds();
    world.chain.fund(key(CALLER));
    closes(&mut world).is_refused(CoreError::GraceRunning);
    // The fourth daily window begins three days after the start, and can be settled half a day after its end.
    let day = i64::from(DAY);
    let ends = world.terms().start + 4 * day + day / 2 + 30 * day;
    world.wait(Timestamp(ends - 1));
    closes(&mut world).is_refused(CoreError::GraceRunning);
    world.wait(Timestamp(ends));
    closes(&mut world).succeeds();
}

#[test]
fn an_sla_that_ended_early_has_its_thirty_days_from_there() {
    let mut world = World::with_active_sla();
    world.chain.fund(key(CALLER));
    world.wait_until_settleable(2);
    // Three silent windows.
    world.anyone().settles().succeeds();
    for seat in 0..3 {
        world.anyone().collects_absence(seat).succeeds();
    }
    world.anyone().releases().succeeds();
    let ends = world.terms().settles_at(2).unwrap().after(30 * u64::from(DAY)).unwrap();
    world.wait(Timestamp(ends.0 - 1));
    closes(&mut world).is_refused(CoreError::GraceRunning);
    world.wait(ends);
    closes_without_losing_a_lamport(&mut world);
}

/// Empties and closes the consumer's purse, as its owner may.
fn without_purse(mut world: World) -> World {
    let (owner, held) = (key(CONSUMER), world.purse(CONSUMER));
    let sent = transfer(&owner, &purse(CONSUMER), &Chain::flash(), &purse(STRANGER), held);
    let program = &address::TOKEN_PROGRAM;
    let closed = spl_token_interface::instruction::close_account(
        program,
        &purse(CONSUMER),
        &owner,
        &owner,
        &[],
    );
    let signer = vec![keypair(CONSUMER)];
    Attempt::new(&mut world.chain, sent, signer).and(closed.unwrap()).succeeds();
    assert_eq!(world.chain.account(&purse(CONSUMER)), None);
    world
}

#[test]
fn a_missing_token_account_is_made_and_the_caller_gets_its_lamports_back() {
    let mut world = without_purse(abandoned());
    let rent = world.chain.rent(165);
    let (caller, payer) = (lamports(&world, key(CALLER)), lamports(&world, key(RENT_PAYER)));
    let (sla, escrow) = (world.sla_address(), world.escrow());
    let both = lamports(&world, sla) + lamports(&world, escrow);
    let refund = world.sla().body.money.refundable;
    closes_without_losing_a_lamport(&mut world);
    assert_eq!(world.purse(CONSUMER).0, refund);
    assert_eq!(lamports(&world, purse(CONSUMER)), rent);
    assert_eq!(lamports(&world, key(CALLER)), caller);
    assert_eq!(lamports(&world, key(RENT_PAYER)), payer + both - rent);
}

#[test]
fn lamports_at_the_missing_token_account_count_for_its_rent() {
    let rent = World::with_market().chain.rent(165);
    for (gift, spent) in [(890_880, rent - 890_880), (rent, 0), (rent + 7, 0)] {
        let mut world = without_purse(abandoned());
        world.chain.send_lamports(purse(CONSUMER), gift);
        let (caller, payer) = (lamports(&world, key(CALLER)), lamports(&world, key(RENT_PAYER)));
        let both = lamports(&world, world.sla_address()) + lamports(&world, world.escrow());
        let refund = world.sla().body.money.refundable;
        closes_without_losing_a_lamport(&mut world);
        assert_eq!(world.purse(CONSUMER).0, refund);
        assert_eq!(lamports(&world, purse(CONSUMER)), rent.max(gift));
        assert_eq!(lamports(&world, key(CALLER)), caller);
        assert_eq!(lamports(&world, key(RENT_PAYER)), payer + both - spent);
    }
}

#[test]
fn the_payer_of_the_rent_may_call_it_itself() {
    let mut world = without_purse(abandoned());
    let rent = world.chain.rent(165);
    let payer = lamports(&world, key(RENT_PAYER));
    let both = lamports(&world, world.sla_address()) + lamports(&world, world.escrow());
    world.anyone().closes_abandoned().succeeds();
    assert_eq!(lamports(&world, key(RENT_PAYER)), payer + both - rent);
}

#[test]
fn the_consumer_may_call_it_itself() {
    let mut world = without_purse(abandoned());
    let refund = world.sla().body.money.refundable;
    let before = lamports(&world, key(CONSUMER));
    closes(&mut world).signed_by(keypair(CONSUMER), key(CALLER)).succeeds();
    assert_eq!((world.purse(CONSUMER).0, lamports(&world, key(CONSUMER))), (refund, before));
}

#[test]
fn addresses_that_held_lamports_before_lose_none() {
    let mut world = World::with_market();
    world.chain.fund(key(CALLER));
    let payer = lamports(&world, key(RENT_PAYER));
    world.chain.send_lamports(world.sla_address(), 20_000_000);
    world.chain.send_lamports(world.escrow(), 30_000_000);
    world.consumer().reserves().succeeds();
    world.wait_until_draw();
    world.chain.wait_slots(512);
    world.anyone().expires().succeeds();
    world.chain.send_lamports(world.escrow(), 1_000_000);
    world.wait_secs(30 * u64::from(DAY));
    let mut world = without_purse(world);
    let caller = lamports(&world, key(CALLER));
    closes_without_losing_a_lamport(&mut world);
    assert_eq!(lamports(&world, key(CALLER)), caller);
    let rent = world.chain.rent(165);
    assert_eq!(lamports(&world, key(RENT_PAYER)), payer + 51_000_000 - rent);
}

#[test]
fn donations_go_to_the_treasury() {
    let mut world = abandoned();
    let (escrow, fees) = (world.escrow(), world.sla().body.money.protocol_fees);
    world.anyone().donates(escrow, Atoms(123)).succeeds();
    let treasury = world.chain.tokens(&address::treasury()).0;
    let receipt = closes_without_losing_a_lamport(&mut world);
    assert_eq!(receipt.event::<SlaClosed>().surplus, 123);
    assert_eq!(receipt.event::<SlaPushedOut>().treasury, fees);
    assert_eq!(world.chain.tokens(&address::treasury()).0, treasury + fees + 123);
    // A donation does not count as fees that the provider's SLAs have paid.
    assert_eq!(world.provider_account().fees_swept, fees);
}

#[test]
fn what_its_owners_have_withdrawn_is_not_pushed_again() {
    let mut world = abandoned();
    let before = world.sla().body;
    world.provider().withdraws_earnings().succeeds();
    world.seat(1).claims_fees().succeeds();
    world.anyone().sweeps_fees().succeeds();
    let (bonded, swept) =
        (world.provider_account().stake.bonded, world.provider_account().fees_swept);
    let event = closes_without_losing_a_lamport(&mut world).event::<SlaPushedOut>();
    let [first, _, third, ..] = before.seats.fees;
    assert_eq!((event.earnings, event.treasury, event.burnt), (0, 0, 0));
    assert_eq!(
        (event.refund, event.oracle_fees),
        (before.money.refundable, [first, 0, third, 0, 0])
    );
    let provider = world.provider_account();
    assert_eq!((provider.stake.bonded, provider.fees_swept), (bonded, swept));
}

#[test]
fn the_last_atoms_of_each_owner_are_pushed() {
    // Everybody but one has withdrawn.
    let withdrawals: [fn(&mut World) -> Receipt; 6] = [
        |world| world.provider().withdraws_earnings().succeeds(),
        |world| world.consumer().withdraws_refund().succeeds(),
        |world| world.anyone().sweeps_fees().succeeds(),
        |world| world.seat(0).claims_fees().succeeds(),
        |world| world.seat(1).claims_fees().succeeds(),
        |world| world.seat(2).claims_fees().succeeds(),
    ];
    for left in 0..6 {
        let mut world = abandoned();
        for (index, withdraws) in withdrawals.iter().enumerate() {
            if index != left {
                withdraws(&mut world);
            }
        }
        let owed = world.sla().body.escrow_owed().unwrap().0;
        let event = closes_without_losing_a_lamport(&mut world).event::<SlaPushedOut>();
        let pushed = [event.earnings, event.refund, event.treasury + event.burnt];
        let [first, second, third, ..] = event.oracle_fees;
        let mut expected = [0; 6];
        expected[left] = owed;
        let [earnings, refund, swept] = pushed;
        assert_eq!([earnings, refund, swept, first, second, third], expected);
    }
}

#[test]
fn nobody_needs_it_where_nothing_is_left() {
    let mut world = World::with_emptied_sla();
    waits_out(&mut world);
    closes(&mut world).is_refused(CoreError::NothingToWithdraw);
    world.anyone().closes().succeeds();
}

#[test]
fn twice_is_refused() {
    let mut world = abandoned();
    let again = closes(&mut world).instruction();
    closes(&mut world).succeeds();
    let attempt = Attempt::new(&mut world.chain, again, vec![keypair(CALLER)]);
    attempt.is_refused(ErrorCode::AccountOwnedByWrongProgram);
    let solvent = assert_solvent(VaultOwner::Sla(world.sla_address()));
    let attempt = Attempt::new(&mut world.chain, solvent, vec![]);
    attempt.is_refused(ErrorCode::AccountNotInitialized);
    // The number is free again.
    world.chain.mint_flash(&key(CONSUMER), PURSE);
    world.consumer().reserves().succeeds();
}
