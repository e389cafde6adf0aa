//! A client that acts as one key.

use std::sync::{Arc, OnceLock};

use flashback_core::sla::Payouts;
use flashback_core::units::{Atoms, Timestamp};
use solana_account::Account;
use solana_commitment_config::CommitmentConfig;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_sdk::clock::Clock;
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Signature, Signer};
use solana_sdk::sysvar;

use crate::account::{
    Certificate, Config, DataUnit, FlashbackAccount, Oracle, Provider, Registry, Sla, SubjectKind,
    TokenAccount,
};
use crate::error::{Error, Result};
use crate::prepared::Prepared;
use crate::quote::{Quoted, Reservation};
use crate::send::{
    self, AnySigner, InFlight, OfflineTransaction, Receipt, SendOptions, Sender, Simulation,
};
use crate::{address, instruction, subscription};

/// A connection to a chain that acts as one key: it pays for every transaction, and it is the provider,
/// consumer, oracle, certifier or authority of the verbs below.
///
/// Every verb is one transaction. Its errors are those of [`Flashback::send`] and, where it reads accounts first, of
/// [`Flashback::fetch`].
///
/// Cloning is cheap; [`Flashback::acting_as`] shares the connection. Everything is read and awaited at
/// commitment `confirmed`, unless [`Flashback::with_commitment`] says otherwise.
#[derive(Clone)]
pub struct Flashback {
    rpc: Arc<RpcClient>,
    payer: Arc<AnySigner>,
    mint: Arc<OnceLock<Pubkey>>,
    options: Arc<SendOptions>,
    fee_payer: Option<Arc<AnySigner>>,
    signers: Vec<Arc<AnySigner>>,
    websocket: Option<Arc<str>>,
}

impl Flashback {
    /// Connects to an RPC server, such as `http://127.0.0.1:8899`. Nothing is asked of it yet.
    pub fn new(rpc_url: impl ToString, payer: impl Signer + Send + Sync + 'static) -> Self {
        let confirmed = CommitmentConfig::confirmed();
        Self::over(RpcClient::new_with_commitment(rpc_url.to_string(), confirmed), payer)
    }

    /// Over a connection of one's own.
    pub fn over(rpc: RpcClient, payer: impl Signer + Send + Sync + 'static) -> Self {
        Self {
            rpc: Arc::new(rpc),
            payer: Arc::new(payer),
            mint: Arc::default(),
            options: Arc::default(),
            fee_payer: None,
            signers: vec![],
            websocket: None,
        }
    }

    /// The same, reading and awaiting at another commitment. What is sent is awaited until it is confirmed at least.
    pub fn with_commitment(self, commitment: CommitmentConfig) -> Self {
        let rpc = RpcClient::new_with_commitment(self.rpc.url(), commitment);
        Self { rpc: Arc::new(rpc), ..self }
    }

    /// The same, sending in another way.
    pub fn with_options(self, options: SendOptions) -> Self {
        Self { options: Arc::new(options), ..self }
    }

    /// The same, with transaction fees paid by another key; rent is still this key's.
    pub fn with_fee_payer(self, payer: impl Signer + Send + Sync + 'static) -> Self {
        Self { fee_payer: Some(Arc::new(payer)), ..self }
    }

    /// The same, with one more key that signs wherever it has to.
    pub fn with_signer(mut self, signer: impl Signer + Send + Sync + 'static) -> Self {
        self.signers.push(Arc::new(signer));
        self
    }

    /// How it sends.
    pub fn options(&self) -> &SendOptions {
        &self.options
    }

    /// The same connection with another websocket URL than [`Flashback::websocket_url`] would tell.
    pub fn with_websocket(self, url: impl ToString) -> Self {
        Self { websocket: Some(url.to_string().into()), ..self }
    }

    /// The same connection as another key.
    pub fn acting_as(&self, payer: impl Signer + Send + Sync + 'static) -> Self {
        Self { payer: Arc::new(payer), ..self.clone() }
    }

    /// The key that it acts as.
    pub fn key(&self) -> Pubkey {
        self.payer.pubkey()
    }

    /// The connection itself.
    pub fn rpc(&self) -> &RpcClient {
        &self.rpc
    }

    pub(crate) fn shared_rpc(&self) -> Arc<RpcClient> {
        self.rpc.clone()
    }

