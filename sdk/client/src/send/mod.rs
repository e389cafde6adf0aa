//! Sending a transaction: once, until it is confirmed, has failed, or can no longer land.
//!
//! A transaction is simulated, gets the limits and the fee that it needs, is signed with one blockhash (or nonce), and is
//! then sent again and again, unchanged, until its fate is known. Only when it certainly cannot land any more is it signed
//! anew: at no time can two of them land.

mod broadcast;
mod budget;
mod fee;
mod in_flight;
mod limits;
mod message;
mod nonce;
mod offline;
mod options;
mod salt;

pub use budget::Budget;
pub use in_flight::{InFlight, Lifetime};
pub use limits::{AccountChange, Simulation};
pub use nonce::Nonce;
pub use offline::OfflineTransaction;
pub use options::{Pace, PriorityFee, SendOptions, SentHook};

use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client_api::config::RpcSendTransactionConfig;
use solana_sdk::hash::Hash;
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Signature, Signer};
use solana_sdk::transaction::{TransactionError, VersionedTransaction};

use crate::error::{AnyError, Error, Failure, Result};
use broadcast::Fate;
use message::Draft;
use salt::Salt;

/// The most bytes of a transaction.
pub const TRANSACTION_MAX_BYTES: usize = 1_232;
/// The most compute units of a transaction.
const COMPUTE_UNITS_MAX: u32 = 1_400_000;

/// Any signer that can cross threads.
pub type AnySigner = dyn Signer + Send + Sync;

type ClientError = solana_rpc_client_api::client_error::Error;

/// A confirmed, successful transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Of the transaction.
    pub signature: Signature,
    /// The slot that it landed in.
    pub slot: u64,
    /// What its simulation used.
    pub compute_units: u64,
    /// The logs of its simulation.
    pub logs: Vec<String>,
}

/// How often a server that does not answer is asked again before anything is sent: for about two seconds.
const QUESTIONS: u8 = 4;

/// A transaction that is ready to be sent.
struct Signed {
    draft: Draft,
    simulation: Simulation,
    transaction: VersionedTransaction,
    lifetime: Lifetime,
}

/// A chain, who signs, and how.
#[derive(Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub rpc: &'a RpcClient,
    pub payer: &'a AnySigner,
    pub signers: &'a [&'a AnySigner],
    pub options: &'a SendOptions,
}

