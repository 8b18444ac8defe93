//! Who owns what in a consumer group, and who is to own it: corners where the target assignment wants a tile, hatch on
//! what is to be let go of, a dashed way to who waits for it.

use super::{Grid, ROWS_MAX, Scene, lag_under, moved_away, row_line, slid};
use crate::model::drawing::{Drawing, Shape, Tenths, group, line, path, rect, text};
use crate::model::generations;
use crate::model::message::Message;
use crate::model::snapshot::{Group, Member, TopicPartition};

pub fn draw(scene: &Scene) -> Drawing {
    let columns = columns(scene.group);
    let members: Vec<&Member> = scene.group.members.iter().take(ROWS_MAX).collect();
    let names: Vec<String> = members.iter().map(|m| generations::name(scene.group, m)).collect();
    let moves = scene.history.moves(scene.history.generations.len().saturating_sub(1));
    // Who lost something in this epoch and is gone keeps a row.
    let mut rows = names.clone();
    for m in &moves {
        if !rows.contains(&m.from) && rows.len() < ROWS_MAX {
            rows.push(m.from.clone());
        }
    }
    let grid = Grid::new(scene, &columns, rows.len(), 64.0);
    let mut shapes = grid.frame(&columns, rows.len());
    for (i, name) in rows.iter().enumerate() {
        shapes.extend(row_head(scene, &grid, i, name, members.get(i).copied()));
    }
    for (i, member) in members.iter().enumerate() {
        let target = member.progress.iter().flat_map(|p| &p.target);
        let corners: String = target
            .filter_map(|p| grid.column_of(&columns, p))
            .map(|column| corners(grid.x(column) - grid.tile / 2.0, grid.y(i), grid.tile))
            .collect();
        if !corners.is_empty() {
            let corners = path(corners).with("fill", "none").with("stroke", "var(--ink-2)");
            shapes.push(corners.with("stroke-width", if grid.tile < 18.0 { 1 } else { 2 }));
        }
    }
    for (column, partition) in columns.iter().take(super::COLUMNS_MAX).enumerate() {
        shapes.push(tile(scene, &grid, column, partition, &members, &|row| {
            let moved = moves.iter().find(|m| m.partition == *partition && rows.get(row) == Some(&m.to));
            moved.and_then(|m| rows.iter().position(|r| *r == m.from)).filter(|from| *from != row)
        }));
    }
    let label = Message::new("ownership-picture-target")
        .number("members", scene.group.members.len() as f64)
        .number("partitions", columns.len() as f64)
        .number("awaited", scene.group.awaited().len() as f64);
    grid.drawing(scene, label, shapes, columns.len(), rows.len())
}

fn columns(group: &Group) -> Vec<TopicPartition> {
    let mut columns = group.partitions();
    columns.sort();
    columns
}

fn row_head(scene: &Scene, grid: &Grid, row: usize, name: &str, member: Option<&Member>) -> Vec<Shape> {
    let y = grid.top + row as f64 * grid.row;
    let (sub, class) = match member.and_then(Member::epoch) {
        Some(epoch) => {
            let behind = scene.group.epochs.is_some_and(|e| epoch < e.group);
            (Message::new("epoch").number("n", f64::from(epoch)), if behind { "b" } else { "i3" })
        }
        None => (Message::new("member-left"), "i3"),
    };
    let head = row_line(scene, grid, row, name, member.is_none());
    head.into_iter().chain([text(0.0, y + grid.row / 2.0 + 15.0, sub).class(class)]).collect()
}

fn corners(x: f64, y: f64, size: f64) -> String {
    let gap = if size < 18.0 { 2.0 } else { 5.0 };
    let (a, b, w) = (x - gap, y - gap, size + 2.0 * gap);
    let q = (size / 4.0).min(9.0);
    let (right, bottom) = (a + w, b + w);
    let corner = |x: f64, y: f64, dx: f64, dy: f64| {
        format!("M{} {}v{}h{}", Tenths(x), Tenths(y + dy), Tenths(-dy), Tenths(dx))
    };
    [corner(a, b, q, q), corner(right, b, -q, q), corner(right, bottom, -q, -q), corner(a, bottom, q, -q)]
        .concat()
}

