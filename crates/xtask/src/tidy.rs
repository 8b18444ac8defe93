//! `cargo xtask tidy`: the walls between the crates and the rules of the house, checked.
//!
//! `edges` reads what cargo resolved, `text` reads the files. A finding is one line that names its place.

mod edges;
mod text;

use crate::{options, workspace};
use std::ffi::OsString;

pub fn run(arguments: Vec<OsString>) -> Result<(), String> {
    options::none("tidy", &arguments)?;
    let findings = findings()?;
    if findings.is_empty() {
        println!("tidy: no findings");
        return Ok(());
    }
    for finding in &findings {
        eprintln!("{finding}");
    }
    Err(format!("tidy: {} findings", findings.len()))
}

fn findings() -> Result<Vec<String>, String> {
    let mut findings = edges::findings()?;
    findings.extend(text::findings(&workspace::root())?);
    Ok(findings)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tree_is_tidy() {
        assert_eq!(
            super::findings().expect("cargo metadata and the files can be read"),
            Vec::<String>::new()
        );
    }
}
