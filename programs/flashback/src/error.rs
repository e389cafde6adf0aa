//! The program's errors: core's list, numbered from 6000 in its order.

use anchor_lang::prelude::*;
use flashback_core::{CoreError, Result as CoreResult};

macro_rules! define_program_error {
    ($($name:ident = $message:tt,)*) => {
        /// Why an instruction refused. The list and its wording are `flashback-core`'s.
        #[error_code]
        #[derive(PartialEq, Eq)]
        pub enum FlashbackError {
            $(
                #[msg($message)]
                $name,
            )*
        }

        impl From<CoreError> for FlashbackError {
            fn from(error: CoreError) -> Self {
                match error {
                    $(CoreError::$name => FlashbackError::$name,)*
                    // The list is one: a variant beyond it cannot be built.
                    _ => FlashbackError::StateInvalid,
                }
            }
        }
    };
}
flashback_core::for_each_error!(define_program_error);

/// A rule's refusal as the program's error. Out of line: building one takes more code than any rule.
#[cold]
#[inline(never)]
pub fn refusal(error: CoreError) -> Error {
    FlashbackError::from(error).into()
}

/// Turns core's results into the program's.
pub trait OrRefuse<T> {
    /// The value, or the refusal.
    fn or_refuse(self) -> Result<T>;
}

impl<T> OrRefuse<T> for CoreResult<T> {
    #[inline]
    fn or_refuse(self) -> Result<T> {
        self.map_err(refusal)
    }
}

/// Refuses unless something holds.
#[inline]
pub fn ensure(holds: bool, error: CoreError) -> Result<()> {
    if holds { Ok(()) } else { Err(refusal(error)) }
}
