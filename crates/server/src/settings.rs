//! `--set NAME=VALUE`: the few settings that are the socket's, and the broker's own, which it checks itself.

use crate::limits::{CONNECTION_IDLE_MS_MAX, FRAME_BYTES_MAX};
use std::collections::BTreeMap;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `socket.request.max.bytes`
    pub frame_bytes_max: usize,
    /// `connections.max.idle.ms`
    pub idle_max: Duration,
    pub broker: BTreeMap<String, String>,
}

impl Settings {
    pub fn read(pairs: Vec<(String, String)>) -> Result<Settings, String> {
        let mut settings = Settings {
            frame_bytes_max: FRAME_BYTES_MAX,
            idle_max: Duration::from_millis(CONNECTION_IDLE_MS_MAX),
            broker: BTreeMap::new(),
        };
        for (name, value) in pairs {
            match name.as_str() {
                "socket.request.max.bytes" => {
                    settings.frame_bytes_max = number(&name, &value, 1, FRAME_BYTES_MAX as u64)? as usize;
                }
                "connections.max.idle.ms" => {
                    settings.idle_max = Duration::from_millis(number(&name, &value, 1, i64::MAX as u64)?);
                }
                _ => {
                    settings.broker.insert(name, value);
                }
            }
        }
        Ok(settings)
    }
}

fn number(name: &str, value: &str, least: u64, most: u64) -> Result<u64, String> {
    let parsed = value.parse().ok().filter(|number| (least..=most).contains(number));
    parsed.ok_or_else(|| format!("{name} is a number from {least} to {most}, and `{value}` is none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> Result<Settings, String> {
        Settings::read(vec![(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn the_sockets_settings_are_bounded_and_the_brokers_are_passed_on() {
        assert_eq!(
            read("socket.request.max.bytes", "1000").map(|settings| settings.frame_bytes_max),
            Ok(1000)
        );
        assert!(read("socket.request.max.bytes", "2147483647").is_err());
        assert!(read("connections.max.idle.ms", "soon").is_err());
        let passed = read("num.partitions", "3").map(|settings| settings.broker);
        assert_eq!(passed, Ok(BTreeMap::from([("num.partitions".to_owned(), "3".to_owned())])));
    }
}
