//! The lab: one situation, and beside it what each of Apache Kafka's assignors makes of it. The page edits a history and
//! keeps it in the address; the tab's worker computes.

mod columns;
mod comparison;
mod real_run;
mod several;
mod situation;
mod steps;

use crate::browser;
use crate::components::open_consumer_tab::OpenConsumerTab;
use crate::session::Session;
use crate::state::use_state;
use crate::ui::{Link, Slide, say};
use crate::words::t;
use columns::Columns;
use comparison::Comparison;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use real_run::{RealRun, RunButton, RunSection};
use several::Several;
use situation::SituationControls;
use std::sync::Arc;
use steps::Steps;
use tablog_dashboard::model::lab::answer::Answer;
use tablog_dashboard::model::lab::situation::TOPIC;
use tablog_dashboard::model::lab::{History, Refusal, Situation, Step, address};
use tablog_dashboard::model::message::Message;
use wasm_bindgen_futures::spawn_local;

const PATH: &str = "/lab";

/// What the parts of the page share.
#[derive(Clone, Copy, Debug)]
pub struct Lab {
    pub history: RwSignal<History>,
    pub situation: Memo<Situation>,
    pub answer: RwSignal<Arc<Answer>>,
    /// Why the last edit was not done.
    pub refused: RwSignal<Option<Message>>,
    /// Topics, subscriptions, racks and static members are in sight.
    pub several: RwSignal<bool>,
    pub dragged: RwSignal<Option<Dragged>>,
    /// What a drop means. It is done when the drag has ended: until then what is dragged has to stay in the document.
    dropped: StoredValue<Option<Step>>,
    slide: Slide,
    /// Which question was asked last: an answer to an older one comes too late.
    asked: StoredValue<u64>,
}

/// A consumer or a topic, by its name.
#[derive(Clone, Debug, PartialEq)]
pub enum Dragged {
    Consumer(String),
    Topic(String),
}

#[component]
pub fn LabPage() -> impl IntoView {
    let search = use_location().search;
    let read = address::read(&search.get_untracked());
    let unreadable = RwSignal::new(read.as_ref().err().map(address::Unreadable::message));
    let lab = Lab::new(read.ok().flatten().unwrap_or_else(History::example));
    let written = StoredValue::new(search.get_untracked());
    // The address was changed by somebody else: a link, the browser's way back.
    Effect::new(move || {
        let query = search.get();
        if written.get_value() == query {
            return;
        }
        written.set_value(query.clone());
        match address::read(&query) {
            Ok(history) => {
                unreadable.set(None);
                lab.open(history.unwrap_or_else(History::example));
            }
            Err(why) => unreadable.set(Some(why.message())),
        }
    });
    let navigate = use_navigate();
    Effect::new(move |before: Option<History>| {
        let history = lab.history.get();
        if before.is_some_and(|before| before != history) {
            let query = with_language(address::write(&history));
            if written.get_value() != query {
                written.set_value(query.clone());
                let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
                navigate(&format!("{PATH}?{query}"), options);
            }
        }
        lab.ask(&history);
        history
    });
    move || match unreadable.get() {
        Some(why) => view! { <Unreadable why /> }.into_any(),
        None => view! { <Full lab /> }.into_any(),
    }
}

/// The language of the page stays in the address if it was there.
fn with_language(query: String) -> String {
    match browser::query("lang") {
        Some(language) => format!("lang={language}&{query}"),
        None => query,
    }
}

#[component]
fn Unreadable(why: Message) -> impl IntoView {
    let empty = format!("{PATH}?{}", address::write(&History::empty()));
    view! {
        <div class="lede"><h1 class="bad">{t("lab-unreadable")}</h1></div>
        <div class="fault" role="alert"><p>{say(&why)}</p><p>{t("lab-unreadable-way")}</p></div>
        <div class="acts">
            <Link href=empty class="btn main">{t("lab-open-empty")}</Link>
            <Link href=PATH class="btn">{t("lab-open-example")}</Link>
        </div>
    }
}

