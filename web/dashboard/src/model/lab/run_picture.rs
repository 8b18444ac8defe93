//! One act of a run: x is milliseconds, a lane a member, a stripe a partition that it reads, in the partition's colour;
//! hatched is what stands still, dashed what nobody owns; under a lane its requests, from sent to answered.
//!
//! Never knows: how it was played.

use super::run::{Act, Call, CallKind, Departure, Holding, LEAD_MS, Lane, Outcome, Protocol};
use crate::model::colour::Tile;
use crate::model::drawing::{Drawing, Room, Shape, Tenths, group, line, path, rect, text};
use crate::model::message::Message;
use crate::model::snapshot::TopicPartition;

#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub act: &'a Act,
    pub protocol: Protocol,
    /// What happens, in few words.
    pub step: &'a Message,
    /// The same for all that stand side by side, so that lengths compare.
    pub end_ms: i64,
    pub tile: &'a dyn Fn(&TopicPartition) -> Tile,
    pub room: Room,
}

impl std::fmt::Debug for Scene<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scene").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}

/// Ticks of the axis are this far apart, whichever of them is the first that has room.
const TICKS_MS: [i64; 10] = [20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000];
const TICKS_MAX: i64 = 8;
const TOP: f64 = 18.0;
/// A letter takes as much room.
const LETTER: f64 = 9.0;

struct Layout {
    x_left: f64,
    x_right: f64,
    bar: f64,
    lane: f64,
    end_ms: i64,
    bottom: f64,
}

impl Layout {
    fn new(scene: &Scene) -> Layout {
        let lanes = scene.act.lanes.len();
        let (bar, lane) = match lanes {
            0..=8 => (20.0, 38.0),
            9..=14 => (14.0, 30.0),
            _ => (9.0, 17.0),
        };
        let longest = scene.act.lanes.iter().map(|l| l.member.chars().count()).max().unwrap_or(0);
        let x_left = (longest as f64 * 7.5 + 8.0).clamp(26.0, 84.0);
        let end_ms = scene.end_ms.max(1);
        Layout {
            x_left,
            x_right: scene.room.width - 2.0,
            bar,
            lane,
            end_ms,
            bottom: TOP + lanes.max(1) as f64 * lane,
        }
    }

    fn x(&self, at_ms: i64) -> f64 {
        let share = at_ms.clamp(0, self.end_ms) as f64 / self.end_ms as f64;
        self.x_left + share * (self.x_right - self.x_left)
    }

    fn y(&self, lane: usize) -> f64 {
        TOP + lane as f64 * self.lane
    }

    fn is_dense(&self) -> bool {
        self.lane < 20.0
    }
}

pub fn draw(scene: &Scene) -> Drawing {
    let layout = Layout::new(scene);
    let mut shapes = axis(&layout);
    let x = layout.x(LEAD_MS);
    shapes.push(
        line(x, 2.0, x, layout.bottom)
            .with("stroke", "var(--ink)")
            .with("stroke-width", 1.5)
            .with("stroke-dasharray", "2 3"),
    );
    let is_right = x > layout.x_left + (layout.x_right - layout.x_left) * 0.6;
    let (x, class) = if is_right { (x - 5.0, "t12 i2 e") } else { (x + 5.0, "t12 i2") };
    shapes.push(text(x, 11.0, scene.step.clone()).class(class));
    for (i, lane) in scene.act.lanes.iter().enumerate() {
        shapes.extend(drawn_lane(scene, &layout, lane, layout.y(i)));
    }
    let figures = scene.act.figures();
    let label = Message::new("lab-run-picture")
        .text("protocol", scene.protocol.name())
        .number("n", figures.stood_still as f64)
        .number("of", figures.of as f64)
        .number("longest", figures.longest_ms as f64)
        .decimal("sum", figures.partition_seconds, 2);
    Drawing { width: scene.room.width, height: layout.bottom + 16.0, label, shapes }
}

fn axis(layout: &Layout) -> Vec<Shape> {
    let has_room = |step: &&i64| layout.end_ms / **step <= TICKS_MAX;
    let step = TICKS_MS.iter().find(has_room).copied().unwrap_or(TICKS_MS[TICKS_MS.len() - 1]);
    let mut shapes = Vec::new();
    for (i, at_ms) in (0..=layout.end_ms).step_by(step as usize).enumerate() {
        let x = layout.x(at_ms);
        shapes.push(line(x, TOP - 4.0, x, layout.bottom).class("grid"));
        let is_near_end = layout.x_right - x < 16.0;
        let y = layout.bottom + 13.0;
        match i {
            0 => shapes.push(text(x, y, "0 ms").class("t12 i3")),
            _ if i % 2 == 1 => {}
            _ if is_near_end => shapes.push(text(layout.x_right, y, number(at_ms)).class("t12 i3 e")),
            _ => shapes.push(text(x, y, number(at_ms)).class("t12 i3 m")),
        }
    }
    shapes
}

