//! What a case computed, hashed as it goes.

use core::fmt::Write as _;
use core::marker::PhantomData;

use flashback_core::CoreError;
use flashback_core::hash::{Digest, Sha256};
use flashback_core::units::{Atoms, Bps, Ppm, Timestamp};

const BUFFER: usize = 4_096;

/// A hash over everything recorded.
pub struct Transcript<H> {
    state: Digest,
    buffer: Vec<u8>,
    hash: PhantomData<H>,
}

impl<H: Sha256> Transcript<H> {
    /// Nothing recorded.
    pub fn new() -> Self {
        Self { state: [0; 32], buffer: Vec::with_capacity(BUFFER), hash: PhantomData }
    }

    /// Records a figure.
    pub fn put(&mut self, figure: impl Recorded) {
        figure.record(self);
    }

    /// Records bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(BUFFER) {
            if self.buffer.len() + chunk.len() > BUFFER {
                self.flush();
            }
            self.buffer.extend_from_slice(chunk);
        }
    }

    /// Records how something prints.
    pub fn print(&mut self, printed: core::fmt::Arguments) {
        let mut text = String::new();
        let written = text.write_fmt(printed);
        self.put(written.is_ok());
        self.bytes(text.as_bytes());
    }

    /// Hashes slices with the hash under test.
    pub fn hash(&mut self, parts: &[&[u8]]) {
        self.bytes(&H::hash(parts));
    }

    /// The hash of everything.
    pub fn finish(mut self) -> Digest {
        self.flush();
        self.state
    }

    fn flush(&mut self) {
        self.state = H::hash(&[&self.state, &self.buffer]);
        self.buffer.clear();
    }
}

/// What can be recorded.
pub trait Recorded {
    /// Records it.
    fn record<H: Sha256>(self, transcript: &mut Transcript<H>);
}

macro_rules! recorded_integer {
    ($($ty:ty),*) => {
        $(impl Recorded for $ty {
            fn record<H: Sha256>(self, transcript: &mut Transcript<H>) {
                transcript.bytes(&self.to_le_bytes());
            }
        })*
    };
}
recorded_integer!(u8, u16, u32, u64, u128, i8, i16, i32, i64, i128);

impl Recorded for bool {
    fn record<H: Sha256>(self, transcript: &mut Transcript<H>) {
        transcript.put(u8::from(self));
    }
}

impl Recorded for () {
    fn record<H: Sha256>(self, _: &mut Transcript<H>) {}
}

impl<T: Recorded> Recorded for Option<T> {
    fn record<H: Sha256>(self, transcript: &mut Transcript<H>) {
        transcript.put(self.is_some());
        if let Some(value) = self {
            transcript.put(value);
        }
    }
}

impl<T: Recorded> Recorded for Result<T, CoreError> {
    fn record<H: Sha256>(self, transcript: &mut Transcript<H>) {
        match self {
            Ok(value) => {
                transcript.put(0u32);
                transcript.put(value);
            }
            Err(error) => transcript.put(error.number()),
        }
    }
}

impl<A: Recorded, B: Recorded> Recorded for (A, B) {
    fn record<H: Sha256>(self, transcript: &mut Transcript<H>) {
        transcript.put(self.0);
        transcript.put(self.1);
    }
}

impl Recorded for [u8; 32] {
    fn record<H: Sha256>(self, transcript: &mut Transcript<H>) {
        transcript.bytes(&self);
    }
}

macro_rules! recorded_unit {
    ($($ty:ty),*) => {
        $(impl Recorded for $ty {
            fn record<H: Sha256>(self, transcript: &mut Transcript<H>) {
                transcript.put(self.0);
            }
        })*
    };
}
recorded_unit!(Atoms, Ppm, Bps, Timestamp);
