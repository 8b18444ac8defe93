//! The right of the overview: groups, their members, and the ribbons that leave the tapes towards them. While a group
//! rebalances its ribbons are dashed outlines and its members' ports are hatched.

use super::lanes::{Lane, Reader};
use super::{Layout, Scene, ribbon, stopped_ribbon};
use crate::model::address;
use crate::model::drawing::{Shape, Tenths, group, line, link, path, rect, span, text};
use crate::model::generations::History;
use crate::model::limits::LAG_WORTH_SAYING;
use crate::model::message::Message;
use crate::model::quantity;
use crate::model::snapshot::{Group, Member};

/// A group with its members, from top to bottom.
#[derive(Clone, Debug)]
pub struct Block {
    id: String,
    y_head: f64,
    members: Vec<Port>,
    forming: bool,
}

#[derive(Clone, Debug)]
struct Port {
    client: String,
    y: f64,
    thickness: f64,
    lag: i64,
    /// The lag is worth words.
    slow: bool,
    read: f64,
    written: f64,
    growth: f64,
    owns: usize,
}

impl Block {
    pub fn bottom(&self) -> f64 {
        self.members.last().map_or(self.y_head + 24.0, |m| m.y + 44.0)
    }
}

const MEMBERS_SHOWN: usize = 12;

pub fn place(scene: &Scene, layout: &Layout, lanes: &mut [Lane]) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (id, g) in scene.snapshot.groups.iter().filter(|(_, g)| !g.members.is_empty()) {
        let mut members: Vec<Port> = g.members.iter().map(|m| port(scene, layout, id, g, m, lanes)).collect();
        members.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.client.cmp(&b.client)));
        members.truncate(MEMBERS_SHOWN);
        let first = members.first().map_or(f64::MAX, |m| m.y);
        blocks.push(Block { id: id.clone(), y_head: first, members, forming: g.is_rebalancing() });
    }
    blocks.sort_by(|a, b| a.y_head.total_cmp(&b.y_head));
    let mut cursor = 38.0;
    for block in &mut blocks {
        // In line with the head of the topic that it reads first; who owns nothing yet stands at the top.
        let reads = lanes.iter().find(|l| l.readers.iter().any(|r| r.group == block.id));
        let topic = reads.and_then(|lane| lanes.iter().find(|l| l.at.topic == lane.at.topic));
        block.y_head = topic.map_or(38.0, |lane| lane.y - 30.0).max(cursor);
        cursor = block.y_head + if layout.narrow { 26.0 } else { 44.0 };
        // A slow one's name stands higher above its place.
        if block.members.first().is_some_and(|m| m.slow) && !layout.narrow {
            cursor += 8.0;
        }
        for member in &mut block.members {
            member.y = if member.y.is_finite() { member.y.max(cursor) } else { cursor };
            cursor = member.y + if member.slow && !layout.narrow { 68.0 } else { 50.0 };
        }
        cursor += 14.0;
    }
    settle(scene, layout, &blocks, lanes);
    blocks
}

/// A member's wished place is the middle of what it owns; the lanes learn who reads them.
fn port(scene: &Scene, layout: &Layout, id: &str, g: &Group, m: &Member, lanes: &mut [Lane]) -> Port {
    let s = scene.snapshot;
    let (mut ys, mut read, mut written, mut owns) = (Vec::new(), 0.0, 0.0, 0);
    let is_held = |l: &&mut Lane| m.owned.contains(&l.at) || m.revoking().contains(&l.at);
    for lane in lanes.iter_mut().filter(is_held) {
        ys.push(lane.y + layout.tape / 2.0);
        let rate = scene.rates.read(id, &lane.at);
        read += rate;
        written += lane.written;
        owns += 1;
        lane.readers.push(Reader {
            group: id.to_owned(),
            client: name(m),
            lag: s.lag(g, &lane.at).unwrap_or(0),
            read: rate,
            // A consumer group stops what is handed over, and only that.
            stopped: g.is_rebalancing() || m.revoking().contains(&lane.at),
            y_tape: 0.0,
            y_member: 0.0,
        });
    }
    let y = if ys.is_empty() { f64::INFINITY } else { ys.iter().sum::<f64>() / ys.len() as f64 - 6.0 };
    Port {
        client: name(m),
        y,
        thickness: 0.0,
        lag: s.member_lag(g, m),
        slow: scene.rates.is_worth_saying(s.member_lag(g, m), &m.owned),
        read,
        written,
        growth: scene.rates.lag_growth(id, &m.owned),
        owns,
    }
}