fn number(n: i64) -> Message {
    Message::new("number").number("n", n as f64)
}

fn drawn_lane(scene: &Scene, layout: &Layout, lane: &Lane, y: f64) -> Vec<Shape> {
    let begin_ms = lane.from_ms.unwrap_or(0).max(0);
    let end_ms = lane.departed.map_or(scene.act.end_ms, |(at_ms, _)| at_ms).min(scene.end_ms);
    let (x, x_end) = (layout.x(begin_ms), layout.x(end_ms));
    let name_class = if lane.departed.is_some() { "t13 b i3" } else { "t13 b" };
    let name_class = if layout.is_dense() { "t12" } else { name_class };
    let mut shapes = vec![
        text(0.0, y + layout.bar / 2.0 + 4.6, cut(&lane.member, layout.x_left)).class(name_class),
        rect(x, y, x_end - x, layout.bar)
            .with("fill", "var(--surface-figure)")
            .with("stroke", "var(--rule-strong)")
            .with("stroke-width", 0.75),
    ];
    let mut edges: Vec<i64> = vec![begin_ms, end_ms];
    for holding in &lane.holdings {
        edges.push(holding.from_ms);
        edges.extend(holding.until_ms);
    }
    edges.retain(|at_ms| (begin_ms..=end_ms).contains(at_ms));
    edges.sort_unstable();
    edges.dedup();
    for pair in edges.windows(2) {
        shapes.extend(between(scene, layout, lane, (pair[0], pair[1]), y));
    }
    shapes.extend(orphans(scene, layout, lane, y));
    shapes.extend(calls(layout, lane, y + layout.bar + 3.0));
    shapes
}

