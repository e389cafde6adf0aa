use std::time::Duration;

use flashback_core::quality::Aggregate;
use flashback_core::sla::{Offer, SlaState, SlaTerms};
use flashback_core::units::{ATOMS_PER_FLASH, Atoms, Gib, Seconds, Timestamp};
use flashback_localnet::{Actor, Localnet, Market, MarketConfig, default_offer};
use flashback_sdk::account::Sla;
use flashback_sdk::instruction::{self as build, AcceptSla, CreateUnitArgs, SubmitReportArgs};
use flashback_sdk::quote::Reservation;
use flashback_sdk::watch::{Outcomes, SlaChange};
use flashback_sdk::{Error, Flashback, Found, address};
use flashback_tests::measured::{down, met};
use solana_sdk::pubkey::Pubkey;
use tokio::task::JoinSet;

use crate::start;

/// Long enough to report several SLAs in its report phase, which is a quarter of it.
const WINDOW: Seconds = Seconds(120);

fn offer() -> Offer {
    Offer { min_duration_secs: WINDOW.0, probe_interval_secs: 6, ..default_offer() }
}

/// 10 TiB for one window.
fn reservation() -> Reservation {
    Reservation { window: WINDOW, ..Reservation::daily(Gib(10 * 1_024), 1) }
}

/// A provider whose unit waits for its word.
async fn hesitant(chain: &Localnet, market: &Market) -> Actor {
    let stake = Atoms(5_000 * ATOMS_PER_FLASH);
    let provider = chain.deployment().provider(&market.certifier, "hesitant", stake).await.unwrap();
    let unit = CreateUnitArgs {
        id: 1,
        capacity_gib: 100 * 1_024,
        offer: offer(),
        protocols: 1,
        consumer_level: 0,
        auto_accept: false,
        region: flashback_core::text::region("us-east-1").unwrap(),
        endpoint_uri: "https://s3.hesitant.example".to_owned(),
    };
    provider.client.create_unit(unit).send().await.unwrap();
    provider
}

/// Three SLAs: one made at one go, one that was interrupted after its proposal, one that waited for its provider.
async fn reserve_three(market: &Market, hesitant: &Actor) -> [Pubkey; 3] {
    let consumer = &market.consumer.client;
    let (provider, unit) = (market.provider.key(), market.unit_id);
    let id = consumer.free_sla_id().await.unwrap();
    assert_eq!(id, 1);
    let first = consumer.reserve(&provider, unit, id, &reservation()).await.unwrap();
    assert_eq!((first.state, first.sla), (SlaState::Active, address::sla(&consumer.key(), 1)));
    assert!(first.proposed.is_some() && first.seated.is_some());
    let before = consumer.balance(&consumer.key()).await.unwrap();
    let again = consumer.reserve(&provider, unit, id, &reservation()).await.unwrap();
    assert_eq!((again.state, again.terms), (SlaState::Active, first.terms));
    assert!(again.proposed.is_none() && again.seated.is_none());

    // The number belongs to that SLA, whatever else is wanted of it.
    for (provider, unit, wanted) in [
        (provider, unit, Reservation { capacity: Gib(1), ..reservation() }),
        (hesitant.key(), 1, reservation()),
        (provider, unit + 1, reservation()),
    ] {
        let refused = consumer.reserve(&provider, unit, id, &wanted).await;
        assert!(matches!(refused, Err(Error::SlaIdTaken { id: 1, .. })), "{refused:?}");
    }
    assert_eq!(consumer.balance(&consumer.key()).await.unwrap(), before, "nothing was reserved");

    let id = consumer.free_sla_id().await.unwrap();
    assert_eq!(id, 2);
    let quoted = consumer.quote(&provider, unit, &reservation()).await.unwrap();
    consumer.propose_sla(&provider, unit, id, &quoted).await.unwrap().send().await.unwrap();
    let second = consumer.reserve(&provider, unit, id, &reservation()).await.unwrap();
    assert_eq!(second.state, SlaState::Active);
    assert!(second.proposed.is_none() && second.seated.is_some());

    let id = consumer.free_sla_id().await.unwrap();
    let proposed = consumer.reserve(&hesitant.key(), 1, id, &reservation()).await.unwrap();
    assert_eq!((proposed.id, proposed.state), (3, SlaState::Proposed));
    assert!(proposed.proposed.is_some() && proposed.seated.is_none());
    let accept = build::accept_sla(AcceptSla {
        signer: hesitant.key(),
        provider_authority: hesitant.key(),
        unit_id: 1,
        sla: proposed.sla,
        consumer_certificate: None,
    });
    hesitant.client.send(&[accept], &[]).await.unwrap();
    let third = consumer.reserve(&hesitant.key(), 1, id, &reservation()).await.unwrap();
    assert_eq!(third.state, SlaState::Active);
    assert!(third.proposed.is_none() && third.seated.is_some());
    [first.sla, second.sla, third.sla]
}

