//! `flashback sla withdraw --all`: what is somebody's in any SLA.

use anyhow::Result;
use flashback_core::CoreError;
use flashback_core::units::Atoms;
use flashback_sdk::account::{Provider, Sla};
use flashback_sdk::{Batch, Error, Flashback, Prepared, address};
use solana_sdk::pubkey::Pubkey;

use crate::act::{self, Act, Finished, Several, Titles};
use crate::output::Fact;
use crate::settings::Settings;

/// How it is said.
const TITLES: Titles = Titles { done: "withdrawn", nothing: "nothing to withdraw" };

/// Whose parts are withdrawn.
#[derive(Clone, Copy, Debug)]
struct Whose {
    /// Who acts.
    key: Pubkey,
    /// The Provider's address whose earnings are among them.
    provider: Pubkey,
    /// Whether they are all that is withdrawn.
    operates: bool,
}

/// What was withdrawn from an SLA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Taken {
    earned: u64,
    refundable: u64,
    fees: u64,
}

/// Withdraws from every SLA, in as many transactions as it takes: what is the acting key's own, or what a provider has
/// earned, by its authority, as its operator.
pub async fn withdraw_all(
    settings: &Settings,
    client: &Flashback,
    operated: Option<Pubkey>,
) -> Result<Finished> {
    let (key, mint) = (client.key(), client.mint().await?);
    let authority = operated.unwrap_or(key);
    let whose =
        Whose { key, provider: address::provider(&authority), operates: operated.is_some() };
    let provider: Option<Provider> = client.find(&whose.provider).await?;
    let beside = act::beside(settings);
    let batches = match operated {
        Some(authority) => {
            check_operates(client, &authority, provider.as_ref()).await?;
            client.withdrawals_of_provider(&authority, &beside).await?
        }
        None => client.withdrawals(&beside).await?,
    };
    let payout = provider.map(|provider| provider.payout).filter(|payout| *payout != key);
    let payout = payout.map(|owner| (owner, address::token_account(&owner, &mint)));
    let nothing = batches.batches.is_empty();
    let mut several = Several::new(settings, TITLES, batches, None)?;
    let (mut rows, mut not_read) = (vec![], None);
    while let Some(Batch { slas, prepared }) = several.next() {
        let before = client.find_many::<Sla>(&slas).await;
        let act = paying(prepared, address::token_account(&key, &mint), payout);
        let Some(slot) = several.perform(settings, &slas, act).await? else { continue };
        match taken(client, &slas, before, slot, whose).await {
            Ok(taken) => rows.extend(taken),
            Err(why) => not_read = Some(why),
        }
    }
    let finished = several.finish(|report| {
        let report = report.table("slas", ["sla", "earned", "refundable", "oracle_fees"], rows);
        not_read.iter().fold(report, |report, why| {
            report.fact("slas_unread", Fact::untrusted(&why.to_string()))
        })
    });
    Ok(match nothing && operated.is_none() {
        true => finished.with(|report| {
            report.fact(
                "hint",
                "an operator names the provider whose earnings it withdraws: --provider ADDRESS",
            )
        }),
        false => finished,
    })
}

/// Refuses, as the program would, who is neither the provider nor its operator.
async fn check_operates(
    client: &Flashback,
    authority: &Pubkey,
    provider: Option<&Provider>,
) -> Result<()> {
    let address = address::provider(authority);
    let provider = provider.ok_or(Error::AccountNotFound { kind: "Provider", address })?;
    let key = client.key();
    if provider.may_operate(&key, client.now().await?) {
        return Ok(());
    }
    let refused = anyhow::Error::from(Error::Rule(CoreError::Unauthorized));
    Err(refused
        .context(format!("{key} does not operate the provider {authority}, or not any more")))
}

/// Shows the wallets that it pays into: that of another payout only if it does.
fn paying(prepared: Prepared, wallet: Pubkey, payout: Option<(Pubkey, Pubkey)>) -> Act {
    let pays = |account: &Pubkey| {
        let mut metas = prepared.instructions().iter().flat_map(|one| &one.accounts);
        metas.any(|meta| meta.pubkey == *account)
    };
    let payout = payout.filter(|(_, account)| pays(account));
    let act = Act::new(TITLES.done, prepared);
    let act = match payout {
        Some((owner, account)) => act.fact("payout", owner).watch_tokens("payout_wallet", account),
        None => act,
    };
    act.watch_tokens("wallet", wallet)
}

