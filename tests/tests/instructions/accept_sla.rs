use flashback::events::SlaAgreed;
use flashback_core::sla::SlaState;
use flashback_core::units::DAY;
use flashback_tests::Reason;
use flashback_tests::actors::same_unit;
use flashback_tests::prelude::*;

#[test]
fn the_provider_accepts_a_proposal() {
    let mut world = World::with_proposed_sla();
    let (quote, held) = (world.quote(), world.chain.tokens(&world.escrow()));
    world.chain.wait_slots(100);
    let receipt = world.provider().accepts().succeeds();

    // From here on it is what it would be, had it been agreed at once in this slot.
    assert_eq!(world.sla().body, quote.agreed(world.chain.slot(), world.chain.now()));
    assert_eq!(world.sla().body.progress.state(), Ok(SlaState::Agreed));
    assert_eq!((world.unit().taken_gib, world.unit().live_slas), (1_024, 1));
    let provider = world.provider_account();
    assert_eq!((provider.stake.covered, provider.stake.bonded), (546_133, STAKE.0));
    assert_eq!((provider.live_slas, provider.open_slas), (1, 1));
    assert_eq!((held, world.chain.tokens(&world.escrow())), (quote.deposit, quote.deposit));

    let event = receipt.event::<SlaAgreed>();
    assert_eq!((event.sla, event.id), (world.sla_address(), NUMBER));
    assert_eq!((event.consumer, event.provider), (key(CONSUMER), world.provider_address()));
    assert_eq!((event.unit_id, event.gib), (NUMBER, 1_024));
    assert_eq!((event.price, event.cover, event.deposit), (2_730_666, 546_133, quote.deposit.0));
    assert_eq!(event.draw_slot, world.chain.slot() + 8);
    assert_eq!((event.unit_taken_gib, event.provider_covered), (1_024, 546_133));
    world.anyone().asserts_escrow_solvent().succeeds();
    let owner = world.provider_address();
    world.anyone().asserts_stake_solvent(owner).succeeds();
}

#[test]
fn an_accepted_sla_gets_its_committee() {
    let mut world = World::with_proposed_sla();
    let three: Vec<_> = world.registry().entries[..3].iter().map(|entry| entry.oracle).collect();
    world.anyone().seats(&three).is_refused(CoreError::StateInvalid);
    world.provider().accepts().succeeds();
    world.anyone().seats(&three).is_refused(CoreError::DrawNotReady);
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    assert_eq!(world.sla().body.progress.state(), Ok(SlaState::Active));
}

#[test]
fn the_operator_accepts_until_its_powers_end() {
    let mut world = World::with_proposed_sla();
    let until = world.chain.now().after(600).unwrap();
    world.provider().names_operator(key(OPERATOR), until).succeeds();
    let accepts = |world: &mut World| {
        let attempt = world.provider().accepts();
        attempt.signed_by(keypair(OPERATOR), key(PROVIDER)).outcome()
    };
    world.wait(Timestamp(until.0 - 1));
    accepts(&mut world.clone()).unwrap();
    world.wait(until);
    let refusal = accepts(&mut world).unwrap_err();
    assert_eq!(refusal.reason, CoreError::Unauthorized.into());
    world.provider().accepts().succeeds();
}

#[test]
fn nobody_else_accepts() {
    let mut world = World::with_proposed_sla();
    world.other_provider().registers().succeeds();
    for name in [CONSUMER, STRANGER, OTHER_PROVIDER, PAYOUT, OPERATOR, DEPLOYER, GUARDIAN] {
        let attempt = world.provider().accepts();
        attempt.signed_by(keypair(name), key(PROVIDER)).is_refused(CoreError::Unauthorized);
    }
    let attempt = world.provider().accepts();
    attempt.unsigned_by(key(PROVIDER)).is_refused(ErrorCode::AccountNotSigner);
}

#[test]
fn it_is_accepted_before_its_deadline_to_the_second() {
    let mut world = World::with_proposed_sla();
    let deadline = Timestamp(world.sla().body.progress.deadline);
    assert_eq!(deadline, world.chain.now().after(u64::from(DAY)).unwrap());
    world.wait(Timestamp(deadline.0 - 1));
    world.clone().provider().accepts().succeeds();
    world.wait(deadline);
    world.provider().accepts().is_refused(CoreError::ProposalExpired);
}

