//! `flashback-idl FOLDER` prints the IDL of the Anchor program in FOLDER.
//!
//! It stands apart from xtask so that `cargo xtask` need not compile the IDL library. The library runs
//! `cargo test` on the program with its `idl-build` feature and collects what generated tests print.

use std::{env, path::PathBuf};

use anchor_lang_idl::build::IdlBuilder;
use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let [folder] = env::args_os().skip(1).collect::<Vec<_>>().try_into().map_err(|_| {
        anyhow::anyhow!("flashback-idl takes one argument, the folder of an Anchor program, as in `flashback-idl programs/flashback`")
    })?;
    let folder = PathBuf::from(folder);
    // The builder turns this variable into the argument `+{toolchain}`, which no cargo understands.
    if env::var_os("RUSTUP_TOOLCHAIN").is_some() {
        bail!(
            "RUSTUP_TOOLCHAIN is set, which the IDL builder cannot take: run `cargo xtask idl`, which unsets it"
        );
    }
    let manifest = folder.join("Cargo.toml");
    if !manifest.is_file() {
        bail!("{} does not exist: name the folder of an Anchor program", manifest.display());
    }
    let idl = IdlBuilder::new()
        .program_path(folder.canonicalize()?)
        // Only the library prints the IDL; without this, the program's integration tests are compiled too.
        .cargo_args(vec!["--lib".into()])
        .build()
        .with_context(|| {
            format!(
                "the IDL of {} does not build; the compiler's messages stand above",
                folder.display()
            )
        })?;
    println!("{}", serde_json::to_string_pretty(&idl)?);
    Ok(())
}
