//! Random figures from a seed, with a liking for the edges of every range.

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x6a09_e667_f3bc_c908)
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Any 128 bits, often an edge: zero, one, a power of two or near one, of either sign.
    pub fn wide(&mut self) -> u128 {
        let any = u128::from(self.bits()) << 64 | u128::from(self.bits());
        let power = 1u128 << (self.bits() & 127);
        match self.bits() % 8 {
            0 => u128::from(self.bits() % 4),
            1 => power,
            2 => power.wrapping_sub(1),
            3 => power.wrapping_neg(),
            4 => any >> 64,
            5 => any >> (self.bits() & 127),
            6 => u128::MAX.wrapping_sub(any >> 120),
            _ => any,
        }
    }

    /// A figure below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.bits().checked_rem(bound).unwrap_or(0)
    }

    /// Any 64 bits, often an edge.
    pub fn long(&mut self) -> u64 {
        self.wide() as u64
    }

    /// Any 32 bits, often an edge.
    pub fn int(&mut self) -> u32 {
        self.wide() as u32
    }

    /// Any 16 bits, often an edge.
    pub fn short(&mut self) -> u16 {
        self.wide() as u16
    }

    /// Any 32 bytes.
    pub fn key(&mut self) -> [u8; 32] {
        let mut key = [0; 32];
        for chunk in key.chunks_exact_mut(8) {
            chunk.copy_from_slice(&self.bits().to_le_bytes());
        }
        key
    }

    /// Yes or no.
    pub fn coin(&mut self) -> bool {
        self.bits() & 1 == 1
    }
}
