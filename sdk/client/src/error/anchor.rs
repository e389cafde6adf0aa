//! The errors of the Anchor framework, by number. The logs carry their names too, but may be cut or missing.

use anchor_lang::error::ErrorCode;

macro_rules! by_number {
    ($($name:ident,)*) => {
        /// The name of a framework error, as in Anchor's documentation.
        pub(super) fn name(number: u32) -> Option<String> {
            $(if number == u32::from(ErrorCode::$name) {
                return Some(ErrorCode::$name.name());
            })*
            None
        }
    };
}

by_number! {
    InstructionMissing,
    InstructionFallbackNotFound,
    InstructionDidNotDeserialize,
    InstructionDidNotSerialize,
    EventInstructionStub,
    ConstraintMut,
    ConstraintHasOne,
    ConstraintSigner,
    ConstraintRaw,
    ConstraintOwner,
    ConstraintRentExempt,
    ConstraintSeeds,
    ConstraintExecutable,
    ConstraintState,
    ConstraintAssociated,
    ConstraintAssociatedInit,
    ConstraintClose,
    ConstraintAddress,
    ConstraintZero,
    ConstraintTokenMint,
    ConstraintTokenOwner,
    ConstraintMintMintAuthority,
    ConstraintMintFreezeAuthority,
    ConstraintMintDecimals,
    ConstraintSpace,
    ConstraintAccountIsNone,
    ConstraintTokenTokenProgram,
    ConstraintMintTokenProgram,
    ConstraintAssociatedTokenTokenProgram,
    ConstraintDuplicateMutableAccount,
    AccountAlreadyMigrated,
    AccountNotMigrated,
    RequireViolated,
    RequireEqViolated,
    RequireKeysEqViolated,
    RequireNeqViolated,
    RequireKeysNeqViolated,
    RequireGtViolated,
    RequireGteViolated,
    AccountDiscriminatorAlreadySet,
    AccountDiscriminatorNotFound,
    AccountDiscriminatorMismatch,
    AccountDidNotDeserialize,
    AccountDidNotSerialize,
    AccountNotEnoughKeys,
    AccountNotMutable,
    AccountOwnedByWrongProgram,
    InvalidProgramId,
    InvalidProgramExecutable,
    AccountNotSigner,
    AccountNotSystemOwned,
    AccountNotInitialized,
    AccountNotProgramData,
    AccountNotAssociatedTokenAccount,
    AccountSysvarMismatch,
    AccountReallocExceedsLimit,
    AccountDuplicateReallocs,
    DeclaredProgramIdMismatch,
    TryingToInitPayerAsProgramAccount,
    InvalidNumericConversion,
    Deprecated,
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_have_their_names() {
        assert_eq!(super::name(2006).as_deref(), Some("ConstraintSeeds"));
        assert_eq!(super::name(3010).as_deref(), Some("AccountNotSigner"));
        assert_eq!(super::name(99), None);
        assert_eq!(super::name(6000), None);
    }
}
