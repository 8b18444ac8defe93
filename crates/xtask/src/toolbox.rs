//! What must be on the machine, and how it gets there. Each step says what it does and how long that took,
//! and is done once. Nothing is fetched but packages: crates, npm packages, and Debian's own.

use crate::clock::Stopwatch;
use crate::{command, options, workspace};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

const TRUNK_VERSION: &str = "0.21.14";
const BINARYEN_VERSION: &str = "132.0.0";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    WasmTarget,
    Trunk,
    WasmBindgen,
    Node,
    WasmOpt,
    BrowserPackages,
    Chromium,
    Kcat,
    /// With the JDK that it compiles by.
    Maven,
}

/// What building the page takes.
pub const FOR_DIST: &[Tool] = &[Tool::WasmTarget, Tool::Node, Tool::WasmBindgen, Tool::Trunk, Tool::WasmOpt];

/// What the tests take besides.
pub const FOR_TESTS: &[Tool] = &[Tool::BrowserPackages, Tool::Chromium, Tool::Kcat, Tool::Maven];

pub fn run(arguments: Vec<OsString>) -> Result<(), String> {
    options::none("setup", &arguments)?;
    need(FOR_DIST)?;
    need(FOR_TESTS)
}

/// Sets up what is not there yet.
pub fn need(tools: &[Tool]) -> Result<(), String> {
    for tool in tools {
        if !tool.is_there()? {
            println!("setup: {} …", tool.sentence()?);
            let stopwatch = Stopwatch::start();
            tool.install()?;
            if !tool.is_there()? {
                return Err(format!("{tool:?} was installed and still cannot be found"));
            }
            println!("setup: done in {stopwatch}");
        }
    }
    Ok(())
}

impl Tool {
    fn is_there(self) -> Result<bool, String> {
        Ok(match self {
            Tool::WasmTarget => wasm_target_is_there(),
            Tool::Trunk => version_of(&bin()?.join("trunk")).as_deref() == Some(TRUNK_VERSION),
            Tool::WasmBindgen => version_of(&bin()?.join("wasm-bindgen")) == Some(wasm_bindgen_version()?),
            Tool::Node => node_major().is_some_and(|major| major >= 20),
            Tool::WasmOpt => wasm_opt()?.exists(),
            Tool::BrowserPackages => browser_packages_are_current(),
            Tool::Chromium => chromium().is_some(),
            Tool::Kcat => found("kcat").is_some(),
            Tool::Maven => found("mvn").is_some() && found("javac").is_some(),
        })
    }

    fn sentence(self) -> Result<String, String> {
        Ok(match self {
            Tool::WasmTarget => {
                "adding the target wasm32-unknown-unknown to the toolchain (seconds)".to_owned()
            }
            Tool::Trunk => format!("building Trunk {TRUNK_VERSION} (about three minutes, once)"),
            Tool::WasmBindgen => {
                format!("building wasm-bindgen {} (about a minute, once)", wasm_bindgen_version()?)
            }
            Tool::Node => "looking for Node".to_owned(),
            Tool::WasmOpt => {
                format!("installing wasm-opt from the npm package binaryen {BINARYEN_VERSION} (seconds)")
            }
            Tool::BrowserPackages => "installing the npm packages of tests/browser (seconds)".to_owned(),
            Tool::Chromium => "installing Chromium with apt (about a minute)".to_owned(),
            Tool::Kcat => "installing kcat with apt (seconds)".to_owned(),
            Tool::Maven => "installing a JDK and Maven with apt (about a minute)".to_owned(),
        })
    }

