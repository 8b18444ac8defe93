//! A topic's tapes: one lane a partition, x = offset. The strata are shares of keys; flags are committed offsets, the
//! thick bar is the high watermark; at the right the newest records, a cell each, coloured by key.

use crate::model::colour::{Tile, key_class};
use crate::model::drawing::{Drawing, Room, Shape, Tenths, group, line, path, rect, text, tile};
use crate::model::limits::{LAG_WORTH_SAYING, NEWEST_CELLS};
use crate::model::message::Message;
use crate::model::snapshot::{Snapshot, Topic, TopicPartition};
use crate::model::strata::{Keys, RANKS};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// One scale: lengths compare.
    Shared,
    /// Each tape fills its width: shares compare.
    Fill,
}

#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    pub snapshot: &'a Snapshot,
    pub name: &'a str,
    pub topic: &'a Topic,
    pub keys: &'a [Keys],
    /// The group whose flags are filled and whose lag is hatched.
    pub group: Option<&'a str>,
    pub scale: Scale,
    pub room: Room,
    /// The table of partitions does not stand beside the picture, so lanes are numbered.
    pub stacked: bool,
    /// The cell that the keyboard reaches.
    pub cursor: Cursor,
}

/// A cell among the newest records: its lane, and how many records are newer than it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    pub lane: usize,
    pub newer: usize,
    /// It has the focus: what it is is said in the picture.
    pub focused: bool,
}

struct Layout {
    head: f64,
    row: f64,
    tape: f64,
    x0: f64,
    x1: f64,
    x_cells: f64,
    cell: f64,
    cells: usize,
    many: bool,
    from: i64,
    to: i64,
}

pub fn draw(scene: &Scene) -> Drawing {
    let layout = lay_out(scene);
    let partitions = scene.topic.partitions.len();
    let height = layout.head + layout.row * partitions as f64 + 22.0;
    let cursor = scene.cursor.within(scene.keys, layout.cells);
    let mut shapes = axis(scene, &layout, height, cursor);
    for (p, partition) in scene.topic.partitions.iter().enumerate() {
        let y = layout.head + p as f64 * layout.row + if layout.many { 2.0 } else { 12.0 };
        let lane = Lane { p: p as i32, y, start: partition.log_start, end: partition.high_watermark };
        shapes.push(lane_shape(scene, &layout, &lane));
        if !layout.many {
            shapes.push(cells(scene, &layout, &lane, cursor));
        }
    }
    let label = Message::new("tapes-picture")
        .text("topic", scene.name)
        .number("partitions", partitions as f64)
        .number("records", scene.topic.records() as f64);
    Drawing { width: scene.room.width, height, label, shapes }
}

impl Cursor {
    /// From `lane,newer`, as a cell bears it.
    pub fn parse(cell: &str) -> Option<Cursor> {
        let (lane, newer) = cell.split_once(',')?;
        Some(Cursor { lane: lane.parse().ok()?, newer: newer.parse().ok()?, focused: true })
    }

    pub fn name(self) -> String {
        format!("{},{}", self.lane, self.newer)
    }

    /// Where an arrow key leads, which may be where no cell is.
    pub fn step(self, key: &str) -> Option<Cursor> {
        let (lane, newer) = match key {
            "ArrowLeft" => (Some(self.lane), self.newer.checked_add(1)),
            "ArrowRight" => (Some(self.lane), self.newer.checked_sub(1)),
            "ArrowUp" => (self.lane.checked_sub(1), Some(self.newer)),
            "ArrowDown" => (self.lane.checked_add(1), Some(self.newer)),
            "Home" => (Some(self.lane), Some(NEWEST_CELLS - 1)),
            "End" => (Some(self.lane), Some(0)),
            _ => return None,
        };
        Some(Cursor { lane: lane?, newer: newer?, focused: true })
    }

    /// The nearest cell that there is.
    pub fn within(mut self, keys: &[Keys], cells: usize) -> Cursor {
        let count = |lane: usize| keys.get(lane).map_or(0, |k| k.newest(cells).len());
        if count(self.lane) == 0 {
            self.lane = (0..keys.len()).find(|lane| count(*lane) > 0).unwrap_or(0);
        }
        self.newer = self.newer.min(count(self.lane).saturating_sub(1));
        self
    }
}

struct Lane {
    p: i32,
    y: f64,
    start: i64,
    end: i64,
}

