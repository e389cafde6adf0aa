//! Commands of every group on a market: what each prints is described in docs/output.schema.json, which the binary checks
//! itself, being built for development.

use flashback_localnet::{Localnet, LocalnetConfig, Market, MarketConfig};
use serde_json::Value;
use solana_sdk::signature::Signer;

use crate::common::Machine;

/// A market, and a machine with everybody's keys.
struct Stage {
    machine: Machine,
    _chain: Localnet,
}

impl Stage {
    async fn set() -> Self {
        let chain = Localnet::start(LocalnetConfig::default()).await.unwrap();
        let market = Market::open(chain.deployment(), MarketConfig::default()).await.unwrap();
        let machine = Machine::at(chain.rpc_url()).with("FLASHBACK_WS_URL", chain.ws_url());
        let authority = chain.deployment().authority();
        machine.keypair("authority", authority);
        let mut named = vec![("authority".to_owned(), authority.pubkey())];
        for (name, actor) in [
            ("certifier", &market.certifier),
            ("provider", &market.provider),
            ("consumer", &market.consumer),
        ] {
            machine.keypair(name, &actor.keypair);
            named.push((name.to_owned(), actor.key()));
        }
        for (number, oracle) in (1..).zip(&market.oracles) {
            let name = format!("oracle-{number}");
            machine.keypair(&name, &oracle.keypair);
            named.push((name, oracle.key()));
        }
        for (name, key) in named {
            machine.run(&["config", "alias", &name, &key.to_string()]).ok();
        }
        Self { machine, _chain: chain }
    }

    /// What a command prints, as this key; words are apart by spaces.
    fn told(&self, key: &str, line: &str) -> Value {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        words.extend(["-k", key, "--yes"]);
        self.machine.json(&words)
    }

    /// The same of several, each as its key.
    fn all(&self, lines: &[(&str, &str)]) {
        for (key, line) in lines {
            self.told(key, line);
        }
    }