impl Sender<'_> {
    /// Sends instructions as one transaction and waits until it is confirmed. See [`crate::Flashback::send`].
    pub async fn send(&self, instructions: &[Instruction]) -> Result<Receipt> {
        let mut signings = 0u8;
        loop {
            let Signed { draft, simulation, transaction, lifetime } =
                self.draft_and_sign(instructions).await?;
            signings = signings.saturating_add(1);
            let signature = signature_of(&transaction);
            if let Some(on_sent) = &self.options.on_sent {
                let in_flight = InFlight { signature, lifetime: lifetime.clone() };
                on_sent(&in_flight).map_err(Error::NotSent)?;
            }
            let pace = &self.options.pace;
            let fate = broadcast::broadcast(self.rpc, &transaction, &[lifetime], pace).await?;
            // With a nonce or blockhash of the caller's, another signing would not be another lifetime.
            let again = signings < self.options.signings && self.options.signs_anew();
            if fate == Fate::Gone && again {
                continue;
            }
            return told(self.rpc, signature, draft.prefix(), fate, simulation).await;
        }
    }

    /// What sending these instructions would do.
    pub async fn simulate(&self, instructions: &[Instruction]) -> Result<Simulation> {
        // What it costs at most.
        let salt = if self.options.signs_anew() { Salt::MOST } else { Salt::NONE };
        Ok(self.draft(instructions, salt).await?.1)
    }

    /// The transaction as it would be sent, signed by those who are there.
    pub async fn sign_offline(&self, instructions: &[Instruction]) -> Result<OfflineTransaction> {
        let draft = self.draft(instructions, self.salt()).await?.0;
        let (blockhash, _) = self.lifetime().await?;
        let message = draft.message(&self.payer.pubkey(), blockhash)?;
        let mut transaction = OfflineTransaction::new(message);
        let needed = transaction.missing();
        let present = std::iter::once(self.payer).chain(self.signers.iter().copied());
        let present = present.filter(|signer| needed.contains(&signer.pubkey()));
        for signer in present.filter(|signer| signer.is_interactive() || can_sign(*signer)) {
            transaction.sign(signer)?;
        }
        Ok(transaction)
    }

    /// What is to be sent. Nothing is at stake before: a server that does not answer is asked again a few times.
    async fn draft_and_sign(&self, instructions: &[Instruction]) -> Result<Signed> {
        let mut pause = self.options.pace.first_pause;
        for _ in 0..QUESTIONS {
            match self.try_draft_and_sign(instructions).await {
                Err(Error::Network(_)) => tokio::time::sleep(pause).await,
                outcome => return outcome,
            }
            pause *= 4;
        }
        self.try_draft_and_sign(instructions).await
    }

    async fn try_draft_and_sign(&self, instructions: &[Instruction]) -> Result<Signed> {
        let (draft, simulation) = self.draft(instructions, self.salt()).await?;
        let (transaction, lifetime) = self.sign(&draft).await?;
        Ok(Signed { draft, simulation, transaction, lifetime })
    }

    /// Every signing is a transaction of its own, but where the caller says with what to sign: then the same instructions
    /// are the same transaction, so that several can sign it apart.
    fn salt(&self) -> Salt {
        if self.options.signs_anew() { Salt::random() } else { Salt::NONE }
    }

    /// The instructions with the limits and the fee that a simulation says they need, and this salt.
    async fn draft(&self, instructions: &[Instruction], salt: Salt) -> Result<(Draft, Simulation)> {
        let mut draft = Draft::new(instructions, self.options);
        let mut simulation = limits::simulate(self.rpc, &self.payer.pubkey(), &draft).await?;
        draft.compute_unit_limit = salt.compute_unit_limit(&simulation);
        draft.data_limit = salt.data_limit(&simulation);
        draft.compute_unit_price =
            fee::price(self.rpc, &draft, &simulation.writable, &self.options.priority).await?;
        simulation.fee = draft.fee(&self.payer.pubkey())?;
        Ok((draft, simulation))
    }

    /// What the transaction is to be signed with, and until when it can land.
    async fn lifetime(&self) -> Result<(Hash, Lifetime)> {
        if let Some(nonce) = &self.options.nonce {
            let value = nonce.value(self.rpc).await?;
            return Ok((value, Lifetime::Nonce { account: nonce.account, value }));
        }
        if let Some(blockhash) = self.options.blockhash {
            return Ok((blockhash, Lifetime::unknown(self.rpc).await?));
        }
        let commitment = self.rpc.commitment();
        let (blockhash, last_valid_height) =
            self.rpc.get_latest_blockhash_with_commitment(commitment).await?;
        Ok((blockhash, Lifetime::Blockhash { last_valid_height }))
    }

    /// Signs with a recent blockhash that this transaction was never signed with before. With a nonce or blockhash of the
    /// caller's it may be one that was sent before: sending it again is the same, and tells what became of it.
    async fn sign(&self, draft: &Draft) -> Result<(VersionedTransaction, Lifetime)> {
        let mut used = None;
        loop {
            let (blockhash, lifetime) = self.lifetime().await?;
            if used == Some(blockhash) {
                tokio::time::sleep(self.options.pace.first_pause).await;
                continue;
            }
            let message = draft.message(&self.payer.pubkey(), blockhash)?;
            let transaction = message::sign(message, self.payer, self.signers)?;
            if !self.options.signs_anew() {
                return Ok((transaction, lifetime));
            }
            // The same instructions under the same blockhash are the same transaction, which lands once only.
            let known = [signature_of(&transaction)];
            let statuses = self.rpc.get_signature_statuses(&known).await?.value;
            if statuses.into_iter().flatten().next().is_none() {
                return Ok((transaction, lifetime));
            }
            used = Some(blockhash);
        }
    }
}