    fn install(self) -> Result<(), String> {
        match self {
            Tool::WasmTarget => {
                command::run(command::program("rustup").args(["target", "add", "wasm32-unknown-unknown"]))
            }
            Tool::Trunk => install_crate("trunk", TRUNK_VERSION),
            Tool::WasmBindgen => install_crate("wasm-bindgen-cli", &wasm_bindgen_version()?),
            Tool::Node => Err("Node 20 or newer is needed: https://nodejs.org".to_owned()),
            Tool::WasmOpt => {
                let folder = workspace::tools()?.join("binaryen");
                std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
                command::run(
                    npm()
                        .args([
                            "install",
                            "--no-save",
                            "--no-audit",
                            "--no-fund",
                            "--loglevel=error",
                            "--prefix",
                        ])
                        .arg(&folder)
                        .arg(format!("binaryen@{BINARYEN_VERSION}")),
                )
            }
            Tool::BrowserPackages => command::run(
                npm()
                    .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
                    .current_dir(workspace::root().join("tests/browser")),
            ),
            Tool::Chromium => apt(&["chromium"]),
            Tool::Kcat => apt(&["kcat"]),
            Tool::Maven => apt(&["default-jdk-headless", "maven"]),
        }
    }
}

/// The folder of the tools that we build ourselves.
pub fn bin() -> Result<PathBuf, String> {
    Ok(workspace::tools()?.join("bin"))
}

/// `PATH` with our own tools first.
pub fn search_path() -> Result<OsString, String> {
    let mut folders = vec![bin()?, workspace::tools()?.join("binaryen/node_modules/.bin")];
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    std::env::join_paths(folders).map_err(|error| error.to_string())
}

pub fn wasm_opt() -> Result<PathBuf, String> {
    Ok(workspace::tools()?.join("binaryen/node_modules/binaryen/bin/wasm-opt"))
}

/// Chromium, or `TABLOG_CHROMIUM` where it is elsewhere.
pub fn chromium() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("TABLOG_CHROMIUM") {
        return Some(PathBuf::from(path));
    }
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].into_iter().find_map(found)
}

fn wasm_bindgen_version() -> Result<String, String> {
    workspace::locked_version("wasm-bindgen")
}

/// The last word but for a bracket of `NAME VERSION (…)`.
fn version_of(program: &Path) -> Option<String> {
    let text = command::answer(Command::new(program).arg("--version"))?;
    text.split_whitespace().nth(1).map(str::to_owned)
}

fn node_major() -> Option<u32> {
    let version = command::answer(command::program("node").arg("--version"))?;
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

fn wasm_target_is_there() -> bool {
    let sysroot = command::answer(command::program("rustc").args(["--print", "sysroot"]));
    sysroot.is_some_and(|path| Path::new(&path).join("lib/rustlib/wasm32-unknown-unknown/lib").exists())
}

/// npm writes a lock of its own into `node_modules` when it is done.
fn browser_packages_are_current() -> bool {
    let folder = workspace::root().join("tests/browser");
    let changed = |path: &Path| path.metadata().and_then(|metadata| metadata.modified()).ok();
    let wanted = changed(&folder.join("package-lock.json"));
    let installed = changed(&folder.join("node_modules/.package-lock.json"));
    wanted.is_none() || installed >= wanted
}

fn found(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn npm() -> Command {
    command::program(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// A tool is run a few times and compiled once: unoptimised it is there in a third of the time. Its own lock file is
/// followed where the registry has all of it; a mirror that lags behind gets to choose what fits instead.
fn install_crate(name: &str, version: &str) -> Result<(), String> {
    let install = |lock: &[&str]| {
        command::run(
            command::cargo()
                .args(["install", "--quiet", "--force", "--version", version])
                .args(lock)
                .arg("--root")
                .arg(workspace::tools()?)
                .arg(name)
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
                .env_remove("CARGO_TARGET_DIR"),
        )
    };
    install(&["--locked"]).or_else(|_| install(&[]))
}

fn apt(packages: &[&str]) -> Result<(), String> {
    let names = packages.join(" ");
    let is_debian = Path::new("/etc/debian_version").exists();
    let is_root = command::answer(Command::new("id").arg("-u")).as_deref() == Some("0");
    if !is_debian {
        return Err(format!("{names} is needed: install it with your system's package tool"));
    }
    if !is_root {
        return Err(format!("{names} is needed: sudo apt-get install --yes {names}"));
    }
    let get = |arguments: &[&str]| {
        command::run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    get(&["update", "-qq"])?;
    get(&[&["install", "-qq", "--yes", "--no-install-recommends"], packages].concat())
}
