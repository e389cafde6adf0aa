//! The same code gives the same figures wherever it runs: natively, as sBPF, and on chain within an SLA's life.

mod parity {
    mod chain_and_core;
    mod native_and_sbpf;
}
