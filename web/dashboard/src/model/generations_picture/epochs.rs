//! A consumer group's epochs: an epoch is a dotted line, not a block, and only the stripe that moves is hatched, in
//! the lane of who lets go and then of who gets it.

use super::{LANES_MAX, Layout, Scene, cross, ticks};
use crate::model::drawing::{Drawing, Shape, group, line, rect, text};
use crate::model::epochs::{Epoch, Hold, Span};
use crate::model::feed::Cause;
use crate::model::limits::EPOCHS_WINDOW_MS;
use crate::model::message::Message;
use crate::model::quantity;
use tablog_record::{SortedSet, stable_sort};

/// A pause shorter than this would not be seen.
const PAUSE_WIDTH_MIN: f64 = 9.0;
/// Stretches of a lane with one set of partitions; the oldest are left out.
const STRETCHES_MAX: usize = 400;

pub fn draw(scene: &Scene) -> Drawing {
    let from_ms = scene.now_ms - EPOCHS_WINDOW_MS;
    let epochs = &scene.history.epochs;
    let is_seen = |s: &&Span| s.until_ms.is_none_or(|until| until >= from_ms);
    let spans: Vec<&Span> = epochs.spans.iter().filter(is_seen).collect();
    let lanes: SortedSet<&String> = spans.iter().map(|s| &s.lane).collect();
    let lanes: Vec<&String> = lanes.into_iter().take(LANES_MAX).collect();
    let layout = Layout::new(scene, lanes.len(), from_ms);
    let height = layout.y(lanes.len().max(1)) + 20.0;
    let mut shapes = ticks(scene, &layout, height);
    for (i, lane) in lanes.iter().enumerate() {
        let here = spans.iter().any(|s| s.lane == **lane && s.until_ms.is_none());
        shapes.extend(layout.lane(i, lane, here));
        let of_lane: Vec<&Span> = spans.iter().filter(|s| s.lane == **lane).copied().collect();
        shapes.extend(stripes(scene, &layout, &of_lane, layout.y(i)));
        shapes.extend(words(scene, &layout, &of_lane, layout.y(i)));
        shapes.extend(cross(scene, &layout, lane, layout.y(i)));
    }
    let bottom = layout.y(lanes.len().max(1)) - layout.gap;
    let seen: Vec<&Epoch> = epochs.begun.iter().filter(|e| e.at_ms >= from_ms).collect();
    let before = epochs.begun.iter().rfind(|e| e.at_ms < from_ms);
    let mut free_to = layout.x_right;
    for (i, epoch) in seen.iter().enumerate().rev() {
        shapes.extend(mark(&layout, epoch, bottom, i + 1 == seen.len(), &mut free_to));
    }
    if let Some(before) = before.filter(|_| free_to - layout.x_left > 70.0) {
        let name = Message::new("epoch").number("n", f64::from(before.number));
        shapes.push(text(layout.x_left + 7.0, 13.0, name).class(if seen.is_empty() {
            "t13 b"
        } else {
            "t13 i2"
        }));
    }
    if lanes.is_empty() {
        let (x, y) = (layout.x_left + 12.0, layout.y(0) + layout.lane / 2.0 + 4.0);
        shapes.push(text(x, y, Message::new("epochs-none")).class("t13 i2"));
    }
    let label = Message::new("epochs-picture")
        .number("n", (seen.len() + usize::from(before.is_some())) as f64)
        .number("members", lanes.len() as f64);
    Drawing { width: scene.room.width, height, label, shapes }
}