/// Longer names are in the table.
fn cut(name: &str, room: f64) -> String {
    let most = ((room - 6.0) / 7.5).max(2.0) as usize;
    match name.chars().count() > most {
        true => name.chars().take(most - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}

/// A time in which a member holds the same partitions.
fn between(scene: &Scene, layout: &Layout, lane: &Lane, (from, until): (i64, i64), y: f64) -> Vec<Shape> {
    let is_held = |h: &&Holding| h.from_ms <= from && h.until_ms.is_none_or(|end| end > from);
    let mut held: Vec<&Holding> = lane.holdings.iter().filter(is_held).collect();
    let (x, x_end) = (layout.x(from), layout.x(until));
    if held.is_empty() {
        // Gave up what it had and waits for what it gets; a member that gets nothing does not wait.
        let gave_up = lane.holdings.iter().any(|h| h.until_ms == Some(from));
        let gets = lane.holdings.iter().any(|h| h.from_ms >= until);
        let waits = gets || (scene.act.outcome == Outcome::UnderWay && lane.departed.is_none());
        return match gave_up && waits {
            true => vec![hatch(x, y, x_end - x, layout.bar)],
            false => Vec::new(),
        };
    }
    held.sort_by_key(|h| h.partition);
    let height = layout.bar / held.len() as f64;
    let inset = if height > 4.0 { 0.3 } else { 0.0 };
    let mut shapes = Vec::new();
    for (k, holding) in held.into_iter().enumerate() {
        let y = y + k as f64 * height + inset;
        let height = height - 2.0 * inset;
        let x_read = layout.x(holding.read_ms.unwrap_or(until).clamp(from, until));
        if x_read - x > 0.3 {
            shapes.push(hatch(x, y, x_read - x, height));
        }
        if x_end - x_read > 0.05 {
            let Some(tile) = tile(scene, holding.partition) else { continue };
            let stripe = rect(x_read, y, x_end - x_read, height).class("c");
            shapes.push(group(tile.class()).child(stripe));
        }
    }
    shapes
}

fn tile(scene: &Scene, partition: usize) -> Option<Tile> {
    scene.act.partitions.get(partition).map(|p| (scene.tile)(&p.at))
}

fn hatch(x: f64, y: f64, width: f64, height: f64) -> Shape {
    rect(x, y, width, height).with("fill", "url(#hpause)")
}

/// What a member that is gone had, until somebody reads it again.
fn orphans(scene: &Scene, layout: &Layout, lane: &Lane, y: f64) -> Vec<Shape> {
    let Some((at_ms, how)) = lane.departed else { return Vec::new() };
    let had: Vec<&Holding> = lane.holdings.iter().filter(|h| h.until_ms == Some(at_ms)).collect();
    let height = layout.bar / had.len().max(1) as f64;
    let mut shapes = Vec::new();
    for (k, holding) in had.iter().enumerate() {
        let stood = scene.act.stills.iter().rev().find(|s| s.partition == holding.partition);
        let until_ms = stood.and_then(|s| s.until_ms).unwrap_or(scene.act.end_ms);
        let (x, x_end) = (layout.x(at_ms), layout.x(until_ms));
        let Some(tile) = tile(scene, holding.partition) else { continue };
        let outline = rect(x + 0.75, y + k as f64 * height + 1.0, x_end - x - 1.5, (height - 2.0).max(0.5))
            .with("fill", "none")
            .with("stroke", "var(--e)")
            .with("stroke-width", 1.5)
            .with("stroke-dasharray", "3 3");
        shapes.push(group(tile.class()).child(outline));
    }
    if how == Departure::Crashed {
        let (x, y) = (layout.x(at_ms), y + layout.bar / 2.0);
        let d = format!("M{} {}l8 8m0 -8l-8 8", Tenths(x - 4.0), Tenths(y - 4.0));
        shapes.push(path(d).with("stroke", "var(--ink)").with("stroke-width", 2));
    }
    shapes
}

/// Heartbeats are ticks; what says more is a bar from sent to answered with its letter before it, or, where there is no
/// room, behind the bars that stand close.
fn calls(layout: &Layout, lane: &Lane, y: f64) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let mut crowd = Crowd { end: f64::MIN, letters: String::new() };
    for call in &lane.calls {
        let is_beat = matches!(call.kind, CallKind::Heartbeat | CallKind::ConsumerGroupHeartbeat);
        let x = layout.x(call.sent_ms);
        if call.kind == CallKind::OffsetCommit || call.sent_ms < 0 {
            continue;
        }
        if is_beat && !call.is_news {
            let tick = line(x, y, x, y + 5.0);
            shapes.push(tick.with("stroke", "var(--ink-3)").with("stroke-width", 1.25));
            continue;
        }
        let x_end = layout.x(call.answered_ms.unwrap_or(layout.end_ms));
        if !layout.is_dense() {
            if x - 3.0 - LETTER >= crowd.free_from().max(layout.x_left - LETTER) {
                shapes.extend(crowd.named(layout, y));
                shapes.push(text(x - 3.0, y + 9.0, call.kind.letter()).class("t12 b e"));
            } else {
                crowd.letters.push_str(call.kind.letter());
            }
            crowd.end = crowd.end.max(x_end);
        }
        shapes.extend(bar(layout, call, x, x_end, y));
    }
    shapes.extend(crowd.named(layout, y));
    shapes
}

/// Bars that stand close, and the letters of those that had no room before them.
struct Crowd {
    end: f64,
    letters: String,
}

impl Crowd {
    fn free_from(&self) -> f64 {
        match self.letters.len() {
            0 => self.end,
            n => self.end + 3.0 + n as f64 * LETTER,
        }
    }

    fn named(&mut self, layout: &Layout, y: f64) -> Option<Shape> {
        if self.letters.is_empty() {
            return None;
        }
        let is_within = self.free_from() <= layout.x_right + 2.0;
        let (x, class) = if is_within { (self.end + 3.0, "t12 b") } else { (layout.x_right, "t12 b e") };
        Some(text(x, y + 9.0, std::mem::take(&mut self.letters)).class(class))
    }
}

fn bar(layout: &Layout, call: &Call, x: f64, x_end: f64, y: f64) -> Vec<Shape> {
    let tall = if layout.is_dense() { 5.0 } else { 9.0 };
    let mut shapes = vec![
        line(x, y, x, y + tall).with("stroke", "var(--ink)").with("stroke-width", 2),
        rect(x, y + tall / 2.0 - 1.25, x_end - x, 2.5).with("fill", "var(--ink)"),
    ];
    if call.answered_ms.is_some() {
        let end = line(x_end, y + 1.0, x_end, y + tall - 1.0);
        shapes.push(end.with("stroke", "var(--ink)").with("stroke-width", 1));
    }
    shapes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lab::run::{ActPartition, Still};
    use crate::model::packing::{packed, unpacked};

    /// c2 leaves and its partition 2 goes to c1, which gave 0 and 1 up for it.
    fn eager() -> Act {
        let holding =
            |partition, from_ms, read_ms, until_ms| Holding { partition, from_ms, read_ms, until_ms };
        let call = |kind, sent_ms, answered_ms, is_news| Call {
            kind,
            sent_ms,
            answered_ms: Some(answered_ms),
            error: String::new(),
            is_news,
        };
        let still = |partition| Still { partition, from_ms: 90, until_ms: Some(300) };
        Act {
            end_ms: 400,
            outcome: Outcome::Settled,
            partitions: (0..3)
                .map(|p| ActPartition { at: TopicPartition::new("lab", p), has_reader: true })
                .collect(),
            lanes: vec![
                Lane {
                    member: "c1".into(),
                    holdings: vec![
                        holding(0, -900, Some(-880), Some(180)),
                        holding(1, -900, Some(-880), Some(180)),
                        holding(0, 280, Some(300), None),
                        holding(1, 280, Some(300), None),
                        holding(2, 280, Some(300), None),
                    ],
                    calls: vec![
                        call(CallKind::Heartbeat, 20, 23, false),
                        call(CallKind::Heartbeat, 170, 175, true),
                        call(CallKind::JoinGroup, 180, 250, true),
                        call(CallKind::SyncGroup, 251, 275, true),
                        call(CallKind::OffsetCommit, 176, 179, true),
                    ],
                    ..Lane::default()
                },
                Lane {
                    member: "a-long-name-of-a-consumer".into(),
                    departed: Some((100, Departure::Crashed)),
                    holdings: vec![holding(2, -900, Some(-880), Some(100))],
                    ..Lane::default()
                },
            ],
            stills: (0..3).map(still).collect(),
            kept_gap_ms: 0,
        }
    }

    fn picture(act: &Act, width: f64) -> Drawing {
        let step = Message::new("lab-step-leave").text("member", "c2");
        let tile = |at: &TopicPartition| Tile::new(at.partition, 0);
        let room = Room { width, window_height: 800.0 };
        draw(&Scene { act, protocol: Protocol::Eager, step: &step, end_ms: 400, tile: &tile, room })
    }

    fn flat(shapes: &[Shape]) -> Vec<&Shape> {
        shapes.iter().flat_map(|s| std::iter::once(s).chain(flat(&s.children))).collect()
    }

    fn has(shape: &Shape, name: &str, value: &str) -> bool {
        shape.attributes.iter().any(|(n, v)| *n == name && v == value)
    }

    #[test]
    fn stripes_hatches_outlines_and_letters_are_where_they_were_measured() {
        let act = eager();
        let drawing = picture(&act, 400.0);
        let shapes = flat(&drawing.shapes);
        let stripes = shapes.iter().filter(|s| has(s, "class", "c")).count();
        assert_eq!(stripes, 2 + 3 + 1);
        // The whole lane while nothing is owned, and each stripe until its first record.
        let hatched: Vec<_> = shapes.iter().filter(|s| has(s, "fill", "url(#hpause)")).collect();
        assert_eq!(hatched.len(), 1 + 3);
        assert!(has(hatched[0], "height", "20"));
        let outlines = shapes.iter().filter(|s| has(s, "stroke", "var(--e)")).count();
        assert_eq!(outlines, 1);
        let letters: Vec<_> = shapes
            .iter()
            .filter(|s| s.attributes.iter().any(|(n, v)| *n == "class" && v.starts_with("t12 b")))
            .map(|s| s.label.clone())
            .collect();
        // No letter is lost where bars stand close.
        assert_eq!(letters, ["H", "JS"].map(|letter| Some(letter.into())));
        assert!(drawing.label.says("protocol", "eager"));
    }

    #[test]
    fn a_picture_stays_within_its_room_however_many_take_part() {
        let mut act = eager();
        for n in 0..22 {
            act.lanes.push(Lane { member: format!("m{n}"), ..act.lanes[0].clone() });
        }
        for width in [330.0, 400.0, 1_200.0] {
            let drawing = picture(&act, width);
            assert!(drawing.height < 24.0 * 18.0 + 60.0);
            for shape in flat(&drawing.shapes).into_iter().filter(|s| s.tag == "rect") {
                let value = |name| {
                    let found = shape.attributes.iter().find(|(n, _)| *n == name);
                    found.map_or(0.0, |(_, v)| v.parse::<f64>().unwrap())
                };
                assert!(value("x") >= 0.0 && value("x") + value("width") <= width, "{shape:?}");
            }
        }
        assert_eq!(unpacked(&packed(&act)), Some(act));
    }
}
