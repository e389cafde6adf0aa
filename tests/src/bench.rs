//! Compute units and sizes.
