use super::*;
use proptest::prelude::*;

/// Everybody takes what is theirs, as [`World`] counts it.
fn lived(quote: &Quote, seats: usize, full: impl Fn(u16) -> bool) -> Payout {
    let mut world = World::seated(quote, 1_000_000);
    for k in 0..quote.terms.windows {
        let act = if full(k) { Measures(1_000_000) } else { Measures(0) };
        world.window(&vec![act; seats]);
    }
    let bonded = world.provider.bonded;
    let consumer_refund = world.consumer_withdraws().unwrap_or_default();
    let _ = world.anyone_collects_the_penalty();
    let consumer_compensation = world.consumer_withdraws().unwrap_or_default();
    let _ = world.provider_withdraws();
    let _ = world.anyone_sweeps();
    for seat in 0..seats {
        world.oracle_claims(seat).unwrap();
    }
    assert_eq!(world.escrow, 0);
    Payout {
        provider_earns: Atoms(world.received.provider),
        consumer_refund,
        consumer_compensation,
        penalty: Atoms(bonded - world.provider.bonded),
        oracle_fees: Atoms(world.received.oracles.iter().sum()),
        protocol_fees: Atoms(world.received.treasury),
        burnt: Atoms(world.received.burnt),
    }
}

#[test]
fn by_hand() {
    // 10,000 atoms for ten windows; three oracles earn 10 each a window; 0.5 % of what is paid are fees.
    let payouts = quote(3).payouts(74_999).unwrap();
    let best = Payout {
        provider_earns: Atoms(10_000),
        consumer_refund: Atoms::ZERO,
        consumer_compensation: Atoms::ZERO,
        penalty: Atoms::ZERO,
        oracle_fees: Atoms(300),
        protocol_fees: Atoms(50),
        burnt: Atoms::ZERO,
    };
    assert_eq!(payouts.best, best);
    // The cover of 2,000 atoms is spent with the first breach; 70 % of it are the consumer's.
    let breached = Payout {
        consumer_compensation: Atoms(1_400),
        penalty: Atoms(2_000),
        burnt: Atoms(600),
        ..best
    };
    let worst = Payout {
        provider_earns: Atoms::ZERO,
        consumer_refund: Atoms(10_050),
        protocol_fees: Atoms::ZERO,
        ..breached
    };
    assert_eq!(payouts.worst, worst);
    // 25.001 points lack: 2.5001 of ten windows, rounded up to three.
    let expected = Payout {
        provider_earns: Atoms(7_000),
        consumer_refund: Atoms(3_000 + 15),
        protocol_fees: Atoms(35),
        ..breached
    };
    assert_eq!(payouts.expected, expected);
}

#[test]
fn the_score_decides_how_many_windows_are_expected_to_fail() {
    let quote = quote(3);
    for (score, failing) in
        [(100_000, 0), (99_999, 1), (90_000, 1), (89_999, 2), (50_000, 5), (0, 10), (u32::MAX, 0)]
    {
        let expected = quote.payouts(score).unwrap().expected;
        assert_eq!(expected, quote.payout(failing).unwrap(), "{score}");
    }
}

#[test]
fn no_more_windows_fail_than_there_are() {
    assert_eq!(quote(3).payout(11), Err(CoreError::WindowCountInvalid));
    assert!(quote(3).payout(10).is_ok());
}

#[test]
fn failures_are_evenly_spread() {
    // Dues of 9 and 10 atoms: which windows fail can be told from what is paid.
    let request = Request { gib: 1, windows: 4, ..request(3) };
    let offer = Offer { price_per_gib_month: 287, ..offer() };
    let quote = Quote::new(&params(), &offer, &request, Seconds(3_600)).unwrap();
    assert_eq!((0..4).map(|k| quote.terms.due(k).unwrap().0).collect::<Vec<_>>(), [9, 10, 9, 10]);
    // By cumulative floors, the second and the fourth window of four fail when two do.
    assert_eq!(quote.payout(2).unwrap().provider_earns, Atoms(18));
    assert_eq!(quote.payout(2).unwrap(), lived(&quote, 3, |k| k % 2 == 1));
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn everything_deposited_and_every_penalty_goes_somewhere(
        gib in 1u64..1 << 30,
        price in 1u64..1 << 20,
        windows in 1u16..40,
        five: bool,
        score in 0u32..=100_000,
        cover_bps in 100u16..=10_000,
        penalty_multiple in 1u8..=10,
        oracle_fee_min in 0u64..5_000,
        oracle_fee_bps in 0u16..=500,
        protocol_fee_bps in 0u16..=500,
    ) {
        let params = Params {
            cover_bps, penalty_multiple, oracle_fee_min, oracle_fee_bps, protocol_fee_bps, ..Params::default()
        };
        let seats = if five { 5 } else { 3 };
        let request = Request { gib, windows, ..request(seats) };
        let offer = Offer { price_per_gib_month: price, ..offer() };
        let quote = Quote::new(&params, &offer, &request, Seconds(3_600));
        prop_assume!(quote != Err(CoreError::PriceBelowOneAtomPerWindow));
        let quote = quote.unwrap();
        let payouts = quote.payouts(score).unwrap();
        for payout in [payouts.best, payouts.expected, payouts.worst] {
            let out = [payout.provider_earns, payout.consumer_refund, payout.oracle_fees, payout.protocol_fees];
            prop_assert_eq!(out.iter().map(|atoms| atoms.0).sum::<u64>(), quote.deposit.0);
            prop_assert_eq!(payout.consumer_compensation.plus(payout.burnt), Ok(payout.penalty));
        }
        prop_assert_eq!(payouts.best.provider_earns.0, quote.terms.price);
        prop_assert_eq!(payouts.worst.provider_earns, Atoms::ZERO);
        prop_assert_eq!(payouts.worst.protocol_fees, Atoms::ZERO);
        prop_assert_eq!(payouts.worst.penalty.0, quote.terms.cover);
        prop_assert!(payouts.best.provider_earns >= payouts.expected.provider_earns);
        prop_assert!(payouts.expected.penalty <= payouts.worst.penalty);
    }

    #[test]
    fn a_payout_is_what_the_life_comes_to(windows in 1u16..12, failing in 0u16..12, five: bool) {
        let failing = failing.min(windows);
        let seats = if five { 5 } else { 3 };
        let quote = Quote::new(&params(), &offer(), &Request { windows, ..request(seats) }, Seconds(3_600)).unwrap();
        let fails = |k: u16| (k + 1) * failing / windows > k * failing / windows;
        prop_assert_eq!(quote.payout(failing).unwrap(), lived(&quote, usize::from(seats), fails));
    }
}
