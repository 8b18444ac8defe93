//! A group's generations: x is time, a lane a member, stripes are what it owned; hatched is what a rebalance stopped,
//! with its duration.

mod epochs;

use crate::model::drawing::{Drawing, Room, Shape, Tenths, group, line, path, rect, text};
use crate::model::generations::{Generation, History, Why};
use crate::model::limits::GENERATIONS_WINDOW_MS;
use crate::model::message::Message;
use crate::model::quantity;
use crate::model::snapshot::Snapshot;
use tablog_record::SortedSet;

#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    pub snapshot: &'a Snapshot,
    pub history: &'a History,
    /// A consumer group has epochs instead.
    pub by_epochs: bool,
    pub now_ms: i64,
    pub zone_minutes: i64,
    pub room: Room,
}

const LANES_MAX: usize = 24;

struct Layout {
    narrow: bool,
    x_left: f64,
    x_right: f64,
    top: f64,
    lane: f64,
    gap: f64,
    from_ms: i64,
    to_ms: i64,
}

impl Layout {
    fn new(scene: &Scene, members: usize, from_ms: i64) -> Self {
        let width = scene.room.width;
        let narrow = width < 500.0;
        let lane = match members {
            0..=6 if !narrow => 48.0 * scene.room.stretch(380.0, 420.0),
            0..=6 => 48.0,
            7..=12 => 30.0,
            _ => 12.0,
        };
        Layout {
            narrow,
            x_left: if narrow { 78.0 } else { 96.0 },
            x_right: width - 4.0,
            top: 46.0,
            lane,
            gap: if members > 12 { 2.0 } else { 8.0 },
            from_ms,
            to_ms: scene.now_ms,
        }
    }

    /// A member's empty lane, and its name where there is room.
    fn lane(&self, i: usize, member: &str, here: bool) -> Vec<Shape> {
        let y = self.y(i);
        let ground = rect(self.x_left, y, self.x_right - self.x_left, self.lane);
        let mut shapes = vec![ground.with("fill", "var(--surface-sunk)")];
        if self.lane > 11.0 {
            let class = if here { "t13 b" } else { "t13 b i3" };
            shapes.push(text(0.0, y + self.lane / 2.0 + 4.0, member).class(class));
        }
        shapes
    }

    fn x(&self, at_ms: i64) -> f64 {
        let at = at_ms.clamp(self.from_ms, self.to_ms);
        self.x_left
            + (at - self.from_ms) as f64 / (self.to_ms - self.from_ms) as f64 * (self.x_right - self.x_left)
    }

    fn y(&self, lane: usize) -> f64 {
        self.top + lane as f64 * (self.lane + self.gap)
    }
}

pub fn draw(scene: &Scene) -> Drawing {
    if scene.by_epochs {
        return epochs::draw(scene);
    }
    let from_ms = scene.now_ms - GENERATIONS_WINDOW_MS;
    let spans = spans(scene, from_ms);
    let members: SortedSet<&String> = spans.iter().flat_map(|(g, _)| g.owners.keys()).collect();
    let members: Vec<&String> = members.into_iter().take(LANES_MAX).collect();
    let layout = Layout::new(scene, members.len(), from_ms);
    let (width, lane) = (scene.room.width, layout.lane);
    let height = layout.y(members.len().max(1)) + 20.0;
    let mut shapes = ticks(scene, &layout, height);
    for (i, member) in members.iter().enumerate() {
        let y = layout.y(i);
        let here = spans.last().is_some_and(|(g, _)| g.owners.contains_key(*member));
        shapes.extend(layout.lane(i, member, here));
        for (generation, until) in &spans {
            shapes.extend(stripes(scene, &layout, generation, *until, member, y));
        }
        shapes.extend(cross(scene, &layout, member, y));
    }
    // The newest first: where two rebalances stand close together, its words have the room.
    let mut free_to = layout.x_right;
    shapes.extend(forming(scene, &layout, spans.last().map(|(g, _)| *g), &members, &mut free_to));
    for (i, (generation, until)) in spans.iter().enumerate().rev() {
        shapes.extend(heading(&layout, generation, *until, i + 1 == spans.len()));
        let before = i.checked_sub(1).map(|i| spans[i].0);
        shapes.extend(pause(&layout, generation, before, &members, &mut free_to));
    }
    if spans.is_empty() {
        let (x, y) = (layout.x_left + 12.0, layout.y(0) + lane / 2.0 + 4.0);
        shapes.push(text(x, y, Message::new("generations-none")).class("t13 i2"));
    }
    let label = Message::new("generations-picture")
        .number("n", spans.len() as f64)
        .number("members", members.len() as f64);
    Drawing { width, height, label, shapes }
}

