//! Windows, and the transitions between their states.

use flashback_core::units::{Seconds, Timestamp};
use solana_sdk::signature::Signature;
use sqlx::any::AnyRow;
use sqlx::{Any, AssertSqlSafe, Row, Transaction};

use super::error::{Result, StoreError};
use super::rows;
use super::state::{Opening, State, Submission, Window};
use super::{Store, records};
use crate::key::{SlaLife, WindowKey};
use crate::window::Closed;

/// Which windows are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of one SLA.
    pub life: Option<SlaLife>,
    /// Those that are not final: open, closed or sent.
    pub unfinished: bool,
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Records.
    pub records: u64,
    /// Windows that are open.
    pub open: u64,
    /// Windows whose tree is built.
    pub closed: u64,
    /// Windows whose report may have been sent.
    pub sent: u64,
    /// Windows whose report has landed.
    pub landed: u64,
    /// Windows that will not be reported.
    pub missed: u64,
    /// Objects that are not cleaned up.
    pub objects: u64,
    /// Hours that were rolled up.
    pub hours: u64,
}

/// What happens to a window.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Event {
    Close(Submission),
    Sent { signature: Signature, last_valid_block_height: u64 },
    Landed { signature: Signature, slot: u64 },
    FailedToLand,
    Missed { why: String },
}

/// The state after an event; `None` if there is no such transition. An event that a crash may repeat changes nothing.
fn after(window: &Window, event: &Event) -> Option<State> {
    let state = &window.state;
    match (event, state) {
        (Event::Close(_), State::Open) => Some(State::Closed),
        (Event::Close(submission), _) if window.submission.as_ref() == Some(submission) => {
            Some(state.clone())
        }
        (Event::Sent { signature, last_valid_block_height }, State::Closed) => Some(State::Sent {
            signature: *signature,
            last_valid_block_height: *last_valid_block_height,
        }),
        (
            Event::Sent { signature, .. },
            State::Sent { signature: sent, .. } | State::Landed { signature: sent, .. },
        ) if signature == sent => Some(state.clone()),
        (Event::Landed { signature, slot }, State::Closed) => {
            Some(State::Landed { signature: *signature, slot: *slot })
        }
        (Event::Landed { signature, slot }, State::Sent { signature: sent, .. })
            if signature == sent =>
        {
            Some(State::Landed { signature: *signature, slot: *slot })
        }
        (Event::Landed { signature, .. }, State::Landed { signature: landed, .. })
            if signature == landed =>
        {
            Some(state.clone())
        }
        (Event::FailedToLand, State::Sent { .. } | State::Closed) => Some(State::Closed),
        (Event::Missed { why }, State::Open | State::Closed) => {
            Some(State::Missed { why: why.clone() })
        }
        (Event::Missed { .. }, State::Missed { .. }) => Some(state.clone()),
        _ => None,
    }
}

impl Event {
    fn wanted(&self) -> String {
        match self {
            Self::Close(_) => "closed with another tree".into(),
            Self::Sent { signature, .. } => format!("sent in {signature}"),
            Self::Landed { signature, .. } => format!("landed in {signature}"),
            Self::FailedToLand => "closed again".into(),
            Self::Missed { why } => format!("missed ({why})"),
        }
    }
}

const WINDOW: &str = "SELECT * FROM windows WHERE sla = $1 AND start = $2 AND window_no = $3";

impl Store {
    /// Opens a window for records. To open it again as it was is nothing.
    ///
    /// # Errors
    /// [`StoreError::WindowDiffers`] if it was opened otherwise; [`StoreError::Rule`] for an opening that no terms gave.
    pub async fn open_window(&self, key: &WindowKey, opening: &Opening) -> Result<()> {
        opening.series(key)?;
        sqlx::query(
            "INSERT INTO windows (sla, start, window_no, oracle, window_secs, rounds, report_closes, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0) ON CONFLICT (sla, start, window_no) DO NOTHING",
        )
        .bind(key.life.sla.to_bytes().to_vec())
        .bind(key.life.start.0)
        .bind(i64::from(key.window))
        .bind(opening.oracle.to_bytes().to_vec())
        .bind(i64::from(opening.window_secs.0))
        .bind(i64::from(opening.rounds))
        .bind(opening.report_closes.0)
        .execute(&self.pools.writer)
        .await?;
        let window = self.window(key).await?.ok_or(StoreError::WindowUnknown(*key))?;
        if window.opening == *opening { Ok(()) } else { Err(StoreError::WindowDiffers(*key)) }
    }

