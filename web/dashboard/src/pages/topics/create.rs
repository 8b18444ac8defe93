//! Making a topic: every choice in words with the raw setting beside it, and one sentence that says what will be.

use crate::components::partition_tile::tiles;
use crate::session::Session;
use crate::state::use_state;
use crate::ui::{Segmented, say};
use crate::words::{t, words};
use leptos::prelude::*;
use tablog_dashboard::model::colour::Tile;
use tablog_dashboard::model::limits::PARTITIONS_MAX;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::topic_name;
use tablog_dashboard::model::topic_settings::{Cleanup, Durability, NewTopic, Storage};

const HOUR_MS: i64 = 3_600_000;

#[component]
pub fn CreatePanel(on_close: impl Fn() + Clone + Send + 'static) -> impl IntoView {
    let state = use_state();
    let topic = RwSignal::new(NewTopic::default());
    // How long: a count and a unit; a unit of -1 is for ever.
    let count = RwSignal::new(7i64);
    let unit_ms = RwSignal::new(24 * HOUR_MS);
    Effect::new(move || {
        let (count, unit_ms) = (count.get(), unit_ms.get());
        topic.update(|t| t.retention_ms = (unit_ms > 0).then(|| count.saturating_mul(unit_ms)));
    });
    let taken = move || state.with(|v| v.snapshot.topics.keys().cloned().collect::<Vec<_>>());
    let verdict = Memo::new(move |_| topic_name::check(&topic.with(|t| t.name.clone()), &taken()));
    let possible =
        move || verdict.get().is_right() && (1..=PARTITIONS_MAX).contains(&topic.with(|t| t.partitions));
    let trouble = RwSignal::new(None::<Message>);
    let close = on_close.clone();
    let create = move || {
        let close = close.clone();
        leptos::task::spawn_local(async move {
            match Session::create_topic(topic.get_untracked()).await {
                Ok(()) => close(),
                Err(message) => trouble.set(Some(message)),
            }
        });
    };
    let button = move || match possible() {
        true => Message::new("create-named").text("name", cut(&topic.with(|t| t.name.clone()))),
        false => Message::new("create"),
    };
    let on_submit = create.clone();
    view! {
        <section class="sec crsec" aria-labelledby="create-head">
            <div class="sech"><h2 id="create-head">{t("create-a-topic")}</h2></div>
            <form class="crf" on:submit=move |e| {
                e.prevent_default();
                if possible() { on_submit() }
            }>
                <div class="fr">
                    <label for="create-name">{t("col-name")}</label>
                    <div>
                        <input id="create-name" class="in bytes" autofocus spellcheck="false" autocomplete="off"
                            aria-describedby="create-name-note" aria-invalid=move || verdict.get().is_wrong().to_string()
                            on:input:target=move |e| topic.update(|t| t.name = e.target().value()) />
                        <p id="create-name-note" class="err" class:bad=move || verdict.get().is_wrong() role="status">
                            {move || words(verdict.get().message())}
                        </p>
                    </div>
                    <code></code>
                </div>
                <Partitions topic />
                <div class="fr">
                    <label for="create-keep">{t("create-keep")}</label>
                    <div class="inline">
                        <input id="create-keep" class="in" type="number" min="1" prop:value=move || count.get() hidden={move || unit_ms.get() < 0}
                            on:input:target={move |e| if let Ok(n) = e.target().value().parse::<i64>() { count.set(n.max(1)) }} />
                        <select class="in" aria-label=t("create-unit")
                            on:change:target=move |e| if let Ok(n) = e.target().value().parse() { unit_ms.set(n) }>
                            <option value=HOUR_MS.to_string()>{t("unit-hours")}</option>
                            <option value=(24 * HOUR_MS).to_string() selected>{t("unit-days")}</option>
                            <option value=(168 * HOUR_MS).to_string()>{t("unit-weeks")}</option>
                            <option value="-1">{t("unit-ever")}</option>
                        </select>
                    </div>
                    <code>{move || format!("retention.ms={}", topic.with(|t| t.retention_ms.unwrap_or(-1)))}</code>
                </div>
                <div class="fr">
                    <label for="create-size">{t("create-at-most")}</label>
                    <div class="inline">
                        <select id="create-size" class="in"
                            on:change:target=move |e| if let Ok(n) = e.target().value().parse() { topic.update(|t| t.retention_bytes = n) }>
                            <option value="-1">{t("size-any")}</option>
                            <option value="10485760">{t("size-10mb")}</option>
                            <option value="104857600">{t("size-100mb")}</option>
                        </select>
                    </div>
                    <code>{move || format!("retention.bytes={}", topic.with(|t| t.retention_bytes))}</code>
                </div>
                <div class="fr">
                    <span>{t("col-cleanup")}</span>
                    <Segmented label="col-cleanup"
                        options=vec![(Cleanup::Delete, "cleanup-delete"), (Cleanup::Compact, "cleanup-compact"), (Cleanup::Both, "cleanup-both")]
                        value=Signal::derive(move || topic.with(|t| t.cleanup))
                        on_choose=move |c| topic.update(|t| t.cleanup = c) />
                    <code>{move || format!("cleanup.policy={}", topic.with(|t| t.cleanup.kafka()))}</code>
                </div>
                <div class="fr">
                    <span>{t("create-ack")}</span>
                    <Segmented label="create-ack"
                        options=vec![(Durability::Acks, "ack-choice-asked"), (Durability::Relaxed, "ack-choice-relaxed"), (Durability::Strict, "ack-choice-strict")]
                        value=Signal::derive(move || topic.with(|t| t.durability))
                        on_choose=move |d| topic.update(|t| t.durability = d) />
                    <code>{move || match topic.with(|t| t.durability.tablog()) {
                        Some(durability) => format!("tablog.durability={durability}"),
                        None => words(&Message::new("durability-not-set")),
                    }}</code>
                </div>
                <div class="fr">
                    <span>{t("create-stored")}</span>
                    <Segmented label="create-stored"
                        options=vec![(Storage::IndexedDb, "place-choice-indexeddb"), (Storage::Memory, "place-choice-memory")]
                        value=Signal::derive(move || topic.with(|t| t.storage))
                        on_choose=move |s| topic.update(|t| t.storage = s) />
                    <code>{move || format!("tablog.storage={}", topic.with(|t| t.storage.tablog()))}</code>
                </div>
            </form>
            <aside class="crsum">
                <p class="narr">{move || say(&topic.with(NewTopic::sentence))}</p>
                {move || trouble.get().map(|m| view! { <p class="bad" role="alert">{say(&m)}</p> })}
                <div class="acts">
                    <button class="btn main" disabled=move || !possible() on:click=move |_| create()>{move || words(&button())}</button>
                    <button class="btn" on:click=move |_| on_close()>{t("cancel")}</button>
                </div>
                <p class="cap">{move || {
                    let n = f64::from(topic.with(|t| t.partitions));
                    say(&Message::new("create-note").number("now", n).number("next", n + 1.0))
                }}</p>
            </aside>
        </section>
    }
}

#[component]
fn Partitions(topic: RwSignal<NewTopic>) -> impl IntoView {
    let n = move || topic.with(|t| t.partitions);
    let drawn = move || tiles((0..n().clamp(0, 200)).map(|p| Tile::new(p, 0)).collect(), true, 12);
    view! {
        <div class="fr">
            <label for="create-partitions">{t("col-partitions")}</label>
            <div class="inline">
                <input id="create-partitions" class="in" type="number" min="1" max=PARTITIONS_MAX prop:value=n
                    on:input:target=move |e| if let Ok(n) = e.target().value().parse() { topic.update(|t| t.partitions = n) } />
                {drawn}
            </div>
            <code>{move || words(&Message::new("raw-partitions").number("n", f64::from(n())))}</code>
        </div>
    }
}

fn cut(name: &str) -> String {
    if name.chars().count() > 24 { name.chars().take(22).chain(['…']).collect() } else { name.to_owned() }
}
