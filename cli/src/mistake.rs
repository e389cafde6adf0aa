//! Mistakes in JSON that people write: what is wrong, and where.

/// What is wrong with a document, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The JSON path.
    pub path: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Mistake {
    pub fn new(path: impl Into<String>, message: impl ToString) -> Self {
        Self { path: path.into(), message: message.to_string() }
    }

    /// The same, of a part of what is at `path`.
    pub fn within(self, path: &str) -> Self {
        Self { path: format!("{path}.{}", self.path), ..self }
    }
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.path.as_str() {
            "" | "." => f.write_str(&self.message),
            path => write!(f, "{path}: {}", self.message),
        }
    }
}