fn held(sla: &Sla) -> impl Iterator<Item = Pubkey> {
    sla.seats.into_iter().filter(|key| *key != Pubkey::default())
}

/// Every seat of every SLA reports its first window, all at once.
async fn report(market: &Market, slas: &[(Pubkey, Sla, Aggregate)]) {
    let mut reports = JoinSet::new();
    for (address, sla, aggregate) in slas {
        for key in held(sla) {
            let client = market.oracle(&key).unwrap().client.clone();
            let args = SubmitReportArgs { window: 0, aggregate: *aggregate, root: [0; 32] };
            let address = *address;
            reports.spawn(async move { client.submit_report(&address, args).send().await });
        }
    }
    while let Some(report) = reports.join_next().await {
        report.unwrap().unwrap();
    }
}

async fn read(client: &Flashback, slas: [Pubkey; 3]) -> [Sla; 3] {
    let [first, second, third] = slas;
    [
        client.sla(&first).await.unwrap(),
        client.sla(&second).await.unwrap(),
        client.sla(&third).await.unwrap(),
    ]
}

fn latest(slas: &[Sla], time: impl Fn(&SlaTerms) -> Timestamp) -> Timestamp {
    slas.iter().map(|sla| time(&sla.body.terms)).max().unwrap()
}

fn addresses(found: Found<Sla>) -> Vec<Pubkey> {
    assert!(found.skipped.is_empty());
    found.accounts.into_iter().map(|(address, _)| address).collect()
}

fn sorted(slas: impl IntoIterator<Item = Pubkey>) -> Vec<Pubkey> {
    let mut slas: Vec<_> = slas.into_iter().collect();
    slas.sort();
    slas
}