fn name(m: &Member) -> String {
    if m.client_id.is_empty() { m.member_id.clone() } else { m.client_id.clone() }
}

/// Ribbons stack above a tape, nearest to the newest first, and side by side at a member's port.
fn settle(_scene: &Scene, layout: &Layout, blocks: &[Block], lanes: &mut [Lane]) {
    for lane in lanes.iter_mut() {
        lane.readers.sort_by_key(|r| r.lag);
        let mut y = lane.y - 1.0;
        for reader in &mut lane.readers {
            let thickness = layout.thickness(reader.read);
            reader.y_tape = y - thickness / 2.0;
            y -= thickness + 1.0;
        }
    }
    for block in blocks {
        for member in &block.members {
            let of = |r: &Reader| r.group == block.id && r.client == member.client;
            let bundle: f64 = lanes
                .iter()
                .flat_map(|l| &l.readers)
                .filter(|r| of(r))
                .map(|r| layout.thickness(r.read))
                .sum();
            let mut y = member.y - bundle / 2.0;
            for reader in lanes.iter_mut().flat_map(|l| &mut l.readers).filter(|r| of(r)) {
                let thickness = layout.thickness(reader.read);
                reader.y_member = y + thickness / 2.0;
                y += thickness;
            }
        }
    }
}

pub fn draw(
    scene: &Scene,
    layout: &Layout,
    lanes: &[Lane],
    blocks: &[Block],
    flows: &mut Shape,
    tapes: &mut Shape,
    words: &mut Shape,
) {
    for lane in lanes {
        let mut g = group(lane.tile.class());
        for reader in lane.readers.iter().filter(|r| r.y_member > 0.0) {
            let x = layout.behind(reader.lag as f64);
            let d = course(layout, x, reader);
            let thickness = layout.thickness(reader.read);
            g.children.extend(match reader.stopped {
                true => stopped_ribbon(&d, thickness.max(6.0)),
                false => ribbon(&d, thickness, reader.read, lane.tile.place + 1),
            });
            tapes.children.push(head(layout, lane, reader, x));
        }
        flows.children.push(g);
    }
    for block in blocks {
        group_head(scene, layout, block, words);
        for member in &block.members {
            let bundle: f64 = lanes
                .iter()
                .flat_map(|l| &l.readers)
                .filter(|r| r.group == block.id && r.client == member.client)
                .map(|r| layout.thickness(r.read))
                .sum();
            let member = Port { thickness: bundle, ..member.clone() };
            member_port(layout, block, &member, words);
            member_words(scene, layout, block, &member, words);
        }
    }
}

fn course(layout: &Layout, x: f64, reader: &Reader) -> String {
    let (x1, xm) = (layout.x1, layout.x_member);
    let bend = Tenths(x1 + (xm - x1) * 0.55);
    let (y, ym) = (Tenths(reader.y_tape), Tenths(reader.y_member));
    format!("M{} {y}H{}C{bend} {y} {bend} {ym} {} {ym}", Tenths(x), Tenths(x1 + 8.0), Tenths(xm))
}

/// Where the group stands: a pole at the committed offset, with a pennant where something is behind it.
fn head(layout: &Layout, lane: &Lane, reader: &Reader, x: f64) -> Shape {
    let far = reader.lag > LAG_WORTH_SAYING / 2;
    let x = if far { x } else { x - 3.0 };
    let top = reader.y_tape - layout.thickness(reader.read) / 2.0;
    let bottom = lane.y + layout.tape + 2.0;
    let mut g = group("stand").child(line(x, top, x, bottom).class("commit"));
    if far && layout.pitch > 20.0 {
        g.children.push(path(format!("M{} {}l-5 7h10z", Tenths(x), Tenths(bottom))).class("pennant"));
    }
    g
}

