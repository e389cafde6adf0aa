//! Address lookup tables: transactions that name many accounts stay small.

use std::time::Duration;

use solana_address_lookup_table_interface::instruction::{
    close_lookup_table, create_lookup_table, deactivate_lookup_table, extend_lookup_table,
};
use solana_address_lookup_table_interface::program;
use solana_address_lookup_table_interface::state::AddressLookupTable;
use solana_sdk::instruction::Instruction;
use solana_sdk::message::AddressLookupTableAccount;
use solana_sdk::pubkey::Pubkey;

use crate::batch;
use crate::client::Flashback;
use crate::error::{Error, Result};
use crate::prepared::Prepared;

const KIND: &str = "address lookup table";
/// Between two questions for the slot.
const PAUSE: Duration = Duration::from_millis(100);

impl Flashback {
    /// Reads a lookup table, for [`crate::SendOptions::lookup_tables`].
    ///
    /// # Errors
    /// [`Error::AccountNotFound`], [`Error::AccountOwnerWrong`], [`Error::AccountMalformed`]; [`Error::Network`],
    /// [`Error::Rpc`].
    pub async fn lookup_table(&self, address: &Pubkey) -> Result<AddressLookupTableAccount> {
        Ok(self.read_table(address).await?.0)
    }

    /// Creates a lookup table of 1 to 256 addresses, owned by this key, and waits until it can be used. It takes one
    /// transaction for about thirty addresses. Its rent comes back with [`Flashback::deactivate_lookup_table`] and, about
    /// 513 slots later, [`Flashback::close_lookup_table`].
    ///
    /// # Errors
    /// As [`Flashback::send`] and [`Flashback::lookup_table`]. The table may exist with a part of the addresses then.
    pub async fn create_lookup_table(
        &self,
        addresses: &[Pubkey],
    ) -> Result<AddressLookupTableAccount> {
        let key = self.key();
        let recent_slot = self.rpc().get_slot().await?;
        let (create, table) = create_lookup_table(key, key, recent_slot);
        let extend = |part: &[Pubkey]| -> Vec<Instruction> {
            let extend = extend_lookup_table(table, key, Some(key), part.to_vec());
            match part.first() == addresses.first() {
                true => vec![create.clone(), extend],
                false => vec![extend],
            }
        };
        for part in batch::pack(self, addresses.iter().copied(), extend) {
            self.send(&part, &[]).await?;
        }
        // What a slot adds can be used from the next one on.
        let (account, extended) = self.read_table(&table).await?;
        while self.rpc().get_slot().await? <= extended {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(account)
    }

    /// Puts a lookup table of this key's out of use.
    pub fn deactivate_lookup_table(&self, table: &Pubkey) -> Prepared {
        self.prepare([deactivate_lookup_table(*table, self.key())])
    }

    /// Closes a lookup table of this key's that was put out of use some 513 slots ago; its rent goes to this key.
    pub fn close_lookup_table(&self, table: &Pubkey) -> Prepared {
        self.prepare([close_lookup_table(*table, self.key(), self.key())])
    }

    /// A table, and the slot in which it was extended last.
    async fn read_table(&self, address: &Pubkey) -> Result<(AddressLookupTableAccount, u64)> {
        let missing = Error::AccountNotFound { kind: KIND, address: *address };
        let account = self.find_raw(address).await?.ok_or(missing)?;
        if account.owner != program::ID {
            let (address, owner) = (*address, account.owner);
            return Err(Error::AccountOwnerWrong { kind: KIND, address, owner });
        }
        let table = AddressLookupTable::deserialize(&account.data)
            .map_err(|_| Error::AccountMalformed { kind: KIND, address: *address })?;
        let extended = table.meta.last_extended_slot;
        let addresses = table.addresses.to_vec();
        Ok((AddressLookupTableAccount { key: *address, addresses }, extended))
    }
}
