//! Reading what a transaction has left, from a server that may lag behind the one that told of it.

use solana_account::Account;
use solana_account_decoder_client_types::UiAccountEncoding;
use solana_rpc_client_api::client_error::{Error as ClientError, ErrorKind};
use solana_rpc_client_api::config::RpcAccountInfoConfig;
use solana_rpc_client_api::custom_error::JSON_RPC_SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED;
use solana_rpc_client_api::request::RpcError;
use solana_sdk::pubkey::Pubkey;
use tokio::time::sleep;

use crate::account::FlashbackAccount;
use crate::client::Flashback;
use crate::error::{Error, Result};
use crate::scan::READ_MAX;

/// How often a server that lags behind is asked again at the longest pause: for ten seconds by default.
const LAGGING_MAX: u8 = 20;

impl Flashback {
    /// Reads accounts as they are in a slot or later, as after a transaction that landed in it
    /// ([`crate::Receipt::slot`]); `None` where there is none. In the order of the addresses.
    ///
    /// A server that has not come to that slot yet is asked again, with the pauses of
    /// [`SendOptions::pace`](crate::SendOptions::pace), and 20 times at the longest of them.
    ///
    /// # Errors
    /// [`Error::Network`]; [`Error::Rpc`], also if the server has still not come to that slot;
    /// [`Error::AccountMalformed`].
    pub async fn accounts_since(
        &self,
        addresses: &[Pubkey],
        slot: u64,
    ) -> Result<Vec<Option<Account>>> {
        let mut found = Vec::with_capacity(addresses.len());
        for chunk in addresses.chunks(READ_MAX) {
            found.extend(self.chunk_since(chunk, slot).await?);
        }
        Ok(found)
    }

    /// Reads accounts of one kind as they are in a slot or later: as [`Flashback::accounts_since`].
    ///
    /// # Errors
    /// As [`Flashback::accounts_since`]. One that does not decode is an error in its own place.
    pub async fn find_many_since<T: FlashbackAccount>(
        &self,
        addresses: &[Pubkey],
        slot: u64,
    ) -> Result<Vec<Result<Option<T>>>> {
        let accounts = self.accounts_since(addresses, slot).await?;
        let found = addresses.iter().zip(accounts).map(|(address, account)| {
            account.map(|account| T::decode(address, &account)).transpose()
        });
        Ok(found.collect())
    }

    async fn chunk_since(&self, addresses: &[Pubkey], slot: u64) -> Result<Vec<Option<Account>>> {
        let config = RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            commitment: Some(self.rpc().commitment()),
            min_context_slot: Some(slot),
            ..RpcAccountInfoConfig::default()
        };
        let pace = self.options().pace;
        let (mut pause, mut at_longest) = (pace.first_pause, 0u8);
        let read = loop {
            let read = self.rpc().get_multiple_ui_accounts_with_config(addresses, config.clone());
            match read.await {
                Err(error) if lags(&error) && at_longest < LAGGING_MAX => sleep(pause).await,
                read => break read?,
            }
            if pause >= pace.longest_pause {
                at_longest = at_longest.saturating_add(1);
            }
            pause = (pause * 3 / 2).min(pace.longest_pause);
        };
        let accounts = addresses.iter().zip(read.value).map(|(address, account)| {
            let Some(account) = account else { return Ok(None) };
            let malformed = Error::AccountMalformed { kind: "account", address: *address };
            account.to_account().map(Some).ok_or(malformed)
        });
        accounts.collect()
    }
}

/// Whether the server says that it has not come to the slot yet.
fn lags(error: &ClientError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::RpcError(RpcError::RpcResponseError {
            code: JSON_RPC_SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED,
            ..
        })
    )
}

#[cfg(test)]
mod tests;