    /// The server's websocket URL: as given, or by the convention of Solana's tools, which is the RPC URL's host and,
    /// if that names a port, the next port. `None` if the RPC URL is none of http.
    pub fn websocket_url(&self) -> Option<String> {
        let given = self.websocket.as_deref().map(str::to_owned);
        given.or_else(|| subscription::websocket_url(&self.rpc.url()))
    }

    /// Sends instructions as one transaction, signed by this client's key (which pays) and the given
    /// signers, and waits until it is confirmed.
    ///
    /// The transaction is simulated first: a refusal costs nothing, and its compute units (+10 % and 3,000, in which a
    /// refusal can be told) and loaded data become the transaction's limits. To these a little is added by chance (up to
    /// 1,023 units and a page of 32 KiB), so that no two sendings are the same transaction, of which one would land and be
    /// told to both; but not with a nonce or blockhash of the caller's ([`SendOptions::nonce`],
    /// [`SendOptions::blockhash`]): then sending the same again tells what became of it. It is then signed with one blockhash, and
    /// sent again and again unchanged until it is confirmed or that blockhash has expired, so that it takes effect at
    /// most once. After that it is signed anew, as often as [`SendOptions::signings`] allows.
    ///
    /// # Errors
    /// [`Error::Failed`] if it was refused, in simulation or on chain; [`Error::Expired`] if it did not land;
    /// [`Error::Unknown`] if the server stopped answering; [`Error::NotSent`] if [`SendOptions::on_sent`] failed;
    /// [`Error::TransactionTooLarge`], [`Error::SignerMissing`], [`Error::Signing`], [`Error::Network`], [`Error::Rpc`].
    pub async fn send(
        &self,
        instructions: &[Instruction],
        signers: &[&AnySigner],
    ) -> Result<Receipt> {
        let present = self.present(signers);
        self.sender(&present).send(instructions).await
    }

    /// What sending these instructions would do and cost at most; nothing is signed.
    ///
    /// # Errors
    /// [`Error::Failed`] if it would fail; [`Error::TransactionTooLarge`], [`Error::Network`], [`Error::Rpc`].
    pub async fn simulate(&self, instructions: &[Instruction]) -> Result<Simulation> {
        let present = self.present(&[]);
        self.sender(&present).simulate(instructions).await
    }

    /// The transaction of these instructions with the limits that it needs, signed by this client's key (unless that
    /// is only an address) and the given signers; the others sign elsewhere. Without [`SendOptions::nonce`] it has to
    /// be sent within about a minute. Without that and [`SendOptions::blockhash`] it is another transaction every time, as
    /// in [`Flashback::send`].
    ///
    /// # Errors
    /// As [`Flashback::simulate`]; [`Error::Signing`], [`Error::SignerUnneeded`].
    pub async fn sign_offline(
        &self,
        instructions: &[Instruction],
        signers: &[&AnySigner],
    ) -> Result<OfflineTransaction> {
        let present = self.present(signers);
        self.sender(&present).sign_offline(instructions).await
    }

    /// Sends a transaction that everybody has signed, and waits until it is confirmed.
    ///
    /// # Errors
    /// As [`Flashback::send`].
    pub async fn submit(&self, signed: &OfflineTransaction) -> Result<Receipt> {
        send::submit(&self.rpc, signed, &self.options.pace).await
    }

    /// Waits for what becomes of a transaction of which [`SendOptions::on_sent`] was told, without sending it (again): in
    /// another process, say, after the one that was to send it was killed. Returns the slot that it landed in, having
    /// succeeded; `None` if it was signed with a nonce that still stands, so that it may land at any time: that is not
    /// waited for.
    ///
    /// # Errors
    /// [`Error::Failed`] if it landed and failed; [`Error::Expired`] if it did not land, and cannot any more;
    /// [`Error::Unknown`] if the server stopped answering; [`Error::Network`], [`Error::Rpc`].
    pub async fn await_sent(&self, sent: &InFlight) -> Result<Option<u64>> {
        send::await_sent(&self.rpc, sent, &self.options).await
    }

    /// Sends a transaction that everybody has signed, once, and does not wait: whether it takes effect is not known.
    ///
    /// # Errors
    /// [`Error::SignerMissing`]; [`Error::Rpc`] if the server takes it for none; [`Error::Unknown`] if it does not answer
    /// or refuses for any other reason, since the transaction may be on its way all the same.
    pub async fn dispatch(&self, signed: &OfflineTransaction) -> Result<Signature> {
        send::dispatch(&self.rpc, signed).await
    }

