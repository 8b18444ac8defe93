//! The native binary `tablog`. Everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    tablog_server::run(std::env::args_os().skip(1).collect())
}
