//! Producing by hand: key, value, header, partition, a tombstone, how many. The hash is said before it is sent.

use crate::session::Session;
use crate::state::use_state;
use crate::ui::say;
use crate::words::{t, words};
use leptos::prelude::*;
use tablog_dashboard::model::limits::PRODUCE_COUNT_MAX;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::murmur2;
use tablog_dashboard::model::records::Draft;

#[component]
pub fn ProduceForm(name: String) -> impl IntoView {
    let state = use_state();
    let topic = name.clone();
    let partitions = Memo::new(move |_| {
        state.with(|v| v.snapshot.topics.get(&topic).map_or(0, |t| t.partitions.len() as i32))
    });
    let key = RwSignal::new(String::new());
    let value = RwSignal::new(String::new());
    let header = RwSignal::new((String::new(), String::new()));
    // None: by key, or where the sticky partitioner likes.
    let partition = RwSignal::new(None::<i32>);
    let tombstone = RwSignal::new(false);
    let count = RwSignal::new(1u32);
    let busy = RwSignal::new(false);
    let said = RwSignal::new(None::<Result<Message, Message>>);
    let by_key =
        move || key.with(|k| (!k.is_empty()).then(|| murmur2::partition_of(k.as_bytes(), partitions.get())));
    let hint = move || match (partition.get(), by_key()) {
        (Some(p), _) => Message::new("produce-hint-chosen").number("p", f64::from(p)),
        (None, Some(p)) => Message::new("produce-hint-key")
            .text("key", key.get())
            .number("hash", f64::from(key.with(|k| murmur2::positive(k.as_bytes()))))
            .number("n", f64::from(partitions.get()))
            .number("p", f64::from(p)),
        (None, None) => Message::new("produce-hint-sticky"),
    };
    let by_key_label = move || match by_key() {
        Some(p) => words(&Message::new("produce-by-key-at").number("p", f64::from(p))),
        None => t("produce-by-key")(),
    };
    let possible = move || !busy.get() && (!tombstone.get() || !key.with(String::is_empty));
    let submit = move || {
        let (header_name, header_value) = header.get_untracked();
        let draft = Draft {
            partition: partition.get_untracked(),
            key: key.with_untracked(|k| (!k.is_empty()).then(|| k.clone().into_bytes())),
            value: (!tombstone.get_untracked()).then(|| value.get_untracked().into_bytes()),
            headers: if header_name.is_empty() {
                Vec::new()
            } else {
                vec![(header_name, header_value.into_bytes())]
            },
            timestamp_ms: None,
        };
        let count = count.get_untracked();
        let name = name.clone();
        busy.set(true);
        said.set(None);
        leptos::task::spawn_local(async move {
            let answer = Session::produce(name, draft, count).await;
            said.set(Some(answer.map(|(partition, offset)| {
                Message::new("produced")
                    .number("n", f64::from(count))
                    .number("partition", f64::from(partition))
                    .number("offset", offset as f64)
            })));
            busy.set(false);
        });
    };
    view! {
        <section class="sec prod" aria-labelledby="produce-head">
            <div class="sech"><h2 id="produce-head">{t("produce")}</h2></div>
            <form on:submit=move |e| { e.prevent_default(); if possible() { submit() } }>
                <div class="two">
                    <label class="f"><span>{t("col-key")}</span>
                        <input class="in bytes" prop:value=key on:input:target=move |e| key.set(e.target().value()) /></label>
                    <label class="f"><span>{t("col-partition")}</span>
                        <select class="in" on:change:target=move |e| partition.set(e.target().value().parse().ok())>
                            <option value="">{by_key_label}</option>
                            {move || (0..partitions.get().min(256)).map(|p| view! { <option value=p>{p}</option> }).collect_view()}
                        </select></label>
                </div>
                <p class="hint">{move || say(&hint())}</p>
                <label class="f"><span>{t("col-value")}</span>
                    <textarea class="in" rows="4" disabled=tombstone prop:value=value on:input:target=move |e| value.set(e.target().value())></textarea></label>
                <div class="two hd">
                    <label class="f"><span>{t("header")}</span>
                        <input class="in bytes" on:input:target=move |e| header.update(|h| h.0 = e.target().value()) /></label>
                    <label class="f"><span>{t("col-value")}</span>
                        <input class="in bytes" on:input:target=move |e| header.update(|h| h.1 = e.target().value()) /></label>
                </div>
                <div class="row">
                    <label class="f ck"><input type="checkbox" prop:checked=tombstone
                        on:change:target=move |e| tombstone.set(e.target().checked()) />" "<span>{t("tombstone")}</span></label>
                    <label class="f n"><span>{t("how-many")}</span>
                        <input class="in" type="number" min="1" max=PRODUCE_COUNT_MAX prop:value=count
                            on:change:target={move |e| if let Ok(n) = e.target().value().parse::<u32>() { count.set(n.clamp(1, PRODUCE_COUNT_MAX)) }} /></label>
                    <button class="btn main" disabled=move || !possible()>{t("produce")}</button>
                </div>
                <p class="hint" role="status">{move || match said.get() {
                    Some(Ok(message)) => view! { <span>{say(&message)}</span> }.into_any(),
                    Some(Err(message)) => view! { <span class="bad">{say(&message)}</span> }.into_any(),
                    None if tombstone.get() && key.with(String::is_empty) => view! { <span>{t("tombstone-needs-key")}</span> }.into_any(),
                    None => ().into_any(),
                }}</p>
            </form>
        </section>
    }
}
