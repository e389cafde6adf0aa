use solana_sdk::signature::Keypair;

use super::*;
use crate::address;
use crate::batch::fits;
use crate::verbs::stored::Stored;

/// A memo of so many bytes.
fn memo(bytes: usize) -> Instruction {
    Instruction::new_with_bytes(Pubkey::new_unique(), &vec![0; bytes], vec![])
}

/// An SLA of which a window has been due since long before 10 days.
fn due() -> Sla {
    let mut sla: Sla = bytemuck::Zeroable::zeroed();
    sla.version = crate::account::VERSION;
    (sla.body.progress.state, sla.body.progress.end) = (SlaState::Active.code(), 1);
    (sla.body.terms.window_secs, sla.body.terms.windows) = (3_600, 1);
    sla
}

fn many(stored: &Stored, count: usize) -> Vec<Pubkey> {
    let mut slas: Vec<_> = (0..count).map(|_| Pubkey::new_unique()).collect();
    slas.iter().for_each(|sla| stored.put_sla(*sla, &due()));
    slas.sort();
    slas
}

#[tokio::test]
async fn what_is_put_beside_them_fits() {
    let stored = Stored::at(864_000);
    let slas = many(&stored, 70);
    let client = stored.client(Keypair::new());
    let memo = memo(400);
    let plain = client.settlements(&slas, &[]).await.unwrap().batches;
    assert!(!fits(&client, plain[0].prepared.clone().with(memo.clone()).instructions()));
    let beside = std::slice::from_ref(&memo);
    for batches in [client.settlements(&slas, beside).await, client.all_settlements(beside).await] {
        let Batches { batches, skipped } = batches.unwrap();
        assert!(skipped.is_empty() && batches.len() > plain.len());
        let settled: Vec<_> = batches.iter().flat_map(|batch| batch.slas.clone()).collect();
        assert_eq!(settled, slas);
        for Batch { slas, prepared } in batches {
            assert_eq!(prepared.instructions(), [build::settle_many(&slas)]);
            assert!(fits(&client, prepared.with(memo.clone()).instructions()));
        }
    }
}

#[tokio::test]
async fn what_does_not_decode_is_told() {
    let stored = Stored::at(864_000);
    let slas = many(&stored, 2);
    let (newer, wallet, gone) = (slas[1], Pubkey::new_unique(), Pubkey::new_unique());
    stored.put_sla(newer, &Sla { version: 9, ..due() });
    stored.put(wallet, address::SYSTEM_PROGRAM, vec![]);
    let client = stored.client(Keypair::new());
    let version = |error: &Error| matches!(error, Error::AccountVersionUnknown { address, version: 9, .. } if *address == newer);
    let all = client.all_settlements(&[]).await.unwrap();
    assert_eq!((all.batches.len(), &all.batches[0].slas), (1, &vec![slas[0]]));
    assert!(all.skipped.len() == 1 && version(&all.skipped[0]), "{all:?}");
    let asked = [slas[0], newer, wallet, gone, newer];
    let named = client.settlements(&asked, &[]).await.unwrap();
    assert_eq!((named.batches.len(), &named.batches[0].slas), (1, &vec![slas[0]]));
    assert!(named.skipped.len() == 2 && version(&named.skipped[0]), "{named:?}");
    let wrong = &named.skipped[1];
    assert!(matches!(wrong, Error::AccountOwnerWrong { address, .. } if *address == wallet));
}
