//! `flashback oracle report --file`.

use flashback_localnet::{Localnet, LocalnetConfig, Market, MarketConfig};
use flashback_sdk::core::units::Timestamp;
use serde_json::{Value, json};

use crate::common::{Machine, Run};

/// More than a transaction holds.
const SLAS: usize = 9;

/// A market with as many SLAs of one committee, whose first window has ended.
struct Stage {
    _chain: Localnet,
    machine: Machine,
    /// The keypair of an oracle, and the SLAs in which it has a seat.
    oracle: String,
    seated: Vec<String>,
    /// One in which it has none, if there is any.
    stranger: Option<String>,
}

impl Stage {
    async fn set() -> Self {
        let chain = Localnet::start(LocalnetConfig::default()).await.unwrap();
        let market = Market::open(chain.deployment(), MarketConfig::default()).await.unwrap();
        let machine = Machine::at(chain.rpc_url());
        let consumer = machine.keypair("consumer.json", &market.consumer.keypair);
        let provider = market.provider.key().to_string();
        let mut slas = vec![];
        // Enough for one oracle to have a seat in more than a transaction holds.
        while most_seated(&market, &slas).await.1.len() < SLAS {
            let line = ["sla", "reserve", "--provider", &provider, "--unit", "1", "--seats", "3"];
            let terms = ["--size", "1GiB", "--for", "2h", "--window", "1h", "-k", &consumer];
            let done = machine.json(&[&line[..], &terms].concat());
            slas.push(done["sla"].as_str().unwrap().to_owned());
        }
        let (key, seated) = most_seated(&market, &slas).await;
        let oracle = market.oracles.iter().find(|oracle| oracle.key() == key).unwrap();
        let oracle = machine.keypair("oracle.json", &oracle.keypair);
        let stranger = slas.iter().find(|sla| !seated.contains(sla)).cloned();
        let mut opens = 0;
        for sla in &slas {
            let sla = market.consumer.client.sla(&sla.parse().unwrap()).await.unwrap();
            opens = opens.max(sla.body.terms.report_opens(0).unwrap().0);
        }
        chain.time_travel_to(Timestamp(opens + 1)).await.unwrap();
        Self { _chain: chain, machine, oracle, seated, stranger }
    }

    /// Reports that file with these flags.
    fn report(&self, reports: &Value, flags: &[&str]) -> Run {
        self.machine.write("reports.json", &reports.to_string());
        let line = ["oracle", "report", "--file", "reports.json", "-k", &self.oracle];
        self.machine.run(&[&line[..], &["--output", "json"], flags].concat())
    }
}

/// The oracle with a seat in most of these SLAs, and those.
async fn most_seated(
    market: &Market,
    slas: &[String],
) -> (solana_sdk::pubkey::Pubkey, Vec<String>) {
    let mut best = (market.oracles[0].key(), vec![]);
    for oracle in &market.oracles {
        let mut seated = vec![];
        for sla in slas {
            let found = market.consumer.client.sla(&sla.parse().unwrap()).await.unwrap();
            if found.seats.contains(&oracle.key()) {
                seated.push(sla.clone());
            }
        }
        if seated.len() > best.1.len() {
            best = (oracle.key(), seated);
        }
    }
    best
}

fn met(sla: &str) -> Value {
    let figures = json!({ "latency": 80_000, "upload": 60_000, "download": 60_000 });
    json!({ "sla": sla, "submission": figures })
}

#[tokio::test(flavor = "multi_thread")]
async fn many_reports_take_few_transactions_and_nothing_is_sent_if_one_is_wrong() {
    let stage = Stage::set().await;
    let all: Vec<Value> = stage.seated.iter().map(|sla| met(sla)).collect();
    let with = |other: Value| Value::from([&all[..], &[other]].concat());

    // Wrong, and refused by the rules: nothing of it is sent.
    let missing = json!({ "sla": "11111111111111111111111111111111", "submission": "abstain" });
    stage.report(&with(missing), &[]).fails(4, "[9], SLA 1111");
    let early = json!({ "sla": stage.seated[0], "window": 1, "submission": "abstain" });
    stage.report(&json!([met(&stage.seated[1]), early]), &[]).fails(4, "[1], SLA");
    let silent = json!({ "sla": stage.seated[0], "submission": {} });
    stage.report(&json!([met(&stage.seated[1]), silent]), &[]).fails(2, "submission.latency");
    if let Some(stranger) = &stage.stranger {
        stage.report(&with(met(stranger)), &[]).fails(4, "[9], SLA");
    }
    for flag in ["--sign-only", "--no-wait"] {
        stage.report(&Value::from(all.clone()), &[flag]).fails(2, "list fewer reports");
    }
    let dry = stage.report(&Value::from(all.clone()), &["--dry-run"]).json();
    let transactions = dry["transaction_count"].as_u64().unwrap();
    assert!(transactions > 1 && transactions < SLAS as u64, "{dry}");

    // The memo goes with each transaction, and takes its room.
    let done = stage.report(&Value::from(all.clone()), &["--with-memo", &"m".repeat(200)]).json();
    let signatures = done["signatures"].as_array().unwrap();
    assert!(signatures.len() as u64 >= transactions && signatures.len() < SLAS, "{done}");
    let rows = done["reports"].as_array().unwrap();
    assert_eq!(rows.len(), SLAS);
    for (row, sla) in rows.iter().zip(&stage.seated) {
        assert_eq!((&row["sla"], &row["window"]), (&sla.as_str().into(), &0.into()));
        assert_eq!((&row["result"], &row["finding"]), (&"reported".into(), &"as promised".into()));
        assert_eq!(row["shortfall_ppm"], 0);
    }
    let shown = stage.machine.json(&["transaction", "show", signatures[0].as_str().unwrap()]);
    assert_eq!(shown["instructions"][3]["instruction"], "submit_many");
    assert_eq!(shown["instructions"][4]["instruction"], "memo");

    // Once is enough.
    stage.report(&Value::from(all), &[]).fails(4, "[0], SLA");
}
