//! Reading from a server that is behind at first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client::rpc_client::RpcClientConfig;
use solana_rpc_client::rpc_sender::{RpcSender, RpcTransportStats};
use solana_rpc_client_api::request::{RpcRequest, RpcResponseErrorData};
use solana_sdk::signature::Keypair;

use super::*;
use crate::{Pace, SendOptions};

/// Comes one slot further with every question, and has one account, with as many lamports as the slot.
struct Behind(Arc<AtomicU64>);

#[async_trait]
impl RpcSender for Behind {
    async fn send(
        &self,
        request: RpcRequest,
        params: Value,
    ) -> std::result::Result<Value, ClientError> {
        assert_eq!(request, RpcRequest::GetMultipleAccounts);
        let slot = self.0.fetch_add(1, Ordering::Relaxed);
        let wanted = params[1]["minContextSlot"].as_u64().expect("a slot");
        if slot < wanted {
            return Err(ErrorKind::RpcError(RpcError::RpcResponseError {
                code: JSON_RPC_SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED,
                message: "Minimum context slot has not been reached".to_owned(),
                data: RpcResponseErrorData::Empty,
            })
            .into());
        }
        let asked = params[0].as_array().expect("addresses").len();
        let account = json!({
            "data": ["", "base64"], "owner": Pubkey::default().to_string(),
            "lamports": slot, "executable": false, "rentEpoch": 0, "space": 0,
        });
        let mut accounts = vec![Value::Null; asked];
        accounts[0] = account;
        Ok(json!({ "context": { "slot": slot }, "value": accounts }))
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "a server that is behind".to_owned()
    }
}

/// A client of a server at a slot, and the slot that it comes to.
fn client(slot: u64) -> (Flashback, Arc<AtomicU64>) {
    let at = Arc::new(AtomicU64::new(slot));
    let rpc = RpcClient::new_sender(Behind(at.clone()), RpcClientConfig::default());
    let pace =
        Pace { first_pause: Duration::ZERO, longest_pause: Duration::ZERO, ..Pace::default() };
    let options = SendOptions { pace, ..SendOptions::default() };
    (Flashback::over(rpc, Keypair::new()).with_options(options), at)
}

#[tokio::test]
async fn a_server_that_lags_is_asked_until_it_has_come_to_the_slot() {
    let (client, at) = client(95);
    let read = client.accounts_since(&[Pubkey::new_unique(), Pubkey::new_unique()], 100).await;
    let read = read.unwrap();
    assert_eq!(read[0].as_ref().map(|account| account.lamports), Some(100));
    assert_eq!(read[1], None);
    assert_eq!(at.load(Ordering::Relaxed), 101);
}

#[tokio::test]
async fn one_that_lags_for_too_long_is_told_of() {
    let (client, at) = client(0);
    let read = client.accounts_since(&[Pubkey::new_unique()], 1_000).await;
    assert!(matches!(read, Err(Error::Rpc(_))), "{read:?}");
    assert_eq!(at.load(Ordering::Relaxed), u64::from(LAGGING_MAX) + 1);
}
