//! Looking at oracles, the registry and an oracle's seats.

use anyhow::Result;
use flashback_core::committee::REGISTRY_MAX;
use flashback_core::sla::SlaState;
use flashback_core::text::padded_text;
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::{Oracle, RegistryEntry, Sla, SubjectKind};
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;

use crate::command::sla::word;
use crate::output::{Arrangement, Fact, Report};

/// How an oracle stands in the registry.
fn standing(oracle: &Oracle) -> Fact {
    match oracle.joined {
        0 => Fact::worded("not in the registry", "not_joined"),
        1 => Fact::worded("in the registry", "joined"),
        _ => Fact::worded("has left, and its entry is still there", "left"),
    }
}

pub async fn show(client: &Flashback, authority: Pubkey) -> Result<Report> {
    let oracle = client.oracle(&authority).await?;
    let (address, now) = (address::oracle(&authority), client.now().await?);
    let certificate = client.certificate(SubjectKind::Oracle, &authority).await?;
    let report = Report::new("oracle")
        .fact("oracle", address)
        .fact("oracle_authority", oracle.authority)
        .fact("x25519", Fact::digest(&oracle.x25519))
        .fact("records_url", padded_text(&oracle.records_url))
        .fact("registered", Timestamp(oracle.registered_at))
        .fact("registry_state", standing(&oracle))
        .fact("seats_held", u64::from(oracle.seats))
        .fact("score", Fact::score(oracle.score().at(now).map_err(Error::from)?.milli))
        .fact("stake_vault", address::stake_vault(&address))
        .fact("bonded_stake", Atoms(oracle.stake.bonded))
        .fact("covered_stake", Atoms(oracle.stake.covered))
        .fact("free_stake", oracle.stake.free())
        .fact("slashed", Atoms(oracle.slashed))
        .fact("voided_reports", oracle.voided);
    let report = match certificate {
        Some(certificate) => report
            .fact("certificate_level", u64::from(certificate.level))
            .fact("certified_until", Timestamp(certificate.expires_at))
            .fact("certifier_authority", certificate.certifier),
        None => report.fact("certificate_level", Fact::none("none: a certifier has to give one")),
    };
    let under_way = oracle.stake.unbonding.iter().filter(|one| one.amount > 0);
    let rows =
        under_way.map(|one| [Atoms(one.amount).into(), Timestamp(one.release_at).into()]).collect();
    Ok(report.table("unbonding", ["amount", "withdrawable_from"], rows))
}

/// A row for each entry of the registry.
pub const ORACLES: [&str; 6] =
    ["oracle_authority", "state", "free_stake", "certified_until", "joined_slot", "out_slot"];

pub async fn list(client: &Flashback, arrangement: &Arrangement) -> Result<Report> {
    let (registry, now) = (client.registry().await?, client.now().await?);
    let entries = &registry.entries;
    let rows = entries.iter().map(|entry| {
        [
            entry.oracle.into(),
            Fact::name(state(entry, now)),
            Atoms(entry.free_stake).into(),
            Timestamp(entry.certified_until).into(),
            entry.joined_slot.into(),
            (entry.out_slot > 0).then_some(entry.out_slot).into(),
        ]
    });
    let count = u64::try_from(entries.len())?;
    let room = u64::try_from(REGISTRY_MAX.saturating_sub(entries.len()))?;
    Report::new("registry of oracles")
        .fact("registry", address::registry())
        .fact("entries", count)
        .fact("room", room)
        .list("oracles", ORACLES, rows.collect(), arrangement)
}

/// What an entry means for draws to come.
fn state(entry: &RegistryEntry, now: Timestamp) -> &'static str {
    if entry.out_slot > 0 {
        "out"
    } else if entry.certified_until <= now.0 {
        "certificate_expired"
    } else {
        "can_be_drawn"
    }
}

/// A row for each seat of an oracle.
pub const SLAS: [&str; 8] = [
    "sla",
    "state",
    "seat",
    "next_window",
    "reports_from",
    "reports_until",
    "oracle_fees",
    "absences_owed",
];

