//! A picture as data: shapes with attributes, drawn by `ui::drawing`. What is written in it is a label: text from
//! outside, or a message that is put into words when it is drawn.
//!
//! Never knows: the DOM.

use crate::model::message::Message;
use std::fmt::Display;

#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    pub width: f64,
    pub height: f64,
    /// The picture in a sentence, for those who do not see it.
    pub label: Message,
    pub shapes: Vec<Shape>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    pub tag: &'static str,
    pub attributes: Vec<(&'static str, String)>,
    pub label: Option<Label>,
    pub children: Vec<Shape>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Label {
    Text(String),
    Say(Message),
}

/// The room that a picture has, in sixteenths of a rem.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Room {
    pub width: f64,
    pub window_height: f64,
}

impl Room {
    /// How much taller than usual lanes may be: at most half as tall again, where the window has room.
    pub fn stretch(&self, chrome: f64, body: f64) -> f64 {
        ((self.window_height - chrome) / body).clamp(1.0, 1.5)
    }
}

impl Shape {
    pub fn new(tag: &'static str) -> Self {
        Shape { tag, attributes: Vec::new(), label: None, children: Vec::new() }
    }

    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.attributes.push((name, value.to_string()));
        self
    }

    pub fn at(self, name: &'static str, value: f64) -> Self {
        self.with(name, Tenths(value))
    }

    pub fn class(self, class: impl Display) -> Self {
        self.with("class", class)
    }

    pub fn child(mut self, shape: Shape) -> Self {
        self.children.push(shape);
        self
    }

    pub fn children(mut self, shapes: impl IntoIterator<Item = Shape>) -> Self {
        self.children.extend(shapes);
        self
    }
}

pub fn rect(x: f64, y: f64, width: f64, height: f64) -> Shape {
    Shape::new("rect").at("x", x).at("y", y).at("width", width.max(0.0)).at("height", height.max(0.0))
}

pub fn line(x1: f64, y1: f64, x2: f64, y2: f64) -> Shape {
    Shape::new("line").at("x1", x1).at("y1", y1).at("x2", x2).at("y2", y2)
}

pub fn path(d: impl Display) -> Shape {
    Shape::new("path").with("d", d)
}

pub fn text(x: f64, y: f64, label: impl Into<Label>) -> Shape {
    let mut shape = Shape::new("text").at("x", x).at("y", y);
    shape.label = Some(label.into());
    shape
}

/// A piece of a line of text that goes on where the one before ended.
pub fn span(label: impl Into<Label>) -> Shape {
    let mut shape = Shape::new("tspan");
    shape.label = Some(label.into());
    shape
}

pub fn group(class: impl Display) -> Shape {
    Shape::new("g").class(class)
}

/// A link within the dashboard; `href` begins with `/`, the base path is put before it when it is drawn.
pub fn link(href: impl Display) -> Shape {
    Shape::new("a").with("href", href)
}

/// A partition's tile: a square with its number.
pub fn tile(x: f64, y: f64, size: f64, tile: crate::model::colour::Tile) -> Shape {
    let number_class = if size < 19.0 { "t12 m b on" } else { "t13 m b on" };
    let mut g = group(tile.class())
        .child(rect(x + 0.5, y + 0.5, size - 1.0, size - 1.0).class("c ed").with("rx", 2))
        .child(text(x + size / 2.0, y + size / 2.0 + 4.6, tile.partition.to_string()).class(number_class));
    for cut in 0..tile.cuts() {
        let (cx, cy, dx, dy) = match cut {
            0 => (x + size, y, -5.0, 5.0),
            1 => (x, y + size, 5.0, -5.0),
            _ => (x + size, y + size, -5.0, -5.0),
        };
        g.children.push(
            path(format!("M{} {}h{}L{} {}Z", Tenths(cx), Tenths(cy), dx, Tenths(cx), Tenths(cy + dy)))
                .with("fill", "var(--surface)"),
        );
    }
    g
}

impl From<String> for Label {
    fn from(text: String) -> Self {
        Label::Text(text)
    }
}

impl From<&str> for Label {
    fn from(text: &str) -> Self {
        Label::Text(text.to_owned())
    }
}

impl From<Message> for Label {
    fn from(message: Message) -> Self {
        Label::Say(message)
    }
}

/// A coordinate: one decimal is finer than any screen.
#[derive(Clone, Copy, Debug)]
pub struct Tenths(pub f64);

impl Display for Tenths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tenths = if self.0.is_finite() { (self.0 * 10.0).round() as i64 } else { 0 };
        if tenths % 10 == 0 { write!(f, "{}", tenths / 10) } else { write!(f, "{}", tenths as f64 / 10.0) }
    }
}
