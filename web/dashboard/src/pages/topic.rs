//! One topic: its tapes beside the table of its partitions, its records, a form to produce, settings, import, export.

mod import;
mod produce;
mod records;
mod settings;

use crate::components::legend::{Legend, Mark};
use crate::components::open_consumer_tab::OpenConsumerTab;
use crate::components::states::{AsOf, Ready};
use crate::session::Session;
use crate::state::{View, use_state};
use crate::ui::{Link, Picture, Segmented, say};
use crate::words::{t, words};
use import::ImportPanel;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use produce::ProduceForm;
use records::Records;
use settings::SettingsPanel;
use tablog_dashboard::model::drawing::{Drawing, Room};
use tablog_dashboard::model::limits::{NEWEST_CELLS, ROWS_SHOWN};
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::snapshot::Partition;
use tablog_dashboard::model::tape_picture::{self, Cursor, Scale};
use tablog_dashboard::model::{narrator, quantity};
use wasm_bindgen::JsCast;

#[component]
pub fn TopicPage() -> impl IntoView {
    let name = Memo::new(|_| use_params_map().with(|p| p.get("name").unwrap_or_default()));
    view! { <Ready>{move || view! { <Known name=name.get() /> }}</Ready> }
}

#[component]
fn Known(name: String) -> impl IntoView {
    let state = use_state();
    let topic = name.clone();
    let known = Memo::new(move |_| state.with(|v| v.snapshot.topics.contains_key(&topic)));
    move || match known.get() {
        true => view! { <Full name=name.clone() /> }.into_any(),
        false => view! {
            <div class="lede">
                <p class="crumb"><Link href="/topics">{t("nav-topics")}</Link></p>
                <h1 class="name">{name.clone()}</h1>
                <p class="state">{t("topic-unknown")}</p>
            </div>
            <div class="acts"><Link href="/topics?new=1" class="btn main">{t("create-a-topic")}</Link></div>
        }
        .into_any(),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Panel {
    Import,
    Settings,
}

#[component]
fn Full(name: String) -> impl IntoView {
    let state = use_state();
    Session::watch(name.clone());
    on_cleanup(Session::unwatch);
    let name = StoredValue::new(name);
    let panel = RwSignal::new(None::<Panel>);
    let sentence = Memo::new(move |_| {
        state.with(|v| name.with_value(|n| v.snapshot.topics.get(n).map(narrator::topic)))
    });
    let internal = Memo::new(move |_| {
        state.with(|v| name.with_value(|n| v.snapshot.topics.get(n).is_some_and(|t| t.internal)))
    });
    let exporting = RwSignal::new(None::<u64>);
    let trouble = RwSignal::new(None::<Message>);
    let export = move |_| {
        if exporting.get_untracked().is_none() {
            leptos::task::spawn_local(async move {
                exporting.set(Some(0));
                let on_progress = move |count| {
                    let _ = exporting.try_set(Some(count));
                };
                trouble.set(Session::export(name.get_value(), on_progress).await.err());
                exporting.set(None);
            });
        }
    };
    let toggle =
        move |which: Panel| panel.update(|p| *p = if *p == Some(which) { None } else { Some(which) });
    let close = move || panel.set(None);
    view! {
        <div class="lede">
            <p class="crumb"><Link href="/topics">{t("nav-topics")}</Link></p>
            <h1 class="name">{name.get_value()}</h1>
            <p class="state">{move || sentence.get().map(|m| say(&m))}</p>
            <div class="acts">
                <OpenConsumerTab topic=name.get_value() />
                <button class="btn" hidden=internal aria-expanded=move || (panel.get() == Some(Panel::Import)).to_string()
                    on:click=move |_| toggle(Panel::Import)>{t("import-a-file")}</button>
                <button class="btn" on:click=export>
                    {move || match exporting.get() {
                        None => t("export-ndjson")(),
                        Some(n) => words(&Message::new("exporting").number("n", n as f64)),
                    }}
                </button>
                <button class="btn" aria-expanded=move || (panel.get() == Some(Panel::Settings)).to_string()
                    on:click=move |_| toggle(Panel::Settings)>{t("settings")}</button>
            </div>
        </div>
        {move || trouble.get().map(|m| view! { <p class="cap bad" role="alert">{say(&m)}</p> })}
        {move || panel.get().map(|panel| match panel {
            Panel::Import => view! { <ImportPanel name=name.get_value() on_close=close /> }.into_any(),
            Panel::Settings => view! { <SettingsPanel name=name.get_value() on_close=close /> }.into_any(),
        })}
        <Tapes name />
        <div class="under">
            <Records name=name.get_value() />
            {move || (!internal.get()).then(|| view! { <ProduceForm name=name.get_value() /> })}
        </div>
    }
}

#[component]
fn Tapes(name: StoredValue<String>) -> impl IntoView {
    let state = use_state();
    let scale = RwSignal::new(Scale::Shared);
    let chosen = RwSignal::new(None::<String>);
    let groups = Memo::new(move |_| {
        state.with(|v| {
            let reads =
                |g: &tablog_dashboard::model::snapshot::Group| name.with_value(|n| g.topics().contains(n));
            let mut ids: Vec<(bool, String)> = v
                .snapshot
                .groups
                .iter()
                .filter(|(_, g)| reads(g))
                .map(|(id, g)| (g.members.is_empty(), id.clone()))
                .collect();
            ids.sort();
            ids.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        })
    });
    let group = Memo::new(move |_| chosen.get().or_else(|| groups.with(|g| g.first().cloned())));
    let many = Memo::new(move |_| {
        state.with(|v| name.with_value(|n| v.snapshot.topics.get(n).is_some_and(|t| t.partitions.len() > 24)))
    });
    let marks = Signal::derive(move || marks(group.get(), groups.with(Vec::len), many.get()));
    // One tab stop among the newest records, then the arrow keys.
    let cursor = RwSignal::new(Cursor::default());
    let cell_of = |event: &web_sys::Event| {
        let cell = event.target()?.dyn_into::<web_sys::Element>().ok()?.closest("[data-cell]").ok()??;
        Cursor::parse(&cell.get_attribute("data-cell")?)
    };
    let on_focus = move |event: leptos::ev::FocusEvent| {
        if let Some(at) = cell_of(&event) {
            cursor.set(at);
        }
    };
    let on_blur = move |_| cursor.update(|c| c.focused = false);
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if cell_of(&event).is_none() {
            return;
        }
        let Some(next) = cursor.get_untracked().step(&event.key()) else { return };
        event.prevent_default();
        let keys = state.watched.get_untracked();
        let selector = format!("[data-cell='{}']", next.within(&keys.keys, NEWEST_CELLS).name());
        if let Ok(Some(cell)) = document().query_selector(&selector) {
            let _ = cell.unchecked_into::<web_sys::SvgElement>().focus();
        }
    };
    view! {
        <section class="sec tapes" aria-labelledby="tapes-head">
            <div class="sech">
                <h2 id="tapes-head">{t("the-tapes")}</h2>
                <div class="acts">
                    {move || (!groups.with(Vec::is_empty)).then(|| view! {
                        <label class="inl"><span>{t("lag-of")}</span>
                            <select class="in" on:change:target=move |e| chosen.set(Some(e.target().value()))>
                                {groups.get().into_iter().map(|id| view! {
                                    <option selected=group.get_untracked().as_ref() == Some(&id)>{id.clone()}</option>
                                }).collect_view()}
                            </select>
                        </label>
                    })}
                    <Segmented label="scale" options=vec![(Scale::Shared, "scale-shared"), (Scale::Fill, "scale-fill")]
                        value=scale on_choose=move |s| scale.set(s) />
                </div>
            </div>
            <AsOf />
            <div class="tapegrid" class:many=many on:focusin=on_focus on:focusout=on_blur on:keydown=on_key>
                <Partitions name />
                <Picture
                    draw=move |room| {
                        let (group, scale, cursor) = (group.get(), scale.get(), cursor.get());
                        state.with(|v| picture(v, &name.get_value(), group.as_deref(), scale, cursor, room))
                    }
                    stale=state.stale />
            </div>
            <Legend marks />
        </section>
    }
}

fn picture(v: &View, name: &str, group: Option<&str>, scale: Scale, cursor: Cursor, room: Room) -> Drawing {
    let state = use_state_watched();
    let Some(topic) = v.snapshot.topics.get(name) else {
        return Drawing {
            width: room.width,
            height: 40.0,
            label: Message::new("nothing"),
            shapes: Vec::new(),
        };
    };
    let watched = state.get();
    let keys = if watched.topic == name { watched.keys.as_slice() } else { &[] };
    let wide = window().inner_width().ok().and_then(|w| w.as_f64()).unwrap_or(1280.0);
    let stacked = wide / crate::browser::unit_px() <= 1100.0;
    tape_picture::draw(&tape_picture::Scene {
        snapshot: &v.snapshot,
        name,
        topic,
        keys,
        group,
        scale,
        room,
        stacked,
        cursor,
    })
}

fn use_state_watched() -> RwSignal<std::sync::Arc<crate::state::Watched>> {
    use_state().watched
}

fn marks(group: Option<String>, groups: usize, many: bool) -> Vec<(Mark, Message)> {
    let mut marks = vec![(Mark::LogStart, Message::new("legend-log-start"))];
    if let Some(group) = group {
        marks.push((Mark::Committed, Message::new("legend-committed").text("group", group)));
        if groups > 1 {
            marks.push((Mark::CommittedByOthers, Message::new("legend-committed-others")));
        }
        marks.push((Mark::Lag, Message::new("legend-lag")));
    }
    marks.push((Mark::HighWatermark, Message::new("legend-high-watermark")));
    if !many {
        marks.push((Mark::Keys, Message::new("legend-keys")));
    }
    marks
}

/// Up to two dozen in their order; of more, the fullest.
fn shown(partitions: &[Partition]) -> Vec<(usize, Partition)> {
    let mut rows: Vec<_> = partitions.iter().cloned().enumerate().collect();
    if rows.len() > 24 {
        rows.sort_by_key(|(_, p)| std::cmp::Reverse(p.records()));
        rows.truncate(12.min(ROWS_SHOWN));
    }
    rows
}

#[component]
fn Partitions(name: StoredValue<String>) -> impl IntoView {
    let state = use_state();
    let rows = Memo::new(move |_| {
        state.with(|v| {
            name.with_value(|n| v.snapshot.topics.get(n).map(|t| shown(&t.partitions)).unwrap_or_default())
        })
    });
    let all = Memo::new(move |_| {
        state.with(|v| name.with_value(|n| v.snapshot.topics.get(n).map_or(0, |t| t.partitions.len())))
    });
    let number = |n: i64| words(&Message::new("number").number("n", n as f64));
    view! {
        <div class="scrollx"><table class="parts" aria-label="Partitions">
            <caption class:vh=move || all.get() <= 24>{move || {
                words(&Message::new("partitions-fullest").number("shown", rows.with(Vec::len) as f64).number("all", all.get() as f64))
            }}</caption>
            <thead><tr>
                <th scope="col">"Partition"</th><th scope="col" class="num">"Log start offset"</th>
                <th scope="col" class="num">"High watermark"</th><th scope="col" class="num">"Records"</th><th scope="col" class="num">"Size"</th>
            </tr></thead>
            <tbody>{move || rows.get().into_iter().map(|(i, p)| view! {
                <tr>
                    <th scope="row">{i}</th>
                    <td class="num">{number(p.log_start)}</td><td class="num">{number(p.high_watermark)}</td>
                    <td class="num">{number(p.records())}</td><td class="num">{words(&quantity::bytes(p.bytes))}</td>
                </tr>
            }).collect_view()}</tbody>
        </table></div>
    }
}