#[component]
fn Full(lab: Lab) -> impl IntoView {
    let state = use_state();
    let is_several = Memo::new(move |_| lab.several.get() || lab.situation.with(|s| !s.is_simple()));
    // The lab's own topic if there is one; where there is none at all, the tab says so.
    let of_lab = Memo::new(move |_| {
        state.with(|v| v.snapshot.topics.contains_key(TOPIC) || v.snapshot.user_topics().next().is_none())
    });
    let copied = RwSignal::new(None::<Message>);
    let copy = move |_| {
        let query = address::write(&lab.history.get_untracked());
        let address = browser::whole_address(&format!("{PATH}?{query}"));
        spawn_local(async move {
            let key = if browser::copy(&address).await { "lab-copied" } else { "lab-not-copied" };
            copied.set(Some(Message { key, arguments: Vec::new() }));
        });
    };
    let run = RealRun::new(lab.history.into());
    // What is said of a copy holds until something changes.
    Effect::new(move || {
        lab.history.track();
        copied.set(None);
    });
    let leave = move |event: leptos::ev::DragEvent| {
        if let Some(Dragged::Consumer(name)) = lab.dragged.get_untracked() {
            event.prevent_default();
            lab.drop(Step::Leave(name));
        }
    };
    let over = move |event: leptos::ev::DragEvent| {
        if matches!(lab.dragged.get_untracked(), Some(Dragged::Consumer(_))) {
            event.prevent_default();
        }
    };
    let is_dragged = move || matches!(lab.dragged.get(), Some(Dragged::Consumer(_)));
    view! {
        <div class="lede">
            <h1>{move || say(&lab.history.with(History::headline))}</h1>
            <div class="acts">
                <button class="btn" on:click=copy>{t("lab-copy")}</button>
                {move || if of_lab.get() {
                    view! { <OpenConsumerTab topic=TOPIC /> }.into_any()
                } else {
                    view! { <OpenConsumerTab /> }.into_any()
                }}
                <RunButton run />
            </div>
        </div>
        <p class="cap labsaid" role="status">{move || copied.get().map(|m| say(&m))}</p>
        {move || lab.refused.get().map(|m| view! { <p class="bad" role="alert">{say(&m)}</p> })}
        {move || state.died.get().map(|detail| {
            view! { <p class="bad" role="alert">{say(&Message::new("died-what").text("detail", detail))}</p> }
        })}
        <Steps lab />
        {move || is_several.get().then(|| view! { <Several lab /> })}
        <div class="labgrid">
            <SituationControls lab is_several />
            <div class="labmain" class:drop=is_dragged on:dragover=over on:drop=leave>
                <p class="droph narr" aria-hidden="true">{t("lab-drop")}</p>
                <Columns lab />
            </div>
        </div>
        <Comparison lab />
        <RunSection run />
    }
}

impl Lab {
    fn new(history: History) -> Self {
        let history = RwSignal::new(history);
        Lab {
            history,
            situation: Memo::new(move |_| history.with(History::situation)),
            answer: RwSignal::default(),
            refused: RwSignal::new(None),
            several: RwSignal::new(false),
            dragged: RwSignal::new(None),
            dropped: StoredValue::new(None),
            slide: Slide::new(),
            asked: StoredValue::new(0),
        }
    }

    /// Another history altogether.
    fn open(self, history: History) {
        self.refused.set(None);
        self.history.set(history);
    }

    pub fn go(self, at: usize) {
        self.refused.set(None);
        self.history.update(|history| history.go(at));
    }

    /// What came after is cut off.
    pub fn step(self, step: Step) {
        let mut history = self.history.get_untracked();
        let outcome = history.add(step);
        self.finish(outcome.map(|()| history));
    }

    pub fn begin_drag(self, event: &leptos::ev::DragEvent, what: Dragged) {
        if let Some(data) = event.data_transfer() {
            let (Dragged::Consumer(name) | Dragged::Topic(name)) = &what;
            let _ = data.set_data("text/plain", name);
        }
        self.dropped.set_value(None);
        self.dragged.set(Some(what));
    }

    pub fn drop(self, step: Step) {
        self.dropped.set_value(Some(step));
    }

    pub fn end_drag(self) {
        self.dragged.set(None);
        if let Some(step) = self.dropped.try_update_value(Option::take).flatten() {
            self.step(step);
        }
    }

    /// The situation as it now stands, changed in what is no step of a group: it begins anew.
    pub fn begin_anew(self, change: impl FnOnce(&mut Situation)) {
        let mut situation = self.situation.get_untracked();
        change(&mut situation);
        self.finish(History::new(situation));
    }

    fn finish(self, outcome: Result<History, Refusal>) {
        match outcome {
            Ok(history) => self.open(history),
            Err(refusal) => self.refused.set(Some(refusal.message())),
        }
    }

    fn ask(self, history: &History) {
        let number = self.asked.get_value() + 1;
        self.asked.set_value(number);
        let question = Session::assign(history.clone());
        spawn_local(async move {
            let answer = question.await;
            if self.asked.try_get_value() != Some(number) {
                return;
            }
            if let Ok(answer) = answer {
                self.slide.begin();
                self.answer.set(Arc::new(answer));
            }
        });
    }
}
