//! The program's errors: core's list, numbered from 6000 in its order.

use anchor_lang::prelude::*;
use flashback_core::CoreError;

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
