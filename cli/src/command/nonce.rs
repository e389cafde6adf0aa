//! `flashback nonce`: accounts whose value stands in for a blockhash, and does not expire.

use anyhow::Result;
use clap::Subcommand;
use flashback_sdk::{Error, Flashback, Nonce};
use solana_nonce::state::State;
use solana_nonce::versions::Versions;
use solana_sdk::hash::Hash;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Keypair, Signer};
use solana_system_interface::instruction as system;

use crate::act::{Act, Outcome};
use crate::exit::refused;
use crate::output::{Fact, Report};
use crate::quantity;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum NonceAction {
    /// Make a nonce account, which the acting key pays for
    Create {
        /// Who may advance and empty it [default: the acting key]
        #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
        authority: Option<Pubkey>,
    },
    /// Show a nonce account
    Show {
        /// The nonce account
        #[arg(value_name = "ADDRESS", value_parser = quantity::address)]
        account: Pubkey,
    },
    /// Give a nonce account to another authority, as its authority
    Authorize {
        /// The nonce account
        #[arg(value_name = "ACCOUNT", value_parser = quantity::address)]
        account: Pubkey,
        /// Who may advance and empty it from then on
        #[arg(value_name = "NEW_AUTHORITY", value_parser = quantity::address)]
        new_authority: Pubkey,
    },
    /// Give a nonce account a new value, as its authority: what was signed with the old one becomes void
    Advance {
        /// The nonce account
        #[arg(value_name = "ACCOUNT", value_parser = quantity::address)]
        account: Pubkey,
    },
    /// Take SOL out of a nonce account, as its authority; all of it closes the account
    Withdraw {
        /// The nonce account
        #[arg(value_name = "ADDRESS", value_parser = quantity::address)]
        account: Pubkey,
        /// How much, or `all`
        #[arg(value_name = "AMOUNT", value_parser = amount)]
        amount: Amount,
        /// Who gets it [default: the acting key]
        #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
        to: Option<Pubkey>,
    },
}

/// How much to take out.
#[derive(Clone, Copy, Debug)]
pub enum Amount {
    All,
    Lamports(u64),
}

fn amount(text: &str) -> Result<Amount, String> {
    match text {
        "all" => Ok(Amount::All),
        _ => {
            match quantity::sol(text)? {
                0 => Err("nothing is nothing to withdraw: give an amount above zero, or `all`"
                    .to_owned()),
                lamports => Ok(Amount::Lamports(lamports)),
            }
        }
    }
}

pub async fn run(action: NonceAction, settings: &Settings) -> Result<()> {
    let report = match action {
        NonceAction::Create { authority } => {
            create(settings.client()?, authority).await?.perform(settings).await?.report
        }
        NonceAction::Show { account } => show(&settings.reader()?, account).await?,
        NonceAction::Authorize { account, new_authority } => {
            let client = settings.client()?;
            authorize(&client, account, new_authority).await?.perform(settings).await?.report
        }
        NonceAction::Advance { account } => advance(settings, account).await?,
        NonceAction::Withdraw { account, amount, to } => {
            let client = settings.client()?;
            withdraw(&client, account, amount, to).await?.perform(settings).await?.report
        }
    };
    report.print(settings.output());
    Ok(())
}

async fn create(client: Flashback, authority: Option<Pubkey>) -> Result<Act> {
    let (key, account) = (client.key(), Keypair::new());
    let address = account.pubkey();
    let authority = authority.unwrap_or(key);
    let rent = rent(&client).await?;
    let create = system::create_nonce_account(&key, &address, &authority, rent);
    let prepared = client.with_signer(account).prepare(create);
    Ok(Act::new("nonce account created", prepared)
        .created("nonce_account", address)
        .fact("nonce_authority", authority)
        .fact("rent", Fact::lamports(rent)))
}

/// The least that a nonce account has to hold, in lamports.
async fn rent(client: &Flashback) -> Result<u64> {
    let rent = client.rpc().get_minimum_balance_for_rent_exemption(State::size()).await;
    Ok(rent.map_err(Error::from)?)
}

async fn balance(client: &Flashback, account: &Pubkey) -> Result<u64> {
    Ok(client.rpc().get_balance(account).await.map_err(Error::from)?)
}

async fn show(client: &Flashback, account: Pubkey) -> Result<Report> {
    let (nonce, value) = Nonce::find(client.rpc(), &account).await?;
    Ok(Report::new("nonce account")
        .fact("nonce_account", account)
        .fact("nonce_authority", nonce.authority)
        .fact("nonce", value.to_string())
        .fact("sol", Fact::lamports(balance(client, &account).await?)))
}

/// The nonce account's value, which the acting key may do this to.
async fn own_value(client: &Flashback, account: Pubkey, what: &str) -> Result<Hash> {
    let (nonce, value) = Nonce::find(client.rpc(), &account).await?;
    let key = client.key();
    if nonce.authority != key {
        return Err(refused(format!(
            "only {} may {what} this nonce account, and {key} acts: see --keypair",
            nonce.authority
        )));
    }
    Ok(value)
}

