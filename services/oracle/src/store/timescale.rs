//! TimescaleDB, where a PostgreSQL server has it.
//!
//! Its hypertables keep a long time series in chunks of time. The hourly sums are that series: they stay for good, while
//! records are few and are deleted by windows. (Nor could the records be one: every unique key of a hypertable contains
//! its time, and the key that makes a record be written exactly once must not.)
//!
//! No server with the extension was at hand when this was written: the statements are tested as text only.

/// Seconds of a chunk: 30 days of hourly sums.
const CHUNK_SECS: u32 = 2_592_000;

/// Asks whether the server has the extension in this database.
pub const IS_THERE: &str = "SELECT COUNT(*) FROM pg_extension WHERE extname = 'timescaledb'";

/// What makes the table of hourly sums a hypertable, once.
pub fn statements() -> Vec<String> {
    vec![format!(
        "SELECT COUNT(*) FROM create_hypertable('rollups', 'hour', \
         chunk_time_interval => BIGINT '{CHUNK_SECS}', if_not_exists => TRUE, migrate_data => TRUE)"
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statements_are_these() {
        let text = format!("{IS_THERE};\n{};\n", statements().join(";\n"));
        assert_eq!(text, include_str!("timescale.golden.sql"));
    }
}
