//! The left of the overview: who writes, and the ribbons that run under the tapes. Producers of this tab are known by
//! name; what else arrives was written by others.

use super::lanes::{DrawnTopic, Lane};
use super::{Layout, Scene, Writer, ribbon};
use crate::model::drawing::{Shape, Tenths, group, rect, text};
use crate::model::message::Message;
use crate::model::quantity;

pub fn draw(
    scene: &Scene,
    layout: &Layout,
    topics: &[DrawnTopic],
    lanes: &mut [Lane],
    flows: &mut Shape,
    words: &mut Shape,
) {
    for topic in topics {
        let mine: Vec<&mut Lane> = lanes.iter_mut().filter(|l| l.at.topic == topic.name).collect();
        let flowing: Vec<&Lane> = mine.iter().map(|l| &**l).filter(|l| l.written > 0.05).collect();
        let writers: Vec<&Writer> = scene.writers.iter().filter(|w| w.topic == topic.name).collect();
        let (Some(first), Some(last)) = (mine.first(), mine.last()) else { continue };
        let middle = (first.y + last.y + layout.tape) / 2.0;
        if flowing.is_empty() && writers.is_empty() {
            continue;
        }
        let total: f64 = flowing.iter().map(|l| layout.thickness(l.written)).sum::<f64>().max(1.5);
        let mut y = middle - total / 2.0;
        for lane in &flowing {
            let thickness = layout.thickness(lane.written);
            flows.children.push(group(lane.tile.class()).children(ribbon(
                &course(layout, lane, y + thickness / 2.0),
                thickness,
                lane.written,
                lane.tile.place,
            )));
            y += thickness;
        }
        if !layout.narrow {
            words.children.push(
                rect(layout.x_port, middle - total / 2.0 - 3.0, 3.0, total + 6.0).with("fill", "var(--ink)"),
            );
            name(layout, middle, &writers, flowing.iter().map(|l| l.written).sum(), words);
        }
    }
}

/// From the producer's port, under the tape, to its right edge.
fn course(layout: &Layout, lane: &Lane, y_port: f64) -> String {
    let y = lane.y + layout.tape + 1.0 + layout.thickness(lane.written) / 2.0;
    if layout.narrow {
        return format!("M0 {}H{}", Tenths(y), Tenths(layout.x1));
    }
    let (x, bend) = (layout.x_port + 3.0, layout.x0 - 92.0);
    format!(
        "M{} {}C{} {} {} {} {} {}H{}",
        Tenths(x),
        Tenths(y_port),
        Tenths(x + 57.0),
        Tenths(y_port),
        Tenths(bend - 30.0),
        Tenths(y),
        Tenths(bend),
        Tenths(y),
        Tenths(layout.x1)
    )
}

fn name(layout: &Layout, middle: f64, writers: &[&Writer], rate: f64, words: &mut Shape) {
    let x = layout.x_port - 10.0;
    let (who, what) = match writers {
        [] => (text(x, middle - 5.0, Message::new("writers-others")), None),
        [one] => (text(x, middle - 5.0, one.client_id.as_str()), Some(one.key.clone())),
        [one, rest @ ..] => {
            let more = Message::new("writers-more").number("n", rest.len() as f64);
            (text(x, middle - 5.0, one.client_id.as_str()), Some(more))
        }
    };
    words.children.push(who.class("t15 b e"));
    words.children.push(text(x, middle + 13.0, quantity::rate(rate)).class("e i2"));
    if let Some(what) = what {
        words.children.push(text(x, middle + 30.0, what).class("e i3"));
    }
}
