//! One round of probes.