fn group_head(scene: &Scene, layout: &Layout, block: &Block, words: &mut Shape) {
    let x = layout.x_member + if layout.narrow { -20.0 } else { 12.0 };
    let name = link(address::group(&block.id)).child(span(block.id.as_str()).class("t15 b u"));
    let mut head = text(x, block.y_head, "");
    head.label = None;
    words.children.push(head.child(name));
    if layout.narrow {
        return;
    }
    let history = scene.histories.get(&block.id);
    let state = scene.snapshot.groups.get(&block.id);
    let sub = match (block.forming, history) {
        (true, history) => forming(scene, history),
        (false, _) if state.is_some_and(|g| g.epochs.is_some()) => Message::new("group-sub-epoch")
            .number("epoch", f64::from(state.and_then(|g| g.epochs).map_or(0, |e| e.group)))
            .text("assignor", state.map_or("", |g| g.assignor.as_str()))
            .text("state", state.map_or("", |g| g.state.as_str())),
        (false, history) => {
            let number = history.and_then(History::current).and_then(|g| g.number);
            let key = if number.is_some() { "group-sub-generation" } else { "group-sub" };
            Message { key, arguments: Vec::new() }
                .number("generation", f64::from(number.unwrap_or(0)))
                .text("assignor", state.map_or("", |g| g.assignor.as_str()))
                .text("state", state.map_or("", |g| g.state.as_str()))
        }
    };
    words.children.push(text(x, block.y_head + 17.0, sub).class("i3"));
}

fn forming(scene: &Scene, history: Option<&History>) -> Message {
    let next = history.and_then(History::current).and_then(|g| g.number).map(|n| n + 1);
    let since = history.and_then(|h| h.forming_since_ms).map_or(0, |since| (scene.now_ms - since).max(0));
    let key = if next.is_some() { "group-sub-forming" } else { "group-sub-forming-unnumbered" };
    Message { key, arguments: Vec::new() }
        .number("generation", f64::from(next.unwrap_or(0)))
        .message("duration", quantity::seconds(since))
}

fn member_port(layout: &Layout, block: &Block, member: &Port, words: &mut Shape) {
    let colour = if member.slow { "var(--lag)" } else { "var(--ink)" };
    let half = member.thickness.max(2.0) / 2.0 + 3.0;
    let x = layout.x_member;
    if block.forming {
        words.children.push(rect(x - 12.0, member.y - half, 12.0, half * 2.0).with("fill", "var(--surface)"));
        words.children.push(rect(x - 12.0, member.y - half, 12.0, half * 2.0).with("fill", "url(#hpause)"));
    }
    words.children.push(rect(x, member.y - half, 3.0, half * 2.0).with("fill", colour));
}

fn member_words(scene: &Scene, layout: &Layout, block: &Block, m: &Port, words: &mut Shape) {
    let slow = m.slow;
    let behind = Message::new("behind").number("n", m.lag as f64);
    if layout.narrow {
        let x = layout.x_member + 8.0;
        words.children.push(text(x, m.y - 2.0, m.client.as_str()).class("t13 b"));
        let signed = Message::new("number").number("n", -(m.lag as f64));
        words.children.push(text(x, m.y + 15.0, signed).class(if slow { "t15 b lagt" } else { "i3" }));
        return;
    }
    let x = layout.x_member + 12.0;
    let mut say = |dy: f64, message: Message, class: &'static str| {
        words.children.push(text(x, m.y + dy, message).class(class));
    };
    if block.forming {
        let since = scene.histories.get(&block.id).and_then(|h| h.forming_since_ms);
        let stopped = quantity::seconds(since.map_or(0, |since| (scene.now_ms - since).max(0)));
        say(10.0, Message::new("member-stopped").message("duration", stopped), "i2");
    } else if m.owns == 0 {
        say(10.0, Message::new("member-owns-nothing"), "i3");
    } else if slow {
        say(5.0, behind, "t18 b lagt");
        let trend = match m.growth {
            g if g > 0.0 => Some(Message::new("member-growing").number("n", g)),
            g if g < 0.0 => Some(Message::new("member-shrinking").number("n", -g)),
            _ => None,
        };
        let trended = trend.is_some();
        if let Some(trend) = trend {
            say(23.0, trend, if m.growth > 0.0 { "lagt" } else { "i2" });
        }
        let key = if m.written < 0.5 { "member-reads-only" } else { "member-reads" };
        let reads =
            Message { key, arguments: Vec::new() }.number("read", m.read).number("written", m.written);
        say(if trended { 40.0 } else { 23.0 }, reads, "i2");
    } else {
        let sub = if m.lag == 0 { "member-nothing-behind" } else { "member-behind" };
        let message = Message { key: sub, arguments: Vec::new() }
            .number("n", m.lag as f64)
            .message("rate", quantity::rate(m.read));
        say(10.0, message, "i2");
    }
    let dy = if slow && !block.forming { -15.0 } else { -8.0 };
    words.children.push(text(x, m.y + dy, m.client.as_str()).class("t15 b"));
}
