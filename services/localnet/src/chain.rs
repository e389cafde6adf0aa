//! The embedded chain.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use flashback_sdk::core::params::Params;
use flashback_sdk::core::units::{Atoms, Seconds, Timestamp};
use flashback_sdk::{Flashback, address};
use serde_json::{Value, json};
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client_api::request::RpcRequest;
use solana_sdk::signature::Keypair;
use surfpool_sdk::{BlockProductionMode, Surfnet};

use crate::deployment::{Deployment, DeploymentConfig};
use crate::elf::ProgramElf;

/// SOL of the authority, in lamports: it funds everybody else.
const AUTHORITY_LAMPORTS: u64 = 100_000_000_000_000;

/// How to start a local net.
#[derive(Clone, Debug)]
pub struct LocalnetConfig {
    /// The program.
    pub program: ProgramElf,
    /// Length of a slot, in milliseconds.
    pub slot_time_ms: u64,
    /// FLASH minted to the authority.
    pub supply: Atoms,
    /// The shortest window of an SLA: 4 seconds or more.
    pub window_min: Seconds,
    /// The protocol's parameters.
    pub params: Params,
}

impl Default for LocalnetConfig {
    /// Slots of 50 ms, 10⁹ FLASH, windows from 20 seconds, default parameters.
    fn default() -> Self {
        let DeploymentConfig { supply, window_min, params } = DeploymentConfig::default();
        Self { program: ProgramElf::Find, slot_time_ms: 50, supply, window_min, params }
    }
}

/// An embedded chain with Flashback deployed and initialized. It ends when dropped.
pub struct Localnet {
    surfnet: Surfnet,
    deployment: Deployment,
}

impl Localnet {
    /// Starts a chain on free ports, deploys the program at its address, creates FLASH and initializes the
    /// protocol.
    ///
    /// # Errors
    /// If the program's ELF is not found, the chain does not start, or the program refuses.
    pub async fn start(config: LocalnetConfig) -> Result<Self> {
        let elf = config.program.read()?;
        let authority = Keypair::new();
        let surfnet = start_surfnet(&authority, config.slot_time_ms).await?;
        let client = Flashback::new(surfnet.rpc_url(), authority.insecure_clone())
            .with_websocket(surfnet.ws_url());
        deploy(&client, &elf).await.context("the program could not be deployed")?;
        let deployment = DeploymentConfig {
            supply: config.supply,
            window_min: config.window_min,
            params: config.params,
        };
        let deployment = Deployment::create(client, authority, deployment).await?;
        Ok(Self { surfnet, deployment })
    }

    /// Its JSON-RPC URL.
    pub fn rpc_url(&self) -> &str {
        self.surfnet.rpc_url()
    }

    /// Its websocket URL.
    pub fn ws_url(&self) -> &str {
        self.surfnet.ws_url()
    }

    /// FLASH, the protocol's authority, and funds for actors.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// The chain's time.
    ///
    /// # Errors
    /// If the chain does not answer.
    pub async fn now(&self) -> Result<Timestamp> {
        Ok(self.deployment.client().now().await?)
    }

    /// Moves the chain's clock forward to a time; does nothing if that has passed.
    ///
    /// # Errors
    /// If the chain does not answer, or its clock does not follow.
    pub async fn time_travel_to(&self, time: Timestamp) -> Result<()> {
        travel(self.deployment.client(), time).await
    }
}

/// Moves the clock of an embedded chain forward to a time, and waits until programs see it; does nothing if
/// that time has passed.
///
/// # Errors
/// If the chain is no embedded one, does not answer, or its clock does not follow.
pub async fn travel(client: &Flashback, time: Timestamp) -> Result<()> {
    if client.now().await? >= time {
        return Ok(());
    }
    let milliseconds = u64::try_from(time.0).ok().and_then(|secs| secs.checked_mul(1_000));
    let milliseconds = milliseconds.context("that time is out of range")?;
    let config = json!([{ "absoluteTimestamp": milliseconds }]);
    cheat(client.rpc(), "surfnet_timeTravel", config).await?;
    let asked_at = Instant::now();
    while client.now().await? < time {
        if asked_at.elapsed() > Duration::from_secs(10) {
            bail!("the chain's clock did not follow to {}", time.0);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

async fn cheat(rpc: &RpcClient, method: &'static str, params: Value) -> Result<Value> {
    let answer = rpc.send(RpcRequest::Custom { method }, params).await;
    answer.with_context(|| format!("{method} failed: is this an embedded chain?"))
}

async fn start_surfnet(authority: &Keypair, slot_time_ms: u64) -> Result<Surfnet> {
    let builder = Surfnet::builder()
        .offline(true)
        // Its other mode was reported never to confirm.
        .block_production_mode(BlockProductionMode::Clock)
        .slot_time_ms(slot_time_ms)
        .airdrop_sol(AUTHORITY_LAMPORTS)
        .payer(authority.insecure_clone());
    // Starting blocks its thread.
    let runtime = tokio::runtime::Handle::current();
    let starting = tokio::task::spawn_blocking(move || runtime.block_on(builder.start()));
    let surfnet = starting.await?.context("the embedded chain did not start")?;
    // Undrained events would wedge it.
    let events = surfnet.events().clone();
    std::thread::Builder::new()
        .name("surfnet-events".to_owned())
        .spawn(move || while events.recv().is_ok() {})
        .context("no thread for the chain's events")?;
    Ok(surfnet)
}

async fn deploy(client: &Flashback, elf: &[u8]) -> Result<()> {
    let hex: String = elf.iter().map(|byte| format!("{byte:02x}")).collect();
    let program = address::PROGRAM.to_string();
    let authority = client.key().to_string();
    cheat(client.rpc(), "surfnet_writeProgram", json!([program, hex, 0])).await?;
    cheat(client.rpc(), "surfnet_setProgramAuthority", json!([program, authority])).await?;
    Ok(())
}
