//! A sentence as data: the key of a template and what goes into it. Only `i18n` turns one into words.
//!
//! Never knows: a language.

use crate::model::colour::Tile;

#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub key: &'static str,
    pub arguments: Vec<(&'static str, Argument)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    /// A number and how many decimals it is shown with.
    Number(f64, u8),
    /// From outside: shown as it is, never read as markup.
    Text(String),
    Tiles(Vec<Tile>),
    Message(Box<Message>),
}

impl Message {
    pub fn new(key: &'static str) -> Self {
        Message { key, arguments: Vec::new() }
    }

    pub fn number(self, name: &'static str, value: f64) -> Self {
        self.argument(name, Argument::Number(value, 0))
    }

    pub fn decimal(self, name: &'static str, value: f64, decimals: u8) -> Self {
        self.argument(name, Argument::Number(value, decimals))
    }

    pub fn text(self, name: &'static str, value: impl Into<String>) -> Self {
        self.argument(name, Argument::Text(value.into()))
    }

    pub fn tiles(self, name: &'static str, tiles: Vec<Tile>) -> Self {
        self.argument(name, Argument::Tiles(tiles))
    }

    pub fn message(self, name: &'static str, message: Message) -> Self {
        self.argument(name, Argument::Message(Box::new(message)))
    }

    /// An argument is this text.
    pub fn says(&self, name: &str, text: &str) -> bool {
        self.arguments
            .iter()
            .any(|(n, argument)| *n == name && matches!(argument, Argument::Text(t) if t == text))
    }

    fn argument(mut self, name: &'static str, argument: Argument) -> Self {
        self.arguments.push((name, argument));
        self
    }
}

impl From<&'static str> for Message {
    fn from(key: &'static str) -> Self {
        Message::new(key)
    }
}
