//! Subscriptions to events on an embedded chain, through connections that are cut: whatever happens to them, exactly the
//! events of the transactions that landed arrive, in order.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use flashback_localnet::elf::ProgramElf;
use flashback_localnet::{Localnet, LocalnetConfig};
use flashback_sdk::event::{self, FlashbackEvent};
use flashback_sdk::instruction::{appoint_arbiter, appoint_guardian};
use flashback_sdk::subscription::{Observed, Start, Subscription};
use flashback_sdk::{Flashback, Prepared};
use flashback_tests::elf;
use flashback_tests::proxy::{Line, Proxy};
use solana_rpc_client_api::config::{RpcSendTransactionConfig, RpcTransactionConfig};
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Keypair, Signature};
use solana_sdk::transaction::Transaction;
use tokio::time::timeout;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A chain, and a reader of its events whose every connection goes through a proxy.
struct Net {
    chain: Localnet,
    http: Proxy,
    websocket: Proxy,
    reader: Flashback,
}

impl Net {
    async fn start() -> Result<Self> {
        let program = ProgramElf::Path(elf::path(elf::FLASHBACK));
        let chain = Localnet::start(LocalnetConfig { program, ..Default::default() }).await?;
        let http = Proxy::before(chain.rpc_url()).await?;
        let websocket = Proxy::before(chain.ws_url()).await?;
        let reader = Flashback::new(http.url("http"), Keypair::new());
        let reader = reader.with_websocket(websocket.url("ws"));
        Ok(Self { chain, http, websocket, reader })
    }

    /// Subscribes to what happens from now on, with the websocket connected.
    async fn subscribe(&self) -> Result<Subscription> {
        let before = self.websocket.reached();
        let events = self.reader.events(Start::Now).await?;
        self.websocket.reached_more_than(before).await;
        Ok(events)
    }

    fn writer(&self) -> &Flashback {
        self.chain.deployment().client()
    }

    /// A transaction of that many events, each unlike any other.
    fn appointments(&self, events: usize) -> Prepared {
        let authority = self.writer().key();
        let appoint = |index| match index % 2 {
            0 => appoint_guardian(authority, Pubkey::new_unique()),
            _ => appoint_arbiter(authority, Pubkey::new_unique()),
        };
        self.writer().prepare((0..events).map(appoint))
    }

    /// Sends transactions one after the other, of one, two and three events in turn, past the proxies; returns what
    /// has to be observed of them.
    async fn send(&self, transactions: usize) -> Result<Vec<Observed>> {
        let mut expected = vec![];
        for number in 0..transactions {
            let events = number % 3 + 1;
            let receipt = self.appointments(events).send().await?;
            let of_it = self.expected(receipt.signature, receipt.slot).await?;
            ensure!(of_it.len() == events, "{} events instead of {events}", of_it.len());
            expected.extend(of_it);
        }
        Ok(expected)
    }

    /// The events of a transaction that landed.
    async fn expected(&self, signature: Signature, slot: u64) -> Result<Vec<Observed>> {
        let config = RpcTransactionConfig {
            max_supported_transaction_version: Some(0),
            commitment: Some(self.writer().rpc().commitment()),
            ..Default::default()
        };
        let landed = self.writer().rpc().get_transaction_with_config(&signature, config).await?;
        let logs = landed.transaction.meta.and_then(|meta| Option::from(meta.log_messages));
        let logs: Vec<String> = logs.context("it has a log")?;
        let events = event::from_logs(&logs).into_iter().enumerate();
        events
            .map(|(index, event)| Ok(Observed { signature, slot, index, event: event? }))
            .collect()
    }

