use flashback_sdk::instruction::{CloseSla, close_sla, settle, withdraw_refund};
use flashback_tests::chain::{FEE_PAYER, transfer_lamports};
use flashback_tests::prelude::*;

#[test]
fn lamports_do_not_revive_an_sla() {
    let mut world = World::with_emptied_sla();
    let sla = world.sla_address();
    let rent = world.chain.rent(800);
    for after in [
        settle(sla),
        close_sla(CloseSla::of(sla, &world.sla())),
        withdraw_refund(key(CONSUMER), sla, purse(CONSUMER)),
    ] {
        let attempt = world.anyone().closes();
        attempt
            .and(transfer_lamports(&key(FEE_PAYER), &sla, rent))
            .and(after)
            .signed_also_by(keypair(CONSUMER))
            .is_refused(ErrorCode::AccountOwnedByWrongProgram);
    }
}

#[test]
fn a_revived_number_is_a_new_sla() {
    let mut world = World::with_emptied_sla();
    let sla = world.sla_address();
    let rent = world.chain.rent(800);
    world.chain.mint_flash(&key(CONSUMER), PURSE);
    let purse_before = world.purse(CONSUMER);
    let reserve = world.consumer().reserves().instruction();
    let attempt = world.anyone().closes();
    attempt
        .and(transfer_lamports(&key(FEE_PAYER), &sla, rent))
        .and(reserve)
        .signed_also_by(keypair(RENT_PAYER))
        .signed_also_by(keypair(CONSUMER))
        .succeeds();
    let quote = world.quote();
    assert_eq!(world.sla().body, quote.agreed(world.chain.slot(), world.chain.now()));
    assert_eq!(world.sla().seats, [Pubkey::default(); 5]);
    assert_eq!(world.chain.tokens(&world.escrow()), quote.deposit);
    assert_eq!(world.purse(CONSUMER), purse_before.minus(quote.deposit).unwrap());
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn a_closed_escrow_cannot_be_paid_from_or_into() {
    let mut world = World::with_emptied_sla();
    let escrow = world.escrow();
    world.anyone().closes().succeeds();
    world.anyone().donates(escrow, Atoms(1)).is_refused(InstructionError::InvalidAccountData);
    world.anyone().asserts_escrow_solvent().is_refused(ErrorCode::AccountNotInitialized);
}