fn lay_out(scene: &Scene) -> Layout {
    let width = scene.room.width;
    let narrow = width < 640.0;
    let many = scene.topic.partitions.len() > 24;
    let cells = if many {
        0
    } else if narrow {
        4
    } else {
        NEWEST_CELLS
    };
    let cell = if narrow { 30.0 } else { 31.0 };
    let x0 = if scene.stacked || many { 24.0 } else { 6.0 };
    let x_cells = width - cell * cells as f64 - 6.0;
    let x1 = x_cells
        - if many {
            60.0
        } else if narrow {
            34.0
        } else if scene.topic.records() > 100_000 {
            // A lag of six figures stands between tape and cells.
            104.0
        } else {
            78.0
        };
    let from = scene.topic.partitions.iter().map(|p| p.log_start).min().unwrap_or(0);
    let to = scene.topic.partitions.iter().map(|p| p.high_watermark).max().unwrap_or(0);
    Layout {
        head: if narrow { 22.0 } else { 40.0 },
        row: if many {
            12.0
        } else if narrow {
            56.0
        } else {
            49.0
        },
        tape: if many { 8.0 } else { 26.0 },
        x0,
        x1,
        x_cells,
        cell,
        cells,
        many,
        from: if from < (to - from) / 2 { 0 } else { from },
        to: to.max(1),
    }
}

impl Layout {
    fn x(&self, scale: Scale, lane: &Lane, offset: i64) -> f64 {
        let (from, to) = match scale {
            Scale::Shared => (self.from, self.to),
            Scale::Fill => (lane.start, lane.end.max(lane.start + 1)),
        };
        self.x0 + (offset - from) as f64 / (to - from).max(1) as f64 * (self.x1 - self.x0)
    }
}

fn axis(scene: &Scene, layout: &Layout, height: f64, cursor: Cursor) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let narrow = layout.cells == 4;
    if scene.scale == Scale::Shared {
        let length = (layout.to - layout.from) as f64;
        let step = nice(length / 7.0);
        let mut v = (layout.from as f64 / step).ceil() * step;
        let mut i = 0;
        while v <= layout.to as f64 && i < 12 {
            let x = layout.x0 + (v - layout.from as f64) / length * (layout.x1 - layout.x0);
            shapes.push(line(x, layout.head - 6.0, x, height - 20.0).class("grid"));
            if !narrow || i % 2 == 0 {
                let class = if i == 0 && v == 0.0 { "t12 i3" } else { "t12 i3 m" };
                shapes.push(text(x, height - 6.0, Message::new("number").number("n", v)).class(class));
            }
            v += step;
            i += 1;
        }
    }
    if !narrow {
        let key = if scene.scale == Scale::Shared { "tapes-axis-shared" } else { "tapes-axis-fill" };
        shapes.push(text(layout.x0, 12.0, Message { key, arguments: Vec::new() }).class("t12 i3"));
    }
    if layout.cells > 0 {
        let key = if narrow { "tapes-newest-short" } else { "tapes-newest" };
        let newest = Message { key, arguments: Vec::new() }.number("n", layout.cells as f64);
        let cell = scene.keys.get(cursor.lane).filter(|_| cursor.focused).and_then(|keys| {
            let (offset, key, _) = *keys.newest(layout.cells).iter().rev().nth(cursor.newer)?;
            Some(cell_words(cursor.lane as i32, offset, key))
        });
        shapes.push(match cell {
            Some(cell) => text(scene.room.width - 4.0, 12.0, cell).class("t12 b e"),
            None => text(layout.x_cells, 12.0, newest).class("t12 i3"),
        });
    }
    shapes
}

/// 1, 2 or 5 times a power of ten, at least `v`.
fn nice(v: f64) -> f64 {
    let power = 10f64.powf(v.max(1.0).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|f| f * power).find(|step| *step >= v).unwrap_or(power)
}

fn lane_shape(scene: &Scene, layout: &Layout, lane: &Lane) -> Shape {
    let at = TopicPartition::new(scene.name, lane.p);
    let x = |offset: i64| layout.x(scene.scale, lane, offset);
    let (xs, xe, y, tape) = (x(lane.start), x(lane.end), lane.y, layout.tape);
    let mut g = group("lane");
    if layout.many {
        if lane.p % 4 == 0 {
            g.children.push(text(0.0, y + 8.0, lane.p.to_string()).class("t12 i3"));
        }
    } else if scene.stacked {
        g.children.push(tile(0.0, y + 4.0, 18.0, Tile::new(lane.p, scene.snapshot.first_place(scene.name))));
    }
    g.children.push(rect(xs, y, xe - xs, tape).with("fill", "var(--surface-figure)"));
    let keys = scene.keys.get(lane.p as usize).filter(|k| !k.is_empty());
    match keys {
        Some(keys) if !layout.many => {
            g.children
                .push(rect(xs, y, xe - xs, tape).with("fill", "var(--key-other)").with("fill-opacity", ".3"));
            g.children.extend(strata(keys, lane, xs, xe, tape));
        }
        _ => {
            let colour = Tile::new(lane.p, scene.snapshot.first_place(scene.name)).class();
            g.children.push(
                group(colour)
                    .child(rect(xs, y, xe - xs, tape).class("tapebody"))
                    .child(rect(xs, y, xe - xs, tape).class("tapeline")),
            );
        }
    }
    let start = format!(
        "M{} {}H{}V{}H{}",
        Tenths(xs + 4.0),
        y - 3.0,
        Tenths(xs - 1.0),
        Tenths(y + tape + 3.0),
        Tenths(xs + 4.0)
    );
    g.children.push(path(start).class("start"));
    g.children.push(line(xe + 1.5, y - 4.0, xe + 1.5, y + tape + 4.0).class("hw"));
    g.children.extend(flags(scene, layout, lane, &at));
    if !layout.many {
        tie(scene, layout, lane, &at, xe, &mut g);
    }
    g
}

