use flashback_core::sla::Offer;
use flashback_core::text::region;
use flashback_core::units::{ATOMS_PER_FLASH, Atoms, Gib, PricePerGibMonth};
use flashback_localnet::{Actor, Market, MarketConfig, default_offer};
use flashback_sdk::account::{SubjectKind, VERSION};
use flashback_sdk::instruction::{self as build, CertificateSigner, CreateUnitArgs};
use flashback_sdk::{Error, Flashback, Search, address};
use serde_json::{Value, json};
use solana_rpc_client_api::request::RpcRequest;
use solana_sdk::pubkey::Pubkey;

use crate::start;

/// A unit at a price, in atoms per GiB and month.
fn unit(id: u64, price_per_gib_month: u64) -> CreateUnitArgs {
    CreateUnitArgs {
        id,
        capacity_gib: 100,
        offer: Offer { price_per_gib_month, ..default_offer() },
        protocols: 1,
        consumer_level: 0,
        auto_accept: true,
        region: region("us-east-1").unwrap(),
        endpoint_uri: "https://s3.another.example".to_owned(),
    }
}

async fn lists(provider: &Actor, units: impl IntoIterator<Item = CreateUnitArgs>) {
    for unit in units {
        provider.client.create_unit(unit).send().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn units_are_found_by_what_is_looked_for() {
    let chain = start().await;
    let deployment = chain.deployment();
    let config = MarketConfig { oracles: 0, ..MarketConfig::default() };
    let market = Market::open(deployment, config).await.unwrap();
    let stake = Atoms(1_000 * ATOMS_PER_FLASH);
    let another = deployment.provider(&market.certifier, "another", stake).await.unwrap();
    let cheap = unit(1, 10_000);
    let picky = CreateUnitArgs { consumer_level: 3, ..unit(2, 11_000) };
    let azure = CreateUnitArgs { protocols: 5, ..unit(3, 30_000) };
    lists(&another, [cheap, picky, azure, unit(4, 30_000), unit(5, 1)]).await;
    another.client.send(&[build::close_unit(another.key(), 5)], &[]).await.unwrap();
    // Registered and staked, but its certificate is revoked.
    let dubious = deployment.provider(&market.certifier, "dubious", stake).await.unwrap();
    lists(&dubious, [unit(1, 2)]).await;
    let certifier = &market.certifier;
    let signer = CertificateSigner::Certifier(certifier.key());
    let (kind, payer) = (SubjectKind::Provider, certifier.key());
    let revoke = build::revoke_certificate(signer, kind, &dubious.key(), payer);
    certifier.client.send(&[revoke], &[]).await.unwrap();

    let consumer = &market.consumer.client;
    let all = consumer.units_of_provider(&another.key()).await.unwrap();
    let mut ids: Vec<_> = all.accounts.iter().map(|(_, unit)| unit.id).collect();
    ids.sort();
    assert_eq!((ids, all.skipped.len()), (vec![1, 2, 3, 4, 5], 0));
    let all = consumer.providers().await.unwrap().accounts.into_iter();
    let mut authorities: Vec<_> = all.map(|(_, provider)| provider.authority).collect();
    authorities.sort();
    let mut expected = vec![market.provider.key(), another.key(), dubious.key()];
    expected.sort();
    assert_eq!(authorities, expected);

    let found = async |search: Search| {
        let listings = consumer.search(&search).await.unwrap();
        assert!(listings.skipped.is_empty());
        let units = listings.units.iter();
        units.map(|unit| (unit.provider_authority, unit.unit.id)).collect::<Vec<_>>()
    };
    let (own, other) = (market.provider.key(), another.key());
    let any = Search::default();
    // Of two at one price the lower address is first.
    let mut equal = [3, 4];
    equal.sort_by_key(|id| address::unit(&address::provider(&other), *id));
    let [first, second] = equal;
    assert_eq!(found(any).await, [(other, 1), (own, 1), (other, first), (other, second)]);
    let every = Search { any_consumer: true, ..any };
    assert_eq!(found(every).await[..2], [(other, 1), (other, 2)]);

    let eu = Search { region: Some(region("eu-central-1").unwrap()), ..any };
    assert_eq!(found(eu).await, [(own, 1)]);
    assert_eq!(found(Search { region: Some(region("eu").unwrap()), ..any }).await, []);
    assert_eq!(found(Search { protocols: 4, ..any }).await, [(other, 3)]);
    assert_eq!(found(Search { capacity: Gib(101), ..any }).await, [(own, 1)]);
    let low = Search { max_price: Some(PricePerGibMonth(19_999)), ..any };
    assert_eq!(found(low).await, [(other, 1)]);
    assert_eq!(found(Search { provider_level: 3, ..any }).await, []);
    assert_eq!(found(Search { min_score_milli: 50_001, ..any }).await, []);

    // A boost decides between equals.
    let tokens = address::token_account(&other, &deployment.mint());
    deployment.fund(&other, 0, Atoms(1_000)).await.unwrap();
    let boosted = address::unit(&address::provider(&other), second);
    let boost = build::boost_unit(other, tokens, deployment.mint(), boosted, Atoms(1_000));
    another.client.send(&[boost], &[]).await.unwrap();
    assert_eq!(found(any).await[2..], [(other, second), (other, first)]);

    let listings = consumer.search(&eu).await.unwrap();
    let [listing] = &listings.units[..] else { panic!("one unit") };
    assert_eq!(listing.address, address::unit(&address::provider(&own), 1));
    assert_eq!(listing.provider_address, address::provider(&own));
    assert_eq!(listing.provider.authority, own);
    assert_eq!(listing.certificate.subject, own);
    assert_eq!((listing.score_milli, listing.price_per_quality.0), (50_000, 40_000));
    assert_eq!((listing.free, listing.priority), (Gib(100 * 1_024), Atoms::ZERO));
    assert_ne!(listing.unit.provider, Pubkey::default());

    // A unit of a layout that is not known yet hides no other.
    let newer = Pubkey::new_unique();
    let mut data = consumer.rpc().get_account_data(&listing.address).await.unwrap();
    data[8] = VERSION + 1;
    puts(consumer, &newer, &data).await;
    let listings = consumer.search(&any).await.unwrap();
    assert_eq!(listings.units.len(), 4);
    let [Error::AccountVersionUnknown { address, .. }] = listings.skipped[..] else {
        panic!("one skipped: {:?}", listings.skipped)
    };
    assert_eq!(address, newer);
}

/// Puts an account of the program's there.
async fn puts(client: &Flashback, at: &Pubkey, data: &[u8]) {
    let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
    let account =
        json!({ "lamports": 1_000_000_000, "data": hex, "owner": address::PROGRAM.to_string() });
    let request = RpcRequest::Custom { method: "surfnet_setAccount" };
    let put = client.rpc().send::<Value>(request, json!([at.to_string(), account])).await;
    put.unwrap();
}
