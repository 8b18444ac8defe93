//! Who owns what: columns are partitions, rows are members. A move is a vertical way within a column: a ring where the
//! tile is, a dashed tile where it was, an arrow between; they stay until the next generation.

mod target;

use crate::model::drawing::{Drawing, Room, Shape, Tenths, group, line, path, rect, text};
use crate::model::generations::{Generation, History, Why};
use crate::model::limits::{LAG_SCALE_MIN, LAG_WORTH_SAYING};
use crate::model::message::Message;
use crate::model::snapshot::{Group, Snapshot, TopicPartition};

#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    pub snapshot: &'a Snapshot,
    pub group: &'a Group,
    pub history: &'a History,
    /// Which generation is looked at.
    pub index: usize,
    pub room: Room,
}

/// Partitions that are drawn; the table has them all.
const COLUMNS_MAX: usize = 48;
/// Members that are drawn; the table has them all.
pub const ROWS_MAX: usize = 24;

pub fn draw(scene: &Scene) -> Drawing {
    let is_last = scene.index + 1 >= scene.history.generations.len();
    if scene.group.epochs.is_some() && is_last && !scene.group.members.is_empty() {
        return target::draw(scene);
    }
    let Some(generation) = scene.history.generations.get(scene.index) else {
        return Drawing {
            width: scene.room.width,
            height: 20.0,
            label: Message::new("ownership-picture-empty"),
            shapes: vec![text(0.0, 14.0, Message::new("ownership-picture-empty")).class("t13 i2")],
        };
    };
    let rows = rows(scene, generation);
    let columns = columns(scene, generation);
    let grid = Grid::new(scene, &columns, rows.len(), 54.0);
    let mut shapes = grid.frame(&columns, rows.len());
    for (i, name) in rows.iter().enumerate() {
        shapes.extend(row_head(scene, generation, &grid, i, name));
    }
    let moves = scene.history.moves(scene.index);
    for (i, partition) in columns.iter().take(COLUMNS_MAX).enumerate() {
        let owner =
            generation.owners.iter().find(|(_, owned)| owned.contains(partition)).map(|(name, _)| name);
        let Some(at) = owner.and_then(|owner| rows.iter().position(|r| r == owner)) else { continue };
        let from = moves.iter().find(|m| m.partition == *partition);
        let from = from.and_then(|m| rows.iter().position(|r| *r == m.from));
        let x = grid.x(i) - grid.tile / 2.0;
        let mut g = group(scene.snapshot.tile(partition).class());
        if let Some(from) = from {
            g.children.extend(moved_away(&grid, x, at, from, partition));
        }
        g.children.push(slid(&grid, x, at, partition, from.is_some()));
        g.children.extend(lag_under(scene, &grid, x, at, partition));
        shapes.push(g);
    }
    let label = Message::new("ownership-picture")
        .number("members", generation.owners.len() as f64)
        .number("partitions", columns.len() as f64);
    grid.drawing(scene, label, shapes, columns.len(), rows.len())
}

struct Grid {
    top: f64,
    label_width: f64,
    column: f64,
    tile: f64,
    row: f64,
}

impl Grid {
    fn new(scene: &Scene, columns: &[TopicPartition], rows: usize, row: f64) -> Self {
        let label_width = if scene.room.width < 380.0 { 94.0 } else { 104.0 };
        let drawn = columns.len().clamp(1, COLUMNS_MAX) as f64;
        let column = (scene.room.width - label_width) / drawn;
        let row = if rows > 8 { 40.0 } else { row * scene.room.stretch(380.0, 420.0) };
        Grid { top: 26.0, label_width, column, tile: (column - 4.0).clamp(6.0, 36.0), row }
    }

    fn x(&self, column: usize) -> f64 {
        self.label_width + (column as f64 + 0.5) * self.column
    }

    fn y(&self, row: usize) -> f64 {
        self.top + row as f64 * self.row + (self.row - self.tile) / 2.0
    }

    fn height(&self, rows: usize) -> f64 {
        self.top + rows as f64 * self.row + 4.0
    }

    fn column_of(&self, columns: &[TopicPartition], partition: &TopicPartition) -> Option<usize> {
        columns.iter().take(COLUMNS_MAX).position(|p| p == partition)
    }

