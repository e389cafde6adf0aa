//! The edits that make std 1.95's sources compile into correct sBPF programs. They apply to a private copy, and each
//! fails loudly where the sources are not as expected: a half-edited std builds programs that corrupt memory.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::RUST_VERSION;

/// A name for these sources after these edits, which changes with either.
pub fn revision() -> String {
    let mut hasher = DefaultHasher::new();
    include_str!("std_edits.rs").hash(&mut hasher);
    format!("{RUST_VERSION}-{:08x}", hasher.finish() >> 32)
}

/// Edits the sources in `library` in place.
pub fn apply(library: &Path) -> Result<()> {
    edit(&library.join("std/src/sys/alloc/mod.rs"), minimum_alignment)?;
    edit(&library.join("std/src/hash/random.rs"), constant_hash_keys)?;

    let builtins = library.join("compiler-builtins/compiler-builtins/src");
    let mut signatures = 0;
    for folder in ["int", "float"] {
        let folder = builtins.join(folder);
        for entry in
            fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
        {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                edit(&path, |source| {
                    let (edited, count) = unadjusted_abi(source);
                    signatures += count;
                    Ok(edited)
                })?;
            }
        }
    }
    ensure!(
        signatures == BUILTINS_128,
        "std {RUST_VERSION} should have {BUILTINS_128} compiler builtins with 128-bit integers, but {signatures} were found"
    );
    Ok(())
}

/// As many signatures with 128-bit integers as compiler-builtins has in Rust 1.95, macros in sdiv.rs included.
const BUILTINS_128: usize = 36;

fn edit(file: &Path, change: impl FnOnce(&str) -> Result<String>) -> Result<()> {
    let source =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let edited = change(&source)
        .with_context(|| format!("{} is not as Rust {RUST_VERSION} has it", file.display()))?;
    if edited != source {
        fs::write(file, edited).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// The heap's minimum alignment: std knows no figure for the BPF architecture. It is 8, as on 32-bit targets.
fn minimum_alignment(source: &str) -> Result<String> {
    replace_once(
        source,
        "    target_arch = \"xtensa\",\n",
        "    target_arch = \"xtensa\",\n    target_arch = \"bpf\",\n",
    )
}

/// `RandomState` gets constant keys: a program is deterministic anyway, and may have no writable statics to keep keys in.
fn constant_hash_keys(source: &str) -> Result<String> {
    let head = "    pub fn new() -> RandomState {\n";
    let Some((before, rest)) = source.split_once(head) else {
        bail!("RandomState::new is not there")
    };
    let Some((_, after)) = rest.split_once("\n    }\n}\n") else {
        bail!("RandomState::new has no end")
    };
    let source =
        format!("{before}{head}        RandomState {{ k0: 0, k1: 0 }}\n    }}\n}}\n{after}");
    let source = replace_once(&source, "use crate::cell::Cell;\n", "")?;
    replace_once(&source, "use crate::sys::random::hashmap_random_keys;\n", "")
}

/// LLVM 23 passes and returns 128-bit integers in registers, while rustc 1.95 lowers `extern "C"` through memory: the
/// builtins that LLVM calls take the `unadjusted` ABI, those made by the macros of sdiv.rs (`$signed_fn`) too.
/// Returns the number of signatures changed as well.
fn unadjusted_abi(source: &str) -> (String, usize) {
    const C_ABI: &str = "pub extern \"C\" fn ";
    let mut count = 0;
    let edited = source
        .split_inclusive('\n')
        .map(|line| match line.split_once(C_ABI) {
            Some((indent, signature))
                if signature.starts_with("$signed_fn(")
                    || signature.contains("i128")
                    || signature.contains("u128") =>
            {
                count += 1;
                format!("{indent}pub extern \"unadjusted\" fn {signature}")
            }
            _ => line.to_owned(),
        })
        .collect();
    (edited, count)
}

fn replace_once(source: &str, old: &str, new: &str) -> Result<String> {
    let found = source.matches(old).count();
    ensure!(found == 1, "{:?} should occur once, and occurs {found} times", old.trim());
    Ok(source.replacen(old, new, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allocator_learns_of_bpf() {
        let edited = minimum_alignment(
            "    target_arch = \"riscv32\",\n    target_arch = \"xtensa\",\n)) {\n",
        )
        .unwrap();
        assert!(edited.contains("\"xtensa\",\n    target_arch = \"bpf\",\n)) {"));
        assert!(minimum_alignment("another std").is_err());
    }

    #[test]
    fn hash_keys_become_constant() {
        let source = "use crate::cell::Cell;\nuse crate::fmt;\nuse crate::sys::random::hashmap_random_keys;\n\
                      impl RandomState {\n    pub fn new() -> RandomState {\n        KEYS.with(|keys| {\n            keys\n        })\n    }\n}\n\nrest\n";
        let edited = constant_hash_keys(source).unwrap();
        assert_eq!(
            edited,
            "use crate::fmt;\nimpl RandomState {\n    pub fn new() -> RandomState {\n        RandomState { k0: 0, k1: 0 }\n    }\n}\n\nrest\n"
        );
        assert!(constant_hash_keys(&edited).is_err(), "a second edit must not pass for a first");
    }

    #[test]
    fn builtins_with_128_bits_change_their_abi_and_others_do_not() {
        let source = "    pub extern \"C\" fn __multi3(a: i128, b: i128) -> i128 {\n\
                      \x20   pub extern \"C\" fn __muldi3(a: u64, b: u64) -> u64 {\n\
                      \x20   pub extern \"C\" fn $signed_fn(a: $iX, b: $iX) -> $iX {\n";
        let (edited, count) = unadjusted_abi(source);
        assert_eq!(count, 2);
        assert!(edited.contains("extern \"unadjusted\" fn __multi3("));
        assert!(edited.contains("extern \"C\" fn __muldi3("));
        assert!(edited.contains("extern \"unadjusted\" fn $signed_fn("));
    }
}