/// The share of each key along the tape, stacked in a fixed order.
fn strata(keys: &Keys, lane: &Lane, xs: f64, xe: f64, tape: f64) -> Vec<Shape> {
    let columns = (((xe - xs) / 5.0).round() as usize).clamp(2, 160);
    let per_pixel = (lane.end - lane.start) as f64 / (xe - xs).max(1.0);
    let shares = keys.shares(lane.start, lane.end, columns, (per_pixel * 14.0).max(90.0) as i64);
    let mut base = vec![0.0; shares.len()];
    let mut shapes = Vec::new();
    for rank in 0..RANKS {
        let low = base.clone();
        for (b, s) in base.iter_mut().zip(&shares) {
            *b += s[rank];
        }
        if base == low {
            continue;
        }
        let point = |i: usize, v: f64| {
            let x = xs + i as f64 / columns as f64 * (xe - xs);
            format!("{} {}", Tenths(x), Tenths(lane.y + v * tape))
        };
        let above: Vec<_> = base.iter().enumerate().map(|(i, v)| point(i, *v)).collect();
        let below: Vec<_> = low.iter().enumerate().rev().map(|(i, v)| point(i, *v)).collect();
        let d = format!("M{}L{}Z", above.join("L"), below.join("L"));
        shapes.push(path(d).class(format_args!("stratum {}", key_class(Some(rank)))));
    }
    shapes
}

fn flags(scene: &Scene, layout: &Layout, lane: &Lane, at: &TopicPartition) -> Vec<Shape> {
    let (y, tape) = (lane.y, layout.tape);
    let mut shapes = Vec::new();
    for (id, group) in &scene.snapshot.groups {
        let Some(committed) = group.committed.get(at) else { continue };
        let x = layout.x(scene.scale, lane, (*committed).clamp(lane.start, lane.end));
        let chosen = scene.group == Some(id.as_str());
        let lag = scene.snapshot.lag(group, at).unwrap_or(0);
        if chosen && lag > 20 {
            let xe = layout.x(scene.scale, lane, lane.end);
            let under = if layout.many { y + tape } else { y + tape + 3.0 };
            shapes
                .push(rect(x, under, xe - x, if layout.many { 3.0 } else { 6.0 }).with("fill", "url(#hlag)"));
        }
        if layout.many {
            shapes.push(line(x, y - 1.0, x, y + tape + 1.0).class("commit"));
            continue;
        }
        let pole = |top: f64| line(x, top, x, y + tape + 3.0);
        shapes.push(pole(y - 11.0).with("stroke", "var(--surface-figure)").with("stroke-width", 4));
        shapes.push(pole(y - 11.0).class("commit"));
        shapes.push(match chosen {
            true => path(format!("M{} {}h-11l3.5 4-3.5 4h11z", Tenths(x), y - 11.0)).class("pennant"),
            false => path(format!("M{} {}h9l-3 3.5 3 3.5h-9", Tenths(x), y - 11.0))
                .class("commit")
                .with("fill", "var(--surface-figure)")
                .with("stroke-width", 1.5),
        });
    }
    shapes
}

/// The chosen group's lag beside the watermark, and a dotted line to the newest records.
fn tie(scene: &Scene, layout: &Layout, lane: &Lane, at: &TopicPartition, xe: f64, g: &mut Shape) {
    let lag =
        scene.group.and_then(|id| scene.snapshot.groups.get(id)).and_then(|g| scene.snapshot.lag(g, at));
    let mut x = xe + 8.0;
    if let Some(lag) = lag {
        let class = if lag > LAG_WORTH_SAYING { "t15 b lagt" } else { "i3" };
        let label = Message::new("number").number("n", -(lag as f64));
        g.children.push(text(x, lane.y + 15.0, label).class(class));
        x += 14.0 + 8.0 * (1.0 + (lag.max(1) as f64).log10().floor());
    }
    if layout.x_cells - x > 12.0 {
        let y = lane.y + layout.tape / 2.0;
        g.children.push(line(x, y, layout.x_cells - 6.0, y).class("axis").with("stroke-dasharray", "1 4"));
    }
}

