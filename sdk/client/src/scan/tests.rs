use anchor_lang::AnchorSerialize;
use flashback::state::{DataUnit, Maintenance, SubjectKind};
use flashback_core::quality::Thresholds;
use flashback_core::reputation::Score;
use flashback_core::sla::Offer;
use flashback_core::text::region;

use super::*;

/// A key of that byte only: it is found nowhere else in an account.
fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn holds(data: &[u8], has: &Has) -> bool {
    data.get(has.offset..).is_some_and(|rest| rest.starts_with(&has.bytes))
}

fn unit() -> DataUnit {
    DataUnit {
        version: 1,
        bump: 2,
        protocols: 3,
        consumer_level: 4,
        auto_accept: true,
        closing: false,
        flags: [9; 2],
        region: region("eu-central-1").unwrap(),
        provider: key(7),
        id: 8,
        rent_payer: key(9),
        capacity_gib: 10,
        taken_gib: 0,
        live_slas: 0,
        offer: Offer {
            price_per_gib_month: 1,
            version: 1,
            min_duration_secs: 1,
            max_duration_secs: 1,
            probe_interval_secs: 1,
            thresholds: Thresholds::NONE,
        },
        score: Score { milli: 1, updated_at: 0 },
        maintenance: [Maintenance::default(); 2],
        boost: 0,
        boosted_at: 0,
        listed_at: 0,
        reserved: [0; 64],
        endpoint_uri: "https://s3.provider.example".to_owned(),
    }
}

fn stored(unit: &DataUnit) -> Vec<u8> {
    let mut data = DataUnit::TAG.to_vec();
    unit.serialize(&mut data).unwrap();
    data
}

#[test]
fn a_units_provider_region_and_closing_flag_are_where_they_are_looked_for() {
    let open = stored(&unit());
    assert!(holds(&open, &Has::unit_provider(&key(7))));
    assert!(!holds(&open, &Has::unit_provider(&key(9))));
    assert!(holds(&open, &Has::unit_region(unit().region)));
    assert!(!holds(&open, &Has::unit_region(region("eu-central-2").unwrap())));
    assert!(holds(&open, &Has::open_unit()));
    assert!(!holds(&stored(&DataUnit { closing: true, ..unit() }), &Has::open_unit()));
    for other in [
        DataUnit { auto_accept: false, ..unit() },
        DataUnit { consumer_level: 0, flags: [0; 2], ..unit() },
    ] {
        assert!(holds(&stored(&other), &Has::open_unit()));
    }
}

#[test]
fn an_slas_parties_seats_and_state_are_where_they_are_looked_for() {
    let mut sla: Sla = bytemuck::Zeroable::zeroed();
    (sla.consumer, sla.delegate, sla.rent_payer, sla.provider) = (key(1), key(2), key(3), key(4));
    sla.seats = [10, 11, 12, 13, 14].map(key);
    sla.body.progress.state = SlaState::Active.code();
    let data = [Sla::TAG, bytemuck::bytes_of(&sla)].concat();
    assert!(holds(&data, &Has::sla_consumer(&key(1))));
    assert!(holds(&data, &Has::sla_provider(&key(4))));
    for seat in 0..SEATS_MAX {
        for oracle in 0..SEATS_MAX {
            let has = Has::sla_seat(seat, &key(10 + u8::try_from(oracle).unwrap()));
            assert_eq!(holds(&data, &has), seat == oracle);
        }
    }
    assert!(holds(&data, &Has::sla_state(SlaState::Active)));
    assert!(!holds(&data, &Has::sla_state(SlaState::Ended)));
}

/// The layout is a promise to whoever filters by it, in any language.
#[test]
fn the_offsets_are_these() {
    let offset = |has: Has| has.offset;
    assert_eq!(offset(Has::open_unit()), 13);
    assert_eq!(offset(Has::unit_region([0; REGION_SIZE])), 16);
    assert_eq!(offset(Has::unit_provider(&key(0))), 32);
    assert_eq!(offset(Has::sla_consumer(&key(0))), 24);
    assert_eq!(offset(Has::sla_provider(&key(0))), 120);
    assert_eq!(offset(Has::sla_seat(0, &key(0))), 160);
    assert_eq!(offset(Has::sla_seat(4, &key(0))), 288);
    assert_eq!(offset(Has::sla_state(SlaState::Active)), 482);
    assert_eq!(offset(Has::certificate_certifier(&key(0))), 44);
    assert_eq!(offset(Has::round_sla(&key(0))), 16);
    assert_eq!(offset(Has::dispute_sla(&key(0))), 11);
    assert_eq!(offset(Has::challenge_sla(&key(0))), 15);
}