    /// Moves the clock behind a time that `sla show` tells.
    fn reach(&self, sla: &str, time: &str) {
        let shown = self.told("consumer", &format!("sla show {sla}"));
        let of = |name: &str| shown[name].as_u64().unwrap();
        if let wait @ 1.. = (of(time) + 1).saturating_sub(of("chain_time")) {
            let travelled = self.told("consumer", &format!("localnet travel {wait}s"));
            assert!(travelled["chain_time"].as_u64() > travelled["chain_time_before"].as_u64());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_commands_print_is_described() {
    let stage = Stage::set().await;
    stage.all(&[
        ("consumer", "wallet"),
        ("consumer", "provider list"),
        ("consumer", "provider show provider"),
        ("consumer", "unit list --provider provider"),
        ("consumer", "unit show 1 --provider provider"),
        ("consumer", "unit search --size 1TiB"),
        ("consumer", "oracle list"),
        ("consumer", "oracle show oracle-1"),
        ("consumer", "certifier list"),
        ("consumer", "certifier show certifier --certificates"),
        ("consumer", "certifier certificate provider provider"),
        ("consumer", "treasury show"),
        ("consumer", "admin show"),
        ("consumer", "admin params show"),
        ("consumer", "config aliases"),
        ("consumer", "treasury check"),
        ("authority", "admin params set min_stake=500FLASH refund_curve=1,0,9999,10000 --dry-run"),
        ("authority", "admin params set unbonding_secs=8d"),
        ("authority", "admin guardian consumer --dry-run"),
        ("authority", "admin arbiter authority"),
        ("authority", "admin authority offer consumer"),
        ("consumer", "admin authority accept --dry-run"),
        ("authority", "admin authority withdraw"),
        ("authority", "admin pause 1d --dry-run"),
        ("authority", "admin certifier appoint consumer --level 2 --for 1d"),
        ("authority", "admin certifier remove consumer --dry-run"),
        ("certifier", "certifier amend provider provider --for 30d --sign-only"),
        ("certifier", "certifier revoke oracle oracle-5 --dry-run"),
        ("provider", "provider update --region r"),
        ("provider", "provider unstake 1"),
        ("provider", "provider show"),
        ("provider", "unit update 1 --price 0.03FLASH --dry-run"),
        ("provider", "unit maintenance 1 --from +36h --for 10m --dry-run"),
        ("provider", "unit refresh 1"),
        ("provider", "unit close 1 --dry-run"),
        ("consumer", "unit boost 1 1FLASH --provider provider"),
        ("oracle-5", "oracle update --records-url https://oracle.example"),
        ("oracle-5", "oracle unstake 1"),
        ("oracle-5", "oracle show"),
        ("oracle-5", "oracle leave --dry-run"),
    ]);

    let terms = "--provider provider --unit 1 --size 1TiB --for 3d --window 1d";
    stage.told("consumer", &format!("sla quote {terms}"));
    stage.told("consumer", &format!("sla propose {terms} --id 7 --dry-run"));
    let reserved = stage.told("consumer", &format!("sla reserve {terms} --id 7"));
    let sla = reserved["sla"].as_str().unwrap();
    let told = |key: &str, line: &str| stage.told(key, &line.replace("SLA", sla));
    told("consumer", "sla list");
    told("consumer", "provider slas provider");
    told("consumer", "sla check SLA");
    told("consumer", "sla terminate SLA --dry-run");
    stage.reach(sla, "reports_from");
    let seated = (1..=5).map(|number| format!("oracle-{number}"));
    let seated: Vec<String> = seated
        .filter(|oracle| {
            let slas = told(oracle, "oracle slas");
            !slas["slas"].as_array().unwrap().is_empty()
        })
        .collect();
    assert_eq!(seated.len(), 3);
    for oracle in &seated {
        let figures = "--latency 50ms --upload 80MiB/s --download 80MiB/s";
        told(oracle, &format!("oracle report SLA {figures}"));
    }
    stage.reach(sla, "reports_until");
    told("consumer", "dispute show SLA 0");
    told("consumer", "dispute open SLA 0 --party consumer");
    told("consumer", "dispute challenge SLA 0 0 0");
    told("consumer", "dispute list SLA");
    told("consumer", "dispute show SLA 0");
    told("consumer", "sla show SLA");
    told("authority", "dispute rule SLA 0 --party consumer --reject");
    told("consumer", "localnet travel 8d");
    told("consumer", "dispute expire-challenge SLA 0 0 0");
    told("consumer", "dispute settle SLA 0");
    told("consumer", "sla settle SLA --dry-run");
    told("consumer", "sla settle --all");
    told("provider", "sla withdraw SLA --dry-run");
    let refunded = told("consumer", "sla withdraw --all");
    let row = &refunded["slas"][0];
    assert_eq!((&row["sla"], &row["earned"]), (&sla.into(), &0.into()), "{refunded}");
    assert!(row["refundable"].as_u64() > Some(0) && row["oracle_fees"] == 0, "{refunded}");
    // A provider's operator: into the provider's wallet, not its own.
    told("provider", "provider operator set consumer --for 1d");
    let earned = told("consumer", "sla withdraw --all --provider provider");
    let grown = |name: &str| {
        let of = |when: &str| earned["amounts"][name][when].as_u64().unwrap();
        of("after") - of("before")
    };
    let row = &earned["slas"][0];
    assert_eq!(row["earned"].as_u64(), Some(grown("payout_wallet")), "{earned}");
    assert!(grown("payout_wallet") > 0 && grown("wallet") == 0, "{earned}");
    assert!(earned["payout"].is_string() && row["refundable"] == 0, "{earned}");
    told("consumer", "sla collect SLA");
    told("consumer", "sla fold SLA --dry-run");
    told("consumer", "sla release SLA --dry-run");
}
