use flashback_core::admission::LEVEL_MAX;
use flashback_core::quality::{NOT_PROMISED, Thresholds};
use flashback_core::reputation::Score;
use flashback_core::text::region;
use flashback_core::units::{DAY, MONTH};

use super::*;
use crate::account::{Maintenance, VERSION};

const NOW: Timestamp = Timestamp(1_700_000_000);
const ADDRESS: Pubkey = Pubkey::new_from_array([9; 32]);

/// 10 TiB at 0.02 FLASH, 9 TiB of it taken, with the score that it was given now.
fn unit() -> DataUnit {
    DataUnit {
        version: VERSION,
        bump: 255,
        protocols: 5,
        consumer_level: 2,
        auto_accept: true,
        closing: false,
        flags: [0; 2],
        region: region("eu-central-1").unwrap(),
        provider: Pubkey::new_from_array([7; 32]),
        id: 1,
        rent_payer: Pubkey::default(),
        capacity_gib: 10 * 1_024,
        taken_gib: 9 * 1_024,
        live_slas: 1,
        offer: Offer {
            price_per_gib_month: 20_000,
            version: 1,
            min_duration_secs: DAY,
            max_duration_secs: 365 * DAY,
            probe_interval_secs: 60,
            thresholds: Thresholds { latency_us: 80_000, errors_ppm: 1_000, ..Thresholds::NONE },
        },
        score: Score { milli: 80_000, updated_at: NOW.0 },
        maintenance: [Maintenance::default(); 2],
        boost: 0,
        boosted_at: 0,
        listed_at: 0,
        reserved: [0; 64],
        endpoint_uri: String::new(),
    }
}

fn provider() -> Provider {
    let mut provider: Provider = bytemuck::Zeroable::zeroed();
    provider.authority = Pubkey::new_from_array([6; 32]);
    provider.stake.bonded = Params::default().min_stake;
    provider
}

fn certificate() -> Certificate {
    Certificate {
        version: VERSION,
        bump: 255,
        kind: SubjectKind::Provider,
        level: 2,
        subject: provider().authority,
        certifier: Pubkey::default(),
        rent_payer: Pubkey::default(),
        evidence_hash: [0; 32],
        issued_at: 0,
        expires_at: NOW.0 + 1,
        reserved: [0; 64],
    }
}

/// A consumer of level 2, on a day like any other.
fn listed(
    search: &Search,
    unit: DataUnit,
    provider: &Provider,
    certificate: &Certificate,
) -> flashback_core::Result<Listing> {
    let consumer = Some(Certification { level: 2, expires_at: Timestamp(NOW.0 + 1) });
    let market = Market { params: &Params::default(), consumer, now: NOW };
    search.listing(ADDRESS, unit, provider, certificate, &market)
}

#[test]
fn every_wish_is_compared() {
    let all = Search {
        region: Some(unit().region),
        protocols: 5,
        capacity: Gib(1_024),
        duration: Some(Seconds(DAY)),
        max_price: Some(PricePerGibMonth(20_000)),
        max_latency_us: Some(80_000),
        min_score_milli: 80_000,
        provider_level: 2,
        any_consumer: false,
    };
    for wanted in [Search::default(), all, Search { capacity: Gib(0), protocols: 4, ..all }] {
        assert!(wanted.wants(&unit(), NOW), "{wanted:?}");
    }
    for unwanted in [
        Search { region: Some(region("eu-central-2").unwrap()), ..all },
        Search { protocols: 2, ..all },
        Search { protocols: 7, ..all },
        Search { capacity: Gib(1_025), ..all },
        Search { duration: Some(Seconds(DAY - 1)), ..all },
        Search { duration: Some(Seconds(365 * DAY + 1)), ..all },
        Search { max_price: Some(PricePerGibMonth(19_999)), ..all },
        Search { max_latency_us: Some(79_999), ..all },
        Search { min_score_milli: 80_001, ..all },
    ] {
        assert!(!unwanted.wants(&unit(), NOW), "{unwanted:?}");
    }
}

