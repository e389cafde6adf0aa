//! Every public function of the small modules at 0, 1 and the largest figures: an error by name or the right value,
//! which is computed here in 128 bits, and never a panic.

use crate::error::{CoreError, Result};
use crate::units::{Atoms, PPM_ONE};

mod amounts;
mod committees;
mod judging;
mod standing;

const U64: [u64; 9] =
    [0, 1, 2, 9_999, 1 << 32, (1 << 53) + 1, i64::MAX as u64, u64::MAX - 1, u64::MAX];
const U32: [u32; 6] = [0, 1, PPM_ONE, PPM_ONE + 1, u32::MAX - 1, u32::MAX];
const U16: [u16; 5] = [0, 1, 10_000, u16::MAX - 1, u16::MAX];
const U8: [u8; 5] = [0, 1, 2, 254, u8::MAX];
const TIMES: [i64; 6] = [i64::MIN, -1, 0, 1, i64::MAX - 1, i64::MAX];

const OVERFLOW: CoreError = CoreError::ArithmeticOverflow;

/// A wide result as core would return it.
fn narrow(wide: Option<u128>) -> Result<u64> {
    wide.and_then(|wide| u64::try_from(wide).ok()).ok_or(OVERFLOW)
}

fn atoms(wide: Option<u128>) -> Result<Atoms> {
    narrow(wide).map(Atoms)
}

fn wide(amount: impl Into<u128>) -> u128 {
    amount.into()
}
