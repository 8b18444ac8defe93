//! The heartbeats of one member up to now, a dot each; hollow are those that were sent while nobody saw the tab.
//!
//! Never knows: the clock.

use crate::model::drawing::{Drawing, Room, Shape, line, rect, text};
use crate::model::membership::Membership;
use crate::model::message::Message;
use crate::model::quantity;

const HEIGHT: f64 = 40.0;
const Y: f64 = 12.0;
/// Dots stand this far apart, and the line is as long as there is room for.
const STEP: f64 = 9.0;
const SPAN_MS_MIN: f64 = 5_000.0;
const SPAN_MS_MAX: f64 = 60_000.0;

#[derive(Debug)]
pub struct Scene<'a> {
    pub membership: &'a Membership,
    pub now_ms: i64,
    pub zone_minutes: i64,
    pub room: Room,
}

pub fn draw(scene: &Scene<'_>) -> Drawing {
    let Scene { membership, now_ms, zone_minutes, room } = *scene;
    let width = room.width;
    let beats = &membership.heartbeats;
    let span_ms = (width / STEP * interval_ms(membership)).clamp(SPAN_MS_MIN, SPAN_MS_MAX);
    let from_ms = now_ms - span_ms as i64;
    let x = |at_ms: i64| width - 6.0 - (now_ms - at_ms) as f64 / span_ms * (width - 12.0);
    let joined = membership.joined_at_ms.filter(|at_ms| *at_ms > from_ms);
    let begin = joined.map_or(0.0, x).max(0.0);
    let mut shapes = hidden_times(membership, from_ms, x);
    shapes.push(line(begin, Y, width, Y).class("axis"));
    if let Some(at_ms) = joined {
        let says = Message::new("membership-joined-at").text("time", quantity::clock(at_ms, zone_minutes));
        shapes.push(line(begin, Y - 7.0, begin, Y + 7.0).class("axis"));
        if begin > 110.0 {
            shapes.push(text(begin - 8.0, Y + 4.0, says).class("t12 i2 e"));
        }
    }
    let shown = || beats.iter().filter(|beat| beat.at_ms > from_ms);
    let last = beats.back().map(|beat| beat.at_ms);
    for beat in shown() {
        let r = if Some(beat.at_ms) == last { 5.0 } else { 3.5 };
        let dot = Shape::new("circle").at("cx", x(beat.at_ms)).at("cy", Y).with("r", r);
        shapes.push(dot.class(if beat.is_hidden { "beat hid" } else { "beat" }));
    }
    shapes.push(text(width, HEIGHT - 3.0, Message::new("membership-now")).class("t12 i3 e"));
    let label = Message::new("membership-heartbeats-picture")
        .number("n", shown().count() as f64)
        .number("seconds", span_ms / 1e3)
        .number("hidden", shown().filter(|beat| beat.is_hidden).count() as f64);
    Drawing { width, height: HEIGHT, label, shapes }
}

/// As they were sent: the middle one of the last few distances.
fn interval_ms(membership: &Membership) -> f64 {
    let beats = membership.heartbeats.iter().rev().take(10).map(|beat| beat.at_ms).collect::<Vec<_>>();
    let mut between: Vec<i64> = beats.windows(2).map(|pair| pair[0] - pair[1]).collect();
    tablog_record::stable_sort(&mut between);
    between.get(between.len() / 2).map_or(1_000.0, |ms| *ms as f64)
}

/// Ground under what was sent out of sight, with its words where they have room.
fn hidden_times(membership: &Membership, from_ms: i64, x: impl Fn(i64) -> f64) -> Vec<Shape> {
    let mut times: Vec<(i64, i64)> = Vec::new();
    let mut is_going_on = false;
    for beat in membership.heartbeats.iter().filter(|beat| beat.at_ms > from_ms) {
        match times.last_mut() {
            Some((_, until_ms)) if beat.is_hidden && is_going_on => *until_ms = beat.at_ms,
            _ if beat.is_hidden => times.push((beat.at_ms, beat.at_ms)),
            _ => {}
        }
        is_going_on = beat.is_hidden;
    }
    let mut shapes = Vec::new();
    for (from, until) in times {
        let (left, right) = (x(from) - 6.0, x(until) + 6.0);
        shapes.push(rect(left, 3.0, right - left, 18.0).class("hidtime"));
        let key = if right - left > 230.0 { "membership-hidden" } else { "membership-hidden-short" };
        if right - left > 60.0 {
            shapes.push(text(left + 5.0, HEIGHT - 3.0, Message::new(key)).class("t12 i2"));
        }
    }
    shapes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::member::{Heartbeat, MemberReport};

    #[test]
    fn hidden_heartbeats_are_hollow_and_the_line_holds_as_many_as_fit() {
        let mut membership = Membership::default();
        let heartbeats = (0..100).map(|i| Heartbeat { at_ms: i * 500, is_hidden: (80..90).contains(&i) });
        membership.observe(MemberReport { heartbeats: heartbeats.collect(), ..MemberReport::default() });
        let room = Room { width: 438.0, window_height: 640.0 };
        let drawing = draw(&Scene { membership: &membership, now_ms: 49_600, zone_minutes: 0, room });
        let dots = |class: &str| {
            let is = |s: &&Shape| s.attributes.iter().any(|(n, v)| *n == "class" && v == class);
            drawing.shapes.iter().filter(is).count()
        };
        assert_eq!((dots("beat hid"), dots("hidtime")), (10, 1));
        assert_eq!(dots("beat"), 39);
        for shape in &drawing.shapes {
            let at = |n: &str| {
                shape.attributes.iter().find(|(name, _)| *name == n).map(|(_, v)| v.parse::<f64>().unwrap())
            };
            assert!(at("cx").is_none_or(|x| (0.0..=438.0).contains(&x)));
        }
    }
}