    /// A window, if it was opened here.
    pub async fn window(&self, key: &WindowKey) -> Result<Option<Window>> {
        let row = keyed(sqlx::query(WINDOW), key).fetch_optional(&self.pools.reader).await?;
        row.as_ref().map(window_of).transpose()
    }

    /// Windows, by SLA and number.
    pub async fn windows(&self, filter: &Filter) -> Result<Vec<Window>> {
        let mut text = String::from("SELECT * FROM windows WHERE 1 = 1");
        if filter.unfinished {
            text.push_str(" AND state < 3");
        }
        if filter.life.is_some() {
            text.push_str(" AND sla = $1 AND start = $2");
        }
        text.push_str(" ORDER BY sla, start, window_no");
        let mut query = sqlx::query(AssertSqlSafe(text));
        if let Some(life) = filter.life {
            query = query.bind(life.sla.to_bytes().to_vec()).bind(life.start.0);
        }
        let rows = query.fetch_all(&self.pools.reader).await?;
        rows.iter().map(window_of).collect()
    }

    /// The windows that are published at `now`: reported or about to be, their report phase over, their records still
    /// there. By SLA and number; those after `after`, and so many at most.
    pub async fn published(
        &self,
        now: Timestamp,
        after: Option<&WindowKey>,
        limit: u32,
    ) -> Result<Vec<WindowKey>> {
        let first = WindowKey {
            life: SlaLife { sla: Default::default(), start: Timestamp(i64::MIN) },
            window: 0,
        };
        let rows = keyed(
            sqlx::query(
                "SELECT sla, start, window_no FROM windows WHERE (sla, start, window_no) > ($1, $2, $3) \
                 AND root IS NOT NULL AND rolled_up = 0 AND report_closes <= $4 \
                 ORDER BY sla, start, window_no LIMIT $5",
            ),
            after.unwrap_or(&first),
        )
        .bind(now.0)
        .bind(i64::from(limit))
        .fetch_all(&self.pools.reader)
        .await?;
        rows.iter().map(rows::window_key).collect()
    }

    /// Closes a window with the tree over its records: none can be added from then on.
    ///
    /// # Errors
    /// [`StoreError::RecordsChanged`] if its records are not those of the tree any more; [`StoreError::WindowUnknown`];
    /// [`StoreError::TransitionRefused`] if it was closed with another tree or missed.
    pub async fn close_window(&self, key: &WindowKey, closed: &Closed) -> Result<()> {
        self.happens(key, Event::Close(closed.submission()), Some(closed.records)).await
    }

    /// Writes down that its report is about to be sent in that transaction.
    ///
    /// # Errors
    /// [`StoreError::TransitionRefused`] unless it is closed, or sent in the same transaction already.
    pub async fn sent(
        &self,
        key: &WindowKey,
        signature: Signature,
        last_valid_block_height: u64,
    ) -> Result<()> {
        self.happens(key, Event::Sent { signature, last_valid_block_height }, None).await
    }

    /// Writes down that its report has landed. It may have been thought that it had not.
    ///
    /// # Errors
    /// [`StoreError::TransitionRefused`] if it is open or missed, or was sent or has landed in another transaction.
    pub async fn landed(&self, key: &WindowKey, signature: Signature, slot: u64) -> Result<()> {
        self.happens(key, Event::Landed { signature, slot }, None).await
    }

    /// Writes down that the transaction it was sent in can no longer land: it is closed again.
    ///
    /// # Errors
    /// [`StoreError::TransitionRefused`] unless it was sent, or is closed again already.
    pub async fn failed_to_land(&self, key: &WindowKey) -> Result<()> {
        self.happens(key, Event::FailedToLand, None).await
    }

    /// Gives a window up. The first reason is kept.
    ///
    /// # Errors
    /// [`StoreError::TransitionRefused`] if its report may yet land, or has.
    pub async fn missed(&self, key: &WindowKey, why: impl Into<String>) -> Result<()> {
        self.happens(key, Event::Missed { why: why.into() }, None).await
    }

