//! What nearly every instruction uses.

pub use anchor_lang::prelude::*;
pub use anchor_spl::token::{Mint, Token, TokenAccount};
pub use flashback_core::units::{Atoms, Timestamp};
pub use flashback_core::{CoreError, Result as CoreResult, seeds};

pub use crate::chain::{self, SyscallSha256};
pub use crate::error::{FlashbackError, OrRefuse, ensure, refusal};
pub use crate::events::*;
pub use crate::state::*;
pub use crate::token;
