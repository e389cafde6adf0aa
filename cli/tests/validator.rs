//! The same guides on a real validator, in real time: everything but the exit, which takes 30 days.

mod guide;

use std::collections::BTreeMap;
use std::path::Path;

use flashback_core::params::Params;
use flashback_core::sla::Offer;
use flashback_core::units::Seconds;
use flashback_localnet::{Deployment, DeploymentConfig, Market, MarketConfig, default_offer};
use flashback_sdk::account::SubjectKind;
use flashback_sdk::address;
use flashback_tests::elf;
use flashback_tests::validator::Validator;
use guide::books::{self, Cast};
use guide::script;
use solana_sdk::signature::write_keypair_file;

/// Its report phase, a quarter, is enough for five reports by the command line.
const WINDOW: Seconds = Seconds(24);
const VARIABLES: [(&str, &str); 3] = [("WINDOW", "24s"), ("SPAN", "72s"), ("PROBES", "1s")];

/// Writes what `flashback localnet` would: keypairs and a configuration.
fn write_folder(folder: &Path, url: &str, market: &Market) {
    std::fs::create_dir_all(folder).unwrap();
    for actor in market.actors() {
        write_keypair_file(&actor.keypair, folder.join(format!("{}.json", actor.name))).unwrap();
    }
    let config = solana_cli_config::Config {
        json_rpc_url: url.to_owned(),
        keypair_path: folder.join("consumer.json").display().to_string(),
        commitment: "confirmed".to_owned(),
        ..Default::default()
    };
    config.save(folder.join("config.yml").to_str().unwrap()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guides_run_on_a_validator() {
    let validator = Validator::start(&elf::path(elf::FLASHBACK)).await.unwrap();
    let config = DeploymentConfig {
        window_min: Seconds(20),
        // Time to terminate an SLA before its first window.
        params: Params { access_delay_secs: 20, ..Params::default() },
        ..DeploymentConfig::default()
    };
    let client = validator.client();
    let deployment =
        Deployment::create(client.clone(), validator.authority(), config).await.unwrap();
    let offer = Offer { min_duration_secs: WINDOW.0, probe_interval_secs: 1, ..default_offer() };
    let market = MarketConfig { offer, ..MarketConfig::default() };
    let market = Market::open(&deployment, market).await.unwrap();
    let home = std::env::temp_dir().join(format!("flashback-guides-{}", market.consumer.key()));
    let folder = home.join("localnet");
    write_folder(&folder, &client.rpc().url(), &market);
    let cast = Cast {
        consumer: market.consumer.key(),
        newcomer: market.newcomer.key(),
        provider: market.provider.key(),
        oracles: market.oracles.iter().map(|oracle| oracle.key()).collect(),
    };

    let before = books::holdings(&client, &cast).await;
    let mut accounts = books::accounts(&client).await;
    let (noted, mut notes) = tokio::sync::mpsc::unbounded_channel();
    let noting = tokio::spawn(books::notes(client.clone(), cast.consumer, noted));
    for guide in script::GUIDES {
        let (folder, home) = (folder.clone(), home.clone());
        let run = move || script::run(guide, &["sh"], &folder, &home, &VARIABLES);
        tokio::task::spawn_blocking(run).await.unwrap();
    }
    noting.abort();
    let seated: BTreeMap<_, _> = std::iter::from_fn(|| notes.try_recv().ok()).collect();

    assert_eq!(books::holdings(&client, &cast).await, books::expected(before, &seated));
    // Left are the provider that is unstaking, and its certificate.
    accounts.insert(address::provider(&cast.newcomer));
    accounts.insert(address::certificate(SubjectKind::Provider, &cast.newcomer));
    assert_eq!(books::accounts(&client).await, accounts);
    books::check_escrows_are_gone(&client, &cast.consumer).await;
    std::fs::remove_dir_all(home).unwrap();
}
