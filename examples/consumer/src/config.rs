//! What the application is told, and what can go wrong.

use std::path::PathBuf;

use clap::Parser;
use flashback_sdk::core::units::Atoms;
use solana_sdk::pubkey::Pubkey;

/// Reserves storage, sees it through and takes what is left home.
#[derive(Clone, Debug, Parser)]
pub struct Config {
    /// RPC server
    #[arg(long, env = "FLASHBACK_URL", default_value = "http://127.0.0.1:8899")]
    pub url: String,
    /// Keypair file of the consumer
    #[arg(long, env = "FLASHBACK_KEYPAIR")]
    pub keypair: PathBuf,
    /// Region that the data has to stay in
    #[arg(long, default_value = "eu-central-1")]
    pub region: String,
    /// Capacity in GiB
    #[arg(long, default_value_t = 1_024)]
    pub gib: u64,
    /// Number of windows
    #[arg(long, default_value_t = 30)]
    pub windows: u16,
    /// Length of a window in seconds
    #[arg(long, default_value_t = 86_400)]
    pub window_secs: u32,
    /// The highest price, in atoms (10⁻⁶ FLASH) per GiB and 30 days
    #[arg(long, default_value_t = 50_000)]
    pub max_price: u64,
    /// The most to deposit, fees included, in atoms
    #[arg(long, default_value_t = 100_000_000)]
    pub budget: u64,
    /// The consumer's number of the SLA; with the same one it goes on after a crash [default: the first free one]
    #[arg(long)]
    pub id: Option<u64>,
    /// Milliseconds between two looks at the SLA
    #[arg(long, default_value_t = 2_000)]
    pub look_every_ms: u64,
    /// Seconds to wait at the end until provider and oracles have withdrawn, so that the SLA can be closed
    #[arg(long, default_value_t = 60)]
    pub patience_secs: u64,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The keypair cannot be read.
    #[error("cannot read a keypair from {path}: {reason}")]
    Keypair {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Nobody offers what is wanted.
    #[error(
        "nobody offers {gib} GiB in {region} for up to {max_price} per GiB and 30 days, for that long"
    )]
    NothingOffered {
        /// Where it was looked for.
        region: String,
        /// What has to be free.
        gib: u64,
        /// The highest price.
        max_price: Atoms,
    },
    /// It would cost too much.
    #[error("the deposit would be {deposit}, above the budget of {budget}")]
    AboveBudget {
        /// Price and fees.
        deposit: Atoms,
        /// What there is for it.
        budget: Atoms,
    },
    /// The provider decides on every reservation itself.
    #[error("{sla} waits for its provider to accept it: run this again with --id {id}")]
    NotAccepted {
        /// The proposed SLA.
        sla: Pubkey,
        /// The consumer's number of it.
        id: u64,
    },
    /// A rule of the protocol, the chain or its server refused.
    #[error(transparent)]
    Flashback(#[from] flashback_sdk::Error),
}

impl From<flashback_sdk::core::CoreError> for Error {
    fn from(refused: flashback_sdk::core::CoreError) -> Self {
        Self::Flashback(refused.into())
    }
}
