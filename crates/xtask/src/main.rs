//! `cargo xtask`: builds, serves, tests and measures the project. Every command is one file.
//!
//! Nothing here reaches a user's machine in a release: no crate of the product may depend on it.

mod bench;
mod clock;
mod codegen;
mod command;
mod dist;
mod glue;
mod maven;
mod options;
mod serve;
mod simulation;
mod size;
mod suite;
mod tally;
mod tidy;
mod toolbox;
mod vectors;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND

  serve [--port 8080] [--no-open]   set up, build in release, serve, open the browser
  test [--only NAME]…               everything that must hold; NAME is one of the parts
  build                             the page, in dist/
  size                              brotli sizes of what dist/ holds, against their limits
  tidy                              crate edges and house rules
  codegen [--check]                 the messages of crates/wire from Kafka's schemas
  vectors                           what Apache Kafka's assignors answer, by Maven
  sim [--seed 0x… | --seeds N]      the simulator
  bench [NAME]…                     measurements
  worker [--debug] [--into FOLDER]  the web worker alone, for `trunk serve`
  setup                             only the tools that the commands above need
";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let command = arguments.next().and_then(|name| name.into_string().ok()).unwrap_or_default();
    let rest: Vec<_> = arguments.collect();
    let outcome = match command.as_str() {
        "serve" => serve::run(rest),
        "test" => suite::run(rest),
        "build" => dist::run(rest),
        "size" => size::run(rest),
        "tidy" => tidy::run(rest),
        "codegen" => codegen::run(&texts(rest)),
        "sim" => simulation::run(rest),
        "bench" => bench::run(rest),
        "setup" => toolbox::run(rest),
        "vectors" => vectors::run(rest),
        "worker" => dist::run_worker(rest),
        "" | "help" | "-h" | "--help" => {
            print!("{USAGE}");
            return if command.is_empty() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
        unknown => Err(format!("there is no command `{unknown}`\n\n{USAGE}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("xtask: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn texts(arguments: Vec<std::ffi::OsString>) -> Vec<String> {
    arguments.into_iter().map(|argument| argument.to_string_lossy().into_owned()).collect()
}