/// A dotted line with the epoch's number, and who came or went; to the left of it where it is near the end.
fn mark(layout: &Layout, epoch: &Epoch, bottom: f64, last: bool, free_to: &mut f64) -> Vec<Shape> {
    let x = layout.x(epoch.at_ms);
    let dotted = line(x, 4.0, x, bottom).with("stroke", "var(--ink-2)").with("stroke-width", 1.5);
    let mut shapes = vec![dotted.with("stroke-dasharray", "2 3")];
    let why = epoch.cause.as_ref().filter(|_| !layout.narrow);
    // The newest may stand left of its line; of another there is as much as has room.
    let fits = |room: f64| x + room <= *free_to;
    let (room, why) = if fits(110.0) || (last && !fits(62.0)) { (110.0, why) } else { (62.0, None) };
    let at_left = last && !fits(room);
    let begins = if at_left { x - room } else { x };
    if (!at_left && !fits(room)) || begins < layout.x_left - 20.0 {
        *free_to = free_to.min(x);
        return shapes;
    }
    *free_to = begins;
    let (x, end) = if at_left { (x - 7.0, " e") } else { (x + 7.0, "") };
    let name = Message::new("epoch").number("n", f64::from(epoch.number));
    let class = if last { "t13 b" } else { "t13 i2" };
    shapes.push(text(x, 13.0, name).class(format_args!("{class}{end}")));
    if let Some((client, cause)) = why {
        let key = match cause {
            Cause::Joined => "epoch-joins",
            Cause::Left => "epoch-leaves",
            Cause::Expired => "epoch-expires",
        };
        let why = Message { key, arguments: Vec::new() }.text("client", client);
        shapes.push(text(x, 31.0, why).class(format_args!("t12 i2{end}")));
    }
    shapes
}

/// A lane's height is split among what its member holds; where that changes, it is split anew.
fn stripes(scene: &Scene, layout: &Layout, spans: &[&Span], y: f64) -> Vec<Shape> {
    let mut changes: Vec<i64> = spans.iter().flat_map(|s| [Some(s.from_ms), s.until_ms]).flatten().collect();
    changes.push(layout.from_ms);
    changes.retain(|at| (layout.from_ms..layout.to_ms).contains(at));
    stable_sort(&mut changes);
    changes.dedup();
    let ends: Vec<i64> = changes.iter().skip(1).copied().chain([layout.to_ms]).collect();
    let mut shapes = Vec::new();
    for (from, until) in changes.into_iter().zip(ends).rev().take(STRETCHES_MAX) {
        let is_open = |s: &&&Span| s.from_ms <= from && s.until_ms.is_none_or(|end| end > from);
        let mut held: Vec<&Span> = spans.iter().filter(is_open).copied().collect();
        held.sort_by(|a, b| a.partition.cmp(&b.partition));
        let height = layout.lane / held.len().max(1) as f64;
        for (k, span) in held.iter().enumerate() {
            shapes.push(stripe(scene, layout, span, (from, until), (y + k as f64 * height, height)));
        }
    }
    shapes
}

fn stripe(
    scene: &Scene,
    layout: &Layout,
    span: &Span,
    (from, until): (i64, i64),
    (y, height): (f64, f64),
) -> Shape {
    let (x, x_end) = (layout.x(from), layout.x(until));
    let width = x_end - x;
    let inset = if height > 4.0 { 0.5 } else { 0.0 };
    let tile = scene.snapshot.tile(&span.partition);
    let mut g = group(tile.class());
    if span.hold == Hold::LettingGo {
        let x = x.min(x_end - PAUSE_WIDTH_MIN);
        return g.child(still(x, y + inset, x_end - x, height - 2.0 * inset, "var(--e)"));
    }
    g = g.child(rect(x, y + inset, width, height - 2.0 * inset).class("c"));
    if span.from_ms == from {
        g = g.child(line(x, y + inset, x, y + height - inset).class("ed"));
        // The time in which nobody had it, in the lane of who has it now.
        let paused = scene.history.epochs.pause_before(span).filter(|since| *since > layout.from_ms);
        if let Some(since) = paused {
            let x = layout.x(since).min(x - PAUSE_WIDTH_MIN);
            g = g.child(still(x, y + inset, layout.x(from) - x, height - 2.0 * inset, "none"));
        }
    }
    let begins = span.from_ms.max(layout.from_ms) == from;
    if height > 13.5 && width > if begins { 14.0 } else { 30.0 } {
        let number = text(x + 7.0, y + height / 2.0 + 4.6, span.partition.partition.to_string());
        g = g.child(number.class("t13 b on"));
    }
    g
}