fn cell_words(partition: i32, offset: i64, key: &str) -> Message {
    let words = Message::new(if key.is_empty() { "cell-no-key" } else { "cell" });
    words.text("key", key).number("partition", f64::from(partition)).number("offset", offset as f64)
}

fn cells(scene: &Scene, layout: &Layout, lane: &Lane, cursor: Cursor) -> Shape {
    let mut g = group("cells");
    let Some(keys) = scene.keys.get(lane.p as usize) else { return g };
    let newest = keys.newest(layout.cells);
    let first = layout.cells - newest.len();
    let right = layout.x_cells + layout.cell * layout.cells as f64;
    for (i, (offset, key, rank)) in newest.iter().enumerate() {
        let x = layout.x_cells + (first + i) as f64 * layout.cell;
        let mut title = Shape::new("title");
        title.label = Some(cell_words(lane.p, *offset, key).into());
        let here = Cursor { lane: lane.p as usize, newer: newest.len() - 1 - i, ..cursor };
        let mut cell = group(format_args!("cell {}", key_class(*rank)))
            .with("role", "img")
            .with("tabindex", if here == cursor { 0 } else { -1 })
            .with("data-cell", here.name())
            .child(title);
        cell.children.push(
            rect(x + 0.75, lane.y + 0.75, layout.cell - 1.5, layout.tape - 1.5).class("c ed").with("rx", 2),
        );
        if key.chars().count() <= 4 {
            cell = cell.child(text(x + layout.cell / 2.0, lane.y + 17.5, *key).class("t12 m on"));
        }
        g.children.push(cell);
    }
    let at = TopicPartition::new(scene.name, lane.p);
    let group_ = scene.group.and_then(|id| scene.snapshot.groups.get(id));
    if let Some(lag) = group_.and_then(|g| scene.snapshot.lag(g, &at)).filter(|_| !newest.is_empty()) {
        let shown = (lag as usize).min(layout.cells) as f64;
        let x = right - shown * layout.cell;
        let under = lane.y + layout.tape + 3.0;
        g.children.push(rect(x, under, shown * layout.cell, 6.0).with("fill", "url(#hlag)"));
        if (lag as usize) < layout.cells {
            g.children.push(line(x, lane.y - 11.0, x, lane.y + layout.tape + 9.0).class("commit"));
            g.children
                .push(path(format!("M{} {}h-11l3.5 4-3.5 4h11z", Tenths(x), lane.y - 11.0)).class("pennant"));
        }
    }
    g.children.push(line(right + 2.0, lane.y - 4.0, right + 2.0, lane.y + layout.tape + 4.0).class("hw"));
    g
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::snapshot::tests::flights;

    #[test]
    fn the_cursor_stays_on_cells() {
        let mut keys = vec![Keys::default(), Keys::default(), Keys::default()];
        (0..3).for_each(|offset| keys[1].push(offset, Some("ORD")));
        keys[2].push(0, None);
        let at = |lane, newer| Cursor { lane, newer, focused: true };
        assert_eq!(Cursor::default().within(&keys, 10).lane, 1);
        assert_eq!(at(1, 2).step("ArrowLeft").unwrap().within(&keys, 10), at(1, 2));
        assert_eq!(at(1, 2).step("ArrowDown").unwrap().within(&keys, 10), at(2, 0));
        assert_eq!(at(1, 0).step("ArrowRight"), None);
        assert_eq!(Cursor::parse(&at(1, 2).name()), Some(at(1, 2)));
    }

    #[test]
    fn offsets_share_one_scale_or_fill_their_width() {
        let s = flights();
        let room = Room { width: 880.0, window_height: 800.0 };
        let mut scene = Scene {
            snapshot: &s,
            name: "flights",
            topic: &s.topics["flights"],
            keys: &[],
            group: Some("flights-readers"),
            scale: Scale::Shared,
            room,
            stacked: false,
            cursor: Cursor::default(),
        };
        let layout = lay_out(&scene);
        let lane = Lane { p: 0, y: 0.0, start: 0, end: 2186 };
        assert!(layout.x(Scale::Shared, &lane, 2186) < layout.x1 * 0.5);
        assert!((layout.x(Scale::Fill, &lane, 2186) - layout.x1).abs() < 0.01);
        scene.scale = Scale::Fill;
        assert_eq!(draw(&scene).width, 880.0);
        assert_eq!((nice(1110.0), nice(4.0)), (2000.0, 5.0));
    }
}
