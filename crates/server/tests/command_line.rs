//! The binary as scripts see it: its ready lines, its sentences, its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

fn tablog(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tablog"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// A running binary, killed when the test ends.
struct Running {
    child: Child,
    ready: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Running {
        let mut child = tablog(arguments).stdout(Stdio::piped()).spawn().expect("tablog starts");
        let mut ready = String::new();
        let output = child.stdout.take().expect("its output is ours");
        BufReader::new(output).read_line(&mut ready).expect("it says that it is up");
        Running { child, ready: ready.trim_end().to_owned() }
    }

    fn address(&self) -> &str {
        self.ready.rsplit_once("//").map(|(_, rest)| rest.trim_end_matches('/')).expect("an address")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Exit code and standard error.
fn ended(arguments: &[&str]) -> (Option<i32>, String) {
    let output = tablog(arguments).output().expect("tablog runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn get(address: &str, head: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    write!(stream, "{head}\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers in text");
    answer
}

#[test]
fn serve_says_that_it_is_up_and_hands_out_a_page() {
    let running = Running::start(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(running.ready.starts_with("ready http://127.0.0.1:"), "{}", running.ready);
    assert!(running.ready.ends_with('/'));
    let answer = get(running.address(), "GET /topics/flights HTTP/1.1");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("wasm-unsafe-eval"), "{answer}");
    let head = get(running.address(), "HEAD /nothing HTTP/1.1");
    assert!(head.starts_with("HTTP/1.1 404 Not Found"), "{head}");
    assert!(head.ends_with("\r\n\r\n"), "{head}");
}

#[test]
fn broker_says_that_it_is_up() {
    let running = Running::start(&["broker", "--listen", "127.0.0.1:0"]);
    assert!(running.ready.starts_with("ready kafka://127.0.0.1:"), "{}", running.ready);
    assert!(!running.ready.ends_with(":0"));
}

#[test]
fn a_frame_beyond_the_limit_or_below_zero_closes_the_connection() {
    let running = Running::start(&["broker", "--listen", "127.0.0.1:0"]);
    for length in [100 * 1024 * 1024 + 1, i32::MAX, -1, i32::MIN] {
        let mut stream = TcpStream::connect(running.address()).expect("it listens");
        stream.write_all(&length.to_be_bytes()).expect("it reads the length");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.is_empty(), "{length}");
    }
}

#[test]
fn a_port_in_use_is_a_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    for command in ["serve", "broker"] {
        let (code, sentence) = ended(&[command, "--listen", &address]);
        assert_eq!(code, Some(1));
        assert!(sentence.contains("is in use"), "{sentence}");
        assert!(!sentence.contains("panicked"), "{sentence}");
    }
}

#[test]
fn what_is_not_known_is_a_sentence() {
    for arguments in [
        &["fly"][..],
        &["serve", "--fast"],
        &["broker", "--set", "no.such.setting=1"],
        &["broker", "--set", "num.partitions=many"],
    ] {
        let (code, sentence) = ended(arguments);
        assert_eq!(code, Some(1), "{arguments:?}");
        assert!(sentence.starts_with("tablog: "), "{sentence}");
        assert!(!sentence.contains("panicked"), "{sentence}");
    }
}

#[cfg(unix)]
#[test]
fn it_ends_gracefully_when_interrupted() {
    for command in ["serve", "broker"] {
        for signal in ["-INT", "-TERM"] {
            let mut running = Running::start(&[command, "--listen", "127.0.0.1:0"]);
            let pid = running.child.id().to_string();
            let sent = Command::new("kill").args([signal, &pid]).status().expect("kill runs");
            assert!(sent.success());
            assert_eq!(running.child.wait().expect("it ends").code(), Some(0), "{command} {signal}");
        }
    }
}
