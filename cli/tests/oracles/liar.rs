//! An oracle that reports what its own records contradict: a process of its own, this test binary run again.

use std::process::{Command, Stdio};

use flashback_oracle::key::{SlaLife, WindowKey};
use flashback_oracle::publication::{Document, path_of};
use flashback_oracle::store::Opening;
use flashback_oracle::window::Closed;
use flashback_sdk::Flashback;
use flashback_sdk::core::quality::Aggregate;
use flashback_sdk::core::records::{Kind, Outcome, Record, Series};
use flashback_sdk::core::text::padded_text;
use flashback_sdk::core::units::Timestamp;
use flashback_sdk::instruction::SubmitReportArgs;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::read_keypair_file;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::stage::{Process, Stage};
use flashback_localnet::Actor;

/// Tells the process that it is the liar: RPC URL, keypair file and SLA.
const LIE: &str = "TESTS_LIE_ABOUT";

/// Starts it.
pub fn start(stage: &Stage, oracle: &Actor) -> Process {
    let keys = stage.machine.path_text(&format!("{}.json", oracle.name));
    let about = format!("{} {keys} {}", stage.chain.rpc_url(), stage.sla);
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "oracles::liar::lies_when_it_is_told_about_what", "--nocapture"])
        .env(LIE, about)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    Process(command.spawn().unwrap())
}

/// In the test run itself there is nothing to lie about.
#[tokio::test(flavor = "multi_thread")]
async fn lies_when_it_is_told_about_what() {
    let Ok(about) = std::env::var(LIE) else { return };
    let mut about = about.split(' ');
    let mut next = || about.next().unwrap().to_owned();
    let (url, keypair) = (next(), read_keypair_file(next()).unwrap());
    let client = Flashback::new(url, keypair);
    lie(&client, next().parse().unwrap()).await;
}

async fn lie(client: &Flashback, sla: Pubkey) {
    let terms = client.sla(&sla).await.unwrap().body.terms;
    let life = SlaLife { sla, start: Timestamp(terms.start) };
    let key = life.window(0);
    let series = key.series(&client.key(), &terms).unwrap();
    let honest = Closed::of(&series, &records(&series)).unwrap();
    let claimed = Aggregate { probes_ok: 0, ops_ok: 0, ..*honest.aggregate() };
    let opening = Opening {
        oracle: client.key(),
        window_secs: terms.window(),
        rounds: terms.probes,
        report_closes: terms.report_closes(0).unwrap(),
    };
    let mut document = Document::of(&honest.tree, honest.leaves.clone(), &key, &opening, vec![]);
    document.aggregate = claimed.into();
    let opens = terms.report_opens(0).unwrap();
    while client.now().await.unwrap() <= opens {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    let report = SubmitReportArgs { window: 0, aggregate: claimed, root: honest.root() };
    client.submit_report(&sla, report).send().await.unwrap();
    let account = client.oracle(&client.key()).await.unwrap();
    serve(&padded_text(&account.records_url).to_string(), &key, &document).await;
}

/// Records of a service without fault.
fn records(series: &Series) -> Vec<(u32, Record)> {
    let mut records = vec![];
    for round in 0..series.shape().rounds() {
        let at = series.slice(round).unwrap().start;
        records.push((round, Record::plain(at, Kind::Availability, Outcome::Ok)));
        records.push((round, Record::latency(at, 1_000)));
        records.push((round, Record::upload(at, 16_384, 1_000)));
        records.push((round, Record::download(at, 16_384, 1_000)));
    }
    records
}

/// Serves the document at its place, and nothing else.
async fn serve(url: &str, key: &WindowKey, document: &Document) {
    let body = document.to_bytes().unwrap();
    let wanted = format!("GET {} ", path_of(key));
    let listener = tokio::net::TcpListener::bind(url.trim_start_matches("http://")).await.unwrap();
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = vec![0; 4_096];
        let length = stream.read(&mut asked).await.unwrap();
        let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
        let (status, body) = match asked.starts_with(&wanted) {
            true => ("200 OK", body.as_slice()),
            false => ("404 Not Found", b"".as_slice()),
        };
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(body).await;
    }
}
