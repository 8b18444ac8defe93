//! The native binary `tablog`: the same engine on TCP, and the page from inside the binary.
//!
//! Never knows: `web-sys`, leptos, what a Kafka message means.

mod arguments;
mod broker;
mod connection;
mod engine;
mod files;
mod limits;
mod outbox;
mod page;
mod policy;
mod settings;

pub use arguments::USAGE;

use arguments::Command;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs to the end of the process. What goes wrong is one sentence on standard error and exit code 1.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    end_at_a_bug();
    let command = match Command::read(arguments) {
        Ok(command) => command,
        Err(sentence) => return fail(&sentence),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime cannot start: {error}")),
    };
    let local = tokio::task::LocalSet::new();
    let outcome = match command {
        Command::Help => {
            print!("{USAGE}");
            Ok(())
        }
        Command::Version => {
            println!("tablog {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        Command::Serve { listen } => local.block_on(&runtime, page::serve(listen)),
        Command::Broker { listen, settings } => local.block_on(&runtime, broker::serve(listen, settings)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => fail(&sentence),
    }
}

/// After a failed assertion nothing that the engine says can be trusted: the process ends, as in a release.
fn end_at_a_bug() {
    let say = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |bug| {
        say(bug);
        std::process::exit(101);
    }));
}

fn fail(sentence: &str) -> ExitCode {
    eprintln!("tablog: {sentence}");
    ExitCode::FAILURE
}

/// A listening socket, or a sentence that says why not.
async fn listen(address: &str) -> Result<tokio::net::TcpListener, String> {
    tokio::net::TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("{address} is in use: another program listens there; choose another port with --listen")
        }
        std::io::ErrorKind::PermissionDenied => {
            format!("{address} may not be listened on: choose a port above 1023")
        }
        _ => format!("{address} cannot be listened on: {error}"),
    })
}

/// How the process is asked to end. Made before the ready line is printed: who has read it may ask at once.
struct Ending {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
}

impl Ending {
    #[cfg(unix)]
    fn prepare() -> Result<Ending, String> {
        use tokio::signal::unix::{SignalKind, signal};
        let of = |kind| signal(kind).map_err(|error| format!("signals cannot be received: {error}"));
        Ok(Ending { signals: [of(SignalKind::interrupt())?, of(SignalKind::terminate())?] })
    }

    #[cfg(unix)]
    async fn asked(&mut self) {
        let [interrupt, terminate] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }

    #[cfg(not(unix))]
    fn prepare() -> Result<Ending, String> {
        Ok(Ending {})
    }

    #[cfg(not(unix))]
    async fn asked(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
