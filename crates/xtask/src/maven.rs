//! Programs of ours in Java, compiled by Maven against Apache Kafka's published jars.
//!
//! Never knows: what they do.

use crate::command;
use std::ffi::OsString;
use std::path::Path;

/// Compiles what stands in this folder beside its `pom.xml`: where its classes and all they need are.
pub fn classpath(folder: &Path) -> Result<OsString, String> {
    let target = folder.join("target");
    let list = target.join("classpath");
    let mut maven = command::program("mvn");
    maven.arg("--quiet").arg("--file").arg(folder.join("pom.xml"));
    maven.args(["compile", "dependency:build-classpath"]);
    maven.arg(format!("-Dmdep.outputFile={}", list.display()));
    command::run(&mut maven)?;
    let jars = std::fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?;
    let classes = std::iter::once(target.join("classes"));
    std::env::join_paths(classes.chain(std::env::split_paths(Path::new(jars.trim()))))
        .map_err(|error| error.to_string())
}
