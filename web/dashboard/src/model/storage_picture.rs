//! What takes the room: a bar whose spans are partitions, and under it how much of the quota that is.

use crate::model::drawing::{Drawing, Room, group, line, rect, text};
use crate::model::message::Message;
use crate::model::quantity;
use crate::model::snapshot::{Snapshot, TopicPartition};

pub fn draw(s: &Snapshot, usage: Option<(u64, u64)>, room: Room) -> Drawing {
    let width = room.width;
    let total = s.bytes().max(1) as f64;
    let (y, height) = (18.0, 34.0);
    let mut shapes = vec![text(0.0, 11.0, Message::new("room-by-partition")).class("t12 i3")];
    let (mut x, mut own) = (0.0, 0);
    for (name, topic) in &s.topics {
        for (i, partition) in topic.partitions.iter().enumerate() {
            if topic.internal {
                own += partition.bytes;
                continue;
            }
            let span = partition.bytes as f64 / total * width;
            if span >= 0.4 {
                let tile = s.tile(&TopicPartition::new(name.clone(), i as i32));
                let mut g = group(tile.class())
                    .child(rect(x, y, (span - 1.5).max(0.4), height).class("c ed").with("rx", 1));
                if span > 24.0 {
                    g = g.child(text(x + 9.0, y + 22.0, i.to_string()).class("b on t15"));
                }
                shapes.push(g);
            }
            x += span;
        }
    }
    shapes.push(rect(x, y, width - x, height).with("fill", "var(--ink-3)"));
    if own > 0 {
        shapes.push(text(width, 11.0, Message::new("room-own")).class("t12 i3 e"));
    }
    if let Some((used, quota)) = usage {
        let share = used as f64 / quota.max(1) as f64;
        let full = share > 0.95;
        shapes.push(line(0.0, 74.0, width, 74.0).class("axis"));
        let bar = rect(0.0, 72.0, (share * width).clamp(1.0, width), 4.0);
        shapes.push(bar.with("fill", if full { "var(--bad)" } else { "var(--ink)" }));
        shapes.push(line(width - 1.0, 69.0, width - 1.0, 79.0).class("axis"));
        shapes.push(
            text(0.0, 90.0, Message::new("room-used").message("used", quantity::bytes(used))).class("t12 i2"),
        );
        shapes.push(
            text(width, 90.0, Message::new("room-quota").message("quota", quantity::bytes(quota)))
                .class("t12 i2 e"),
        );
    }
    let label = Message::new("room-picture").message("size", quantity::bytes(s.bytes()));
    Drawing { width, height: if usage.is_some() { 94.0 } else { 56.0 }, label, shapes }
}
