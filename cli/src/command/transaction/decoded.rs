//! An instruction as people read it.

use serde_json::Value;
use solana_sdk::pubkey::Pubkey;

use super::{idl, known};

/// What an instruction does, by the names that its program uses.
pub struct Decoded {
    /// The program's name.
    pub program: &'static str,
    /// The instruction's name.
    pub name: String,
    /// Its arguments by name: `args.capacity_gib`.
    pub arguments: Vec<(String, Value)>,
    /// The names of its first accounts.
    pub accounts: Vec<AccountName>,
}

/// What an instruction calls one of its accounts.
pub struct AccountName {
    pub name: String,
    /// The program's own address stands for there being none.
    pub optional: bool,
}

impl AccountName {
    pub fn all(names: &[&str]) -> Vec<Self> {
        let named = |name: &&str| Self { name: (*name).to_owned(), optional: false };
        names.iter().map(named).collect()
    }
}

/// Decodes an instruction of a program that is known here; `None`: it is shown as it is.
pub fn decode(program: &Pubkey, data: &[u8]) -> Option<Decoded> {
    idl::decode(program, data).or_else(|| known::decode(program, data))
}
