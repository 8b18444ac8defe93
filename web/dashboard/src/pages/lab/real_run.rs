//! "Run it for real": the button, and the section with what real members did: for each protocol three figures and a
//! time line, and the same in numbers. Leaving the page stops the run.
//!
//! Never knows: how it is played.

use crate::components::legend::{Legend, Mark};
use crate::session::Session;
use crate::ui::{Picture, say};
use crate::words::{t, words};
use leptos::prelude::*;
use std::sync::Arc;
use tablog_dashboard::model::colour::Tile;
use tablog_dashboard::model::drawing::{Drawing, Room};
use tablog_dashboard::model::lab::run::{
    self, Act, CallKind, Departure, HEARTBEAT_INTERVAL_MS, Lane, Outcome, Protocol, RUN_MEMBERS_MAX,
    RUN_PARTITIONS_MAX, RUN_STEPS_MAX, RunOrder, SESSION_TIMEOUT_MS, Told, Unplayable, Way,
};
use tablog_dashboard::model::lab::{History, Situation, run_picture};
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::snapshot::TopicPartition;

/// A run, from the press of the button on.
#[derive(Clone, Copy, Debug)]
pub struct RealRun {
    history: Signal<History>,
    standing: RwSignal<Standing>,
    played: RwSignal<Option<Played>>,
    /// Of each protocol, the assignor of the next run.
    assignors: [RwSignal<&'static str>; 3],
    /// Which step is shown; 0 is the start.
    shown: RwSignal<usize>,
}

#[derive(Clone, Debug, PartialEq)]
enum Standing {
    Idle,
    Running { id: u32, is_stopped: bool },
    Stopped,
    Failed(Message),
}

/// What was asked for and what came of it so far.
#[derive(Clone, Debug, PartialEq)]
struct Played {
    history: Arc<History>,
    ways: Vec<Way>,
    /// By way and step.
    acts: Vec<Vec<Option<Arc<Act>>>>,
}

impl RealRun {
    pub fn new(history: Signal<History>) -> Self {
        let run = RealRun {
            history,
            standing: RwSignal::new(Standing::Idle),
            played: RwSignal::new(None),
            assignors: Protocol::ALL.map(|protocol| RwSignal::new(protocol.assignors()[0])),
            shown: RwSignal::new(0),
        };
        // Where one stands in the history is what one wants to see of its run.
        Effect::new(move |_| {
            let at = history.with(History::at);
            run.shown.set(at);
        });
        on_cleanup(move || run.stop());
        run
    }

    fn begin(self) {
        if self.is_running() || self.refusal().is_some() {
            return;
        }
        let history = self.history.get_untracked();
        let way = |(protocol, assignor): (Protocol, &RwSignal<&'static str>)| Way {
            protocol,
            assignor: assignor.get_untracked().to_owned(),
        };
        let ways: Vec<Way> = Protocol::ALL.into_iter().zip(&self.assignors).map(way).collect();
        let acts = vec![vec![None; history.steps().len() + 1]; ways.len()];
        self.played.set(Some(Played { history: Arc::new(history.clone()), ways: ways.clone(), acts }));
        let on_end = move |outcome: Result<(), Message>| {
            let was_stopped = self.standing.try_get_untracked()
                == Some(Standing::Running { id: self.id(), is_stopped: true });
            let standing = match outcome {
                Err(message) => Standing::Failed(message),
                Ok(()) if was_stopped => Standing::Stopped,
                Ok(()) => Standing::Idle,
            };
            let _ = self.standing.try_set(standing);
        };
        let id = Session::run_lab(RunOrder { history, ways }, move |told| self.note(told), on_end);
        self.standing.set(Standing::Running { id, is_stopped: false });
    }

    fn note(self, told: Told) {
        let _ = self.played.try_update(|played| {
            let acts = played.as_mut().and_then(|played| played.acts.get_mut(told.way));
            if let Some(slot) = acts.and_then(|acts| acts.get_mut(told.step)) {
                *slot = Some(Arc::new(told.act));
            }
        });
    }

    fn stop(self) {
        let running = self.standing.try_get_untracked();
        if let Some(Standing::Running { id, is_stopped: false }) = running {
            Session::stop(id);
            let _ = self.standing.try_set(Standing::Running { id, is_stopped: true });
        }
    }

    fn id(self) -> u32 {
        match self.standing.try_get_untracked() {
            Some(Standing::Running { id, .. }) => id,
            _ => 0,
        }
    }

    fn is_running(self) -> bool {
        self.standing.with(|standing| matches!(standing, Standing::Running { .. }))
    }