#[test]
fn only_a_proposal_is_accepted_and_only_once() {
    let mut world = World::with_proposed_sla();
    world.provider().accepts().succeeds();
    world.provider().accepts().is_refused(CoreError::StateInvalid);
    World::with_agreed_sla().provider().accepts().is_refused(CoreError::StateInvalid);
    World::with_active_sla().provider().accepts().is_refused(CoreError::StateInvalid);
    World::with_ended_sla().provider().accepts().is_refused(CoreError::StateInvalid);

    let mut rejected = World::with_proposed_sla();
    rejected.provider().rejects().succeeds();
    rejected.provider().accepts().is_refused(CoreError::StateInvalid);

    let mut expired = World::with_proposed_sla();
    expired.wait_secs(u64::from(DAY));
    expired.anyone().expires_proposal().succeeds();
    expired.provider().accepts().is_refused(CoreError::StateInvalid);
}

#[test]
fn the_terms_are_those_of_the_day_of_the_proposal() {
    let mut world = World::with_proposed_sla();
    let terms = world.terms();
    let mut dearer = same_unit();
    dearer.offer.price_per_gib_month *= 10;
    dearer.offer.thresholds.latency_us *= 2;
    world.provider().updates_unit(dearer).succeeds();
    let mut params = world.config().params;
    (params.cover_bps, params.protocol_fee_bps) = (10_000, 500);
    world.deployer().sets_params(params).succeeds();
    world.provider().accepts().succeeds();
    assert_eq!(world.terms(), terms);
    assert_eq!(world.provider_account().stake.covered, terms.cover);
}

#[test]
fn donations_to_the_escrow_change_nothing() {
    let mut world = World::with_proposed_sla();
    let (quote, escrow) = (world.quote(), world.escrow());
    world.anyone().donates(escrow, Atoms(123)).succeeds();
    world.provider().accepts().succeeds();
    assert_eq!(world.sla().body, quote.agreed(world.chain.slot(), world.chain.now()));
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn another_provider_does_not_take_the_promise_over() {
    let mut world = World::with_proposed_sla();
    // It has all it needs: stake, certificate and a unit of the same number.
    world.other_provider().registers().succeeds();
    let rich = address::provider(&key(OTHER_PROVIDER));
    world.other_provider().stakes(STAKE).succeeds();
    world.certifier().certifies(SubjectKind::Provider, key(OTHER_PROVIDER)).succeeds();
    world.other_provider().lists_unit().succeeds();

    let (own, unit) = (world.provider_address(), world.unit_address());
    let own_certificate = address::certificate(SubjectKind::Provider, &key(PROVIDER));
    let certificate = address::certificate(SubjectKind::Provider, &key(OTHER_PROVIDER));
    let signer = || keypair(OTHER_PROVIDER);
    let attempt = world.provider().accepts().signed_by(signer(), key(PROVIDER)).with(rich, own);
    attempt.is_refused(CoreError::CertificateMissing);
    let attempt = world.provider().accepts().signed_by(signer(), key(PROVIDER)).with(rich, own);
    attempt.with(certificate, own_certificate).is_refused(ErrorCode::ConstraintHasOne);
    let attempt = world.provider().accepts().signed_by(signer(), key(PROVIDER)).with(rich, own);
    attempt
        .with(certificate, own_certificate)
        .with(address::unit(&rich, NUMBER), unit)
        .is_refused(ErrorCode::ConstraintHasOne);
}

#[test]
fn accounts_must_belong_together() {
    let mut world = World::with_proposed_sla();
    let mut another = listing();
    another.id = NUMBER + 1;
    world.provider().lists(another).succeeds();
    world.other_provider().registers().succeeds();
    let (provider, unit, sla) =
        (world.provider_address(), world.unit_address(), world.sla_address());
    let kinds = ErrorCode::AccountDiscriminatorMismatch;
    let cases: [(Pubkey, Pubkey, Reason); 7] = [
        (address::unit(&provider, NUMBER + 1), unit, CoreError::AccountMismatch.into()),
        (address::provider(&key(OTHER_PROVIDER)), provider, CoreError::CertificateMissing.into()),
        (provider, unit, kinds.into()),
        (unit, provider, kinds.into()),
        (unit, sla, kinds.into()),
        (address::registry(), address::config(), kinds.into()),
        (address::config(), address::registry(), kinds.into()),
    ];
    for (other, own, reason) in cases {
        world.provider().accepts().with(other, own).is_refused(reason);
    }
    for account in [provider, unit, sla] {
        world.provider().accepts().read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
}
