//! The same life on a real validator, in real time, without cheatcodes.

use flashback_core::params::Params;
use flashback_core::units::Seconds;
use flashback_localnet::{Deployment, DeploymentConfig, Market};
use flashback_tests::validator::Validator;
use flashback_tests::{elf, life};

#[tokio::test(flavor = "multi_thread")]
async fn an_sla_lives_and_is_closed_on_a_validator() {
    let validator = Validator::start(&elf::path(elf::FLASHBACK)).await.unwrap();
    let config = DeploymentConfig {
        window_min: Seconds(20),
        // Credentials need no sealing here: the first window begins soon after the seating.
        params: Params { access_delay_secs: 4, ..Params::default() },
        ..DeploymentConfig::default()
    };
    let client = validator.client();
    let deployment = Deployment::create(client, validator.authority(), config).await.unwrap();
    let market = Market::open(&deployment, life::market()).await.unwrap();
    life::run(&deployment, &market, life::Time::Passes).await.unwrap();
}