    async fn happens(&self, key: &WindowKey, event: Event, built: Option<u64>) -> Result<()> {
        let mut transaction = self.pools.begin().await?;
        let window = self.locked_window(&mut transaction, key).await?;
        let Some(next) = after(&window, &event) else {
            return Err(StoreError::TransitionRefused {
                window: *key,
                found: window.state.to_string(),
                wanted: event.wanted(),
            });
        };
        if next == window.state {
            return Ok(());
        }
        let mut submission = window.submission;
        if let Event::Close(closed) = event {
            let found = records::count(&mut transaction, key).await?;
            let built = built.unwrap_or(found);
            if found != built {
                return Err(StoreError::RecordsChanged { window: *key, found, built });
            }
            submission = Some(closed);
        }
        write(&mut transaction, key, &next, submission.as_ref()).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// A window that nobody else changes before the transaction ends.
    pub(super) async fn locked_window(
        &self,
        transaction: &mut Transaction<'static, Any>,
        key: &WindowKey,
    ) -> Result<Window> {
        let text = format!("{WINDOW}{}", self.pools.dialect.for_update());
        let row = keyed(sqlx::query(AssertSqlSafe(text)), key);
        let row = row.fetch_optional(&mut **transaction).await?;
        window_of(&row.ok_or(StoreError::WindowUnknown(*key))?)
    }

    /// How much the store holds. Counts records one by one: not for every request.
    pub async fn stats(&self) -> Result<Stats> {
        let mut stats = Stats::default();
        let rows = sqlx::query("SELECT state, COUNT(*) AS n FROM windows GROUP BY state")
            .fetch_all(&self.pools.reader)
            .await?;
        for row in &rows {
            let count = match rows::number::<i64>(row, "state")? {
                0 => &mut stats.open,
                1 => &mut stats.closed,
                2 => &mut stats.sent,
                3 => &mut stats.landed,
                4 => &mut stats.missed,
                _ => return Err(StoreError::Damaged("state")),
            };
            *count = rows::number(row, "n")?;
        }
        for (count, text) in [
            (&mut stats.records, "SELECT COUNT(*) AS n FROM records"),
            (&mut stats.objects, "SELECT COUNT(*) AS n FROM objects"),
            (&mut stats.hours, "SELECT COUNT(*) AS n FROM rollups"),
        ] {
            *count = rows::number(&sqlx::query(text).fetch_one(&self.pools.reader).await?, "n")?;
        }
        Ok(stats)
    }
}

/// A query of a database of any kind.
pub(super) type Query<'q> = sqlx::query::Query<'q, Any, <Any as sqlx::Database>::Arguments>;

/// The query with a window's key as its first three arguments.
pub(super) fn keyed<'q>(query: Query<'q>, key: &WindowKey) -> Query<'q> {
    query.bind(key.life.sla.to_bytes().to_vec()).bind(key.life.start.0).bind(i64::from(key.window))
}

