//! What a transaction holds, so that who signs it knows what it signs.

use std::collections::HashSet;

use anyhow::Result;
use flashback_sdk::{OfflineTransaction, address};
use serde_json::Value;
use solana_sdk::message::VersionedMessage;
use solana_sdk::message::compiled_instruction::CompiledInstruction;
use solana_sdk::pubkey::Pubkey;

use super::known::decode;
use crate::idl::{AccountName, hex};
use crate::output::{Fact, Report};

/// Which addresses the runtime keeps from being written is its own affair.
const NONE_RESERVED: Option<&HashSet<Pubkey>> = None;

/// Rows of the tables about instructions.
#[derive(Default)]
struct Rows {
    instructions: Vec<[Fact; 3]>,
    arguments: Vec<[Fact; 3]>,
    accounts: Vec<[Fact; 4]>,
}

/// Everything about it that can be known without asking a server.
pub fn report(transaction: &OfflineTransaction) -> Result<Report> {
    let message = &transaction.transaction().message;
    let budget = transaction.budget();
    let payer = message.static_account_keys().first().copied();
    let report = Report::new("transaction").fact("fee_payer", payer);
    let hash = message.recent_blockhash().to_string();
    let report = match transaction.nonce() {
        Some(nonce) => report
            .fact("nonce_account", nonce)
            .fact("nonce", hash)
            .fact("valid", "until the nonce advances"),
        None => {
            report.fact("blockhash", hash).fact("valid", "for about a minute after it was made")
        }
    };
    let report = report
        .fact("fee_at_most", Fact::lamports(budget.fee))
        .fact("compute_unit_limit", budget.compute_unit_limit.map(u64::from))
        .fact("compute_unit_price", budget.compute_unit_price)
        .fact("loaded_bytes_limit", budget.data_limit.map(u64::from));

    let signed = transaction.signatures();
    let signers = usize::from(message.header().num_required_signatures);
    let signers = message.static_account_keys().iter().take(signers);
    let signers = signers.map(|key| {
        let signature = signed.iter().find(|(signer, _)| signer == key);
        [(*key).into(), signature.map_or("missing".into(), |(_, s)| s.to_string().into())]
    });
    let mut rows = Rows::default();
    for (index, instruction) in message.instructions().iter().enumerate() {
        rows.add(u64::try_from(index.saturating_add(1))?, message, instruction);
    }
    Ok(report
        .table("signers", ["signer", "signature"], signers.collect())
        .table("instructions", ["number", "program", "instruction"], rows.instructions)
        .table("arguments", ["number", "argument", "value"], rows.arguments)
        .table("accounts", ["number", "account", "address", "access"], rows.accounts))
}

impl Rows {
    fn add(&mut self, number: u64, message: &VersionedMessage, instruction: &CompiledInstruction) {
        let program = account(message, instruction.program_id_index);
        let decoded = program.as_ref().ok().and_then(|key| decode(key, &instruction.data));
        let names = match decoded {
            Some(decoded) => {
                self.instructions.push([
                    number.into(),
                    decoded.program.into(),
                    decoded.name.into(),
                ]);
                for (name, value) in decoded.arguments {
                    self.arguments.push([number.into(), name.into(), argument(value)]);
                }
                decoded.accounts
            }
            None => {
                let program = program.map_or_else(|entry| entry, |key| key.to_string());
                self.instructions.push([number.into(), program.into(), "not decoded".into()]);
                let data = hex(&instruction.data);
                self.arguments.push([number.into(), "data".into(), data.into()]);
                vec![]
            }
        };
        for (index, place) in instruction.accounts.iter().enumerate() {
            self.accounts.push(row(number, index, names.get(index), message, *place));
        }
    }
}

fn row(
    number: u64,
    index: usize,
    name: Option<&AccountName>,
    message: &VersionedMessage,
    place: u8,
) -> [Fact; 4] {
    let found = account(message, place);
    let optional = name.is_some_and(|name| name.optional);
    let name = name.map_or_else(|| format!("#{}", index.saturating_add(1)), |n| n.name.clone());
    if optional && found == Ok(address::PROGRAM) {
        return [number.into(), name.into(), None::<Fact>.into(), "".into()];
    }
    let (signs, writes) = (signs(message, place), writes(message, place));
    let access = match (signs, writes) {
        (true, true) => "signs, written",
        (true, false) => "signs",
        (false, true) => "written",
        (false, false) => "read",
    };
    let found = found.map_or_else(|entry| entry, |key| key.to_string());
    [number.into(), name.into(), found.into(), access.into()]
}

/// The account at that place; of one in a lookup table only where it stands there.
fn account(message: &VersionedMessage, place: u8) -> Result<Pubkey, String> {
    let keys = message.static_account_keys();
    if let Some(key) = keys.get(usize::from(place)) {
        return Ok(*key);
    }
    let mut beyond = usize::from(place).saturating_sub(keys.len());
    let tables = message.address_table_lookups().unwrap_or_default();
    let writable = tables.iter().map(|table| (table.account_key, &table.writable_indexes));
    let readable = tables.iter().map(|table| (table.account_key, &table.readonly_indexes));
    for (table, entries) in writable.chain(readable) {
        match entries.get(beyond) {
            Some(entry) => return Err(format!("entry {entry} of table {table}")),
            None => beyond = beyond.saturating_sub(entries.len()),
        }
    }
    Err("no account".to_owned())
}

fn signs(message: &VersionedMessage, place: u8) -> bool {
    place < message.header().num_required_signatures
}

fn writes(message: &VersionedMessage, place: u8) -> bool {
    message.is_maybe_writable_with_reserved_addresses(usize::from(place), NONE_RESERVED)
}

fn argument(value: Value) -> Fact {
    match value {
        Value::String(text) => Fact::untrusted(&text),
        Value::Number(number) => match number.as_u64() {
            Some(number) => number.into(),
            None => number.to_string().into(),
        },
        Value::Bool(yes) => yes.into(),
        other => other.to_string().into(),
    }
}
