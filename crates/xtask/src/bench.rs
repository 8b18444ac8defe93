//! `cargo xtask bench`: what is measured, never tested. Native measurements are examples named `bench_*` of
//! the package `tablog-tests`; the browser's are scripts `tests/browser/bench*.mjs`, run against `dist/`.

use crate::{command, dist, options, toolbox, vectors, workspace};
use lexopt::Arg;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub fn run(arguments: Vec<OsString>) -> Result<(), String> {
    let mut wanted = Vec::new();
    let mut parser = options::parser(arguments);
    while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
        match argument {
            Arg::Value(name) => wanted.push(name.to_string_lossy().into_owned()),
            unknown => return Err(unknown.unexpected().to_string()),
        }
    }
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()));
    let native: Vec<PathBuf> = beginning_with(&workspace::root().join("tests/benches"), "bench");
    let browser: Vec<PathBuf> = beginning_with(&workspace::root().join("tests/browser"), "bench");
    for path in native.iter().filter(|path| is_wanted(&stem(path))) {
        println!("== {}", stem(path));
        let name = stem(path);
        let mut cargo = command::cargo();
        cargo.args(["run", "--release", "--package", "tablog-tests", "--example", &name]);
        if name == "bench_assignors" {
            // Without a JDK and Maven there is nothing to stand beside.
            match vectors::java_times() {
                Ok(path) => drop(cargo.env("TABLOG_JAVA_TIMES", path)),
                Err(sentence) => println!("Apache Kafka's assignors are not measured: {sentence}"),
            }
        }
        command::run(&mut cargo)?;
    }
    let browser: Vec<_> = browser.iter().filter(|path| is_wanted(&stem(path))).collect();
    if browser.is_empty() {
        return Ok(());
    }
    toolbox::need(&[toolbox::Tool::BrowserPackages, toolbox::Tool::Chromium])?;
    dist::build()?;
    for path in browser {
        println!("== {}", stem(path));
        let mut node = command::program("node");
        node.arg(path).current_dir(workspace::root().join("tests/browser"));
        if let Some(chromium) = toolbox::chromium() {
            node.env("TABLOG_CHROMIUM", chromium);
        }
        command::run(&mut node)?;
    }
    Ok(())
}

fn beginning_with(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<_> = entries.filter(|path| path.is_file() && stem(path).starts_with(prefix)).collect();
    found.sort();
    found
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}
