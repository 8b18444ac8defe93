//! Small pieces of argument parsing that the commands share.

use std::ffi::OsString;

/// A command that takes nothing refuses what it is given.
pub fn none(command: &str, arguments: &[OsString]) -> Result<(), String> {
    match arguments.first() {
        None => Ok(()),
        Some(unknown) => Err(format!("`cargo xtask {command}` does not know {}", unknown.to_string_lossy())),
    }
}

pub fn parser(arguments: Vec<OsString>) -> lexopt::Parser {
    lexopt::Parser::from_args(arguments)
}
