//! Documents that commands read: a file, or standard input.

use std::io::Read;
use std::path::Path;

use anyhow::Result;

use crate::exit::usage;

/// The path that stands for standard input.
const STDIN: &str = "-";

/// The name and the text of a document.
///
/// # Errors
/// Wrong usage, with its name, if it cannot be read.
pub fn read(path: &Path) -> Result<(String, String)> {
    if path == Path::new(STDIN) {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|error| usage(format!("cannot read standard input: {error}")))?;
        return Ok(("standard input".to_owned(), text));
    }
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path);
    text.map(|text| (name.clone(), text))
        .map_err(|error| usage(format!("cannot read {name}: {error}")))
}
