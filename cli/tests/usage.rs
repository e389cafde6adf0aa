//! Wrong command lines and settings: refused before anything is sent, in words that say what would be right.

mod common;

mod usage {
    mod acting;
    mod admin;
    mod certifier;
    mod config;
    mod events;
    mod globals;
    mod nonce;
    mod oracle;
    mod provider;
    mod settings;
    mod transaction;
    mod treasury;
    mod unit;
    mod wallet;
}
