use solana_sdk::signature::{Keypair, Signer};

use super::*;
use crate::account::VERSION;
use crate::batch::fits;
use crate::error::Error;
use crate::verbs::stored::Stored;

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn sla(change: impl FnOnce(&mut Sla)) -> Sla {
    let mut sla: Sla = bytemuck::Zeroable::zeroed();
    sla.provider = key(40);
    change(&mut sla);
    sla
}

fn instructions(withdrawals: Vec<Withdrawal>) -> Vec<Instruction> {
    withdrawals.into_iter().map(|withdrawal| withdrawal.instruction).collect()
}

#[test]
fn only_where_something_is_theirs() {
    let (me, mint) = (key(1), key(2));
    let mine = address::token_account(&me, &mint);
    let slas = [
        (key(10), sla(|_| ())),
        (key(11), sla(|sla| sla.body.money.refundable = 1)),
        (key(12), sla(|sla| sla.body.money.earned = 1)),
        (
            key(13),
            sla(|sla| {
                sla.seats = [key(3), me, key(4), Pubkey::default(), Pubkey::default()];
                sla.body.seats.fees = [5, 6, 7, 0, 0];
            }),
        ),
        (
            key(14),
            sla(|sla| {
                sla.seats[2] = me;
                sla.body.seats.fees = [5, 6, 0, 0, 0];
            }),
        ),
    ];
    let refund = build::withdraw_refund(me, key(11), mine);
    assert_eq!(instructions(refunds(&me, &mint, &slas)), [refund]);
    let mut provider: Provider = bytemuck::Zeroable::zeroed();
    provider.payout = key(50);
    let payout = address::token_account(&key(50), &mint);
    let withdrawn = earnings(&me, &mint, &provider, &slas);
    assert_eq!(withdrawn[0].owner, key(50));
    let earning = build::withdraw_earnings(me, key(40), key(12), payout);
    assert_eq!(instructions(withdrawn), [earning]);
    let fee = build::claim_oracle_fees(me, key(13), 1, mine);
    assert_eq!(instructions(fees(&me, &mint, &slas)), [fee]);
}

#[test]
fn every_transaction_creates_the_token_accounts_that_it_needs() {
    let create = build::create_token_account(&key(1), &key(2), &key(3));
    let missing = BTreeMap::from([(key(2), vec![create.clone()]), (key(4), vec![])]);
    let withdrawal = |owner: u8, sla: u8| Withdrawal {
        sla: key(sla),
        owner: key(owner),
        instruction: build::withdraw_refund(key(1), key(sla), key(owner)),
    };
    let [first, second, third] = [withdrawal(2, 10), withdrawal(2, 11), withdrawal(4, 12)];
    let of = |one: &Withdrawal| one.instruction.clone();
    let both = built(&[first.clone(), second.clone()], &missing);
    assert_eq!(both, [create.clone(), of(&first), of(&second)]);
    assert_eq!(
        built(&[second.clone(), third.clone()], &missing),
        [create, of(&second), of(&third)]
    );
    assert_eq!(built(std::slice::from_ref(&third), &missing), [of(&third)]);
}

#[tokio::test]
async fn what_is_put_beside_them_fits_and_what_does_not_decode_is_told_once() {
    let (stored, me) = (Stored::at(0), Keypair::new());
    stored.put_config(key(2));
    let mine = |version: u8| {
        sla(|sla| {
            (sla.version, sla.consumer, sla.body.money.refundable) = (version, me.pubkey(), 1);
            // Found as an oracle's too.
            sla.seats[1] = me.pubkey();
        })
    };
    let mut slas: Vec<_> = (0..20).map(|_| Pubkey::new_unique()).collect();
    slas.iter().for_each(|address| stored.put_sla(*address, &mine(VERSION)));
    slas.sort();
    let newer = Pubkey::new_unique();
    stored.put_sla(newer, &mine(9));

    let client = stored.client(me);
    let memo = Instruction::new_with_bytes(key(3), &[0; 400], vec![]);
    let plain = client.withdrawals(&[]).await.unwrap();
    let first = plain.batches[0].prepared.clone();
    assert!(!fits(&client, first.with(memo.clone()).instructions()));
    let beside = client.withdrawals(std::slice::from_ref(&memo)).await.unwrap();
    assert!(beside.batches.len() > plain.batches.len());
    for Batches { batches, skipped } in [plain, beside] {
        let withdrawn: Vec<_> = batches.iter().flat_map(|batch| batch.slas.clone()).collect();
        assert_eq!(withdrawn, slas);
        let [Error::AccountVersionUnknown { address, version: 9, .. }] = skipped[..] else {
            panic!("{skipped:?}")
        };
        assert_eq!(address, newer);
        let last = batches.last().map(|batch| batch.prepared.instructions().to_vec());
        assert!(!last.unwrap().contains(&memo));
    }
    let beside = client.withdrawals(std::slice::from_ref(&memo)).await.unwrap();
    for Batch { prepared, .. } in beside.batches {
        assert!(fits(&client, prepared.with(memo.clone()).instructions()));
    }
}
