//! Each bug that is put in on purpose is found. `cargo test --profile sim -p tablog-sim --features known-bugs`.
#![cfg(feature = "known-bugs")]

use tablog_record::known_bugs::{self, KnownBug};
use tablog_sim::simulation;
use tablog_sim::witness::Tracing;

const SEEDS: u64 = 500;

/// One test for all, since a bug is in the whole process.
#[test]
fn every_known_bug_is_found() {
    let mut missed = Vec::new();
    for bug in KnownBug::ALL {
        known_bugs::set(Some(bug));
        let found = (0..SEEDS).find_map(|seed| Some((seed, simulation::run(seed, Tracing::Off).violation?)));
        known_bugs::set(None);
        match found {
            Some((seed, sentence)) => println!("{bug:?} is found by seed {seed:#x}: {sentence}"),
            None => missed.push(bug),
        }
    }
    assert!(missed.is_empty(), "not found in {SEEDS} seeds: {missed:?}");
    for seed in 0..5 {
        assert_eq!(simulation::run(seed, Tracing::Off).violation, None, "without a bug nothing is found");
    }
}
