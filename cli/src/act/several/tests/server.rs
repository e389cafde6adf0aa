//! A server that says of each transaction, by the SLA in it, what a test wants.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flashback_sdk::error::CoreError;
use serde_json::{Value, json};
use solana_rpc_client_api::client_error::Result as ClientResult;
use solana_rpc_client_api::request::RpcRequest;
use solana_sdk::hash::Hash;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::transaction::VersionedTransaction;

/// What becomes of a transaction.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// It takes effect.
    Lands,
    /// The program refuses it.
    Refuses(CoreError),
    /// The server does not answer.
    IsGone,
}

#[derive(Clone)]
pub struct Server(Arc<State>);

struct State {
    answers: BTreeMap<Pubkey, Answer>,
    sent: Mutex<Vec<String>>,
}

impl Server {
    pub fn new(answers: impl Iterator<Item = (Pubkey, Answer)>) -> Self {
        Self(Arc::new(State { answers: answers.collect(), sent: Mutex::default() }))
    }

    /// The signatures of what was sent.
    pub fn sent(&self) -> Vec<String> {
        self.0.sent.lock().unwrap().clone()
    }

    pub fn answer(&self, request: RpcRequest, params: &Value) -> ClientResult<Value> {
        let value = |value: Value| json!({ "context": { "slot": 9 }, "value": value });
        Ok(match request {
            RpcRequest::SimulateTransaction => {
                let error = match self.of(&decoded(&params[0])) {
                    Answer::Lands => Value::Null,
                    Answer::Refuses(core) => {
                        json!({ "InstructionError": [3, { "Custom": core.number() }] })
                    }
                    Answer::IsGone => {
                        return Err(
                            std::io::Error::from(std::io::ErrorKind::ConnectionReset).into()
                        );
                    }
                };
                value(json!({ "err": error, "logs": [], "unitsConsumed": 1_000 }))
            }
            RpcRequest::GetMultipleAccounts => {
                let asked = params[0].as_array().map_or(0, Vec::len);
                value(json!(vec![Value::Null; asked]))
            }
            RpcRequest::GetRecentPrioritizationFees => json!([]),
            RpcRequest::GetLatestBlockhash => {
                let hash = Hash::new_unique().to_string();
                value(json!({ "blockhash": hash, "lastValidBlockHeight": 100 }))
            }
            RpcRequest::GetEpochInfo => json!({
                "epoch": 0, "slotIndex": 1, "slotsInEpoch": 100, "absoluteSlot": 9,
                "blockHeight": 10, "transactionCount": 0,
            }),
            RpcRequest::GetSignatureStatuses => {
                let wanted = params[0][0].as_str().unwrap().to_owned();
                value(json!([self.sent().contains(&wanted).then(|| json!({
                    "slot": 7, "confirmations": null, "err": null, "status": { "Ok": null },
                    "confirmationStatus": "finalized",
                }))]))
            }
            RpcRequest::SendTransaction => {
                let signature = decoded(&params[0]).signatures[0].to_string();
                self.0.sent.lock().unwrap().push(signature.clone());
                json!(signature)
            }
            other => panic!("nobody should ask for {other}"),
        })
    }

    fn of(&self, transaction: &VersionedTransaction) -> Answer {
        let keys = transaction.message.static_account_keys();
        *self.0.answers.iter().find(|(sla, _)| keys.contains(sla)).unwrap().1
    }
}

fn decoded(base64: &Value) -> VersionedTransaction {
    let bytes = BASE64_STANDARD.decode(base64.as_str().unwrap()).unwrap();
    bincode::deserialize(&bytes).unwrap()
}
