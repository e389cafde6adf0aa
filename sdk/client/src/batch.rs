//! Packing instructions into as few transactions as they need.

use std::collections::HashSet;

use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_sdk::instruction::Instruction;
use solana_sdk::message::Message;
use solana_sdk::pubkey::Pubkey;

use crate::send::TRANSACTION_MAX_BYTES;

/// The most accounts of a transaction: each is locked while it runs.
const LOCKS_MAX: usize = 64;
/// The most instructions of a transaction, each of which may make three calls: the runtime traces 64 in all.
const INSTRUCTIONS_MAX: usize = 14;

/// Whether these instructions fit a transaction of that payer, who alone signs it. What is put before them as they are
/// sent is counted too.
pub(crate) fn fits(payer: &Pubkey, instructions: &[Instruction]) -> bool {
    let budget = [
        ComputeBudgetInstruction::set_compute_unit_limit(0),
        ComputeBudgetInstruction::set_loaded_accounts_data_size_limit(0),
        ComputeBudgetInstruction::set_compute_unit_price(0),
    ];
    let all: Vec<_> = budget.iter().chain(instructions).cloned().collect();
    let message = Message::new(&all, Some(payer));
    // One byte counts the signatures, of 64 bytes each.
    let signatures = usize::from(message.header.num_required_signatures);
    let bytes = 1 + 64 * signatures + message.serialize().len();
    let keys: HashSet<_> = message.account_keys.iter().collect();
    bytes <= TRANSACTION_MAX_BYTES
        && keys.len() <= LOCKS_MAX
        && instructions.len() <= INSTRUCTIONS_MAX
}

/// Splits items, in their order, into groups that each fit a transaction when built by `build`. An item that does not
/// fit even alone is a group of its own, which sending will refuse.
pub(crate) fn pack<T: Clone>(
    payer: &Pubkey,
    items: impl IntoIterator<Item = T>,
    build: impl Fn(&[T]) -> Vec<Instruction>,
) -> Vec<Vec<Instruction>> {
    let mut packed = vec![];
    let mut group: Vec<T> = vec![];
    for item in items {
        group.push(item);
        if group.len() > 1 && !fits(payer, &build(&group)) {
            let last = group.split_off(group.len() - 1);
            packed.push(build(&group));
            group = last;
        }
    }
    if !group.is_empty() {
        packed.push(build(&group));
    }
    packed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instruction as build;

    fn keys(count: usize) -> Vec<Pubkey> {
        (0..count).map(|_| Pubkey::new_unique()).collect()
    }

    #[test]
    fn settlements_fill_transactions_and_none_is_lost() {
        let (payer, slas) = (Pubkey::new_unique(), keys(100));
        let packed = pack(&payer, slas.iter().copied(), |slas| vec![build::settle_many(slas)]);
        let settled: Vec<_> =
            packed.iter().flat_map(|group| &group[0].accounts).map(|meta| meta.pubkey).collect();
        assert_eq!(settled, slas);
        let largest = packed[0][0].accounts.len();
        assert!(largest >= 28, "{largest}");
        for (index, group) in packed.iter().enumerate() {
            assert!(fits(&payer, group));
            let full = group[0].accounts.len() == largest;
            assert!(full || index == packed.len() - 1, "group {index}");
        }
        // One more would not fit.
        assert!(!fits(&payer, &[build::settle_many(&slas[..=largest])]));
    }

    #[test]
    fn a_transaction_holds_as_many_withdrawals_as_it_has_bytes_and_calls_for() {
        let (payer, slas) = (Pubkey::new_unique(), keys(40));
        let withdraw = |slas: &[Pubkey]| {
            slas.iter().map(|sla| build::withdraw_refund(payer, *sla, payer)).collect()
        };
        let packed = pack(&payer, slas.iter().copied(), withdraw);
        assert_eq!(packed.iter().map(Vec::len).sum::<usize>(), 40);
        assert!(packed.iter().all(|group| fits(&payer, group)));
        assert!(packed[0].len() >= 8, "{}", packed[0].len());
    }

    /// As `flashback treasury sweep` says.
    #[test]
    fn eight_sweeps_of_different_providers_fit_a_transaction_and_ten_of_one() {
        let (payer, mint, one) = (Pubkey::new_unique(), Pubkey::new_unique(), Pubkey::new_unique());
        let sweep = |sla, provider| build::sweep_fees(sla, provider, mint);
        let slas = keys(20);
        let same = slas.iter().map(|sla| sweep(*sla, one));
        assert_eq!(pack(&payer, same, <[Instruction]>::to_vec)[0].len(), 10);
        let different = slas.iter().map(|sla| sweep(*sla, Pubkey::new_unique()));
        assert_eq!(pack(&payer, different, <[Instruction]>::to_vec)[0].len(), 8);
    }

    #[test]
    fn what_never_fits_stands_alone() {
        let payer = Pubkey::new_unique();
        let huge = Instruction::new_with_bytes(payer, &[0; 1_300], vec![]);
        let small = Instruction::new_with_bytes(payer, &[0], vec![]);
        let items = [small.clone(), huge.clone(), small.clone(), small.clone()];
        let packed = pack(&payer, items, <[Instruction]>::to_vec);
        assert_eq!(packed, [vec![small.clone()], vec![huge], vec![small.clone(), small]]);
        assert!(pack(&payer, Vec::<Instruction>::new(), <[Instruction]>::to_vec).is_empty());
    }

    #[test]
    fn neither_too_many_locks_nor_too_many_instructions_fit() {
        let payer = Pubkey::new_unique();
        let empty = Instruction::new_with_bytes(payer, &[], vec![]);
        assert!(fits(&payer, &vec![empty.clone(); INSTRUCTIONS_MAX]));
        assert!(!fits(&payer, &vec![empty; INSTRUCTIONS_MAX + 1]));
    }
}