/// The generations that the window shows, each with when it ended: when the next rebalance began.
fn spans<'a>(scene: &Scene<'a>, from_ms: i64) -> Vec<(&'a Generation, i64)> {
    let all = &scene.history.generations;
    let mut spans = Vec::new();
    for (i, generation) in all.iter().enumerate() {
        let until = match all.get(i + 1) {
            Some(next) => next.from_ms - next.stopped_ms,
            None => scene.history.forming_since_ms.unwrap_or(scene.now_ms),
        };
        if until >= from_ms {
            spans.push((generation, until));
        }
    }
    spans
}

fn ticks(scene: &Scene, layout: &Layout, height: f64) -> Vec<Shape> {
    let step = (layout.to_ms - layout.from_ms) / if layout.narrow { 2 } else { 4 } / 15_000 * 15_000;
    let mut shapes = Vec::new();
    let mut at = layout.from_ms - layout.from_ms.rem_euclid(step) + step;
    while at < layout.to_ms {
        let x = layout.x(at);
        shapes.push(line(x, layout.top - 4.0, x, height - 18.0).class("grid"));
        if layout.x_right - x > 60.0 {
            shapes.push(text(x, height - 3.0, quantity::clock(at, scene.zone_minutes)).class("t12 i3 m"));
        }
        at += step;
    }
    shapes.push(text(layout.x_right, height - 3.0, Message::new("axis-now")).class("t12 i3 e"));
    shapes
}

fn stripes(
    scene: &Scene,
    layout: &Layout,
    generation: &Generation,
    until: i64,
    member: &str,
    y: f64,
) -> Vec<Shape> {
    let Some(owned) = generation.owners.get(member) else { return Vec::new() };
    let (x, x_end) = (layout.x(generation.from_ms), layout.x(until));
    let (height, width) = (layout.lane / owned.len().max(1) as f64, x_end - x);
    let mut shapes = Vec::new();
    for (k, partition) in owned.iter().enumerate() {
        let y = y + k as f64 * height;
        let inset = if height > 4.0 { 0.5 } else { 0.0 };
        let mut g = group(scene.snapshot.tile(partition).class())
            .child(rect(x, y + inset, width, height - 2.0 * inset).class("c"))
            .child(line(x, y + inset, x, y + height - inset).class("ed"));
        if height > 13.5 && width > 14.0 {
            g = g.child(
                text(x + 7.0, y + height / 2.0 + 4.6, partition.partition.to_string()).class("t13 b on"),
            );
        }
        shapes.push(g);
    }
    shapes
}

/// A session that expired ends in a cross.
fn cross(scene: &Scene, layout: &Layout, member: &str, y: f64) -> Vec<Shape> {
    let Some(departure) = scene.history.departure(member, layout.from_ms) else { return Vec::new() };
    let (x, y) = (layout.x(departure.at_ms) + 7.0, y + layout.lane / 2.0);
    let key = match departure.why {
        Why::Expired => "lane-expired",
        Why::Left => "lane-left",
    };
    let mut shapes = vec![
        path(format!("M{} {}l10 10m0 -10l-10 10", Tenths(x - 5.0), Tenths(y - 5.0)))
            .with("stroke", "var(--ink-2)")
            .with("stroke-width", 2),
    ];
    if layout.x_right - x > 120.0 && layout.lane > 20.0 {
        shapes.push(text(x + 12.0, y + 4.0, Message { key, arguments: Vec::new() }).class("t12 i2"));
    }
    shapes
}

fn heading(layout: &Layout, generation: &Generation, until: i64, last: bool) -> Vec<Shape> {
    let (x, x_end) = (layout.x(generation.from_ms), layout.x(until));
    let number = generation.number.map(f64::from);
    if x_end - x < if layout.narrow { 16.0 } else { 84.0 } && !last {
        return Vec::new();
    }
    let class = if last { "t13 b" } else { "t13 i2" };
    let label = match (number, layout.narrow) {
        (Some(n), false) => Message::new("generation").number("n", n),
        (Some(n), true) => Message::new("number").number("n", n),
        (None, _) => return Vec::new(),
    };
    let near_end = layout.x_right - x < 84.0;
    if !last && !layout.narrow && x > layout.x_right - 180.0 {
        // The newest one's name stands there.
        return Vec::new();
    }
    let (x, class) =
        if near_end { (layout.x_right, format!("{class} e")) } else { (x + 6.0, class.to_owned()) };
    vec![text(x, 13.0, label).class(class)]
}

