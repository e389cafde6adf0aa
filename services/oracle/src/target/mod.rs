//! One consumer's storage, measured.
