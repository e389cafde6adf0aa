//! Withdrawing everything that a key can, wherever it lies.

use std::collections::{BTreeMap, BTreeSet};

use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use crate::account::{Provider, Sla};
use crate::address;
use crate::batch::groups;
use crate::client::Flashback;
use crate::error::Result;
use crate::instruction as build;
use crate::sent::{Batch, Sent, send_all};

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
        Ok(send_all(self.withdrawals().await?, None).await)
    }

    /// What withdraws everything that this key can: transactions, to be sent in any order. Empty if there is nothing.
    /// Each creates the token accounts that it goes to where they are missing. Accounts of a layout that this SDK does
    /// not know are passed over.
    ///
    /// # Errors
    /// [`crate::Error::Network`], [`crate::Error::Rpc`]: servers may refuse to scan a program's accounts; as
    /// [`Flashback::config`].
    pub async fn withdrawals(&self) -> Result<Vec<Batch>> {
        let key = self.key();
        let mint = self.mint().await?;
        let mut all = refunds(&key, &mint, &self.slas_of_consumer(&key).await?.accounts);
        let own = address::provider(&key);
        if let Some(provider) = self.find::<Provider>(&own).await? {
            let slas = self.slas_with(&own).await?.accounts;
            all.extend(earnings(&key, &mint, &provider, &slas));
        }
        all.extend(fees(&key, &mint, &self.slas_of_oracle(&key).await?.accounts));
        self.withdrawing(all).await
    }

    /// What withdraws everything that a provider, by its authority, has earned, to its payout owner, as its authority or
    /// operator: as [`Flashback::withdrawals`], which asks no provider whether this key operates it. The program refuses
    /// another key.
    ///
    /// # Errors
    /// As [`Flashback::withdrawals`]; [`crate::Error::AccountNotFound`].
    pub async fn withdrawals_of_provider(&self, authority: &Pubkey) -> Result<Vec<Batch>> {
        let (address, mint) = (address::provider(authority), self.mint().await?);
        let provider: Provider = self.fetch(&address).await?;
        let slas = self.slas_with(&address).await?.accounts;
        self.withdrawing(earnings(&self.key(), &mint, &provider, &slas)).await
    }

    async fn withdrawing(&self, all: Vec<Withdrawal>) -> Result<Vec<Batch>> {
        let owners: BTreeSet<_> = all.iter().map(|withdrawal| withdrawal.owner).collect();
        let mut missing = BTreeMap::new();
        for owner in owners {
            missing.insert(owner, self.token_account_of(&owner).await?.1);
        }
        let groups = groups(self, all, |group| built(group, &missing));
        let batches = groups.into_iter().map(|group| {
            let mut slas: Vec<_> = group.iter().map(|withdrawal| withdrawal.sla).collect();
            // An oracle can have had two seats.
            slas.dedup();
            Batch { slas, prepared: self.prepare(built(&group, &missing)) }
        });
        Ok(batches.collect())
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
mod tests {
    use super::*;

    fn key(byte: u8) -> Pubkey {
        Pubkey::new_from_array([byte; 32])
    }

    fn sla(change: impl FnOnce(&mut Sla)) -> Sla {
        let mut sla: Sla = bytemuck::Zeroable::zeroed();
        sla.provider = key(40);
        change(&mut sla);
        sla
    }

    fn instructions(withdrawals: Vec<Withdrawal>) -> Vec<Instruction> {
        withdrawals.into_iter().map(|withdrawal| withdrawal.instruction).collect()
    }

    #[test]
    fn only_where_something_is_theirs() {
        let (me, mint) = (key(1), key(2));
        let mine = address::token_account(&me, &mint);
        let slas = [
            (key(10), sla(|_| ())),
            (key(11), sla(|sla| sla.body.money.refundable = 1)),
            (key(12), sla(|sla| sla.body.money.earned = 1)),
            (
                key(13),
                sla(|sla| {
                    sla.seats = [key(3), me, key(4), Pubkey::default(), Pubkey::default()];
                    sla.body.seats.fees = [5, 6, 7, 0, 0];
                }),
            ),
            (
                key(14),
                sla(|sla| {
                    sla.seats[2] = me;
                    sla.body.seats.fees = [5, 6, 0, 0, 0];
                }),
            ),
        ];
        let refund = build::withdraw_refund(me, key(11), mine);
        assert_eq!(instructions(refunds(&me, &mint, &slas)), [refund]);
        let mut provider: Provider = bytemuck::Zeroable::zeroed();
        provider.payout = key(50);
        let payout = address::token_account(&key(50), &mint);
        let withdrawn = earnings(&me, &mint, &provider, &slas);
        assert_eq!(withdrawn[0].owner, key(50));
        let earning = build::withdraw_earnings(me, key(40), key(12), payout);
        assert_eq!(instructions(withdrawn), [earning]);
        let fee = build::claim_oracle_fees(me, key(13), 1, mine);
        assert_eq!(instructions(fees(&me, &mint, &slas)), [fee]);
    }

    #[test]
    fn every_transaction_creates_the_token_accounts_that_it_needs() {
        let create = build::create_token_account(&key(1), &key(2), &key(3));
        let missing = BTreeMap::from([(key(2), vec![create.clone()]), (key(4), vec![])]);
        let withdrawal = |owner: u8, sla: u8| Withdrawal {
            sla: key(sla),
            owner: key(owner),
            instruction: build::withdraw_refund(key(1), key(sla), key(owner)),
        };
        let [first, second, third] = [withdrawal(2, 10), withdrawal(2, 11), withdrawal(4, 12)];
        let of = |one: &Withdrawal| one.instruction.clone();
        let both = built(&[first.clone(), second.clone()], &missing);
        assert_eq!(both, [create.clone(), of(&first), of(&second)]);
        assert_eq!(
            built(&[second.clone(), third.clone()], &missing),
            [create, of(&second), of(&third)]
        );
        assert_eq!(built(std::slice::from_ref(&third), &missing), [of(&third)]);
    }
}
