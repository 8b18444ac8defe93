//! `cargo xtask size`: what a visitor downloads, compressed as a static host would, against its limits.

use crate::{dist, options, workspace};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Script and wasm together, in bytes after brotli.
struct Limit {
    side: Side,
    /// What a visitor should wait for at most.
    aim: u64,
    /// What it weighs today and a little: nothing may grow beyond. Lowered whenever something got lighter.
    ceiling: u64,
}

const LIMITS: &[Limit] = &[
    Limit { side: Side::Worker, aim: 250_000, ceiling: 265_500 },
    Limit { side: Side::Dashboard, aim: 450_000, ceiling: 548_000 },
    Limit { side: Side::Tab, aim: 250_000, ceiling: 297_000 },
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Worker,
    Dashboard,
    /// The tab's own worker, which speaks Kafka: loaded beside the page.
    Tab,
}

/// The command: fails where an aim is missed.
pub fn run(arguments: Vec<OsString>) -> Result<(), String> {
    options::none("size", &arguments)?;
    if !workspace::dist().join("index.html").exists() {
        dist::build()?;
    }
    judge(|limit| limit.aim)
}

/// The test: fails where something grew. It says which aims are missed all the same.
pub fn check_growth() -> Result<(), String> {
    judge(|limit| limit.ceiling)
}

fn judge(most: impl Fn(&Limit) -> u64) -> Result<(), String> {
    let mut too_large = Vec::new();
    for limit in LIMITS {
        let mut sum = 0;
        for path in files(&workspace::dist(), limit.side)? {
            let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            let small = compressed_bytes(&bytes)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            println!("{name:<48} {:>9} B {small:>9} B brotli", bytes.len());
            sum += small;
        }
        let missed = if sum > limit.aim { ", which is missed" } else { "" };
        println!("{:?}: {sum} B; the aim is {} B{missed}", limit.side, limit.aim);
        let most = most(limit);
        if sum == 0 || sum > most {
            too_large.push(format!("{:?} has {sum} B, allowed are {most} B", limit.side));
        }
    }
    if too_large.is_empty() { Ok(()) } else { Err(too_large.join("; ")) }
}

/// Scripts and wasm directly in `dist/`.
fn files(dist: &Path, side: Side) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(dist).map_err(|error| format!("{}: {error}", dist.display()))?;
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm" || extension == "js"))
        .filter(|path| side_of(path) == side)
        .collect();
    found.sort();
    Ok(found)
}

fn side_of(path: &Path) -> Side {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match () {
        () if name.starts_with(dist::WORKER) || name == dist::WORKER_ENTRY => Side::Worker,
        () if name.starts_with(dist::TAB) => Side::Tab,
        () => Side::Dashboard,
    }
}

fn compressed_bytes(bytes: &[u8]) -> Result<u64, String> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &parameters)
        .map_err(|error| error.to_string())?;
    Ok(compressed.len() as u64)
}
