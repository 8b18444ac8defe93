//! Rules that can be read off a file: how it is named, how long it is, how it opens, and what a sans-IO
//! crate must not write.

use std::path::Path;

const LINES_MAX: usize = 800;
const COLUMNS_MAX: usize = 120;

/// The engine decides and the host acts: these crates never touch a platform.
const SANS_IO: &[&str] = &["record", "wire", "log", "group", "broker", "client", "sim"];

const FORBIDDEN_IN_SANS_IO: &[&str] = &[
    "std::time",
    "std::fs",
    "std::thread",
    "std::net",
    "std::sync::mpsc",
    "web_sys",
    "js_sys",
    "wasm_bindgen",
    "tokio::",
    "getrandom",
    "rand::",
    "RandomState",
];

/// The same inside of `use std::{…}`.
const FORBIDDEN_MODULES: &[&str] = &["time", "fs", "thread", "net"];

const BANNED_NAMES: &[&str] =
    &["utils", "util", "common", "helpers", "helper", "types", "manager", "handler", "misc"];

/// Written so that this file does not find itself.
const MACHINE: &[&str] = &[
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
    concat!("artif", "actory"),
];

const TEXT: &[&str] = &[
    "rs", "toml", "md", "js", "mjs", "cjs", "ts", "json", "html", "css", "svg", "yml", "yaml", "sh", "ftl",
    "lock",
];

pub fn findings(root: &Path) -> Result<Vec<String>, String> {
    let mut findings = Vec::new();
    walk(root, root, &mut findings).map_err(|error| format!("{}: {error}", root.display()))?;
    findings.sort();
    Ok(findings)
}

fn walk(root: &Path, folder: &Path, findings: &mut Vec<String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        // In a work tree beside the first, `.git` is a file.
        if name.starts_with("target") || ["dist", "node_modules", ".git"].contains(&name.as_str()) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            walk(root, &path, findings)?;
            continue;
        }
        let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned());
        let is_text = extension.is_none_or(|extension| TEXT.contains(&extension.as_str()));
        if is_text && let Ok(text) = String::from_utf8(std::fs::read(&path)?) {
            let place = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            findings.extend(check(&place, &text));
        }
    }
    Ok(())
}

/// The findings in one file; `place` is its path below the top folder.
fn check(place: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let mut found = |line: usize, what: String| {
        findings.push(if line == 0 { format!("{place}: {what}") } else { format!("{place}:{line}: {what}") });
    };
    for (number, line) in numbered(text) {
        if let Some(machine) = MACHINE.iter().find(|machine| names_machine(line, machine)) {
            found(number, format!("`{machine}` belongs to one machine"));
        }
    }
    let is_rust = place.ends_with(".rs");
    let is_code = is_rust || [".js", ".mjs", ".ts"].iter().any(|ending| place.ends_with(ending));
    let is_generated = text.lines().take(5).any(|line| line.contains("@generated"));
    if !is_code || is_generated {
        return findings;
    }
    let lines = text.lines().count();
    if lines > LINES_MAX {
        found(0, format!("{lines} lines; split it by noun (at most {LINES_MAX})"));
    }
    let file = place.rsplit('/').next().unwrap_or(place);
    let stem = file.split('.').next().unwrap_or(file);
    if BANNED_NAMES.contains(&stem) {
        found(0, format!("`{stem}` says nothing: name the file by its noun"));
    }
    // What stands in a `view!` is the dashboard's to lay out, and no tool wraps scripts.
    let is_wrapped = is_rust && !place.starts_with("web/");
    for (number, line) in numbered(text) {
        let columns = line.chars().count();
        if columns > COLUMNS_MAX && is_wrapped {
            found(number, format!("{columns} columns (at most {COLUMNS_MAX})"));
        }
    }
    if !is_rust {
        return findings;
    }
    if file == "mod.rs" {
        found(0, "write `foo.rs` beside `foo/`, not `foo/mod.rs`".to_owned());
    }
    if !text.starts_with("//!") {
        found(1, "a file opens with `//!`: what it is for and what it must never know".to_owned());
    }
    let is_sans_io = SANS_IO.iter().any(|name| place.starts_with(&format!("crates/{name}/src/")));
    if is_sans_io {
        for (number, line) in numbered(text) {
            if let Some(word) = platform_word(line) {
                found(number, format!("`{word}` in a sans-IO crate"));
            }
        }
    }
    findings
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

/// A path of a machine begins where a word begins: `https://example.org/home/` is none.
fn names_machine(line: &str, machine: &str) -> bool {
    line.match_indices(machine).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !machine.starts_with('/')
            || before.is_none_or(|letter| !(letter.is_alphanumeric() || "._-~}/*".contains(letter)))
    })
}

fn platform_word(line: &str) -> Option<String> {
    let code = line.split("//").next().unwrap_or(line);
    if let Some(word) = FORBIDDEN_IN_SANS_IO.iter().find(|word| names_path(code, word)) {
        return Some((*word).to_owned());
    }
    let group = code.split("std::{").nth(1)?.split('}').next()?;
    let module = group.split(',').map(|item| item.trim().split("::").next().unwrap_or_default());
    module
        .into_iter()
        .find(|module| FORBIDDEN_MODULES.contains(module))
        .map(|module| format!("std::{module}"))
}

fn names_path(code: &str, path: &str) -> bool {
    code.match_indices(path).any(|(at, _)| {
        let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
        let starts = !code[..at].chars().next_back().is_some_and(is_letter);
        let ends = path.ends_with(':') || !code[at + path.len()..].chars().next().is_some_and(is_letter);
        starts && ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sans_io_crate_must_not_write() {
        for line in [
            "use std::time::Instant;",
            "let t = std::time::Instant::now();",
            "use std::{collections::BTreeMap, fs};",
            "use tokio::net::TcpStream;",
            "use rand::Rng;",
        ] {
            let text = format!("//! A file.\n{line}\n");
            assert_eq!(check("crates/log/src/a.rs", &text).len(), 1, "{line}");
            assert_eq!(check("crates/host/src/a.rs", &text).len(), 0, "{line}");
        }
        for line in ["// std::time is not used", "let brand::X = y;", "use std::{fmt, rc::Rc};"] {
            assert_eq!(check("crates/log/src/a.rs", &format!("//! A file.\n{line}\n")).len(), 0, "{line}");
        }
    }

    #[test]
    fn names_lengths_and_openings() {
        assert_eq!(check("crates/log/src/segment/mod.rs", "//! A.\n").len(), 1);
        assert_eq!(check("web/dashboard/src/utils.rs", "//! A.\n").len(), 1);
        assert_eq!(check("crates/log/src/a.rs", "use std::fmt;\n").len(), 1);
        let long = "//! A.\n".repeat(LINES_MAX + 1);
        assert_eq!(check("crates/log/src/a.rs", &long).len(), 1);
        assert_eq!(check("crates/log/src/a.rs", &format!("// @generated\n{long}")).len(), 0);
        let wide = format!("//! {}\n", "x".repeat(COLUMNS_MAX));
        assert_eq!(check("crates/log/src/a.rs", &wide).len(), 1);
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        let path = format!("see {}main", MACHINE[3]);
        assert_eq!(check("README.md", &path).len(), 1);
        assert_eq!(check("README.md", &format!("https://example.org{}page", MACHINE[1])).len(), 0);
    }
}
