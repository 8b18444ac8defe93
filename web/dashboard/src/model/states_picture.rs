//! Where each group stands in its protocol: the states in order, filled where somebody is.

use crate::model::drawing::{Drawing, Room, Shape, Tenths, line, path, text};
use crate::model::message::Message;
use crate::model::snapshot::{Group, Snapshot};

const PROTOCOLS: [(&str, &str, [&str; 5]); 2] = [
    ("classic", "protocol-classic", ["Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead"]),
    ("consumer", "protocol-consumer", ["Empty", "Assigning", "Reconciling", "Stable", "Dead"]),
];
const NAMES_SHOWN: usize = 4;

pub fn draw(s: &Snapshot, room: Room) -> Drawing {
    let width = room.width;
    let narrow = width < 700.0;
    let mut shapes = Vec::new();
    let mut top = 0.0;
    for (kind, name, states) in PROTOCOLS {
        let is_of_kind = |g: &Group| g.is_consumer() == (kind == "consumer");
        let y_name = top + if narrow { 16.0 } else { 33.0 };
        if top > 0.0 && !narrow {
            shapes.push(line(0.0, top, width, top).class("grid"));
        }
        shapes.push(text(0.0, y_name, Message { key: name, arguments: Vec::new() }).class("t15 b"));
        let mut tallest = 0;
        for (i, state) in states.iter().enumerate() {
            let groups = s.groups.iter().filter(|(_, g)| g.state == *state && is_of_kind(g));
            let groups: Vec<&String> = groups.map(|(id, _)| id).collect();
            tallest = tallest.max(groups.len().min(NAMES_SHOWN + 1));
            match narrow {
                true => shapes.extend(listed(i, top, state, &groups, width)),
                false => shapes.extend(in_a_row(i, top, state, &groups, width)),
            }
        }
        top += if narrow { 42.0 + 24.0 * 5.0 } else { 52.0 + 17.0 * tallest as f64 };
    }
    let label = Message::new("states-picture").number("groups", s.groups.len() as f64);
    Drawing { width, height: top, label, shapes }
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

fn in_a_row(i: usize, top: f64, state: &str, groups: &[&String], width: f64) -> Vec<Shape> {
    let left = 176.0;
    let column = (width - left) / 5.0;
    let (x, y) = (left + i as f64 * column + 8.0, top + 28.0);
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

fn listed(i: usize, top: f64, state: &str, groups: &[&String], width: f64) -> Vec<Shape> {
    let y = top + 42.0 + i as f64 * 24.0;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::epochs::tests::tabs;
    use crate::model::snapshot::tests::flights;

    #[test]
    fn each_group_stands_in_the_row_of_its_protocol() {
        let mut s = flights();
        s.groups.insert("tabs".into(), tabs());
        for width in [390.0, 1_200.0] {
            let drawing = draw(&s, Room { width, window_height: 800.0 });
            let y = |name: &str| {
                let is_name = |shape: &&Shape| shape.label == Some(name.into());
                let shape = drawing.shapes.iter().find(is_name).expect("its name is drawn");
                let y = shape.attributes.iter().find(|(attribute, _)| *attribute == "y").expect("a place");
                y.1.parse::<f64>().unwrap()
            };
            assert!(y("flights-readers") < y("tabs"), "{width}");
        }
    }
}
