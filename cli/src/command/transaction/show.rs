//! What a transaction holds, so that who signs it knows what it signs.

use std::collections::HashSet;

use anyhow::Result;
use flashback_sdk::{OfflineTransaction, address};
use serde_json::Value;
use solana_sdk::message::VersionedMessage;
use solana_sdk::message::compiled_instruction::CompiledInstruction;
use solana_sdk::pubkey::Pubkey;

use super::known::decode;
use super::units;
use crate::idl::{AccountName, Decoded, hex};
use crate::output::{Fact, Report};

/// Which addresses the runtime keeps from being written is its own affair.
const NONE_RESERVED: Option<&HashSet<Pubkey>> = None;

/// What is known of a transaction beside itself; of one that is only held, nothing.
#[derive(Clone, Copy, Default)]
pub struct Beside<'a> {
    /// Its addresses from lookup tables.
    pub looked_up: &'a [Pubkey],
    /// The mint of FLASH on its chain.
    pub flash_mint: Option<Pubkey>,
}

/// Rows of the tables about instructions.
#[derive(Default)]
struct Rows {
    instructions: Vec<[Fact; 3]>,
    arguments: Vec<[Fact; 3]>,
    accounts: Vec<[Fact; 4]>,
}

/// Everything about it that can be known without asking a server.
pub fn held(transaction: &OfflineTransaction) -> Result<Report> {
    let valid = match transaction.nonce() {
        Some(_) => {
            "until the nonce advances, if the nonce account stands at it; else for about a minute after it was made"
        }
        None => "for about a minute after it was made",
    };
    let report = lifetime(Report::new("transaction"), transaction)
        .fact("valid", valid)
        .fact("fee_at_most", Fact::lamports(transaction.budget().fee));
    contents(report, transaction, Beside::default())
}

/// Adds who pays, and what it was made with.
pub fn lifetime(report: Report, transaction: &OfflineTransaction) -> Report {
    let message = &transaction.transaction().message;
    let payer = message.static_account_keys().first().copied();
    let report = report.fact("fee_payer", payer);
    let hash = message.recent_blockhash().to_string();
    match transaction.nonce() {
        Some(nonce) => report.fact("nonce_account", nonce).fact("nonce", hash),
        None => report.fact("blockhash", hash),
    }
}

/// Adds its limits, who signs it, and its instructions.
pub fn contents(
    report: Report,
    transaction: &OfflineTransaction,
    beside: Beside<'_>,
) -> Result<Report> {
    let message = &transaction.transaction().message;
    let budget = transaction.budget();
    let report = report
        .fact("compute_unit_limit", budget.compute_unit_limit.map(u64::from))
        .fact("compute_unit_price", budget.compute_unit_price)
        .fact("loaded_bytes_limit", budget.data_limit.map(u64::from))
        .fact("message_hash", transaction.message_hash().to_string());

    let signed = transaction.signatures();
    let signers = usize::from(message.header().num_required_signatures);
    let signers = message.static_account_keys().iter().take(signers);
    let signers = signers.map(|key| {
        let signature = signed.iter().find(|(signer, _)| signer == key);
        [(*key).into(), signature.map_or("missing".into(), |(_, s)| s.to_string().into())]
    });
    let mut rows = Rows::default();
    let read = Reading { message, beside };
    for (index, instruction) in message.instructions().iter().enumerate() {
        rows.add(u64::try_from(index.saturating_add(1))?, &read, instruction);
    }
    Ok(report
        .table("signers", ["signer", "signature"], signers.collect())
        .table("instructions", ["number", "program", "instruction"], rows.instructions)
        .table("arguments", ["number", "argument", "value"], rows.arguments)
        .table("accounts", ["number", "account", "address", "access"], rows.accounts))
}

/// A message, and what is known beside it.
struct Reading<'a> {
    message: &'a VersionedMessage,
    beside: Beside<'a>,
}

impl Rows {
    fn add(&mut self, number: u64, read: &Reading<'_>, instruction: &CompiledInstruction) {
        let program = read.account(instruction.program_id_index);
        let decoded = program.as_ref().ok().and_then(|key| decode(key, &instruction.data));
        let names = match decoded {
            Some(decoded) => {
                self.instructions.push([
                    number.into(),
                    decoded.program.into(),
                    decoded.name.clone().into(),
                ]);
                for (name, value) in &decoded.arguments {
                    let value = read.argument(&decoded, name, value, instruction);
                    self.arguments.push([number.into(), name.clone().into(), value]);
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
            self.accounts.push(read.row(number, index, names.get(index), *place));
        }
    }
}

impl Reading<'_> {
    /// An argument in its unit.
    fn argument(
        &self,
        decoded: &Decoded,
        name: &str,
        value: &Value,
        instruction: &CompiledInstruction,
    ) -> Fact {
        let in_unit = match (decoded.program, name) {
            ("Flashback", path) => return units::of_flashback(path, value.clone()),
            ("System", "lamports") => units::lamports(value),
            ("Token", "amount") => self.tokens(decoded, value, instruction),
            _ => None,
        };
        in_unit.unwrap_or_else(|| units::plain(value.clone()))
    }

    /// An amount of tokens, if the instruction tells their decimals.
    fn tokens(
        &self,
        decoded: &Decoded,
        value: &Value,
        instruction: &CompiledInstruction,
    ) -> Option<Fact> {
        let decimals = decoded.arguments.iter().find(|(name, _)| name == "decimals")?;
        let decimals = u32::try_from(decimals.1.as_u64()?).ok()?;
        let place = decoded.accounts.iter().position(|account| account.name == "mint")?;
        let mint = self.account(*instruction.accounts.get(place)?).ok();
        let is_flash = mint.is_some() && mint == self.beside.flash_mint;
        units::tokens(value, decimals, is_flash)
    }

    fn row(&self, number: u64, index: usize, name: Option<&AccountName>, place: u8) -> [Fact; 4] {
        let found = self.account(place);
        let optional = name.is_some_and(|name| name.optional);
        let name = name.map_or_else(|| format!("#{}", index.saturating_add(1)), |n| n.name.clone());
        if optional && found == Ok(address::PROGRAM) {
            return [number.into(), name.into(), None::<Fact>.into(), "".into()];
        }
        let access = match (self.signs(place), self.writes(place)) {
            (true, true) => "signs, written",
            (true, false) => "signs",
            (false, true) => "written",
            (false, false) => "read",
        };
        let found: Fact = match found {
            Ok(key) => key.into(),
            Err(entry) => entry.into(),
        };
        [number.into(), name.into(), found, access.into()]
    }

    /// The account at that place; of one in a lookup table that was not read, only where it stands there.
    fn account(&self, place: u8) -> Result<Pubkey, String> {
        let keys = self.message.static_account_keys();
        if let Some(key) = keys.get(usize::from(place)) {
            return Ok(*key);
        }
        let mut beyond = usize::from(place).saturating_sub(keys.len());
        if let Some(key) = self.beside.looked_up.get(beyond) {
            return Ok(*key);
        }
        let tables = self.message.address_table_lookups().unwrap_or_default();
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

    fn signs(&self, place: u8) -> bool {
        place < self.message.header().num_required_signatures
    }

    fn writes(&self, place: u8) -> bool {
        self.message.is_maybe_writable_with_reserved_addresses(usize::from(place), NONE_RESERVED)
    }
}