/// A rebalance: hatched over everyone who stood still, at least 9 px wide; the number is the truth.
fn pause(
    layout: &Layout,
    generation: &Generation,
    before: Option<&Generation>,
    members: &[&String],
    free_to: &mut f64,
) -> Vec<Shape> {
    if generation.stopped_ms <= 0 || generation.from_ms < layout.from_ms {
        return Vec::new();
    }
    let (x, x_end) =
        (layout.x(generation.from_ms - generation.stopped_ms) - 1.0, layout.x(generation.from_ms) + 1.0);
    let width = (x_end - x).max(9.0);
    let mut shapes = Vec::new();
    for (i, member) in members.iter().enumerate() {
        let stood =
            generation.owners.contains_key(*member) || before.is_some_and(|g| g.owners.contains_key(*member));
        if stood {
            shapes.push(rect(x, layout.y(i), width, layout.lane).with("fill", "var(--surface-figure)"));
            shapes.push(rect(x, layout.y(i), width, layout.lane).with("fill", "url(#hpause)"));
        }
    }
    shapes.extend(bracket(layout, x, width, generation.stopped_ms, free_to));
    shapes
}

/// Its words only where they have room left of `free_to`: all of them, or the duration alone, or none.
fn bracket(layout: &Layout, x: f64, width: f64, stopped_ms: i64, free_to: &mut f64) -> Vec<Shape> {
    let d = format!("M{} {}v-5h{}v5", Tenths(x), layout.top - 4.0, Tenths(width));
    let duration = quantity::seconds(stopped_ms);
    let mut shapes =
        vec![path(d).with("fill", "none").with("stroke", "var(--ink)").with("stroke-width", 1.5)];
    let near_end = layout.x_right - x < 60.0;
    let (x_text, class) = if near_end { (layout.x_right, "t12 b e") } else { (x + width / 2.0, "t12 b m") };
    let words = Message::new("lane-stopped").message("duration", duration.clone());
    for (label, room) in [(words, 88.0), (duration, 36.0)] {
        let end = if near_end { x_text } else { x_text + room / 2.0 };
        if end <= *free_to && !(layout.narrow && room > 36.0) {
            *free_to = end - room - 6.0;
            shapes.push(text(x_text, layout.top - 14.0, label).class(class));
            break;
        }
    }
    shapes
}

/// A rebalance that has not ended.
fn forming(
    scene: &Scene,
    layout: &Layout,
    before: Option<&Generation>,
    members: &[&String],
    free_to: &mut f64,
) -> Vec<Shape> {
    let Some(since) = scene.history.forming_since_ms else { return Vec::new() };
    let x = layout.x(since);
    let width = (layout.x_right - x).max(9.0);
    let x = layout.x_right - width;
    let mut shapes = Vec::new();
    for (i, member) in members.iter().enumerate() {
        if before.is_some_and(|g| g.owners.contains_key(*member)) {
            shapes.push(rect(x, layout.y(i), width, layout.lane).with("fill", "var(--surface-figure)"));
            shapes.push(rect(x, layout.y(i), width, layout.lane).with("fill", "url(#hpause)"));
        }
    }
    shapes.extend(bracket(layout, x, width, scene.now_ms - since, free_to));
    shapes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::snapshot::tests::flights;

    #[test]
    fn words_of_rebalances_that_stand_close_do_not_overlap() {
        let room = Room { width: 784.0, window_height: 800.0 };
        let (s, history) = (flights(), History::default());
        let scene = Scene {
            snapshot: &s,
            history: &history,
            by_epochs: false,
            now_ms: 1_000_000,
            zone_minutes: 0,
            room,
        };
        let layout = Layout {
            narrow: false,
            x_left: 96.0,
            x_right: 780.0,
            top: 46.0,
            lane: 48.0,
            gap: 8.0,
            from_ms: scene.now_ms - GENERATIONS_WINDOW_MS,
            to_ms: scene.now_ms,
        };
        let mut free_to = layout.x_right;
        let has_words = |x: f64, free_to: &mut f64| bracket(&layout, x, 9.0, 1_000, free_to).len() == 2;
        assert!(has_words(600.0, &mut free_to));
        assert!(!has_words(570.0, &mut free_to));
        assert!(has_words(500.0, &mut free_to));
    }

    #[test]
    fn a_generation_ends_where_the_next_rebalance_began() {
        let s = flights();
        let mut history = History::default();
        let owners = crate::model::generations::ownership(&s.groups["flights-readers"]);
        for (number, from_ms) in [(1, 900_000), (2, 950_000)] {
            let assignor = "range".to_owned();
            history.completed(Generation {
                number: Some(number),
                from_ms,
                stopped_ms: 600,
                assignor,
                owners: owners.clone(),
            });
        }
        let room = Room { width: 784.0, window_height: 800.0 };
        let scene = Scene {
            snapshot: &s,
            history: &history,
            by_epochs: false,
            now_ms: 1_000_000,
            zone_minutes: 0,
            room,
        };
        let spans = spans(&scene, 850_000);
        assert_eq!(spans.iter().map(|(_, until)| *until).collect::<Vec<_>>(), [949_400, 1_000_000]);
        assert!(draw(&scene).shapes.len() > 20);
    }
}