    /// What sending a transaction that everybody has signed would do; [`Simulation::changes`] stays empty.
    ///
    /// # Errors
    /// As [`Flashback::simulate`]; [`Error::SignerMissing`].
    pub async fn simulate_signed(&self, signed: &OfflineTransaction) -> Result<Simulation> {
        send::simulate_signed(&self.rpc, signed).await
    }

    /// Everybody who can sign, who pays first.
    fn present<'a>(&'a self, others: &[&'a AnySigner]) -> Vec<&'a AnySigner> {
        let own = self.fee_payer.iter().chain([&self.payer]).chain(&self.signers);
        own.map(|signer| &**signer).chain(others.iter().copied()).collect()
    }

    /// Who has to sign these instructions and cannot here. See [`Prepared::cannot_sign`].
    pub(crate) fn cannot_sign(&self, instructions: &[Instruction]) -> Vec<Pubkey> {
        let payer = self.fee_payer.as_ref().unwrap_or(&self.payer);
        send::cannot_sign(&payer.pubkey(), &self.present(&[]), instructions, &self.options)
    }

    fn sender<'a>(&'a self, signers: &'a [&'a AnySigner]) -> Sender<'a> {
        let payer = self.fee_payer.as_ref().unwrap_or(&self.payer);
        Sender { rpc: &self.rpc, payer: &**payer, signers, options: &self.options }
    }

    /// How many accounts these instructions lock when this client sends them as one transaction; `None`: they do not fit
    /// one.
    pub(crate) fn locks(&self, instructions: &[Instruction]) -> Option<usize> {
        let payer = self.fee_payer.as_ref().unwrap_or(&self.payer);
        send::locks(&payer.pubkey(), instructions, &self.options)
    }

    /// What sends these instructions as one transaction.
    pub fn prepare(&self, instructions: impl IntoIterator<Item = Instruction>) -> Prepared {
        Prepared::new(self, instructions.into_iter().collect())
    }

    /// Reads an account of the program; `None` if there is none.
    ///
    /// # Errors
    /// As [`FlashbackAccount::decode`]; [`Error::Network`], [`Error::Rpc`].
    pub async fn find<T: FlashbackAccount>(&self, address: &Pubkey) -> Result<Option<T>> {
        let account = self.find_raw(address).await?;
        account.map(|account| T::decode(address, &account)).transpose()
    }

    /// Reads an account of the program.
    ///
    /// # Errors
    /// [`Error::AccountNotFound`], and as [`Flashback::find`].
    pub async fn fetch<T: FlashbackAccount>(&self, address: &Pubkey) -> Result<T> {
        let missing = Error::AccountNotFound { kind: T::KIND, address: *address };
        self.find(address).await?.ok_or(missing)
    }

    pub(crate) async fn find_raw(&self, address: &Pubkey) -> Result<Option<Account>> {
        // The request for a single account reports a server that does not answer as a missing account.
        let commitment = self.rpc.commitment();
        let read = self.rpc.get_multiple_accounts_with_commitment(&[*address], commitment).await?;
        Ok(read.value.into_iter().next().flatten())
    }

    /// The protocol's settings.
    ///
    /// # Errors
    /// As [`Flashback::fetch`]: the program may not be deployed or initialized there.
    pub async fn config(&self) -> Result<Config> {
        self.fetch(&address::config()).await
    }

    /// The FLASH mint; asked once, since it never changes.
    ///
    /// # Errors
    /// As [`Flashback::config`].
    pub async fn mint(&self) -> Result<Pubkey> {
        if let Some(mint) = self.mint.get() {
            return Ok(*mint);
        }
        let mint = self.config().await?.flash_mint;
        Ok(*self.mint.get_or_init(|| mint))
    }

    /// The Provider of an authority.
    ///
    /// # Errors
    /// As [`Flashback::fetch`].
    pub async fn provider(&self, authority: &Pubkey) -> Result<Provider> {
        self.fetch(&address::provider(authority)).await
    }

    /// The Oracle of an authority.
    ///
    /// # Errors
    /// As [`Flashback::fetch`].
    pub async fn oracle(&self, authority: &Pubkey) -> Result<Oracle> {
        self.fetch(&address::oracle(authority)).await
    }

    /// A unit of a provider, by the provider's authority and number.
    ///
    /// # Errors
    /// As [`Flashback::fetch`].
    pub async fn unit(&self, provider_authority: &Pubkey, id: u64) -> Result<DataUnit> {
        self.fetch(&address::unit(&address::provider(provider_authority), id)).await
    }

    /// An SLA, by its address.
    ///
    /// # Errors
    /// As [`Flashback::fetch`].
    pub async fn sla(&self, address: &Pubkey) -> Result<Sla> {
        self.fetch(address).await
    }

    /// The registry of oracles.
    ///
    /// # Errors
    /// As [`Flashback::fetch`].
    pub async fn registry(&self) -> Result<Registry> {
        self.fetch(&address::registry()).await
    }

    /// A subject's certificate; `None` if it has none.
    ///
    /// # Errors
    /// As [`Flashback::find`].
    pub async fn certificate(
        &self,
        kind: SubjectKind,
        subject: &Pubkey,
    ) -> Result<Option<Certificate>> {
        self.find(&address::certificate(kind, subject)).await
    }

    /// What a token account holds; zero if there is none.
    ///
    /// # Errors
    /// As [`TokenAccount::decode`]; [`Error::Network`], [`Error::Rpc`].
    pub async fn tokens(&self, token_account: &Pubkey) -> Result<Atoms> {
        match self.find_raw(token_account).await? {
            Some(account) => Ok(TokenAccount::decode(token_account, &account)?.amount),
            None => Ok(Atoms::ZERO),
        }
    }

    /// The FLASH in a key's associated token account.
    ///
    /// # Errors
    /// As [`Flashback::mint`] and [`Flashback::tokens`].
    pub async fn balance(&self, owner: &Pubkey) -> Result<Atoms> {
        self.tokens(&address::token_account(owner, &self.mint().await?)).await
    }

    /// The chain's time, as programs see it.
    ///
    /// # Errors
    /// [`Error::Network`], [`Error::Rpc`].
    pub async fn now(&self) -> Result<Timestamp> {
        let clock = self.find_raw(&sysvar::clock::ID).await?;
        time_of(clock.as_ref())
    }

    /// Quotes a reservation of a provider's unit, to the atom what the chain would charge now.
    ///
    /// The request is checked against the offer and the parameters; not against free capacity, the provider's cover,
    /// certificates or the number of oracles, which the chain checks when the SLA is proposed.
    ///
    /// # Errors
    /// [`Error::Rule`] as [`crate::core::sla::Quote::new`] says; as [`Flashback::fetch`].
    pub async fn quote(
        &self,
        provider_authority: &Pubkey,
        unit_id: u64,
        reservation: &Reservation,
    ) -> Result<Quoted> {
        let unit = self.unit(provider_authority, unit_id).await?;
        reservation.quote(&self.config().await?, &unit.offer)
    }

    /// What a quoted reservation may come to, by the unit's score as of now: see [`Quoted::payouts`].
    ///
    /// # Errors
    /// As [`Quoted::payouts`] and [`Flashback::fetch`].
    pub async fn payouts(
        &self,
        provider_authority: &Pubkey,
        unit_id: u64,
        quoted: &Quoted,
    ) -> Result<Payouts> {
        let score = self.unit(provider_authority, unit_id).await?.score;
        quoted.payouts(score.at(self.now().await?)?.milli)
    }

    /// An owner's associated token account, and what creates it; empty if it exists.
    pub(crate) async fn token_account_of(
        &self,
        owner: &Pubkey,
    ) -> Result<(Pubkey, Vec<Instruction>)> {
        let mint = self.mint().await?;
        let account = address::token_account(owner, &mint);
        let create = match self.find_raw(&account).await? {
            Some(_) => vec![],
            None => vec![instruction::create_token_account(&self.key(), owner, &mint)],
        };
        Ok((account, create))
    }
}

fn time_of(clock: Option<&Account>) -> Result<Timestamp> {
    let malformed = Error::AccountMalformed { kind: "Clock sysvar", address: sysvar::clock::ID };
    let clock = clock.and_then(solana_account::from_account::<Clock, _>);
    clock.map(|clock| Timestamp(clock.unix_timestamp)).ok_or(malformed)
}
