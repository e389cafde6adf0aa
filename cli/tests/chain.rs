//! The binary on an embedded chain with real RPC.

mod common;

mod chain {
    mod described;
    mod events;
    mod lists;
    mod many;
    mod nonce;
    mod offline;
    mod reports;
    mod transactions;
    mod wallet;
}
