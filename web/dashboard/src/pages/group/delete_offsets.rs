//! Deleting committed offsets of a topic or of one partition: what is forgotten is named before, and while members
//! subscribe to the topic it is refused in words.

use super::look;
use crate::session::Session;
use crate::state::use_state;
use crate::ui::say;
use crate::words::{t, words};
use leptos::html;
use leptos::prelude::*;
use tablog_dashboard::model::generations;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::reset::names;
use tablog_dashboard::model::snapshot::TopicPartition;

#[component]
pub fn DeleteOffsetsPanel(
    id: StoredValue<String>,
    /// What came of it is said where the panel was.
    on_close: impl Fn(Option<Message>) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let state = use_state();
    let chosen = RwSignal::new(None::<String>);
    let partition = RwSignal::new(None::<i32>);
    let trouble = RwSignal::new(None::<Message>);
    let committed = Memo::new(move |_| -> Vec<TopicPartition> {
        let all = state.with(|v| look(v, &id.get_value(), |g, _| g.committed.keys().cloned().collect()));
        all.unwrap_or_default()
    });
    let topics = Memo::new(move |_| {
        let mut topics: Vec<String> = committed.get().into_iter().map(|p| p.topic).collect();
        topics.dedup();
        topics
    });
    let topic = Memo::new(move |_| {
        let topics = topics.get();
        let chosen = chosen.get().filter(|topic| topics.contains(topic));
        chosen.or_else(|| topics.first().cloned()).unwrap_or_default()
    });
    let of_topic = Memo::new(move |_| {
        let topic = topic.get();
        committed.get().into_iter().filter(|p| p.topic == topic).collect::<Vec<_>>()
    });
    let doomed = Memo::new(move |_| {
        let only = partition.get();
        of_topic.get().into_iter().filter(|p| only.is_none_or(|only| p.partition == only)).collect::<Vec<_>>()
    });
    let subscribers = Memo::new(move |_| -> Vec<String> {
        let topic = topic.get();
        let names = state.with(|v| {
            look(v, &id.get_value(), |g, _| g.subscribers(&topic).map(|m| generations::name(g, m)).collect())
        });
        names.unwrap_or_default()
    });
    let refused = move || !subscribers.with(Vec::is_empty);
    let sentence = move || match refused() {
        true => Message::new("delete-offsets-refused")
            .text("topic", topic.get())
            .message("members", names(&subscribers.get())),
        false => Message::new("delete-offsets-sentence")
            .text("topic", topic.get())
            .text("group", id.get_value())
            .number("n", doomed.with(Vec::len) as f64),
    };
    let delete = move |_| {
        leptos::task::spawn_local(async move {
            match Session::delete_offsets(id.get_value(), doomed.get_untracked()).await {
                Ok(n) => on_close(Some(Message::new("delete-offsets-done").number("n", n as f64))),
                Err(message) => trouble.set(Some(message)),
            }
        });
    };
    let first = NodeRef::<html::Select>::new();
    Effect::new(move || {
        if let Some(first) = first.get() {
            let _ = first.focus();
        }
    });
    let topic_options = move || {
        topics
            .get()
            .into_iter()
            .map(|topic| view! { <option value=topic.clone()>{topic.clone()}</option> })
            .collect_view()
    };
    let partition_options = move || {
        let all = Message::new("delete-offsets-all").number("n", of_topic.with(Vec::len) as f64);
        let each = of_topic
            .get()
            .into_iter()
            .map(|p| view! { <option value=p.partition.to_string()>{p.partition}</option> });
        view! { <option value="">{words(&all)}</option>{each.collect_view()} }
    };
    view! {
        <section class="sec reset" aria-labelledby="forget-head">
            <div class="sech"><h2 id="forget-head">{t("delete-offsets")}</h2><p class="cap">{t("delete-offsets-what")}</p></div>
            <div class="inline forget">
                <label class="f">{t("col-topic")}<select class="in" node_ref=first on:change:target=move |e| {
                    partition.set(None);
                    chosen.set(Some(e.target().value()));
                }>{topic_options}</select></label>
                <label class="f">{t("col-partition")}<select class="in" on:change:target=move |e| partition.set(e.target().value().parse().ok())>{partition_options}</select></label>
            </div>
            <div class="verdict" class:no=refused>
                <p id="forget-verdict" role="status">{move || say(&sentence())}</p>
                {move || trouble.get().map(|m| view! { <p class="bad" role="alert">{say(&m)}</p> })}
                <div class="acts">
                    <button type="button" class="btn" on:click=move |_| on_close(None)>{t("reset-leave")}</button>
                    <button type="button" class="btn danger" aria-describedby="forget-verdict" on:click=delete
                        disabled=move || refused() || doomed.with(Vec::is_empty)>
                        {move || words(&Message::new("delete-offsets-button").number("n", doomed.with(Vec::len) as f64))}
                    </button>
                </div>
            </div>
        </section>
    }
}
