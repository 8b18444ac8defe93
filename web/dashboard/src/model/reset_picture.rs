//! A reset before it is done: on each tape a dashed pole where the group stands now, a flag where it will, an arrow
//! between; hatched is what will be read after it, and a line of ink what is skipped.

use crate::model::drawing::{Drawing, Room, Shape, Tenths, group, line, path, rect, text, tile};
use crate::model::message::Message;
use crate::model::reset::Change;
use crate::model::snapshot::Snapshot;

/// Partitions that are drawn; the table has them all.
pub const ROWS_MAX: usize = 24;

struct Layout {
    narrow: bool,
    x_left: f64,
    x_right: f64,
    longest: f64,
}

impl Layout {
    fn x(&self, offset: i64) -> f64 {
        self.x_left + offset as f64 / self.longest * (self.x_right - self.x_left - 6.0)
    }
}

const TOP: f64 = 32.0;
const TAPE: f64 = 16.0;

pub fn draw(s: &Snapshot, changes: &[Change], room: Room) -> Drawing {
    let width = room.width;
    let narrow = width < 560.0;
    let rows = changes.len().min(ROWS_MAX);
    let pitch = if narrow { 48.0 } else { 44.0 };
    let height = TOP + rows as f64 * pitch + 20.0;
    let longest = changes.iter().map(|c| c.end).max().unwrap_or(0).max(1) as f64;
    let x_right = width - if narrow { 112.0 } else { 306.0 };
    let layout = Layout { narrow, x_left: 34.0, x_right, longest };
    let mut shapes = Vec::new();
    let step = round_step(longest / if narrow { 2.0 } else { 6.0 });
    for k in 0..=(longest / step) as i64 {
        let x = layout.x((k as f64 * step) as i64);
        shapes.push(line(x, TOP - 10.0, x, height - 18.0).class("grid"));
        let value = Message::new("number").number("n", k as f64 * step);
        shapes.push(text(x, height - 3.0, value).class(if k == 0 { "t12 i3" } else { "t12 i3 m" }));
    }
    if !narrow {
        shapes.push(text(layout.x_left, 12.0, Message::new("reset-axis")).class("t12 i3"));
        shapes.push(text(x_right + 86.0, 12.0, Message::new("reset-now")).class("t13 i3 e"));
        shapes.push(text(x_right + 176.0, 12.0, Message::new("reset-after")).class("t13 i3 e"));
    }
    for (i, change) in changes.iter().take(ROWS_MAX).enumerate() {
        let y = TOP + i as f64 * pitch + 10.0;
        if i > 0 {
            shapes.push(line(0.0, y - 19.0, width, y - 19.0).class("grid"));
        }
        let at = s.tile(&change.partition);
        shapes.push(tile(0.0, y - 3.0, 22.0, at));
        let mut g = group(at.class());
        tape(&layout, change, y, &mut g);
        shapes.push(g);
        shapes.extend(numbers(&layout, change, y, width));
    }
    let label = Message::new("reset-picture").number("n", changes.len() as f64);
    Drawing { width, height, label, shapes }
}

/// 1, 2 or 5 times a power of ten, at least this.
fn round_step(least: f64) -> f64 {
    let mut power = 1.0;
    while power * 10.0 <= least {
        power *= 10.0;
    }
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|n| n * power).find(|step| *step >= least).unwrap_or(power * 10.0)
}

