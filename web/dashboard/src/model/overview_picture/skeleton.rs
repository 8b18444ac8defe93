//! The same picture with nothing in it yet: dashed where things will be, with the narrator's notes.

use crate::model::drawing::{Drawing, Room, Shape, Tenths, group, path, rect, text};
use crate::model::message::Message;

pub fn skeleton(room: Room) -> Drawing {
    let width = room.width;
    let narrow = width < 640.0;
    let (x0, x1, xm) =
        if narrow { (26.0, width - 70.0, width - 24.0) } else { (300.0, width * 0.66, width - 184.0) };
    let mut shapes = Vec::new();
    for p in 0..6 {
        let y = 46.0 + f64::from(p) * 53.0;
        let mut g = group("lane");
        if !narrow {
            let d = format!(
                "M130 178C190 178 200 {} {} {}H{}",
                y + 18.0,
                Tenths(x0 - 80.0),
                y + 18.0,
                Tenths(x1)
            );
            g.children.push(path(d).class("skeleton"));
        }
        let middle = Tenths((x1 + xm) / 2.0);
        let ym = 70.0 + f64::from(p / 2) * 106.0;
        let d = format!("M{} {}C{middle} {} {middle} {ym} {} {ym}", Tenths(x1), y - 4.0, y - 4.0, Tenths(xm));
        g.children.push(path(d).class("skeleton"));
        g.children.push(rect(x0, y - 2.0, x1 - x0, 16.0).class("skeleton"));
        g.children.push(text(x0 - 16.0, y + 11.0, p.to_string()).class("t15 b i3 e"));
        shapes.push(g);
    }
    if narrow {
        shapes.push(text(0.0, 26.0, Message::new("note-partition")).class("t15 nr i2"));
    } else {
        let note = |x: f64, y: f64, key: &'static str, class: &'static str| -> Shape {
            text(x, y, Message { key, arguments: Vec::new() }).class(format_args!("t15 nr i2 {class}"))
        };
        let notes = ["note-producer-1", "note-producer-2", "note-producer-3", "note-producer-4"];
        for (i, key) in notes.into_iter().enumerate() {
            shapes.push(note(118.0, 154.0 + i as f64 * 20.0, key, "e"));
        }
        shapes.push(note(x0, 26.0, "note-partition", ""));
        shapes.push(note(xm + 10.0, 66.0, "note-member-1", ""));
        shapes.push(note(xm + 10.0, 86.0, "note-member-2", ""));
    }
    Drawing { width, height: 400.0, label: Message::new("skeleton-picture"), shapes }
}
