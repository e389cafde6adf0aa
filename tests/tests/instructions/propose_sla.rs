use flashback::events::SlaAgreed;
use flashback_core::sla::SlaState;
use flashback_core::units::{BPS_ONE, DAY};
use flashback_sdk::account::TokenAccount;
use flashback_sdk::instruction::{ProposeSlaArgs, transfer};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;

#[test]
fn a_consumer_reserves() {
    let mut world = World::with_market();
    let quote = world.quote();
    let receipt = world.consumer().reserves().succeeds();

    // 1,024 GiB at 20,000 atoms for 4 of 30 days.
    assert_eq!(quote.terms.price, 1_024 * 20_000 * 4 / 30);
    assert_eq!(quote.terms.cover, quote.terms.price * 2_000 / u64::from(BPS_ONE));
    assert_eq!(quote.deposit.0, quote.terms.price + quote.fee_reserve.0);
    let (address, escrow) = (world.sla_address(), world.escrow());
    assert_eq!(world.chain.account(&address).unwrap().data.len(), 800);
    let sla = world.sla();
    assert_eq!((sla.version, sla.id, sla.consumer), (1, NUMBER, key(CONSUMER)));
    assert_eq!((sla.provider, sla.unit_id), (world.provider_address(), NUMBER));
    assert_eq!((sla.delegate, sla.rent_payer), (Pubkey::default(), key(RENT_PAYER)));
    assert_eq!(sla.seats, [Pubkey::default(); 5]);
    assert_eq!(sla.body, quote.agreed(world.chain.slot(), world.chain.now()));
    assert_eq!(sla.body.progress.state(), Ok(SlaState::Agreed));

    let token = TokenAccount::decode(&escrow, &world.chain.account(&escrow).unwrap()).unwrap();
    assert_eq!((token.owner, token.mint, token.amount), (escrow, Chain::flash(), quote.deposit));
    assert_eq!(world.purse(CONSUMER), PURSE.minus(quote.deposit).unwrap());
    assert_eq!((world.unit().taken_gib, world.unit().live_slas), (1_024, 1));
    let provider = world.provider_account();
    assert_eq!((provider.stake.covered, provider.live_slas), (quote.terms.cover, 1));

    let event = receipt.event::<SlaAgreed>();
    assert_eq!((event.sla, event.id, event.consumer), (address, NUMBER, key(CONSUMER)));
    assert_eq!((event.price, event.cover), (quote.terms.price, quote.terms.cover));
    assert_eq!((event.deposit, event.gib), (quote.deposit.0, 1_024));
    assert_eq!(event.draw_slot, world.chain.slot() + 8);
    assert_eq!((event.unit_taken_gib, event.provider_covered), (1_024, quote.terms.cover));
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn addresses_that_hold_lamports_already_can_be_created() {
    let mut world = World::with_market();
    world.chain.send_lamports(world.sla_address(), 1_000_000);
    world.chain.send_lamports(world.escrow(), 10_000_000);
    world.consumer().reserves().succeeds();
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn the_consumer_signs() {
    let mut world = World::with_market();
    let attempt = world.consumer().reserves();
    attempt.unsigned_by(key(CONSUMER)).is_refused(ErrorCode::AccountNotSigner);
    let attempt = world.consumer().reserves();
    attempt.signed_by(keypair(STRANGER), key(CONSUMER)).is_refused(ErrorCode::ConstraintSeeds);
}

#[test]
fn who_pays_the_rent_signs() {
    let mut world = World::with_market();
    let attempt = world.consumer().reserves();
    attempt.unsigned_by(key(RENT_PAYER)).is_refused(ErrorCode::AccountNotSigner);
    world.chain.fund(key(STRANGER));
    let attempt = world.consumer().reserves();
    attempt.signed_by(keypair(STRANGER), key(RENT_PAYER)).succeeds();
    assert_eq!(world.sla().rent_payer, key(STRANGER));
}

#[test]
fn what_is_written_is_writable() {
    let mut world = World::with_market();
    let (provider, unit) = (world.provider_address(), world.unit_address());
    for account in [provider, unit, purse(CONSUMER)] {
        world.consumer().reserves().read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
    for account in [key(RENT_PAYER), world.sla_address(), world.escrow()] {
        let attempt = world.consumer().reserves().read_only(account);
        attempt.is_refused(InstructionError::PrivilegeEscalation);
    }
}

#[test]
fn the_request_is_checked() {
    let mut world = World::with_market();
    let deposit = world.quote().deposit.0;
    let cases: &[(&dyn Fn(&mut ProposeSlaArgs), CoreError)] = &[
        (&|args| args.request.offer_version = 2, CoreError::OfferVersionStale),
        (&|args| args.request.gib = 0, CoreError::CapacityZero),
        (&|args| args.request.gib = 10 * 1_024 + 1, CoreError::CapacityInsufficient),
        (&|args| args.request.max_total = deposit - 1, CoreError::PriceAboveMaximum),
        (&|args| args.request.window_secs = 3_596, CoreError::WindowLengthInvalid),
        (&|args| args.request.window_secs = DAY + 1, CoreError::WindowLengthInvalid),
        (&|args| args.request.window_secs = 8 * DAY, CoreError::WindowLengthInvalid),
        (&|args| args.request.windows = 0, CoreError::WindowCountInvalid),
        (&|args| args.request.windows = u16::MAX, CoreError::WindowCountInvalid),
        (&|args| args.request.windows = 366, CoreError::DurationOutsideOffer),
        (&|args| args.request.seats = 4, CoreError::CommitteeSizeInvalid),
        (
            &|args| args.request.thresholds.uptime_failures_ppm = 1_000_001,
            CoreError::ThresholdInvalid,
        ),
        (&|args| args.request.gib = u64::MAX, CoreError::ArithmeticOverflow),
    ];
    for (index, (change, error)) in cases.iter().enumerate() {
        let mut args = reservation();
        args.request.max_total = u64::MAX;
        change(&mut args);
        println!("case {index}");
        world.consumer().reserves_with(args).is_refused(*error);
    }
    let mut exact = reservation();
    exact.request.max_total = deposit;
    world.consumer().reserves_with(exact).succeeds();
}

#[test]
fn a_price_below_one_atom_a_window_is_refused() {
    let mut cheap = listing();
    cheap.offer.price_per_gib_month = 1;
    let mut world = World::initialized().and_market(STAKE, cheap);
    let mut args = reservation();
    args.request.gib = 29;
    world.consumer().reserves_with(args).is_refused(CoreError::PriceBelowOneAtomPerWindow);
    args.request.gib = 30;
    world.consumer().reserves_with(args).succeeds();
}

#[test]
fn an_sla_lasts_a_leap_year_at_most() {
    let mut endless = listing();
    endless.offer.max_duration_secs = u32::MAX;
    let mut world = World::initialized().and_market(STAKE, endless);
    let mut args = reservation();
    args.request.gib = 1;
    args.request.windows = 367;
    world.consumer().reserves_with(args).is_refused(CoreError::DurationOutsideOffer);
    args.request.windows = 366;
    world.consumer().reserves_with(args).succeeds();
}

#[test]
fn probing_is_neither_too_rare_nor_too_dense() {
    // 20 to 2,016 probes a window.
    for (interval, allowed) in [(4_321, false), (4_320, true), (43, true), (42, false)] {
        let mut unit = listing();
        unit.offer.probe_interval_secs = interval;
        let mut world = World::initialized().and_market(STAKE, unit);
        let attempt = world.consumer().reserves();
        if allowed {
            attempt.succeeds();
        } else {
            attempt.is_refused(CoreError::ProbeRateInvalid);
        }
    }
}

#[test]
fn the_deposit_comes_from_the_consumers_own_flash() {
    let mut world = World::with_market();
    let attempt = world.consumer().reserves();
    attempt.with(purse(STRANGER), purse(CONSUMER)).is_refused(TokenError::OwnerMismatch);

    world.chain.create_mint("other mint", 6, None);
    let worthless = world.chain.mint(key("other mint"), &key(CONSUMER), PURSE);
    let attempt = world.consumer().reserves();
    attempt.with(worthless, purse(CONSUMER)).is_refused(TokenError::MintMismatch);
    let attempt = world.consumer().reserves();
    attempt.with(key("other mint"), Chain::flash()).is_refused(ErrorCode::ConstraintHasOne);

    // All but an atom too few goes elsewhere.
    let rest = PURSE.0 - world.quote().deposit.0 + 1;
    let consumer = key(CONSUMER);
    let gift =
        transfer(&consumer, &purse(CONSUMER), &Chain::flash(), &purse(STRANGER), Atoms(rest));
    Attempt::new(&mut world.chain, gift, vec![keypair(CONSUMER)]).succeeds();
    world.consumer().reserves().is_refused(TokenError::InsufficientFunds);
    world.chain.mint_flash(&consumer, Atoms(1));
    world.consumer().reserves().succeeds();
    assert_eq!(world.purse(CONSUMER), Atoms::ZERO);
}

#[test]
fn accounts_must_belong_together() {
    let mut world = World::with_market();
    world.other_provider().registers().succeeds();
    let (provider, unit) = (world.provider_address(), world.unit_address());
    let (sla, escrow) = (world.sla_address(), world.escrow());
    let other = address::provider(&key(OTHER_PROVIDER));
    // Another provider, certified, with this one's unit.
    world.certifier().certifies(SubjectKind::Provider, key(OTHER_PROVIDER)).succeeds();
    let attempt = world.consumer().reserves();
    attempt
        .with(other, provider)
        .with(
            address::certificate(SubjectKind::Provider, &key(OTHER_PROVIDER)),
            address::certificate(SubjectKind::Provider, &key(PROVIDER)),
        )
        .is_refused(ErrorCode::ConstraintHasOne);
    let elsewhere = address::sla(&key(CONSUMER), NUMBER + 1);
    for (other, own) in
        [(key("other program"), address::TOKEN_PROGRAM), (key("other program"), Pubkey::default())]
    {
        let attempt = world.consumer().reserves();
        attempt.with(other, own).is_refused(ErrorCode::InvalidProgramId);
    }
    let attempt = world.consumer().reserves();
    attempt.with(elsewhere, sla).is_refused(ErrorCode::ConstraintSeeds);
    let attempt = world.consumer().reserves();
    attempt.with(address::escrow(&elsewhere), escrow).is_refused(ErrorCode::ConstraintSeeds);
    let attempt = world.consumer().reserves();
    attempt.with(provider, unit).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.consumer().reserves();
    attempt
        .with(address::config(), address::registry())
        .is_refused(ErrorCode::AccountDiscriminatorMismatch);
}

#[test]
fn a_number_is_used_once() {
    let mut world = World::with_agreed_sla();
    world.consumer().reserves().is_refused(ACCOUNT_IN_USE);
}