/// A row of what a transaction, in that slot, has taken out of each SLA.
async fn taken(
    client: &Flashback,
    slas: &[Pubkey],
    before: flashback_sdk::Result<Vec<flashback_sdk::Result<Option<Sla>>>>,
    slot: u64,
    whose: Whose,
) -> flashback_sdk::Result<Vec<[Fact; 4]>> {
    let after = client.find_many_since::<Sla>(slas, slot).await?;
    let both = slas.iter().zip(before?.into_iter().zip(after));
    let rows = both.filter_map(|(sla, (before, after))| {
        Some(row(*sla, whose.taken(&before.ok()??, after.ok()?.as_ref())))
    });
    Ok(rows.collect())
}

fn row(address: Pubkey, taken: Taken) -> [Fact; 4] {
    let Taken { earned, refundable, fees } = taken;
    [address.into(), Atoms(earned).into(), Atoms(refundable).into(), Atoms(fees).into()]
}

impl Whose {
    /// What was taken out of an SLA; all that was there, if it is closed since.
    fn taken(&self, before: &Sla, after: Option<&Sla>) -> Taken {
        let less = |of: &dyn Fn(&Sla) -> u64| of(before).saturating_sub(after.map_or(0, of));
        let own = !self.operates;
        let part = |has: bool, of: &dyn Fn(&Sla) -> u64| if has { less(of) } else { 0 };
        Taken {
            earned: part(before.provider == self.provider, &|sla| sla.body.money.earned),
            refundable: part(own && before.consumer == self.key, &|sla| sla.body.money.refundable),
            fees: part(own, &|sla| self.fees(sla)),
        }
    }

    /// The fees of the acting key's seats: an oracle can have had two.
    fn fees(&self, sla: &Sla) -> u64 {
        let seats = sla.seats.iter().zip(&sla.body.seats.fees);
        let own = seats.filter(|(oracle, _)| **oracle == self.key);
        own.fold(0, |sum, (_, fees)| sum.saturating_add(*fees))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::sla::tests::zeroed;
    use crate::scripted;
    use solana_account::Account;

    #[test]
    fn what_is_taken_is_told_by_its_part() {
        let [me, provider, other] = [(); 3].map(|()| Pubkey::new_unique());
        let mut before: Sla = zeroed();
        (before.provider, before.consumer) = (provider, me);
        before.seats = [me, other, me, other, other];
        before.body.seats.fees = [1, 20, 3, 0, 0];
        (before.body.money.earned, before.body.money.refundable) = (50, 70);
        let own = Whose { key: me, provider, operates: false };
        let mut after = before;
        after.body.seats.fees[0] = 0;
        (after.body.money.earned, after.body.money.refundable) = (0, 70);
        let taken = Taken { earned: 50, refundable: 0, fees: 1 };
        assert_eq!(own.taken(&before, Some(&after)), taken);
        let all = Taken { earned: 50, refundable: 70, fees: 4 };
        assert_eq!(own.taken(&before, None), all);
        // What is another's is not told, though it is gone too.
        let operator = Whose { operates: true, ..own };
        assert_eq!(operator.taken(&before, None), Taken { refundable: 0, fees: 0, ..all });
        let stranger = Whose { key: other, provider: other, operates: false };
        let fees = Taken { earned: 0, refundable: 0, fees: 20 };
        assert_eq!(stranger.taken(&before, None), fees);
    }

    #[test]
    fn what_goes_to_another_payout_is_watched_there() {
        let [wallet, payout, owner] = [(); 3].map(|()| Pubkey::new_unique());
        let client = scripted::gone();
        let key = client.key();
        let shown = |destination: Pubkey| {
            let sla = Pubkey::new_unique();
            let withdraw = flashback_sdk::instruction::withdraw_refund(key, sla, destination);
            paying(client.prepare([withdraw]), wallet, Some((owner, payout))).shows()
        };
        assert_eq!(shown(payout), ["payout", "payout_wallet", "wallet"]);
        assert_eq!(shown(wallet), ["wallet"]);
    }

    #[tokio::test]
    async fn who_does_not_operate_a_provider_is_refused() {
        // The chain's time is zero.
        let clock = Account { data: vec![0; 40], lamports: 1, ..Account::default() };
        let client =
            scripted::client(move |_, _| Ok(scripted::accounts(1, &[Some(clock.clone())])));
        let authority = Pubkey::new_unique();
        let missing = check_operates(&client, &authority, None).await.unwrap_err();
        assert!(missing.to_string().contains("no Provider"), "{missing}");
        let mut provider: Provider = zeroed();
        (provider.authority, provider.operator) = (authority, client.key());
        let expired = check_operates(&client, &authority, Some(&provider)).await.unwrap_err();
        assert_eq!(crate::exit::said(&expired).0, 4, "{expired:#}");
        provider.operator_expires_at = 1;
        check_operates(&client, &authority, Some(&provider)).await.unwrap();
    }
}