#[test]
fn a_contests_sla_is_where_it_is_looked_for() {
    let mut round: Round = bytemuck::Zeroable::zeroed();
    (round.sla, round.rent_payer, round.seats) = (key(1), key(2), [key(3); SEATS_MAX]);
    let data = [Round::TAG, bytemuck::bytes_of(&round)].concat();
    assert!(holds(&data, &Has::round_sla(&key(1))) && !holds(&data, &Has::round_sla(&key(2))));

    let (bond, deadline, reserved) = (1, 1, [0; 32]);
    let (sla, round, rent_payer) = (key(1), key(2), key(3));
    let dispute =
        Dispute { version: 1, bump: 2, party: 1, sla, round, rent_payer, bond, deadline, reserved };
    let mut data = Dispute::TAG.to_vec();
    dispute.serialize(&mut data).unwrap();
    assert!(holds(&data, &Has::dispute_sla(&key(1))) && !holds(&data, &Has::dispute_sla(&key(2))));

    let challenge = Challenge {
        version: 1,
        bump: 2,
        seat: 3,
        leaf: 4,
        sla,
        round,
        challenger: key(4),
        rent_payer,
        bond,
        deadline,
        reserved,
    };
    let mut data = Challenge::TAG.to_vec();
    challenge.serialize(&mut data).unwrap();
    assert!(holds(&data, &Has::challenge_sla(&key(1))));
    assert!(!holds(&data, &Has::challenge_sla(&key(2))));
}

#[test]
fn a_certificates_certifier_is_where_it_is_looked_for() {
    let certificate = Certificate {
        version: 1,
        bump: 2,
        kind: SubjectKind::Oracle,
        level: 4,
        subject: key(5),
        certifier: key(6),
        rent_payer: key(7),
        evidence_hash: [8; 32],
        issued_at: 9,
        expires_at: 10,
        reserved: [0; 64],
    };
    let mut data = Certificate::TAG.to_vec();
    certificate.serialize(&mut data).unwrap();
    assert!(holds(&data, &Has::certificate_certifier(&key(6))));
    for other in [5, 7, 8] {
        assert!(!holds(&data, &Has::certificate_certifier(&key(other))));
    }
}

#[test]
fn what_does_not_decode_is_skipped_and_named() {
    let account = |data: Vec<u8>| Account { data, owner: address::PROGRAM, ..Account::default() };
    let newer = stored(&DataUnit { version: 2, ..unit() });
    let mut cut = stored(&unit());
    cut.pop();
    let read = vec![
        (key(5), account(stored(&unit()))),
        (key(4), account(newer)),
        (key(3), account(cut)),
        (key(2), account(stored(&DataUnit { id: 77, ..unit() }))),
    ];
    let found = Found::<DataUnit>::decode(read);
    let ids: Vec<_> = found.accounts.iter().map(|(address, unit)| (*address, unit.id)).collect();
    assert_eq!(ids, [(key(2), 77), (key(5), 8)]);
    assert!(matches!(
        found.skipped[..],
        [
            Error::AccountVersionUnknown { address: first, version: 2, .. },
            Error::AccountMalformed { address: second, .. }
        ] if (first, second) == (key(4), key(3))
    ));
}

#[test]
fn an_account_that_is_found_twice_counts_once() {
    let found = |accounts: &[u8]| Found::<DataUnit> {
        accounts: accounts.iter().map(|byte| (key(*byte), unit())).collect(),
        skipped: vec![],
    };
    let mut all = found(&[1, 4]);
    all.join(found(&[2, 4]));
    let addresses: Vec<_> = all.accounts.iter().map(|(address, _)| *address).collect();
    assert_eq!(addresses, [key(1), key(2), key(4)]);
}