#[test]
fn a_full_unit_a_missing_promise_and_a_decayed_score_are_no_match() {
    let any = Search::default();
    assert!(!any.wants(&DataUnit { taken_gib: 10 * 1_024, ..unit() }, NOW));
    let mut silent = unit();
    silent.offer.thresholds.latency_us = NOT_PROMISED;
    assert!(any.wants(&silent, NOW));
    assert!(!Search { max_latency_us: Some(u32::MAX - 1), ..any }.wants(&silent, NOW));
    let later = NOW.after(u64::from(MONTH)).unwrap();
    let good = Search { min_score_milli: 70_001, ..any };
    assert!(good.wants(&unit(), NOW));
    assert!(!good.wants(&unit(), later), "80 points are 70 a month later");
}

#[test]
fn a_listing_shows_what_counts_now() {
    let month_ago = NOW.0 - i64::from(MONTH);
    let unit = DataUnit {
        score: Score { milli: 80_000, updated_at: month_ago },
        boost: 64,
        boosted_at: NOW.0 - 7 * i64::from(DAY),
        ..unit()
    };
    let listing = listed(&Search::default(), unit, &provider(), &certificate()).unwrap();
    assert_eq!((listing.score_milli, listing.priority), (70_000, Atoms(32)));
    // 20,000 · 100 / 70, rounded up.
    assert_eq!(listing.price_per_quality, PricePerQuality(28_572));
    assert_eq!(listing.free, Gib(1_024));
    assert_eq!((listing.address, listing.provider_address), (ADDRESS, listing.unit.provider));
    assert_eq!(listing.provider_authority, provider().authority);
}

#[test]
fn what_the_chain_would_refuse_is_left_out() {
    type Change = fn(&mut Search, &mut DataUnit, &mut Provider, &mut Certificate);
    let cases: [(Change, Option<CoreError>); 13] = [
        (|_, _, _, _| (), None),
        (|_, unit, _, _| unit.closing = true, Some(CoreError::UnitClosing)),
        (|_, _, provider, _| provider.stake.bonded -= 1, Some(CoreError::StakeTooSmall)),
        (|_, _, _, cert| cert.expires_at = NOW.0, Some(CoreError::CertificateExpired)),
        (|search, _, _, _| search.provider_level = 3, Some(CoreError::CertificateLevelTooLow)),
        (|_, _, _, cert| cert.level = 0, Some(CoreError::CertificateLevelTooLow)),
        (|_, unit, _, _| unit.consumer_level = 3, Some(CoreError::CertificateLevelTooLow)),
        (|search, unit, _, _| (search.any_consumer, unit.consumer_level) = (true, LEVEL_MAX), None),
        // A day of a GiB costs 666 atoms, of which a fifth is covered.
        (
            |_, _, provider, _| provider.stake.covered = provider.stake.bonded - 132,
            Some(CoreError::CoverInsufficient),
        ),
        (|_, _, provider, _| provider.stake.covered = provider.stake.bonded - 133, None),
        // A month of a GiB costs 20,000 atoms, of which a fifth is covered.
        (
            |search, _, provider, _| {
                search.duration = Some(Seconds(MONTH));
                provider.stake.covered = provider.stake.bonded - 3_999;
            },
            Some(CoreError::CoverInsufficient),
        ),
        (
            |search, _, provider, _| {
                search.duration = Some(Seconds(MONTH));
                provider.stake.covered = provider.stake.bonded - 4_000;
            },
            None,
        ),
        // However little it would cost, something has to be free.
        (
            |_, unit, provider, _| {
                unit.offer.price_per_gib_month = 1;
                provider.stake.covered = provider.stake.bonded;
            },
            Some(CoreError::CoverInsufficient),
        ),
    ];
    for (index, (change, error)) in cases.into_iter().enumerate() {
        let (mut search, mut unit) = (Search::default(), unit());
        let (mut provider, mut certificate) = (provider(), certificate());
        change(&mut search, &mut unit, &mut provider, &mut certificate);
        let outcome = listed(&search, unit, &provider, &certificate);
        assert_eq!(outcome.err(), error, "case {index}");
    }
}

#[test]
fn accounts_that_do_not_decode_are_told_apart_from_missing_ones() {
    let address = ADDRESS;
    let malformed = Error::AccountMalformed { kind: "Provider", address };
    let mut skipped = vec![];
    let read = vec![Ok(Some(1)), Err(malformed), Ok(None), Ok(Some(2))];
    assert_eq!(decoded(read, &mut skipped).collect::<Vec<_>>(), [1, 2]);
    assert!(matches!(skipped[..], [Error::AccountMalformed { .. }]));
}