    /// Lands a transaction that emits an event and then fails.
    async fn fail(&self) -> Result<()> {
        let writer = self.writer();
        let mut instructions = self.appointments(1).instructions().to_vec();
        let refused = Instruction { data: vec![0; 8], ..instructions[0].clone() };
        instructions.push(refused);
        let authority = self.chain.deployment().authority();
        let blockhash = writer.rpc().get_latest_blockhash().await?;
        let payer = Some(&writer.key());
        let transaction =
            Transaction::new_signed_with_payer(&instructions, payer, &[authority], blockhash);
        let config = RpcSendTransactionConfig { skip_preflight: true, ..Default::default() };
        let sent = writer.rpc().send_transaction_with_config(&transaction, config).await;
        let signature = transaction.signatures[0];
        let landing = async {
            loop {
                let statuses = writer.rpc().get_signature_statuses(&[signature]).await?.value;
                if let Some(status) = statuses.into_iter().flatten().next() {
                    break anyhow::Ok(status);
                }
            }
        };
        // Surfpool may tell of the failure in its answer already.
        let status = timeout(PATIENCE, landing).await.with_context(|| format!("{sent:?}"))??;
        ensure!(status.err.is_some(), "it should have failed");
        let logged = self.expected(signature, 0).await?;
        ensure!(logged.len() == 1, "its log shows an event, which never happened");
        Ok(())
    }

    /// Nothing but these arrives before a last transaction's event does.
    async fn nothing_else_before_the_last(&self, events: &mut Subscription) -> Result<()> {
        let last = self.send(1).await?;
        assert_eq!(take(events, last.len()).await?, last);
        Ok(())
    }
}

