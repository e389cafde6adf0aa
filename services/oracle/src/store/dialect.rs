//! The two databases: how each is opened, and where they differ.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyPool, ConnectOptions, Connection, Executor, Transaction};

use super::error::{Result, StoreError};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// A file of this machine, in WAL mode.
    Sqlite,
    /// A server.
    Postgres,
}

/// Connections to a PostgreSQL server, at most.
const SERVER_CONNECTIONS: u32 = 8;
/// Connections that read a SQLite file, at most.
const FILE_READERS: u32 = 4;
/// How long a connection is waited for.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);
/// What each connection to a SQLite file begins with. In WAL mode `synchronous = NORMAL` loses nothing when the process
/// dies; when the machine dies, the newest commits may be undone, and never in part.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
                               PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON";

impl Dialect {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// What ends a SELECT whose rows must not change before the transaction ends. SQLite has one writer at a time.
    pub(super) const fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// The same for rows that others may read so, too.
    pub(super) const fn for_share(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR SHARE",
        }
    }
}

/// The connections of a store: one writer for a file, since SQLite has one at a time and waiting for it here is fair.
#[derive(Clone, Debug)]
pub(super) struct Pools {
    pub dialect: Dialect,
    pub writer: AnyPool,
    pub reader: AnyPool,
}

impl Pools {
    pub async fn open(url: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let (dialect, url) = recognise(url)?;
        let open = |source| StoreError::Open { kind: dialect.name(), source };
        let options = AnyConnectOptions::from_str(&url).map_err(open)?;
        // A pool would try again and again for as long as it waits: what is wrong is told at once.
        let mut first = options.connect().await.map_err(open)?;
        if dialect == Dialect::Sqlite {
            first.execute(SQLITE_SETTINGS).await.map_err(open)?;
        }
        first.close().await.map_err(open)?;
        let pool = |connections| {
            let options = options.clone();
            AnyPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .after_connect(move |connection, _| {
                    Box::pin(async move {
                        if dialect == Dialect::Sqlite {
                            connection.execute(SQLITE_SETTINGS).await?;
                        }
                        Ok(())
                    })
                })
                .connect_with(options)
        };
        let (writer, reader) = match dialect {
            Dialect::Sqlite => {
                let writer = pool(1).await.map_err(open)?;
                (writer, pool(FILE_READERS).await.map_err(open)?)
            }
            Dialect::Postgres => {
                let pool = pool(SERVER_CONNECTIONS).await.map_err(open)?;
                (pool.clone(), pool)
            }
        };
        Ok(Self { dialect, writer, reader })
    }

    /// Begins a transaction that will write. SQLite's takes the writer's lock at once: one that took it later, after a
    /// read, could find that what it read is out of date, and fail.
    pub async fn begin(&self) -> Result<Transaction<'static, Any>> {
        Ok(match self.dialect {
            Dialect::Sqlite => self.writer.begin_with("BEGIN IMMEDIATE").await?,
            Dialect::Postgres => self.writer.begin().await?,
        })
    }

    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// The database that a URL or path names, and its URL for the driver.
fn recognise(url: &str) -> Result<(Dialect, String)> {
    let unknown = || StoreError::UrlUnknown(without_password(url));
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok((Dialect::Postgres, url.to_owned()));
    }
    let path = match url.strip_prefix("sqlite:") {
        Some(path) => path.strip_prefix("//").unwrap_or(path),
        // What looks like another scheme is a mistake, not a file's name.
        None if url.contains("://") => return Err(unknown()),
        None => url,
    };
    if path.is_empty() || path == ":memory:" || Path::new(path).is_dir() {
        return Err(unknown());
    }
    Ok((Dialect::Sqlite, format!("sqlite:{}?mode=rwc", percent_encoded(path))))
}

/// A path as it stands in a URL.
fn percent_encoded(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    path.bytes().fold(String::new(), |mut encoded, byte| {
        if plain(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

/// The URL without what stands between its scheme and its host.
fn without_password(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => match rest.rsplit_once('@') {
            Some((_, host)) => format!("{scheme}://…@{host}"),
            None => url.to_owned(),
        },
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_paths_are_told_apart() {
        let sqlite = |path: &str| format!("sqlite:{path}?mode=rwc");
        for (given, url) in [
            ("records.db", sqlite("records.db")),
            ("/var/lib/a b%.db", sqlite("/var/lib/a%20b%25.db")),
            ("sqlite:records.db", sqlite("records.db")),
            ("sqlite:///var/x.db", sqlite("/var/x.db")),
        ] {
            assert_eq!(recognise(given).unwrap(), (Dialect::Sqlite, url), "{given}");
        }
        for server in ["postgres://a:b@c/d", "postgresql://c/d"] {
            assert_eq!(recognise(server).unwrap(), (Dialect::Postgres, server.to_owned()));
        }
    }

    #[test]
    fn what_is_no_store_is_refused_without_its_password() {
        for url in ["", "sqlite:", "sqlite::memory:", "/", "mysql://me:secret@host/db"] {
            let message = recognise(url).unwrap_err().to_string();
            assert!(message.contains("names no store"), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }
}
