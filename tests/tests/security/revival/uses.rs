//! What was closed cannot be used by anything else, even if lamports keep it alive until the transaction ends.

use flashback_core::unit::Maintenance;
use flashback_core::units::Seconds;
use flashback_sdk::instruction::{
    AmendCertificateArgs, CertificateSigner, OpenDispute, StakeOwner, UpdateProviderArgs,
    VaultOwner, amend_certificate, announce_maintenance, assert_solvent, boost_unit, certify,
    close_unit, create_unit, join_registry, leave_registry, open_dispute, refresh_unit,
    revoke_certificate, set_operator, stake, unstake, update_oracle, update_provider, update_unit,
    withdraw_stake,
};
use flashback_tests::Attempt;
use flashback_tests::actors::{certificate, oracle_details, provider_details, same_unit};
use flashback_tests::prelude::*;
use flashback_tests::world::oracle_name;
use solana_sdk::instruction::Instruction;

use super::{followed_by, leave_out_proof, reviving};
use crate::security::beside::Beside;
use crate::security::crowd::{CANDIDATE, IDLE_ORACLE, IDLE_PROVIDER, SECOND_UNIT};
use crate::security::happy::Happy;
use crate::security::stages::{CHALLENGED, FRAUD, LEAVER, accusation, contested, drawn};

/// Each use fails after the closing, with lamports in `closed` and without.
fn cannot_be_used(name: &str, closed: &[Pubkey], uses: &[Instruction]) {
    for used in uses {
        let mut happy = Happy::of(name);
        let attempt = reviving(happy.attempt(), closed);
        let attempt = followed_by(attempt, used.clone());
        attempt.is_refused(ErrorCode::AccountOwnedByWrongProgram);
        let refusal = followed_by(happy.attempt(), used.clone()).outcome().expect_err(name);
        let gone = [ErrorCode::AccountOwnedByWrongProgram, ErrorCode::AccountNotInitialized];
        assert!(gone.iter().any(|error| refusal.reason == (*error).into()), "{name}");
    }
}

fn certifier() -> CertificateSigner {
    CertificateSigner::Certifier(key(CERTIFIER))
}

fn amended() -> AmendCertificateArgs {
    AmendCertificateArgs { level: 4, evidence_hash: [8; 32], expires_at: EXPIRY.0 }
}

#[test]
fn a_closed_provider() {
    let authority = key(IDLE_PROVIDER);
    let provider = address::provider(&authority);
    let owner = StakeOwner::Provider(authority);
    let provider_details = provider_details();
    let args = UpdateProviderArgs {
        payout: provider_details.payout,
        region: provider_details.region,
        metadata_uri: provider_details.metadata_uri,
    };
    let certificate = address::certificate(SubjectKind::Provider, &authority);
    let closed = [provider, address::stake_vault(&provider), certificate];
    cannot_be_used(
        "close_provider",
        &closed,
        &[
            update_provider(authority, args),
            set_operator(authority, key(OPERATOR), EXPIRY),
            stake(key(STRANGER), purse(STRANGER), owner, Atoms(1)),
            unstake(owner, Atoms(1)),
            withdraw_stake(owner, purse(STRANGER)),
            create_unit(key(RENT_PAYER), authority, listing()),
            assert_solvent(VaultOwner::Stake(provider)),
            amend_certificate(certifier(), SubjectKind::Provider, &authority, amended()),
        ],
    );
}

#[test]
fn a_closed_oracle() {
    let authority = key(&oracle_name(IDLE_ORACLE));
    let oracle = address::oracle(&authority);
    let owner = StakeOwner::Oracle(authority);
    let certificate = address::certificate(SubjectKind::Oracle, &authority);
    let closed = [oracle, address::stake_vault(&oracle), certificate];
    cannot_be_used(
        "close_oracle",
        &closed,
        &[
            update_oracle(authority, oracle_details()),
            stake(key(STRANGER), purse(STRANGER), owner, Atoms(1)),
            unstake(owner, Atoms(1)),
            withdraw_stake(owner, purse(STRANGER)),
            join_registry(key(RENT_PAYER), authority),
            leave_registry(authority, &authority, key(RENT_PAYER)),
            assert_solvent(VaultOwner::Stake(oracle)),
            amend_certificate(certifier(), SubjectKind::Oracle, &authority, amended()),
        ],
    );
}

#[test]
fn a_removed_unit() {
    let (authority, provider) = (key(PROVIDER), address::provider(&key(PROVIDER)));
    let unit = address::unit(&provider, SECOND_UNIT);
    let in_two_days = contested().chain.now().after(2 * 86_400).unwrap();
    let next = Maintenance { starts_at: in_two_days, secs: Seconds(60) };
    let mut reserved = Beside { consumer: CONSUMER, id: 9, provider: PROVIDER }
        .reserves(&mut contested())
        .instruction();
    for meta in &mut reserved.accounts {
        if meta.pubkey == address::unit(&provider, NUMBER) {
            meta.pubkey = unit;
        }
    }
    cannot_be_used(
        "remove_unit",
        &[unit],
        &[
            refresh_unit(provider, SECOND_UNIT),
            boost_unit(key(STRANGER), purse(STRANGER), Chain::flash(), unit, Atoms(5)),
            update_unit(key(RENT_PAYER), authority, SECOND_UNIT, same_unit()),
            announce_maintenance(authority, provider, SECOND_UNIT, next),
            close_unit(authority, SECOND_UNIT),
            reserved,
        ],
    );
}

