//! `cargo xtask serve`: from a fresh clone to an open page.

use crate::{command, dist, options};
use lexopt::{Arg, ValueExt};
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

pub fn run(arguments: Vec<OsString>) -> Result<(), String> {
    let options = Options::read(arguments).map_err(|error| error.to_string())?;
    dist::build()?;
    let listen = format!("127.0.0.1:{}", options.port);
    let mut server = command::cargo();
    server.args([
        "run",
        "--release",
        "--package",
        "tablog-server",
        "--bin",
        "tablog",
        "--",
        "serve",
        "--listen",
        &listen,
    ]);
    let mut child = server
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("`{}` cannot be run: {error}", command::name(&server)))?;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            println!("{line}");
            if let (Some(address), Opening::Browser) = (line.strip_prefix("ready "), options.opening) {
                open(address);
            }
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("the server ended ({status})")) }
}

struct Options {
    port: u16,
    opening: Opening,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Opening {
    Browser,
    Nothing,
}

impl Options {
    fn read(arguments: Vec<OsString>) -> Result<Options, lexopt::Error> {
        let mut options = Options { port: 8080, opening: Opening::Browser };
        let mut parser = options::parser(arguments);
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("port") => options.port = parser.value()?.parse()?,
                Arg::Long("no-open") => options.opening = Opening::Nothing,
                unknown => return Err(unknown.unexpected()),
            }
        }
        Ok(options)
    }
}

/// Opens the page where there is a screen; without one the ready line is all there is to say.
fn open(address: &str) {
    let screen = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let mut opener = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        Command::new("explorer")
    } else if screen("DISPLAY") || screen("WAYLAND_DISPLAY") {
        Command::new("xdg-open")
    } else {
        return;
    };
    let started =
        opener.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if started.is_err() {
        println!("no browser could be opened: open {address} yourself");
    }
}
