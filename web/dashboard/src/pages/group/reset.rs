//! Resetting a group's offsets: six ways, and before it is done a preview of what would be read again or skipped.
//! While the group has members it is refused, in words, with the way out.

use super::look;
use crate::components::legend::{Legend, Mark};
use crate::session::Session;
use crate::state::use_state;
use crate::tab_clients;
use crate::ui::{Picture, say};
use crate::words::{t, words};
use leptos::html;
use leptos::prelude::*;
use tablog_dashboard::model::colour::Tile;
use tablog_dashboard::model::generations;
use tablog_dashboard::model::limits::RESET_CHOICES_MAX;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::reset::{self, Change, Sums, Way};
use tablog_dashboard::model::reset_picture;
use tablog_dashboard::model::snapshot::{Group, Snapshot, TopicPartition};
use tablog_record::{SortedMap, SortedSet};
use wasm_bindgen::JsCast;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Earliest,
    Latest,
    Time,
    Offset,
    Shift,
    Group,
}

const MODES: [(Mode, &str, &str); 6] = [
    (Mode::Earliest, "reset-earliest", "reset-earliest-what"),
    (Mode::Latest, "reset-latest", "reset-latest-what"),
    (Mode::Time, "reset-time", "reset-time-what"),
    (Mode::Offset, "reset-offset", "reset-offset-what"),
    (Mode::Shift, "reset-shift", "reset-shift-what"),
    (Mode::Group, "reset-group", "reset-group-what"),
];

/// What is chosen in the panel.
#[derive(Clone, Copy)]
struct Choice {
    id: StoredValue<String>,
    mode: RwSignal<Mode>,
    date: RwSignal<String>,
    clock: RwSignal<String>,
    offset: RwSignal<String>,
    shift: RwSignal<String>,
    /// None: the first that there is.
    source: RwSignal<Option<String>>,
    /// None: all of the group's.
    topic: RwSignal<Option<String>>,
    left_out: RwSignal<SortedSet<TopicPartition>>,
    /// What the broker said of a time.
    found: RwSignal<Option<(i64, SortedMap<TopicPartition, i64>)>>,
}

impl Choice {
    fn new(id: StoredValue<String>) -> Self {
        let text = |text: &str| RwSignal::new(text.to_owned());
        Choice {
            id,
            mode: RwSignal::new(Mode::Earliest),
            date: text(""),
            clock: text("00:00"),
            offset: text("0"),
            shift: text("-100"),
            source: RwSignal::new(None),
            topic: RwSignal::new(None),
            left_out: RwSignal::default(),
            found: RwSignal::new(None),
        }
    }

    /// Those that could be chosen.
    fn offered(&self, s: &Snapshot) -> Vec<TopicPartition> {
        let topics = self.topic.get().map_or_else(|| topics(s, &self.id.get_value()), |topic| vec![topic]);
        let of = |topic: &String| {
            let count = s.topics.get(topic).map_or(0, |t| t.partitions.len());
            (0..count).map(|p| TopicPartition::new(topic.clone(), p as i32)).collect::<Vec<_>>()
        };
        topics.iter().flat_map(of).collect()
    }

    fn chosen(&self, s: &Snapshot) -> Vec<TopicPartition> {
        let left_out = self.left_out.get();
        self.offered(s).into_iter().filter(|p| !left_out.contains(p)).collect()
    }

    fn time_ms(&self) -> Option<i64> {
        reset::parse_utc(&self.date.get(), &self.clock.get())
    }

