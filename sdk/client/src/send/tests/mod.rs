//! Sending, against a scripted RPC server.

mod chain;
mod faults;
mod foreign;
mod killed;
mod many;
mod offline;
mod twice;

use std::sync::{Arc, Mutex};

use base64::Engine;
use flashback_core::CoreError;
use serde_json::{Value, json};
use solana_sdk::signature::Keypair;
use solana_sdk::transaction::TransactionError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::error::{Cause, Error};
use crate::{Flashback, address, instruction};

/// How a scripted chain behaves.
#[derive(Clone)]
struct Script {
    /// The error of simulations.
    simulation: Value,
    /// The confirmed status of a sent transaction from the third question on; null: none.
    status: Value,
    /// Whether the first blockhash's transaction was sent by somebody before.
    sent_before: bool,
    /// What the block height is.
    height: u64,
    /// The higher of two recent prices, in micro-lamports per compute unit.
    recent_price: u64,
}

const LANDS: Script = Script {
    simulation: Value::Null,
    status: Value::Null,
    sent_before: false,
    height: 10,
    recent_price: 5,
};

/// What the chain was asked to do.
#[derive(Default)]
struct Seen {
    /// The transactions sent, in base 64.
    sent: Vec<String>,
    /// Questions for blockhashes and statuses.
    blockhashes: u8,
    statuses: u8,
}

impl Script {
    fn answer(&self, seen: &mut Seen, method: &str, params: &Value) -> Value {
        let value = |value: Value| json!({ "context": { "slot": 1 }, "value": value });
        match method {
            "simulateTransaction" => value(json!({
                "err": self.simulation,
                "logs": ["simulated"],
                "unitsConsumed": 10_000,
                "loadedAccountsDataSize": 40_000,
            })),
            "getLatestBlockhash" => {
                seen.blockhashes += 1;
                let hash = solana_sdk::hash::Hash::new_from_array([seen.blockhashes; 32]);
                value(json!({ "blockhash": hash.to_string(), "lastValidBlockHeight": 100 }))
            }
            "getSignatureStatuses" => {
                seen.statuses += 1;
                let known = self.sent_before && seen.statuses == 1;
                let landed = !seen.sent.is_empty() && seen.statuses > 3;
                value(json!([match () {
                    () if known => confirmed(Value::Null),
                    () if landed => self.status.clone(),
                    () => Value::Null,
                }]))
            }
            "sendTransaction" => {
                let sent = params[0].as_str().expect("a transaction");
                seen.sent.push(sent.to_owned());
                let bytes =
                    base64::engine::general_purpose::STANDARD.decode(sent).expect("base 64");
                json!(super::Signature::try_from(&bytes[1..65]).expect("64 bytes").to_string())
            }
            "getMultipleAccounts" => {
                let asked = params[0].as_array().map_or(0, Vec::len);
                value(json!(vec![Value::Null; asked]))
            }
            "getRecentPrioritizationFees" => json!([
                { "slot": 1, "prioritizationFee": 3 },
                { "slot": 2, "prioritizationFee": self.recent_price },
            ]),
            "getBlockHeight" => json!(self.height),
            "getEpochInfo" => json!({
                "epoch": 0, "slotIndex": 1, "slotsInEpoch": 100, "absoluteSlot": 1,
                "blockHeight": self.height, "transactionCount": 0,
            }),
            _ => Value::Null,
        }
    }
}

fn confirmed(error: Value) -> Value {
    let status = if error.is_null() { json!({ "Ok": null }) } else { json!({ "Err": error }) };
    json!({
        "slot": 77, "confirmations": 1, "err": error, "status": status,
        "confirmationStatus": "confirmed",
    })
}

/// Serves a script; returns its URL and what it sees.
async fn serve(script: Script) -> (String, Arc<Mutex<Seen>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let seen = Arc::<Mutex<Seen>>::default();
    let shared = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, script.clone(), shared.clone()));
        }
    });
    (url, seen)
}

async fn converse(mut stream: TcpStream, script: Script, seen: Arc<Mutex<Seen>>) -> Option<()> {
    loop {
        let request = read_body(&mut stream).await?;
        let method = request["method"].as_str()?;
        let result = script.answer(&mut *seen.lock().ok()?, method, &request["params"]);
        let body = json!({ "jsonrpc": "2.0", "id": request["id"], "result": result }).to_string();
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all((head + &body).as_bytes()).await.ok()?;
    }
}

async fn read_body(stream: &mut TcpStream) -> Option<Value> {
    let mut bytes = vec![];
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        let Some(head) = text.find("\r\n\r\n") else { continue };
        let length = text[..head].split("content-length: ").nth(1)?;
        let length: usize = length.split("\r\n").next()?.parse().ok()?;
        if bytes.len() >= head + 4 + length {
            return serde_json::from_slice(&bytes[head + 4..]).ok();
        }
    }
}

async fn settle(script: Script) -> (crate::Result<crate::Receipt>, Arc<Mutex<Seen>>) {
    let (url, seen) = serve(script).await;
    let client = Flashback::new(url, Keypair::new());
    (client.settle(&address::config()).send().await, seen)
}

