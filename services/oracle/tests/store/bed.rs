//! Where a test's store lies.

use flashback_oracle::store::Store;
use tempfile::TempDir;

use crate::support::postgres::Database;

/// A store of a test's own, which goes with it.
pub enum Bed {
    File(TempDir),
    Server(Database),
}

impl Bed {
    pub fn file() -> Self {
        Self::File(tempfile::tempdir().unwrap())
    }

    pub async fn server() -> Self {
        Self::Server(Database::new().await)
    }

    pub fn url(&self) -> String {
        match self {
            Self::File(folder) => format!("sqlite:{}", folder.path().join("oracle.db").display()),
            Self::Server(database) => database.url(),
        }
    }

    pub async fn store(&self) -> Store {
        Store::open(&self.url()).await.unwrap()
    }
}

/// Makes two tests of one: over a SQLite file, and over a PostgreSQL server.
macro_rules! over_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $name() {
                crate::support::runtime().block_on(async {
                    super::$name(&crate::bed::Bed::file()).await;
                });
            })*
        }
        mod postgres {
            $(#[test]
            fn $name() {
                crate::support::runtime().block_on(async {
                    super::$name(&crate::bed::Bed::server().await).await;
                });
            })*
        }
    };
}
pub(crate) use over_both;
