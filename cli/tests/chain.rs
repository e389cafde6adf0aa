//! The binary on an embedded chain with real RPC.

mod common;

mod chain {
    mod events;
    mod many;
    mod nonce;
    mod offline;
    mod reports;
    mod transactions;
}
