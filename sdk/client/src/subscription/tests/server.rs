//! A scripted RPC server: what it knows, shows and refuses is what a test says.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use anchor_lang::Event;
use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use solana_rpc_client::rpc_client::RpcClientConfig;
use solana_rpc_client::rpc_sender::{RpcSender, RpcTransportStats};
use solana_rpc_client_api::client_error::Result as ClientResult;
use solana_rpc_client_api::request::{RpcError, RpcRequest, RpcResponseErrorData};
use solana_sdk::pubkey::Pubkey;

use crate::event::GuardianAppointed;

use super::super::*;

/// A transaction that a server knows.
#[derive(Clone)]
pub struct Known {
    pub slot: u64,
    pub signature: Signature,
    pub failed: bool,
    pub logs: Option<Vec<String>>,
}

/// Events of one transaction; `number` tells it from others.
pub fn transaction(number: u64, slot: u64, events: u8) -> Known {
    let own = crate::address::PROGRAM;
    let mut logs = vec![format!("Program {own} invoke [1]")];
    for event in (0..events).map(|index| appointed(number, index)) {
        logs.push(format!("Program data: {}", BASE64_STANDARD.encode(event.data())));
    }
    logs.push(format!("Program {own} success"));
    Known { slot, signature: signature(number), failed: false, logs: Some(logs) }
}

pub fn signature(number: u64) -> Signature {
    let mut bytes = [0; 64];
    // The order of signatures is not that of transactions.
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes());
    bytes[8..16].copy_from_slice(&number.to_le_bytes());
    Signature::from(bytes)
}

fn appointed(number: u64, index: u8) -> GuardianAppointed {
    let mut after = [index; 32];
    after[..8].copy_from_slice(&number.to_le_bytes());
    GuardianAppointed { before: Pubkey::default(), after: Pubkey::from(after) }
}

/// What a reader has to observe of a transaction.
pub fn observed(number: u64, slot: u64, events: u8) -> Vec<Observed> {
    let each = (0..events).map(|index| Observed {
        signature: signature(number),
        slot,
        index: usize::from(index),
        event: appointed(number, index).into(),
    });
    each.collect()
}

#[derive(Default)]
pub struct State {
    /// In the order of the chain.
    pub history: Vec<Known>,
    /// Known, but not listed.
    pub hidden: BTreeSet<Signature>,
    /// Listed although not confirmed, as surfpool does.
    pub unconfirmed: BTreeSet<Signature>,
    /// The highest slot that it has seen, if it is another than that of its history.
    pub at_slot: Option<u64>,
    /// Why it refuses: nothing comes back, or an error of that number.
    pub refuses: Option<Option<i64>>,
    /// Questions that it will answer before it is unreachable for one question.
    pub answers_before_failure: Option<u32>,
    pub asked: u32,
    /// The most signatures that it lists at once, if that is less than is asked for.
    pub page_max: Option<usize>,
    /// A question that another server answers, which has only come to that slot.
    pub lags: Option<(u32, u64)>,
}

/// A server whose state a test can change at any time.
#[derive(Clone, Default)]
pub struct Server(Arc<Mutex<State>>);

impl Server {
    pub fn with(history: impl IntoIterator<Item = Known>) -> Self {
        let server = Self::default();
        server.state().history.extend(history);
        server
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub async fn subscribe(&self, from: Start) -> Result<Subscription> {
        let config = RpcClientConfig::default();
        let rpc = RpcClient::new_sender(self.clone(), config);
        Subscription::begin(Arc::new(rpc), Alarm::set(None), from).await
    }
}

impl State {
    fn answer(&self, request: &str, params: &Value) -> std::result::Result<Value, i64> {
        match request {
            "getSignaturesForAddress" => self.list(&params[1]),
            "getTransaction" => Ok(self.transaction(&params[0])),
            "getSignatureStatuses" => {
                let wanted = parsed(&params[0][0]);
                let known = self.listed().find(|known| Some(known.signature) == wanted);
                let status = known.map(|known| {
                    json!({
                        "slot": known.slot, "confirmations": null, "err": error(known),
                        "status": { "Ok": null }, "confirmationStatus": "finalized",
                    })
                });
                Ok(json!({ "context": { "slot": 1 }, "value": [status] }))
            }
            other => panic!("{other} was not expected"),
        }
    }

    fn listed(&self) -> impl Iterator<Item = &Known> {
        let known = |known: &&Known| known.slot <= self.slot();
        let shown = |known: &&Known| !self.hidden.contains(&known.signature);
        self.history.iter().rev().filter(known).filter(shown)
    }

    fn slot(&self) -> u64 {
        let newest = self.history.iter().map(|known| known.slot).max();
        match self.lags {
            Some((question, slot)) if question == self.asked => slot,
            _ => self.at_slot.or(newest).unwrap_or_default(),
        }
    }

    fn list(&self, config: &Value) -> std::result::Result<Value, i64> {
        assert_eq!(config["commitment"], "confirmed");
        if config["minContextSlot"].as_u64() > Some(self.slot()) {
            return Err(-32_016);
        }
        let limit = usize::try_from(config["limit"].as_u64().unwrap()).unwrap();
        assert!((1..=1_000).contains(&limit));
        let before = parsed(&config["before"]);
        let newer = |known: &&Known| Some(known.signature) != before;
        let start = before.map_or(0, |_| self.listed().take_while(newer).count() + 1);
        let page = self.listed().skip(start).take(limit.min(self.page_max.unwrap_or(limit))).map(
            |known| {
                json!({
                    "signature": known.signature.to_string(), "slot": known.slot,
                    "err": error(known), "memo": null, "blockTime": null,
                    "confirmationStatus": self.status(known),
                })
            },
        );
        Ok(page.collect())
    }

    fn status(&self, known: &Known) -> &str {
        if self.unconfirmed.contains(&known.signature) { "processed" } else { "confirmed" }
    }

    fn transaction(&self, wanted: &Value) -> Value {
        let wanted = parsed(wanted);
        let known = self.history.iter().find(|known| Some(known.signature) == wanted);
        let known = known.map(|known| {
            json!({
                "slot": known.slot,
                "transaction": ["", "base64"],
                "meta": {
                    "err": error(known), "status": { "Ok": null }, "fee": 5_000,
                    "preBalances": [], "postBalances": [], "logMessages": known.logs,
                },
                "blockTime": null,
            })
        });
        json!(known)
    }
}

fn parsed(signature: &Value) -> Option<Signature> {
    signature.as_str().map(|signature| signature.parse().unwrap())
}

fn error(known: &Known) -> Value {
    if known.failed { json!({ "InstructionError": [0, { "Custom": 1 }] }) } else { Value::Null }
}

#[async_trait]
impl RpcSender for Server {
    async fn send(&self, request: RpcRequest, params: Value) -> ClientResult<Value> {
        let mut state = self.state();
        state.asked += 1;
        let failing = match &mut state.answers_before_failure {
            Some(0) => {
                state.answers_before_failure = Some(2);
                Some(None)
            }
            Some(left) => {
                *left -= 1;
                None
            }
            None => None,
        };
        let answer = match state.refuses.or(failing) {
            Some(None) => return Err(io::Error::from(io::ErrorKind::ConnectionReset).into()),
            Some(Some(code)) => Err(code),
            None => state.answer(&request.to_string(), &params),
        };
        answer.map_err(|code| {
            let (message, data) = ("refused".to_owned(), RpcResponseErrorData::Empty);
            RpcError::RpcResponseError { code, message, data }.into()
        })
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "scripted".to_owned()
    }
}
