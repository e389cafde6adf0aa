//! Entering the registry that committees are drawn from, and leaving it.

use anyhow::{Context, Result};
use flashback_core::CoreError;
use flashback_core::admission::check_oracle;
use flashback_core::committee::{DRAWS_HELD_SLOTS, check_removal};
use flashback_core::units::Atoms;
use flashback_sdk::account::{Oracle, RegistryEntry, SubjectKind};
use flashback_sdk::instruction as build;
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;

use crate::act::Act;
use crate::output::Fact;

/// Whether an oracle could be drawn now, if it had to have that much bonded.
async fn eligible(client: &Flashback, oracle: &Oracle, least: Atoms) -> Result<()> {
    let authority = oracle.authority;
    let certificate = client.certificate(SubjectKind::Oracle, &authority).await?;
    let certificate = certificate.ok_or(Error::Rule(CoreError::CertificateMissing));
    let certificate = certificate.with_context(|| format!("{authority} is not certified"))?;
    let bonded = Atoms(oracle.stake.bonded);
    let now = client.now().await?;
    check_oracle(bonded, least, &certificate.certification(), now)
        .map_err(Error::from)
        .with_context(|| format!("an oracle has {least} staked at least, and this one {bonded}"))
}

pub async fn join(client: &Flashback) -> Result<Act> {
    let key = client.key();
    let oracle = client.oracle(&key).await?;
    if oracle.joined != 0 {
        let said = if oracle.serves() {
            "there is nothing to do"
        } else {
            "it has left: `flashback oracle leave` removes its old entry first"
        };
        return Err(Error::Rule(CoreError::OracleAlreadyJoined)).context(said);
    }
    eligible(client, &oracle, Atoms(client.config().await?.params.min_stake)).await?;
    Ok(Act::new("joined the registry", client.join_registry())
        .fact("oracle", address::oracle(&key))
        .fact("registry", address::registry())
        .fact("free_stake", oracle.stake.free()))
}

pub async fn leave(client: &Flashback, authority: Pubkey) -> Result<Act> {
    let oracle = client.oracle(&authority).await?;
    let entries = client.registry().await?.entries;
    let entry = entries.iter().find(|entry| entry.oracle == authority);
    let entry = entry.ok_or(Error::Rule(CoreError::OracleNotRegistered))?;
    let leave = build::leave_registry(client.key(), &authority, entry.rent_payer);
    let prepared = client.prepare([leave]);
    if !oracle.serves() {
        let slot = client.rpc().get_slot().await.map_err(Error::from)?;
        check_removal(entry.out_slot, slot).map_err(Error::from).with_context(|| {
            let out = entry.out_slot;
            format!("it left in slot {out}, its entry stays {DRAWS_HELD_SLOTS} slots more, and this is slot {slot}")
        })?;
        return Ok(Act::new("entry removed from the registry", prepared)
            .fact("oracle", address::oracle(&authority))
            .fact("rent_to", entry.rent_payer)
            .fact("rent", Fact::lamports(entry.rent_paid)));
    }
    if authority != client.key() {
        may_be_taken_out(client, &oracle, entry).await?;
    }
    Ok(Act::new("left the registry", prepared)
        .fact("oracle", address::oracle(&authority))
        .fact("seats_held", u64::from(oracle.seats))
        .ask(format!("Take the oracle {authority} out of the registry?")))
}

/// Refuses to take an oracle out that still serves.
async fn may_be_taken_out(
    client: &Flashback,
    oracle: &Oracle,
    entry: &RegistryEntry,
) -> Result<()> {
    // One that is out already had its certificate revoked.
    if entry.out_slot > 0 {
        return Ok(());
    }
    // What was enough when it joined stays enough.
    let least = client.config().await?.params.min_stake.min(entry.min_stake);
    match eligible(client, oracle, Atoms(least)).await {
        Ok(()) => Err(Error::Rule(CoreError::OracleServes).into()),
        Err(error) if is_a_rules(&error) => Ok(()),
        Err(error) => Err(error),
    }
}

fn is_a_rules(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| matches!(cause.downcast_ref(), Some(Error::Rule(_))))
}
