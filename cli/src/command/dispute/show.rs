//! `flashback dispute show` and `list`.

use anyhow::{Context, Result};
use flashback_core::CoreError;
use flashback_core::committee::SEATS_MAX;
use flashback_core::sla::{ContestedRound, Party, SeatStatus, SlaBody};
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::{Challenge, Dispute, Round};
use flashback_sdk::{Error, Flashback, Found, address};
use solana_sdk::pubkey::Pubkey;

use super::entered::phase;
use super::{Window, name};
use crate::output::{Arrangement, Fact, Report};

pub async fn show(client: &Flashback, of: Window) -> Result<Report> {
    let (sla, now) = (client.sla(&of.sla).await?, client.now().await?);
    let (address, terms) = (address::round(&of.sla, of.window), &sla.body.terms);
    let round: Option<Round> = client.find(&address).await?;
    let contestable = sla.body.progress.cursor == of.window && of.window < sla.body.progress.end;
    if round.is_none() && !contestable {
        return Err(Error::Rule(CoreError::ContestClosed))
            .with_context(|| format!("it is not contested: {}", phase(terms, of.window, now)));
    }
    let report = Report::new("window")
        .fact("sla", of.sla)
        .fact("window", u64::from(of.window))
        .fact("contested", round.is_some())
        .fact("chain_time", now)
        .fact("contests_from", terms.report_closes(of.window).map_err(Error::from)?)
        .fact("contests_until", terms.settles_at(of.window).map_err(Error::from)?);
    let Some(round) = round else {
        let due = terms.due(of.window).map_err(Error::from)?;
        let seats = submissions(&sla.body, &sla.body.round, of.window, &sla.seats, 0);
        return Ok(report.fact("due", due).table("submissions", SUBMISSIONS, seats));
    };
    let body = &round.body;
    let (disputes, challenges) = contests(client, &of.sla).await?;
    let disputes: Vec<_> =
        disputes.accounts.into_iter().filter(|(_, one)| one.round == address).collect();
    let challenges: Vec<_> =
        challenges.accounts.into_iter().filter(|(_, one)| one.round == address).collect();
    Ok(report
        .fact("round", address)
        .fact("settled", body.settled != 0)
        .fact("due", Atoms(body.due))
        .fact("held", Atoms(body.held))
        .fact("penalty_as_reported", Atoms(body.penalty))
        .fact("open_contests", u64::from(body.open))
        .fact("rent_to", round.rent_payer)
        .table(
            "submissions",
            SUBMISSIONS,
            submissions(&sla.body, &body.round, of.window, &round.seats, body.turned),
        )
        .table(
            "disputes",
            ["party", "dispute", "bond", "ruled_until"],
            disputes.iter().map(dispute).collect(),
        )
        .table(
            "challenges",
            ["seat", "leaf", "challenge", "challenger", "bond", "opened_until"],
            challenges.iter().map(challenge).collect(),
        ))
}

const SUBMISSIONS: [&str; 5] = ["seat", "oracle_authority", "status", "shortfall_ppm", "left_out"];

fn submissions(
    sla: &SlaBody,
    round: &flashback_core::sla::Round,
    window: u16,
    seats: &[Pubkey; SEATS_MAX],
    turned: u8,
) -> Vec<[Fact; 5]> {
    let count = usize::from(sla.terms.seats);
    let row = |(seat, (index, oracle)): (u8, (usize, &Pubkey))| {
        let held = (*oracle != Pubkey::default()).then_some(*oracle);
        let status = round.status_in(window, index);
        let measured = matches!(status, SeatStatus::Measured | SeatStatus::Excellent);
        let shortfall = round.shortfall_ppm.get(index).filter(|_| measured);
        [
            u64::from(seat).into(),
            held.into(),
            word(status).into(),
            shortfall.map(|ppm| u64::from(*ppm)).into(),
            (turned >> seat & 1 != 0).into(),
        ]
    };
    (0u8..).zip(seats.iter().enumerate()).take(count).map(row).collect()
}

fn word(status: SeatStatus) -> &'static str {
    match status {
        SeatStatus::Absent => "absent",
        SeatStatus::Abstained => "abstained",
        SeatStatus::Measured => "measured",
        SeatStatus::Excellent => "measured, excellent",
        SeatStatus::Voided => "voided",
    }
}

fn dispute((address, dispute): &(Pubkey, Dispute)) -> [Fact; 4] {
    let party = Party::from_code(dispute.party).map_or("unknown", name);
    [
        party.into(),
        (*address).into(),
        Atoms(dispute.bond).into(),
        Timestamp(dispute.deadline).into(),
    ]
}

fn challenge((address, challenge): &(Pubkey, Challenge)) -> [Fact; 6] {
    [
        u64::from(challenge.seat).into(),
        u64::from(challenge.leaf).into(),
        (*address).into(),
        challenge.challenger.into(),
        Atoms(challenge.bond).into(),
        Timestamp(challenge.deadline).into(),
    ]
}

async fn contests(client: &Flashback, sla: &Pubkey) -> Result<(Found<Dispute>, Found<Challenge>)> {
    Ok((client.disputes_of(sla).await?, client.challenges_of(sla).await?))
}

/// A row for each contested window.
pub const ROUNDS: [&str; 8] =
    ["window", "round", "state", "due", "held", "disputes", "challenges", "contests_until"];

pub async fn list(
    client: &Flashback,
    address: Pubkey,
    arrangement: &Arrangement,
) -> Result<Report> {
    let sla = client.sla(&address).await?;
    let mut rounds = client.rounds_of(&address).await?.accounts;
    let (disputes, challenges) = contests(client, &address).await?;
    rounds.sort_by_key(|(_, round)| round.body.round.window);
    let disputes: Vec<_> = disputes.accounts.iter().map(|(_, one)| one.round).collect();
    let challenges: Vec<_> = challenges.accounts.iter().map(|(_, one)| one.round).collect();
    let rows = rounds
        .iter()
        .map(|(address, round)| row(*address, &round.body, &sla.body, &disputes, &challenges))
        .collect();
    Report::new("contested windows").fact("sla", address).list("rounds", ROUNDS, rows, arrangement)
}

fn row(
    address: Pubkey,
    round: &ContestedRound,
    sla: &SlaBody,
    disputes: &[Pubkey],
    challenges: &[Pubkey],
) -> [Fact; 8] {
    let count = |rounds: &[Pubkey]| {
        u64::try_from(rounds.iter().filter(|round| **round == address).count()).unwrap_or(u64::MAX)
    };
    let state = match (round.settled, round.open) {
        (0, 0) => "to be settled",
        (0, _) => "contested",
        _ => "settled, with seats to free",
    };
    [
        u64::from(round.round.window).into(),
        address.into(),
        state.into(),
        Atoms(round.due).into(),
        Atoms(round.held).into(),
        count(disputes).into(),
        count(challenges).into(),
        sla.terms.settles_at(round.round.window).ok().into(),
    ]
}
