//! `cargo xtask build`: the page, in `dist/`, ready for any static host under any sub-path.
//!
//! ```text
//! index.html  404.html            the same page: a host that knows no deep link answers with the second
//! tablog-dashboard-HASH.js/.wasm  Trunk's, names changed whenever a byte changes
//! tablog-worker.js                fixed: two names would be two brokers on one log
//! worker-HASH.js/.wasm            what tablog-worker.js loads
//! tablog-tab-HASH.js/.wasm        the tab's own worker, which speaks Kafka for its page
//! ```

use crate::toolbox::{self, Tool};
use crate::{clock::Stopwatch, command, glue, options, workspace};
use std::collections::hash_map::DefaultHasher;
use std::ffi::OsString;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Tells Trunk's hooks that we called it.
const BUILDING: &str = "TABLOG_XTASK_BUILD";

/// How the worker's files begin.
pub const WORKER: &str = "worker";

/// The name that the SDK looks for beside the page.
pub const WORKER_ENTRY: &str = "tablog-worker.js";

/// How the files of the tab's own worker begin.
pub const TAB: &str = "tablog-tab";

/// What wasm-opt may use, beside what the module says it uses: what every browser of the last years has.
const WASM_OPT: &[&str] = &[
    // Nothing is inlined: the compressor finds copies of a function, but not the copies within others. Neither -Os
    // nor -Oz is as small after compression as this is. The second round finds what the first laid open.
    "-O2",
    "-O2",
    "--one-caller-inline-max-function-size=0",
    "--always-inline-max-function-size=0",
    "--flexible-inline-max-function-size=0",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    // Copies of one generic function stand side by side, where the compressor says them in fewer bytes.
    "--reorder-functions-by-name",
    "--strip-debug",
    "--strip-producers",
];

pub fn run(arguments: Vec<OsString>) -> Result<(), String> {
    options::none("build", &arguments)?;
    build()
}

/// Builds what is not current; within one process only once, since nothing changes under a test run.
pub fn build() -> Result<(), String> {
    static BUILT: OnceLock<Result<(), String>> = OnceLock::new();
    BUILT.get_or_init(build_now).clone()
}

fn build_now() -> Result<(), String> {
    toolbox::need(toolbox::FOR_DIST)?;
    let stopwatch = Stopwatch::start();
    let stage = workspace::wasm_target().join("dist");
    let dist = workspace::dist();
    if stage.exists() {
        fs::remove_dir_all(&stage).map_err(at(&stage))?;
    }
    fs::create_dir_all(&stage).map_err(at(&stage))?;
    dashboard(&stage)?;
    worker(&stage, Build::Web)?;
    copy(&stage.join("index.html"), &stage.join("404.html"))?;
    replace(&stage, &dist)?;
    println!("build: {} in {stopwatch}", dist.display());
    Ok(())
}

/// `cargo xtask worker [--debug] [--into FOLDER]`: the worker alone, for Trunk's `post_build` hook in `trunk serve`.
/// Trunk says its folder itself. Under `cargo xtask build`, which makes the worker too, the hook has nothing to do.
pub fn run_worker(arguments: Vec<OsString>) -> Result<(), String> {
    if std::env::var_os(BUILDING).is_some() {
        return Ok(());
    }
    let mut parser = options::parser(arguments);
    let (mut build, mut folder) = (Build::Web, std::env::var_os("TRUNK_STAGING_DIR"));
    while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
        match argument {
            lexopt::Arg::Long("debug") => build = Build::Debug,
            lexopt::Arg::Long("into") => folder = Some(parser.value().map_err(|error| error.to_string())?),
            unknown => return Err(unknown.unexpected().to_string()),
        }
    }
    let folder = PathBuf::from(folder.ok_or("`cargo xtask worker` needs --into FOLDER")?);
    toolbox::need(&[Tool::WasmTarget, Tool::WasmBindgen])?;
    if build == Build::Web {
        toolbox::need(&[Tool::Node, Tool::WasmOpt])?;
    }
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    worker(&folder, build)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Build {
    Web,
    Debug,
}

