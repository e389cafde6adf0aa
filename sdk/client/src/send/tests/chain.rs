//! A model of a chain behind a faulty RPC server, in time that is counted in requests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flashback_core::CoreError;
use serde_json::{Value, json};
use solana_commitment_config::CommitmentConfig;
use solana_nonce::state::{DurableNonce, State};
use solana_nonce::versions::Versions;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client::rpc_client::RpcClientConfig;
use solana_rpc_client::rpc_sender::{RpcSender, RpcTransportStats};
use solana_rpc_client_api::client_error::{Error as ClientError, ErrorKind};
use solana_rpc_client_api::request::{RpcError, RpcRequest, RpcResponseErrorData};
use solana_sdk::hash::Hash;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;
use tokio::sync::Notify;

use crate::send::OfflineTransaction;

/// Blocks for which a blockhash of the model is valid.
pub const VALID_BLOCKS: u64 = 12;
/// Blocks after which a block is confirmed.
const CONFIRMS_AFTER: u64 = 2;

/// How often each fault happens, in percent of the requests that it can hit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// A sent transaction never reaches a leader.
    pub dropped: u8,
    /// It reaches a leader only some blocks later.
    pub late: u8,
    /// It reaches leaders twice.
    pub duplicated: u8,
    /// The answer to a request is lost; what it asked for was done.
    pub answer_lost: u8,
    /// The request is lost.
    pub request_lost: u8,
    /// The server refuses with HTTP's 429, for longer than the client retries by itself.
    pub too_many_requests: u8,
    /// The server refuses to take a sent transaction (an unhealthy node).
    pub refused: u8,
    /// An old blockhash is handed out.
    pub stale_blockhash: u8,
    /// A landed transaction failed.
    pub failed: u8,
    /// A block in which a transaction landed is dropped with its fork before it is confirmed.
    pub fork_dropped: u8,
    /// A request is answered by a node that lags behind.
    pub lagging: u8,
    /// The server reports an error, and passes the sent transaction on all the same.
    pub refused_but_taken: u8,
    /// Somebody else uses the nonce.
    pub nonce_taken: u8,
    /// Blocks between two requests, at most.
    pub blocks_per_request: u8,
}

/// A signed transaction that was sent.
#[derive(Clone, Debug, Default)]
struct Sent {
    /// Its accounts, by which it is known again when it is signed anew.
    about: Vec<Pubkey>,
    /// The last height at which it can land.
    last_valid: u64,
    /// When copies of it reach leaders.
    arrivals: Vec<u64>,
    /// The block that it landed in, and whether it failed.
    landed: Option<(u64, bool)>,
    /// The block of a dropped fork that it was in until then.
    forked: Option<(u64, u64)>,
}

/// The chain, and what was seen of the sender.
pub struct Chain {
    faults: Faults,
    random: u64,
    height: u64,
    sent: BTreeMap<Signature, Sent>,
    order: Vec<Signature>,
    /// What the sender did that it must not do.
    pub wrongs: Vec<String>,
    /// Who may advance the nonce account, and from when on somebody else has; after it was signed with.
    nonce: Option<(Pubkey, u64)>,
    /// After how many more requests the sender is killed, and who is told then.
    kill: Option<(u64, Arc<Notify>)>,
}

impl Chain {
    pub fn new(seed: u64, faults: Faults) -> Self {
        let random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let (sent, order, wrongs) = Default::default();
        Self { faults, random, height: 100, sent, order, wrongs, nonce: None, kill: None }
    }

    /// Has the sender killed with its next request but so many: neither that nor any later one of it is heard.
    pub fn kill_after(&mut self, requests: u64) -> Arc<Notify> {
        let killed = Arc::<Notify>::default();
        self.kill = Some((requests, killed.clone()));
        killed
    }

    /// From here on requests are another sender's, whom nobody kills.
    pub fn start_anew(&mut self) {
        self.kill = None;
    }

    fn is_killed(&mut self) -> bool {
        let Some((left, killed)) = &mut self.kill else { return false };
        let Some(fewer) = left.checked_sub(1) else {
            killed.notify_one();
            return true;
        };
        *left = fewer;
        false
    }

    /// Has a nonce account, whatever its address.
    pub fn with_nonce(mut self, authority: Pubkey) -> Self {
        let taken =
            if self.happens(self.faults.nonce_taken) { 112 + self.below(20) } else { u64::MAX };
        self.nonce = Some((authority, taken));
        self
    }

