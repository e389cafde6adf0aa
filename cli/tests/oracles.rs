//! Oracles as processes, against storage and a chain: what they measure is paid, who lies is slashed, who is killed goes
//! on.

mod common;

mod oracles {
    mod killed;
    mod liar;
    #[path = "../../../services/oracle/tests/support/postgres.rs"]
    mod postgres;
    mod stage;
    mod working;
}