pub async fn slas(
    client: &Flashback,
    authority: Pubkey,
    arrangement: &Arrangement,
) -> Result<Report> {
    let found = client.slas_of_oracle(&authority).await?;
    let mut rows = vec![];
    for (address, sla) in &found.accounts {
        rows.extend(seats(*address, sla, &authority)?);
    }
    Ok(Report::new("seats of the oracle")
        .fact("oracle", address::oracle(&authority))
        .fact("oracle_authority", authority)
        .list("slas", SLAS, rows, arrangement)?
        .skipped(&found.skipped))
}

/// A row for each seat that an oracle has in an SLA.
fn seats(address: Pubkey, sla: &Sla, authority: &Pubkey) -> Result<Vec<[Fact; 8]>> {
    let (terms, progress) = (&sla.body.terms, &sla.body.progress);
    let state = progress.state().map_err(Error::from)?;
    // Reports are due while windows are to be settled.
    let window =
        (state == SlaState::Active && progress.cursor < progress.end).then_some(progress.cursor);
    let opens = window.map(|window| terms.report_opens(window)).transpose().map_err(Error::from)?;
    let closes =
        window.map(|window| terms.report_closes(window)).transpose().map_err(Error::from)?;
    let figures = sla.body.seats.fees.iter().zip(&sla.body.seats.absence_owed);
    let seats = (0u64..).zip(sla.seats.iter().zip(figures));
    let rows = seats.filter(|(_, (key, _))| *key == authority).map(|(seat, (_, (fees, owed)))| {
        [
            address.into(),
            word(&Ok(state)).into(),
            seat.into(),
            window.map(u64::from).into(),
            opens.into(),
            closes.into(),
            Atoms(*fees).into(),
            Atoms(*owed).into(),
        ]
    });
    Ok(rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flashback_sdk::account::FlashbackAccount;

    #[test]
    fn an_entry_is_out_expired_or_drawn() {
        let entry = RegistryEntry {
            oracle: Pubkey::new_unique(),
            rent_payer: Pubkey::default(),
            joined_slot: 1,
            free_stake: 0,
            certified_until: 100,
            rent_paid: 0,
            out_slot: 0,
            min_stake: 0,
        };
        assert_eq!(state(&entry, Timestamp(99)), "can_be_drawn");
        assert_eq!(state(&entry, Timestamp(100)), "certificate_expired");
        let out = RegistryEntry { out_slot: 7, ..entry };
        assert_eq!(state(&out, Timestamp(99)), "out");
    }

    #[test]
    fn an_oracles_seats_are_told_by_their_numbers() {
        let mut sla = Sla::decode_body(&[0; size_of::<Sla>()]).unwrap();
        let (oracle, other) = (Pubkey::new_unique(), Pubkey::new_unique());
        (sla.seats[0], sla.seats[2]) = (other, oracle);
        (sla.body.seats.fees[0], sla.body.seats.fees[2]) = (5, 7);
        sla.body.progress.state = SlaState::Active.code();
        (sla.body.progress.cursor, sla.body.progress.end) = (1, 3);
        let terms = &mut sla.body.terms;
        (terms.start, terms.windows, terms.window_secs) = (1_000, 3, 400);

        let rows = seats(Pubkey::default(), &sla, &oracle).unwrap();
        let texts: Vec<String> = rows[0].iter().skip(1).map(Fact::to_string).collect();
        let (from, until) = ("1970-01-01 00:30:00 UTC", "1970-01-01 00:31:40 UTC");
        assert_eq!(texts, ["active", "2", "1", from, until, "0.000007 FLASH", "0 FLASH"]);
        assert_eq!(rows.len(), 1);
        sla.body.progress.end = 1;
        let rows = seats(Pubkey::default(), &sla, &oracle).unwrap();
        assert_eq!(rows[0][3].to_string(), "-", "nothing is left to report");
        assert!(seats(Pubkey::default(), &sla, &Pubkey::new_unique()).unwrap().is_empty());
    }
}
