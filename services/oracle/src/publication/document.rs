//! The document of one window.

use flashback_core::hash::{Digest, SoftwareSha256};
use flashback_core::quality::Aggregate;
use flashback_core::records::{Node, ROUNDS_MAX, Tree};
use flashback_core::sla::{COMMITMENT_SIZE, Commitment, commitment};
use flashback_core::units::Timestamp;
use serde::{Deserialize, Serialize};
use solana_sdk::pubkey::Pubkey;

use super::encoding::{base58, base64_list, hex};
use crate::key::{SlaLife, WindowKey};
use crate::store::Opening;

/// What a document calls its format.
pub const FORMAT: &str = "flashback-records/1";
/// The largest document: four times what the most rounds come to with all their nodes.
pub const DOCUMENT_BYTES_MAX: usize = 16 << 20;

/// What an oracle publishes of one window. Nothing of it is believed: it is checked against what the chain has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// [`FORMAT`].
    pub format: String,
    /// The oracle's authority.
    #[serde(with = "base58")]
    pub oracle: Pubkey,
    /// The Sla's address.
    #[serde(with = "base58")]
    pub sla: Pubkey,
    /// When its window 0 begins, in unix seconds.
    pub sla_start: i64,
    /// The window, counted from 0.
    pub window: u16,
    /// Its length, in seconds.
    pub window_secs: u32,
    /// Its probing rounds.
    pub rounds: u32,
    /// The sums over its records, as reported.
    pub aggregate: Figures,
    /// The tree's root, as reported.
    #[serde(with = "hex")]
    pub root: Digest,
    /// What the chain has of both.
    #[serde(with = "hex")]
    pub commitment: Commitment,
    /// Every leaf's records, encoded.
    #[serde(with = "base64_list")]
    pub leaves: Vec<Vec<u8>>,
    /// The tree's nodes by height, leaves first: only where the leaves do not give the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<Vec<Vec<PublishedNode>>>,
    /// What a reader should know, in words.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A node of a published tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedNode {
    /// Its hash.
    #[serde(with = "hex")]
    pub digest: Digest,
    /// The sums claimed for it.
    pub sums: Figures,
}

/// An aggregate's figures, by the names that core gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "they are those of Aggregate")]
pub struct Figures {
    pub attempts: u32,
    pub probes_total: u32,
    pub probes_ok: u32,
    pub ops_total: u32,
    pub ops_ok: u32,
    pub latency_count: u32,
    pub upload_count: u32,
    pub download_count: u32,
    pub latency_sum_us: u64,
    pub upload_sum_kib_s: u64,
    pub download_sum_kib_s: u64,
}

/// Why bytes are no document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// More bytes than any document has.
    #[error("{0} bytes are more than a document has: at most {DOCUMENT_BYTES_MAX}")]
    TooLarge(usize),
    /// Not the JSON of a document.
    #[error("not a document of records: {0}")]
    Malformed(String),
    /// Another format.
    #[error("the format is {0:?}, and should be {FORMAT:?}")]
    FormatUnknown(String),
    /// More leaves, nodes or notes than any window has.
    #[error("more {0} than a window of {ROUNDS_MAX} rounds can have")]
    TooMany(&'static str),
}

impl Document {
    /// The document of a tree over these leaves. `notes` are for whoever reads it.
    ///
    /// An honest tree is its leaves', and needs no nodes; see [`Document::with_nodes`].
    pub fn of(
        tree: &Tree,
        leaves: Vec<Vec<u8>>,
        key: &WindowKey,
        opening: &Opening,
        notes: Vec<String>,
    ) -> Self {
        Self {
            format: FORMAT.to_owned(),
            oracle: opening.oracle,
            sla: key.life.sla,
            sla_start: key.life.start.0,
            window: key.window,
            window_secs: opening.window_secs.0,
            rounds: opening.rounds,
            aggregate: (*tree.aggregate()).into(),
            root: tree.root(),
            commitment: tree.commitment::<SoftwareSha256>(),
            leaves,
            nodes: None,
            notes,
        }
    }

    /// The same with the tree's nodes: for a tree that its leaves do not give.
    ///
    /// # Errors
    /// None, for a tree of the series that it names.
    pub fn with_nodes(self, tree: &Tree) -> flashback_core::Result<Self> {
        Ok(Self { nodes: Some(rows(tree)?.iter().map(|row| published(row)).collect()), ..self })
    }

    /// A document of its bytes. It may still be of anything: see [`Document::check`].
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        if bytes.len() > DOCUMENT_BYTES_MAX {
            return Err(DocumentError::TooLarge(bytes.len()));
        }
        // Fields that it does not know are skipped, without recursion; those that it knows have their depth.
        let document: Self = serde_json::from_slice(bytes)
            .map_err(|error| DocumentError::Malformed(error.to_string()))?;
        if document.format != FORMAT {
            let shown = document.format.chars().take(64).collect();
            return Err(DocumentError::FormatUnknown(shown));
        }
        let most = usize::try_from(ROUNDS_MAX).unwrap_or(usize::MAX);
        if document.leaves.len() > most {
            return Err(DocumentError::TooMany("leaves"));
        }
        let rows = document.nodes.iter().flatten();
        if rows.clone().count() > most || rows.map(Vec::len).any(|length| length > most) {
            return Err(DocumentError::TooMany("nodes"));
        }
        if document.notes.len() > most {
            return Err(DocumentError::TooMany("notes"));
        }
        Ok(document)
    }

    /// Its bytes, as they are served: always the same for the same document.
    ///
    /// # Errors
    /// None that a document can cause.
    pub fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The window that it says it is of.
    pub fn key(&self) -> WindowKey {
        SlaLife { sla: self.sla, start: Timestamp(self.sla_start) }.window(self.window)
    }

    /// What its aggregate and root commit to: not necessarily what it says.
    pub fn recomputed_commitment(&self) -> [u8; COMMITMENT_SIZE] {
        commitment::<SoftwareSha256>(&self.aggregate.into(), &self.root)
    }

    /// Its nodes, as core takes them.
    pub(super) fn node_rows(&self) -> Option<Vec<Vec<Node>>> {
        let node = |node: &PublishedNode| Node { digest: node.digest, sums: node.sums.into() };
        let rows = self.nodes.as_ref()?;
        Some(rows.iter().map(|row| row.iter().map(node).collect()).collect())
    }
}

/// A tree's nodes by height, leaves first.
pub(super) fn rows(tree: &Tree) -> flashback_core::Result<Vec<Vec<Node>>> {
    let shape = tree.series().shape();
    (0..=shape.height())
        .map(|height| {
            (0..shape.nodes(height)).map(|position| tree.node(height, position).copied()).collect()
        })
        .collect()
}

fn published(row: &[Node]) -> Vec<PublishedNode> {
    row.iter().map(|node| PublishedNode { digest: node.digest, sums: node.sums.into() }).collect()
}

macro_rules! same_figures {
    ($($field:ident),*) => {
        impl From<Aggregate> for Figures {
            fn from(sums: Aggregate) -> Self {
                Self { $($field: sums.$field),* }
            }
        }

        impl From<Figures> for Aggregate {
            fn from(figures: Figures) -> Self {
                Self { $($field: figures.$field),* }
            }
        }
    };
}
same_figures!(
    attempts,
    probes_total,
    probes_ok,
    ops_total,
    ops_ok,
    latency_count,
    upload_count,
    download_count,
    latency_sum_us,
    upload_sum_kib_s,
    download_sum_kib_s
);
