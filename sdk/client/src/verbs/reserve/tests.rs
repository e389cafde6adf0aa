use std::sync::Mutex;

use async_trait::async_trait;
use flashback_core::quality::Thresholds;
use flashback_core::reputation::Score;
use flashback_core::sla::Offer;
use flashback_core::units::{DAY, Gib, Seconds};
use serde_json::{Value, json};
use solana_commitment_config::CommitmentConfig;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client::rpc_client::RpcClientConfig;
use solana_rpc_client::rpc_sender::{RpcSender, RpcTransportStats};
use solana_rpc_client_api::client_error::Error as ClientError;
use solana_rpc_client_api::request::RpcRequest;
use solana_sdk::hash::Hash;
use solana_sdk::signature::{Keypair, Signer};

use super::*;
use crate::account::{DataUnit, Maintenance, VERSION};
use crate::send::OfflineTransaction;
use crate::verbs::stored::Stored;

#[test]
fn a_reservation_is_known_by_everything_that_it_asked_for() {
    let asked = Thresholds { errors_ppm: 5, ..Thresholds::NONE };
    let reservation = Reservation { thresholds: Some(asked), ..Reservation::daily(Gib(7), 30) };
    let mut terms: SlaTerms = bytemuck::Zeroable::zeroed();
    (terms.gib, terms.window_secs, terms.windows, terms.seats) = (7, 86_400, 30, 3);
    (terms.uptime_failures_ppm, terms.errors_ppm) = (asked.uptime_failures_ppm, 5);
    (terms.latency_us, terms.upload_kib_s) = (asked.latency_us, asked.upload_kib_s);
    terms.download_kib_s = asked.download_kib_s;
    assert!(reservation.got(&terms));
    assert!(Reservation { thresholds: None, ..reservation }.got(&terms));
    let another = Thresholds { errors_ppm: 6, ..asked };
    for other in [
        Reservation { capacity: Gib(8), ..reservation },
        Reservation { window: Seconds(43_200), ..reservation },
        Reservation { windows: 31, ..reservation },
        Reservation { seats: 5, ..reservation },
        Reservation { thresholds: Some(another), ..reservation },
    ] {
        assert!(!other.got(&terms), "{other:?}");
    }
}

/// The slot in which everything lands.
const LANDS_IN: u64 = 77;

/// A server that has landed a proposal, and does not know of it unless it is asked for that slot.
struct Lagging {
    before: Stored,
    after: Stored,
    sent: Mutex<Vec<String>>,
}

#[async_trait]
impl RpcSender for Lagging {
    async fn send(
        &self,
        request: RpcRequest,
        params: Value,
    ) -> std::result::Result<Value, ClientError> {
        let value = |value: Value| json!({ "context": { "slot": LANDS_IN }, "value": value });
        Ok(match request {
            RpcRequest::GetMultipleAccounts => {
                let since = params[1]["minContextSlot"].as_u64();
                let known = if since == Some(LANDS_IN) { &self.after } else { &self.before };
                value(json!(known.told(&params[0])))
            }
            RpcRequest::SimulateTransaction => value(json!({
                "err": null, "logs": [], "unitsConsumed": 1_000, "loadedAccountsDataSize": 1_000,
            })),
            RpcRequest::GetRecentPrioritizationFees => json!([]),
            RpcRequest::GetLatestBlockhash => {
                let hash = Hash::new_from_array([3; 32]).to_string();
                value(json!({ "blockhash": hash, "lastValidBlockHeight": 100 }))
            }
            RpcRequest::SendTransaction => {
                let sent = OfflineTransaction::from_base64(params[0].as_str().unwrap()).unwrap();
                let signature = sent.transaction().signatures[0].to_string();
                self.sent.lock().unwrap().push(signature.clone());
                json!(signature)
            }
            RpcRequest::GetSignatureStatuses => {
                let asked = params[0][0].as_str().unwrap();
                let landed = self.sent.lock().unwrap().iter().any(|sent| sent == asked);
                let status = json!({
                    "slot": LANDS_IN, "confirmations": 1, "err": null, "status": { "Ok": null },
                    "confirmationStatus": "confirmed",
                });
                value(json!([if landed { status } else { Value::Null }]))
            }
            RpcRequest::GetEpochInfo => json!({
                "epoch": 0, "slotIndex": 1, "slotsInEpoch": 100, "absoluteSlot": LANDS_IN,
                "blockHeight": 10, "transactionCount": 0,
            }),
            other => panic!("it does not answer {other}"),
        })
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "a server that lags".to_owned()
    }
}

fn unit(provider: Pubkey) -> DataUnit {
    DataUnit {
        version: VERSION,
        bump: 255,
        protocols: 1,
        consumer_level: 0,
        auto_accept: false,
        closing: false,
        flags: [0; 2],
        region: flashback_core::text::region("eu-central-1").unwrap(),
        provider,
        id: 1,
        rent_payer: Pubkey::default(),
        capacity_gib: 1_024,
        taken_gib: 0,
        live_slas: 0,
        offer: Offer {
            price_per_gib_month: 20_000,
            version: 1,
            min_duration_secs: DAY,
            max_duration_secs: 365 * DAY,
            probe_interval_secs: 60,
            thresholds: Thresholds { errors_ppm: 1_000, ..Thresholds::NONE },
        },
        score: Score { milli: 80_000, updated_at: 0 },
        maintenance: [Maintenance::default(); 2],
        boost: 0,
        boosted_at: 0,
        listed_at: 0,
        reserved: [0; 64],
        endpoint_uri: String::new(),
    }
}

#[tokio::test]
async fn what_a_server_does_not_know_of_yet_is_reserved_all_the_same() {
    let (consumer, authority) = (Keypair::new(), Pubkey::new_unique());
    let (provider, sla) = (address::provider(&authority), address::sla(&consumer.pubkey(), 5));
    let reservation = Reservation::daily(Gib(7), 30);
    let (before, after) = (Stored::at(0), Stored::at(0));
    before.put_config(Pubkey::new_unique());
    before.put_borsh(address::unit(&provider, 1), &unit(provider));
    let mut proposed: Sla = bytemuck::Zeroable::zeroed();
    (proposed.version, proposed.provider, proposed.unit_id) = (VERSION, provider, 1);
    proposed.body.progress.state = SlaState::Proposed.code();
    let terms = &mut proposed.body.terms;
    (terms.gib, terms.window_secs, terms.windows, terms.seats) = (7, 86_400, 30, 3);
    after.put_sla(sla, &proposed);

    let server = Lagging { before, after, sent: Mutex::default() };
    let rpc = RpcClient::new_sender(
        server,
        RpcClientConfig::with_commitment(CommitmentConfig::confirmed()),
    );
    let client = Flashback::over(rpc, consumer);
    let reserved = client.reserve(&authority, 1, 5, &reservation).await.unwrap();
    assert_eq!((reserved.sla, reserved.state), (sla, SlaState::Proposed));
    assert_eq!(reserved.proposed.map(|receipt| receipt.slot), Some(LANDS_IN));
}
