//! Packing instructions into as few transactions as they need.

use solana_sdk::instruction::Instruction;

use crate::client::Flashback;

/// The most accounts of a transaction: each is locked while it runs.
const LOCKS_MAX: usize = 64;
/// The most instructions of a transaction, each of which may make three calls: the runtime traces 64 in all.
const INSTRUCTIONS_MAX: usize = 14;

/// Whether these instructions fit a transaction as that client sends it: with its fee payer, nonce and lookup tables.
pub(crate) fn fits(client: &Flashback, instructions: &[Instruction]) -> bool {
    let locks = client.locks(instructions);
    locks.is_some_and(|locks| locks <= LOCKS_MAX) && instructions.len() <= INSTRUCTIONS_MAX
}

/// Splits items, in their order, into groups that each fit a transaction when built by `build`. An item that does not
/// fit even alone is a group of its own, which sending will refuse.
pub(crate) fn groups<T: Clone>(
    client: &Flashback,
    items: impl IntoIterator<Item = T>,
    build: impl Fn(&[T]) -> Vec<Instruction>,
) -> Vec<Vec<T>> {
    let mut groups = vec![];
    let mut group: Vec<T> = vec![];
    for item in items {
        group.push(item);
        if group.len() > 1 && !fits(client, &build(&group)) {
            let last = group.split_off(group.len() - 1);
            groups.push(group);
            group = last;
        }
    }
    if !group.is_empty() {
        groups.push(group);
    }
    groups
}

/// The same groups, built.
pub(crate) fn pack<T: Clone>(
    client: &Flashback,
    items: impl IntoIterator<Item = T>,
    build: impl Fn(&[T]) -> Vec<Instruction>,
) -> Vec<Vec<Instruction>> {
    groups(client, items, &build).iter().map(|group| build(group)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instruction as build;
    use crate::{Nonce, SendOptions};
    use solana_sdk::message::AddressLookupTableAccount;
    use solana_sdk::pubkey::Pubkey;
    use solana_sdk::signature::Keypair;

    fn client() -> Flashback {
        Flashback::new("http://127.0.0.1:1", Keypair::new())
    }

    fn keys(count: usize) -> Vec<Pubkey> {
        (0..count).map(|_| Pubkey::new_unique()).collect()
    }

    #[test]
    fn settlements_fill_transactions_and_none_is_lost() {
        let (client, slas) = (client(), keys(100));
        let packed = pack(&client, slas.iter().copied(), |slas| vec![build::settle_many(slas)]);
        let settled: Vec<_> =
            packed.iter().flat_map(|group| &group[0].accounts).map(|meta| meta.pubkey).collect();
        assert_eq!(settled, slas);
        let largest = packed[0][0].accounts.len();
        assert!(largest >= 28, "{largest}");
        for (index, group) in packed.iter().enumerate() {
            assert!(fits(&client, group));
            let full = group[0].accounts.len() == largest;
            assert!(full || index == packed.len() - 1, "group {index}");
        }
        // One more would not fit.
        assert!(!fits(&client, &[build::settle_many(&slas[..=largest])]));
    }

    #[test]
    fn a_transaction_holds_as_many_withdrawals_as_it_has_bytes_and_calls_for() {
        let (client, slas) = (client(), keys(40));
        let payer = client.key();
        let withdraw = |slas: &[Pubkey]| {
            slas.iter().map(|sla| build::withdraw_refund(payer, *sla, payer)).collect()
        };
        let packed = pack(&client, slas.iter().copied(), withdraw);
        assert_eq!(packed.iter().map(Vec::len).sum::<usize>(), 40);
        assert!(packed.iter().all(|group| fits(&client, group)));
        assert!(packed[0].len() >= 8, "{}", packed[0].len());
    }

    /// As `flashback treasury sweep` says.
    #[test]
    fn eight_sweeps_of_different_providers_fit_a_transaction_and_ten_of_one() {
        let (client, mint, one) = (client(), Pubkey::new_unique(), Pubkey::new_unique());
        let sweep = |sla, provider| build::sweep_fees(sla, provider, mint);
        let slas = keys(20);
        let same = slas.iter().map(|sla| sweep(*sla, one));
        assert_eq!(pack(&client, same, <[Instruction]>::to_vec)[0].len(), 10);
        let different = slas.iter().map(|sla| sweep(*sla, Pubkey::new_unique()));
        assert_eq!(pack(&client, different, <[Instruction]>::to_vec)[0].len(), 8);
    }

    #[test]
    fn what_never_fits_stands_alone() {
        let client = client();
        let payer = Pubkey::new_unique();
        let huge = Instruction::new_with_bytes(payer, &[0; 1_300], vec![]);
        let small = Instruction::new_with_bytes(payer, &[0], vec![]);
        let items = [small.clone(), huge.clone(), small.clone(), small.clone()];
        let packed = pack(&client, items, <[Instruction]>::to_vec);
        assert_eq!(packed, [vec![small.clone()], vec![huge], vec![small.clone(), small]]);
        assert!(pack(&client, Vec::<Instruction>::new(), <[Instruction]>::to_vec).is_empty());
    }

    #[test]
    fn neither_too_many_locks_nor_too_many_instructions_fit() {
        let client = client();
        let payer = Pubkey::new_unique();
        let empty = Instruction::new_with_bytes(payer, &[], vec![]);
        assert!(fits(&client, &vec![empty.clone(); INSTRUCTIONS_MAX]));
        assert!(!fits(&client, &vec![empty; INSTRUCTIONS_MAX + 1]));
    }

    #[test]
    fn what_the_client_adds_is_counted() {
        let (client, slas) = (client(), keys(64));
        let most = |client: &Flashback| {
            let fitting = (1..=64).rev();
            let mut fitting = fitting.filter(|n| fits(client, &[build::settle_many(&slas[..*n])]));
            fitting.next().unwrap_or(0)
        };
        let plain = most(&client);
        // Three more addresses, and an instruction of a few bytes.
        let nonce = Nonce { account: Pubkey::new_unique(), authority: client.key() };
        let options = SendOptions { nonce: Some(nonce), ..SendOptions::default() };
        assert_eq!(plain - most(&client.clone().with_options(options)), 4);
        // With a fee payer of its own the acting key signs too, where it has to.
        let refund = |sla: &Pubkey| build::withdraw_refund(client.key(), *sla, client.key());
        let refunds: Vec<_> = slas.iter().map(refund).collect();
        let most_refunds =
            |client: &Flashback| (1..=14).filter(|n| fits(client, &refunds[..*n])).count();
        let sponsored = client.clone().with_fee_payer(Keypair::new());
        assert!(most_refunds(&sponsored) < most_refunds(&client), "{}", most_refunds(&client));
        let table =
            AddressLookupTableAccount { key: Pubkey::new_unique(), addresses: slas.clone() };
        let options = SendOptions { lookup_tables: vec![table], ..SendOptions::default() };
        // The payer, the two programs, and all else from the table.
        assert_eq!(most(&client.with_options(options)), 61);
    }
}
