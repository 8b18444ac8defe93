//! The middle of the overview: topics, a tape a partition, how much of it is still to be read.

use super::{Layout, Scene};
use crate::model::address;
use crate::model::colour::Tile;
use crate::model::drawing::{Shape, Tenths, group, line, link, path, rect, span, text, tile};
use crate::model::limits::{LAG_WORTH_SAYING, OVERVIEW_LANES_MAX};
use crate::model::message::Message;
use crate::model::snapshot::{Snapshot, TopicPartition};

/// A topic as it stands in the picture.
#[derive(Clone, Debug)]
pub struct DrawnTopic {
    pub name: String,
    pub partitions: usize,
    pub records: i64,
    pub y: f64,
    /// Partitions that are not drawn.
    pub hidden: usize,
}

#[derive(Clone, Debug)]
pub struct Lane {
    pub at: TopicPartition,
    pub tile: Tile,
    pub y: f64,
    pub written: f64,
    pub log_start: i64,
    pub high_watermark: i64,
    /// Those who read it, nearest to the newest last.
    pub readers: Vec<Reader>,
    /// Thin lanes keep their number only now and then.
    pub numbered: bool,
}

#[derive(Clone, Debug)]
pub struct Reader {
    pub group: String,
    pub client: String,
    pub lag: i64,
    pub read: f64,
    pub stopped: bool,
    /// Middle of its ribbon where it leaves the tape, and where it arrives at the member.
    pub y_tape: f64,
    pub y_member: f64,
}

pub fn lay_out(scene: &Scene) -> (Layout, Vec<DrawnTopic>, Vec<Lane>) {
    let s = scene.snapshot;
    let width = scene.room.width;
    let narrow = width < 640.0;
    let total: usize = s.user_topics().map(|(_, t)| t.partitions.len()).sum();
    let many = total > 24;
    let stretch = if narrow || many { 1.0 } else { scene.room.stretch(260.0, 560.0) };
    let roomy = total <= 8;
    let pitch = if many {
        12.0
    } else if narrow {
        50.0
    } else if roomy {
        53.0 * stretch
    } else {
        36.0
    };
    let tape = if many { 8.0 } else { 16.0 * stretch };
    let x1 = if narrow { width - 128.0 } else { (width * 0.645).round() };
    let mut layout = Layout {
        width,
        narrow,
        x_port: if narrow { 0.0 } else { 130.0 },
        x0: if narrow { 30.0 } else { 292.0 },
        x1,
        x_member: if narrow { width - 84.0 } else { width - 184.0 },
        pitch,
        tape,
        per_rate: 0.0,
        span: span_of(s),
    };
    let (topics, lanes) = stack(scene, &layout);
    layout.per_rate = scale(scene, &lanes, pitch, stretch);
    (layout, topics, lanes)
}

fn stack(scene: &Scene, layout: &Layout) -> (Vec<DrawnTopic>, Vec<Lane>) {
    let s = scene.snapshot;
    let (mut topics, mut lanes) = (Vec::new(), Vec::new());
    let mut y = 34.0;
    for (name, topic) in s.user_topics() {
        let room_left = OVERVIEW_LANES_MAX - lanes.len();
        let shown = topic.partitions.len().min(room_left);
        if shown == 0 {
            break;
        }
        topics.push(DrawnTopic {
            name: name.clone(),
            partitions: topic.partitions.len(),
            records: topic.records(),
            y,
            hidden: topic.partitions.len() - shown,
        });
        for (i, partition) in topic.partitions.iter().take(shown).enumerate() {
            let at = TopicPartition::new(name.clone(), i as i32);
            lanes.push(Lane {
                tile: s.tile(&at),
                y: y + 34.0 + i as f64 * layout.pitch,
                written: scene.rates.written(&at),
                log_start: partition.log_start,
                high_watermark: partition.high_watermark,
                readers: Vec::new(),
                numbered: layout.pitch > 20.0 || i % 4 == 0,
                at,
            });
        }
        y += 34.0 + shown as f64 * layout.pitch + 26.0;
    }
    (topics, lanes)
}

/// Records behind the newest that the tapes show: a round number that takes in the longest lag.
fn span_of(s: &Snapshot) -> f64 {
    let running = s.groups.values().filter(|g| !g.members.is_empty());
    let lags =
        running.flat_map(|g| g.partitions().into_iter().filter_map(|p| s.lag(g, &p)).collect::<Vec<_>>());
    let longest = lags.max().unwrap_or(0) as f64;
    let mut span = 1_000.0;
    for factor in [2.0, 2.5, 2.0].into_iter().cycle() {
        if span >= longest || span > 1e12 {
            return span;
        }
        span *= factor;
    }
    span
}

/// Pixels a record a second: the widest step at which no ribbon fills its lane and no bundle grows too thick.
fn scale(scene: &Scene, lanes: &[Lane], pitch: f64, stretch: f64) -> f64 {
    let mut fastest = lanes.iter().map(|l| l.written).fold(0.0, f64::max);
    let total: f64 = lanes.iter().map(|l| l.written).sum();
    let mut bundle: f64 = 0.0;
    for (id, group) in &scene.snapshot.groups {
        for member in &group.members {
            let reads = member.owned.iter().map(|p| scene.rates.read(id, p));
            fastest = reads.clone().fold(fastest, f64::max);
            bundle = bundle.max(reads.sum());
        }
    }
    let fits = |k: f64| fastest * k <= pitch * 0.32 && total * k <= 150.0 && bundle * k <= 44.0;
    let mut step = 0.4 * stretch;
    for factor in [0.5, 0.4, 0.5].into_iter().cycle() {
        if fits(step) || step < 1e-7 {
            return step;
        }
        step *= factor;
    }
    step
}

