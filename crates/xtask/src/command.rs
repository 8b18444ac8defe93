//! Other programs: found, run, listened to.

use crate::workspace;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// A program, run in the top folder.
pub fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(workspace::root());
    command
}

/// The cargo that runs us, without what it told us about ourselves.
pub fn cargo() -> Command {
    let mut command = program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let own = name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
        if own {
            command.env_remove(name);
        }
    }
    command
}

/// Cargo for wasm32.
pub fn cargo_wasm() -> Command {
    let mut command = cargo();
    for_wasm(&mut command);
    command
}

/// Its own target folder and flags, also for a program that calls cargo itself.
pub fn for_wasm(command: &mut Command) {
    let mut flags = vec!["--cfg".to_owned(), "erase_components".to_owned()];
    // What panics say of places names no folder of the machine that built it.
    let sysroot = answer(program("rustc").args(["--print", "sysroot"])).map(Into::into);
    let folders =
        [(sysroot, "rust"), (workspace::cargo_home(), "cargo"), (Some(workspace::root()), "tablog")];
    for (from, to) in folders {
        if let Some(from) = from {
            flags.extend(["--remap-path-prefix".to_owned(), format!("{}={to}", from.display())]);
        }
    }
    command.env("CARGO_TARGET_DIR", workspace::wasm_target());
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
}

/// Runs to the end; what it prints goes through. Failing is an error that names the command.
pub fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("`{}` cannot be run: {error}", name(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", name(command))) }
}

/// What it prints on standard output, trimmed; nothing where it cannot be run or fails.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs to the end; standard output goes through line by line and is handed back.
pub fn listen(command: &mut Command) -> Result<Heard, String> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("`{}` cannot be run: {error}", name(command)))?;
    let mut text = String::new();
    if let Some(output) = child.stdout.take() {
        let mut lines = BufReader::new(output);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).map_err(|error| error.to_string())? > 0 {
            let mut screen = std::io::stdout().lock();
            let _ = screen.write_all(&line).and_then(|()| screen.flush());
            text.push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    Ok(Heard { text, ended_well: status.success() })
}

pub struct Heard {
    pub text: String,
    pub ended_well: bool,
}

/// The command as one would type it, for sentences.
pub fn name(command: &Command) -> String {
    let file = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut words = vec![file.to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    words.join(" ")
}