    /// Why the history that is seen cannot be played.
    fn refusal(self) -> Option<Message> {
        let why = self.history.with(|history| run::check(history).err())?;
        let most = |key, most: f64| Message { key, arguments: Vec::new() }.number("most", most);
        Some(match why {
            Unplayable::NoMember => Message::new("lab-run-no-member"),
            Unplayable::TooManyMembers => most("lab-run-too-many-members", RUN_MEMBERS_MAX as f64),
            Unplayable::TooManyPartitions => {
                most("lab-run-too-many-partitions", f64::from(RUN_PARTITIONS_MAX))
            }
            Unplayable::TooManySteps => most("lab-run-too-many-steps", RUN_STEPS_MAX as f64),
        })
    }

    /// How far it is, in words.
    fn progress(self) -> Option<Message> {
        let Standing::Running { is_stopped, .. } = self.standing.get() else { return None };
        if is_stopped {
            return Some(Message::new("lab-run-removing"));
        }
        self.played.with(|played| {
            let played = played.as_ref()?;
            let is_over =
                |act: &Option<Arc<Act>>| act.as_ref().is_some_and(|a| a.outcome != Outcome::UnderWay);
            let Some(way) = played.acts.iter().position(|acts| !acts.iter().all(is_over)) else {
                return Some(Message::new("lab-run-removing"));
            };
            let protocol = played.ways[way].protocol.name();
            let step = played.acts[way].iter().position(|act| !is_over(act)).unwrap_or(0);
            Some(match step {
                0 => Message::new("lab-run-forming").text("protocol", protocol),
                step => Message::new("lab-run-playing")
                    .text("protocol", protocol)
                    .message("step", played.name(step)),
            })
        })
    }
}

impl Played {
    /// The start or a step in few words.
    fn name(&self, step: usize) -> Message {
        match step {
            0 => Message::new("lab-run-start"),
            step => self.history.names().into_iter().nth(step).unwrap_or_else(|| Message::new("nothing")),
        }
    }

    fn act(&self, way: usize, step: usize) -> Option<Arc<Act>> {
        self.acts.get(way)?.get(step)?.clone()
    }

    /// The longest of all ways, so that their pictures compare.
    fn end_ms(&self, step: usize) -> i64 {
        let acts = self.acts.iter().filter_map(|acts| acts.get(step)?.as_ref());
        acts.map(|act| act.end_ms).max().unwrap_or(0)
    }

