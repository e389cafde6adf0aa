//! What the guides' tests share.

pub mod books;
pub mod life;
pub mod script;
