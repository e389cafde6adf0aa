//! Wrong command lines and settings: refused before anything is sent, in words that say what would be right.

mod common;

mod usage {
    mod acting;
    mod admin;
    mod certifier;
    mod globals;
    mod oracle;
    mod treasury;
}