    /// The heads of the columns and their lines.
    fn frame(&self, columns: &[TopicPartition], rows: usize) -> Vec<Shape> {
        let mut shapes = vec![text(0.0, 13.0, Message::new("ownership-member")).class("t12 i3")];
        for (i, partition) in columns.iter().take(COLUMNS_MAX).enumerate() {
            let x = self.x(i);
            if self.tile >= 18.0 || i % 4 == 0 {
                let name = Message::new("ownership-column").number("p", f64::from(partition.partition));
                shapes.push(text(x, 13.0, name).class("t12 i3 m"));
            }
            shapes.push(line(x, self.top, x, self.height(rows) - 4.0).class("grid"));
        }
        shapes
    }

    /// What is left out is said.
    fn drawing(
        &self,
        scene: &Scene,
        label: Message,
        mut shapes: Vec<Shape>,
        all: usize,
        rows: usize,
    ) -> Drawing {
        let mut height = self.height(rows);
        if all > COLUMNS_MAX {
            height += 22.0;
            let shown = Message::new("ownership-shown").number("shown", COLUMNS_MAX as f64);
            shapes.push(text(0.0, height - 6.0, shown.number("all", all as f64)).class("t13 i2"));
        }
        Drawing { width: scene.room.width, height, label, shapes }
    }
}

/// The members of this generation, and those of the one before that something moved away from.
fn rows(scene: &Scene, generation: &Generation) -> Vec<String> {
    let mut rows: Vec<String> = generation.owners.keys().cloned().collect();
    for m in scene.history.moves(scene.index) {
        if !rows.contains(&m.from) {
            rows.push(m.from);
        }
    }
    rows.truncate(ROWS_MAX);
    rows
}

fn columns(scene: &Scene, generation: &Generation) -> Vec<TopicPartition> {
    let mut columns: Vec<_> = generation.owners.values().flatten().cloned().collect();
    columns.extend(scene.group.committed.keys().cloned());
    columns.sort();
    columns.dedup();
    columns
}

fn row_head(scene: &Scene, generation: &Generation, grid: &Grid, row: usize, name: &str) -> Vec<Shape> {
    let y = grid.top + row as f64 * grid.row;
    let gone = !generation.owners.contains_key(name);
    let member = scene.group.members.iter().find(|m| m.client_id == name || m.member_id == name);
    let lag = member.map(|m| scene.snapshot.member_lag(scene.group, m));
    let (sub, class) = match (gone, lag) {
        (true, _) => match scene.history.departure(name, 0).map(|d| d.why) {
            Some(Why::Expired) => (Message::new("member-expired"), "i3"),
            _ => (Message::new("member-left"), "i3"),
        },
        (false, Some(lag)) if lag > LAG_WORTH_SAYING => {
            (Message::new("behind").number("n", lag as f64), "b lagt")
        }
        (false, Some(lag)) => (Message::new("behind").number("n", lag as f64), "i3"),
        (false, None) => (Message::new("nothing"), "i3"),
    };
    let head = row_line(scene, grid, row, name, gone);
    head.into_iter().chain([text(0.0, y + grid.row / 2.0 + 15.0, sub).class(class)]).collect()
}

/// The line above a row and the member's name, struck through when it is gone.
fn row_line(scene: &Scene, grid: &Grid, row: usize, name: &str, gone: bool) -> [Shape; 2] {
    let y = grid.top + row as f64 * grid.row;
    let mut head = text(0.0, y + grid.row / 2.0 - 3.0, name).class(if gone { "t15 b i3" } else { "t15 b" });
    if gone {
        head = head.with("text-decoration", "line-through");
    }
    [line(0.0, y, scene.room.width, y).class("grid"), head]
}

