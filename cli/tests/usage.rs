//! Wrong command lines and settings: refused before anything is sent, in words that say what would be right.

mod common;

mod usage {
    mod config;
    mod events;
    mod globals;
    mod nonce;
    mod provider;
    mod settings;
    mod transaction;
    mod unit;
}
