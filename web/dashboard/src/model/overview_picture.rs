//! The living picture: producers on the left, topics with their tapes in the middle, groups with their members on the
//! right. Thickness is records a second; arriving records run under a tape to its right edge, records being read leave
//! above it from where the group stands; the hatched span is what is still to be read.

mod lanes;
mod readers;
mod skeleton;
mod writers;

use crate::model::drawing::{Drawing, Room, Shape, group, line, text};
use crate::model::generations::History;
use crate::model::message::Message;
use crate::model::rates::Rates;
use crate::model::snapshot::Snapshot;
pub use skeleton::skeleton;
use tablog_record::SortedMap;

/// A producer of this tab.
#[derive(Clone, Debug, PartialEq)]
pub struct Writer {
    pub client_id: String,
    pub topic: String,
    pub rate: f64,
    pub key: Message,
}

#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    pub snapshot: &'a Snapshot,
    pub rates: &'a Rates,
    pub histories: &'a SortedMap<String, History>,
    pub writers: &'a [Writer],
    pub now_ms: i64,
    pub room: Room,
}

/// Where everything stands.
#[derive(Clone, Debug)]
struct Layout {
    width: f64,
    narrow: bool,
    /// Left port of the producers, tape from `x0` to `x1`, members' ports.
    x_port: f64,
    x0: f64,
    x1: f64,
    x_member: f64,
    pitch: f64,
    tape: f64,
    /// Pixels for a record a second, the same for every ribbon.
    per_rate: f64,
    /// Records behind the newest at `x0`.
    span: f64,
}

pub fn draw(scene: &Scene) -> Drawing {
    let (layout, topics, mut lanes) = lanes::lay_out(scene);
    let blocks = readers::place(scene, &layout, &mut lanes);
    let bottom = lanes.iter().map(|l| l.y + layout.tape).fold(0.0, f64::max);
    let readers_bottom = blocks.iter().map(|b| b.bottom()).fold(0.0, f64::max);
    let height = (bottom + 50.0).max(readers_bottom + 8.0);

    let mut flows = group("flows");
    let mut tapes = group("tapes");
    let mut words = group("words");
    writers::draw(scene, &layout, &topics, &mut lanes, &mut flows, &mut words);
    for lane in &lanes {
        lanes::draw(scene, &layout, lane, &mut tapes, &mut words);
    }
    readers::draw(scene, &layout, &lanes, &blocks, &mut flows, &mut tapes, &mut words);
    lanes::heads(&layout, &topics, &mut words);
    axis(&layout, bottom + 18.0, &mut words);
    Drawing { width: layout.width, height, label: label(scene), shapes: vec![flows, tapes, words] }
}

fn label(scene: &Scene) -> Message {
    Message::new("overview-picture")
        .number("topics", scene.snapshot.user_topics().count() as f64)
        .number("groups", scene.snapshot.groups.len() as f64)
        .number("lag", crate::model::rates::running_lag(scene.snapshot) as f64)
}

impl Layout {
    fn thickness(&self, rate: f64) -> f64 {
        (rate * self.per_rate).max(1.5)
    }

    /// Where `behind` records behind the newest lie.
    fn behind(&self, behind: f64) -> f64 {
        self.x1 - (behind / self.span).min(1.0) * (self.x1 - self.x0)
    }
}

fn axis(layout: &Layout, y: f64, words: &mut Shape) {
    words.children.push(line(layout.x0, y, layout.x1, y).class("axis"));
    let parts = if layout.x1 - layout.x0 < 260.0 { 2 } else { 4 };
    for i in 0..=parts {
        let v = layout.span * f64::from(i) / f64::from(parts);
        let x = layout.behind(v);
        let label = if i == 0 { Message::new("axis-newest") } else { Message::new("number").number("n", v) };
        words.children.push(line(x, y, x, y + 4.0).class("axis"));
        words.children.push(text(x, y + 17.0, label).class("t12 i3 m"));
    }
    if !layout.narrow {
        words.children.push(text(layout.x1 + 34.0, y + 17.0, Message::new("axis-behind")).class("t12 i3"));
    }
}

