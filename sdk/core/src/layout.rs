//! How core's types are laid out for accounts, instructions and the IDL.

/// Declares a plain-old-data part of a zero-copy account.
///
/// `repr(C)`, no holes (bytemuck refuses padding), plain integers only. When the IDL is built, the same
/// part describes itself through Anchor's `zero_copy`.
macro_rules! pod_part {
    ($($item:tt)*) => {
        #[cfg_attr(feature = "idl-build", anchor_lang::prelude::zero_copy)]
        #[cfg_attr(
            not(feature = "idl-build"),
            derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
            repr(C)
        )]
        #[derive(Debug, PartialEq, Eq)]
        $($item)*
    };
}

/// Declares a type that stands in Borsh accounts, instruction arguments or events.
macro_rules! borsh_type {
    ($($item:tt)*) => {
        #[cfg_attr(
            feature = "idl-build",
            derive(anchor_lang::AnchorSerialize, anchor_lang::AnchorDeserialize)
        )]
        #[cfg_attr(
            all(feature = "borsh", not(feature = "idl-build")),
            derive(borsh::BorshSerialize, borsh::BorshDeserialize)
        )]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $($item)*
    };
}
