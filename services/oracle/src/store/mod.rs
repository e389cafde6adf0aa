//! Records, kept.
