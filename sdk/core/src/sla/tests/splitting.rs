//! Rounding feeds nobody: one reservation or several, in size or in time, cost and earn the same but for less than
//! an atom a rounding, and the least fee of a submission makes several dearer.

use super::*;
use proptest::prelude::*;

/// What a whole reservation comes to if every window is reported so.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    /// What the consumer does not get back.
    spent: u64,
    paid: u64,
    penalty: u64,
    cover: u64,
}

impl Cost {
    fn and(self, other: Cost) -> Cost {
        Cost {
            spent: self.spent + other.spent,
            paid: self.paid + other.paid,
            penalty: self.penalty + other.penalty,
            cover: self.cover + other.cover,
        }
    }
}

fn cost(params: &Params, gib: u64, windows: u16, shortfall: u32) -> Option<Cost> {
    let request = Request { gib, windows, ..request(3) };
    let quote = Quote::new(params, &offer(), &request, Seconds(3_600)).ok()?;
    let mut world = World::seated(&quote, 0);
    for _ in 0..windows {
        world.window(&[Measures(shortfall); 3]);
    }
    let money = world.sla.money;
    Some(Cost {
        spent: quote.deposit.0 - money.refundable,
        paid: money.paid_total,
        penalty: money.penalty_total,
        cover: quote.terms.cover,
    })
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn no_split_in_size_or_time_gains_more_than_roundings(
        a in 1u64..2_000, b in 1u64..2_000, n in 1u16..8, k in 1u16..8,
        shortfall in prop_oneof![Just(0u32), 0u32..=1_000_000],
        min in prop_oneof![Just(0u64), Just(1), Just(1_000)],
    ) {
        let params = Params { oracle_fee_min: min, ..Params::default() };
        let cost = |gib, windows| cost(&params, gib, windows, shortfall);
        let parts_in_size = (cost(a, n), cost(b, n), cost(a + b, n), u64::from(n));
        let parts_in_time = (cost(a, n), cost(a, k), cost(a, n + k), u64::from(n + k));
        for (one, other, whole, windows) in [parts_in_size, parts_in_time] {
            let (Some(one), Some(other), Some(whole)) = (one, other, whole) else { continue };
            let parts = one.and(other);
            // A price and a cover round down once for each reservation, a pay and a penalty once for each window.
            prop_assert!(parts.paid <= whole.paid + windows && whole.paid <= parts.paid + windows + 1);
            prop_assert!(parts.cover <= whole.cover && whole.cover <= parts.cover + 2);
            // The due of a window may be an atom more or less, hence 2 · multiple.
            let penalties = parts.penalty.abs_diff(whole.penalty);
            prop_assert!(penalties <= 4 * windows + 2, "{parts:?} {whole:?}");
            // Nor does the consumer: the pay as above, each submission's fee and the protocol fee round down.
            prop_assert!(parts.spent + (windows + 1) + 3 * windows + 1 >= whole.spent, "{parts:?} {whole:?}");
        }
    }

    #[test]
    fn a_split_in_size_costs_more_wherever_the_least_fee_counts(a in 30u64..5_000, b in 30u64..5_000, n in 1u16..8) {
        let params = Params::default();
        let cost = |gib| cost(&params, gib, n, 0).unwrap().spent;
        // Of 10,000 GiB a submission earns less than the least fee.
        prop_assert!(cost(a) + cost(b) > cost(a + b));
    }
}
