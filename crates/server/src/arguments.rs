//! What stands behind `tablog` on the command line.

use lexopt::{Arg, ValueExt};
use std::ffi::OsString;

pub const USAGE: &str = "\
tablog: a Kafka broker

  tablog serve [--listen 127.0.0.1:8080]
      hands out the page; the broker runs in it
  tablog broker [--listen 127.0.0.1:9092] [--set NAME=VALUE]…
      the same broker on TCP, in memory; NAME is a broker setting of Apache Kafka
  tablog --version | --help
";

#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Serve { listen: String },
    Broker { listen: String, settings: Vec<(String, String)> },
    Version,
    Help,
}

impl Command {
    pub fn read(arguments: Vec<OsString>) -> Result<Command, String> {
        let mut parser = lexopt::Parser::from_args(arguments);
        let sentence = |error: lexopt::Error| format!("{error}; `tablog --help` says what there is");
        let command = match parser.next().map_err(sentence)? {
            None | Some(Arg::Long("help") | Arg::Short('h')) => return Ok(Command::Help),
            Some(Arg::Long("version") | Arg::Short('V')) => return Ok(Command::Version),
            Some(Arg::Value(name)) => name.to_string_lossy().into_owned(),
            Some(unknown) => return Err(sentence(unknown.unexpected())),
        };
        match command.as_str() {
            "serve" => serve(&mut parser).map_err(sentence),
            "broker" => broker(&mut parser).map_err(sentence),
            "help" => Ok(Command::Help),
            _ => Err(format!("there is no command `{command}`; `tablog --help` says what there is")),
        }
    }
}

fn serve(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut address = "127.0.0.1:8080".to_owned();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("listen") => address = listen(parser)?,
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            unknown => return Err(unknown.unexpected()),
        }
    }
    Ok(Command::Serve { listen: address })
}

fn broker(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut address = "127.0.0.1:9092".to_owned();
    let mut settings = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("listen") => address = listen(parser)?,
            Arg::Long("set") => settings.push(setting(&parser.value()?.string()?)?),
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            unknown => return Err(unknown.unexpected()),
        }
    }
    Ok(Command::Broker { listen: address, settings })
}

fn listen(parser: &mut lexopt::Parser) -> Result<String, lexopt::Error> {
    let address = parser.value()?.string()?;
    let port =
        address.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port.parse::<u16>());
    match port {
        Some(Ok(_)) => Ok(address),
        _ => Err(format!("--listen wants HOST:PORT, and `{address}` is none").into()),
    }
}

fn setting(text: &str) -> Result<(String, String), lexopt::Error> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err(format!("--set wants NAME=VALUE, and `{text}` is none").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, String> {
        Command::read(line.split_whitespace().map(OsString::from).collect())
    }

    #[test]
    fn what_is_given_is_read() {
        assert_eq!(read("serve"), Ok(Command::Serve { listen: "127.0.0.1:8080".to_owned() }));
        assert_eq!(
            read("broker --listen [::1]:0 --set num.partitions=3 --set=a=b=c"),
            Ok(Command::Broker {
                listen: "[::1]:0".to_owned(),
                settings: vec![("num.partitions".into(), "3".into()), ("a".into(), "b=c".into())],
            })
        );
    }

    #[test]
    fn what_is_not_understood_is_a_sentence() {
        for line in [
            "fly",
            "serve --port 1",
            "broker --listen 9092",
            "broker --set x",
            "serve --listen a:99999",
            "-q",
        ] {
            let sentence = read(line).expect_err(line);
            assert!(sentence.contains("--help"), "{sentence}");
        }
    }
}
