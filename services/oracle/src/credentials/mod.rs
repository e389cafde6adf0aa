//! What consumers seal to an oracle.