    /// Counted through the topics as they are in the end.
    fn tile(&self, at: &TopicPartition) -> Tile {
        let situation = self.history.situation_at(self.history.steps().len());
        let before = situation.topics.iter().take_while(|topic| topic.name != at.topic);
        let first: i32 = before.map(|topic| topic.partitions).sum();
        Tile::new(at.partition, usize::try_from(first).unwrap_or(0))
    }
}

#[component]
pub fn RunButton(run: RealRun) -> impl IntoView {
    view! {
        <button class="btn main" disabled=move || run.is_running() || run.refusal().is_some() on:click=move |_| run.begin()>
            {t("lab-run")}
        </button>
    }
}

#[component]
pub fn RunSection(run: RealRun) -> impl IntoView {
    let steps =
        Memo::new(move |_| run.played.with(|p| p.as_ref().map_or(0, |p| p.history.steps().len() + 1)));
    let caption = move || {
        let most = |history: &History| history.situations().iter().map(|s| s.partition_count()).max();
        let partitions = match run.played.with(|p| p.as_ref().map(|p| p.history.clone())) {
            Some(history) => most(&history),
            None => return say(&Message::new("lab-run-idle")),
        };
        let interval_ms = run::record_interval_ms(partitions.unwrap_or(0));
        let caption = Message::new("lab-run-caption")
            .number("interval", interval_ms as f64)
            .text("heartbeat", HEARTBEAT_INTERVAL_MS.to_string())
            .text("session", SESSION_TIMEOUT_MS.to_string());
        say(&caption)
    };
    let trouble = move || match run.standing.get() {
        Standing::Failed(message) => {
            Some(view! { <p class="bad" role="alert">{say(&message)}</p> }.into_any())
        }
        Standing::Stopped => Some(view! { <p class="cap">{t("lab-run-stopped")}</p> }.into_any()),
        _ => run.refusal().map(|message| view! { <p class="cap">{say(&message)}</p> }.into_any()),
    };
    let stop = move || {
        run.is_running().then(|| {
            view! { <button class="btn small" on:click=move |_| run.stop()>{t("lab-run-stop")}</button> }
        })
    };
    view! {
        <section class="sec realrun" aria-labelledby="run-head">
            <div class="sech">
                <h2 id="run-head">{t("lab-run-head")}</h2>
                <div class="acts">
                    <span class="quiet small" role="status">{move || run.progress().map(|m| words(&m))}</span>
                    {stop}
                    <Assignors run />
                </div>
            </div>
            <p class="narr runcap">{caption}</p>
            {move || has_racks(run).then(|| view! { <p class="cap">{say(&Message::new("lab-run-racks"))}</p> })}
            {trouble}
            <Steps run steps />
            {move || (steps.get() > 0).then(|| view! { <Runs run /> })}
        </section>
    }
}

fn has_racks(run: RealRun) -> bool {
    run.history.with(|history| {
        let has_any = |s: &Situation| {
            s.members.iter().any(|m| m.rack.is_some()) || s.topics.iter().any(|t| !t.racks.is_empty())
        };
        history.situations().iter().any(has_any)
    })
}

/// Of those protocols that leave a choice.
#[component]
fn Assignors(run: RealRun) -> impl IntoView {
    let choice = move |(protocol, chosen): (Protocol, RwSignal<&'static str>)| {
        let assignors = protocol.assignors();
        (assignors.len() > 1).then(|| {
            let label = Message::new("lab-run-way").text("protocol", protocol.name());
            let options = assignors
                .iter()
                .map(|&name| view! { <option value=name selected=move || chosen.get() == name>{name}</option> });
            let choose = move |event: leptos::ev::Event| {
                let value = event_target_value(&event);
                if let Some(known) = assignors.iter().find(|known| **known == value) {
                    chosen.set(known);
                }
            };
            view! {
                <label class="inl">{words(&label)}
                    <select class="in" disabled=move || run.is_running() on:change=choose>{options.collect_view()}</select>
                </label>
            }
        })
    };
    Protocol::ALL.into_iter().zip(run.assignors).map(choice).collect_view()
}

/// Which step is seen, where there are several.
#[component]
fn Steps(run: RealRun, steps: Memo<usize>) -> impl IntoView {
    let button = move |step: usize| {
        let name = move || run.played.with(|p| p.as_ref().map(|p| words(&p.name(step))));
        let shown = move || shown(run, steps.get()) == step;
        view! {
            <button aria-pressed=move || shown().to_string() on:click=move |_| run.shown.set(step)>{name}</button>
        }
    };
    move || {
        (steps.get() > 1).then(|| {
            let buttons = (0..steps.get()).map(button).collect_view();
            view! { <div class="seg runsteps" role="group" aria-label=t("lab-run-steps")>{buttons}</div> }
        })
    }
}

fn shown(run: RealRun, steps: usize) -> usize {
    run.shown.get().min(steps.saturating_sub(1))
}

#[component]
fn Runs(run: RealRun) -> impl IntoView {
    let marks = vec![
        (Mark::Stripes, Message::new("lab-run-legend-stripes")),
        (Mark::Stopped, Message::new("lab-run-legend-still")),
        (Mark::Nobody, Message::new("lab-run-legend-nobody")),
        (Mark::Request, Message::new("lab-run-legend-request")),
        (Mark::Beat, Message::new("lab-run-legend-beat")),
    ];
    let ways = (0..Protocol::ALL.len()).map(|way| view! { <One run way /> }).collect_view();
    view! {
        <div class="runs">{ways}</div>
        <Legend marks />
        <p class="cap">{t("lab-run-measured")}</p>
    }
}

/// One protocol's step.
#[component]
fn One(run: RealRun, way: usize) -> impl IntoView {
    let step = move || shown(run, run.played.with(|p| p.as_ref().map_or(0, |p| p.history.steps().len() + 1)));
    let act = Memo::new(move |_| run.played.with(|p| p.as_ref().and_then(|p| p.act(way, step()))));
    let named = Memo::new(move |_| run.played.with(|p| p.as_ref().and_then(|p| p.ways.get(way).cloned())));
    let draw = move |room: Room| {
        run.played.with(|played| drawn(played.as_ref(), way, step(), room)).unwrap_or_else(|| Drawing {
            width: room.width,
            height: 40.0,
            label: Message::new("lab-run-not-yet"),
            shapes: Vec::new(),
        })
    };
    let sentence = move || {
        let key = match act.get() {
            None if run.is_running() => Message::new("lab-run-not-yet"),
            None => Message::new("lab-run-none"),
            Some(act) => match &act.outcome {
                Outcome::Unsettled { detail } => Message::new("lab-run-unsettled").text("detail", detail),
                _ => Message::new("lab-run-kept").number("ms", act.kept_gap_ms as f64),
            },
        };
        let is_bad = act.with(|a| a.as_ref().is_some_and(|a| matches!(a.outcome, Outcome::Unsettled { .. })));
        view! { <p class="cap" class:bad=is_bad>{say(&key)}</p> }
    };
    let protocol = move || named.get().map_or("", |way| way.protocol.name());
    view! {
        <section aria-label=protocol>
            <h3 class="figh">{protocol}<small>{move || named.get().map(|way| way.assignor)}</small></h3>
            {move || figures(act.get())}
            <Picture draw />
            {sentence}
            <details>
                <summary>{t("lab-run-numbers")}</summary>
                {move || act.get().map(|act| numbers(&act))}
            </details>
        </section>
    }
}

fn drawn(played: Option<&Played>, way: usize, step: usize, room: Room) -> Option<Drawing> {
    let played = played?;
    let act = played.act(way, step)?;
    let name = played.name(step);
    Some(run_picture::draw(&run_picture::Scene {
        act: &act,
        protocol: played.ways.get(way)?.protocol,
        step: &name,
        end_ms: played.end_ms(step),
        tile: &|at| played.tile(at),
        room,
    }))
}

fn figures(act: Option<Arc<Act>>) -> impl IntoView {
    let figures = act.map(|act| act.figures());
    let fact = |key: &'static str, value: Option<Message>, unit: Message| {
        let value = value.map_or("–".to_owned(), |m| words(&m));
        view! { <div><dt>{t(key)}</dt><dd>{value}<small>{words(&unit)}</small></dd></div> }
    };
    let number = |n: f64| Message::new("number").number("n", n);
    let of = Message::new("lab-run-of").number("n", figures.map_or(0, |f| f.of) as f64);
    let stood = figures.map(|f| number(f.stood_still as f64));
    let longest = figures.map(|f| number(f.longest_ms as f64));
    let sum = figures.map(|f| Message::new("number").decimal("n", f.partition_seconds, 2));
    view! {
        <dl class="sum">
            {fact("lab-run-stood", stood, of)}
            {fact("lab-run-longest", longest, Message::new("lab-run-ms"))}
            {fact("lab-run-sum", sum, Message::new("lab-run-partition-seconds"))}
        </dl>
    }
}

