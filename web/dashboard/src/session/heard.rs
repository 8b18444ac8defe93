//! What the tab's worker reports, put where the pages see it.

use super::requests;
use crate::state::{Commits, Load, State, View, Watched};
use crate::tab_clients;
use leptos::prelude::*;
use std::sync::Arc;
use tablog_dashboard::model::feed::{Event, why};
use tablog_dashboard::model::orders::{KeyRun, Report};
use tablog_dashboard::model::snapshot::Snapshot;
use tablog_dashboard::model::strata::Keys;
use wasm_bindgen::JsValue;

pub fn heed(state: State, report: Report, with: &JsValue) {
    match report {
        Report::Ready => {}
        Report::Snapshot(snapshot) => show(state, snapshot),
        Report::Events(events) => happened(state, events),
        Report::KeysBegin { topic, partitions } => {
            state.watched.set(Arc::new(Watched { topic, keys: vec![Keys::default(); partitions] }));
        }
        Report::Keys(runs) => state.watched.update(|watched| note_keys(Arc::make_mut(watched), runs)),
        Report::Answer { id, reply } => requests::heed(id, reply, with),
        Report::Figures(figures) => tab_clients::note(state, figures),
        Report::Failed { client_id, detail } => tab_clients::failed(state, client_id, detail),
        Report::Done { records, .. } => tab_clients::loaded(state, records),
        Report::Member(report) => state.member.update(|member| member.observe(report)),
    }
}

/// The worker ended, or never began.
pub fn died(state: State, detail: String) {
    if state.load.get_untracked() == Load::Running {
        state.load.set(Load::Failed(detail.clone()));
    }
    state.died.set(Some(detail));
}

fn show(state: State, mut snapshot: Snapshot) {
    state.view.update(|view| {
        let view = Arc::make_mut(view);
        for (id, group) in &mut snapshot.groups {
            let history = view.histories.entry(id.clone()).or_default();
            history.observe(snapshot.at_ms, group);
            if group.epochs.is_some() {
                history.epochs.observe(snapshot.at_ms, group);
            }
        }
        view.rates.observe(&snapshot);
        view.has_events |= snapshot.topics.contains_key("__tablog_events");
        view.snapshot = snapshot;
    });
}

fn note_keys(watched: &mut Watched, runs: Vec<KeyRun>) {
    for run in runs {
        let Some(keys) = watched.keys.get_mut(run.partition) else { continue };
        for (offset, name) in run.samples {
            let name = run.names.get(name as usize).and_then(Option::as_deref);
            keys.push(offset, name);
        }
    }
}

fn happened(state: State, events: Vec<(i64, Event)>) {
    state.view.update(|view| {
        let view = Arc::make_mut(view);
        for (at_ms, event) in &events {
            note(view, *at_ms, event);
        }
    });
    for (at_ms, event) in events {
        if let Event::StorageFault { detail } = event {
            state.storage_fault(at_ms, detail);
        }
    }
}

fn note(view: &mut View, at_ms: i64, event: &Event) {
    match event {
        Event::RebalanceStarted { group, .. } => {
            view.histories.entry(group.clone()).or_default().rebalance_started(at_ms);
        }
        Event::Left { group, client, member_id, expired } => {
            let history = view.histories.entry(group.clone()).or_default();
            history.departed(at_ms, client, why(*expired));
            history.epochs.departed(at_ms, member_id);
        }
        Event::EpochBumped { group, epoch } => {
            let cause = view.feed.cause(group).cloned();
            view.histories.entry(group.clone()).or_default().epochs.bumped(at_ms, *epoch, cause);
        }
        Event::TargetComputed { group, generation } => {
            view.histories.entry(group.clone()).or_default().aimed(generation.clone());
        }
        Event::Reconciled { group, step, .. } => {
            view.histories.entry(group.clone()).or_default().epochs.stepped(at_ms, step);
        }
        Event::Completed { group, generation } => {
            view.histories.entry(group.clone()).or_default().completed(generation.clone());
        }
        Event::Commits { commits, p50_us, p99_us } => {
            let figures = Commits { per_second: *commits, p50_ms: p50_us / 1e3, p99_ms: p99_us / 1e3 };
            view.commits = Some(figures);
            view.rates.commit_series.push(at_ms, figures.p50_ms);
        }
        _ => {}
    }
    view.feed.observe(at_ms, event);
}
