//! A PostgreSQL server of the tests' own: one cluster in a temporary folder for all that run at the same time.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

const USER: &str = "flashback";
/// A server that takes longer does not come.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A database of its own in the shared cluster, which ends with the last of them.
pub struct Database {
    cluster: Arc<Cluster>,
    name: String,
}

impl Database {
    pub async fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let cluster = Cluster::shared();
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::SeqCst));
        let mut connection = cluster.connect().await;
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        connection.close().await.unwrap();
        Self { cluster, name }
    }

    pub fn url(&self) -> String {
        self.cluster.url(&self.name)
    }
}

struct Cluster {
    server: Child,
    folder: PathBuf,
    port: u16,
}

impl Cluster {
    fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(cluster) = shared.upgrade() {
            return cluster;
        }
        let cluster = Arc::new(Self::start());
        *shared = Arc::downgrade(&cluster);
        cluster
    }

    fn start() -> Self {
        let binaries = binaries();
        let account = Account::of_server();
        let folder = tempfile::Builder::new().prefix("flashback-postgres-").tempdir().unwrap();
        if let Some((user, group)) = account.ids {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let data = folder.path().join("data");
        let made = account
            .command(&binaries.join("initdb"))
            .args([
                "--no-sync",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--username",
                USER,
            ])
            .arg("--pgdata")
            .arg(&data)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        // Another process may take the port before the server does: the server then ends, and another is tried.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if let Some(server) = serve(&account, &binaries, &data, port) {
                return Self { server, folder: folder.keep(), port };
            }
        }
        panic!("PostgreSQL does not start: {}", fs::read_to_string(log_in(&data)).unwrap());
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port)
    }

    async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url("postgres")).await.unwrap()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // SIGQUIT: at once, its processes too. Nothing of it is kept.
        let pid = self.server.id().to_string();
        let _ = Command::new("kill").args(["-QUIT", &pid]).status();
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn log_in(data: &Path) -> PathBuf {
    data.with_file_name("log")
}

/// Starts the server and waits until it takes connections; none if it ends before.
fn serve(account: &Account, binaries: &Path, data: &Path, port: u16) -> Option<Child> {
    let log = fs::File::create(log_in(data)).unwrap();
    let mut command = account.command(&binaries.join("postgres"));
    command
        .arg("-D")
        .arg(data)
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
        .args(["-c", "unix_socket_directories=", "-c", "fsync=off"])
        .current_dir(data)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    let mut server = spawn_for_good(command);
    let deadline = Instant::now() + START_TIMEOUT;
    while server.try_wait().unwrap().is_none() {
        let ready = account
            .command(&binaries.join("pg_isready"))
            .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
            .current_dir(data)
            .status()
            .unwrap();
        if ready.success() {
            return Some(server);
        }
        assert!(Instant::now() < deadline, "PostgreSQL takes no connections");
        std::thread::sleep(Duration::from_millis(50));
    }
    None
}

/// Spawns on a thread that lives as long as the process: the server is told to end with the thread that started it.
fn spawn_for_good(mut command: Command) -> Child {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        sender.send(command.spawn()).unwrap();
        loop {
            std::thread::park();
        }
    });
    receiver.recv().unwrap().unwrap()
}

/// Who runs the server: it refuses to be root.
struct Account {
    ids: Option<(u32, u32)>,
}

impl Account {
    fn of_server() -> Self {
        let is_root = capture("id", &["-u"]).as_deref() == Some("0");
        let number = |argument, user| capture("id", &[argument, user])?.parse().ok();
        let ids = |user| Some((number("-u", user)?, number("-g", user)?));
        let other = || ids("postgres").or_else(|| ids("nobody")).expect("no user but root");
        Self { ids: is_root.then(other) }
    }

    /// A program as that user, which ends when this process does.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        if let Some((user, group)) = self.ids {
            command.args([
                format!("--reuid={user}"),
                format!("--regid={group}"),
                "--clear-groups".into(),
            ]);
        }
        command.arg("--pdeathsig=QUIT").arg(program);
        command
    }
}

/// Where PostgreSQL's server is: the newest of Debian's, or else on PATH.
fn binaries() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| folder.join("initdb").is_file())
        .max();
    if let Some((_, folder)) = newest {
        return folder;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .find(|folder| folder.join("initdb").is_file())
        .expect("PostgreSQL's server is missing: `cargo xtask setup` installs it")
}

fn capture(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
