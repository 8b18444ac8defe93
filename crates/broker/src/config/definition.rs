//! What a setting is: its name, type, default and limits, and what Kafka says when a value breaks them.
//!
//! Never knows: what a setting does.

use super::decimal::{self, Decimal};
use std::fmt;

/// One setting of a topic or of the broker.
#[derive(Debug)]
pub struct ConfigDefinition {
    pub name: &'static str,
    pub kind: ConfigKind,
    /// `None` is no value (Kafka's null): another setting or nothing stands in its place.
    pub default: Option<&'static str>,
    pub validator: Validator,
    pub importance: Importance,
    pub standing: Standing,
    /// Our own sentence, with the unit and the limits.
    pub documentation: &'static str,
}

/// Kafka's types, with the codes that DescribeConfigs uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum ConfigKind {
    Boolean = 1,
    String = 2,
    Int = 3,
    Long = 5,
    Double = 6,
    List = 7,
}

#[derive(Clone, Copy, Debug)]
pub enum Validator {
    Any,
    AtLeast(i64),
    /// From 0 to 1, for a `Double`.
    Ratio,
    /// The string, or each element of the list, is one of these.
    OneOf(&'static [&'static str]),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Importance {
    High,
    Medium,
    Low,
}

/// Whether a setting does something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Honoured,
    /// Listed for those who look for it; only its default is taken.
    Fixed,
}

/// A value that fits its definition.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigValue {
    Boolean(bool),
    Integer(i64),
    Double(f64),
    String(String),
    List(Vec<String>),
}

/// A setting that is not taken, in Kafka's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    pub name: String,
    /// `None` where the value is not what is wrong.
    pub value: Option<String>,
    pub reason: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => {
                write!(f, "Invalid value {value} for configuration {}: {}", self.name, self.reason)
            }
            None => f.write_str(&self.reason),
        }
    }
}

impl std::error::Error for ConfigError {}

impl ConfigDefinition {
    pub fn is_read_only(&self) -> bool {
        self.standing == Standing::Fixed
    }

    /// Reads a value and holds it against the limits.
    pub fn parse(&self, text: &str) -> Result<ConfigValue, ConfigError> {
        let text = text.trim();
        let value = self.read(text)?;
        self.validate(text, &value)?;
        if self.standing == Standing::Fixed {
            self.expect_default(text, &value)?;
        }
        Ok(value)
    }

    fn read(&self, text: &str) -> Result<ConfigValue, ConfigError> {
        let no_number = |kind: &str| self.refuse(text, format!("Not a number of type {kind}"));
        match self.kind {
            ConfigKind::Boolean if text.eq_ignore_ascii_case("true") => Ok(ConfigValue::Boolean(true)),
            ConfigKind::Boolean if text.eq_ignore_ascii_case("false") => Ok(ConfigValue::Boolean(false)),
            ConfigKind::Boolean => Err(self.refuse(text, "Expected value to be either true or false")),
            ConfigKind::Int => match text.parse::<i32>() {
                Ok(number) => Ok(ConfigValue::Integer(number.into())),
                Err(_) => Err(no_number("INT")),
            },
            ConfigKind::Long => text.parse().map(ConfigValue::Integer).map_err(|_| no_number("LONG")),
            ConfigKind::Double => match decimal::parse(text) {
                Some(number) => Ok(ConfigValue::Double(number)),
                None => Err(no_number("DOUBLE")),
            },
            ConfigKind::String => Ok(ConfigValue::String(text.to_string())),
            ConfigKind::List if text.is_empty() => Ok(ConfigValue::List(Vec::new())),
            ConfigKind::List => {
                Ok(ConfigValue::List(text.split(',').map(|element| element.trim().to_string()).collect()))
            }
        }
    }

    fn validate(&self, text: &str, value: &ConfigValue) -> Result<(), ConfigError> {
        match (self.validator, value) {
            (Validator::AtLeast(least), ConfigValue::Integer(number)) if *number < least => {
                Err(self.refuse(text, format!("Value must be at least {least}")))
            }
            (Validator::Ratio, ConfigValue::Double(number)) if *number < 0.0 => {
                Err(self.refuse(text, "Value must be at least 0"))
            }
            (Validator::Ratio, ConfigValue::Double(number)) if *number > 1.0 => {
                Err(self.refuse(text, "Value must be no more than 1"))
            }
            (Validator::OneOf(names), ConfigValue::String(name)) => self.expect_one_of(names, name),
            (Validator::OneOf(names), ConfigValue::List(elements)) => {
                elements.iter().try_for_each(|element| self.expect_one_of(names, element))
            }
            _ => Ok(()),
        }
    }

    fn expect_one_of(&self, names: &[&str], name: &str) -> Result<(), ConfigError> {
        if names.contains(&name) {
            return Ok(());
        }
        Err(self.refuse(name, format!("String must be one of: {}", names.join(", "))))
    }

    fn expect_default(&self, text: &str, value: &ConfigValue) -> Result<(), ConfigError> {
        let default = self.default.map(|default| self.read(default)).transpose()?;
        if default.as_ref() == Some(value) {
            return Ok(());
        }
        let only = self.default.unwrap_or("no value");
        Err(self.refuse(text, format!("Tablog does not act on this setting: only {only} is taken")))
    }

    pub(super) fn refuse(&self, value: &str, reason: impl Into<String>) -> ConfigError {
        ConfigError { name: self.name.to_string(), value: Some(value.to_string()), reason: reason.into() }
    }
}

impl ConfigValue {
    /// The integer; a definition of another kind is a mistake of this crate's tables.
    pub(super) fn integer(&self) -> i64 {
        match self {
            ConfigValue::Integer(number) => *number,
            _ => unreachable!("it was asked for as an integer"),
        }
    }

    pub(super) fn is_true(&self) -> bool {
        *self == ConfigValue::Boolean(true)
    }

    pub(super) fn double(&self) -> f64 {
        match self {
            ConfigValue::Double(number) => *number,
            _ => unreachable!("it was asked for as a number"),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        match self {
            ConfigValue::String(text) => text == name,
            ConfigValue::List(elements) => elements.iter().any(|element| element == name),
            _ => unreachable!("it was asked for as text"),
        }
    }
}

/// As Kafka writes a value into DescribeConfigs.
impl fmt::Display for ConfigValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigValue::Boolean(value) => write!(f, "{value}"),
            ConfigValue::Integer(number) => write!(f, "{number}"),
            ConfigValue::Double(number) => write!(f, "{}", Decimal(*number)),
            ConfigValue::String(text) => f.write_str(text),
            ConfigValue::List(elements) => f.write_str(&elements.join(",")),
        }
    }
}
