//! Makes `dist/` a part of the binary: writes a table of its files for `include_bytes!`.
//!
//! Without `dist/` a release build fails in a sentence; a debug build has an empty table and serves a page
//! that names the command.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist");
    println!("cargo::rerun-if-changed=build.rs");
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let mut table = String::from("&[\n");
    if dist.join("index.html").is_file() {
        println!("cargo::rerun-if-changed={}", dist.display());
        let mut files = Vec::new();
        list(&dist, &mut files);
        files.sort();
        for file in files {
            let name = file.strip_prefix(&dist).map(|name| name.to_string_lossy().replace('\\', "/"));
            let path = file.canonicalize().unwrap_or(file.clone());
            if let Ok(name) = name {
                let _ = writeln!(
                    table,
                    "    ({name:?}, include_bytes!({:?}) as &[u8]),",
                    path.display().to_string()
                );
            }
        }
    } else if is_release {
        println!(
            "cargo::error=dist/ is missing: run `cargo xtask build` first; the page is part of the binary"
        );
    } else {
        // Looked for again at the next build.
        println!("cargo::rerun-if-changed={}", dist.join("index.html").display());
    }
    table.push(']');
    let output = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("dist.rs");
    if let Err(error) = fs::write(&output, table) {
        println!("cargo::error={}: {error}", output.display());
    }
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { list(&path, files) } else { files.push(path) }
    }
}
