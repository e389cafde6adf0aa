//! The program's instructions as the checked-in IDL names them: what must be reached, and which account stands where.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

/// Bytes that tell instructions apart.
const DISCRIMINATOR: usize = 8;

struct Described {
    name: &'static str,
    accounts: Vec<String>,
}

static BY_DISCRIMINATOR: LazyLock<BTreeMap<Vec<u8>, Described>> = LazyLock::new(|| {
    let idl: Value =
        serde_json::from_str(include_str!("../../../idls/flashback.json")).expect("the IDL");
    let instructions = idl["instructions"].as_array().expect("instructions");
    let text = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    let described = instructions.iter().map(|one| {
        let bytes = one["discriminator"].as_array().expect("a discriminator");
        let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
        let discriminator = bytes.iter().map(|value| byte(value).expect("a byte")).collect();
        let accounts = one["accounts"].as_array().expect("accounts").iter().map(text).collect();
        (discriminator, Described { name: text(one).leak(), accounts })
    });
    described.collect()
});

/// Every instruction's name.
pub fn names() -> Vec<&'static str> {
    BY_DISCRIMINATOR.values().map(|described| described.name).collect()
}

/// The name of a built instruction.
pub fn name_of(instruction: &Instruction) -> &'static str {
    described(instruction).name
}

/// The account that the IDL calls by that name, if it has it and it was given.
pub fn account(instruction: &Instruction, name: &str) -> Option<Pubkey> {
    let place = described(instruction).accounts.iter().position(|account| account == name)?;
    let key = instruction.accounts.get(place)?.pubkey;
    (key != instruction.program_id).then_some(key)
}

/// How many accounts it has by name; the rest are remaining accounts.
pub fn fixed_accounts(instruction: &Instruction) -> usize {
    described(instruction).accounts.len()
}

fn described(instruction: &Instruction) -> &'static Described {
    BY_DISCRIMINATOR.get(&instruction.data[..DISCRIMINATOR]).expect("an instruction of the IDL")
}
