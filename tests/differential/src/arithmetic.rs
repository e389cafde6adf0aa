//! Integer arithmetic of 8 to 128 bits, signed and unsigned: the compiler builtins for wide multiplication and division
//! are what an unusual build gets wrong first.

use flashback_core::hash::Sha256;

use crate::random::Random;
use crate::transcript::Transcript;

macro_rules! unsigned {
    ($name:ident, $ty:ty) => {
        fn $name<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
            let (a, b, c) = (random.wide() as $ty, random.wide() as $ty, random.int());
            common!(out, a, b, c);
            out.put(a.checked_next_power_of_two());
            out.put(a.abs_diff(b));
            out.put(a.isqrt());
            out.put(a.checked_ilog2());
            out.put(a.checked_ilog10());
            out.put(a.checked_add_signed(b.cast_signed()));
            out.put(a.checked_next_multiple_of(b));
            out.put(a.midpoint(b));
        }
    };
}

macro_rules! signed {
    ($name:ident, $ty:ty) => {
        fn $name<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
            let (a, b, c) = (random.wide() as $ty, random.wide() as $ty, random.int());
            common!(out, a, b, c);
            out.put(a.checked_div_euclid(b));
            out.put(a.checked_rem_euclid(b));
            out.put(a.checked_neg());
            out.put(a.checked_abs());
            out.put(a.wrapping_abs());
            out.put(a.signum());
            out.put(a.unsigned_abs());
            out.put(a.abs_diff(b));
            out.put(a.checked_isqrt());
        }
    };
}

macro_rules! common {
    ($out:ident, $a:ident, $b:ident, $c:ident) => {
        $out.put($a.checked_add($b));
        $out.put($a.checked_sub($b));
        $out.put($a.checked_mul($b));
        $out.put($a.checked_div($b));
        $out.put($a.checked_rem($b));
        $out.put($a.checked_pow($c & 7));
        $out.put($a.checked_shl($c & 255));
        $out.put($a.checked_shr($c & 255));
        $out.put($a.wrapping_add($b));
        $out.put($a.wrapping_sub($b));
        $out.put($a.wrapping_mul($b));
        $out.put($a.wrapping_shl($c));
        $out.put($a.wrapping_shr($c));
        $out.put($a.wrapping_neg());
        $out.put($a.saturating_add($b));
        $out.put($a.saturating_sub($b));
        $out.put($a.saturating_mul($b));
        $out.put($a.overflowing_mul($b));
        $out.put($a.rotate_left($c));
        $out.put($a.rotate_right($c));
        $out.put($a.swap_bytes());
        $out.put($a.reverse_bits());
        $out.put($a.count_ones());
        $out.put($a.leading_zeros());
        $out.put($a.trailing_zeros());
        $out.put($a & $b);
        $out.put($a | $b);
        $out.put($a ^ $b);
        $out.put(!$a);
        $out.put(($a < $b, $a == $b));
        $out.put($a.max($b));
    };
}

unsigned!(u8s, u8);
unsigned!(u16s, u16);
unsigned!(u32s, u32);
unsigned!(u64s, u64);
unsigned!(u128s, u128);
signed!(i8s, i8);
signed!(i16s, i16);
signed!(i32s, i32);
signed!(i64s, i64);
signed!(i128s, i128);

/// One case of every width.
pub fn run<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
    u8s(random, out);
    u16s(random, out);
    u32s(random, out);
    u64s(random, out);
    u128s(random, out);
    i8s(random, out);
    i16s(random, out);
    i32s(random, out);
    i64s(random, out);
    i128s(random, out);
    conversions(random, out);
    many_arguments(random, out);
    guarded_divisions(random, out);
}

fn conversions<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
    let wide = random.wide();
    let signed = wide.cast_signed();
    out.put(u64::try_from(wide).ok());
    out.put(u32::try_from(wide).ok());
    out.put(i64::try_from(signed).ok());
    out.put(u64::try_from(signed).ok());
    out.put(i8::try_from(signed).ok());
    out.put(wide as i64);
    out.put(signed as u16);
    out.put(i128::from(wide as i64));
    out.put(u128::from(wide as u64));
    // Multiplication into twice the width, as prices need it.
    let (a, b, c) = (random.long(), random.long(), random.long());
    out.put((u128::from(a) * u128::from(b)).checked_div(u128::from(c)));
    out.put((i128::from(a.cast_signed()) * i128::from(b.cast_signed())).checked_rem(i128::from(c)));
}

/// More arguments, and wider ones, than there are registers.
fn many_arguments<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
    #[inline(never)]
    fn mix(a: u128, b: u64, c: i128, d: u32, e: u128, f: i64, g: u128) -> (u128, i128) {
        let sum = a.wrapping_mul(u128::from(b)).wrapping_add(e).wrapping_sub(g);
        (sum, c.wrapping_mul(i128::from(f)).wrapping_add(i128::from(d)))
    }
    let (a, b, c, d) = (random.wide(), random.long(), random.wide().cast_signed(), random.int());
    let (e, f, g) = (random.wide(), random.long().cast_signed(), random.wide());
    out.put(mix(a, b, c, d, e, f, g));
    let pick: [fn(u128, u128) -> u128; 4] =
        [u128::wrapping_add, u128::wrapping_sub, u128::wrapping_mul, |a, b| a ^ b];
    let chosen = pick[(random.bits() & 3) as usize];
    out.put(chosen(a, e));
}

/// Divisions behind a guard. LLVM's machine passes take BPF's division by zero, which is zero there, for harmless and
/// may move a division before its guard; the VM traps on it.
fn guarded_divisions<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
    let numbers: [u64; 6] = core::array::from_fn(|_| random.long());
    for divisor in [random.below(3), random.long(), 0] {
        out.put(sum_of_quotients(&numbers, divisor));
        out.put(quotient_and_remainder(numbers[0], numbers[1], divisor));
        out.put(ratio_in_range(numbers[2], numbers[3] & 7, divisor));
        out.put(if divisor == 0 { None } else { Some(numbers[4] / divisor) });
    }
}

/// The quotient does not depend on the loop.
#[inline(never)]
fn sum_of_quotients(numbers: &[u64], divisor: u64) -> u64 {
    let mut sum = 0u64;
    for number in numbers {
        let scale = if divisor > 0 { numbers.len() as u64 * 1_000 / divisor } else { *number };
        sum = sum.wrapping_mul(3).wrapping_add(scale ^ number);
        sum ^= number.checked_rem(divisor).unwrap_or(7);
    }
    sum
}

/// The same division on two paths.
#[inline(never)]
fn quotient_and_remainder(a: u64, b: u64, divisor: u64) -> (u64, u64) {
    if b >= divisor {
        return (b, a);
    }
    let quotient = a / divisor;
    if quotient > b { (quotient, a % divisor) } else { (a % divisor, quotient.wrapping_add(b)) }
}

#[inline(never)]
fn ratio_in_range(a: u64, steps: u64, divisor: u64) -> u64 {
    let mut at = a;
    for step in 0..steps {
        if divisor <= step {
            at = at.rotate_left(1);
            continue;
        }
        at = at.wrapping_add(a / divisor).wrapping_mul(step | 1);
        if at & 1 == 0 {
            at ^= a % divisor;
        }
    }
    at
}