async fn authorize(client: &Flashback, account: Pubkey, to: Pubkey) -> Result<Act> {
    let key = client.key();
    own_value(client, account, "give away").await?;
    if to == key {
        return Err(refused(format!("{key} is the authority of this nonce account already")));
    }
    let instruction = system::authorize_nonce_account(&account, &key, &to);
    Ok(Act::new("nonce account given to another authority", client.prepare([instruction]))
        .fact("nonce_account", account)
        .fact("nonce_authority_before", key)
        .fact("nonce_authority_after", to)
        .ask(format!("Give the nonce account to {to}?")))
}

async fn advance(settings: &Settings, account: Pubkey) -> Result<Report> {
    let client = settings.client()?;
    let value = own_value(&client, account, "advance").await?;
    let instruction = system::advance_nonce_account(&account, &client.key());
    let act = Act::new("nonce advanced", client.prepare([instruction]))
        .fact("nonce_account", account)
        .fact("nonce_before", value.to_string())
        .ask("Advance the nonce? What is signed with its value becomes void.");
    let Outcome { report, slot, .. } = act.perform(settings).await?;
    Ok(match slot {
        Some(slot) => advanced(&client, report, account, slot).await,
        None => report,
    })
}

/// Adds the value that the nonce has since it was advanced in that slot, or why it cannot be read: it is advanced all the
/// same.
async fn advanced(client: &Flashback, report: Report, account: Pubkey, slot: u64) -> Report {
    match value_since(client, account, slot).await {
        Ok(value) => report.fact("nonce_after", value.to_string()),
        Err(why) => report
            .fact("nonce_after", None::<Fact>)
            .fact("nonce_unread", Fact::untrusted(&why.to_string())),
    }
}

/// What a nonce account stands at in that slot or later.
async fn value_since(
    client: &Flashback,
    address: Pubkey,
    slot: u64,
) -> flashback_sdk::Result<Hash> {
    let kind = "nonce account";
    let found = client.accounts_since(&[address], slot).await?.into_iter().next().flatten();
    let found = found.ok_or(Error::AccountNotFound { kind, address })?;
    match bincode::deserialize::<Versions>(&found.data).as_ref().map(Versions::state) {
        Ok(State::Initialized(data)) => Ok(data.blockhash()),
        _ => Err(Error::AccountMalformed { kind, address }),
    }
}

async fn withdraw(
    client: &Flashback,
    account: Pubkey,
    amount: Amount,
    to: Option<Pubkey>,
) -> Result<Act> {
    let (key, to) = (client.key(), to.unwrap_or(client.key()));
    own_value(client, account, "withdraw from").await?;
    let (held, rent) = (balance(client, &account).await?, rent(client).await?);
    let text = |lamports| Fact::lamports(lamports).to_string();
    let lamports = match amount {
        Amount::All => held,
        Amount::Lamports(lamports) => lamports,
    };
    let rest = held.checked_sub(lamports).ok_or_else(|| {
        refused(format!("the account holds {}, you asked for {}", text(held), text(lamports)))
    })?;
    if rest != 0 && rest < rent {
        return Err(refused(format!(
            "{} would be left, and a nonce account holds at least {}: withdraw {} at most, or `all`, which closes it",
            text(rest),
            text(rent),
            text(held.saturating_sub(rent))
        )));
    }
    let instruction = system::withdraw_nonce_account(&account, &key, &to, lamports);
    let act = Act::new("withdrawn from the nonce account", client.prepare([instruction]))
        .fact("nonce_account", account)
        .fact("to", to)
        .fact("sol_withdrawn", Fact::lamports(lamports))
        .fact("sol_before", Fact::lamports(held))
        .fact("sol_after", Fact::lamports(rest));
    Ok(if rest == 0 {
        act.ask("Close the nonce account? What is signed with it becomes void.")
    } else {
        act
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted;
    use solana_account::Account;
    use solana_nonce::state::{Data, DurableNonce};

    /// A nonce account that stands at the value made of this.
    fn nonce(seed: Hash) -> (Account, Hash) {
        let data = Data::new(Pubkey::new_unique(), DurableNonce::from_blockhash(&seed), 5_000);
        let value = data.blockhash();
        let data = bincode::serialize(&Versions::new(State::Initialized(data))).unwrap();
        (Account { lamports: 1, data, ..Account::default() }, value)
    }

    #[tokio::test]
    async fn the_value_after_is_that_of_the_slot_and_why_there_is_none_is_told() {
        let ((before, _), (after, value)) = (nonce(Hash::new_unique()), nonce(Hash::new_unique()));
        let told = async |client: &Flashback| {
            let report = Report::new("nonce advanced");
            advanced(client, report, Pubkey::new_unique(), 90).await.json()
        };
        // One that lags: as the nonce was before, unless that slot is asked for.
        let lagging = scripted::client(move |_, params| {
            let wanted = params[1]["minContextSlot"].as_u64().unwrap_or_default();
            let now = if wanted >= 90 { &after } else { &before };
            Ok(scripted::accounts(wanted.max(80), &[Some(now.clone())]))
        });
        assert_eq!(told(&lagging).await["nonce_after"], value.to_string());
        let down = told(&scripted::gone()).await;
        assert_eq!((&down["result"], &down["nonce_after"]), (&"nonce advanced".into(), &().into()));
        assert!(down["nonce_unread"].as_str().unwrap().contains("cannot be reached"), "{down}");
    }
}
