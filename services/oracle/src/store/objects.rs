//! The oracle's own objects in consumers' buckets, and consumers' canaries.

use sqlx::{Any, Row};

use super::error::Result;
use super::windows::Query;
use super::{Store, rows};
use crate::key::{SlaLife, WindowKey};

fn of<'q>(query: Query<'q>, life: &SlaLife) -> Query<'q> {
    query.bind(life.sla.to_bytes().to_vec()).bind(life.start.0)
}

impl Store {
    /// Writes down an object that is about to be put, so that it can be cleaned up whatever happens.
    pub async fn object_put(&self, life: &SlaLife, name: &str) -> Result<()> {
        let query = sqlx::query(
            "INSERT INTO objects (sla, start, name) VALUES ($1, $2, $3) \
             ON CONFLICT (sla, start, name) DO NOTHING",
        );
        of(query, life).bind(name.to_owned()).execute(&self.pools.writer).await?;
        Ok(())
    }

    /// Strikes out an object that is gone.
    pub async fn object_gone(&self, life: &SlaLife, name: &str) -> Result<()> {
        let query = sqlx::query("DELETE FROM objects WHERE sla = $1 AND start = $2 AND name = $3");
        of(query, life).bind(name.to_owned()).execute(&self.pools.writer).await?;
        Ok(())
    }

    /// The objects of an SLA that were put and are not known to be gone, by name.
    pub async fn leftovers(&self, life: &SlaLife) -> Result<Vec<String>> {
        let query =
            sqlx::query("SELECT name FROM objects WHERE sla = $1 AND start = $2 ORDER BY name");
        let rows = of(query, life).fetch_all(&self.pools.reader).await?;
        rows.iter().map(|row| Ok(row.try_get("name")?)).collect()
    }

    /// The SLAs that have such objects.
    pub async fn lives_with_leftovers(&self) -> Result<Vec<SlaLife>> {
        let rows =
            sqlx::query::<Any>("SELECT DISTINCT sla, start FROM objects ORDER BY sla, start")
                .fetch_all(&self.pools.reader)
                .await?;
        rows.iter().map(rows::life).collect()
    }

    /// Writes down that a canary was read right in a window. The first time is kept.
    pub async fn canary_read(&self, window: &WindowKey, name: &str) -> Result<()> {
        let query = sqlx::query(
            "INSERT INTO canaries (sla, start, name, window_no) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (sla, start, name) DO NOTHING",
        );
        of(query, &window.life)
            .bind(name.to_owned())
            .bind(i64::from(window.window))
            .execute(&self.pools.writer)
            .await?;
        Ok(())
    }

    /// The canaries of an SLA that were read right, by name, and the window in which each was first.
    pub async fn canaries(&self, life: &SlaLife) -> Result<Vec<(String, u16)>> {
        let query = sqlx::query(
            "SELECT name, window_no FROM canaries WHERE sla = $1 AND start = $2 ORDER BY name",
        );
        let rows = of(query, life).fetch_all(&self.pools.reader).await?;
        rows.iter().map(|row| Ok((row.try_get("name")?, rows::number(row, "window_no")?))).collect()
    }
}