/// The next events. What is missing would be waited for without end.
async fn take(events: &mut Subscription, count: usize) -> Result<Vec<Observed>> {
    let mut taken = vec![];
    while taken.len() < count {
        let next = timeout(PATIENCE, events.next()).await;
        taken.push(next.with_context(|| format!("{} of {count} events came", taken.len()))??);
    }
    Ok(taken)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_while_the_connection_is_cut_arrives() {
    let net = Net::start().await.unwrap();
    let mut events = net.subscribe().await.unwrap();
    let before = net.send(3).await.unwrap();
    assert_eq!(take(&mut events, before.len()).await.unwrap(), before);

    // Cut in the middle of transactions, and kept down while more are sent.
    let mut expected = net.send(2).await.unwrap();
    let (refused, reached) = (net.websocket.refused(), net.websocket.reached());
    net.websocket.set(Line::Cut);
    net.http.set(Line::Cut);
    net.websocket.refused_more_than(refused).await;
    expected.extend(net.send(4).await.unwrap());
    net.fail().await.unwrap();
    expected.extend(net.send(1).await.unwrap());
    net.http.set(Line::Open);
    net.websocket.set(Line::Open);
    assert_eq!(take(&mut events, expected.len()).await.unwrap(), expected);

    net.websocket.reached_more_than(reached).await;
    net.nothing_else_before_the_last(&mut events).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_websocket_everything_arrives_too() {
    let net = Net::start().await.unwrap();
    net.websocket.set(Line::Cut);
    let mut events = net.reader.events(Start::Now).await.unwrap();
    net.websocket.refused_more_than(0).await;
    let expected = net.send(3).await.unwrap();
    assert_eq!(take(&mut events, expected.len()).await.unwrap(), expected);
    net.nothing_else_before_the_last(&mut events).await.unwrap();
    assert_eq!(net.websocket.reached(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_repeated_when_connections_are_cut_many_times() {
    let net = Net::start().await.unwrap();
    let mut events = net.subscribe().await.unwrap();
    let reading = tokio::spawn(async move {
        let mut taken = vec![];
        while let Ok(Ok(observed)) = timeout(PATIENCE, events.next()).await {
            let is_last = matches!(observed.event, FlashbackEvent::AuthorityOffered(_));
            taken.push(observed);
            if is_last {
                break;
            }
        }
        taken
    });
    let mut expected = vec![];
    for _ in 0..10 {
        let reached = net.websocket.reached();
        expected.extend(net.send(1).await.unwrap());
        net.websocket.set(Line::Cut);
        net.http.set(Line::Cut);
        expected.extend(net.send(2).await.unwrap());
        net.http.set(Line::Open);
        net.websocket.set(Line::Open);
        // The reader has found back, through a new connection.
        net.websocket.reached_more_than(reached).await;
    }
    let authority = net.writer().key();
    let offer =
        flashback_sdk::instruction::offer_authority(authority, net.chain.deployment().mint());
    let receipt = net.writer().prepare([offer]).send().await.unwrap();
    expected.extend(net.expected(receipt.signature, receipt.slot).await.unwrap());
    assert_eq!(reading.await.unwrap(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_for_a_while_is_asked_until_it_answers() {
    let net = Net::start().await.unwrap();
    let mut events = net.subscribe().await.unwrap();
    // So often is refused more than the RPC client itself makes of one question.
    for (line, times) in [(Line::TooManyRequests, 7), (Line::Cut, 3), (Line::TooManyRequests, 7)] {
        let refused = net.http.refused();
        net.http.set(line);
        let expected = net.send(3).await.unwrap();
        let arriving = take(&mut events, expected.len());
        let mending = async {
            net.http.refused_more_than(refused + times).await;
            net.http.set(Line::Open);
        };
        let (arrived, ()) = tokio::join!(arriving, mending);
        assert_eq!(arrived.unwrap(), expected);
    }
    net.nothing_else_before_the_last(&mut events).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_goes_on_exactly_where_one_has_stopped() {
    let net = Net::start().await.unwrap();
    let mut events = net.subscribe().await.unwrap();
    let expected = net.send(6).await.unwrap();
    for count in 1..expected.len() {
        assert_eq!(events.next().await.unwrap(), expected[count - 1]);
        let stored = events.cursor().to_string();
        drop(events);
        events = net.reader.events(Start::Resume(stored.parse().unwrap())).await.unwrap();
        if count + 1 == expected.len() || expected[count].index > 0 {
            continue;
        }
        // Between two transactions, the signature alone is enough.
        let after = Start::After(expected[count - 1].signature);
        let mut rest = net.reader.events(after).await.unwrap();
        let left = expected.len() - count;
        assert_eq!(take(&mut rest, left).await.unwrap(), expected[count..]);
    }
    assert_eq!(events.next().await.unwrap(), expected[expected.len() - 1]);
    net.nothing_else_before_the_last(&mut events).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_sent_at_once_arrive_in_the_order_of_the_chain() {
    let net = Net::start().await.unwrap();
    let mut events = net.subscribe().await.unwrap();
    let sending = (0..12).map(|number| {
        let prepared = net.appointments(number % 3 + 1);
        tokio::spawn(async move { prepared.send().await })
    });
    let sending: Vec<_> = sending.collect();
    let mut expected = vec![];
    for receipt in sending {
        let receipt = receipt.await.unwrap().unwrap();
        expected.extend(net.expected(receipt.signature, receipt.slot).await.unwrap());
    }
    let arrived = take(&mut events, expected.len()).await.unwrap();
    // Each appointment names its predecessor: that is the order in which they happened.
    for family in [guardians, arbiters] {
        let appointed: Vec<_> = arrived.iter().filter_map(|o| family(&o.event)).collect();
        assert!(appointed.windows(2).all(|pair| pair[0].1 == pair[1].0), "{appointed:?}");
    }
    let key = |observed: &Observed| (observed.slot, observed.signature, observed.index);
    let mut arrived = arrived;
    arrived.sort_by_key(key);
    expected.sort_by_key(key);
    assert_eq!(arrived, expected);
    net.nothing_else_before_the_last(&mut events).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_event_of_all_is_the_protocols_own() {
    let net = Net::start().await.unwrap();
    let sent = net.send(2).await.unwrap();
    let mut events = net.reader.events(Start::Genesis).await.unwrap();
    let first = events.next().await.unwrap();
    assert!(matches!(first.event, FlashbackEvent::ProtocolInitialized(_)), "{first:?}");
    assert_eq!(take(&mut events, sent.len()).await.unwrap(), sent);
}

/// Who was appointed, before and after.
fn guardians(event: &FlashbackEvent) -> Option<(Pubkey, Pubkey)> {
    match event {
        FlashbackEvent::GuardianAppointed(event) => Some((event.before, event.after)),
        _ => None,
    }
}

fn arbiters(event: &FlashbackEvent) -> Option<(Pubkey, Pubkey)> {
    match event {
        FlashbackEvent::ArbiterAppointed(event) => Some((event.before, event.after)),
        _ => None,
    }
}