/// A ribbon: an edge and a body, and dashes on it while something flows.
fn ribbon(d: &str, width: f64, rate: f64, place: usize) -> Vec<Shape> {
    use crate::model::drawing::{Tenths, path};
    let mut shapes = vec![path(d).class("ribbon-edge").at("stroke-width", width)];
    if width >= 3.0 {
        shapes.push(path(d).class("ribbon").at("stroke-width", width - 1.6));
    }
    if rate > 0.05 {
        // Spacing follows the rate in coarse steps, speed does not; a step too fine would make the dashes jump.
        let step = (640.0 / rate).clamp(12.0, 90.0);
        let spacing =
            7.0 + [12.0, 18.0, 27.0, 40.0, 60.0, 90.0].into_iter().find(|s| *s >= step - 0.5).unwrap_or(90.0);
        let style = format!(
            "--p:{}px;--n:{};animation-delay:-{}s",
            Tenths(spacing),
            Tenths(spacing * 0.3).0 / 10.0,
            Tenths((place as f64 * 0.7) % 3.0)
        );
        shapes.push(
            path(d).class("beads").at("stroke-width", (width * 0.3).clamp(1.0, 2.4)).with("style", style),
        );
    }
    shapes
}

/// A ribbon of a partition that a rebalance has stopped: only its outline, dashed.
fn stopped_ribbon(d: &str, width: f64) -> Vec<Shape> {
    use crate::model::drawing::path;
    vec![
        path(d).with("fill", "none").with("stroke", "var(--e)").at("stroke-width", width),
        path(d)
            .with("fill", "none")
            .with("stroke", "var(--surface)")
            .at("stroke-width", (width - 2.4).max(0.5)),
        path(d)
            .with("fill", "none")
            .with("stroke", "var(--surface)")
            .at("stroke-width", width + 2.0)
            .with("stroke-dasharray", "4 4"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::snapshot::tests::flights;

    fn find<'a>(shapes: &'a [Shape], class: &str) -> Vec<&'a Shape> {
        let mut found = Vec::new();
        for shape in shapes {
            if shape.attributes.iter().any(|(n, v)| *n == "class" && v.split(' ').any(|c| c == class)) {
                found.push(shape);
            }
            found.extend(find(&shape.children, class));
        }
        found
    }

    fn drawn(s: &Snapshot) -> Drawing {
        let (rates, histories) = (Rates::default(), SortedMap::new());
        let room = Room { width: 896.0, window_height: 800.0 };
        draw(&Scene { snapshot: s, rates: &rates, histories: &histories, writers: &[], now_ms: 0, room })
    }

    #[test]
    fn a_lane_a_partition_and_a_hatch_where_lag_is() {
        let drawing = drawn(&flights());
        assert_eq!(find(&drawing.shapes, "tapeline").len(), 6);
        assert_eq!(find(&drawing.shapes, "hatched").len(), 2);
    }

    #[test]
    fn everything_stays_within_the_picture() {
        let mut s = flights();
        for p in s.topics.get_mut("flights").unwrap().partitions.iter_mut() {
            p.high_watermark = 5_000_000;
        }
        let drawing = drawn(&s);
        for rect in find(&drawing.shapes, "hatched") {
            let x: f64 = rect.attributes.iter().find(|(n, _)| *n == "x").unwrap().1.parse().unwrap();
            assert!(x >= 0.0 && x <= drawing.width);
        }
    }

    #[test]
    fn hundreds_of_partitions_are_bounded() {
        let mut s = flights();
        let one = s.topics["flights"].partitions[0].clone();
        s.topics.get_mut("flights").unwrap().partitions = vec![one; 500];
        let drawing = drawn(&s);
        assert!(find(&drawing.shapes, "tapeline").len() <= crate::model::limits::OVERVIEW_LANES_MAX);
    }
}
