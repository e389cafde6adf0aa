//! Reading what a transaction has left: never as it was before, though the server may lag.

use flashback_sdk::account::FlashbackAccount;
use flashback_sdk::{Error, Flashback, Result};
use solana_sdk::pubkey::Pubkey;

/// An account as a transaction that took effect in that slot has left it, or later.
///
/// # Errors
/// As [`Flashback::find_many_since`]; [`Error::AccountNotFound`].
pub async fn since<T: FlashbackAccount>(
    client: &Flashback,
    address: &Pubkey,
    slot: u64,
) -> Result<T> {
    let found = client.find_many_since::<T>(std::slice::from_ref(address), slot).await?;
    let missing = Error::AccountNotFound { kind: T::KIND, address: *address };
    found.into_iter().next().transpose()?.flatten().ok_or(missing)
}
