use flashback_core::CoreError;
use flashback_core::params::{Params, WINDOW_MIN_SECS_DEFAULT};
use solana_sdk::pubkey::Pubkey;

use super::*;

fn config() -> Config {
    Config {
        version: 1,
        bump: 0,
        treasury_bump: 0,
        rewards_bump: 0,
        authority: Pubkey::default(),
        pending_authority: Pubkey::default(),
        guardian: Pubkey::default(),
        arbiter: Pubkey::default(),
        flash_mint: Pubkey::default(),
        rent_payer: Pubkey::default(),
        paused_until: 0,
        window_min_secs: WINDOW_MIN_SECS_DEFAULT,
        migration: 0,
        guardian_paused: false,
        params: Params::default(),
        reserved: [0; 127],
    }
}

fn offer() -> Offer {
    Offer {
        price_per_gib_month: 20_000,
        version: 3,
        min_duration_secs: DAY,
        max_duration_secs: 365 * DAY,
        probe_interval_secs: 60,
        thresholds: Thresholds { errors_ppm: 1_000, ..Thresholds::NONE },
    }
}

fn refused(reservation: &Reservation, config: &Config) -> Option<CoreError> {
    reservation.quote(config, &offer()).err().and_then(|error| error.core())
}

#[test]
fn the_request_gets_exactly_what_is_quoted() {
    let quoted = Reservation::daily(Gib(1_024), 30).quote(&config(), &offer()).unwrap();
    assert_eq!(quoted.quote.terms.price, 20_480_000);
    assert_eq!(quoted.request.max_total, quoted.quote.deposit.0);
    let request = Request {
        gib: 1_024,
        max_total: quoted.quote.deposit.0,
        offer_version: 3,
        window_secs: DAY,
        windows: 30,
        seats: 3,
        thresholds: offer().thresholds,
    };
    assert_eq!(quoted.request, request);
    // The chain quotes the same for it.
    let window_min = Seconds(WINDOW_MIN_SECS_DEFAULT);
    let again = Quote::new(&Params::default(), &offer(), &request, window_min);
    assert_eq!(again, Ok(quoted.quote));
}

#[test]
fn what_the_consumer_sets_is_asked_for() {
    let mine = Thresholds { errors_ppm: 500, ..Thresholds::NONE };
    let reservation = Reservation {
        window: Seconds(DAY / 2),
        seats: 5,
        thresholds: Some(mine),
        max_total: Some(Atoms(99_000_000)),
        ..Reservation::daily(Gib(1_024), 30)
    };
    let quoted = reservation.quote(&config(), &offer()).unwrap();
    assert_eq!((quoted.request.window_secs, quoted.request.seats), (43_200, 5));
    assert_eq!((quoted.request.thresholds, quoted.request.max_total), (mine, 99_000_000));
    assert_eq!(quoted.quote.terms.thresholds(), mine);
}

#[test]
fn what_cannot_be_had_is_refused() {
    let daily = Reservation::daily(Gib(1_024), 30);
    let deposit = daily.quote(&config(), &offer()).unwrap().quote.deposit;
    let limited = |total| Reservation { max_total: Some(Atoms(total)), ..daily };
    assert_eq!(refused(&limited(deposit.0), &config()), None);
    assert_eq!(refused(&limited(deposit.0 - 1), &config()), Some(CoreError::PriceAboveMaximum));
    let long_windows = Config { window_min_secs: DAY + 4, ..config() };
    assert_eq!(refused(&daily, &long_windows), Some(CoreError::WindowLengthInvalid));
    let endless = Reservation::daily(Gib(1), 366);
    assert_eq!(refused(&endless, &config()), Some(CoreError::DurationOutsideOffer));
    assert_eq!(refused(&Reservation::daily(Gib(0), 1), &config()), Some(CoreError::CapacityZero));
}

#[test]
fn the_parameters_of_the_config_count() {
    let free =
        Params { protocol_fee_bps: 0, oracle_fee_bps: 0, oracle_fee_min: 0, ..Params::default() };
    let config = Config { params: free, ..config() };
    let quoted = Reservation::daily(Gib(1_024), 30).quote(&config, &offer()).unwrap();
    assert_eq!(quoted.quote.deposit.0, quoted.quote.terms.price);
}

#[test]
fn payouts_are_cores() {
    let quoted = Reservation::daily(Gib(1_024), 30).quote(&config(), &offer()).unwrap();
    let payouts = quoted.payouts(90_000).unwrap();
    assert_eq!(payouts, quoted.quote.payouts(90_000).unwrap());
    // A tenth of the windows fail: of 30, three.
    assert_eq!(payouts.expected, quoted.quote.payout(3).unwrap());
    assert_eq!(payouts.best.provider_earns, Atoms(20_480_000));
    assert_eq!(payouts.worst.consumer_compensation, Atoms(4_096_000 * 7 / 10));
}
