//! A window's records as a tree.