fn dashboard(stage: &Path) -> Result<(), String> {
    // Trunk is told to fetch nothing, and tells cargo the same.
    command::run(command::cargo().args(["fetch", "--quiet", "--locked"]))?;
    let mut trunk = command::program(toolbox::bin()?.join("trunk"));
    trunk
        .args([
            "build",
            "--release",
            "--cargo-profile",
            "web",
            "--offline=true",
            "--skip-version-check",
            // What is optimised below is no longer what Trunk would have signed.
            "--no-sri=true",
            "--dist",
        ])
        .arg(stage)
        .env("PATH", toolbox::search_path()?)
        .env(BUILDING, "1")
        .env_remove("NO_COLOR");
    command::for_wasm(&mut trunk);
    command::run(&mut trunk)?;
    for wasm in with_extension(stage, "wasm")? {
        let old = name_of(&wasm);
        let name = old.trim_end_matches("_bg.wasm");
        let script = stage.join(format!("{name}.js"));
        shorten(&script, &wasm)?;
        let optimised = optimise(&wasm)?;
        match name.rsplit_once('-').filter(|(_, hash)| is_hash(hash)) {
            Some((stem, _)) => page(stage, stem, [&wasm, &script], &optimised)?,
            None => tab_worker(stage, &wasm, &optimised)?,
        }
    }
    Ok(())
}

/// The two files of the page under names that tell of what they have become.
fn page(stage: &Path, stem: &str, [wasm, script]: [&Path; 2], optimised: &Path) -> Result<(), String> {
    let new_wasm = format!("{stem}-{}_bg.wasm", hash_of(optimised)?);
    substitute(script, &name_of(wasm), &new_wasm)?;
    let new_script = format!("{stem}-{}.js", hash_of(script)?);
    copy(optimised, &stage.join(&new_wasm))?;
    copy(script, &stage.join(&new_script))?;
    for html in with_extension(stage, "html")? {
        substitute(&html, &name_of(wasm), &new_wasm)?;
        substitute(&html, &name_of(script), &new_script)?;
    }
    for replaced in [wasm, script] {
        fs::remove_file(replaced).map_err(at(replaced))?;
    }
    Ok(())
}

/// Of Trunk's three files two, under hashed names: the glue, which loads the wasm itself.
fn tab_worker(stage: &Path, wasm: &Path, optimised: &Path) -> Result<(), String> {
    let (glue, loader) = (stage.join(format!("{TAB}.js")), stage.join(format!("{TAB}_loader.js")));
    let wasm_name = format!("{TAB}-{}.wasm", hash_of(optimised)?);
    copy(optimised, &stage.join(&wasm_name))?;
    let script = fs::read_to_string(&glue).map_err(at(&glue))?;
    fs::write(&glue, format!("{script}\nwasm_bindgen(\"./{wasm_name}\");\n")).map_err(at(&glue))?;
    let glue_name = format!("{TAB}-{}.js", hash_of(&glue)?);
    copy(&glue, &stage.join(&glue_name))?;
    for html in with_extension(stage, "html")? {
        substitute(&html, &name_of(&loader), &glue_name)?;
    }
    for replaced in [wasm, &glue, &loader] {
        fs::remove_file(replaced).map_err(at(replaced))?;
    }
    Ok(())
}

