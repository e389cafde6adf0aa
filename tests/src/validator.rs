//! A real validator, started and stopped by a test.

use std::env;
use std::fs::File;
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use flashback_sdk::{Flashback, address};
use solana_sdk::signature::{Keypair, Signer};

/// How long a validator may take to answer.
const START: Duration = Duration::from_secs(90);
/// Ports that a validator takes beside its RPC port: websockets, faucet, gossip, and its own traffic.
const PORTS: u16 = 40;

/// A running solana-test-validator with the program deployed. It ends when dropped; its log is kept if the test fails.
pub struct Validator {
    child: Child,
    folder: PathBuf,
    authority: Keypair,
    rpc_url: String,
    /// It did not get ready.
    failed: bool,
}

impl Validator {
    /// Starts a validator on free ports of the loopback interface, the program deployed at its address.
    pub async fn start(program: &Path) -> Result<Self> {
        let binary = binary()?;
        let base = free_ports()?;
        let folder =
            env::temp_dir().join(format!("flashback-validator-{}-{base}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let authority = Keypair::new();
        let log = File::create(folder.join("output.log"))?;
        let key = authority.pubkey().to_string();
        let child = Command::new(&binary)
            .args(["--log", "--reset", "--bind-address", "127.0.0.1", "--ticks-per-slot", "16"])
            .arg("--ledger")
            .arg(folder.join("ledger"))
            .args(["--rpc-port", &base.to_string()])
            .args(["--faucet-port", &(base + 2).to_string()])
            .args(["--gossip-port", &(base + 3).to_string()])
            .args(["--dynamic-port-range", &format!("{}-{}", base + 4, base + PORTS)])
            .args(["--mint", &key])
            .args(["--upgradeable-program", &address::PROGRAM.to_string()])
            .arg(program)
            .arg(&key)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} does not start", binary.display()))?;
        let rpc_url = format!("http://127.0.0.1:{base}");
        let mut validator = Self { child, folder, authority, rpc_url, failed: false };
        if let Err(error) = validator.ready().await {
            validator.failed = true;
            return Err(error);
        }
        Ok(validator)
    }

    /// A client that acts as the program's upgrade authority, which owns all SOL.
    pub fn client(&self) -> Flashback {
        Flashback::new(&self.rpc_url, self.authority.insecure_clone())
    }

    /// The program's upgrade authority.
    pub fn authority(&self) -> Keypair {
        self.authority.insecure_clone()
    }

    /// Waits until the validator is healthy and has a clock.
    async fn ready(&mut self) -> Result<()> {
        let client = self.client();
        let deadline = Instant::now() + START;
        loop {
            if let Some(status) = self.child.try_wait()? {
                bail!("the validator has ended with {status}");
            }
            let healthy = client.rpc().get_health().await.is_ok();
            if healthy && client.rpc().get_slot().await.is_ok_and(|slot| slot > 2) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("the validator did not get ready within {} s", START.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

impl Drop for Validator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if self.failed || std::thread::panicking() {
            eprintln!(
                "the validator's log is kept at {}",
                self.folder.join("output.log").display()
            );
            let _ = std::fs::remove_dir_all(self.folder.join("ledger"));
        } else {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// The validator that `cargo xtask setup` installs.
fn binary() -> Result<PathBuf> {
    let named = env::var_os("FLASHBACK_TEST_VALIDATOR").filter(|path| !path.is_empty());
    let path = match named {
        Some(path) => PathBuf::from(path),
        None => cache()?.join("solana-test-validator-4.2.2/bin/solana-test-validator"),
    };
    if path.is_file() {
        return Ok(path);
    }
    bail!("there is no validator at {}: run `cargo xtask setup`", path.display())
}

fn cache() -> Result<PathBuf> {
    if let Some(cache) = env::var_os("FLASHBACK_CACHE").filter(|path| !path.is_empty()) {
        return Ok(cache.into());
    }
    let home = env::var_os("HOME").context("HOME is not set")?;
    Ok(PathBuf::from(home).join(".cache/flashback"))
}

/// The first of [`PORTS`] neighbouring ports that are all free, below the range that the system gives to outgoing
/// connections.
fn free_ports() -> Result<u16> {
    let first = 10_000 + u16::try_from(std::process::id() % 200)? * (PORTS + 1);
    for step in 0..100 {
        let base = 10_000 + (first - 10_000 + step * 7 * (PORTS + 1)) % 20_000;
        let end = base + PORTS;
        let free = |port| {
            TcpListener::bind(("127.0.0.1", port)).is_ok()
                && UdpSocket::bind(("127.0.0.1", port)).is_ok()
        };
        if (base..=end).all(free) {
            return Ok(base);
        }
    }
    bail!("no {PORTS} neighbouring ports are free")
}
