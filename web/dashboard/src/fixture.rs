//! Dev only.
use crate::state::{Commits, Phase, State, View, Watched, StorageFigures};
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use tablog_dashboard::model::feed::{Event, Feed};
use tablog_dashboard::model::generations::{Generation, History, Why, ownership};
use tablog_dashboard::model::rates::Rates;
use tablog_dashboard::model::snapshot::*;
use tablog_dashboard::model::strata::Keys;

pub fn fill(state: State) {
    if crate::browser::query("state").as_deref() == Some("empty") {
        let mut v = View::default();
        v.snapshot.at_ms = crate::browser::now_ms();
        state.view.set(Arc::new(v));
        state.phase.set(Phase::Up);
        return;
    }
    let now = crate::browser::now_ms();
    let ends = [2186i64, 5539, 3116, 4574, 2343, 2242];
    let lags = [3i64, 7, 488, 716, 2, 4];
    let rates_in = [17.5, 44.3, 24.9, 36.6, 18.7, 17.9];
    let rates_out = [17.5, 44.3, 15.4, 22.6, 18.7, 17.9];
    let at = |p: i32| TopicPartition::new("flights", p);
    let reb = crate::browser::query("state").as_deref() == Some("rebalance");
    let make = |t: f64, at_ms: i64| -> Snapshot {
        let back = |r: f64| ((t) * r) as i64;
        let partitions = (0..6).map(|p| Partition { log_start: 0, high_watermark: ends[p] - back(rates_in[p]), bytes: (ends[p] * 67) as u64, leader: 1 }).collect();
        let settings = BTreeMap::from([("retention.ms".to_string(), Setting { value: "-1".into(), ..Default::default() }), ("cleanup.policy".to_string(), Setting { value: "delete".into(), inherited: true, ..Default::default() })]);
        let gates = (0..2).map(|p| Partition { high_watermark: [170, 141][p] - back(1.2), bytes: 12000, ..Default::default() }).collect();
        let member = |n: i32| Member { member_id: format!("consumer-{n}-5b0c2f"), client_id: format!("consumer-{n}"), host: "/tab".into(), owned: vec![at(2 * n - 2), at(2 * n - 1)] };
        let committed = (0..6).map(|p| (at(p as i32), ends[p] - lags[p] - back(rates_out[p]))).collect();
        let g = Group { state: if reb { "PreparingRebalance".into() } else { "Stable".into() }, kind: "classic".into(), assignor: "range".into(), members: (1..=3).map(member).collect(), committed };
        let board = Group { state: "Stable".into(), kind: "classic".into(), assignor: "range".into(), members: vec![Member { member_id: "board-1-x".into(), client_id: "board-1".into(), owned: vec![TopicPartition::new("gate-changes", 0), TopicPartition::new("gate-changes", 1)], ..Default::default() }], committed: BTreeMap::from([(TopicPartition::new("gate-changes", 0), 170 - back(1.2)), (TopicPartition::new("gate-changes", 1), 141 - back(1.2))]) };
        let audit = Group { state: "Empty".into(), kind: "classic".into(), committed: (0..6).map(|p| (at(p as i32), ends[p] * 55 / 100)).collect(), ..Default::default() };
        let own = Topic { internal: true, partitions: vec![Partition { high_watermark: 61, bytes: 4000, ..Default::default() }, Partition::default(), Partition { high_watermark: 214, bytes: 15000, ..Default::default() }, Partition::default()], settings: BTreeMap::from([("cleanup.policy".to_string(), Setting { value: "compact".into(), ..Default::default() })]) };
        Snapshot { at_ms, cluster_id: "abc".into(), brokers: vec![Broker { node_id: 1, host: "b".into(), port: 9092 }],
            topics: BTreeMap::from([("flights".to_string(), Topic { internal: false, partitions, settings: settings.clone() }), ("gate-changes".to_string(), Topic { internal: false, partitions: gates, settings }), ("__consumer_offsets".to_string(), own)]),
            groups: BTreeMap::from([("flights-readers".to_string(), g), ("departure-board".to_string(), board), ("nightly-audit".to_string(), audit)]) }
    };
    let mut rates = Rates::default();
    for i in (0..60).rev() { rates.observe(&make(i as f64 * 0.5, now - i * 500)); }
    let snapshot = make(0.0, now);
    let mut h = History::default();
    let owners = ownership(&snapshot.groups["flights-readers"]);
    let mut o1 = owners.clone(); o1.clear(); o1.insert("consumer-1".into(), (0..6).map(at).collect());
    let mut o2 = o1.clone(); o2.insert("consumer-1".into(), (0..3).map(at).collect()); o2.insert("consumer-2".into(), (3..6).map(at).collect());
    let mut o3 = owners.clone(); let x = o3.remove("consumer-3").unwrap(); o3.insert("consumer-4".into(), x);
    for (n, ago, stop, o) in [(1, 160, 0, o1), (2, 127, 600, o2), (3, 91, 900, o3), (4, 51, 900, owners)] {
        h.completed(Generation { number: Some(n), from_ms: now - ago * 1000, stopped_ms: stop, assignor: "range".into(), owners: o });
    }
    h.departed(now - 52_000, "consumer-4", Why::Expired);
    if reb { h.rebalance_started(now - 400); }
    let mut feed = Feed::default();
    for (ago, json) in [
        (127, r#"{"kind":"topic_created","topic":"flights","partitions":6}"#.to_string()),
        (92, r#"{"kind":"member_expired","group":"flights-readers","client_id":"consumer-4"}"#.to_string()),
        (52, r#"{"kind":"member_joined","group":"flights-readers","client_id":"consumer-3"}"#.to_string()),
        (51, r#"{"kind":"generation_completed","group":"flights-readers","generation":4,"protocol":"range","duration_ms":900,"assignment":{"c":{"client_id":"consumer-3","partitions":[{"topic":"flights","partitions":[4,5]}]}}}"#.to_string()),
    ] {
        let json = json.replacen('{', &format!("{{\"at\":{},", now - ago * 1000), 1);
        if let Some((t, e)) = Event::parse(json.as_bytes()) { feed.observe(t, &e); }
    }
    let mut keys: Vec<Keys> = vec![Keys::default(); 6];
    if let Some(f) = tablog_dashboard::model::flights::Flights::unpack(include_bytes!("../../../static/flights/flights.bin")) {
        let mut n = [0i64; 6];
        for i in 0..f.len() { let r = f.record(i); let p = tablog_dashboard::model::murmur2::partition_of(r.key.as_bytes(), 6) as usize; keys[p].push(n[p], Some(&r.key)); n[p] += 1; }
    }
    state.watched.set(Arc::new(Watched { topic: "flights".into(), keys }));
    state.storage.set(StorageFigures { usage: Some((1_380_000, 4_200_000_000)), persisted: Some(false) });
    state.view.set(Arc::new(View { snapshot, rates, histories: BTreeMap::from([("flights-readers".to_string(), h)]), feed, commits: Some(Commits { per_second: 40.0, p50_ms: 0.4, p99_ms: 1.1 }), has_events: true }));
    state.phase.set(Phase::Up);
}
