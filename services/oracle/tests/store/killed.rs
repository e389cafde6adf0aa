//! kill −9 at any moment loses at most the record that was being written.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use flashback_oracle::store::{Dialect, Store};
use sqlx::Connection;

use crate::bed::{Bed, over_both};
use crate::support::numbers::Numbers;
use crate::support::{cases, life, opening, runtime};

over_both! { acknowledged_records_survive }

/// Tells the child where to write.
const STORE: &str = "FLASHBACK_TEST_STORE";
const ROUNDS: u32 = 3_600;

/// Not a test, but the process that is killed: it writes what is missing, and tells each record once it is written.
#[test]
fn the_child_that_is_killed() {
    let Ok(url) = std::env::var(STORE) else { return };
    runtime().block_on(async {
        let store = Store::open(&url).await.unwrap();
        let key = life(1).window(0);
        store.open_window(&key, &opening(&key, ROUNDS)).await.unwrap();
        let window = store.recording(&key).await.unwrap();
        let there: BTreeSet<_> = store
            .records(&key)
            .await
            .unwrap()
            .into_iter()
            .map(|(round, record)| (round, record.kind))
            .collect();
        let mut out = std::io::stdout();
        for (round, record) in Numbers(1).records(window.series()) {
            if there.contains(&(round, record.kind)) {
                continue;
            }
            window.append(round, &record).await.unwrap();
            writeln!(out, "written {round} {:?}", record.kind).unwrap();
            out.flush().unwrap();
        }
    });
}

async fn acknowledged_records_survive(bed: &Bed) {
    let all = Numbers(1)
        .records(&opening(&life(1).window(0), ROUNDS).series(&life(1).window(0)).unwrap());
    let mut told = BTreeSet::new();
    let mut numbers = Numbers(rand_seed());
    let kills = cases(10);
    for _ in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::the_child_that_is_killed", "--nocapture"])
            .env(STORE, bed.url())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        // At least one record, so that each kill falls among writes.
        for line in lines
            .by_ref()
            .filter(|line| line.contains("written "))
            .take(1 + usize::try_from(numbers.below(150)).unwrap())
        {
            told.insert(line);
        }
        std::thread::sleep(std::time::Duration::from_micros(numbers.below(2_000)));
        child.kill().unwrap();
        // What it told before it died counts too.
        told.extend(lines.filter(|line| line.contains("written ")));
        assert!(!child.wait().unwrap().success(), "it ended before it was killed");

        let store = bed.store().await;
        let key = life(1).window(0);
        let records = store.records(&key).await.unwrap();
        // All that was acknowledged, in the order in which it was written, and at most one record more a kill.
        assert_eq!(records, all[..records.len()]);
        let written = |(round, record): &(u32, flashback_core::records::Record)| {
            format!("written {round} {:?}", record.kind)
        };
        let kept: BTreeSet<String> = records.iter().map(written).collect();
        // The harness may begin a line with the test's name.
        let acknowledged: BTreeSet<String> =
            told.iter().map(|line| line[line.find("written ").unwrap()..].to_owned()).collect();
        assert!(acknowledged.is_subset(&kept));
        assert!(kept.len() - acknowledged.len() <= 1, "{} {}", kept.len(), acknowledged.len());
        told = kept;
        if store.dialect() == Dialect::Sqlite {
            let url = bed.url();
            let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
            let verdict: String = sqlx::query_scalar("PRAGMA integrity_check")
                .fetch_one(&mut connection)
                .await
                .unwrap();
            assert_eq!(verdict, "ok");
            connection.close().await.unwrap();
        }
        store.close().await;
    }
    assert!(told.len() >= usize::try_from(kills).unwrap());
}

/// Another seed each time: where a kill falls is a matter of chance anyway.
fn rand_seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::from(now.subsec_nanos())
}
