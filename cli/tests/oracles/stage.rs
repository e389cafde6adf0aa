//! A chain, storage, and an SLA whose oracles are yet to be started.

use std::process::Child;

use flashback_localnet::{Actor, Localnet, LocalnetConfig, Market, MarketConfig, default_offer};
use flashback_sdk::account::Sla;
use flashback_sdk::core::quality::Thresholds;
use flashback_sdk::core::sla::Offer;
use flashback_sdk::core::units::{Seconds, Timestamp};
use flashback_test_storage::{StorageConfig, TestStorage};
use serde_json::json;
use solana_sdk::pubkey::Pubkey;

use crate::common::Machine;

/// Length of a window, in seconds: a probing round each.
pub const WINDOW: u32 = 60;

pub struct Stage {
    pub chain: Localnet,
    pub market: Market,
    pub storage: TestStorage,
    pub machine: Machine,
    pub sla: Pubkey,
}

/// A process that ends with its owner.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Stage {
    /// An SLA of that many windows with a committee of three, its storage sealed to them.
    pub async fn set(windows: u32) -> Self {
        let mut config = LocalnetConfig { window_min: Seconds(20), ..LocalnetConfig::default() };
        config.params.access_delay_secs = 20;
        let chain = Localnet::start(config).await.unwrap();
        let market = MarketConfig { offer: offer(), ..MarketConfig::default() };
        let market = Market::open(chain.deployment(), market).await.unwrap();
        let storage = TestStorage::start(StorageConfig::default()).await.unwrap();
        let machine = Machine::at(chain.rpc_url());
        let key = |actor: &Actor| machine.keypair(&format!("{}.json", actor.name), &actor.keypair);
        let provider = key(&market.provider);
        machine.json(&["unit", "update", "1", "--endpoint", &storage.url(), "-k", &provider]);
        for (number, oracle) in market.oracles.iter().enumerate() {
            let name = &oracle.name;
            let made = machine.json(&["oracle", "key", "new", &format!("{name}.x25519")]);
            let x25519 = made["x25519"].as_str().unwrap();
            let url = format!("http://127.0.0.1:{}", free_port(number));
            let keys = key(oracle);
            let line = ["oracle", "update", "--x25519", x25519, "--records-url", &url, "-k", &keys];
            machine.json(&line);
        }
        let consumer = key(&market.consumer);
        let length = format!("{}s", windows * WINDOW);
        let window = format!("{WINDOW}s");
        let provider = market.provider.key().to_string();
        let line = ["sla", "reserve", "--provider", &provider, "--unit", "1", "--seats", "3"];
        let terms = ["--size", "1TiB", "--for", &length, "--window", &window, "-k", &consumer];
        let reserved = machine.json(&[&line[..], &terms].concat());
        let sla: Pubkey = reserved["sla"].as_str().unwrap().parse().unwrap();
        let access = json!({
            "protocol": "s3",
            "bucket": storage.bucket(),
            "access": {
                "access_key_id": storage.access_key_id(),
                "secret_access_key": storage.secret_access_key(),
            },
        });
        machine.write("access.json", &access.to_string());
        let seal = ["sla", "seal", &sla.to_string(), "--access", "access.json", "--out", "sealed"];
        let sealed = machine.json(&seal);
        assert_eq!(sealed["sealed"].as_array().unwrap().len(), 3);
        Self { chain, market, storage, machine, sla }
    }

    /// The SLA as it stands.
    pub async fn account(&self) -> Sla {
        self.market.consumer.client.sla(&self.sla).await.unwrap()
    }

    /// The oracles of its committee, by seat.
    pub async fn committee(&self) -> Vec<&Actor> {
        let seats = self.account().await.seats;
        seats.iter().filter_map(|key| self.market.oracle(key)).collect()
    }

    /// Starts an oracle. Its log goes to a file of its name.
    pub async fn start(&self, oracle: &Actor, store: &str) -> Process {
        let account = self.market.consumer.client.oracle(&oracle.key()).await.unwrap();
        let url = flashback_sdk::core::text::padded_text(&account.records_url).to_string();
        let listen = url.trim_start_matches("http://").to_owned();
        let (key, keys) = (format!("{}.x25519", oracle.name), format!("{}.json", oracle.name));
        let line = ["oracle", "run", "--key", &key, "--credentials", "sealed", "--store", store];
        let quickly = [
            "--listen",
            &listen,
            "--look",
            "1s",
            "--object-kib",
            "16",
            "--allow-http",
            "-k",
            &keys,
        ];
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.machine.path(&format!("{}.log", oracle.name)))
            .unwrap();
        Process(self.machine.spawn_logged(&[&line[..], &quickly].concat(), log))
    }

    /// What an oracle has logged.
    pub fn log(&self, oracle: &Actor) -> String {
        let path = self.machine.path(&format!("{}.log", oracle.name));
        std::fs::read_to_string(path).unwrap_or_default()
    }

    /// Waits until the chain's clock shows that time.
    pub async fn until(&self, time: Timestamp) {
        while self.chain.now().await.unwrap() < time {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }
}

/// A port that nobody listens at, as of now.
fn free_port(_: usize) -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Probed every second, and easily kept.
fn offer() -> Offer {
    Offer {
        min_duration_secs: WINDOW,
        probe_interval_secs: 1,
        thresholds: Thresholds {
            uptime_failures_ppm: 50_000,
            errors_ppm: 50_000,
            latency_us: 1_000_000,
            upload_kib_s: 1,
            download_kib_s: 1,
        },
        ..default_offer()
    }
}
