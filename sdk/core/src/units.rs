//! Newtypes for every unit, so that no bare integer crosses a function boundary.
//!
//! | type | unit | range |
//! | --- | --- | --- |
//! | [`Atoms`] | millionths of a FLASH | `u64` |
//! | [`Gib`] | GiB of capacity | `u64` |
//! | [`PricePerGibMonth`] | atoms per GiB per 30 days | `u64` |
//! | [`Timestamp`] | unix seconds of the chain's clock | `i64` |
//! | [`Seconds`] | seconds | `u32` |
//! | [`Ppm`] | parts per million, for quality | 0 … 1,000,000 |
//! | [`Bps`] | hundredths of a percent, for money | 0 … 10,000 |

use core::fmt;

use crate::error::{CoreError, Result};
use crate::math::{mul_div_ceil, mul_div_floor};

/// Decimals of the FLASH mint.
pub const FLASH_DECIMALS: u8 = 6;
/// Atoms in one FLASH.
pub const ATOMS_PER_FLASH: u64 = 1_000_000;
/// Seconds in a day.
pub const DAY: u32 = 86_400;
/// Seconds in the month that prices speak of: 30 days.
pub const MONTH: u32 = 2_592_000;
/// One, in parts per million.
pub const PPM_ONE: u32 = 1_000_000;
/// One, in basis points.
pub const BPS_ONE: u16 = 10_000;

/// An amount of FLASH in atoms (10⁻⁶ FLASH).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Atoms(pub u64);

impl Atoms {
    /// Nothing.
    pub const ZERO: Atoms = Atoms(0);

    /// The sum.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] beyond 64 bits.
    #[inline]
    pub fn plus(self, other: Atoms) -> Result<Atoms> {
        self.0.checked_add(other.0).map(Atoms).ok_or(CoreError::ArithmeticOverflow)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`CoreError::AmountBelowZero`] if `other` is larger.
    #[inline]
    pub fn minus(self, other: Atoms) -> Result<Atoms> {
        self.0.checked_sub(other.0).map(Atoms).ok_or(CoreError::AmountBelowZero)
    }

    /// The amount `count` times.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] beyond 64 bits.
    #[inline]
    pub fn times(self, count: u64) -> Result<Atoms> {
        self.0.checked_mul(count).map(Atoms).ok_or(CoreError::ArithmeticOverflow)
    }

    /// Adds `other` in place.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] beyond 64 bits; nothing changes then.
    #[inline]
    pub fn add_to(self, balance: &mut u64) -> Result<()> {
        *balance = Atoms(*balance).plus(self)?.0;
        Ok(())
    }

    /// Takes the amount from a stored balance.
    ///
    /// # Errors
    /// [`CoreError::AmountBelowZero`] if the balance is smaller; nothing changes then.
    #[inline]
    pub fn take_from(self, balance: &mut u64) -> Result<()> {
        *balance = Atoms(*balance).minus(self)?.0;
        Ok(())
    }

    /// Refuses zero.
    ///
    /// # Errors
    /// [`CoreError::ZeroAmount`].
    pub fn non_zero(self) -> Result<Atoms> {
        if self.0 == 0 { Err(CoreError::ZeroAmount) } else { Ok(self) }
    }
}

impl fmt::Display for Atoms {
    /// In FLASH, without trailing zeros: `1.5 FLASH`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0.checked_div(ATOMS_PER_FLASH).unwrap_or_default();
        let fraction = self.0.checked_rem(ATOMS_PER_FLASH).unwrap_or_default();
        if fraction == 0 {
            return write!(f, "{whole} FLASH");
        }
        let digits = format!("{fraction:06}");
        write!(f, "{whole}.{} FLASH", digits.trim_end_matches('0'))
    }
}

/// Capacity in GiB (2³⁰ bytes).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gib(pub u64);

/// A price: atoms per GiB per 30 days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PricePerGibMonth(pub u64);

/// Unix seconds of the chain's Clock sysvar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The time `span` later.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] beyond 64 bits.
    #[inline]
    pub fn after(self, span: u64) -> Result<Timestamp> {
        self.0.checked_add_unsigned(span).map(Timestamp).ok_or(CoreError::ArithmeticOverflow)
    }

    /// Seconds from `earlier` to this time; zero if it is not earlier.
    #[inline]
    pub fn since(self, earlier: Timestamp) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }
}

/// A span of seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub u32);

/// Parts per million, for quality.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ppm(pub u32);

impl Ppm {
    /// None.
    pub const ZERO: Ppm = Ppm(0);
    /// All.
    pub const ONE: Ppm = Ppm(PPM_ONE);

    /// The whole less this part, at least zero.
    #[inline]
    pub fn complement(self) -> Ppm {
        Ppm(PPM_ONE.saturating_sub(self.0))
    }

    /// This part of an amount, rounded down.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] beyond 64 bits (only for parts above one).
    #[inline]
    pub fn of_floor(self, amount: Atoms) -> Result<Atoms> {
        mul_div_floor(amount.0, u64::from(self.0), u64::from(PPM_ONE)).map(Atoms)
    }
}

/// Hundredths of a percent, for money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bps(pub u16);

impl Bps {
    /// This part of an amount, rounded down.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] beyond 64 bits (only for parts above one).
    #[inline]
    pub fn of_floor(self, amount: Atoms) -> Result<Atoms> {
        mul_div_floor(amount.0, u64::from(self.0), u64::from(BPS_ONE)).map(Atoms)
    }

    /// This part of an amount, rounded up.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] beyond 64 bits (only for parts above one).
    #[inline]
    pub fn of_ceil(self, amount: Atoms) -> Result<Atoms> {
        mul_div_ceil(amount.0, u64::from(self.0), u64::from(BPS_ONE)).map(Atoms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_print_in_flash() {
        assert_eq!(Atoms(0).to_string(), "0 FLASH");
        assert_eq!(Atoms(1).to_string(), "0.000001 FLASH");
        assert_eq!(Atoms(1_500_000).to_string(), "1.5 FLASH");
        assert_eq!(Atoms(u64::MAX).to_string(), "18446744073709.551615 FLASH");
    }

    #[test]
    fn arithmetic_refuses_what_does_not_fit() {
        assert_eq!(Atoms(u64::MAX).plus(Atoms(1)), Err(CoreError::ArithmeticOverflow));
        assert_eq!(Atoms(1).minus(Atoms(2)), Err(CoreError::AmountBelowZero));
        let mut balance = 3;
        assert_eq!(Atoms(4).take_from(&mut balance), Err(CoreError::AmountBelowZero));
        assert_eq!(balance, 3);
        assert_eq!(Timestamp(i64::MAX).after(1), Err(CoreError::ArithmeticOverflow));
        assert_eq!(Timestamp(5).since(Timestamp(9)), 0);
        assert_eq!(
            Timestamp(i64::MAX).since(Timestamp(i64::MIN)),
            u64::try_from(i64::MAX).unwrap()
        );
    }

    #[test]
    fn roundings_are_as_named() {
        assert_eq!(Bps(50).of_floor(Atoms(399)), Ok(Atoms(1)));
        assert_eq!(Bps(50).of_ceil(Atoms(399)), Ok(Atoms(2)));
        assert_eq!(Ppm::ONE.of_floor(Atoms(u64::MAX)), Ok(Atoms(u64::MAX)));
        assert_eq!(Ppm(1).of_floor(Atoms(999_999)), Ok(Atoms(0)));
        assert_eq!(Ppm(300_000).complement(), Ppm(700_000));
    }
}