fn still(x: f64, y: f64, width: f64, height: f64, edge: &str) -> Shape {
    let ground = rect(x, y, width, height).with("fill", "var(--surface-figure)").with("stroke", edge);
    group("still").child(ground).child(rect(x, y, width, height).with("fill", "url(#hpause)"))
}

/// The last thing that stood still in this lane, in words, where there is room left of it.
fn words(scene: &Scene, layout: &Layout, spans: &[&Span], y: f64) -> Option<Shape> {
    let held = spans.iter().rfind(|s| s.hold == Hold::LettingGo && s.until_ms.is_none());
    let came = || spans.iter().rfind(|s| s.hold == Hold::Reading && s.until_ms.is_none());
    let (span, key, since_ms, until_ms) = match held {
        Some(span) => (span, "lane-held", span.from_ms, scene.now_ms),
        None => {
            let span = came()?;
            (span, "lane-handed", scene.history.epochs.pause_before(span)?, span.from_ms)
        }
    };
    // Only over an empty lane: words over stripes are not read.
    let is_alone = spans.iter().all(|s| s.from_ms >= span.from_ms - 5_000);
    let x = layout.x(since_ms) - PAUSE_WIDTH_MIN - 4.0;
    if layout.narrow || !is_alone || x - layout.x_left < 250.0 || layout.lane < 20.0 {
        return None;
    }
    let message = Message { key, arguments: Vec::new() }
        .number("partition", f64::from(span.partition.partition))
        .message("duration", quantity::seconds(until_ms - since_ms));
    Some(text(x, y + layout.lane / 2.0 + 4.0, message).class("t12 i2 e"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::drawing::Room;
    use crate::model::epochs::Step;
    use crate::model::generations::History;
    use crate::model::snapshot::TopicPartition;
    use crate::model::snapshot::tests::flights;

    fn hatched(shapes: &[Shape]) -> usize {
        let hatch = ("fill", "url(#hpause)".to_owned());
        shapes.iter().map(|s| usize::from(s.attributes.contains(&hatch)) + hatched(&s.children)).sum()
    }

    #[test]
    fn only_the_stripe_that_moves_is_hatched() {
        let s = flights();
        let mut history = History::default();
        let at = |partitions: &[i32]| partitions.iter().map(|p| TopicPartition::new("flights", *p)).collect();
        let step = |client: &str, owned: &[i32], revoking: &[i32]| Step {
            member_id: client.into(),
            client: client.into(),
            owned: at(owned),
            revoking: at(revoking),
        };
        history.epochs.bumped(950_000, 1, None);
        history.epochs.stepped(950_000, &step("tab-1", &[0, 1, 2], &[]));
        history.epochs.bumped(980_000, 2, Some(("tab-2".into(), Cause::Joined)));
        history.epochs.stepped(980_100, &step("tab-1", &[0, 1], &[2]));
        let room = Room { width: 784.0, window_height: 800.0 };
        let draw_at = |history: &History, now_ms| {
            draw(&Scene { snapshot: &s, history, by_epochs: true, now_ms, zone_minutes: 0, room })
        };
        assert_eq!(hatched(&draw_at(&history, 981_000).shapes), 1);
        history.epochs.stepped(981_000, &step("tab-1", &[0, 1], &[]));
        history.epochs.stepped(981_300, &step("tab-2", &[2], &[]));
        // Once where it was let go of, once where it came.
        let drawing = draw_at(&history, 990_000);
        assert_eq!(hatched(&drawing.shapes), 2);
        let dotted = drawing.shapes.iter().filter(|s| s.attributes.iter().any(|(_, v)| v == "2 3")).count();
        assert_eq!(dotted, 2);
        assert_eq!(hatched(&draw_at(&history, 1_100_000).shapes), 0);
    }
}
