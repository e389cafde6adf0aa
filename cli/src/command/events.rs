//! `flashback events`: what the program has done and does, event by event.

use std::io::Write;

use anyhow::{Context, Result};
use clap::Args;
use flashback_sdk::event::FlashbackEvent;
use flashback_sdk::subscription::{Observed, Start, Subscription};
use flashback_sdk::{Error, address};
use serde_json::{Map, Value, json};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use crate::arguments::OutputFormat;
use crate::command::transaction::units;
use crate::idl;
use crate::output::described;
use crate::progress::announce;
use crate::quantity;
use crate::settings::Settings;

/// Which events.
#[derive(Debug, Args)]
pub struct EventsArgs {
    /// Only events that name this SLA
    #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
    sla: Option<Pubkey>,
    /// Only events that name this provider, by its authority or its account
    #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
    provider: Option<Pubkey>,
    /// Only events that name this data unit
    #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
    unit: Option<Pubkey>,
    /// Only events that name this oracle, by its authority or its account
    #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
    oracle: Option<Pubkey>,
    /// Go on with what happens, until Ctrl-C; without --since only that
    #[arg(long)]
    follow: bool,
    /// Begin behind this transaction of the program [default: with all that the server remembers]
    #[arg(long, value_name = "SIGNATURE", value_parser = quantity::signature)]
    since: Option<Signature>,
}

impl EventsArgs {
    /// For each of the filters the addresses of which an event has to name one.
    fn wanted(&self) -> Vec<Vec<String>> {
        let accounts = [
            self.sla.map(|sla| vec![sla]),
            self.unit.map(|unit| vec![unit]),
            self.provider.map(|key| vec![key, address::provider(&key)]),
            self.oracle.map(|key| vec![key, address::oracle(&key)]),
        ];
        let texts = |keys: Vec<Pubkey>| keys.iter().map(Pubkey::to_string).collect();
        accounts.into_iter().flatten().map(texts).collect()
    }
}