    fn way(&self, s: &Snapshot) -> Result<Way, Message> {
        let number = |text: String, wrong| {
            text.trim().parse::<i64>().map_err(|_| Message { key: wrong, arguments: Vec::new() })
        };
        match self.mode.get() {
            Mode::Earliest => Ok(Way::Earliest),
            Mode::Latest => Ok(Way::Latest),
            Mode::Time => {
                let time = self.time_ms().ok_or(Message::new("reset-wrong-time"))?;
                let found = self.found.get().filter(|(asked, _)| *asked == time);
                Ok(Way::Time(found.map(|(_, offsets)| offsets)))
            }
            Mode::Offset => number(self.offset.get(), "reset-wrong-offset").and_then(|n| {
                if n < 0 { Err(Message::new("reset-wrong-offset")) } else { Ok(Way::Offset(n)) }
            }),
            Mode::Shift => number(self.shift.get(), "reset-wrong-shift").map(Way::Shift),
            Mode::Group => {
                let sources = self.sources(s);
                let chosen = self.source.get().filter(|id| sources.contains(id));
                let source = chosen.or_else(|| sources.first().cloned());
                source.map(Way::Group).ok_or(Message::new("reset-wrong-group"))
            }
        }
    }

    /// Groups that have committed for what is chosen.
    fn sources(&self, s: &Snapshot) -> Vec<String> {
        let chosen = self.chosen(s);
        let id = self.id.get_value();
        let has = |(other, g): &(&String, &Group)| {
            **other != id && chosen.iter().any(|p| g.committed.contains_key(p))
        };
        s.groups.iter().filter(has).map(|(other, _)| other.clone()).collect()
    }
}

/// The topics that a group knows; of one that knows none, any may be its first.
fn topics(s: &Snapshot, id: &str) -> Vec<String> {
    let mut topics = s.groups.get(id).map(Group::topics).unwrap_or_default();
    topics.retain(|topic| s.topics.contains_key(topic));
    if topics.is_empty() { s.user_topics().map(|(name, _)| name.clone()).collect() } else { topics }
}

/// What the panel shows at a moment.
#[derive(Clone, Debug, PartialEq)]
struct Plan {
    changes: Vec<Change>,
    sums: Sums,
    wrong: Option<Message>,
    waiting: bool,
    /// Who is in the way: their names.
    members: Vec<String>,
}

impl Plan {
    fn of(choice: Choice, s: &Snapshot, group: &Group) -> Plan {
        let chosen = choice.chosen(s);
        let way = choice.way(s);
        let waiting = matches!(way, Ok(Way::Time(None)));
        let none_chosen = chosen.is_empty().then(|| Message::new("reset-wrong-nothing"));
        let wrong = none_chosen.or_else(|| way.as_ref().err().cloned());
        let changes = reset::plan(s, group, &chosen, &way.unwrap_or(Way::Time(None)));
        let members = group.members.iter().map(|m| generations::name(group, m)).collect();
        Plan { sums: reset::sums(&changes), changes, wrong, waiting, members }
    }

    fn can_be_done(&self) -> bool {
        self.wrong.is_none() && self.members.is_empty() && self.sums.set > 0
    }

    fn sentence(&self, group: &str) -> Message {
        let sums = &self.sums;
        if let Some(wrong) = &self.wrong {
            return wrong.clone();
        }
        if !self.members.is_empty() {
            let refused = Message::new("reset-refused").number("n", self.members.len() as f64);
            return refused.message("members", reset::names(&self.members));
        }
        if self.waiting {
            return Message::new("reset-asking");
        }
        if sums.set == 0 {
            return Message::new("reset-nothing-left");
        }
        let part = |key, n: usize| match n {
            0 => Message::new("nothing"),
            n => Message { key, arguments: Vec::new() }.number("n", n as f64),
        };
        Message::new("reset-sentence")
            .text("group", group)
            .number("again", sums.again as f64)
            .number("skipped", sums.skipped as f64)
            .message("clamped", part("reset-clamped", sums.clamped))
            .message("since", part("reset-none-since", sums.none_since))
            .message("left", part("reset-left-out", sums.left_out))
    }
}

