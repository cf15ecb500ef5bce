//! Servers that a broken test run left behind once filled machines with databases that nobody knew of. Whatever becomes of the program
//! that started them, they must end and take their data along.

use std::fs::Permissions;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const VARIABLE: &str = "TRUTHOUND_TEST_POSTGRES_URL";
/// What a run of all tests has set for others: these tests start servers of their own.
const VARIABLES: [&str; 3] = [VARIABLE, "TRUTHOUND_TEST_PGBOUNCER_URL", "TRUTHOUND_TEST_MYSQL_URL"];

/// A folder for all that the chore writes, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        std::fs::create_dir(folder.join("tmp")).unwrap();
        // The account of a server that root starts must get through them.
        for folder in [folder.clone(), folder.join("tmp")] {
            std::fs::set_permissions(folder, Permissions::from_mode(0o711)).unwrap();
        }
        Self(folder)
    }

    /// The chore, which shares nothing with what else runs on this machine.
    fn services(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("services").args(args).stdin(Stdio::null());
        command.env("CARGO_TARGET_DIR", self.0.join("target")).env("TMPDIR", self.0.join("tmp"));
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command
    }

    /// What servers have left.
    fn left(&self) -> Vec<PathBuf> {
        std::fs::read_dir(self.0.join("tmp")).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A test that failed has not come to that.
        let _stopped = self.services(&["down"]).output();
        let _removed = std::fs::remove_dir_all(&self.0);
    }
}

/// Tells whether a PostgreSQL can be had without installing anything; says so where it cannot.
fn postgres_is_here() -> bool {
    let mut install = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let output =
        install.args(["services", "install", "postgres", "--no-install"]).env_remove(VARIABLE).output();
    let output = output.unwrap();
    let here = output.status.success();
    if !here {
        let reason = "PostgreSQL is not here; `cargo xtask services install postgres` installs it";
        println!("skipped: {reason}");
        if let Some(path) = std::env::var_os("TRUTHOUND_TEST_SKIPS") {
            let file = std::fs::File::options().append(true).create(true).open(path);
            file.unwrap().write_all(format!("xtask\t{reason}\n").as_bytes()).unwrap();
        }
    }
    here
}

/// Reads `postgres://test:…@127.0.0.1:PORT/postgres`.
fn address(url: &str) -> String {
    let (_, rest) = url.trim().split_once('@').unwrap();
    rest.split_once('/').unwrap().0.to_owned()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn assert_gone(address: &str, folder: &Folder) {
    assert!(TcpStream::connect(address).is_err(), "a server still listens at {address}");
    assert_eq!(folder.left(), [] as [&Path; 0]);
}

#[test]
fn a_command_gets_a_server_that_ends_with_it_even_if_it_fails() {
    if !postgres_is_here() {
        return;
    }
    let folder = Folder::new("run");
    let script =
        format!("echo \"url=${VARIABLE}\"; test -d \"$TMPDIR\"/truthound-services-*/postgres/data && exit 3");
    let output =
        folder.services(&["run", "postgres", "--no-install", "--", "sh", "-c", &script]).output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("exit status: 3"), "{said}");
    let url = said.lines().find_map(|line| line.strip_prefix("url=")).unwrap();
    assert!(url.starts_with("postgres://test:"), "{said}");
    assert_gone(&address(url), &folder);
}

/// Starts a server for a program that waits, sends a signal to the whole group of processes, as a terminal does, and looks whether the server went along.
fn a_server_ends_on(signal: &str) {
    if !postgres_is_here() {
        return;
    }
    let folder = Folder::new(signal);
    let script = format!("echo \"url=${VARIABLE}\"; exec cat");
    let mut command = folder.services(&["run", "postgres", "--no-install", "--", "sh", "-c", &script]);
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut chore = command.spawn().unwrap();
    let mut lines = BufReader::new(chore.stdout.take().unwrap()).lines();
    let url = lines.find_map(|line| line.unwrap().strip_prefix("url=").map(str::to_owned)).unwrap();
    TcpStream::connect(address(&url)).unwrap();
    let kill = "kill -s \"$0\" -- \"-$1\"";
    let killed = Command::new("sh").args(["-c", kill, signal, &chore.id().to_string()]).status().unwrap();
    assert!(killed.success());
    // The keeper of the server holds stderr, too: it ends when the keeper has ended, after all that it does.
    let mut said = String::new();
    chore.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(!chore.wait().unwrap().success());
    assert_gone(&address(&url), &folder);
}