/// What withdrawing everything as one key brings to another's purse; the second time it brings nothing.
async fn withdrawn(client: &Flashback, to: &Pubkey, transactions: usize) -> u64 {
    let before = client.balance(to).await.unwrap();
    let receipts = client.withdraw_all().await.unwrap().complete().unwrap();
    assert_eq!(receipts.len(), transactions);
    let after = client.balance(to).await.unwrap();
    assert!(client.withdraw_all().await.unwrap().complete().unwrap().is_empty());
    assert_eq!(client.balance(to).await.unwrap(), after);
    after.minus(before).unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn reserved_watched_settled_and_withdrawn_in_one_call_each() {
    let chain = start().await;
    let config = MarketConfig { offer: offer(), ..MarketConfig::default() };
    let market = Market::open(chain.deployment(), config).await.unwrap();
    let hesitant = hesitant(&chain, &market).await;
    let anyone = chain.deployment().client();
    let (consumer, provider) = (&market.consumer, &market.provider);
    let slas = reserve_three(&market, &hesitant).await;
    let [kept, broken, waited] = slas;

    // Everybody finds theirs.
    let own = anyone.slas_of_consumer(&consumer.key()).await.unwrap();
    assert_eq!(addresses(own), sorted(slas));
    let served = anyone.slas_of_provider(&provider.key()).await.unwrap();
    assert_eq!(addresses(served), sorted([kept, broken]));
    let served = anyone.slas_of_provider(&hesitant.key()).await.unwrap();
    assert_eq!(addresses(served), [waited]);
    let accounts = read(anyone, slas).await;
    for oracle in &market.oracles {
        let seated = slas.iter().zip(&accounts);
        let seated = seated.filter(|(_, sla)| sla.seats.contains(&oracle.key()));
        let found = anyone.slas_of_oracle(&oracle.key()).await.unwrap();
        assert_eq!(addresses(found), sorted(seated.map(|(address, _)| *address)));
    }
    assert!(addresses(anyone.slas_of_consumer(&provider.key()).await.unwrap()).is_empty());

    let mut watch = anyone.watch(&broken).every(Duration::from_millis(50));
    let first = watch.next().await.unwrap().unwrap();
    assert_eq!((first.before, first.state()), (None, Some(SlaState::Active)));
    let watching = tokio::spawn(async move {
        let mut changes = vec![];
        while let Some(change) = watch.next().await? {
            changes.push(change);
        }
        Ok::<Vec<SlaChange>, Error>(changes)
    });

    assert!(anyone.settle_due(&slas).await.unwrap().complete().unwrap().is_empty());
    chain.time_travel_to(latest(&accounts, |t| t.report_opens(0).unwrap())).await.unwrap();
    let terms = accounts[0].body.terms;
    let reported = [met(&terms), down(&terms), met(&terms)];
    let reports: Vec<_> = (0..3).map(|i| (slas[i], accounts[i], reported[i])).collect();
    report(&market, &reports).await;
    chain.time_travel_to(latest(&accounts, |t| t.settles_at(0).unwrap())).await.unwrap();
    // One by name, with what does not exist; then whatever is left, once.
    let some = [kept, Pubkey::new_unique(), kept];
    assert_eq!(anyone.settle_due(&some).await.unwrap().complete().unwrap().len(), 1);
    assert_eq!(anyone.sla(&kept).await.unwrap().body.progress.state(), Ok(SlaState::Ended));
    assert_eq!(anyone.sla(&broken).await.unwrap().body.progress.state(), Ok(SlaState::Active));
    assert_eq!(anyone.settle_all_due().await.unwrap().complete().unwrap().len(), 1);
    assert!(anyone.settle_all_due().await.unwrap().complete().unwrap().is_empty());

    let changes = watching.await.unwrap().unwrap();
    let [ended] = changes[..] else { panic!("one change: {changes:?}") };
    assert_eq!(ended.before, Some(first.now));
    assert_eq!(ended.state(), Some(SlaState::Ended));
    assert_eq!(ended.settled(), Outcomes { breached: 1, ..Outcomes::default() });

    // What was foreseen is what they get: two windows met, one failed.
    let quoted = consumer.client.quote(&provider.key(), 1, &reservation()).await.unwrap();
    let payouts = consumer.client.payouts(&provider.key(), 1, &quoted).await.unwrap();
    let (best, worst) = (payouts.best, payouts.worst);
    anyone.collect_penalty(&broken).await.unwrap().send().await.unwrap();
    let refunded = withdrawn(&consumer.client, &consumer.key(), 1).await;
    let expected = worst.consumer_refund.0 + worst.consumer_compensation.0;
    assert_eq!(refunded, 2 * best.consumer_refund.0 + expected);

    // Anybody may name anybody as an operator: who operates serves nobody else's withdrawals unasked.
    let operator = &market.newcomer;
    let until = anyone.now().await.unwrap().after(3_600).unwrap();
    let name = build::set_operator(provider.key(), operator.key(), until);
    provider.client.send(&[name], &[]).await.unwrap();
    assert!(operator.client.withdraw_all().await.unwrap().complete().unwrap().is_empty());
    let earned = withdrawn(&provider.client, &provider.key(), 1).await;
    assert_eq!(earned, best.provider_earns.0);
    let earned = withdrawn(&hesitant.client, &hesitant.key(), 1).await;
    assert_eq!(earned, best.provider_earns.0);

    let mut fees = 0;
    for oracle in &market.oracles {
        let seats = accounts.iter().filter(|sla| sla.seats.contains(&oracle.key())).count();
        fees += withdrawn(&oracle.client, &oracle.key(), seats.min(1)).await;
    }
    assert_eq!(fees, 2 * best.oracle_fees.0 + worst.oracle_fees.0);

    // A number whose SLA has ended is not taken for a reservation.
    let ended = consumer.client.reserve(&provider.key(), 1, 1, &reservation()).await;
    assert!(matches!(ended, Err(Error::SlaIdTaken { id: 1, .. })), "{ended:?}");
}
