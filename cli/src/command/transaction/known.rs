//! Instructions as people read them: Flashback's own, and those of other programs that come with them.

use flashback_sdk::address;
use serde_json::{Value, json};
use solana_sdk::pubkey::Pubkey;
use solana_system_interface::instruction::SystemInstruction;
use spl_token_interface::instruction::TokenInstruction;

use crate::act::MEMO;
use crate::idl::{self, AccountName, Decoded};

/// The program of limits and fees.
const COMPUTE_BUDGET: Pubkey =
    Pubkey::from_str_const("ComputeBudget111111111111111111111111111111");

/// Decodes an instruction of a program that is known here; `None`: it is shown as it is.
pub fn decode(program: &Pubkey, data: &[u8]) -> Option<Decoded> {
    if *program == address::PROGRAM {
        return idl::instruction(program, data);
    }
    if *program == solana_system_interface::program::ID {
        return system(data);
    }
    if *program == address::TOKEN_PROGRAM {
        return token(data);
    }
    if *program == address::ASSOCIATED_TOKEN_PROGRAM {
        return associated(data);
    }
    if *program == COMPUTE_BUDGET {
        return budget(data);
    }
    if *program == MEMO {
        let memo = std::str::from_utf8(data).ok()?;
        return Some(decoded("Memo", "memo", [("text", memo.into())], &[]));
    }
    None
}

fn decoded<const N: usize>(
    program: &'static str,
    name: &str,
    arguments: [(&str, Value); N],
    accounts: &[&str],
) -> Decoded {
    let arguments = arguments.map(|(name, value)| (name.to_owned(), value)).into();
    let named = |name: &&str| AccountName { name: (*name).to_owned(), optional: false };
    let accounts = accounts.iter().map(named).collect();
    Decoded { program, name: name.to_owned(), arguments, accounts }
}

fn system(data: &[u8]) -> Option<Decoded> {
    const NONCE: &[&str] = &["nonce", "recent_blockhashes", "authority"];
    let of = "System";
    Some(match bincode::deserialize(data).ok()? {
        SystemInstruction::Transfer { lamports } => {
            decoded(of, "transfer", [("lamports", lamports.into())], &["from", "to"])
        }
        SystemInstruction::CreateAccount { lamports, space, owner } => decoded(
            of,
            "create_account",
            [
                ("lamports", lamports.into()),
                ("space", space.into()),
                ("owner", owner.to_string().into()),
            ],
            &["from", "account"],
        ),
        SystemInstruction::AdvanceNonceAccount => decoded(of, "advance_nonce_account", [], NONCE),
        SystemInstruction::WithdrawNonceAccount(lamports) => decoded(
            of,
            "withdraw_nonce_account",
            [("lamports", lamports.into())],
            &["nonce", "to", "recent_blockhashes", "rent", "authority"],
        ),
        SystemInstruction::InitializeNonceAccount(authority) => decoded(
            of,
            "initialize_nonce_account",
            [("authority", authority.to_string().into())],
            &["nonce", "recent_blockhashes", "rent"],
        ),
        SystemInstruction::AuthorizeNonceAccount(authority) => decoded(
            of,
            "authorize_nonce_account",
            [("new_authority", authority.to_string().into())],
            &["nonce", "authority"],
        ),
        other => decoded(of, &format!("{other:?}"), [], &[]),
    })
}

fn token(data: &[u8]) -> Option<Decoded> {
    let of = "Token";
    Some(match TokenInstruction::unpack(data).ok()? {
        TokenInstruction::TransferChecked { amount, decimals } => decoded(
            of,
            "transfer_checked",
            [("amount", amount.into()), ("decimals", decimals.into())],
            &["source", "mint", "destination", "authority"],
        ),
        TokenInstruction::Transfer { amount } => decoded(
            of,
            "transfer",
            [("amount", amount.into())],
            &["source", "destination", "authority"],
        ),
        other => decoded(of, &format!("{other:?}"), [], &[]),
    })
}

fn associated(data: &[u8]) -> Option<Decoded> {
    let name = match data {
        [] | [0] => "create",
        [1] => "create_idempotent",
        _ => return None,
    };
    let accounts = ["payer", "token_account", "owner", "mint", "system_program", "token_program"];
    Some(decoded("Associated Token Account", name, [], &accounts))
}

/// By the program's own numbers of its instructions.
fn budget(data: &[u8]) -> Option<Decoded> {
    let (number, value) = data.split_first()?;
    let small = || value.try_into().ok().map(u32::from_le_bytes);
    let (name, value): (_, Value) = match number {
        2 => ("set_compute_unit_limit", json!(small()?)),
        3 => ("set_compute_unit_price", json!(u64::from_le_bytes(value.try_into().ok()?))),
        4 => ("set_loaded_accounts_data_size_limit", json!(small()?)),
        _ => return None,
    };
    Some(decoded("Compute Budget", name, [("value", value)], &[]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use solana_system_interface::instruction as system;

    #[test]
    fn instructions_are_read_as_they_were_built() {
        let [a, b] = [Pubkey::new_unique(), Pubkey::new_unique()];
        let limit = solana_sdk::instruction::Instruction::new_with_bytes(
            COMPUTE_BUDGET,
            &[2, 1, 2, 0, 0],
            vec![],
        );
        let memo = solana_sdk::instruction::Instruction::new_with_bytes(MEMO, b"hi", vec![]);
        let tokens = flashback_sdk::instruction::transfer(
            &a,
            &a,
            &b,
            &b,
            flashback_sdk::core::units::Atoms(9),
        );
        let account = flashback_sdk::instruction::create_token_account(&a, &b, &b);
        for (built, name, argument) in [
            (system::transfer(&a, &b, 5), "transfer", Some(json!(5))),
            (system::advance_nonce_account(&a, &b), "advance_nonce_account", None),
            (
                system::withdraw_nonce_account(&a, &b, &a, 6),
                "withdraw_nonce_account",
                Some(json!(6)),
            ),
            (
                system::authorize_nonce_account(&a, &b, &a),
                "authorize_nonce_account",
                Some(json!(a.to_string())),
            ),
            (limit, "set_compute_unit_limit", Some(json!(513))),
            (memo, "memo", Some(json!("hi"))),
            (tokens, "transfer_checked", Some(json!(9))),
            (account, "create_idempotent", None),
        ] {
            let decoded = decode(&built.program_id, &built.data).unwrap();
            assert_eq!(decoded.name, name);
            assert_eq!(
                decoded.arguments.first().map(|(_, value)| value.clone()),
                argument,
                "{name}"
            );
            assert!(decoded.accounts.len() <= built.accounts.len(), "{name}");
        }
        assert!(decode(&a, &[1]).is_none());
    }
}