fn numbers(act: &Act) -> AnyView {
    let name = |partition: usize| {
        act.partitions.get(partition).map(|p| format!("{}-{}", p.at.topic, p.at.partition))
    };
    let list =
        |partitions: Vec<usize>| partitions.into_iter().filter_map(name).collect::<Vec<_>>().join(", ");
    let held = |lane: &Lane, at_ms: i64| {
        let mut held: Vec<usize> = Act::held_at(lane, at_ms).collect();
        held.sort_unstable();
        list(held)
    };
    let rows = act.lanes.iter().map(|lane| {
        view! {
            <tr>
                <th scope="row">{lane.member.clone()}</th>
                <td>{held(lane, run::LEAD_MS - 1)}</td>
                <td>{departure(lane).unwrap_or_else(|| held(lane, act.end_ms))}</td>
                <td>{requests(lane)}</td>
            </tr>
        }
    });
    let stills = act.stills.iter().filter(|s| act.partitions.get(s.partition).is_some_and(|p| p.has_reader)).map(|still| {
        view! { <tr><th scope="row">{name(still.partition)}</th><td class="num">{still.lasts_ms(act.end_ms)}</td></tr> }
    });
    view! {
        <table aria-label="Requests">
            <thead><tr>
                <th scope="col">"Member"</th><th scope="col">{t("lab-run-before")}</th><th scope="col">{t("lab-run-after")}</th>
                <th scope="col">{t("lab-run-requests")}</th>
            </tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
        <table aria-label="Stood still">
            <thead><tr><th scope="col">"Partition"</th><th scope="col" class="num">{t("lab-run-still")}</th></tr></thead>
            <tbody>{stills.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn departure(lane: &Lane) -> Option<String> {
    let (at_ms, how) = lane.departed?;
    let key = match how {
        Departure::Left => "lab-run-member-left",
        Departure::Crashed => "lab-run-member-crashed",
    };
    Some(words(&Message { key, arguments: Vec::new() }.number("ms", at_ms as f64)))
}

/// How often it asked what, and which errors it was answered, in Kafka's words.
fn requests(lane: &Lane) -> String {
    let counts = Act::call_counts(lane);
    let one = |(kind, count): &(CallKind, usize)| {
        let refused = lane.calls.iter().filter(|call| call.kind == *kind && !call.error.is_empty());
        let mut errors: Vec<&str> = refused.map(|call| call.error.as_str()).collect();
        let times = errors.len();
        errors.sort_unstable();
        errors.dedup();
        let said = (times > 0).then(|| {
            Message::new("lab-run-error").number("count", times as f64).text("codes", errors.join(", "))
        });
        let said = said.map_or(String::new(), |m| format!(", {}", words(&m)));
        format!("{} {count}{said}", kind.name())
    };
    counts.iter().map(one).collect::<Vec<_>>().join("; ")
}