pub fn draw(scene: &Scene, layout: &Layout, lane: &Lane, tapes: &mut Shape, words: &mut Shape) {
    let Layout { x0, x1, tape, .. } = *layout;
    let y = lane.y;
    // A log longer than the scale goes on to the left, torn; a shorter one begins where it begins.
    let records = (lane.high_watermark - lane.log_start).max(0) as f64;
    let quarter = Tenths(tape / 4.0);
    let torn = format!("H{x0}l-3 {quarter}l3 {quarter}l-3 {quarter}l3 {quarter}");
    let begun = format!("H{}V{}", Tenths(layout.behind(records)), Tenths(y + tape));
    let left = if records > layout.span { torn } else { begun };
    let outline = format!("M{x1} {}{left}H{x1}Z", Tenths(y));
    // What the scale shows beyond the log's beginning.
    let beyond = format!("M{x0} {}H{}", Tenths(y + tape / 2.0), Tenths(layout.behind(records)));
    let mut g = group(lane.tile.class())
        .child(path(beyond).class("skeleton"))
        .child(path(&outline).with("fill", "var(--surface-figure)"))
        .child(path(&outline).class("tapebody"));
    // A line every so many offsets, at round ones: they move left as records arrive.
    let every = layout.span / 20.0;
    let mut offset = (lane.high_watermark as f64 / every).floor() * every;
    while offset > lane.log_start as f64 && lane.high_watermark as f64 - offset < layout.span * 0.97 {
        let x = layout.behind(lane.high_watermark as f64 - offset);
        if x < x1 - 1.0 {
            g.children.push(line(x, y + 1.0, x, y + tape - 1.0).class("cs").with("stroke-opacity", ".45"));
        }
        offset -= every;
    }
    let worst = lane.readers.iter().map(|r| r.lag).max().unwrap_or(0);
    let hatched = worst > LAG_WORTH_SAYING / 2;
    if hatched {
        let x = layout.behind(worst as f64);
        g.children.push(rect(x, y, x1 - x, tape).with("fill", "var(--surface-figure)"));
        g.children.push(rect(x, y, x1 - x, tape).class("hatched").with("fill", "url(#hlag)"));
    }
    g.children.push(path(&outline).class("tapeline"));
    let under = if lane.written > 0.05 { layout.thickness(lane.written) + 2.0 } else { 3.0 };
    g.children.push(line(x1, y - 4.0, x1, y + tape + under).class("hw"));
    tapes.children.push(g);
    numbers(scene, layout, lane, words);
    if hatched && worst > LAG_WORTH_SAYING && layout.pitch > 20.0 {
        let x = layout.behind(worst as f64).max(x0 + 46.0);
        let label = Message::new("number").number("n", worst as f64);
        let width = 12.0 + 7.6 * (worst as f64).log10().floor().max(1.0) + 8.0;
        words.children.push(
            rect(x - width - 5.0, y + 1.5, width, tape - 3.0)
                .with("fill", "var(--surface-figure)")
                .with("rx", 1),
        );
        words.children.push(text(x - 9.0, y + tape / 2.0 + 4.6, label).class("t13 b e lagt"));
    }
}

fn numbers(_scene: &Scene, layout: &Layout, lane: &Lane, words: &mut Shape) {
    let middle = lane.y + layout.tape / 2.0;
    if layout.pitch <= 20.0 {
        let x = if layout.narrow { 4.0 } else { layout.x0 - 82.0 };
        words.children.push(group(lane.tile.class()).child(rect(x, middle - 4.0, 8.0, 8.0).class("c ed")));
        if lane.numbered {
            words
                .children
                .push(text(x + 14.0, middle + 4.0, lane.tile.partition.to_string()).class("t12 i3"));
        }
        return;
    }
    if layout.narrow {
        words.children.push(tile(0.0, middle - 11.0, 22.0, lane.tile));
        return;
    }
    words.children.push(tile(layout.x0 - 89.0, middle - 11.0, 22.0, lane.tile));
    let records = Message::new("number").number("n", lane.high_watermark as f64);
    words.children.push(text(layout.x0 - 12.0, middle + 5.0, records).class("e i2"));
}

pub fn heads(layout: &Layout, topics: &[DrawnTopic], words: &mut Shape) {
    let x = if layout.narrow { 0.0 } else { layout.x0 - 88.0 };
    if !layout.narrow {
        words.children.push(text(0.0, 14.0, Message::new("column-producers")).class("i3"));
    }
    words.children.push(text(x, 14.0, Message::new("column-topics")).class("i3"));
    let x_groups = layout.x_member + if layout.narrow { -20.0 } else { 12.0 };
    words.children.push(text(x_groups, 14.0, Message::new("column-groups")).class("i3"));
    for topic in topics {
        let sub = match topic.hidden {
            0 => Message::new("topic-sub"),
            hidden => Message::new("topic-sub-hidden").number("hidden", hidden as f64),
        };
        let sub = sub.number("partitions", topic.partitions as f64).number("records", topic.records as f64);
        let name = link(address::topic(&topic.name)).child(span(topic.name.as_str()).class("t15 b u"));
        let mut line = text(x, topic.y + 4.0, "");
        line.label = None;
        words.children.push(line.child(name).child(span(sub).class("i3").with("dx", 10)));
    }
}
