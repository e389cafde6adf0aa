//! Durable nonces: what is signed with one stays valid until it advances.

use solana_account::state_traits::StateMut;
use solana_commitment_config::CommitmentConfig;
use solana_nonce::state::State;
use solana_nonce::versions::Versions;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_sdk::hash::Hash;
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use crate::error::{Error, Result};

/// A nonce account and who may advance it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonce {
    /// The account's address.
    pub account: Pubkey,
    /// The key that signs for advancing it.
    pub authority: Pubkey,
}

impl Nonce {
    /// What advances it.
    pub fn advance(&self) -> Instruction {
        solana_system_interface::instruction::advance_nonce_account(&self.account, &self.authority)
    }

    /// What it stands at, to be signed with.
    ///
    /// # Errors
    /// [`Error::AccountNotFound`], [`Error::AccountMalformed`]; [`Error::SignerMissing`] if its authority is another;
    /// [`Error::Network`], [`Error::Rpc`].
    pub async fn value(&self, rpc: &RpcClient) -> Result<Hash> {
        let (found, value) = Self::find(rpc, &self.account).await?;
        if found.authority != self.authority {
            return Err(Error::SignerMissing { key: found.authority });
        }
        Ok(value)
    }

    /// Reads a nonce account: who may advance it, and what it stands at.
    ///
    /// # Errors
    /// [`Error::AccountNotFound`], [`Error::AccountMalformed`]; [`Error::Network`], [`Error::Rpc`].
    pub async fn find(rpc: &RpcClient, account: &Pubkey) -> Result<(Self, Hash)> {
        let (_, found) = read(rpc, account).await?;
        let missing = Error::AccountNotFound { kind: KIND, address: *account };
        let (authority, value) = found.ok_or(missing)?;
        Ok((Self { account: *account, authority }, value))
    }
}

const KIND: &str = "nonce account";

/// A nonce account's authority and value if it exists, and the slot in which that was so.
pub(super) async fn read(
    rpc: &RpcClient,
    account: &Pubkey,
) -> Result<(u64, Option<(Pubkey, Hash)>)> {
    // A nonce that is not confirmed to have advanced can still be used.
    let commitment = CommitmentConfig::confirmed();
    let read = rpc.get_multiple_accounts_with_commitment(&[*account], commitment).await?;
    let slot = read.context.slot;
    let Some(found) = read.value.into_iter().next().flatten() else { return Ok((slot, None)) };
    let malformed = Error::AccountMalformed { kind: KIND, address: *account };
    let versions: Versions = found.state().map_err(|_| malformed)?;
    match versions.state() {
        State::Initialized(data) if found.owner == solana_system_interface::program::ID => {
            Ok((slot, Some((data.authority, data.blockhash()))))
        }
        _ => Err(Error::AccountMalformed { kind: KIND, address: *account }),
    }
}
