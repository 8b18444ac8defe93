//! Other people's programs, run with an end in sight, and the broker that they talk to.

#![allow(dead_code, reason = "each test program takes what it needs")]
#![allow(clippy::disallowed_methods, reason = "waiting for another process: its time is the wall's")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A program that takes longer has hung.
const PATIENCE: Duration = Duration::from_secs(60);

/// `tablog broker` on a port of the system's choice. It dies with the value.
pub struct Broker {
    child: Child,
    pub address: String,
}

impl Broker {
    pub fn start(settings: &[&str]) -> Broker {
        let mut command = Command::new(binary());
        command.args(["broker", "--listen", "127.0.0.1:0"]);
        for setting in settings {
            command.args(["--set", setting]);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("tablog starts");
        let mut ready = String::new();
        let output = child.stdout.take().expect("its output is ours");
        BufReader::new(output).read_line(&mut ready).expect("it says that it is up");
        let address = ready.trim_end().strip_prefix("ready kafka://").expect("the ready line").to_owned();
        Broker { child, address }
    }

    /// What the process holds in memory, where the system tells it.
    pub fn resident_kilobytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().trim_end_matches("kB").trim().parse().ok()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `target/debug/tablog`, built when it is not current. The test itself lies in `target/debug/deps`.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--quiet", "--package", "tablog-server", "--bin", "tablog"])
            .status()
            .expect("cargo runs");
        assert!(built.success(), "tablog does not build");
        let test = std::env::current_exe().expect("the test's own path");
        test.ancestors().nth(2).expect("the target folder").join("tablog")
    })
}

/// Asks again and again until there is an answer; what there is instead is told when patience is at its end.
pub fn wait_for<T>(what: &str, ask: impl Fn() -> Result<T, String>) -> T {
    let began = Instant::now();
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(instead) => assert!(began.elapsed() < PATIENCE, "waited in vain for {what}: {instead}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A program that is still running, with what it said so far.
pub struct Running {
    child: Child,
    output: Arc<Mutex<Vec<u8>>>,
    complaints: Arc<Mutex<Vec<u8>>>,
    listeners: Vec<JoinHandle<()>>,
    name: String,
}

/// What a program that ended has said.
#[derive(Debug)]
pub struct Ended {
    pub output: Vec<u8>,
    pub complaints: String,
    pub code: Option<i32>,
}

impl Running {
    pub fn start(command: &mut Command, input: &[u8]) -> Running {
        let name = format!("{command:?}");
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap_or_else(|error| panic!("{name}: {error}"));
        let output = Arc::new(Mutex::new(Vec::new()));
        let complaints = Arc::new(Mutex::new(Vec::new()));
        let mut listeners = vec![
            listen(child.stdout.take().expect("piped"), Arc::clone(&output)),
            listen(child.stderr.take().expect("piped"), Arc::clone(&complaints)),
        ];
        let (mut stdin, input) = (child.stdin.take().expect("piped"), input.to_vec());
        listeners.push(std::thread::spawn(move || {
            let _ = stdin.write_all(&input);
        }));
        Running { child, output, complaints, listeners, name }
    }

    /// What it said so far, and what it complained about.
    pub fn said(&self) -> (String, String) {
        let said =
            |stream: &Mutex<Vec<u8>>| String::from_utf8_lossy(&stream.lock().expect("whole")).into_owned();
        (said(&self.output), said(&self.complaints))
    }

    /// Waits until what was said satisfies; hands it back.
    pub fn wait_for(&self, what: &str, satisfies: impl Fn(&str, &str) -> bool) -> String {
        wait_for(what, || {
            let (output, complaints) = self.said();
            match satisfies(&output, &complaints) {
                true => Ok(output),
                false => Err(format!("{}\n{output}\n{complaints}", self.name)),
            }
        })
    }

    pub fn interrupt(&self) {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "{} is gone already", self.name);
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ended {
        let began = Instant::now();
        let code = loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                break status.code();
            }
            if began.elapsed() > PATIENCE {
                let _ = self.child.kill();
                let _ = self.child.wait();
                panic!(
                    "{} hung\n{}",
                    self.name,
                    String::from_utf8_lossy(&self.complaints.lock().expect("whole"))
                );
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        for listener in self.listeners.drain(..) {
            listener.join().expect("a listener ends");
        }
        let output = std::mem::take(&mut *self.output.lock().expect("whole"));
        let complaints = String::from_utf8_lossy(&self.complaints.lock().expect("whole")).into_owned();
        Ended { output, complaints, code }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listen(mut stream: impl Read + Send + 'static, into: Arc<Mutex<Vec<u8>>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut piece = [0; 64 * 1024];
        while let Ok(read) = stream.read(&mut piece) {
            if read == 0 {
                return;
            }
            into.lock().expect("whole").extend_from_slice(&piece[..read]);
        }
    })
}
