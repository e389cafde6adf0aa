//! A window's records as a tree.

use flashback_core::hash::{Digest, SoftwareSha256};
use flashback_core::quality::Aggregate;
use flashback_core::records::{Record, Series, Tree, TreeBuilder, encode_leaf};
use flashback_core::sla::Commitment;
use flashback_core::{CoreError, Result};

use crate::key::WindowKey;
use crate::store::{Store, StoreError, Submission};

/// A window whose records are complete: its tree, and the leaves under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The tree.
    pub tree: Tree,
    /// Its leaves' encoded records, by index; every leaf of the tree, empty ones too.
    pub leaves: Vec<Vec<u8>>,
    /// How many records they hold.
    pub records: u64,
}

impl Closed {
    /// Of records with their rounds, by round and kind, as a store tells them. Needs no store.
    ///
    /// # Errors
    /// As [`encode_leaf`]: for records that the series cannot have.
    pub fn of(series: &Series, records: &[(u32, Record)]) -> Result<Self> {
        let mut rest = records;
        let mut builder = TreeBuilder::<SoftwareSha256>::new(*series);
        let mut leaves = Vec::new();
        for index in 0..series.shape().leaves() {
            let end = series.shape().leaf_rounds(index)?.end;
            let (own, others) = rest.split_at(rest.partition_point(|(round, _)| *round < end));
            let own: Vec<Record> = own.iter().map(|(_, record)| *record).collect();
            let leaf = encode_leaf(series, index, &own)?;
            builder.push_encoded(&leaf)?;
            leaves.push(leaf);
            rest = others;
        }
        if !rest.is_empty() {
            return Err(CoreError::RoundsInvalid);
        }
        let records = u64::try_from(records.len()).map_err(|_| CoreError::ArithmeticOverflow)?;
        Ok(Self { tree: builder.finish()?, leaves, records })
    }

    /// Of what a store has of a window.
    ///
    /// # Errors
    /// [`StoreError::WindowUnknown`]; [`StoreError::Rule`] for records that no store would have accepted.
    pub async fn read(store: &Store, key: &WindowKey) -> std::result::Result<Self, StoreError> {
        let window = store.window(key).await?.ok_or(StoreError::WindowUnknown(*key))?;
        Ok(Self::of(&window.series()?, &store.records(key).await?)?)
    }

    /// The sums over all records.
    pub fn aggregate(&self) -> &Aggregate {
        self.tree.aggregate()
    }

    /// The tree's root.
    pub fn root(&self) -> Digest {
        self.tree.root()
    }

    /// What is reported of it.
    pub fn submission(&self) -> Submission {
        Submission { aggregate: *self.aggregate(), root: self.root() }
    }

    /// What the chain keeps of the report.
    pub fn commitment(&self) -> Commitment {
        self.tree.commitment::<SoftwareSha256>()
    }

    /// The proof, encoded, that opens a leaf: the answer to a challenge.
    ///
    /// # Errors
    /// [`CoreError::ProofInvalid`] if the tree has no such leaf.
    pub fn open(&self, leaf: u32) -> Result<Vec<u8>> {
        let records = usize::try_from(leaf).ok().and_then(|index| self.leaves.get(index));
        let records = records.ok_or(CoreError::ProofInvalid)?;
        self.tree.open(leaf, records)?.encode(self.tree.series())
    }
}