/// How many accounts a transaction of these instructions locks; `None` if they do not fit one.
pub(crate) fn locks(
    payer: &Pubkey,
    instructions: &[Instruction],
    options: &SendOptions,
) -> Option<usize> {
    let message = Draft::new(instructions, options).message(payer, Hash::default()).ok()?;
    let looked_up = message.address_table_lookups().unwrap_or_default().iter();
    let looked_up =
        looked_up.map(|t| t.writable_indexes.len().saturating_add(t.readonly_indexes.len()));
    Some(message.static_account_keys().len().saturating_add(looked_up.sum()))
}

/// Sends a transaction that is signed already, and leaves the rest to the server.
pub(crate) async fn dispatch(rpc: &RpcClient, signed: &OfflineTransaction) -> Result<Signature> {
    signed.check_complete()?;
    let config = RpcSendTransactionConfig { skip_preflight: true, ..Default::default() };
    let signature = signature_of(signed.transaction());
    match rpc.send_transaction_with_config(signed.transaction(), config).await {
        Ok(signature) => Ok(signature),
        Err(error) if broadcast::is_malformed(&error) => Err(error.into()),
        // It may have arrived although the answer did not, been passed on all the same, or been sent before.
        Err(error) => Err(Error::Unknown { signature, reason: Box::new(Error::from(error)) }),
    }
}

/// What sending a transaction that is signed already would do, without the accounts.
pub(crate) async fn simulate_signed(
    rpc: &RpcClient,
    signed: &OfflineTransaction,
) -> Result<Simulation> {
    signed.check_complete()?;
    limits::simulate_signed(rpc, signed.transaction(), signed.prefix()).await
}

/// Sends a transaction that is signed already, and waits until it is confirmed.
pub(crate) async fn submit(
    rpc: &RpcClient,
    signed: &OfflineTransaction,
    pace: &Pace,
) -> Result<Receipt> {
    signed.check_complete()?;
    let transaction = signed.transaction();
    let signature = signature_of(transaction);
    let lifetimes = lifetimes_of(rpc, signed).await?;
    // It may have been sent before, by whomever.
    if let Some(fate) = broadcast::earlier_fate(rpc, &signature).await? {
        return told(rpc, signature, signed.prefix(), fate, Simulation::default()).await;
    }
    let simulation = limits::simulate_signed(rpc, transaction, signed.prefix()).await?;
    let fate = broadcast::broadcast(rpc, transaction, &lifetimes, pace).await?;
    told(rpc, signature, signed.prefix(), fate, simulation).await
}

/// Until when a transaction of unknown origin can land: until all of these are over. One that advances a nonce first
/// was signed with that, or like any other with a recent blockhash. Which, its hash does not tell: where the nonce does
/// not stand at it, it may be a blockhash, or a value that the nonce had, or that the server does not know yet.
async fn lifetimes_of(rpc: &RpcClient, signed: &OfflineTransaction) -> Result<Vec<Lifetime>> {
    let value = *signed.transaction().message.recent_blockhash();
    let Some(account) = signed.nonce() else { return Ok(vec![Lifetime::unknown(rpc).await?]) };
    let durable = Lifetime::Nonce { account, value };
    match nonce::read(rpc, &account).await {
        Ok((_, Some((_, now)))) if now == value => Ok(vec![durable]),
        Ok(_) => Ok(vec![Lifetime::unknown(rpc).await?, durable]),
        // It is no nonce account, so nothing was signed with it.
        Err(Error::AccountMalformed { .. }) => Ok(vec![Lifetime::unknown(rpc).await?]),
        Err(error) => Err(error),
    }
}