#[tokio::test]
async fn a_confirmed_transaction_was_sent_once() {
    let (receipt, seen) = settle(Script { status: confirmed(Value::Null), ..LANDS }).await;
    let receipt = receipt.unwrap();
    assert_eq!((receipt.slot, receipt.compute_units), (77, 10_000));
    let seen = seen.lock().unwrap();
    assert_eq!((seen.sent.len(), seen.blockhashes), (1, 1));
}

#[tokio::test]
async fn an_error_inside_a_confirmed_status_is_a_failure() {
    let number = CoreError::NothingDue.number();
    let error = json!({ "InstructionError": [3, { "Custom": number }] });
    let (receipt, _) = settle(Script { status: confirmed(error), ..LANDS }).await;
    let error = receipt.unwrap_err();
    assert_eq!(error.core(), Some(CoreError::NothingDue));
    assert_eq!(error.failure().unwrap().instruction, Some(0), "the caller's own instruction");
}

#[tokio::test]
async fn the_limits_are_what_the_simulation_needs_and_a_little_more() {
    let (_, seen) = settle(Script { status: confirmed(Value::Null), ..LANDS }).await;
    let [(2, units), (4, bytes), (3, 5)] = budget_of(&seen.lock().unwrap().sent[0]) else {
        panic!("{:?}", budget_of(&seen.lock().unwrap().sent[0]))
    };
    // 10,000 units, a tenth more and 3,000 for a refusal; 40,000 bytes: two pages of 32 KiB; and a little by chance.
    assert!((14_000..=15_023).contains(&units), "{units}");
    assert!((65_536..=98_303).contains(&bytes), "{bytes}");
    // 100,000 lamports at most for all of the units.
    let greedy = Script { status: confirmed(Value::Null), recent_price: u64::MAX, ..LANDS };
    let (_, seen) = settle(greedy).await;
    let [(_, units), _, (_, price)] = budget_of(&seen.lock().unwrap().sent[0]);
    assert_eq!(price, 100_000 * 1_000_000 / units);
}

/// The numbers in a sent transaction's three budget instructions, by their kind.
fn budget_of(sent: &str) -> [(u8, u64); 3] {
    let sent = super::OfflineTransaction::from_base64(sent).unwrap();
    let instructions = sent.transaction().message.instructions();
    [0, 1, 2].map(|index: usize| {
        let mut bytes = [0; 8];
        let data = &instructions[index].data;
        bytes[..data.len() - 1].copy_from_slice(&data[1..]);
        (data[0], u64::from_le_bytes(bytes))
    })
}

#[tokio::test]
async fn it_is_sent_again_unchanged() {
    let (url, seen) = serve(LANDS).await;
    let client = Flashback::new(url, Keypair::new());
    let sending = tokio::spawn(async move { client.settle(&address::config()).send().await });
    let patience = std::time::Instant::now() + super::Pace::default().rebroadcast * 20;
    while seen.lock().unwrap().sent.len() < 2 && std::time::Instant::now() < patience {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    sending.abort();
    let seen = seen.lock().unwrap();
    assert!(seen.sent.len() >= 2, "sent {} times", seen.sent.len());
    assert!(seen.sent.iter().all(|sent| *sent == seen.sent[0]));
}

#[tokio::test]
async fn what_the_simulation_refuses_is_not_sent() {
    let (receipt, seen) = settle(Script { simulation: json!("AccountNotFound"), ..LANDS }).await;
    let error = receipt.unwrap_err();
    let cause = &error.failure().unwrap().cause;
    assert_eq!(*cause, Cause::Transaction(TransactionError::AccountNotFound));
    assert!(seen.lock().unwrap().sent.is_empty());
}

#[tokio::test]
async fn the_same_transaction_of_before_is_not_mistaken_for_this_one() {
    let script = Script { status: confirmed(Value::Null), sent_before: true, ..LANDS };
    let (receipt, seen) = settle(script).await;
    receipt.unwrap();
    assert_eq!(seen.lock().unwrap().blockhashes, 2, "it waits for another blockhash");
}

#[tokio::test]
async fn limits_and_signers_are_checked() {
    let (url, seen) = serve(LANDS).await;
    let client = Flashback::new(url, Keypair::new());
    let mut large = instruction::settle(address::config());
    large.data = vec![0; super::TRANSACTION_MAX_BYTES];
    let error = client.send(&[large], &[]).await.unwrap_err();
    assert!(matches!(error, Error::TransactionTooLarge { bytes } if bytes > 1_232), "{error}");
    let stranger = address::config();
    let unsigned = instruction::withdraw_refund(stranger, stranger, stranger);
    let error = client.send(&[unsigned], &[]).await.unwrap_err();
    assert!(matches!(error, Error::SignerMissing { key } if key == stranger), "{error}");
    assert!(seen.lock().unwrap().sent.is_empty());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_network_error() {
    let client = Flashback::new("http://127.0.0.1:1", Keypair::new());
    let error = client.sla(&address::config()).await.err();
    assert!(matches!(error, Some(Error::Network(_))), "{error:?}");
    let error = client.settle(&address::config()).send().await.err();
    assert!(matches!(error, Some(Error::Network(_))), "{error:?}");
}
