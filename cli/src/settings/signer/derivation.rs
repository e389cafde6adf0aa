//! Which of a seed's keys: BIP-44 paths, written as the Solana tools write them.

use anyhow::Result;
use solana_derivation_path::DerivationPath;

use crate::exit::usage;

/// The path that a query names: none for `m/44'/501'`, `?key=ACCOUNT[/CHANGE]` below that, or `?full-path=m/…`. Every
/// part is hardened, as it has to be with ed25519.
///
/// # Errors
/// With the exit code of wrong usage, if it is neither.
pub fn path(query: &str) -> Result<DerivationPath> {
    let wrong = |why: String| {
        usage(format!(
            "`{query}` names no derivation path ({why}): use ?key=ACCOUNT, ?key=ACCOUNT/CHANGE or ?full-path=m/44/501/…"
        ))
    };
    let bare = query.strip_prefix("//").unwrap_or(query);
    if bare.is_empty() {
        return Ok(DerivationPath::default());
    }
    let pair = bare.strip_prefix('?').and_then(|pair| pair.split_once('='));
    match pair {
        Some(("key", key)) => {
            // `m` alone would be taken for no part at all.
            let numbers = key.bytes().all(|byte| byte.is_ascii_digit() || b"/'".contains(&byte));
            if !numbers || key.is_empty() {
                return Err(wrong("a key is one or two numbers".to_owned()));
            }
            DerivationPath::from_key_str(key).map_err(|error| wrong(error.to_string()))
        }
        Some(("full-path", path)) if path.starts_with("m/") => {
            DerivationPath::from_absolute_path_str(path).map_err(|error| wrong(error.to_string()))
        }
        Some(("full-path", _)) => Err(wrong("a full path begins with m/".to_owned())),
        _ => Err(wrong("only `key` and `full-path` are known".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_name_paths() {
        for (query, expected) in [
            ("", "m/44'/501'"),
            ("//", "m/44'/501'"),
            ("?key=0", "m/44'/501'/0'"),
            ("//?key=0/1", "m/44'/501'/0'/1'"),
            ("//?key=0'/1'", "m/44'/501'/0'/1'"),
            ("?full-path=m/44/501/7/0", "m/44'/501'/7'/0'"),
            ("?full-path=m/44'/2017'/0'/1'", "m/44'/2017'/0'/1'"),
        ] {
            assert_eq!(format!("{:?}", path(query).unwrap()), expected, "{query}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for query in [
            "?",
            "?key",
            "?key=",
            "?key=a",
            "?key=m",
            "?key=0/1/2",
            "?key=-1",
            "?key=4294967296",
            "?key=2147483648",
            "?full-path=44/501",
            "?full-path=m/x",
            "?path=0",
            "?key=0&key=1",
            "0",
            "/0",
        ] {
            let error = path(query).err().unwrap_or_else(|| panic!("{query} was taken"));
            assert!(crate::exit::is_usage(&error), "{query}: {error}");
        }
    }
}
