//! How transactions are sent.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use solana_sdk::hash::Hash;
use solana_sdk::message::AddressLookupTableAccount;

use super::{InFlight, Nonce};
use crate::error::AnyError;

/// How transactions are sent. The default suits an application: a recent blockhash, a capped fee as others pay it, and up
/// to three signings.
#[derive(Clone)]
pub struct SendOptions {
    /// What is paid for being included early.
    pub priority: PriorityFee,
    /// How often a transaction is signed at most: anew only after the last one's blockhash has expired. At least 1.
    pub signings: u8,
    /// Tables that shorten addresses, for transactions with many accounts.
    pub lookup_tables: Vec<AddressLookupTableAccount>,
    /// Sign with a durable nonce instead of a recent blockhash: the transaction stays valid until the nonce advances.
    pub nonce: Option<Nonce>,
    /// Sign with this blockhash instead of the latest one, for several who sign apart. The same instructions are the same
    /// transaction then, which takes effect once however often it is sent.
    pub blockhash: Option<Hash>,
    /// Called whenever a transaction was signed and is about to be sent, to show or record it. What is signed anew is told
    /// anew: the one before cannot land any more. Not called for what was signed before ([`crate::Flashback::submit`],
    /// [`crate::Flashback::dispatch`]).
    pub on_sent: Option<SentHook>,
    /// How often the server is asked.
    pub pace: Pace,
}

impl SendOptions {
    /// Whether a transaction can be signed anew, with a lifetime of its own.
    pub(super) fn signs_anew(&self) -> bool {
        self.nonce.is_none() && self.blockhash.is_none()
    }
}

/// Is told of a transaction; if it fails, that is not sent ([`Error::NotSent`](crate::Error::NotSent)). Whoever records it
/// durably here can be killed at any time, and learn its fate later by [`crate::Flashback::await_sent`].
pub type SentHook = Arc<dyn Fn(&InFlight) -> Result<(), AnyError> + Send + Sync>;

impl fmt::Debug for SendOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendOptions")
            .field("priority", &self.priority)
            .field("signings", &self.signings)
            .field("nonce", &self.nonce)
            .field("blockhash", &self.blockhash)
            .finish_non_exhaustive()
    }
}

/// How often the server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Between the first two questions about a transaction; the later ones are further apart.
    pub first_pause: Duration,
    /// Between two questions, at most.
    pub longest_pause: Duration,
    /// Between two sendings of a transaction that is not confirmed yet.
    pub rebroadcast: Duration,
}

impl Default for Pace {
    /// 25 ms, growing to 500 ms; sent again every 2 seconds.
    fn default() -> Self {
        Self {
            first_pause: Duration::from_millis(25),
            longest_pause: Duration::from_millis(500),
            rebroadcast: Duration::from_secs(2),
        }
    }
}

impl Default for SendOptions {
    fn default() -> Self {
        Self {
            priority: PriorityFee::default(),
            signings: 3,
            lookup_tables: vec![],
            nonce: None,
            blockhash: None,
            on_sent: None,
            pace: Pace::default(),
        }
    }
}

/// What is paid, beyond 5,000 lamports a signature, for being included early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriorityFee {
    /// This price, in micro-lamports per compute unit; 0: nothing.
    Fixed(u64),
    /// What others paid lately for the accounts that the transaction writes.
    Recent {
        /// Which of the prices of recent slots, by size: 0 the lowest, 50 the median, 100 the highest.
        percentile: u8,
        /// The most that it may come to, in lamports for the whole transaction.
        cap_lamports: u64,
    },
}

impl Default for PriorityFee {
    /// Three of four recent prices are no higher; 100,000 lamports (0.0001 SOL) at most.
    fn default() -> Self {
        Self::Recent { percentile: 75, cap_lamports: 100_000 }
    }
}
