//! An oracle's exit.

mod misuse;

use flashback::events::{CertificateRevoked, OracleClosed};
use flashback_tests::prelude::*;

fn authority() -> Pubkey {
    key("oracle 0")
}

fn lamports(world: &World, of: Pubkey) -> u64 {
    world.chain.account(&of).map_or(0, |account| account.lamports)
}

/// An oracle that has never staked: registered and certified.
fn idle() -> World {
    let mut world = World::initialized();
    world.oracle(0).registers().succeeds();
    world.certifier().certifies(SubjectKind::Oracle, authority()).succeeds();
    world
}

/// An oracle of the market that has left the registry, and withdrawn its stake.
fn withdrawn() -> World {
    let mut world = World::with_market();
    world.oracle(0).leaves().succeeds();
    world.oracle(0).unstakes(STAKE).succeeds();
    world.wait_secs(u64::from(world.config().params.unbonding_secs));
    world.oracle(0).withdraws_stake().succeeds();
    world.oracle(0).leaves().succeeds();
    world
}

/// The same as [`idle`], but that the stranger paid for the certificate.
fn with_two_payers() -> World {
    let mut world = World::initialized();
    world.oracle(0).registers().succeeds();
    world.chain.fund(key(STRANGER));
    let attempt = world.certifier().certifies(SubjectKind::Oracle, authority());
    attempt.signed_by(keypair(STRANGER), key(RENT_PAYER)).succeeds();
    world
}

/// Where the payer of the certificate's rent stands among the instruction's accounts.
const CERTIFICATE_PAYER: usize = 7;

/// What of it exists: its account, its stake vault, its certificate.
fn remains(world: &World) -> [bool; 3] {
    let oracle = address::oracle(&authority());
    let certificate = address::certificate(SubjectKind::Oracle, &authority());
    [oracle, address::stake_vault(&oracle), certificate]
        .map(|address| world.chain.account(&address).is_some())
}

#[test]
fn an_oracle_closes_and_its_certificate_ends() {
    let mut world = withdrawn();
    let oracle = address::oracle(&authority());
    let vault = address::stake_vault(&oracle);
    let certificate = address::certificate(SubjectKind::Oracle, &authority());
    let rents = [oracle, vault, certificate].map(|address| lamports(&world, address));
    assert_eq!(rents[0], world.chain.rent(8 + 488));
    let payer = lamports(&world, key(RENT_PAYER));
    let receipt = world.oracle(0).exits().succeeds();

    assert_eq!(remains(&world), [false; 3]);
    assert_eq!(lamports(&world, key(RENT_PAYER)), payer + rents.iter().sum::<u64>());
    assert_eq!(world.purse("oracle 0"), PURSE);
    let event = receipt.event::<OracleClosed>();
    assert_eq!((event.oracle, event.authority, event.surplus), (oracle, authority(), 0));
    let ended = receipt.event::<CertificateRevoked>();
    assert_eq!((ended.subject, ended.by), (authority(), authority()));
    assert_eq!(ended.kind, SubjectKind::Oracle);
}

#[test]
fn a_donation_goes_to_the_treasury() {
    let mut world = idle();
    let vault = address::stake_vault(&address::oracle(&authority()));
    world.anyone().donates(vault, Atoms(77)).succeeds();
    let treasury = world.chain.tokens(&address::treasury());
    let receipt = world.oracle(0).exits().succeeds();
    assert_eq!(receipt.event::<OracleClosed>().surplus, 77);
    assert_eq!(world.chain.tokens(&address::treasury()).0, treasury.0 + 77);
    assert_eq!(remains(&world), [false; 3]);
}

#[test]
fn lamports_that_anyone_sent_go_with_the_rent() {
    let mut world = idle();
    let oracle = address::oracle(&authority());
    let addresses = [
        oracle,
        address::stake_vault(&oracle),
        address::certificate(SubjectKind::Oracle, &authority()),
    ];
    for address in addresses {
        world.chain.send_lamports(address, 1_000_000);
    }
    let held: u64 = addresses.iter().map(|address| lamports(&world, *address)).sum();
    let payer = lamports(&world, key(RENT_PAYER));
    world.oracle(0).exits().succeeds();
    assert_eq!(lamports(&world, key(RENT_PAYER)), payer + held);
}

#[test]
fn an_oracle_without_a_certificate_closes() {
    let mut world = World::initialized();
    world.oracle(0).registers().succeeds();
    let certificate = address::certificate(SubjectKind::Oracle, &authority());
    let receipt = world.clone().oracle(0).exits().succeeds();
    assert!(receipt.events::<CertificateRevoked>().is_empty());
    // Lamports at the certificate's address make none of it, and stay.
    world.chain.send_lamports(certificate, 5_000_000);
    world.oracle(0).exits().succeeds();
    assert_eq!(lamports(&world, certificate), 5_000_000);
}

#[test]
fn each_rent_goes_to_who_paid_it() {
    let mut world = with_two_payers();
    let oracle = address::oracle(&authority());
    let vault = address::stake_vault(&oracle);
    let certificate = address::certificate(SubjectKind::Oracle, &authority());
    let held = [oracle, vault, certificate].map(|address| lamports(&world, address));
    let payers = [RENT_PAYER, STRANGER].map(|payer| lamports(&world, key(payer)));

    world.oracle(0).exits().is_refused(CoreError::AccountMismatch);
    let attempt = world.oracle(0).exits();
    attempt.at(CERTIFICATE_PAYER, |payer| payer.pubkey = key(STRANGER)).succeeds();
    let after = [RENT_PAYER, STRANGER].map(|payer| lamports(&world, key(payer)));
    assert_eq!(after, [payers[0] + held[0] + held[1], payers[1] + held[2]]);
}

#[test]
fn who_registers_again_starts_as_new() {
    let mut world = withdrawn();
    world.oracle(0).exits().succeeds();
    world.wait_secs(60);
    world.oracle(0).registers().succeeds();
    let oracle = world.oracle_account(&authority());
    assert_eq!((oracle.registered_at, oracle.joined), (world.chain.now().0, 0));
    assert_eq!(oracle.score().milli, 50_000);
    // It has to be certified again.
    world.oracle(0).stakes(STAKE).succeeds();
    world.oracle(0).joins_registry().is_refused(ErrorCode::AccountNotInitialized);
    world.certifier().certifies(SubjectKind::Oracle, authority()).succeeds();
    world.oracle(0).joins_registry().succeeds();
}

#[test]
fn a_pause_keeps_nobody_in() {
    let mut world = idle();
    world.guardian().pauses(7 * 86_400).succeeds();
    world.oracle(0).exits().succeeds();
}

#[test]
fn who_served_an_sla_closes_once_it_was_given_back() {
    let mut world = World::with_emptied_sla();
    let seats = world.sla().seats;
    world.seat(0).leaves().succeeds();
    let bonded = world.oracle_account(&seats[0]).stake.bonded;
    world.seat(0).unstakes(Atoms(bonded)).succeeds();
    world.wait_secs(u64::from(world.config().params.unbonding_secs));
    world.seat(0).withdraws_stake().succeeds();
    world.seat(0).leaves().succeeds();
    world.seat(0).exits().succeeds();
    assert!(world.chain.account(&address::oracle(&seats[0])).is_none());
    world.anyone().closes().succeeds();
}
