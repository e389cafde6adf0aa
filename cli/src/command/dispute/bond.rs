//! Disputes: a party asks the arbiter to leave submissions out, against a bond.

use anyhow::{Context, Result};
use clap::Args;
use flashback_core::CoreError;
use flashback_core::sla::{BondReturned, Party, Ruling};
use flashback_core::units::Atoms;
use flashback_sdk::account::{Dispute, Provider, Round, Sla};
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;

use super::entered::{Entered, phase};
use super::{Side, Window, name};
use crate::act::Act;
use crate::command::sla::because;
use crate::command::wallet;
use crate::output::{Fact, Report};
use crate::quantity;
use crate::settings::Settings;

/// What to dispute.
#[derive(Debug, Args)]
pub struct Open {
    #[command(flatten)]
    of: Window,
    /// As which party
    #[arg(long, alias = "as", value_name = "PARTY")]
    party: Side,
}

/// What the arbiter says.
#[derive(Debug, Args)]
pub struct Rule {
    #[command(flatten)]
    of: Window,
    /// Whose dispute
    #[arg(long, value_name = "PARTY")]
    party: Side,
    #[command(flatten)]
    ruling: Word,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Word {
    /// Uphold it: seats whose submissions become abstentions, as 0,2; none, if an earlier ruling has turned them
    #[arg(long, value_name = "SEATS", value_parser = quantity::seats)]
    turn: Option<u8>,
    /// Reject it
    #[arg(long)]
    reject: bool,
}

/// Which dispute to end.
#[derive(Debug, Args)]
pub struct Expire {
    #[command(flatten)]
    of: Window,
    /// Whose dispute
    #[arg(long, value_name = "PARTY")]
    party: Side,
}

pub async fn open(settings: &Settings, args: &Open) -> Result<Report> {
    let client = settings.client()?;
    let (of, party) = (args.of, Party::from(args.party));
    let mut entered = Entered::read(&client, of).await?;
    check_acts(&client, &entered.sla, party).await?;
    let contest = entered.body.open_dispute(&mut entered.round, party, entered.now);
    let contest = contest.map_err(because(CoreError::ContestClosed, || {
        phase(&entered.body.terms, of.window, entered.now)
    }))?;
    wallet::check_price(&client, "bond", contest.bond, Atoms::ZERO).await?;
    let prepared = client.open_dispute(&of.sla, of.window, party).await?;
    let round = address::round(&of.sla, of.window);
    let wallet = address::token_account(&client.key(), &client.mint().await?);
    let act = Act::new("dispute opened", entered.opening(&client, of, prepared))
        .fact("sla", of.sla)
        .fact("window", u64::from(of.window))
        .fact("party", name(party))
        .created("dispute", address::dispute(&round, party))
        .fact("round", round)
        .fact("bond", contest.bond)
        .fact("ruled_until", contest.deadline)
        .watch_tokens("wallet", wallet)
        .watch_tokens("escrow", address::escrow(&of.sla));
    Ok(act.perform(settings).await?.report)
}

/// Refuses a key that does not act for the party.
async fn check_acts(client: &Flashback, sla: &Sla, party: Party) -> Result<()> {
    let key = client.key();
    let provider: Provider = client.fetch(&sla.provider).await?;
    let (acts, who) = match party {
        Party::Consumer => (sla.acts_for_consumer(&key), "the consumer nor its delegate"),
        Party::Provider => (
            provider.may_operate(&key, client.now().await?),
            "the provider's authority nor its operator",
        ),
    };
    if acts {
        return Ok(());
    }
    let refused = anyhow::Error::from(Error::Rule(CoreError::Unauthorized));
    Err(refused.context(format!("{key} is neither {who}")))
}

/// A party's open dispute, and the accounts that it changes.
struct Disputed {
    sla: Sla,
    round: Round,
    dispute: Dispute,
    address: Pubkey,
}

impl Disputed {
    async fn read(client: &Flashback, of: Window, party: Party) -> Result<Self> {
        let round = address::round(&of.sla, of.window);
        let address = address::dispute(&round, party);
        let dispute = client.find::<Dispute>(&address).await?;
        let missing = Error::AccountNotFound { kind: "Dispute", address };
        let dispute = dispute.ok_or(missing).with_context(|| {
            format!("the {} has no open dispute of window {}", name(party), of.window)
        })?;
        let (sla, round) = (client.sla(&of.sla).await?, client.fetch(&round).await?);
        Ok(Self { sla, round, dispute, address })
    }

    /// The act that ends it.
    fn act(&self, title: &'static str, prepared: flashback_sdk::Prepared, of: Window) -> Act {
        Act::new(title, prepared)
            .fact("sla", of.sla)
            .fact("window", u64::from(of.window))
            .fact("dispute", self.address)
            .watch("refundable", of.sla, |sla: &Sla| Atoms(sla.body.money.refundable))
            .watch("earned", of.sla, |sla: &Sla| Atoms(sla.body.money.earned))
    }
}

/// Adds where the bond goes.
fn bond(act: Act, opener: Party, returned: &BondReturned) -> Act {
    let (opened, other) = match opener {
        Party::Consumer => ("bond_to_consumer", "bond_to_provider"),
        Party::Provider => ("bond_to_provider", "bond_to_consumer"),
    };
    act.fact(opened, returned.to_opener).fact(other, returned.to_other)
}

pub async fn rule(settings: &Settings, args: &Rule) -> Result<Report> {
    let client = settings.client()?;
    let (of, party) = (args.of, Party::from(args.party));
    let arbiter = client.config().await?.arbiter;
    if arbiter != client.key() {
        let refused = anyhow::Error::from(Error::Rule(CoreError::Unauthorized));
        return Err(refused.context(format!("{} is not the arbiter, {arbiter}", client.key())));
    }
    let disputed = Disputed::read(&client, of, party).await?;
    let ruling = match args.ruling.turn {
        Some(turned) => Ruling::Upheld { turned },
        None => Ruling::Rejected,
    };
    let (mut body, mut round) = (disputed.sla.body, disputed.round.body);
    let (contest, now) = (disputed.dispute.contest(), client.now().await?);
    let returned = body.rule_dispute(&mut round, &contest, party, ruling, now);
    let returned = returned.map_err(because(CoreError::DeadlinePassed, || {
        format!("the arbiter could rule until {}", Fact::from(contest.deadline))
    }))?;
    let prepared = client.rule_dispute(&of.sla, of.window, party, args.ruling.turn).await?;
    let title = if args.ruling.reject { "dispute rejected" } else { "dispute upheld" };
    let act = bond(disputed.act(title, prepared, of), party, &returned);
    Ok(act.perform(settings).await?.report)
}

pub async fn expire(settings: &Settings, args: &Expire) -> Result<Report> {
    let client = settings.client()?;
    let (of, party) = (args.of, Party::from(args.party));
    let disputed = Disputed::read(&client, of, party).await?;
    let (mut body, mut round) = (disputed.sla.body, disputed.round.body);
    let (contest, now) = (disputed.dispute.contest(), client.now().await?);
    let returned = body.expire_dispute(&mut round, &contest, party, now);
    let returned = returned.map_err(because(CoreError::NotExpired, || {
        format!("the arbiter may rule until {}", Fact::from(contest.deadline))
    }))?;
    let prepared = client.expire_dispute(&of.sla, of.window, party).await?;
    let act = bond(
        disputed.act("dispute expired: the submissions stand", prepared, of),
        party,
        &returned,
    );
    Ok(act.perform(settings).await?.report)
}
