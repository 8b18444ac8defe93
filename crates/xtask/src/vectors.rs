//! `cargo xtask vectors`: asks the assignors of Apache Kafka's published jars, by Maven, and keeps their answers.
//!
//! Takes a JDK of version 17 or later and Maven. Never knows: what the answers mean.

use crate::{command, maven, options, workspace};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

pub fn run(arguments: Vec<OsString>) -> Result<(), String> {
    options::none("vectors", &arguments)?;
    command::run(driver()?.arg("write").arg(folder().join("kept")))
}

/// A file with the times that the assignors take in Java.
pub fn java_times() -> Result<PathBuf, String> {
    println!("measuring Apache Kafka's assignors, warm (about two minutes) …");
    let path = folder().join("target/times");
    let times = command::answer(driver()?.arg("bench")).ok_or("the Java driver failed")?;
    std::fs::write(&path, times).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

/// The driver, compiled; what it is to do comes behind.
fn driver() -> Result<Command, String> {
    let mut java = command::program("java");
    java.arg("-classpath").arg(maven::classpath(&folder())?).arg("tablog.vectors.Main");
    Ok(java)
}

fn folder() -> PathBuf {
    workspace::root().join("tests/vectors")
}
