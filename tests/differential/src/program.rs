//! The program: reads a range of seeds, returns their digest.
//!
//! Instruction data: first seed (8 bytes, little-endian), number of cases (2 bytes), part (1 byte).

use flashback_core::hash::{Digest, Sha256};
use solana_program_entrypoint::{SUCCESS, deserialize};
use solana_sysvar::Sysvar;
use solana_sysvar::clock::Clock;
use solana_sysvar::rent::Rent;

use crate::{Environment, Part, digest};

/// The heap that callers must request: the default's 32 KiB hold few cases, as nothing is ever freed.
#[cfg(target_os = "solana")]
const HEAP: usize = 256 * 1_024;

#[cfg(target_os = "solana")]
#[global_allocator]
static ALLOCATOR: solana_program_entrypoint::BumpAllocator = unsafe {
    // SAFETY: the runtime maps the heap there, as large as the transaction requested.
    solana_program_entrypoint::BumpAllocator::with_fixed_address_range(
        solana_program_entrypoint::HEAP_START_ADDRESS as usize,
        HEAP,
    )
};
#[cfg(target_os = "solana")]
solana_program_entrypoint::custom_panic_default!();

struct SyscallSha256;

impl Sha256 for SyscallSha256 {
    fn hash(parts: &[&[u8]]) -> Digest {
        solana_sha256_hasher::hashv(parts).to_bytes()
    }
}

const MALFORMED: u64 = 1;
const NO_SYSVAR: u64 = 2;

/// # Safety
/// `input` must be the runtime's serialized parameters.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn entrypoint(input: *mut u8) -> u64 {
    // SAFETY: as the caller promises.
    let (_, _, data) = unsafe { deserialize(input) };
    let Some((seed, rest)) = data.split_first_chunk::<8>() else { return MALFORMED };
    let Some((count, part)) = rest.split_first_chunk::<2>() else { return MALFORMED };
    let &[part] = part else { return MALFORMED };
    let Some(environment) = environment() else { return NO_SYSVAR };
    let digest = digest::<SyscallSha256>(
        u64::from_le_bytes(*seed),
        u16::from_le_bytes(*count),
        Part::from_code(part),
        &environment,
    );
    solana_cpi::set_return_data(&digest);
    SUCCESS
}

fn environment() -> Option<Environment> {
    let clock = Clock::get().ok()?;
    Some(Environment {
        slot: clock.slot,
        unix_timestamp: clock.unix_timestamp,
        epoch: clock.epoch,
        rent_of_1000: Rent::get().ok()?.minimum_balance(1_000),
    })
}