fn tape(layout: &Layout, c: &Change, y: f64, g: &mut Shape) {
    let (start, end) = (layout.x(c.start), layout.x(c.end));
    let body = || rect(start, y, end - start, TAPE);
    g.children.push(body().with("fill", "var(--surface-figure)"));
    g.children.push(body().class("tapebody"));
    g.children.push(rect(start + 0.5, y + 0.5, (end - start - 1.0).max(0.0), TAPE - 1.0).class("tapeline"));
    let after = c.after.map(|offset| layout.x(offset));
    let now = c.now.map(|offset| layout.x(offset.max(0)));
    if let Some(x) = after {
        g.children.push(rect(x, y, end - x, TAPE).with("fill", "var(--surface-figure)"));
        g.children.push(rect(x, y, end - x, TAPE).with("fill", "url(#hlag)"));
    }
    g.children.push(line(end + 1.5, y - 4.0, end + 1.5, y + TAPE + 4.0).class("hw"));
    if let Some(x) = now {
        let skipped = after.filter(|after| *after > x);
        g.children
            .extend(skipped.map(|to| rect(x, y + TAPE / 2.0 - 1.0, to - x, 2.0).with("fill", "var(--ink)")));
        let under = line(x, y - 9.0, x, y + TAPE + 3.0).with("stroke", "var(--surface)");
        g.children.push(under.with("stroke-width", 4));
        let pole = line(x, y + TAPE + 4.0, x, y - 9.0).class("commit");
        g.children.push(pole.with("stroke-dasharray", "3 2.5"));
    }
    let Some(x) = after else { return };
    let forward = now.is_some_and(|now| x > now);
    if let Some(now) = now.filter(|now| (now - x).abs() > 8.0) {
        let dir = if forward { -1.0 } else { 1.0 };
        let arrow = line(now, y - 8.0, x + dir * 9.0, y - 8.0).with("stroke", "var(--committed)");
        g.children.push(arrow.with("stroke-width", 1.5));
        let tip = Tenths(x + dir * 12.0);
        let tip = format!("M{tip} {}l{} 4l{} 4z", Tenths(y - 12.0), -dir * 8.0, dir * 8.0);
        g.children.push(path(tip).class("pennant"));
    }
    let under = line(x, y - 12.0, x, y + TAPE + 4.0).with("stroke", "var(--surface)");
    g.children.push(under.with("stroke-width", 5));
    g.children.push(line(x, y - 12.0, x, y + TAPE + 4.0).class("commit").with("style", "stroke-width:3px"));
    let flag = if forward { "h11l-3.5 4 3.5 4h-11z" } else { "h-11l3.5 4-3.5 4h11z" };
    g.children.push(path(format!("M{} {}{flag}", Tenths(x), Tenths(y - 12.0))).class("pennant"));
}

fn numbers(layout: &Layout, c: &Change, y: f64, width: f64) -> Vec<Shape> {
    let number = |n: Option<i64>| match n {
        Some(n) => Message::new("number").number("n", n as f64),
        None => Message::new("none-known"),
    };
    let class = if c.by().is_some_and(|by| by > 0) { "e b" } else { "e i2" };
    if layout.narrow {
        let both =
            Message::new("reset-from-to").message("now", number(c.now)).message("after", number(c.after));
        return vec![
            text(width, y + 3.0, both).class("t12 e"),
            text(width, y + 20.0, c.message()).class(format_args!("t12 {class}")),
        ];
    }
    vec![
        text(layout.x_right + 86.0, y + 13.0, number(c.now)).class("t15 e i2"),
        text(layout.x_right + 99.0, y + 13.0, "→").class("t15 i3"),
        text(layout.x_right + 176.0, y + 13.0, number(c.after)).class("t15 b e"),
        text(width, y + 13.0, c.message()).class(class),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::reset::{Way, plan};
    use crate::model::snapshot::TopicPartition;
    use crate::model::snapshot::tests::flights;

    #[test]
    fn an_arrow_leads_where_something_moves_and_ink_lies_where_it_is_skipped() {
        let s = flights();
        let group = &s.groups["flights-readers"];
        let at: Vec<_> = (0..6).map(|p| TopicPartition::new("flights", p)).collect();
        let room = Room { width: 900.0, window_height: 800.0 };
        let count = |way: Way, value: &str| {
            let shapes = draw(&s, &plan(&s, group, &at, &way), room).shapes;
            let children = shapes.iter().flat_map(|s| &s.children);
            children.filter(|c| c.attributes.iter().any(|(_, v)| v == value)).count()
        };
        assert_eq!(count(Way::Earliest, "var(--ink)"), 0);
        assert_eq!(count(Way::Earliest, "pennant"), 12);
        assert_eq!(count(Way::Latest, "var(--ink)"), 6);
        assert_eq!(round_step(1_108.0), 2_000.0);
        assert_eq!(round_step(0.2), 1.0);
    }
}
