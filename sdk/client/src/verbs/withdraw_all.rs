//! Withdrawing everything that a key can, wherever it lies.

use std::collections::{BTreeMap, BTreeSet};

use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use crate::account::{Provider, Sla};
use crate::address;
use crate::batch::groups;
use crate::client::Flashback;
use crate::error::{Error, Result};
use crate::instruction as build;
use crate::scan::Found;
use crate::sent::{Batch, Batches, Sent, send_all};

impl Flashback {
    /// Withdraws everything that this key can: refunds of its SLAs as a consumer, its own earnings as a provider (to
    /// its payout owner), fees as an oracle. What it operates for others is not among it: anybody can name any key as an
    /// operator. Several to a transaction, as [`Flashback::withdrawals`]
    /// prepares them.
    ///
    /// It withdraws what has accrued: see [`Flashback::settle_due`] and [`Flashback::collect_penalty`] for what has not
    /// yet. What failed is told in [`Sent`], and keeps the rest from being withdrawn only where it would meet it too.
    /// Killed and called again, it goes on with what is left: what was withdrawn is not withdrawn twice.
    ///
    /// # Errors
    /// As [`Flashback::withdrawals`], before anything was sent.
    pub async fn withdraw_all(&self) -> Result<Sent> {
        Ok(send_all(self.withdrawals(&[]).await?, None).await)
    }

    /// What withdraws everything that this key can, as much in a transaction as fits when `beside` is put behind it (which
    /// is left to the caller). Each creates the token accounts that it goes to where they are missing. SLAs of a layout that
    /// this SDK does not know are told.
    ///
    /// # Errors
    /// [`crate::Error::Network`], [`crate::Error::Rpc`]: servers may refuse to scan a program's accounts; as
    /// [`Flashback::config`].
    pub async fn withdrawals(&self, beside: &[Instruction]) -> Result<Batches> {
        let key = self.key();
        let mint = self.mint().await?;
        let Found { accounts, mut skipped } = self.slas_of_consumer(&key).await?;
        let mut all = refunds(&key, &mint, &accounts);
        let own = address::provider(&key);
        if let Some(provider) = self.find::<Provider>(&own).await? {
            let slas = self.slas_with(&own).await?;
            all.extend(earnings(&key, &mint, &provider, &slas.accounts));
            skipped.extend(slas.skipped);
        }
        let slas = self.slas_of_oracle(&key).await?;
        all.extend(fees(&key, &mint, &slas.accounts));
        skipped.extend(slas.skipped);
        self.withdrawing(all, skipped, beside).await
    }

    /// What withdraws everything that a provider, by its authority, has earned, to its payout owner, as its authority or
    /// operator: as [`Flashback::withdrawals`], which asks no provider whether this key operates it. The program refuses
    /// another key.
    ///
    /// # Errors
    /// As [`Flashback::withdrawals`]; [`crate::Error::AccountNotFound`].
    pub async fn withdrawals_of_provider(
        &self,
        authority: &Pubkey,
        beside: &[Instruction],
    ) -> Result<Batches> {
        let (address, mint) = (address::provider(authority), self.mint().await?);
        let provider: Provider = self.fetch(&address).await?;
        let Found { accounts, skipped } = self.slas_with(&address).await?;
        let all = earnings(&self.key(), &mint, &provider, &accounts);
        self.withdrawing(all, skipped, beside).await
    }

    async fn withdrawing(
        &self,
        all: Vec<Withdrawal>,
        skipped: Vec<Error>,
        beside: &[Instruction],
    ) -> Result<Batches> {
        let owners: BTreeSet<_> = all.iter().map(|withdrawal| withdrawal.owner).collect();
        let mut missing = BTreeMap::new();
        for owner in owners {
            missing.insert(owner, self.token_account_of(&owner).await?.1);
        }
        let groups = groups(self, all, |group| {
            built(group, &missing).into_iter().chain(beside.iter().cloned()).collect()
        });
        let batches = groups.into_iter().map(|group| {
            let mut slas: Vec<_> = group.iter().map(|withdrawal| withdrawal.sla).collect();
            // An oracle can have had two seats.
            slas.dedup();
            Batch { slas, prepared: self.prepare(built(&group, &missing)) }
        });
        Ok(Batches::new(batches.collect(), skipped))
    }
}

/// One withdrawal.
#[derive(Clone, Debug)]
struct Withdrawal {
    sla: Pubkey,
    /// Who owns the token account that it goes to.
    owner: Pubkey,
    instruction: Instruction,
}

/// Withdrawals in one transaction, behind what creates the missing token accounts of their owners: so it needs no other
/// transaction to have taken effect.
fn built(
    withdrawals: &[Withdrawal],
    missing: &BTreeMap<Pubkey, Vec<Instruction>>,
) -> Vec<Instruction> {
    let created = missing.iter();
    let created = created.filter(|(owner, _)| withdrawals.iter().any(|one| one.owner == **owner));
    let created = created.flat_map(|(_, create)| create.clone());
    created.chain(withdrawals.iter().map(|one| one.instruction.clone())).collect()
}

/// What a consumer was refunded.
fn refunds(consumer: &Pubkey, mint: &Pubkey, slas: &[(Pubkey, Sla)]) -> Vec<Withdrawal> {
    let destination = address::token_account(consumer, mint);
    let refunded = slas.iter().filter(|(_, sla)| sla.body.money.refundable > 0);
    let withdrawals = refunded.map(|(sla, _)| Withdrawal {
        sla: *sla,
        owner: *consumer,
        instruction: build::withdraw_refund(*consumer, *sla, destination),
    });
    withdrawals.collect()
}

/// What a provider has earned.
fn earnings(
    signer: &Pubkey,
    mint: &Pubkey,
    provider: &Provider,
    slas: &[(Pubkey, Sla)],
) -> Vec<Withdrawal> {
    let destination = address::token_account(&provider.payout, mint);
    let earned = slas.iter().filter(|(_, sla)| sla.body.money.earned > 0);
    let withdrawals = earned.map(|(address, sla)| Withdrawal {
        sla: *address,
        owner: provider.payout,
        instruction: build::withdraw_earnings(*signer, sla.provider, *address, destination),
    });
    withdrawals.collect()
}

/// The fees of an oracle's seats.
fn fees(oracle: &Pubkey, mint: &Pubkey, slas: &[(Pubkey, Sla)]) -> Vec<Withdrawal> {
    let destination = address::token_account(oracle, mint);
    let mut withdrawals = vec![];
    for (address, sla) in slas {
        let seats = (0u8..).zip(sla.seats.iter().zip(sla.body.seats.fees));
        for (seat, _) in seats.filter(|(_, (key, fees))| *key == oracle && *fees > 0) {
            withdrawals.push(Withdrawal {
                sla: *address,
                owner: *oracle,
                instruction: build::claim_oracle_fees(*oracle, *address, seat, destination),
            });
        }
    }
    withdrawals
}

#[cfg(test)]
mod tests;