#[component]
pub fn ResetPanel(
    id: StoredValue<String>,
    /// What came of it is said where the panel was.
    on_close: impl Fn(Option<Message>) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let state = use_state();
    let choice = Choice::new(id);
    let trouble = RwSignal::new(None::<Message>);
    let plan =
        Memo::new(move |_| state.with(|v| look(v, &id.get_value(), |g, _| Plan::of(choice, &v.snapshot, g))));
    Effect::new(move || ask_for_time(choice, trouble));
    let apply = move || {
        let Some(plan) = plan.get_untracked().filter(Plan::can_be_done) else { return };
        let offsets = plan.changes.into_iter().filter_map(|c| Some((c.partition, c.after?))).collect();
        leptos::task::spawn_local(async move {
            match Session::set_offsets(id.get_value(), offsets).await {
                Ok(n) => on_close(Some(Message::new("reset-done").number("n", n as f64))),
                Err(message) => trouble.set(Some(message)),
            }
        });
    };
    let changes = move || plan.get().map(|p| p.changes).unwrap_or_default();
    let marks = vec![
        (Mark::Now, Message::new("legend-now")),
        (Mark::Committed, Message::new("legend-after")),
        (Mark::Lag, Message::new("legend-to-be-read")),
        (Mark::Skipped, Message::new("legend-skipped")),
    ];
    let marks = Signal::derive(move || marks.clone());
    view! {
        <section class="sec reset" aria-labelledby="reset-head">
            <div class="sech"><h2 id="reset-head">{t("reset-offsets")}</h2><p class="cap">{t("reset-what")}</p></div>
            <form class="rsgrid" on:submit=move |e| { e.prevent_default(); apply() }>
                <div><Modes choice /><Scope choice /></div>
                <div>
                    <Picture draw=move |room| {
                        let changes = changes();
                        state.with(|v| reset_picture::draw(&v.snapshot, &changes, room))
                    } />
                    <Preview changes=Signal::derive(changes) />
                    <Legend marks />
                </div>
                <Verdict id plan trouble on_close />
            </form>
        </section>
    }
}

/// The brokers know where a time lies.
fn ask_for_time(choice: Choice, trouble: RwSignal<Option<Message>>) {
    let state = use_state();
    let Some(time) = choice.time_ms().filter(|_| choice.mode.get() == Mode::Time) else { return };
    choice.topic.track();
    // All that could be chosen, so that a tile pressed is not another question.
    let partitions = state.view.with_untracked(|v| choice.offered(&v.snapshot));
    let offered = choice.topic.get_untracked();
    leptos::task::spawn_local(async move {
        match Session::offsets_at(partitions, time).await {
            Ok(found) if choice.topic.get_untracked() == offered => choice.found.set(Some((time, found))),
            Ok(_) => {}
            Err(message) => trouble.set(Some(message)),
        }
    });
}

