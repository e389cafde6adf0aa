//! Oracles as processes, against storage and a chain: what they measure is paid, who lies is slashed, who is killed goes
//! on.

mod common;

mod oracles {
    mod liar;
    mod stage;
    mod working;
}
