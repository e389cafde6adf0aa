//! Challenges: an oracle is asked to open a leaf of its records, against a bond.

use anyhow::{Context, Result};
use clap::Args;
use flashback_core::CoreError;
use flashback_core::hash::SoftwareSha256;
use flashback_core::records::{Shape, verify_opening};
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::{Challenge, Oracle, Round, Sla};
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;

use super::entered::{Entered, phase, series};
use super::{Leaf, proof};
use crate::act::Act;
use crate::command::sla::because;
use crate::command::wallet;
use crate::output::{Fact, Report};
use crate::settings::Settings;

/// What opens a leaf.
#[derive(Debug, Args)]
pub struct Answer {
    #[command(flatten)]
    of: Leaf,
    #[command(flatten)]
    proof: proof::File,
}

pub async fn challenge(settings: &Settings, of: Leaf) -> Result<Report> {
    let client = settings.client()?;
    let Leaf { of: seat, leaf } = of;
    let window = seat.of;
    let mut entered = Entered::read(&client, window).await?;
    let contest =
        entered.body.open_challenge(&mut entered.round, usize::from(seat.seat), leaf, entered.now);
    let terms = &entered.body.terms;
    let contest = contest.map_err(|refused| match refused {
        CoreError::LeafInvalid => {
            let leaves = Shape::of(terms.probes).map_or(0, |shape| shape.leaves());
            because(refused, || format!("the window's tree has {leaves} leaves, from 0 on"))(
                refused,
            )
        }
        _ => {
            because(CoreError::ContestClosed, || phase(terms, window.window, entered.now))(refused)
        }
    })?;
    wallet::check_price(&client, "bond", contest.bond, Atoms::ZERO).await?;
    let prepared = client.challenge_leaf(&window.sla, window.window, seat.seat, leaf).await?;
    let round = address::round(&window.sla, window.window);
    let wallet = address::token_account(&client.key(), &client.mint().await?);
    let act = Act::new("leaf challenged", entered.opening(&client, window, prepared));
    let act = named(act, of)
        .created("challenge", address::challenge(&round, seat.seat, leaf))
        .fact("round", round)
        .fact("bond", contest.bond)
        .fact("opened_until", contest.deadline)
        .watch_tokens("wallet", wallet)
        .watch_tokens("escrow", address::escrow(&window.sla));
    Ok(act.perform(settings).await?.report)
}

/// An open challenge, and the accounts that it changes.
struct Challenged {
    sla: Sla,
    round: Round,
    challenge: Challenge,
    oracle: Pubkey,
    now: Timestamp,
}

impl Challenged {
    async fn read(client: &Flashback, of: Leaf) -> Result<Self> {
        let Leaf { of: seat, leaf } = of;
        let round = address::round(&seat.of.sla, seat.of.window);
        let address = address::challenge(&round, seat.seat, leaf);
        let missing = Error::AccountNotFound { kind: "Challenge", address };
        let challenge = client.find::<Challenge>(&address).await?;
        let challenge = challenge
            .ok_or(missing)
            .with_context(|| format!("seat {} is not challenged to open leaf {leaf}", seat.seat))?;
        let (sla, round): (_, Round) =
            (client.sla(&seat.of.sla).await?, client.fetch(&round).await?);
        let oracle = round.seats.get(usize::from(seat.seat)).copied();
        let oracle = oracle.ok_or(Error::Rule(CoreError::SeatInvalid))?;
        Ok(Self { sla, round, challenge, oracle, now: client.now().await? })
    }

    fn holds(&self) -> bool {
        self.round.holders(&self.sla).holds(usize::from(self.challenge.seat))
    }
}

pub async fn answer(settings: &Settings, args: &Answer) -> Result<Report> {
    let proof = args.proof.read()?;
    let client = settings.client()?;
    let of = args.of;
    let Leaf { of: seat, leaf } = of;
    let challenged = Challenged::read(&client, of).await?;
    let index = usize::from(seat.seat);
    let series = series(&challenged.sla, seat.of, &challenged.oracle)?;
    let committed = challenged.round.body.round.commitments.get(index);
    let committed = committed.ok_or(Error::Rule(CoreError::SeatInvalid))?;
    verify_opening::<SoftwareSha256>(&series, committed, leaf, &proof)
        .map_err(Error::from)
        .with_context(|| {
            format!("{} does not open leaf {leaf} of seat {}", args.proof, seat.seat)
        })?;
    let (mut body, mut round) = (challenged.sla.body, challenged.round.body);
    let contest = challenged.challenge.contest();
    body.answer_challenge(&mut round, &contest, index, challenged.holds(), challenged.now)
        .map_err(because(CoreError::DeadlinePassed, || {
            format!("the leaf could be opened until {}", Fact::from(contest.deadline))
        }))?;
    let prepared = client.open_leaf(&seat.of.sla, seat.of.window, seat.seat, leaf, proof).await?;
    let act = named(Act::new("leaf opened", prepared), of)
        .fact("oracle_authority", challenged.oracle)
        .fact("bond", contest.bond)
        .watch("oracle_fees", seat.of.sla, move |sla: &Sla| {
            Atoms(sla.body.seats.fees.get(index).copied().unwrap_or_default())
        });
    Ok(act.perform(settings).await?.report)
}

pub async fn expire(settings: &Settings, of: Leaf) -> Result<Report> {
    let client = settings.client()?;
    let Leaf { of: seat, leaf } = of;
    let challenged = Challenged::read(&client, of).await?;
    let oracle = address::oracle(&challenged.oracle);
    let mut stake =
        client.find::<Oracle>(&oracle).await?.map(|oracle| oracle.stake).unwrap_or_default();
    let (mut body, mut round) = (challenged.sla.body, challenged.round.body);
    let (contest, holds) = (challenged.challenge.contest(), challenged.holds());
    let index = usize::from(seat.seat);
    let won = body.expire_challenge(&mut round, &contest, index, &mut stake, holds, challenged.now);
    let won = won.map_err(because(CoreError::NotExpired, || {
        format!("the leaf may be opened until {}", Fact::from(contest.deadline))
    }))?;
    let prepared = client.expire_challenge(&seat.of.sla, seat.of.window, seat.seat, leaf).await?;
    let challenger = challenged.challenge.challenger;
    let wallet = address::token_account(&challenger, &client.mint().await?);
    let title = match won.slashed {
        Some(_) => "challenge won: the submission is voided",
        None => "challenge ended: the submission was voided before",
    };
    let mut act = named(Act::new(title, prepared), of)
        .fact("oracle_authority", challenged.oracle)
        .fact("challenger", challenger)
        .fact("bond", won.bond);
    if let Some(slashed) = won.slashed {
        act = act.fact("to_challenger", slashed.to_prover).fact("burnt", slashed.to_burn);
    }
    let act = act
        .watch("oracle_bonded_stake", oracle, |oracle: &Oracle| Atoms(oracle.stake.bonded))
        .watch_tokens("challenger_wallet", wallet);
    Ok(act.perform(settings).await?.report)
}

/// Adds which leaf it is about.
fn named(act: Act, of: Leaf) -> Act {
    let Leaf { of: seat, leaf } = of;
    act.fact("sla", seat.of.sla)
        .fact("window", u64::from(seat.of.window))
        .fact("seat", u64::from(seat.seat))
        .fact("leaf", u64::from(leaf))
}
