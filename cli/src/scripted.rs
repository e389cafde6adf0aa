//! Clients of a scripted server, for tests.

use std::mem::offset_of;
use std::pin::Pin;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flashback_core::sla::SeatStatus;
use flashback_sdk::account::{FlashbackAccount, Sla, VERSION};
use flashback_sdk::{Flashback, Pace, SendOptions, address};
use serde_json::{Value, json};
use solana_account::Account;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client::rpc_client::RpcClientConfig;
use solana_rpc_client::rpc_sender::{RpcSender, RpcTransportStats};
use solana_rpc_client_api::client_error::Result as ClientResult;
use solana_rpc_client_api::request::RpcRequest;
use solana_sdk::signature::Keypair;

struct Scripted<F>(F);

/// A client of a server that answers so, and that is asked again without a pause.
pub fn client<F>(answer: F) -> Flashback
where
    F: Fn(RpcRequest, &Value) -> ClientResult<Value> + Send + Sync + 'static,
{
    let rpc = RpcClient::new_sender(Scripted(answer), RpcClientConfig::default());
    let (first_pause, longest_pause) = (Duration::ZERO, Duration::ZERO);
    let pace = Pace { first_pause, longest_pause, ..Pace::default() };
    Flashback::over(rpc, Keypair::new())
        .with_options(SendOptions { pace, ..SendOptions::default() })
}

/// A client of a server that has answered for the last time.
pub fn gone() -> Flashback {
    client(|_, _| Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset).into()))
}

/// An SLA's account, all of it zero, but for the report of a seat of window 0.
pub fn sla(reported: Option<usize>) -> Account {
    let mut sla = vec![0; size_of::<Sla>()];
    sla[0] = VERSION;
    if let Some(seat) = reported {
        sla[offset_of!(Sla, body.round.status) + seat] = SeatStatus::Measured.code();
    }
    let data = [Sla::TAG, &sla].concat();
    Account { lamports: 1, data, owner: address::PROGRAM, ..Account::default() }
}

/// A server's answer about accounts, as they are in that slot.
pub fn accounts(slot: u64, accounts: &[Option<Account>]) -> Value {
    let told = accounts.iter().map(|account| {
        account.as_ref().map(|account| {
            json!({
                "data": [BASE64_STANDARD.encode(&account.data), "base64"],
                "owner": account.owner.to_string(),
                "lamports": account.lamports,
                "executable": false,
                "rentEpoch": 0,
                "space": account.data.len(),
            })
        })
    });
    json!({ "context": { "slot": slot }, "value": told.collect::<Vec<_>>() })
}

impl<F> RpcSender for Scripted<F>
where
    F: Fn(RpcRequest, &Value) -> ClientResult<Value> + Send + Sync + 'static,
{
    fn send<'a, 'b>(
        &'a self,
        request: RpcRequest,
        params: Value,
    ) -> Pin<Box<dyn Future<Output = ClientResult<Value>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(std::future::ready((self.0)(request, &params)))
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "a scripted server".to_owned()
    }
}
