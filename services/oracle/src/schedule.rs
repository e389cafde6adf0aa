//! When which round probes what.
