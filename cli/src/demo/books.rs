//! What everybody holds on the chain, looked at whenever something has happened.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use flashback_core::units::Atoms;
use flashback_sdk::account::TokenAccount;
use flashback_sdk::{Flashback, address};
use solana_sdk::pubkey::Pubkey;

use super::ledger::{BURNT, Moves, TREASURY};

/// Whose token accounts to watch.
pub struct Books {
    client: Flashback,
    mint: Pubkey,
    /// Names with token accounts: a party may have several.
    accounts: Vec<(String, Pubkey)>,
    /// FLASH in existence at first: what is missing was burnt.
    supply: Atoms,
    /// What everybody held when last looked at.
    seen: BTreeMap<String, i128>,
}

impl Books {
    /// Watches these token accounts, and the treasury.
    pub async fn open(client: Flashback, mut accounts: Vec<(String, Pubkey)>) -> Result<Self> {
        accounts.push((TREASURY.to_owned(), address::treasury()));
        let mint = client.mint().await?;
        let seen = BTreeMap::new();
        let mut books = Self { client, mint, accounts, supply: Atoms::ZERO, seen };
        books.supply = books.in_existence().await?;
        books.seen = books.holdings().await?;
        Ok(books)
    }

    /// What every party holds, and what was burnt.
    pub async fn holdings(&self) -> Result<BTreeMap<String, i128>> {
        let addresses: Vec<Pubkey> = self.accounts.iter().map(|(_, account)| *account).collect();
        let read = async { Ok(self.client.rpc().get_multiple_accounts(&addresses).await?) };
        let (read, in_existence) = tokio::try_join!(read, self.in_existence())?;
        ensure!(read.len() == addresses.len(), "the chain did not answer for every account");
        let mut holdings = BTreeMap::new();
        for ((party, address), account) in self.accounts.iter().zip(read) {
            // Who never had FLASH has no token account.
            if let Some(account) = account {
                let amount = TokenAccount::decode(address, &account)?.amount;
                *holdings.entry(party.clone()).or_default() += i128::from(amount.0);
            }
        }
        let burnt = i128::from(self.supply.0) - i128::from(in_existence.0);
        holdings.insert(BURNT.to_owned(), burnt);
        Ok(holdings)
    }

    /// Who has gained and lost how much since this was last asked.
    pub async fn moves(&mut self) -> Result<Moves> {
        let held = self.holdings().await?;
        let mut moves = held.clone();
        for (party, seen) in std::mem::replace(&mut self.seen, held) {
            *moves.entry(party).or_default() -= seen;
        }
        moves.retain(|_, moved| *moved != 0);
        Ok(moves)
    }

    async fn in_existence(&self) -> Result<Atoms> {
        let supply = self.client.rpc().get_token_supply(&self.mint).await?;
        Ok(Atoms(supply.amount.parse()?))
    }
}
