//! Records, for anyone to check.
