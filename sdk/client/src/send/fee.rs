//! What to pay for being included early.

use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_sdk::pubkey::Pubkey;

use super::message::Draft;
use super::{PriorityFee, is_network};
use crate::error::Result;

/// Micro-lamports in a lamport.
const MICRO: u64 = 1_000_000;
/// The most accounts that a server answers about.
const ACCOUNTS_MAX: usize = 128;

/// The price of a compute unit, in micro-lamports, for a transaction that writes these accounts.
pub(super) async fn price(
    rpc: &RpcClient,
    draft: &Draft,
    writable: &[Pubkey],
    priority: &PriorityFee,
) -> Result<u64> {
    let (percentile, cap) = match *priority {
        PriorityFee::Fixed(price) => return Ok(price),
        PriorityFee::Recent { percentile, cap_lamports } => (percentile, cap_lamports),
    };
    let asked = writable.get(..ACCOUNTS_MAX.min(writable.len())).unwrap_or_default();
    let recent = match rpc.get_recent_prioritization_fees(asked).await {
        Ok(recent) => recent,
        Err(error) if is_network(&error) => return Err(error.into()),
        // The price is advice: a server that does not know it does not keep anybody from sending.
        Err(_) => vec![],
    };
    let prices = recent.into_iter().map(|slot| slot.prioritization_fee).collect();
    Ok(capped(at_percentile(prices, percentile), draft.compute_unit_limit, cap))
}

/// The price that `percentile` percent of these do not exceed; 0 if there are none.
fn at_percentile(mut prices: Vec<u64>, percentile: u8) -> u64 {
    prices.sort_unstable();
    let last = prices.len().saturating_sub(1);
    let index = last.saturating_mul(usize::from(percentile.min(100))).div_ceil(100);
    prices.get(index).copied().unwrap_or(0)
}

/// The price, or the highest at which so many compute units cost no more than the cap.
fn capped(price: u64, compute_units: u32, cap_lamports: u64) -> u64 {
    let highest = u128::from(cap_lamports) * u128::from(MICRO) / u128::from(compute_units.max(1));
    price.min(u64::try_from(highest).unwrap_or(u64::MAX))
}

/// What so many compute units cost at a price, in lamports, rounded up as the chain does.
pub(super) fn lamports(price: u64, compute_units: u32) -> u64 {
    let micro = u128::from(price) * u128::from(compute_units);
    u64::try_from(micro.div_ceil(u128::from(MICRO))).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_of_recent_prices() {
        assert_eq!(at_percentile(vec![], 75), 0);
        assert_eq!(at_percentile(vec![7], 0), 7);
        let prices = vec![50, 10, 40, 20, 30];
        for (percentile, price) in [(0, 10), (25, 20), (26, 30), (50, 30), (75, 40), (100, 50)] {
            assert_eq!(at_percentile(prices.clone(), percentile), price, "{percentile}");
        }
        assert_eq!(at_percentile(prices, 255), 50);
    }

    #[test]
    fn a_cap_is_for_the_whole_transaction() {
        assert_eq!(capped(5, 200_000, 1), 5);
        assert_eq!(capped(6, 200_000, 1), 5);
        assert_eq!(capped(u64::MAX, 0, u64::MAX), u64::MAX);
        for (price, units) in [(5, 200_000), (1, 1), (999_999, 3), (u64::MAX, u32::MAX)] {
            let price = capped(price, units, 1_000);
            assert!(lamports(price, units) <= 1_000, "{price} × {units}");
        }
    }
}