/// A dashed tile where it was, and an arrow from there.
fn moved_away(grid: &Grid, x: f64, row: usize, from: usize, at: &TopicPartition) -> Vec<Shape> {
    let (size, y, y_was) = (grid.tile, grid.y(row), grid.y(from));
    let mut shapes = vec![
        rect(x + 1.0, y_was + 1.0, size - 2.0, size - 2.0)
            .with("fill", "var(--surface)")
            .with("stroke", "var(--e)")
            .with("stroke-width", 1.5)
            .with("stroke-dasharray", "4 3")
            .with("rx", 2),
    ];
    if size >= 18.0 {
        let number = text(x + size / 2.0, y_was + size / 2.0 + 5.0, at.partition.to_string());
        shapes.push(number.class("t13 m i3"));
    }
    let (a, b, tip) =
        if y_was > y { (y + size + 1.0, y_was - 1.0, 1.0) } else { (y_was + size + 1.0, y - 1.0, -1.0) };
    shapes.push(rect(x + size / 2.0 - 5.0, a, 10.0, b - a).class("c").with("fill-opacity", ".55"));
    let (y_tip, y_wing) = if tip > 0.0 { (a, a + 8.0) } else { (b, b - 8.0) };
    let d = format!(
        "M{} {}l9 {}l9 {}z",
        Tenths(x + size / 2.0 - 9.0),
        Tenths(y_wing),
        Tenths(y_tip - y_wing),
        Tenths(y_wing - y_tip)
    );
    shapes.push(path(d).class("c"));
    shapes
}

/// The tile is drawn at the origin and moved by a transform, so that a move is a slide in its column; what moved has
/// a ring.
fn slid(grid: &Grid, x: f64, row: usize, at: &TopicPartition, moved: bool) -> Shape {
    let size = grid.tile;
    let mut body = group("slide")
        .with("style", format_args!("transform:translate({}px,{}px)", Tenths(x), Tenths(grid.y(row))))
        .child(rect(0.0, 0.0, size, size).class("c ed").with("rx", 2));
    if size >= 18.0 {
        body = body.child(text(size / 2.0, size / 2.0 + 6.0, at.partition.to_string()).class("t18 m b on"));
    }
    if moved {
        let ring = rect(-3.0, -3.0, size + 6.0, size + 6.0);
        body = body.child(
            ring.with("fill", "none").with("stroke", "var(--ink)").with("stroke-width", 2).with("rx", 4),
        );
    }
    body
}

fn lag_under(scene: &Scene, grid: &Grid, x: f64, row: usize, at: &TopicPartition) -> Option<Shape> {
    let lag = scene.snapshot.lag(scene.group, at).filter(|lag| *lag > LAG_WORTH_SAYING)?;
    let all = scene.group.partitions();
    let longest = all.iter().filter_map(|p| scene.snapshot.lag(scene.group, p)).max().unwrap_or(0);
    let width = grid.tile * lag as f64 / longest.max(LAG_SCALE_MIN) as f64;
    Some(rect(x, grid.y(row) + grid.tile + 3.0, width, 5.0).with("fill", "url(#hlag)"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::snapshot::tests::flights;

    #[test]
    fn who_lost_a_partition_keeps_a_row_until_the_next_generation() {
        let s = flights();
        let mut group = s.groups["flights-readers"].clone();
        let mut history = History::default();
        history.observe(0, &group);
        let lost = group.members.pop().unwrap();
        group.members[0].owned.extend(lost.owned);
        history.observe(5_000, &group);
        let generation = &history.generations[1];
        let scene = Scene {
            snapshot: &s,
            group: &group,
            history: &history,
            index: 1,
            room: Room { width: 416.0, window_height: 800.0 },
        };
        assert_eq!(rows(&scene, generation), ["consumer-1", "consumer-2", "consumer-3"]);
        assert_eq!(columns(&scene, generation).len(), 6);
        assert!(draw(&scene).height > 150.0);
    }

    #[test]
    fn what_is_left_out_is_said() {
        let s = flights();
        let mut group = s.groups["flights-readers"].clone();
        group.committed = (0..60).map(|p| (TopicPartition::new("flights", p), 0)).collect();
        let mut history = History::default();
        history.observe(0, &group);
        let room = Room { width: 416.0, window_height: 800.0 };
        let drawing = draw(&Scene { snapshot: &s, group: &group, history: &history, index: 0, room });
        assert!(format!("{:?}", drawing.shapes.last()).contains("ownership-shown"));
        assert!(format!("{:?}", drawing.label).contains("60"));
    }
}