pub async fn run(args: EventsArgs, settings: &Settings) -> Result<()> {
    let client = settings.reader()?;
    let start = match args.since {
        Some(signature) => Start::After(signature),
        None if args.follow => Start::Now,
        None => Start::Genesis,
    };
    let last = if args.follow { None } else { Some(client.newest_transaction().await?) };
    if last == Some(None) {
        return Ok(());
    }
    let mut events = client.events(start).await?;
    let wanted = args.wanted();
    while let Some(next) = next(&mut events, last.flatten()).await {
        match next {
            Ok(observed) => {
                if let Some(line) = line(&observed, &wanted, settings.output())?
                    && !print(&line)?
                {
                    break;
                }
            }
            // What follows can still be told.
            Err(error @ (Error::LogsTruncated { .. } | Error::EventUndecoded { .. })) => {
                announce(&format!("warning: {error}"));
            }
            Err(error @ (Error::Network(_) | Error::Rpc(_))) if args.follow => {
                announce(&format!("warning: {error}; still trying"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The next event; `None` once all up to the last transaction was told, if there is a last one.
async fn next(
    events: &mut Subscription,
    last: Option<(u64, Signature)>,
) -> Option<flashback_sdk::Result<Observed>> {
    match last {
        Some(last) => events.next_until(last).await.transpose(),
        None => Some(events.next().await),
    }
}

/// An event's line, if it is wanted.
fn line(
    observed: &Observed,
    wanted: &[Vec<String>],
    format: OutputFormat,
) -> Result<Option<String>> {
    let name = observed.event.name();
    let fields = fields(&observed.event).with_context(|| format!("{name} is not in the IDL"))?;
    let names = |addresses: &Vec<String>| {
        let texts = fields.iter().filter_map(|(_, value)| value.as_str());
        texts.into_iter().any(|text| addresses.iter().any(|address| address == text))
    };
    if !wanted.iter().all(names) {
        return Ok(None);
    }
    let signature = observed.signature.to_string();
    if format == OutputFormat::Display {
        let fields: Vec<String> = fields
            .into_iter()
            .map(|(name, value)| format!("{name}={}", units::of_flashback(&name, value)))
            .collect();
        let fields = fields.join(" ");
        return Ok(Some(format!("{} {name} {fields} signature={signature}", observed.slot)));
    }
    let fields: Map<String, Value> = fields.into_iter().collect();
    let index = observed.index;
    let slot = observed.slot;
    let all = json!({
        "event": name, "slot": slot, "signature": signature, "index": index, "fields": fields,
    });
    described::check(&all);
    Ok(Some(all.to_string()))
}

/// An event's fields by their paths.
fn fields(event: &FlashbackEvent) -> Option<Vec<(String, Value)>> {
    idl::event(event.name(), &event.encode())
}

/// Prints a line; false if nobody reads any more.
fn print(line: &str) -> Result<bool> {
    let mut stdout = std::io::stdout().lock();
    match writeln!(stdout, "{line}").and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error).context("cannot write to standard output"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flashback_sdk::event::{MaintenanceAnnounced, SlaRejected, UnitListed};

    fn observed(sla: Pubkey, by: Pubkey) -> Observed {
        let event = FlashbackEvent::from(SlaRejected { sla, by, refund: 9 });
        Observed { signature: Signature::default(), slot: 7, index: 0, event }
    }

    fn wanted(sla: Option<Pubkey>, provider: Option<Pubkey>) -> Vec<Vec<String>> {
        let args =
            EventsArgs { sla, provider, unit: None, oracle: None, follow: false, since: None };
        args.wanted()
    }

    #[test]
    fn only_events_that_name_all_addresses_are_told() {
        let [sla, by, other] = [(); 3].map(|()| Pubkey::new_unique());
        let event = observed(sla, by);
        let told =
            |wanted: &[Vec<String>]| line(&event, wanted, OutputFormat::Display).unwrap().is_some();
        assert!(told(&wanted(None, None)));
        assert!(told(&wanted(Some(sla), None)));
        assert!(told(&wanted(Some(sla), Some(by))));
        assert!(!told(&wanted(Some(sla), Some(other))));
        assert!(!told(&wanted(Some(other), None)));
        let account = observed(sla, address::provider(&by));
        let told = line(&account, &wanted(None, Some(by)), OutputFormat::Display).unwrap();
        assert!(told.is_some(), "by its account");
    }

    #[test]
    fn a_line_is_one_event() {
        let (sla, by) = (Pubkey::new_unique(), Pubkey::new_unique());
        let event = observed(sla, by);
        let text = line(&event, &[], OutputFormat::Display).unwrap().unwrap();
        let signature = Signature::default();
        let fields = format!("sla={sla} by={by} refund=0.000009 FLASH");
        assert_eq!(text, format!("7 SlaRejected {fields} signature={signature}"));
        let json = line(&event, &[], OutputFormat::Json).unwrap().unwrap();
        assert!(!json.contains('\n'));
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["event"], "SlaRejected");
        assert_eq!(json["fields"]["sla"], sla.to_string());
        assert_eq!(json["fields"]["refund"], 9);
    }

    #[test]
    fn people_read_units_and_programs_integers() {
        let [unit, provider] = [(); 2].map(|()| Pubkey::new_unique());
        let listed = UnitListed {
            unit,
            provider,
            id: 3,
            capacity_gib: 10_240,
            price_per_gib_month: 20_000,
            offer_version: 1,
        };
        let maintenance = MaintenanceAnnounced { unit, starts_at: 1_796_182_043, secs: 7_200 };
        let of = |event: FlashbackEvent| Observed { event, ..observed(unit, provider) };
        for (event, text, name, number) in [
            (
                of(listed.into()),
                "id=3 capacity_gib=10 TiB price_per_gib_month=0.02 FLASH per GiB and 30 days offer_version=1 ",
                "price_per_gib_month",
                20_000,
            ),
            (
                of(maintenance.into()),
                "starts_at=2026-12-02 03:27:23 UTC secs=2h ",
                "starts_at",
                1_796_182_043,
            ),
        ] {
            let told = line(&event, &[], OutputFormat::Display).unwrap().unwrap();
            assert!(told.contains(text), "{told}");
            let json = line(&event, &[], OutputFormat::Json).unwrap().unwrap();
            let json: Value = serde_json::from_str(&json).unwrap();
            assert_eq!(json["fields"][name], number);
        }
    }
}
