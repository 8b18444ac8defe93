//! `cargo xtask sim`: hands its arguments to the simulator, built with optimisation and assertions.

use crate::command;
use std::ffi::OsString;

pub fn run(arguments: Vec<OsString>) -> Result<(), String> {
    command::run(
        command::cargo()
            .args(["run", "--quiet", "--profile", "sim", "--package", "tablog-sim", "--"])
            .args(arguments),
    )
}
