//! `flashback sla propose`.

use anyhow::{Context, Result};
use clap::Args;
use flashback_core::units::{Atoms, Gib, Seconds};
use flashback_sdk::quote::Reservation;
use flashback_sdk::{Flashback, address};
use solana_sdk::pubkey::Pubkey;

use crate::exit::usage;
use crate::output::{Fact, Report};
use crate::quantity;

/// What to reserve.
#[derive(Debug, Args)]
pub struct Propose {
    /// The provider's authority
    #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
    provider: Pubkey,
    /// The provider's number of the unit
    #[arg(long, value_name = "NUMBER")]
    unit: u64,
    /// Capacity, such as 1TiB
    #[arg(long, value_name = "SIZE", value_parser = quantity::capacity)]
    size: Gib,
    /// For how long: a whole number of windows
    #[arg(long = "for", value_name = "SPAN", value_parser = quantity::duration)]
    duration: Seconds,
    /// Length of a window, each measured and settled for itself
    #[arg(long, value_name = "SPAN", default_value = "1d", value_parser = quantity::duration)]
    window: Seconds,
    /// Oracles that judge it, 3 or 5
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    seats: u8,
    /// The most that price and fees may come to [default: what is quoted now]
    #[arg(long, value_name = "AMOUNT", value_parser = quantity::flash)]
    max_total: Option<Atoms>,
    /// The consumer's number for it [default: the first free one]
    #[arg(long, value_name = "NUMBER")]
    id: Option<u64>,
    /// Also seat the committee, as soon as it can be drawn
    #[arg(long)]
    seat: bool,
    /// Only quote
    #[arg(long, conflicts_with = "seat")]
    dry_run: bool,
}

impl Propose {
    fn reservation(&self) -> Result<Reservation> {
        let whole = self.duration.0.is_multiple_of(self.window.0);
        let windows = u16::try_from(self.duration.0 / self.window.0).ok().filter(|_| whole);
        let windows = windows.ok_or_else(|| {
            usage(format!(
                "{} s is no whole number of at most 65,534 windows of {} s: change --for or --window",
                self.duration.0, self.window.0
            ))
        })?;
        Ok(Reservation {
            capacity: self.size,
            window: self.window,
            windows,
            seats: self.seats,
            thresholds: None,
            max_total: self.max_total,
        })
    }
}

pub async fn propose(client: &Flashback, wanted: &Propose) -> Result<Report> {
    let reservation = wanted.reservation()?;
    let quoted = client.quote(&wanted.provider, wanted.unit, &reservation).await?;
    let quote = &quoted.quote;
    let [uptime, errors] = quote.terms.effective_rates()?;
    let priced = |report: Report| -> Report {
        report
            .maybe("enforced_uptime", uptime.map(|failures| Fact::success_rate(failures.0)))
            .maybe("enforced_success", errors.map(|failures| Fact::success_rate(failures.0)))
            .fact("size", wanted.size)
            .fact("windows", u64::from(reservation.windows))
            .fact("window", wanted.window)
            .fact("price", Atoms(quote.terms.price))
            .fact("fees_at_most", quote.fee_reserve)
            .fact("deposit", quote.deposit)
            .fact("provider_cover", Atoms(quote.terms.cover))
    };
    if wanted.dry_run {
        return Ok(priced(Report::new("quote")));
    }
    let consumer = client.key();
    let id = match wanted.id {
        Some(id) => id,
        None => first_free(client, &consumer).await?,
    };
    let sla = address::sla(&consumer, id);
    let before = client.balance(&consumer).await?;
    if before < quote.deposit {
        return Err(usage(format!(
            "the deposit is {}, and {consumer} has {before} in its FLASH token account",
            quote.deposit
        )));
    }
    let receipt =
        client.propose_sla(&wanted.provider, wanted.unit, id, &quoted).await?.send().await?;
    let escrow = client.tokens(&address::escrow(&sla)).await?;
    let agreed = client.sla(&sla).await?.body.was_agreed();
    let title = match (agreed, wanted.seat) {
        (false, _) => {
            "proposed: the provider has to accept it before the deadline, else it expires"
        }
        (true, true) => "reserved",
        (true, false) => {
            "reserved: now seat its committee within about 100 s, with `flashback sla seat` (or propose with --seat)"
        }
    };
    let report = Report::new(title)
        .signed(&receipt)
        .fact("sla", sla)
        .fact("number", id)
        .fact("escrow", address::escrow(&sla));
    let report = priced(report).amount("wallet", before, client.balance(&consumer).await?).amount(
        "escrow",
        Atoms::ZERO,
        escrow,
    );
    if agreed && wanted.seat { super::seated(client, sla, report).await } else { Ok(report) }
}

/// The lowest number that the consumer has no SLA under.
async fn first_free(client: &Flashback, consumer: &Pubkey) -> Result<u64> {
    const TRIED: u64 = 100;
    let addresses: Vec<Pubkey> = (1..=TRIED).map(|id| address::sla(consumer, id)).collect();
    let rpc = client.rpc();
    let found = rpc.get_multiple_accounts_with_commitment(&addresses, rpc.commitment()).await;
    let found = found.map_err(flashback_sdk::Error::from)?.value;
    let free = (1..).zip(found).find(|(_, account)| account.is_none());
    free.map(|(id, _)| id).context("this consumer has 100 SLAs: choose a number with --id")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(duration: u32, window: u32) -> Propose {
        Propose {
            provider: Pubkey::default(),
            unit: 1,
            size: Gib(1),
            duration: Seconds(duration),
            window: Seconds(window),
            seats: 3,
            max_total: None,
            id: None,
            seat: false,
            dry_run: false,
        }
    }

    #[test]
    fn durations_are_whole_windows() {
        assert_eq!(wanted(2_592_000, 86_400).reservation().unwrap().windows, 30);
        assert!(wanted(100_000, 86_400).reservation().is_err());
        assert!(wanted(86_400, 1).reservation().is_err());
    }
}
