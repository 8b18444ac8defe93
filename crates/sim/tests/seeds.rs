//! Five hundred seeds, and what they did. A seed that fails is told in one line that replays it.

use tablog_sim::simulation;
use tablog_sim::tally::Tally;
use tablog_sim::witness::Tracing;

const SEEDS: u64 = 500;

#[test]
fn five_hundred_seeds() {
    let mut tally = Tally::default();
    let mut failed = Vec::new();
    for seed in 0..SEEDS {
        let outcome = simulation::run(seed, Tracing::Off);
        tally += outcome.tally;
        if let Some(sentence) = outcome.violation {
            failed.push(format!("cargo xtask sim --seed {seed:#x}  # {sentence}"));
        }
    }
    println!("{SEEDS} seeds: {tally}");
    assert!(failed.is_empty(), "{} of {SEEDS} seeds failed:\n{}", failed.len(), failed.join("\n"));
    for (name, count) in tally.lines() {
        assert!(count > 0, "no {name} in {SEEDS} seeds");
    }
}