    /// The nonce account as a node at a height has it. Accounts are one block ahead of statuses.
    fn nonce_account(&self, view: u64) -> Value {
        let Some((authority, taken)) = self.nonce else { return Value::Null };
        let landed = self.sent.values().filter_map(|sent| sent.landed);
        let used = landed.map(|(slot, _)| slot).chain([taken]).any(|slot| slot <= view + 1);
        let state = Versions::new(State::new_initialized(&authority, durable(used), 5_000));
        json!({
            "data": [STANDARD.encode(bincode::serialize(&state).unwrap()), "base64"],
            "owner": solana_system_interface::program::ID.to_string(),
            "lamports": 1, "executable": false, "rentEpoch": 0, "space": 80,
        })
    }

    /// An RPC client of the chain.
    pub fn client(chain: &Arc<Mutex<Self>>) -> RpcClient {
        RpcClient::new_sender(
            Server(chain.clone()),
            RpcClientConfig::with_commitment(CommitmentConfig::confirmed()),
        )
    }

    /// The transactions that took effect, once the chain has gone on for long enough, and those that failed on chain.
    pub fn outcome(&mut self) -> (Vec<Signature>, Vec<Signature>) {
        for _ in 0..10 * VALID_BLOCKS {
            self.next_block();
        }
        let with = |failed: bool| {
            let all = self.sent.iter();
            let with = all.filter(move |(_, sent)| sent.landed.is_some_and(|(_, f)| f == failed));
            with.map(|(signature, _)| *signature).collect()
        };
        (with(false), with(true))
    }

    /// The signatures of those that were sent with this account.
    pub fn sent_about(&self, account: &Pubkey) -> Vec<Signature> {
        let about = self.sent.iter().filter(|(_, sent)| sent.about.contains(account));
        about.map(|(signature, _)| *signature).collect()
    }

    /// How many different transactions were sent.
    pub fn signings(&self) -> usize {
        self.order.len()
    }

    /// A number below `end` (xorshift).
    fn below(&mut self, end: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % end.max(1)
    }

    fn happens(&mut self, percent: u8) -> bool {
        self.below(100) < u64::from(percent)
    }

    fn next_block(&mut self) {
        self.height += 1;
        let height = self.height;
        let signatures: Vec<Signature> = self.sent.keys().copied().collect();
        for signature in signatures {
            let (fails, forks) =
                (self.happens(self.faults.failed), self.happens(self.faults.fork_dropped));
            let Some(sent) = self.sent.get_mut(&signature) else { continue };
            let arrives = sent.arrivals.contains(&height);
            if arrives && height <= sent.last_valid && sent.landed.is_none() {
                match forks {
                    // Seen as processed until it is gone; leaders of the other fork have not got it.
                    true => sent.forked = Some((height, height + CONFIRMS_AFTER - 1)),
                    false => sent.landed = Some((height, fails)),
                }
            }
        }
    }

    fn answer(&mut self, request: RpcRequest, params: &Value) -> Result<Value, ClientError> {
        for _ in 0..1 + self.below(u64::from(self.faults.blocks_per_request)) {
            self.next_block();
        }
        if self.happens(self.faults.request_lost) {
            return Err(lost());
        }
        if self.happens(self.faults.too_many_requests) {
            let text = "HTTP status client error (429 Too Many Requests)".to_owned();
            return Err(ErrorKind::RpcError(RpcError::RpcRequestError(text)).into());
        }
        let behind = if self.happens(self.faults.lagging) { 1 + self.below(12) } else { 0 };
        let view = self.height - behind;
        let value = |value: Value| json!({ "context": { "slot": view }, "value": value });
        let answer = match request {
            RpcRequest::SimulateTransaction => value(json!({
                "err": null, "logs": [], "unitsConsumed": 1_000, "loadedAccountsDataSize": 1_000,
            })),
            RpcRequest::GetMultipleAccounts => {
                let asked = params[0].as_array().map_or(0, Vec::len);
                value(json!(vec![self.nonce_account(view); asked]))
            }
            RpcRequest::GetBlockHeight => json!(view),
            RpcRequest::GetRecentPrioritizationFees => json!([]),
            RpcRequest::GetLatestBlockhash => {
                let age = if self.happens(self.faults.stale_blockhash) { VALID_BLOCKS } else { 0 };
                let issued = view - age;
                let hash = blockhash(issued).to_string();
                value(json!({ "blockhash": hash, "lastValidBlockHeight": issued + VALID_BLOCKS }))
            }
            RpcRequest::GetEpochInfo => json!({
                "epoch": 0, "slotIndex": 0, "slotsInEpoch": 1, "transactionCount": 0,
                "absoluteSlot": view - CONFIRMS_AFTER, "blockHeight": view - CONFIRMS_AFTER,
            }),
            RpcRequest::GetSignatureStatuses => {
                let asked = params[0].as_array().cloned().unwrap_or_default();
                let asked = asked.iter().map(|one| one.as_str().unwrap_or("").parse());
                let statuses = asked.map(|signature| self.status(&signature.unwrap(), view));
                value(Value::from_iter(statuses))
            }
            RpcRequest::SendTransaction => {
                let taken = self.happens(self.faults.refused_but_taken);
                if taken {
                    self.take(params[0].as_str().unwrap_or(""));
                }
                if taken || self.happens(self.faults.refused) {
                    return Err(ErrorKind::RpcError(RpcError::RpcResponseError {
                        code: -32005,
                        message: "Node is behind".to_owned(),
                        data: RpcResponseErrorData::Empty,
                    })
                    .into());
                }
                json!(self.take(params[0].as_str().unwrap_or("")).to_string())
            }
            RpcRequest::GetTransaction => Value::Null,
            other => panic!("the model does not answer {other}"),
        };
        if self.happens(self.faults.answer_lost) { Err(lost()) } else { Ok(answer) }
    }