async fn write(
    transaction: &mut Transaction<'static, Any>,
    key: &WindowKey,
    state: &State,
    submission: Option<&Submission>,
) -> Result<()> {
    let (mut signature, mut height, mut slot, mut why) = (None, None, None, None);
    let number = |number: u64| {
        i64::try_from(number).map_err(|_| StoreError::Damaged("a slot or height beyond 2^63"))
    };
    match state {
        State::Open | State::Closed => {}
        State::Sent { signature: sent, last_valid_block_height } => {
            (signature, height) = (Some(sent), Some(number(*last_valid_block_height)?));
        }
        State::Landed { signature: landed, slot: landed_in } => {
            (signature, slot) = (Some(landed), Some(number(*landed_in)?));
        }
        State::Missed { why: reason } => why = Some(reason.clone()),
    }
    keyed(
        sqlx::query(
            "UPDATE windows SET state = $4, aggregate = $5, root = $6, signature = $7, \
             last_valid_height = $8, slot = $9, why = $10 \
             WHERE sla = $1 AND start = $2 AND window_no = $3",
        ),
        key,
    )
    .bind(state.code())
    .bind(submission.map(|submission| submission.aggregate.encode().to_vec()))
    .bind(submission.map(|submission| submission.root.to_vec()))
    .bind(signature.map(|signature| signature.as_ref().to_vec()))
    .bind(height)
    .bind(slot)
    .bind(why)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn window_of(row: &AnyRow) -> Result<Window> {
    let damaged = StoreError::Damaged;
    let signature =
        || rows::bytes::<64>(row, "signature")?.map(Signature::from).ok_or(damaged("signature"));
    let state = match rows::number::<i64>(row, "state")? {
        0 => State::Open,
        1 => State::Closed,
        2 => State::Sent {
            signature: signature()?,
            last_valid_block_height: rows::number_or_none(row, "last_valid_height")?
                .ok_or(damaged("last_valid_height"))?,
        },
        3 => State::Landed {
            signature: signature()?,
            slot: rows::number_or_none(row, "slot")?.ok_or(damaged("slot"))?,
        },
        4 => State::Missed { why: row.try_get::<Option<String>, _>("why")?.unwrap_or_default() },
        _ => return Err(damaged("state")),
    };
    Ok(Window {
        key: rows::window_key(row)?,
        opening: Opening {
            oracle: rows::pubkey(row, "oracle")?,
            window_secs: Seconds(rows::number(row, "window_secs")?),
            rounds: rows::number(row, "rounds")?,
            report_closes: rows::timestamp(row, "report_closes")?,
        },
        submission: rows::submission(row)?.map(|(aggregate, root)| Submission { aggregate, root }),
        state,
        rolled_up: rows::number::<i64>(row, "rolled_up")? != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flashback_core::quality::Aggregate;
    use solana_sdk::pubkey::Pubkey;

    const TREE: Submission = Submission { aggregate: Aggregate::EMPTY, root: [1; 32] };

    fn signature(n: u8) -> Signature {
        Signature::from([n; 64])
    }

    fn states() -> [State; 5] {
        [
            State::Open,
            State::Closed,
            State::Sent { signature: signature(1), last_valid_block_height: 7 },
            State::Landed { signature: signature(1), slot: 9 },
            State::Missed { why: "late".into() },
        ]
    }

    fn events() -> [(&'static str, Event); 8] {
        [
            ("close", Event::Close(TREE)),
            ("close otherwise", Event::Close(Submission { root: [2; 32], ..TREE })),
            ("sent", Event::Sent { signature: signature(1), last_valid_block_height: 7 }),
            ("sent anew", Event::Sent { signature: signature(2), last_valid_block_height: 8 }),
            ("landed", Event::Landed { signature: signature(1), slot: 9 }),
            ("landed otherwise", Event::Landed { signature: signature(2), slot: 9 }),
            ("failed to land", Event::FailedToLand),
            ("missed", Event::Missed { why: "other".into() }),
        ]
    }

    /// Every event in every state: the state after it, or `-` where there is no such transition.
    #[test]
    fn these_are_the_transitions() {
        let mut table = String::new();
        for state in states() {
            let submission = (state != State::Open).then_some(TREE);
            let window = Window {
                key: SlaLife { sla: Pubkey::default(), start: Timestamp(0) }.window(0),
                opening: Opening {
                    oracle: Pubkey::default(),
                    window_secs: Seconds(600),
                    rounds: 1,
                    report_closes: Timestamp(0),
                },
                submission,
                state,
                rolled_up: false,
            };
            for (name, event) in events() {
                let next = after(&window, &event).map_or("-".to_owned(), |next| match next {
                    next if next == window.state => "unchanged".to_owned(),
                    next => next.name().to_owned(),
                });
                table.push_str(&format!("{} + {name} = {next}\n", window.state.name()));
            }
        }
        let rows: Vec<&str> = table.lines().filter(|row| !row.ends_with("= -")).collect();
        assert_eq!(
            rows,
            [
                "open + close = closed",
                "open + close otherwise = closed",
                "open + missed = missed",
                "closed + close = unchanged",
                "closed + sent = sent",
                "closed + sent anew = sent",
                "closed + landed = landed",
                "closed + landed otherwise = landed",
                "closed + failed to land = unchanged",
                "closed + missed = missed",
                "sent + close = unchanged",
                "sent + sent = unchanged",
                "sent + landed = landed",
                "sent + failed to land = closed",
                "landed + close = unchanged",
                "landed + sent = unchanged",
                "landed + landed = unchanged",
                "missed + close = unchanged",
                "missed + missed = unchanged",
            ]
        );
    }
}