/// Waits for what becomes of a transaction that was sent before, perhaps. See [`crate::Flashback::await_sent`].
pub(crate) async fn await_sent(
    rpc: &RpcClient,
    sent: &InFlight,
    options: &SendOptions,
) -> Result<Option<u64>> {
    let InFlight { signature, lifetime } = sent;
    match broadcast::awaited(rpc, *signature, lifetime, &options.pace).await? {
        None => Ok(None),
        Some(fate) => {
            let prefix = lifetime.prefix();
            let receipt = told(rpc, *signature, prefix, fate, Simulation::default()).await?;
            Ok(Some(receipt.slot))
        }
    }
}

/// A transaction's fate as its sender is told it; `prefix` instructions come before the caller's.
async fn told(
    rpc: &RpcClient,
    signature: Signature,
    prefix: u8,
    fate: Fate,
    simulation: Simulation,
) -> Result<Receipt> {
    match fate {
        Fate::Landed(slot) => {
            let Simulation { compute_units, logs, .. } = simulation;
            Ok(Receipt { signature, slot, compute_units, logs })
        }
        Fate::Failed(error) => {
            let logs = broadcast::landed_logs(rpc, &signature).await;
            Err(failed(&error, &logs, prefix))
        }
        Fate::Gone => Err(Error::Expired { signature }),
    }
}

/// Decodes a failure, counting the caller's instructions only: `prefix` others come before them.
fn failed(error: &TransactionError, logs: &[String], prefix: u8) -> Error {
    let mut failure = Failure::decode(error, logs);
    failure.instruction = failure.instruction.and_then(|index| index.checked_sub(prefix));
    failure.into()
}

fn signature_of(transaction: &VersionedTransaction) -> Signature {
    transaction.signatures.first().copied().unwrap_or_default()
}

/// The keys that have to sign these instructions and have nobody among `signers` who can.
pub(crate) fn cannot_sign(
    payer: &Pubkey,
    signers: &[&AnySigner],
    instructions: &[Instruction],
    options: &SendOptions,
) -> Vec<Pubkey> {
    let metas = instructions.iter().flat_map(|instruction| &instruction.accounts);
    let signing = metas.filter(|meta| meta.is_signer).map(|meta| meta.pubkey);
    let authority = options.nonce.as_ref().map(|nonce| nonce.authority);
    let mut missing = vec![];
    for key in std::iter::once(*payer).chain(authority).chain(signing) {
        let mut own = signers.iter().filter(|signer| signer.pubkey() == key);
        let can = own.any(|signer| signer.is_interactive() || can_sign(*signer));
        if !can && !missing.contains(&key) {
            missing.push(key);
        }
    }
    missing
}

/// Whether a key is behind this signer, not only an address.
fn can_sign(signer: &AnySigner) -> bool {
    signer.try_sign_message(&[]).is_ok_and(|signature| signature != Signature::default())
}

fn is_network(error: &ClientError) -> bool {
    use solana_rpc_client_api::client_error::ErrorKind;
    use solana_rpc_client_api::request::RpcError;
    matches!(
        error.kind(),
        ErrorKind::Io(_)
            | ErrorKind::Reqwest(_)
            | ErrorKind::Middleware(_)
            | ErrorKind::RpcError(RpcError::RpcRequestError(_))
    )
}

/// The error without the server's URL, which may hold a key.
fn without_url(error: ClientError) -> AnyError {
    use solana_rpc_client_api::client_error::ErrorKind;
    match *error.kind {
        ErrorKind::Reqwest(cause) => Box::new(cause.without_url()),
        kind => Box::new(ClientError { request: error.request, kind: Box::new(kind) }),
    }
}

impl From<ClientError> for Error {
    fn from(error: ClientError) -> Self {
        if let Some(failure) = error.get_transaction_error() {
            return Failure::decode(&failure, &[]).into();
        }
        if is_network(&error) {
            return Self::Network(without_url(error));
        }
        Self::Rpc(without_url(error))
    }
}

#[cfg(test)]
mod tests;
