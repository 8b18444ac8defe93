//! `cargo xtask codegen`: turns Kafka's message schemas (`crates/wire/schemas`) into `tablog-wire`'s Rust.
//!
//! `--fetch` renews the schemas from the published jars, `--check` fails when the tree is not what the
//! generator gives. Never knows: what the messages mean.

mod fetch;
mod filled;
mod rust;
mod schema;

use schema::{Kind, Schema};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Runs the subcommand with what stands behind `codegen` on the command line.
pub fn run(args: &[String]) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let wire = root.join("crates/wire");
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => write(&wire),
        ["--check"] => check(&wire),
        ["--fetch"] => {
            fetch::fetch(&wire.join("schemas"))?;
            write(&wire)
        }
        _ => Err("usage: cargo xtask codegen [--check | --fetch]".into()),
    }
}

fn write(wire: &Path) -> Result<(), String> {
    let files = generate(wire)?;
    for stale in standing(wire)? {
        if !files.contains_key(&stale) {
            fs::remove_file(wire.join("src").join(&stale)).map_err(|error| format!("{stale}: {error}"))?;
        }
    }
    for (path, text) in &files {
        let path = wire.join("src").join(path);
        make_folder_of(&path)?;
        if fs::read_to_string(&path).ok().as_ref() != Some(text) {
            fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    println!("codegen: {} files", files.len());
    Ok(())
}

fn check(wire: &Path) -> Result<(), String> {
    let files = generate(wire)?;
    for (path, text) in &files {
        let found = fs::read_to_string(wire.join("src").join(path)).unwrap_or_default();
        if found != *text {
            return Err(format!("crates/wire/src/{path} is not current: run `cargo xtask codegen`"));
        }
    }
    match standing(wire)?.into_iter().find(|path| !files.contains_key(path)) {
        Some(path) => Err(format!("crates/wire/src/{path} has no schema: run `cargo xtask codegen`")),
        None => Ok(()),
    }
}

/// What the generator owns in the tree now, as paths below `crates/wire/src`.
fn standing(wire: &Path) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for folder in ["messages", "records/schema", "filled"] {
        let path = wire.join("src").join(folder);
        if path.is_dir() {
            for name in schema::names_in(&path)? {
                found.push(format!("{folder}/{name}"));
            }
        }
    }
    Ok(found)
}

/// Every generated file: its path below `crates/wire/src` and its formatted text.
fn generate(wire: &Path) -> Result<BTreeMap<String, String>, String> {
    let schemas = Schema::read_folder(&wire.join("schemas"))?;
    let (messages, records): (Vec<&Schema>, Vec<&Schema>) =
        schemas.iter().partition(|schema| matches!(schema.kind, Kind::Request | Kind::Response | Kind::Data));
    let mut files = BTreeMap::new();
    for (folder, group) in [("messages", &messages), ("records/schema", &records)] {
        for schema in group {
            files.insert(format!("{folder}/{}.rs", schema.module()), rust::module(schema, &schemas)?);
        }
        files.insert(format!("{folder}.rs"), rust::index(folder, group));
    }
    files.insert("api_key.rs".into(), rust::api_key(&schemas)?);
    for schema in &schemas {
        files.insert(format!("filled/{}.rs", schema.module()), filled::module(schema));
    }
    files.insert("filled.rs".into(), filled::index(&schemas));
    format_all(files)
}

/// rustfmt over a scratch copy, so that what is compared is what `cargo fmt` leaves alone.
fn format_all(files: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let scratch = env::temp_dir().join(format!("tablog-codegen-{}", std::process::id()));
    let mut paths: Vec<PathBuf> = Vec::new();
    for (path, text) in &files {
        let path = scratch.join(path);
        make_folder_of(&path)?;
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        paths.push(path);
    }
    let status = Command::new("rustfmt")
        .arg("--config-path")
        .arg(root.join("rustfmt.toml"))
        .args(["--edition", "2024"])
        .args(&paths)
        .status()
        .map_err(|error| format!("rustfmt: {error}"))?;
    if !status.success() {
        return Err(format!("rustfmt failed on the generated code in {}", scratch.display()));
    }
    let mut formatted = BTreeMap::new();
    for path in files.into_keys() {
        let text = fs::read_to_string(scratch.join(&path)).map_err(|error| format!("{path}: {error}"))?;
        formatted.insert(path, text);
    }
    let _ = fs::remove_dir_all(&scratch);
    Ok(formatted)
}

fn make_folder_of(path: &Path) -> Result<(), String> {
    match path.parent() {
        Some(folder) => fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn generated_code_is_current() {
        super::run(&["--check".to_string()]).expect("the generated code is current");
    }
}