/// The glue and the wasm under hashed names, and in front of them the script whose name never changes.
fn worker(folder: &Path, build: Build) -> Result<(), String> {
    let profile = if build == Build::Web { "web" } else { "dev" };
    let target = workspace::wasm_target();
    command::run(command::cargo_wasm().args([
        "build",
        "--package",
        "tablog-worker",
        "--target",
        "wasm32-unknown-unknown",
        "--profile",
        profile,
    ]))?;
    let compiled = if build == Build::Web { "web" } else { "debug" };
    let wasm = target.join("wasm32-unknown-unknown").join(compiled).join("tablog_worker.wasm");
    let bound = target.join("worker-bindgen");
    if bound.exists() {
        fs::remove_dir_all(&bound).map_err(at(&bound))?;
    }
    command::run(
        command::program(toolbox::bin()?.join("wasm-bindgen"))
            .args(["--target", "no-modules", "--no-typescript", "--out-name", WORKER, "--out-dir"])
            .arg(&bound)
            .arg(&wasm),
    )?;
    let (mut wasm, glue) = (bound.join("worker_bg.wasm"), bound.join("worker.js"));
    if build == Build::Web {
        shorten(&glue, &wasm)?;
        wasm = optimise(&wasm)?;
    }
    let (glue_name, wasm_name) =
        (format!("{WORKER}-{}.js", hash_of(&glue)?), format!("{WORKER}-{}.wasm", hash_of(&wasm)?));
    copy(&glue, &folder.join(&glue_name))?;
    copy(&wasm, &folder.join(&wasm_name))?;
    let template = workspace::root().join("crates/worker/worker.js");
    let entry = fs::read_to_string(&template).map_err(at(&template))?;
    let entry = entry.replace("worker-HASH.js", &glue_name).replace("worker-HASH.wasm", &wasm_name);
    let path = folder.join(WORKER_ENTRY);
    fs::write(&path, entry).map_err(at(&path))
}

/// Both files of one program, in place.
fn shorten(script: &Path, wasm: &Path) -> Result<(), String> {
    let text = fs::read_to_string(script).map_err(at(script))?;
    let module = fs::read(wasm).map_err(at(wasm))?;
    let (text, module) = glue::shorten(&text, &module)?;
    fs::write(script, text).map_err(at(script))?;
    fs::write(wasm, module).map_err(at(wasm))
}

/// The optimised module, kept by the hash of what went in: wasm-opt takes longer than everything else here.
fn optimise(wasm: &Path) -> Result<PathBuf, String> {
    let kept = workspace::wasm_target().join("wasm-opt");
    fs::create_dir_all(&kept).map_err(at(&kept))?;
    let mut hasher = DefaultHasher::new();
    (fs::read(wasm).map_err(at(wasm))?, WASM_OPT).hash(&mut hasher);
    let output = kept.join(format!("{:016x}.wasm", hasher.finish()));
    if output.exists() {
        return Ok(output);
    }
    println!("build: wasm-opt {} …", name_of(wasm));
    let stopwatch = Stopwatch::start();
    let unfinished = output.with_extension("part");
    let mut wasm_opt = command::program("node");
    wasm_opt.arg(toolbox::wasm_opt()?).args(WASM_OPT).arg(wasm).arg("-o").arg(&unfinished);
    command::run(&mut wasm_opt)?;
    fs::rename(&unfinished, &output).map_err(at(&output))?;
    println!("build: done in {stopwatch}");
    Ok(output)
}

/// Puts the staged folder in the place of `dist/`; who serves it meanwhile sees one or the other.
fn replace(stage: &Path, dist: &Path) -> Result<(), String> {
    if dist.exists() {
        fs::remove_dir_all(dist).map_err(at(dist))?;
    }
    fs::rename(stage, dist).map_err(at(dist))
}

fn substitute(path: &Path, old: &str, new: &str) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(at(path))?;
    if text.contains(old) {
        fs::write(path, text.replace(old, new)).map_err(at(path))?;
    }
    Ok(())
}

fn with_extension(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(at(folder))?.flatten().map(|entry| entry.path());
    let mut found: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|is| is == extension)).collect();
    found.sort();
    Ok(found)
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to).map(drop).map_err(at(from))
}

fn hash_of(path: &Path) -> Result<String, String> {
    let mut hasher = DefaultHasher::new();
    fs::read(path).map_err(at(path))?.hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

/// As Trunk writes them: up to sixteen hexadecimal digits.
fn is_hash(text: &str) -> bool {
    (15..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> String + use<> {
    let path = path.to_path_buf();
    move |error| format!("{}: {error}", path.display())
}
