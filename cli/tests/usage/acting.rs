//! A machine that acts as a key which it does not have, so that nothing but the server is missing.

use solana_sdk::signature::Keypair;

use crate::common::Machine;

/// Who acts.
pub const KEY: &str = "FL5RnrYJEGYAypPCG7KgwhgDbHWC48jmSi6w3QjunreE";

pub fn machine() -> Machine {
    Machine::offline().with("FLASHBACK_KEYPAIR", KEY)
}

/// Checks that these command lines are right as far as can be told without a chain: so that exit code 2 says, for those
/// that are wrong, that nothing was asked of a server. Here it has a key, as it would need to send something.
pub fn reach_the_server(lines: &[String]) {
    let machine = machine();
    let key = machine.keypair("key.json", &Keypair::new());
    let machine = machine.with("FLASHBACK_KEYPAIR", &key);
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().chain(["--yes"]).collect();
        let run = machine.run(&words);
        assert_eq!(run.code, 3, "flashback {line}\n{}{}", run.stdout, run.stderr);
    }
}