#[test]
fn a_removed_certifier() {
    let (subject, kind) = (key(CONSUMER), SubjectKind::Consumer);
    cannot_be_used(
        "remove_certifier",
        &[address::certifier(&key(CERTIFIER))],
        &[
            certify(key(RENT_PAYER), key(CERTIFIER), certificate(kind, key(STRANGER))),
            amend_certificate(certifier(), kind, &subject, amended()),
            revoke_certificate(certifier(), kind, &subject, key(RENT_PAYER)),
        ],
    );
}

#[test]
fn a_revoked_certificate() {
    let mut world = contested();
    let candidate = key(&oracle_name(CANDIDATE));
    let reserved =
        Beside { consumer: CONSUMER, id: 9, provider: PROVIDER }.reserves(&mut world).instruction();
    for (kind, subject, used) in [
        (SubjectKind::Consumer, key(CONSUMER), reserved.clone()),
        (SubjectKind::Provider, key(PROVIDER), reserved),
        (
            SubjectKind::Provider,
            key(PROVIDER),
            create_unit(key(RENT_PAYER), key(PROVIDER), {
                let mut another = listing();
                another.id = 9;
                another
            }),
        ),
        (SubjectKind::Oracle, candidate, join_registry(key(RENT_PAYER), candidate)),
        (
            SubjectKind::Consumer,
            key(CONSUMER),
            amend_certificate(certifier(), SubjectKind::Consumer, &key(CONSUMER), amended()),
        ),
    ] {
        let payer = if subject == candidate { STRANGER } else { RENT_PAYER };
        let revoked = revoke_certificate(certifier(), kind, &subject, key(payer));
        let attempt = Attempt::new(&mut world.chain, revoked, vec![keypair(CERTIFIER)]);
        let attempt = reviving(attempt, &[address::certificate(kind, &subject)]);
        followed_by(attempt, used).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    }
}

/// A dispute ends in one way.
#[test]
fn an_ended_dispute() {
    let dispute = contested().dispute_address(0, Party::Consumer);
    let ruled = Happy::of("rule_dispute").sent;
    let expired = Happy::of("expire_dispute").sent;
    cannot_be_used("rule_dispute", &[dispute], std::slice::from_ref(&expired));
    cannot_be_used("expire_dispute", &[dispute], &[ruled]);
}

/// A challenge ends in one way.
#[test]
fn an_ended_challenge() {
    let challenge = contested().challenge_address(0, CHALLENGED, 0);
    let mut opened = Happy::of("open_leaf").sent;
    leave_out_proof(&mut opened);
    cannot_be_used("expire_challenge", &[challenge], &[opened]);

    // Opening a leaf leaves no room for more in a packet.
    let expired = Happy::of("expire_challenge").sent;
    let mut happy = Happy::of("open_leaf");
    happy.attempt().succeeds();
    let attempt = Attempt::new(&mut happy.world.chain, expired.clone(), vec![]);
    attempt.is_refused(ErrorCode::AccountNotInitialized);
    happy.world.chain.send_lamports(challenge, 10_000_000);
    let attempt = Attempt::new(&mut happy.world.chain, expired, vec![]);
    attempt.is_refused(ErrorCode::AccountOwnedByWrongProgram);
}

/// A settled window cannot be contested again, not by a round made anew either.
#[test]
fn a_closed_round() {
    let mut world = contested();
    let round = world.round_address(0);
    let fraud = world.anyone().proves_fraud(Some(0), FRAUD, accusation()).instruction();
    let freed = world.anyone().frees_round_seat(0, LEAVER).instruction();
    cannot_be_used("settle_round", &[round], &[fraud.clone(), freed]);
    cannot_be_used("free_round_seat", &[round], &[fraud]);

    let disputed = open_dispute(OpenDispute {
        payer: key(RENT_PAYER),
        signer: key(CONSUMER),
        signer_token: purse(CONSUMER),
        party: Party::Consumer,
        provider: world.provider_address(),
        sla: world.sla_address(),
        window: 0,
    });
    let challenged = world.anyone().challenges(0, LEAVER, 5).instruction();
    for contest in [disputed, challenged] {
        for closed in [&[][..], &[round]] {
            let mut happy = Happy::of("settle_round");
            let attempt = reviving(happy.attempt(), closed);
            followed_by(attempt, contest.clone()).is_refused(CoreError::ContestClosed);
        }
    }
}

/// An oracle that leaves the registry cannot be back before every draw is over that knew it.
#[test]
fn a_place_in_the_registry() {
    let mut world = drawn();
    let drawn = world.drawn();
    let leaver = drawn[0];
    let index = (0..ORACLES).find(|index| key(&oracle_name(*index)) == leaver).unwrap();
    let left = world.oracle(index).leaves().instruction();
    let joined = join_registry(key(RENT_PAYER), leaver);
    let attempt = world.oracle(index).leaves();
    followed_by(attempt, left.clone()).is_refused(CoreError::DrawPending);
    let attempt = world.oracle(index).leaves();
    followed_by(attempt, joined.clone()).is_refused(CoreError::OracleAlreadyJoined);

    world.oracle(index).leaves().succeeds();
    world.chain.wait_slots(1_000);
    let attempt = world.oracle(index).leaves();
    followed_by(attempt, left).is_refused(CoreError::OracleNotRegistered);
    followed_by(world.oracle(index).leaves(), joined).succeeds();
    let entries = world.registry().entries;
    let places: Vec<_> = entries.iter().filter(|entry| entry.oracle == leaver).collect();
    assert_eq!(places.len(), 1);
    assert_eq!((places[0].joined_slot, places[0].out_slot), (world.chain.slot(), 0));
    assert_eq!(world.oracle_account(&leaver).joined, 1);
    world.anyone().seats(&drawn).is_refused(CoreError::DrawLapsed);
}
