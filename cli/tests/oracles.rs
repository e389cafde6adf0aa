//! Oracles as processes, against storage and a chain: what they measure is paid, who lies is slashed, who is killed goes
//! on.

mod common;

mod oracles {
    mod killed;
    mod liar;
    #[path = "../../../services/oracle/tests/support/numbers.rs"]
    #[allow(dead_code, reason = "only its numbers are wanted here")]
    mod numbers;
    #[path = "../../../services/oracle/tests/support/postgres.rs"]
    mod postgres;
    mod stage;
    mod working;
}
