//! `cargo xtask sim`: runs one seed (`--seed 0x…`, with `--trace` to see what happens in it) or many
//! (`--seeds N [--from X]`). What fails is told in one line that replays it.

use std::process::ExitCode;
use tablog_sim::simulation::{self, Outcome};
use tablog_sim::tally::Tally;
use tablog_sim::witness::Tracing;

const USAGE: &str = "usage: cargo xtask sim --seed 0x… [--trace] | --seeds N [--from X]";

struct Wanted {
    first: u64,
    count: u64,
    tracing: Tracing,
}

fn main() -> ExitCode {
    let wanted = match read(std::env::args().skip(1)) {
        Ok(wanted) => wanted,
        Err(sentence) => {
            eprintln!("{sentence}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let mut tally = Tally::default();
    let mut failed = 0;
    for seed in (0..wanted.count).map(|index| wanted.first.wrapping_add(index)) {
        let Outcome { violation, tally: done, trace, .. } = simulation::run(seed, wanted.tracing);
        print!("{trace}");
        tally += done;
        if let Some(sentence) = violation {
            failed += 1;
            println!("cargo xtask sim --seed {seed:#x}  # {sentence}");
        }
    }
    println!("{} seeds, {failed} failed: {tally}", wanted.count);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read(mut arguments: impl Iterator<Item = String>) -> Result<Wanted, String> {
    let mut wanted = Wanted { first: 0, count: 1, tracing: Tracing::Off };
    let mut named = false;
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let text = arguments.next().ok_or_else(|| format!("{argument} needs a number"))?;
            let parsed = match text.strip_prefix("0x") {
                Some(digits) => u64::from_str_radix(digits, 16),
                None => text.parse(),
            };
            parsed.map_err(|_| format!("`{text}` is not a number"))
        };
        match argument.as_str() {
            "--seed" | "--from" => wanted.first = number()?,
            "--seeds" => wanted.count = number()?,
            "--trace" => wanted.tracing = Tracing::On,
            _ => return Err(format!("`{argument}` is not known")),
        }
        named |= argument == "--seed" || argument == "--seeds";
    }
    if named { Ok(wanted) } else { Err("which seeds?".to_owned()) }
}