/// A tile where it is: read, or held until it is let go of; and dashed where it is waited for.
fn tile(
    scene: &Scene,
    grid: &Grid,
    column: usize,
    partition: &TopicPartition,
    members: &[&Member],
    came_from: &dyn Fn(usize) -> Option<usize>,
) -> Shape {
    let size = grid.tile;
    let x = grid.x(column) - size / 2.0;
    let mut g = group(scene.snapshot.tile(partition).class());
    let number = || partition.partition.to_string();
    let row_of = |is: &dyn Fn(&Member) -> bool| members.iter().position(|m| is(m));
    let heir = row_of(&|m| m.awaited().contains(partition));
    if let Some(row) = row_of(&|m| m.owned.contains(partition)) {
        let from = came_from(row);
        if let Some(from) = from {
            g.children.extend(moved_away(grid, x, row, from, partition));
        }
        g.children.push(slid(grid, x, row, partition, from.is_some()));
        g.children.extend(lag_under(scene, grid, x, row, partition));
    } else if let Some(row) = row_of(&|m| m.revoking().contains(partition)) {
        let y = grid.y(row);
        let edge = rect(x + 1.0, y + 1.0, size - 2.0, size - 2.0).with("fill", "var(--surface)");
        g.children.push(edge.with("stroke", "var(--e)").with("stroke-width", 2).with("rx", 2));
        g.children.push(rect(x + 3.0, y + 3.0, size - 6.0, size - 6.0).with("fill", "url(#hpause)"));
        if size >= 18.0 {
            let (w, h) = (size / 2.0 - 2.0, size / 2.0 + 2.0);
            let under = rect(x + (size - w) / 2.0, y + (size - h) / 2.0, w, h);
            g.children.push(under.with("fill", "var(--surface)"));
            g.children.push(text(x + size / 2.0, y + size / 2.0 + 6.0, number()).class("t18 m b"));
        }
        if let Some(to) = heir {
            let (a, b) = match grid.y(to) {
                to if to > y => (y + size + 3.0, to - 8.0),
                to => (y - 3.0, to + size + 8.0),
            };
            let middle = x + size / 2.0;
            let way = line(middle, a, middle, b).with("stroke", "var(--e)").with("stroke-width", 2);
            g.children.push(way.with("stroke-dasharray", "3 3"));
        }
    }
    if let Some(row) = heir
        && size >= 18.0
    {
        g.children.push(text(x + size / 2.0, grid.y(row) + size / 2.0 + 5.0, number()).class("t13 m i3"));
    }
    g
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::drawing::Room;
    use crate::model::epochs::tests::tabs;
    use crate::model::generations::History;
    use crate::model::snapshot::tests::flights;

    fn count(shapes: &[Shape], is: &dyn Fn(&Shape) -> bool) -> usize {
        shapes.iter().map(|s| usize::from(is(s)) + count(&s.children, is)).sum()
    }

    #[test]
    fn what_is_let_go_of_is_hatched_and_the_others_are_whole() {
        let (s, mut group, history) = (flights(), tabs(), History::default());
        group.members[1].progress.as_mut().unwrap().revoking = vec![TopicPartition::new("flights", 5)];
        let room = Room { width: 416.0, window_height: 800.0 };
        let drawing = draw(&Scene { snapshot: &s, group: &group, history: &history, index: 0, room });
        let has = |name: &'static str, value: &'static str| {
            count(&drawing.shapes, &|s| s.attributes.contains(&(name, value.to_owned())))
        };
        assert_eq!(has("fill", "url(#hpause)"), 1);
        assert_eq!(has("class", "slide"), 5);
        let corners =
            count(&drawing.shapes, &|s| s.attributes.iter().any(|(_, d)| d.matches('M').count() >= 8));
        assert_eq!(corners, 3);
    }
}
