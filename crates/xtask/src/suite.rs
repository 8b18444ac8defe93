//! `cargo xtask test`: everything that must hold, part by part, and one line at the end that counts it.

use crate::tally::Tally;
use crate::toolbox::{self, Tool};
use crate::{clock::Stopwatch, codegen, command, dist, maven, options, size, tidy, workspace};
use lexopt::Arg;
use std::ffi::OsString;

/// In this order: what is quick to fail comes first.
const PARTS: &[Part] = &[
    Part { name: "fmt", needs: &[], run: fmt },
    Part { name: "clippy", needs: &[Tool::WasmTarget], run: clippy },
    Part { name: "tidy", needs: &[], run: tidy },
    Part { name: "codegen", needs: &[], run: codegen },
    Part { name: "native", needs: &[], run: native },
    Part { name: "sim", needs: &[], run: sim },
    Part { name: "clients", needs: &[Tool::Kcat], run: clients },
    Part { name: "java", needs: &[Tool::Kcat, Tool::Maven], run: java },
    Part { name: "size", needs: toolbox::FOR_DIST, run: size },
    Part { name: "browser", needs: &[Tool::WasmTarget, Tool::WasmBindgen, Tool::Node], run: browser },
];

/// What exists only in the browser is linted for the browser.
const WASM_PACKAGES: &[&str] = &["tablog-host", "tablog-worker", "tablog-sdk", "tablog-dashboard"];

struct Part {
    name: &'static str,
    needs: &'static [Tool],
    run: fn() -> Result<Tally, String>,
}

pub fn run(arguments: Vec<OsString>) -> Result<(), String> {
    let only = wanted(arguments)?;
    let is_ci = std::env::var("CI").is_ok_and(|value| value == "true" || value == "1");
    let mut sum = Tally::default();
    let mut lines = Vec::new();
    let whole = Stopwatch::start();
    for part in PARTS.iter().filter(|part| only.is_empty() || only.iter().any(|name| name == part.name)) {
        println!("\n== {}", part.name);
        let stopwatch = Stopwatch::start();
        let tally = match toolbox::need(part.needs) {
            Ok(()) => (part.run)().unwrap_or_else(|sentence| {
                println!("{}: {sentence}", part.name);
                Tally::FAILED
            }),
            Err(sentence) => {
                println!("{}: skipped: {sentence}", part.name);
                Tally::SKIPPED
            }
        };
        lines.push(format!("{:<8} {:>9}  {tally}", part.name, stopwatch.to_string()));
        sum += tally;
    }
    println!("\n{}\n{:<8} {:>9}\n{sum}", lines.join("\n"), "all", whole.to_string());
    if sum.failed > 0 {
        return Err("something failed".to_owned());
    }
    if is_ci && sum.skipped > 0 {
        return Err("something was skipped, which CI does not allow".to_owned());
    }
    Ok(())
}

fn wanted(arguments: Vec<OsString>) -> Result<Vec<String>, String> {
    let mut only = Vec::new();
    let mut parser = options::parser(arguments);
    while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
        match argument {
            Arg::Long("only") => {
                let name = parser.value().map_err(|error| error.to_string())?.to_string_lossy().into_owned();
                if !PARTS.iter().any(|part| part.name == name) {
                    let names: Vec<_> = PARTS.iter().map(|part| part.name).collect();
                    return Err(format!("there is no part `{name}`; the parts are {}", names.join(", ")));
                }
                only.push(name);
            }
            unknown => return Err(unknown.unexpected().to_string()),
        }
    }
    Ok(only)
}

fn fmt() -> Result<Tally, String> {
    // Only the names of the files: `cargo fmt` says the rest by doing it.
    command::run(command::cargo().args(["fmt", "--all", "--check", "--", "-l"]))?;
    Ok(Tally::PASSED)
}

fn clippy() -> Result<Tally, String> {
    let native = [
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--features",
        "tablog-tests/kcat,tablog-tests/java",
    ];
    command::run(command::cargo().args(native).args(["--", "-D", "warnings"]))?;
    let mut wasm = command::cargo_wasm();
    wasm.args(["clippy", "--quiet", "--target", "wasm32-unknown-unknown"]);
    for package in WASM_PACKAGES {
        wasm.args(["--package", package]);
    }
    command::run(wasm.args(["--", "-D", "warnings"]))?;
    Ok(Tally { passed: 2, ..Tally::default() })
}

fn tidy() -> Result<Tally, String> {
    tidy::run(Vec::new())?;
    Ok(Tally::PASSED)
}

fn codegen() -> Result<Tally, String> {
    codegen::run(&["--check".to_owned()])?;
    Ok(Tally::PASSED)
}

fn native() -> Result<Tally, String> {
    libtest(&["test", "--workspace", "--exclude", "tablog-sim", "--no-fail-fast"])
}

/// Seeds run with optimisation, hence in their own profile; the bugs put in on purpose are another build.
fn sim() -> Result<Tally, String> {
    let sim = ["test", "--profile", "sim", "--package", "tablog-sim"];
    let mut tally = libtest(&[&sim[..], &["--no-fail-fast", "--", "--show-output"]].concat())?;
    let known_bugs = ["--features", "known-bugs", "--test", "known_bugs", "--", "--show-output"];
    tally += libtest(&[&sim[..], &known_bugs].concat())?;
    Ok(tally)
}

fn clients() -> Result<Tally, String> {
    command::run(command::cargo().args(["build", "--quiet", "--package", "tablog-server"]))?;
    libtest(&["test", "--package", "tablog-tests", "--features", "kcat", "--test", "kcat", "--no-fail-fast"])
}

/// Members that run Apache Kafka's own consumer.
fn java() -> Result<Tally, String> {
    let classpath = maven::classpath(&workspace::root().join("tests/clients/java"))?;
    command::run(command::cargo().args(["build", "--quiet", "--package", "tablog-server"]))?;
    let mut cargo = command::cargo();
    cargo.args([
        "test",
        "--package",
        "tablog-tests",
        "--features",
        "java",
        "--test",
        "java",
        "--no-fail-fast",
    ]);
    counted(command::listen(cargo.env("TABLOG_JAVA_MEMBER", classpath))?)
}

fn size() -> Result<Tally, String> {
    dist::build()?;
    size::check_growth()?;
    Ok(Tally::PASSED)
}

fn browser() -> Result<Tally, String> {
    let folder = workspace::root().join("tests/browser");
    if !folder.join("package.json").exists() {
        return Ok(Tally::SKIPPED);
    }
    toolbox::need(&[Tool::BrowserPackages, Tool::Chromium])?;
    dist::build()?;
    let mut node = command::program("npm");
    node.args(["run", "--silent", "test"]).current_dir(folder).env("PATH", toolbox::search_path()?);
    if let Some(chromium) = toolbox::chromium() {
        node.env("TABLOG_CHROMIUM", chromium);
    }
    counted(command::listen(&mut node)?)
}

fn libtest(arguments: &[&str]) -> Result<Tally, String> {
    counted(command::listen(command::cargo().args(arguments))?)
}

/// A runner that ends badly without naming a failed test did not get as far as its tests.
fn counted(heard: command::Heard) -> Result<Tally, String> {
    let mut tally = Tally::read(&heard.text);
    if !heard.ended_well && tally.failed == 0 {
        tally += Tally::FAILED;
    }
    if tally == Tally::default() {
        return Err("no test ran".to_owned());
    }
    Ok(tally)
}
