//! What can be set, and where it was.

use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::arguments::GlobalArguments;

/// What can be set by a flag, a variable and a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Setting {
    /// RPC server: a URL or a moniker
    Url,
    /// Websocket server
    WsUrl,
    /// Who acts
    Keypair,
    /// Who pays transaction fees
    FeePayer,
    /// processed, confirmed or finalized
    Commitment,
    /// In micro-lamports
    ComputeUnitPrice,
}

impl Setting {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Url,
        Self::WsUrl,
        Self::Keypair,
        Self::FeePayer,
        Self::Commitment,
        Self::ComputeUnitPrice,
    ];

    /// What `flashback config` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::WsUrl => "ws-url",
            Self::Keypair => "keypair",
            Self::FeePayer => "fee-payer",
            Self::Commitment => "commitment",
            Self::ComputeUnitPrice => "compute-unit-price",
        }
    }

    /// Its option on the command line.
    fn flag(self) -> &'static str {
        match self {
            Self::Url => "--url",
            Self::WsUrl => "--ws-url",
            Self::Keypair => "--keypair",
            Self::FeePayer => "--fee-payer",
            Self::Commitment => "--commitment",
            Self::ComputeUnitPrice => "--with-compute-unit-price",
        }
    }

    /// Its environment variable.
    fn variable(self) -> &'static str {
        match self {
            Self::Url => "FLASHBACK_URL",
            Self::WsUrl => "FLASHBACK_WS_URL",
            Self::Keypair => "FLASHBACK_KEYPAIR",
            Self::FeePayer => "FLASHBACK_FEE_PAYER",
            Self::Commitment => "FLASHBACK_COMMITMENT",
            Self::ComputeUnitPrice => "FLASHBACK_COMPUTE_UNIT_PRICE",
        }
    }

    /// Its field in both configuration files.
    pub fn field(self) -> &'static str {
        match self {
            Self::Url => "json_rpc_url",
            Self::WsUrl => "websocket_url",
            Self::Keypair => "keypair_path",
            Self::FeePayer => "fee_payer",
            Self::Commitment => "commitment",
            Self::ComputeUnitPrice => "compute_unit_price",
        }
    }

    /// What the command line or the environment says, and which of them.
    pub fn given(self, global: &GlobalArguments) -> Option<Said> {
        let value = match self {
            Self::Url => global.url.clone(),
            Self::WsUrl => global.ws_url.clone(),
            Self::Keypair => global.keypair.clone(),
            Self::FeePayer => global.fee_payer.clone(),
            Self::Commitment => global.commitment.map(|level| level.name().to_owned()),
            Self::ComputeUnitPrice => global.with_compute_unit_price.map(|price| price.to_string()),
        }?;
        let id = self.flag().trim_start_matches('-').replace('-', "_");
        Some(Said { value, origin: global.origin(&id, self.flag(), self.variable()) })
    }
}

/// A setting's value, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// As it was written.
    pub value: String,
    /// Where.
    pub origin: Origin,
}

/// Where a value comes from: what is listed first goes before the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This option on the command line.
    Flag(&'static str),
    /// This environment variable.
    Variable(&'static str),
    /// This field of Flashback's configuration file.
    Overlay(PathBuf, &'static str),
    /// This field of the Solana tools' configuration file.
    Solana(PathBuf, &'static str),
    /// Nobody has said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::Overlay(path, field) | Self::Solana(path, field) => {
                write!(f, "{field} in {}", path.display())
            }
            Self::Default => f.write_str("default"),
        }
    }
}

impl Origin {
    /// Whether it is a configuration file.
    pub fn is_file(&self) -> bool {
        matches!(self, Self::Overlay(..) | Self::Solana(..))
    }

    /// Whether it goes before the other, whatever is said in both.
    pub fn precedes(&self, other: &Self) -> bool {
        self.rank() < other.rank()
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Flag(_) => 0,
            Self::Variable(_) => 1,
            Self::Overlay(..) => 2,
            Self::Solana(..) => 3,
            Self::Default => 4,
        }
    }
}
