use std::path::PathBuf;
use std::time::Duration;

use flashback_core::sla::Offer;
use flashback_core::units::{Atoms, Gib, Seconds};
use flashback_example_consumer::{Config, Error, run};
use flashback_localnet::{Localnet, Market, MarketConfig, default_offer};
use flashback_sdk::account::Sla;
use flashback_sdk::instruction::SubmitReportArgs;
use flashback_sdk::quote::Reservation;
use flashback_sdk::watch::Outcomes;
use flashback_sdk::{Flashback, address};
use flashback_tests::measured::{down, met};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::write_keypair_file;
use tokio::task::JoinSet;

use crate::start;

/// Long enough to report in its first quarter.
const WINDOW: Seconds = Seconds(120);
const WINDOWS: u16 = 2;

fn config(chain: &Localnet, keypair: PathBuf) -> Config {
    Config {
        url: chain.rpc_url().to_owned(),
        keypair,
        region: "eu-central-1".to_owned(),
        gib: 10 * 1_024,
        windows: WINDOWS,
        window_secs: WINDOW.0,
        max_price: 20_000,
        budget: 1_000_000_000,
        id: None,
        look_every_ms: 100,
        patience_secs: 60,
    }
}

/// The committee reports the first window as met and the last as failed, whenever each has ended.
async fn reports(chain: &Localnet, market: &Market, sla: Pubkey) -> Sla {
    let anyone = chain.deployment().client();
    let account = anyone.sla(&sla).await.unwrap();
    let terms = account.body.terms;
    for window in 0..WINDOWS {
        chain.time_travel_to(terms.report_opens(window).unwrap()).await.unwrap();
        let last = window + 1 == WINDOWS;
        let aggregate = if last { down(&terms) } else { met(&terms) };
        let mut reports = JoinSet::new();
        for key in account.seats.iter().filter(|key| **key != Pubkey::default()) {
            let client = market.oracle(key).unwrap().client.clone();
            let args = SubmitReportArgs { window, aggregate, root: [0; 32] };
            reports.spawn(async move { client.submit_report(&sla, args).send().await });
        }
        while let Some(report) = reports.join_next().await {
            report.unwrap().unwrap();
        }
    }
    chain.time_travel_to(terms.settles_at(WINDOWS - 1).unwrap()).await.unwrap();
    account
}

/// Waits until an SLA's committee is seated.
async fn seated(client: &Flashback, sla: &Pubkey) {
    while client.find::<Sla>(sla).await.unwrap().is_none_or(|sla| sla.body.terms.start == 0) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_reserves_and_takes_everything_home() {
    let chain = start().await;
    let offer = Offer { min_duration_secs: WINDOW.0, probe_interval_secs: 6, ..default_offer() };
    let market = MarketConfig { offer, ..MarketConfig::default() };
    let market = Market::open(chain.deployment(), market).await.unwrap();
    let (consumer, provider) = (&market.consumer, &market.provider);
    let folder = std::env::temp_dir().join(format!("flashback-example-{}", consumer.key()));
    let keypair = folder.join("consumer.json");
    write_keypair_file(&consumer.keypair, &keypair).unwrap();
    let config = config(&chain, keypair);

    // What it does not want, it does not reserve.
    let elsewhere = Config { region: "us-east-1".to_owned(), ..config.clone() };
    let refused = run(&elsewhere, drop).await;
    assert!(matches!(refused, Err(Error::NothingOffered { .. })), "{refused:?}");
    let poor = Config { budget: 1, ..config.clone() };
    let refused = run(&poor, drop).await;
    assert!(matches!(refused, Err(Error::AboveBudget { budget: Atoms(1), .. })), "{refused:?}");

    let reservation =
        Reservation { window: WINDOW, ..Reservation::daily(Gib(config.gib), WINDOWS) };
    let quoted = consumer.client.quote(&provider.key(), 1, &reservation).await.unwrap();
    let foreseen = quoted.quote.payout(1).unwrap();
    let sol = async || consumer.client.rpc().get_balance(&consumer.key()).await.unwrap();
    let (before, sol_before) =
        (consumer.client.balance(&consumer.key()).await.unwrap(), sol().await);

    // It is stopped while the SLA runs, and goes on under the same number.
    let sla = address::sla(&consumer.key(), 1);
    let mut first = tokio::spawn({
        let config = config.clone();
        async move { run(&config, drop).await }
    });
    tokio::select! {
        ended = &mut first => panic!("it ended early: {ended:?}"),
        () = seated(&consumer.client, &sla) => first.abort(),
    }
    let numbered = Config { id: Some(1), ..config };
    let mut second = tokio::spawn(async move {
        let mut told = vec![];
        let outcome = run(&numbered, |line| told.push(line)).await;
        (outcome, told)
    });
    let account = reports(&chain, &market, sla).await;

    // The others take what is theirs once it has ended; then it can be closed.
    let mut watch = consumer.client.watch(&sla);
    while !watch.is_over() {
        tokio::select! {
            change = watch.next() => drop(change.unwrap()),
            ended = &mut second => panic!("it ended early: {ended:?}"),
        }
    }
    provider.client.withdraw_all().await.unwrap().complete().unwrap();
    for key in account.seats.iter().filter(|key| **key != Pubkey::default()) {
        market.oracle(key).unwrap().client.withdraw_all().await.unwrap().complete().unwrap();
    }
    let (outcome, told) = second.await.unwrap();
    let outcome = outcome.unwrap();
    assert_eq!(outcome.sla, sla);
    assert_eq!(outcome.windows, Outcomes { met: 1, breached: 1, ..Outcomes::default() });
    let back = foreseen.consumer_refund.plus(foreseen.consumer_compensation).unwrap();
    assert_eq!(outcome.withdrawn, back);
    assert!(outcome.closed, "{told:?}");
    assert!(consumer.client.find::<Sla>(&sla).await.unwrap().is_none());
    let after = consumer.client.balance(&consumer.key()).await.unwrap();
    assert_eq!(before.0 - after.0, quoted.quote.deposit.0 - back.0);
    // Of SOL only transaction fees are gone: every rent came back.
    let spent = sol_before - sol().await;
    assert!(spent < 1_000_000, "{spent} lamports");
    std::fs::remove_dir_all(folder).unwrap();
}
