//! The settings of a producer and of a consumer, by Kafka's names.

use crate::state::use_state;
use crate::tab_clients;
use crate::ui::Segmented;
use crate::words::t;
use leptos::prelude::*;
use tablog_dashboard::model::client_control::{
    ConsumerSettings, KeyStrategy, ProducerSettings, Protocol, Source,
};

#[component]
pub fn ProducerPanel(id: Option<String>, on_close: impl Fn() + Clone + Send + 'static) -> impl IntoView {
    let state = use_state();
    let is_new = id.is_none();
    let settings = RwSignal::new(initial_producer(id));
    let topics =
        state.view.with_untracked(|v| v.snapshot.user_topics().map(|(n, _)| n.clone()).collect::<Vec<_>>());
    let none = topics.is_empty();
    let close = on_close.clone();
    let save = move |_| {
        tab_clients::put_producer(state, settings.get_untracked());
        close();
    };
    let number = move |value: fn(&mut ProducerSettings, f64)| {
        move |e: leptos::ev::Targeted<leptos::ev::Event, web_sys::HtmlInputElement>| {
            if let Ok(n) = e.target().value().parse::<f64>() {
                settings.update(|s| value(s, n.max(0.0)));
            }
        }
    };
    view! {
        <section class="sec crsec" aria-labelledby="producer-panel">
            <div class="sech"><h2 id="producer-panel">{t(if is_new { "add-producer" } else { "settings" })}</h2></div>
            <form class="crf" on:submit=|e| e.prevent_default()>
                <div class="fr"><label for="p-topic">{t("col-writes-to")}</label>
                    <div class="inline"><select id="p-topic" class="in" on:change:target=move |e| settings.update(|s| {
                        s.topic = e.target().value();
                        (s.source, s.key) = if s.topic == tab_clients::FLIGHTS { (Source::Flights, KeyStrategy::Origin) } else { (Source::Counter, KeyStrategy::Random) };
                    })>
                        {topics.into_iter().map(|topic| view! { <option selected=settings.with_untracked(|s| s.topic == topic)>{topic.clone()}</option> }).collect_view()}
                    </select></div><code></code></div>
                <div class="fr"><label for="p-rate">{t("col-rate")}</label>
                    <div class="inline"><input id="p-rate" class="in" type="number" min="0" step="1" prop:value=move || settings.with(|s| s.rate.unwrap_or(0.0))
                        on:change:target=number(|s, n| s.rate = (n > 0.0).then_some(n)) /><span class="quiet small">{t("rate-zero")}</span></div><code></code></div>
                <div class="fr"><span>{t("col-key")}</span>
                    <Segmented label="col-key" value=Signal::derive(move || settings.with(|s| s.key)) on_choose=move |k| settings.update(|s| s.key = k)
                        options=vec![(KeyStrategy::Origin, "key-choice-origin"), (KeyStrategy::Random, "key-choice-random"), (KeyStrategy::One, "key-choice-one"), (KeyStrategy::None, "key-choice-none")] /><code></code></div>
                <div class="fr"><label for="p-size">{t("value-size")}</label>
                    <div class="inline"><input id="p-size" class="in" type="number" min="0" max="1000000" prop:value=move || settings.with(|s| s.value_bytes)
                        disabled=move || settings.with(|s| s.source != Source::Counter)
                        on:change:target=number(|s, n| s.value_bytes = (n as usize).min(1_000_000)) /></div><code></code></div>
                <div class="fr"><label for="p-linger">{t("col-linger")}</label>
                    <div class="inline"><input id="p-linger" class="in" type="number" min="0" max="60000" prop:value=move || settings.with(|s| s.linger_ms)
                        on:change:target=number(|s, n| s.linger_ms = n as u64) /></div>
                    <code>{move || format!("linger.ms={}", settings.with(|s| s.linger_ms))}</code></div>
                <div class="fr"><label for="p-batch">{t("col-batch")}</label>
                    <div class="inline"><input id="p-batch" class="in" type="number" min="0" max="4194304" prop:value=move || settings.with(|s| s.batch_bytes)
                        on:change:target=number(|s, n| s.batch_bytes = n as usize) /></div>
                    <code>{move || format!("batch.size={}", settings.with(|s| s.batch_bytes))}</code></div>
                <Choice label="col-compression" name="compression.type" options=&["none", "gzip", "snappy", "lz4", "zstd"]
                    value=Signal::derive(move || settings.with(|s| s.compression.clone())) on_choose=move |v| settings.update(|s| s.compression = v) />
                <Choice label="col-acks" name="acks" options=&["0", "1", "all"]
                    value=Signal::derive(move || settings.with(|s| s.acks.clone())) on_choose=move |v| settings.update(|s| s.acks = v) />
            </form>
            <aside class="crsum">
                <p class="narr">{t(if none { "producer-no-topic" } else { "producer-note" })}</p>
                <div class="acts">
                    <button class="btn main" disabled=none on:click=save>{t(if is_new { "add-producer" } else { "apply" })}</button>
                    <button class="btn" on:click=move |_| on_close()>{t("cancel")}</button>
                </div>
            </aside>
        </section>
    }
}

fn initial_producer(id: Option<String>) -> ProducerSettings {
    let state = use_state();
    let known = id.and_then(|id| {
        state.tab.with_untracked(|t| {
            t.producers.iter().find(|p| p.settings.client_id == id).map(|p| p.settings.clone())
        })
    });
    known.unwrap_or_else(|| tab_clients::next_producer(state))
}