#[component]
fn Modes(choice: Choice) -> impl IntoView {
    let list = NodeRef::<html::Ol>::new();
    Effect::new(move || {
        let first = list.get().and_then(|list| list.query_selector("input").ok().flatten());
        if let Some(first) = first {
            let _ = first.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    });
    let modes = MODES.map(|(mode, name, what)| {
        let on = move || choice.mode.get() == mode;
        view! {
            <li data-on=move || on().then_some("")>
                <label>
                    <input type="radio" name="reset-mode" checked=mode == Mode::Earliest on:change=move |_| choice.mode.set(mode) />
                    {t(name)}<span class="quiet">{t(what)}</span>
                </label>
                {move || on().then(|| details(choice, mode))}
            </li>
        }
    });
    view! {
        <fieldset>
            <legend class="vh">{t("reset-go-on")}</legend>
            <ol class="modes" node_ref=list>{modes.into_iter().collect_view()}</ol>
        </fieldset>
    }
}

fn field(label: &'static str, kind: &'static str, value: RwSignal<String>) -> AnyView {
    view! {
        <label class="f">{t(label)}<input class="in" type=kind prop:value=move || value.get()
            on:input:target=move |e| value.set(e.target().value()) /></label>
    }
    .into_any()
}

fn details(choice: Choice, mode: Mode) -> Option<AnyView> {
    let state = use_state();
    let (fields, how) = match mode {
        Mode::Earliest | Mode::Latest => return None,
        Mode::Time => {
            let fields =
                vec![field("reset-date", "date", choice.date), field("reset-clock", "time", choice.clock)];
            (fields, Some("reset-time-how"))
        }
        Mode::Offset => (vec![field("col-offset", "number", choice.offset)], None),
        Mode::Shift => (vec![field("reset-records", "number", choice.shift)], Some("reset-shift-how")),
        Mode::Group => {
            let sources = Memo::new(move |_| state.with(|v| choice.sources(&v.snapshot)));
            let options = move || {
                sources
                    .get()
                    .into_iter()
                    .map(|id| view! { <option value=id.clone()>{id.clone()}</option> })
                    .collect_view()
            };
            let select = view! {
                <label class="f">{t("col-group")}<select class="in" on:change:target=move |e| choice.source.set(Some(e.target().value()))>{options}</select></label>
            };
            (vec![select.into_any()], None)
        }
    };
    let class = if fields.len() > 1 { "two" } else { "" };
    let how = how.map(|how| view! { <p class="narr">{t(how)}</p> });
    Some(view! { <div class="sub"><div class=class>{fields}</div>{how}</div> }.into_any())
}

/// Which topics and partitions, where there is a choice.
#[component]
fn Scope(choice: Choice) -> impl IntoView {
    let state = use_state();
    let all = Memo::new(move |_| state.with(|v| topics(&v.snapshot, &choice.id.get_value())));
    let offered = Memo::new(move |_| {
        let tile = |s: &Snapshot, p: TopicPartition| (s.tile(&p), p);
        state.with(|v| {
            choice.offered(&v.snapshot).into_iter().map(|p| tile(&v.snapshot, p)).collect::<Vec<_>>()
        })
    });
    let topic = move || {
        let all = all.get();
        (all.len() > 1).then(|| {
            let everything = Message::new("reset-all-topics").number("n", all.len() as f64);
            let chosen = choice.topic.get_untracked();
            let options = all.into_iter().map(|topic| {
                view! { <option value=topic.clone() selected=chosen.as_ref() == Some(&topic)>{topic.clone()}</option> }
            });
            let set = move |value: String| choice.topic.set((!value.is_empty()).then_some(value));
            view! {
                <label class="f">{t("reset-topics")}<select class="in" on:change:target=move |e| set(e.target().value())>
                    <option value="">{words(&everything)}</option>{options.collect_view()}
                </select></label>
            }
        })
    };
    let partitions = move || {
        let offered = offered.get();
        let one_topic = offered.iter().all(|(_, p)| p.topic == offered[0].1.topic);
        (one_topic && (2..=RESET_CHOICES_MAX).contains(&offered.len())).then(|| {
            let chips = offered.into_iter().map(|(tile, at)| chip(choice, tile, at)).collect_view();
            view! { <div role="group" aria-label=t("reset-partitions") class="chips"><span class="quiet small">{t("reset-partitions")}</span>{chips}</div> }
        })
    };
    view! { <div class="scope">{topic}{partitions}</div> }
}

fn chip(choice: Choice, tile: Tile, at: TopicPartition) -> impl IntoView {
    let (a, b) = (at.clone(), at);
    let on = move || !choice.left_out.with(|out| out.contains(&a));
    let pressed = on.clone();
    let toggle = move |_| {
        choice.left_out.update(|out| {
            if !out.remove(&b) {
                out.insert(b.clone());
            }
        });
    };
    view! {
        <button type="button" class=move || format!("tile {}{}{}", tile.class(), tile.cut_class(), if on() { "" } else { " gone" })
            aria-pressed=move || pressed().to_string() on:click=toggle>{tile.partition}</button>
    }
}

/// The picture's numbers.
#[component]
fn Preview(changes: Signal<Vec<Change>>) -> impl IntoView {
    let number =
        |n: Option<i64>| n.map_or("–".to_owned(), |n| words(&Message::new("number").number("n", n as f64)));
    let several = move || changes.with(|all| all.iter().any(|c| c.partition.topic != all[0].partition.topic));
    let row = move |c: Change| {
        let topic = several().then(|| format!("{}-", c.partition.topic));
        view! {
            <tr><th scope="row">{topic}{c.partition.partition}</th><td class="num">{number(c.now)}</td><td class="num">{number(c.after)}</td><td>{words(&c.message())}</td></tr>
        }
    };
    let shown = RESET_CHOICES_MAX;
    let rows = move || changes.get().into_iter().take(shown).map(row).collect_view();
    // What the picture has no room for is seen in the table.
    let is_drawn = move || changes.with(|all| all.len() <= reset_picture::ROWS_MAX);
    let rest = move || {
        let all = changes.with(Vec::len);
        let m = Message::new("rows-shown").number("shown", shown as f64).number("all", all as f64);
        (all > shown).then(|| view! { <p class="cap">{words(&m)}</p> })
    };
    view! {
        <div class:vh=is_drawn class="scrollx"><table aria-label="Preview">
            <caption class="vh">"Preview"</caption>
            <thead><tr><th scope="col">"Partition"</th><th scope="col" class="num">"Now"</th><th scope="col" class="num">"After"</th><th scope="col">"Change"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        {rest}
    }
}

/// What would be, or why it cannot, and the way out.
#[component]
fn Verdict(
    id: StoredValue<String>,
    plan: Memo<Option<Plan>>,
    trouble: RwSignal<Option<Message>>,
    on_close: impl Fn(Option<Message>) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let part = move |pick: fn(&Plan) -> bool| Memo::new(move |_| plan.with(|p| p.as_ref().is_some_and(pick)));
    let (possible, refused) = (part(Plan::can_be_done), part(|p| p.wrong.is_some() || !p.members.is_empty()));
    let members = Memo::new(move |_| plan.with(|p| p.as_ref().map_or(0, |p| p.members.len())));
    let sentence = Memo::new(move |_| plan.with(|p| p.as_ref().map(|p| p.sentence(&id.get_value()))));
    let set = Memo::new(move |_| plan.with(|p| p.as_ref().map_or(0, |p| p.sums.set)));
    let remove = move || {
        (members.get() > 0).then(|| {
            let label = Message::new("reset-remove").number("n", members.get() as f64);
            view! { <button type="button" class="btn" on:click=move |_| remove_all(id, trouble)>{words(&label)}</button> }
        })
    };
    view! {
        <div class="verdict" class:no=refused>
            <p id="reset-verdict" role="status">{move || sentence.get().map(|m| say(&m))}</p>
            {move || trouble.get().map(|m| view! { <p class="bad" role="alert">{say(&m)}</p> })}
            <div class="acts">
                <button type="button" class="btn" on:click=move |_| on_close(None)>{t("reset-leave")}</button>
                {remove}
                <button class="btn main" disabled=move || !possible.get() aria-describedby="reset-verdict">
                    {move || words(&Message::new("reset-apply").number("n", set.get() as f64))}
                </button>
            </div>
        </div>
    }
}

/// Those of this tab stop for good; the others are made to leave.
fn remove_all(id: StoredValue<String>, trouble: RwSignal<Option<Message>>) {
    let state = use_state();
    let members = state.view.with_untracked(|v| {
        let members = v.snapshot.groups.get(&id.get_value()).map(|g| g.members.clone());
        members.unwrap_or_default()
    });
    let is_mine = |client: &str| {
        state.tab.with_untracked(|tab| tab.consumers.iter().any(|c| c.settings.client_id == client))
    };
    let (mine, others): (Vec<_>, Vec<_>) = members.into_iter().partition(|m| is_mine(&m.client_id));
    for member in mine {
        tab_clients::remove(state, &member.client_id);
    }
    let others: Vec<String> = others.into_iter().map(|m| m.member_id).collect();
    if !others.is_empty() {
        leptos::task::spawn_local(async move {
            trouble.set(Session::remove_members(id.get_value(), others).await.err());
        });
    }
}
