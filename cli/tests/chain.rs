//! The binary on an embedded chain with real RPC.

mod common;

mod chain {
    mod events;
    mod lists;
    mod offline;
}
