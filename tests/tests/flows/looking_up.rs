//! Lookup tables: more accounts than a transaction's bytes could name.

use flashback_core::CoreError;
use flashback_sdk::{Error, SendOptions};
use solana_sdk::pubkey::Pubkey;

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_as_large_as_its_locks_allow() {
    let chain = crate::start().await;
    let client = chain.deployment().client();
    // A batch skips what is no SLA: any address will do.
    let slas: Vec<Pubkey> = (0..60).map(|_| Pubkey::new_unique()).collect();
    let too_large = client.settle_many(&slas).send().await.unwrap_err();
    assert!(matches!(too_large, Error::TransactionTooLarge { .. }), "{too_large}");

    let table = client.create_lookup_table(&slas).await.unwrap();
    assert_eq!(table.addresses, slas);
    assert_eq!(client.lookup_table(&table.key).await.unwrap(), table);
    let options = SendOptions { lookup_tables: vec![table], ..SendOptions::default() };
    let client = client.clone().with_options(options);
    // The program itself has looked at all sixty.
    let refused = client.settle_many(&slas).send().await.unwrap_err();
    assert_eq!(refused.core(), Some(CoreError::NothingDue), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_table_is_refused() {
    let chain = crate::start().await;
    let client = chain.deployment().client();
    let missing = client.lookup_table(&Pubkey::new_unique()).await.unwrap_err();
    assert!(matches!(missing, Error::AccountNotFound { .. }), "{missing}");
    let config = flashback_sdk::address::config();
    let other = client.lookup_table(&config).await.unwrap_err();
    assert!(
        matches!(other, Error::AccountOwnerWrong { address, .. } if address == config),
        "{other}"
    );
}