    fn take(&mut self, base64: &str) -> Signature {
        let taken = OfflineTransaction::from_base64(base64).expect("a signed transaction");
        let transaction = taken.transaction();
        let signature = transaction.signatures[0];
        let hash = transaction.message.recent_blockhash();
        let last_valid = match self.nonce {
            Some((_, taken)) if *hash == nonce_value() => taken - 1,
            _ => height_of(hash).saturating_add(VALID_BLOCKS),
        };
        if !self.sent.contains_key(&signature) {
            let mut alive = self.order.iter().filter(|earlier| {
                let earlier = &self.sent[*earlier];
                let is_same = earlier.about == transaction.message.static_account_keys();
                is_same && (earlier.landed.is_some() || self.height <= earlier.last_valid)
            });
            if let Some(earlier) = alive.next_back() {
                self.wrongs.push(format!(
                    "at {} another one was sent while {:?} could land or had",
                    self.height, self.sent[earlier]
                ));
            }
            self.order.push(signature);
        }
        let mut arrivals = vec![];
        if !self.happens(self.faults.dropped) {
            let late =
                if self.happens(self.faults.late) { self.below(VALID_BLOCKS + 4) } else { 0 };
            arrivals.push(self.height + 1 + late);
            if self.happens(self.faults.duplicated) {
                arrivals.push(self.height + 1 + self.below(VALID_BLOCKS));
            }
        }
        let sent = self.sent.entry(signature).or_default();
        sent.about = transaction.message.static_account_keys().to_vec();
        sent.last_valid = last_valid;
        sent.arrivals.extend(arrivals);
        signature
    }

    /// What a node at a height says of a transaction.
    fn status(&self, signature: &Signature, view: u64) -> Value {
        let Some(sent) = self.sent.get(signature) else { return Value::Null };
        let status = |slot: u64, failed: bool, level: &str| {
            // Of the first instruction behind those of the budget.
            let number = CoreError::Unauthorized.number();
            let refused = json!({ "InstructionError": [3, { "Custom": number }] });
            let error = if failed { refused } else { Value::Null };
            let result = if failed { json!({ "Err": error }) } else { json!({ "Ok": null }) };
            json!({
                "slot": slot, "confirmations": 1, "err": error, "status": result,
                "confirmationStatus": level,
            })
        };
        match (sent.landed, sent.forked) {
            (Some((slot, failed)), _) if slot + CONFIRMS_AFTER <= view => {
                status(slot, failed, "confirmed")
            }
            (Some((slot, failed)), _) if slot <= view => status(slot, failed, "processed"),
            (_, Some((slot, until))) if (slot..=until).contains(&view) => {
                status(slot, false, "processed")
            }
            _ => Value::Null,
        }
    }
}

/// The hash of the block at a height.
pub fn blockhash(height: u64) -> Hash {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&height.to_le_bytes());
    Hash::new_from_array(bytes)
}

fn height_of(hash: &Hash) -> u64 {
    u64::from_le_bytes(hash.to_bytes()[..8].try_into().unwrap())
}

/// What the nonce stands at until it is used.
pub fn nonce_value() -> Hash {
    *durable(false).as_hash()
}

fn durable(used: bool) -> DurableNonce {
    DurableNonce::from_blockhash(&Hash::new_from_array([u8::from(used); 32]))
}

fn lost() -> ClientError {
    std::io::Error::from(std::io::ErrorKind::ConnectionReset).into()
}

struct Server(Arc<Mutex<Chain>>);

#[async_trait]
impl RpcSender for Server {
    async fn send(&self, request: RpcRequest, params: Value) -> Result<Value, ClientError> {
        if self.0.lock().unwrap().is_killed() {
            std::future::pending::<()>().await;
        }
        self.0.lock().unwrap().answer(request, &params)
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "model of a faulty server".to_owned()
    }
}