#[component]
pub fn ConsumerPanel(id: Option<String>, on_close: impl Fn() + Clone + Send + 'static) -> impl IntoView {
    let state = use_state();
    let known = id.and_then(|id| {
        state.tab.with_untracked(|t| {
            t.consumers.iter().find(|c| c.settings.client_id == id).map(|c| c.settings.clone())
        })
    });
    let settings: RwSignal<ConsumerSettings> =
        RwSignal::new(known.unwrap_or_else(|| tab_clients::next_consumer(state, None)));
    let protocol = Memo::new(move |_| settings.with(|s| s.protocol));
    let close = on_close.clone();
    let save = move |_| {
        tab_clients::put_consumer(state, settings.get_untracked());
        close();
    };
    view! {
        <section class="sec crsec" aria-labelledby="consumer-panel">
            <div class="sech"><h2 id="consumer-panel">{t("settings")}" · "{settings.with_untracked(|s| s.client_id.clone())}</h2></div>
            <form class="crf" on:submit=|e| e.prevent_default()>
                <div class="fr"><label for="c-group">{t("col-group")}</label>
                    <div class="inline"><input id="c-group" class="in bytes" prop:value=move || settings.with(|s| s.group.clone())
                        on:change:target=move |e| settings.update(|s| s.group = e.target().value()) /></div>
                    <code>{move || format!("group.id={}", settings.with(|s| s.group.clone()))}</code></div>
                <div class="fr"><label for="c-topics">{t("nav-topics")}</label>
                    <div class="inline"><input id="c-topics" class="in bytes" prop:value=move || settings.with(|s| s.topics.join(", "))
                        on:change:target=move |e| settings.update(|s| s.topics = e.target().value().split(',').map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect()) /></div>
                    <code></code></div>
                <Choice label="membership-group-protocol" name="group.protocol" options=&["classic", "consumer"]
                    value=Signal::derive(move || protocol.get().word().to_owned()) on_choose=move |v| settings.update(|s| choose_protocol(s, &v)) />
                {move || view! {
                    <Choice label="fact-assignor" name=assignor_setting(protocol.get()) options=protocol.get().assignors()
                        value=Signal::derive(move || settings.with(|s| s.assignor.clone())) on_choose=move |v| settings.update(|s| s.assignor = v) />
                }}
                <div class="fr"><label for="c-session">{t("session-timeout")}</label>
                    <div class="inline"><input id="c-session" class="in" type="number" min=move || session_bounds(protocol.get()).0 max=move || session_bounds(protocol.get()).1
                        step="1000" prop:value=move || settings.with(|s| s.session_timeout_ms)
                        on:change:target={move |e| if let Ok(n) = e.target().value().parse::<u64>() { settings.update(|s| s.session_timeout_ms = within_bounds(s.protocol, n)) }} /></div>
                    <code>{move || format!("{}session.timeout.ms={}", session_owner(protocol.get()), settings.with(|s| s.session_timeout_ms))}</code></div>
            </form>
            <aside class="crsum">
                <p class="narr">{t("consumer-note")}</p>
                <div class="acts">
                    <button class="btn main" on:click=save>{t("apply")}</button>
                    <button class="btn" on:click=move |_| on_close()>{t("cancel")}</button>
                </div>
            </aside>
        </section>
    }
}

/// An assignor of the other protocol is none of this one's.
fn choose_protocol(settings: &mut ConsumerSettings, word: &str) {
    if let Some(protocol) = Protocol::of(word).filter(|p| *p != settings.protocol) {
        settings.protocol = protocol;
        settings.assignor = protocol.assignors()[0].to_owned();
        settings.session_timeout_ms = within_bounds(protocol, settings.session_timeout_ms);
    }
}

fn assignor_setting(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Classic => "partition.assignment.strategy",
        Protocol::Consumer => "group.remote.assignor",
    }
}

/// With the consumer protocol it is a setting of the group, for all its members.
fn session_owner(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Classic => "",
        Protocol::Consumer => "consumer.",
    }
}

/// Of the broker in the tab.
fn session_bounds(protocol: Protocol) -> (u64, u64) {
    match protocol {
        Protocol::Classic => (6_000, 300_000),
        Protocol::Consumer => (1_000, 60_000),
    }
}

fn within_bounds(protocol: Protocol, session_timeout_ms: u64) -> u64 {
    let (least, most) = session_bounds(protocol);
    session_timeout_ms.clamp(least, most)
}

/// One of Kafka's own words; the raw setting stands beside it.
#[component]
fn Choice(
    label: &'static str,
    name: &'static str,
    options: &'static [&'static str],
    value: Signal<String>,
    on_choose: impl Fn(String) + Clone + 'static,
) -> impl IntoView {
    let buttons = options
        .iter()
        .map(|option| {
            let on_choose = on_choose.clone();
            let chosen = move || value.with(|v| v == option);
            view! {
                <button type="button" role="radio" aria-checked=move || chosen().to_string() on:click=move |_| on_choose((*option).to_owned())>{*option}</button>
            }
        })
        .collect_view();
    view! {
        <div class="fr">
            <span>{t(label)}</span>
            <div class="seg" role="radiogroup" aria-label=t(label)>{buttons}</div>
            <code>{move || format!("{name}={}", value.get())}</code>
        </div>
    }
}
