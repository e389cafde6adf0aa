//! Transactions that have landed: one of them whole, and those that touched an address.

use anyhow::{Context, Result, bail};
use clap::Args;
use flashback_core::units::Atoms;
use flashback_sdk::error::{Cause, Failure};
use flashback_sdk::{Balances, Flashback, Landed, Touch};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use super::show::{self, Beside};
use super::units;
use crate::idl;
use crate::output::{Fact, Report};
use crate::quantity;

/// Which transactions.
#[derive(Debug, Args)]
pub struct History {
    /// The address: a wallet, a program, or any account
    #[arg(value_name = "ADDRESS", value_parser = quantity::address)]
    address: Pubkey,
    /// Only those that are older than this transaction
    #[arg(long, value_name = "SIGNATURE", value_parser = quantity::signature)]
    before: Option<Signature>,
    /// Only those that are newer than this transaction
    #[arg(long, value_name = "SIGNATURE", value_parser = quantity::signature)]
    until: Option<Signature>,
    /// How many at most, the newest first
    #[arg(long, value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// A transaction as its server remembers it.
pub async fn show(client: &Flashback, signature: Signature) -> Result<Report> {
    let Some(landed) = client.landed(&signature).await? else {
        bail!(
            "the server does not know the transaction {signature}: it has not landed, is not confirmed yet, is older than \
             what this server remembers, or is of another chain (see --url)"
        );
    };
    // Without Flashback on the chain there is no FLASH.
    let flash_mint = client.mint().await.ok();
    let report = Report::new("transaction")
        .fact("signature", signature.to_string())
        .fact("slot", landed.slot)
        .fact("time", landed.time);
    let report = outcome(report, landed.failure.as_ref());
    let report = show::lifetime(report, &landed.transaction)
        .fact("fee", Fact::lamports(landed.fee))
        .fact("compute_units", landed.compute_units);
    let beside = Beside { looked_up: &landed.looked_up, flash_mint };
    let report = show::contents(report, &landed.transaction, beside)?;
    let (mut events, mut fields) = (vec![], vec![]);
    for (event, number) in landed.events().into_iter().zip(1u64..) {
        let event = match event {
            Ok(event) => event,
            Err(why) => {
                events.push([number.into(), Fact::untrusted(&format!("not decoded: {why}"))]);
                continue;
            }
        };
        let name = event.name();
        let found = idl::event(name, &event.encode());
        let found = found.with_context(|| format!("{name} is not in the IDL"))?;
        events.push([number.into(), name.into()]);
        fields.extend(found.into_iter().map(|(path, value)| {
            let value = units::of_flashback(&path, value);
            [number.into(), path.into(), value]
        }));
    }
    let report = changes(report, &landed, flash_mint);
    let report = report.table("events", ["number", "event"], events).table(
        "event_fields",
        ["number", "field", "value"],
        fields,
    );
    Ok(match landed.logs {
        Some(logs) => report.lines("logs", logs),
        None => report.fact("logs", None::<Fact>),
    })
}

/// Adds what accounts held before and after, of those that changed.
pub fn changes(report: Report, landed: &Landed, flash_mint: Option<Pubkey>) -> Report {
    let changed = landed.balances.iter().filter(|it| {
        it.lamports_before != it.lamports_after || it.tokens_before != it.tokens_after
    });
    let changes = changed.map(|balances| change(balances, flash_mint)).collect();
    let columns = ["account", "sol_before", "sol_after", "flash_before", "flash_after"];
    report.table("account_changes", columns, changes)
}

/// An account's SOL and, if it holds any, FLASH, as a dry run has them.
fn change(balances: &Balances, flash_mint: Option<Pubkey>) -> [Fact; 5] {
    let holds_flash = flash_mint.is_some() && balances.mint == flash_mint;
    let flash = |tokens: Option<u64>| tokens.filter(|_| holds_flash).map(Atoms).into();
    [
        balances.address.into(),
        Fact::lamports(balances.lamports_before),
        Fact::lamports(balances.lamports_after),
        flash(balances.tokens_before),
        flash(balances.tokens_after),
    ]
}

/// Adds what it came to.
fn outcome(report: Report, failure: Option<&Failure>) -> Report {
    let Some(failure) = failure else { return report.fact("outcome", "ok") };
    let number =
        failure.core().map(|rule| u64::from(rule.number())).or(failure.anchor().map(u64::from));
    report
        .fact("outcome", "failed")
        .fact("error", Fact::untrusted(&text(failure)))
        .fact("error_name", Fact::untrusted(&name(&failure.cause)))
        .fact("error_number", number)
        .fact(
            "failed_instruction",
            failure.instruction.map(|index| u64::from(index).saturating_add(1)),
        )
}

/// Why it failed; the instruction is told by its number elsewhere.
fn text(failure: &Failure) -> String {
    Failure { instruction: None, ..failure.clone() }.to_string()
}

/// The error's name where it is defined.
fn name(cause: &Cause) -> String {
    match cause {
        Cause::Rule(error) => format!("{error:?}"),
        Cause::Anchor { name, .. } => name.clone(),
        Cause::Token(error) => format!("{error:?}"),
        Cause::System(error) => format!("{error:?}"),
        Cause::Instruction(error) => format!("{error:?}"),
        Cause::Transaction(error) => format!("{error:?}"),
        // The list may grow.
        other => format!("{other:?}"),
    }
}

/// The transactions that touched an address, newest first.
pub async fn history(client: &Flashback, args: &History) -> Result<Report> {
    let limit = usize::try_from(args.limit)?;
    let touches = client.history(&args.address, args.before, args.until, limit).await?;
    let columns = ["signature", "slot", "time", "outcome", "error", "error_name", "memo"];
    Ok(Report::new("transactions, the newest first").fact("address", args.address).table(
        "transactions",
        columns,
        touches.iter().map(row).collect(),
    ))
}

fn row(touch: &Touch) -> [Fact; 7] {
    let failure = touch.failure.as_ref();
    [
        touch.signature.to_string().into(),
        touch.slot.into(),
        touch.time.into(),
        if failure.is_some() { "failed" } else { "ok" }.into(),
        failure.map(|failure| Fact::untrusted(&text(failure))).into(),
        failure.map(|failure| Fact::untrusted(&name(&failure.cause))).into(),
        touch.memo.as_deref().map(|memo| Fact::untrusted(memo_text(memo))).into(),
    ]
}

/// A single memo without the length that servers put before it; several as they are.
fn memo_text(listed: &str) -> &str {
    let text = listed.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    match text {
        Some((length, text)) if length.parse() == Ok(text.len()) => text,
        _ => listed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Programs log what they like, also what looks like an error of Anchor's.
    #[test]
    fn what_strangers_log_steers_no_terminal() {
        let wild = "\u{1b}[2J".to_owned();
        let cause = Cause::Anchor { number: 2001, name: wild.clone(), account: Some(wild) };
        let failure = Failure { instruction: None, program: None, cause, logs: vec![] };
        let text = outcome(Report::new("transaction"), Some(&failure)).text();
        assert!(text.matches(r"\u{1b}[2J").count() == 3 && !text.contains('\u{1b}'), "{text}");
        let touch = Touch {
            signature: Signature::default(),
            slot: 1,
            time: None,
            failure: Some(failure),
            memo: None,
        };
        let row = row(&touch).map(|fact| fact.to_string());
        assert!(row.iter().all(|shown| !shown.contains('\u{1b}')), "{row:?}");
    }

    #[test]
    fn a_memo_is_told_without_its_length() {
        for (listed, text) in [
            ("[5] hello", "hello"),
            ("[3] \u{e4}b", "\u{e4}b"),
            ("[1] a; [1] b", "[1] a; [1] b"),
            ("[9] hello", "[9] hello"),
            ("hello", "hello"),
            ("[0] ", ""),
        ] {
            assert_eq!(memo_text(listed), text);
        }
    }
}
