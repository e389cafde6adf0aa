//! Whole flows on an embedded chain with real RPC.

use flashback_core::params::Params;
use flashback_core::units::Seconds;
use flashback_localnet::elf::ProgramElf;
use flashback_localnet::{Localnet, LocalnetConfig, Market};
use flashback_tests::{elf, life};

mod flows {
    mod example;
    mod looking_up;
    mod reserving;
    mod searching;
}

/// An embedded chain that allows short windows.
async fn start() -> Localnet {
    let config = LocalnetConfig {
        program: ProgramElf::Path(elf::path(elf::FLASHBACK)),
        window_min: Seconds(20),
        params: Params::default(),
        ..LocalnetConfig::default()
    };
    Localnet::start(config).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sla_lives_and_is_closed_on_an_embedded_chain() {
    let chain = start().await;
    let market = Market::open(chain.deployment(), life::market()).await.unwrap();
    life::run(chain.deployment(), &market, life::Time::Travels).await.unwrap();
}
