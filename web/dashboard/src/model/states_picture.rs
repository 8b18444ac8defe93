//! Where each group stands in its protocol: the states in order, filled where somebody is.

use crate::model::drawing::{Drawing, Room, Shape, Tenths, line, path, text};
use crate::model::message::Message;
use crate::model::snapshot::Snapshot;

const CLASSIC: [&str; 5] = ["Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead"];
const NAMES_SHOWN: usize = 4;

pub fn draw(s: &Snapshot, room: Room) -> Drawing {
    let width = room.width;
    let narrow = width < 700.0;
    let mut shapes = Vec::new();
    let mut tallest = 0;
    for (i, state) in CLASSIC.iter().enumerate() {
        let groups: Vec<&String> =
            s.groups.iter().filter(|(_, g)| g.state == *state).map(|(id, _)| id).collect();
        tallest = tallest.max(groups.len().min(NAMES_SHOWN + 1));
        match narrow {
            true => shapes.extend(listed(i, state, &groups, width)),
            false => shapes.extend(in_a_row(i, state, &groups, width)),
        }
    }
    let height = if narrow { 42.0 + 24.0 * 5.0 } else { 52.0 + 17.0 * tallest as f64 };
    shapes.insert(
        0,
        text(0.0, if narrow { 16.0 } else { 33.0 }, Message::new("protocol-classic")).class("t15 b"),
    );
    let label = Message::new("states-picture").number("groups", s.groups.len() as f64);
    Drawing { width, height, label, shapes }
}

fn dot(x: f64, y: f64, somebody: bool) -> Shape {
    Shape::new("circle")
        .at("cx", x)
        .at("cy", y)
        .with("r", 5.5)
        .with("fill", if somebody { "var(--ink)" } else { "var(--surface)" })
        .with("stroke", if somebody { "var(--ink)" } else { "var(--rule-strong)" })
        .with("stroke-width", 1.5)
}

fn in_a_row(i: usize, state: &str, groups: &[&String], width: f64) -> Vec<Shape> {
    let left = 164.0;
    let column = (width - left) / 5.0;
    let (x, y) = (left + i as f64 * column + 8.0, 28.0);
    let class = if groups.is_empty() { "i3" } else { "b" };
    let mut shapes = vec![dot(x, y, !groups.is_empty()), text(x + 13.0, y + 4.6, state).class(class)];
    if i < 4 {
        let from = x + state.len() as f64 * 6.9 + 30.0;
        let mut arrow = line(from, y, x + column - 14.0, y).class("axis");
        if i == 3 {
            arrow = arrow.with("stroke-dasharray", "2 4");
        }
        if from < x + column - 20.0 {
            shapes.push(arrow);
        }
        shapes.push(
            path(format!("M{} {}l6 4l-6 4", Tenths(x + column - 18.0), y - 4.0))
                .with("fill", "none")
                .class("axis"),
        );
    }
    for (k, name) in groups.iter().take(NAMES_SHOWN).enumerate() {
        shapes.push(text(x + 13.0, y + 23.0 + k as f64 * 17.0, name.as_str()));
    }
    if groups.len() > NAMES_SHOWN {
        let more = Message::new("and-more").number("n", (groups.len() - NAMES_SHOWN) as f64);
        shapes.push(text(x + 13.0, y + 23.0 + NAMES_SHOWN as f64 * 17.0, more).class("i3"));
    }
    shapes
}

fn listed(i: usize, state: &str, groups: &[&String], width: f64) -> Vec<Shape> {
    let y = 42.0 + i as f64 * 24.0;
    let mut shapes = vec![dot(6.0, y - 4.5, !groups.is_empty())];
    shapes.push(text(20.0, y, state).class(if groups.is_empty() { "i3" } else { "" }));
    if let Some(first) = groups.first() {
        shapes.push(text(width, y, first.as_str()).class("e b"));
    }
    if i < 4 {
        shapes.push(line(6.0, y + 3.0, 6.0, y + 12.0).class("axis"));
    }
    shapes
}