#[test]
fn a_server_ends_when_the_program_that_wanted_it_is_interrupted() {
    a_server_ends_on("INT");
}

#[test]
fn a_server_ends_even_if_the_program_that_wanted_it_is_killed() {
    a_server_ends_on("KILL");
}

/// Tests of outages get servers of their own: nobody else's may be killed.
#[test]
fn a_server_of_ones_own_is_killed_and_started_again_at_the_same_address() {
    if !postgres_is_here() {
        return;
    }
    let folder = Folder::new("own");
    let mut command = folder.services(&["keep", "while-open", "postgres"]);
    let mut keeper = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut wishes = keeper.stdin.take().unwrap();
    let mut answers = BufReader::new(keeper.stdout.take().unwrap()).lines().map(Result::unwrap);
    let runs = answers.next().unwrap();
    let address = address(runs.rsplit('\t').next().unwrap());
    assert_eq!(answers.next().unwrap(), "end");
    let mut ask = |wish: &str| {
        writeln!(wishes, "{wish}").unwrap();
        answers.next().unwrap()
    };
    for end in ["kill postgres", "stop postgres"] {
        TcpStream::connect(&address).unwrap();
        assert_eq!(ask(end), "done");
        assert!(TcpStream::connect(&address).is_err());
        assert!(ask(end).starts_with("failed\t"));
        assert_eq!(ask("start postgres"), "done");
    }
    TcpStream::connect(&address).unwrap();
    assert!(ask("start postgres").contains("runs already"));
    assert!(ask("kill mariadb").contains("not started here"));
    assert!(ask("restart").contains("\"restart\""));
    drop(wishes);
    assert!(keeper.wait().unwrap().success());
    assert_gone(&address, &folder);
}

/// Whoever kills everything that belongs to a test run kills the keeper, too.
#[cfg(target_os = "linux")]
#[test]
fn a_server_ends_even_with_a_keeper_that_is_killed_and_the_next_one_cleans_up() {
    let has_setpriv = Command::new("setpriv").arg("--version").output().is_ok();
    if !has_setpriv || !postgres_is_here() {
        return;
    }
    let folder = Folder::new("keeper");
    let mut command = folder.services(&["keep", "while-open", "postgres"]);
    let mut keeper = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut answers = BufReader::new(keeper.stdout.take().unwrap()).lines().map(Result::unwrap);
    let address = address(answers.next().unwrap().rsplit('\t').next().unwrap());
    keeper.kill().unwrap();
    keeper.wait().unwrap();
    // The system tells nobody when it is done.
    while TcpStream::connect(&address).is_ok() {
        std::thread::yield_now();
    }
    assert_eq!(folder.left().len(), 1);
    let next = folder.services(&["run", "postgres", "--no-install", "--", "true"]).output().unwrap();
    assert!(next.status.success(), "{}", text(&next));
    assert_gone(&address, &folder);
}

#[test]
fn what_is_up_stays_until_it_is_taken_down_and_is_not_started_twice() {
    if !postgres_is_here() {
        return;
    }
    let folder = Folder::new("up");
    let up = || {
        let output = folder.services(&["up", "postgres", "--no-install"]).output().unwrap();
        assert!(output.status.success(), "{}", text(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let first = up();
    let value = |name: &str| first.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let url = value("TRUTHOUND_TEST_POSTGRES_URL").unwrap();
    assert_eq!(value("TRUTHOUND_TEST_SERVICES"), Some(env!("CARGO_BIN_EXE_xtask")));
    TcpStream::connect(address(url)).unwrap();
    assert_eq!(up(), first);
    // One that is not among them is named, not silently left out.
    let more =
        folder.services(&["up", "--no-install"]).env("TRUTHOUND_TEST_MYSQL_URL", "mysql://given").output();
    let more = more.unwrap();
    assert!(!more.status.success() && text(&more).contains("pgbouncer: others are up"), "{}", text(&more));
    for said in ["", "nothing is up\n"] {
        let down = folder.services(&["down"]).output().unwrap();
        assert!(down.status.success());
        assert_eq!(text(&down), said);
        assert_gone(&address(url), &folder);
    }
}
