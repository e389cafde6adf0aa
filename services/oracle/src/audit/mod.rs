//! Others' records, checked.
