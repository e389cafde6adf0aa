//! The tables, and how a store comes to have them.

use sqlx::{Any, AssertSqlSafe, Executor, Row, Transaction};

use super::dialect::{Dialect, Pools};
use super::error::{Result, StoreError};
use super::timescale;

/// Each brings the schema from the version before to the next. `{key}` is the type of keys and digests; every integer is
/// a BIGINT. Never changed once released: what must change gets a migration of its own.
const MIGRATIONS: [&[&str]; 1] = [&[
    "CREATE TABLE windows (
        sla {key} NOT NULL, start BIGINT NOT NULL, window_no BIGINT NOT NULL,
        oracle {key} NOT NULL, window_secs BIGINT NOT NULL, rounds BIGINT NOT NULL, report_closes BIGINT NOT NULL,
        state BIGINT NOT NULL,
        aggregate {key}, root {key},
        signature {key}, last_valid_height BIGINT, slot BIGINT, why TEXT,
        rolled_up BIGINT NOT NULL DEFAULT 0,
        PRIMARY KEY (sla, start, window_no))",
    "CREATE INDEX windows_by_state ON windows (state)",
    "CREATE TABLE records (
        sla {key} NOT NULL, start BIGINT NOT NULL, window_no BIGINT NOT NULL, round BIGINT NOT NULL,
        kind BIGINT NOT NULL, outcome BIGINT NOT NULL, time BIGINT NOT NULL,
        latency_us BIGINT NOT NULL, bytes BIGINT NOT NULL, duration_us BIGINT NOT NULL,
        PRIMARY KEY (sla, start, window_no, round, kind))",
    "CREATE TABLE objects (
        sla {key} NOT NULL, start BIGINT NOT NULL, name TEXT NOT NULL,
        PRIMARY KEY (sla, start, name))",
    "CREATE TABLE canaries (
        sla {key} NOT NULL, start BIGINT NOT NULL, name TEXT NOT NULL, window_no BIGINT NOT NULL,
        PRIMARY KEY (sla, start, name))",
    "CREATE TABLE rollups (
        sla {key} NOT NULL, start BIGINT NOT NULL, hour BIGINT NOT NULL,
        attempts BIGINT NOT NULL, probes_total BIGINT NOT NULL, probes_ok BIGINT NOT NULL,
        ops_total BIGINT NOT NULL, ops_ok BIGINT NOT NULL,
        latency_count BIGINT NOT NULL, upload_count BIGINT NOT NULL, download_count BIGINT NOT NULL,
        latency_sum_us BIGINT NOT NULL, upload_sum_kib_s BIGINT NOT NULL, download_sum_kib_s BIGINT NOT NULL,
        PRIMARY KEY (sla, start, hour))",
]];

/// Serialises set-ups of one PostgreSQL database; the number is nobody else's.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7020411830)";

/// Brings the store's schema up to date, in one transaction.
pub(super) async fn migrate(pools: &Pools) -> Result<()> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let mut transaction = pools.begin().await?;
    if pools.dialect == Dialect::Postgres {
        transaction.execute(LOCK).await?;
    }
    transaction
        .execute("CREATE TABLE IF NOT EXISTS flashback_schema (version BIGINT NOT NULL)")
        .await?;
    let found: i64 = sqlx::query_scalar(
        "SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM flashback_schema",
    )
    .fetch_one(&mut *transaction)
    .await?;
    if found > known {
        return Err(StoreError::SchemaNewer { found, known });
    }
    for (version, migration) in (1i64..).zip(MIGRATIONS) {
        if version <= found {
            continue;
        }
        for statement in migration {
            run(&mut transaction, typed(pools.dialect, statement)).await?;
        }
        sqlx::query("INSERT INTO flashback_schema (version) VALUES ($1)")
            .bind(version)
            .execute(&mut *transaction)
            .await?;
    }
    if pools.dialect == Dialect::Postgres && found == 0 {
        make_hypertables(&mut transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}

async fn make_hypertables(transaction: &mut Transaction<'static, Any>) -> Result<()> {
    let row = sqlx::query(timescale::IS_THERE).fetch_one(&mut **transaction).await?;
    if row.try_get::<i64, _>(0)? > 0 {
        for statement in timescale::statements() {
            run(transaction, statement).await?;
        }
    }
    Ok(())
}

async fn run(transaction: &mut Transaction<'static, Any>, statement: String) -> Result<()> {
    transaction.execute(sqlx::raw_sql(AssertSqlSafe(statement))).await?;
    Ok(())
}

/// The statement in a database's types.
fn typed(dialect: Dialect, statement: &str) -> String {
    let typed = statement.replace(
        "{key}",
        match dialect {
            Dialect::Sqlite => "BLOB",
            Dialect::Postgres => "BYTEA",
        },
    );
    // SQLite keeps a table in the order of its primary key only if told so.
    let keyed = dialect == Dialect::Sqlite && typed.starts_with("CREATE TABLE");
    if keyed { format!("{typed} WITHOUT ROWID") } else { typed }
}
