//! One group: who owns what, its generations or epochs, its offsets with lag and owner, its members.

mod delete_offsets;
mod members;
mod offsets;
mod reset;

use crate::components::delete_group::DeleteGroup;
use crate::components::legend::{Legend, Mark};
use crate::components::open_consumer_tab::OpenConsumerTab;
use crate::components::states::{AsOf, Ready};
use crate::state::{View, use_state};
use crate::tab_clients;
use crate::ui::{Link, Picture, say};
use crate::words::{t, words};
use delete_offsets::DeleteOffsetsPanel;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use members::Members;
use offsets::Offsets;
use reset::ResetPanel;
use tablog_dashboard::model::colour::Tile;
use tablog_dashboard::model::drawing::{Drawing, Room};
use tablog_dashboard::model::generations::History;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::snapshot::Group;
use tablog_dashboard::model::{generations_picture, narrator, ownership_picture};

#[component]
pub fn GroupPage() -> impl IntoView {
    let id = Memo::new(|_| use_params_map().with(|p| p.get("id").unwrap_or_default()));
    view! { <Ready>{move || view! { <Known id=id.get() /> }}</Ready> }
}

#[component]
fn Known(id: String) -> impl IntoView {
    let state = use_state();
    let name = id.clone();
    let known = Memo::new(move |_| state.with(|v| v.snapshot.groups.contains_key(&name)));
    // What came of the last change; a group may be gone with its last offset.
    let said = RwSignal::new(None::<Message>);
    move || match known.get() {
        true => view! { <Full id=id.clone() said /> }.into_any(),
        false => view! {
            <div class="lede">
                <p class="crumb"><Link href="/groups">{t("nav-groups")}</Link></p>
                <h1 class="name">{id.clone()}</h1>
                <p class="state">{t("group-unknown")}</p>
            </div>
            <Said said />
            <div class="acts"><Acts id=id.clone() /></div>
        }
        .into_any(),
    }
}

#[component]
fn Acts(id: String) -> impl IntoView {
    let state = use_state();
    view! {
        <OpenConsumerTab group=id.clone() />
        <button class="btn main" on:click=move |_| tab_clients::add_consumer(state, Some(id.clone()))>{t("add-consumer")}</button>
    }
}

#[component]
fn Said(said: RwSignal<Option<Message>>) -> impl IntoView {
    move || said.get().map(|m| view! { <p class="cap" role="status">{say(&m)}</p> })
}

/// What is open above the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Panel {
    Closed,
    Reset,
    DeleteOffsets,
}

#[component]
fn Full(id: String, said: RwSignal<Option<Message>>) -> impl IntoView {
    let state = use_state();
    let id = StoredValue::new(id);
    let deleting = RwSignal::new(None::<String>);
    let panel = RwSignal::new(Panel::Closed);
    let open = move |which: Panel| {
        said.set(None);
        panel.update(|p| *p = if *p == which { Panel::Closed } else { which });
    };
    let close = move |outcome: Option<Message>| {
        panel.set(Panel::Closed);
        said.set(outcome);
    };
    let opens = move |which: Panel| (panel.get() == which).to_string();
    let headline = Memo::new(move |_| {
        state.with(|v| {
            let id = id.get_value();
            v.snapshot.groups.get(&id).map(|g| narrator::group(&v.snapshot, g, v.histories.get(&id)))
        })
    });
    view! {
        <div class="lede">
            <p class="crumb"><Link href="/groups">{t("nav-groups")}</Link></p>
            <h1 class="name">{id.get_value()}</h1>
            <p class="state">{move || headline.get().map(|m| say(&m))}</p>
            <div class="acts">
                <Acts id=id.get_value() />
                <button class="btn" aria-expanded=move || opens(Panel::Reset) on:click=move |_| open(Panel::Reset)>{t("reset-offsets")}</button>
                <button class="btn danger" on:click=move |_| deleting.set(Some(id.get_value()))>{t("delete-group")}</button>
            </div>
        </div>
        <Said said />
        <DeleteGroup asked=deleting />
        {move || match panel.get() {
            Panel::Reset => Some(view! { <ResetPanel id on_close=close /> }.into_any()),
            Panel::DeleteOffsets => Some(view! { <DeleteOffsetsPanel id on_close=close /> }.into_any()),
            Panel::Closed => None,
        }}
        <AsOf />
        <div class="g2">
            <Ownership id />
            <Generations id />
        </div>
        <div class="g2 g2b">
            <Offsets id open=Callback::new(move |()| open(Panel::DeleteOffsets)) />
            <Members id said />
        </div>
    }
}

/// The group and its history, while the group is there.
fn look<R>(v: &View, id: &str, f: impl FnOnce(&Group, &History) -> R) -> Option<R> {
    let nothing = History::default();
    Some(f(v.snapshot.groups.get(id)?, v.histories.get(id).unwrap_or(&nothing)))
}

fn no_drawing(room: Room) -> Drawing {
    Drawing {
        width: room.width,
        height: 40.0,
        label: Message::new("ownership-picture-empty"),
        shapes: Vec::new(),
    }
}

#[component]
fn Ownership(id: StoredValue<String>) -> impl IntoView {
    let state = use_state();
    // None: the newest generation.
    let chosen = RwSignal::new(None::<usize>);
    let last = Memo::new(move |_| {
        state.with(|v| look(v, &id.get_value(), |_, h| h.generations.len().saturating_sub(1)).unwrap_or(0))
    });
    let index = move || chosen.get().unwrap_or(last.get()).min(last.get());
    let step = move |by: isize| {
        let next = index().saturating_add_signed(by).min(last.get_untracked());
        chosen.set((next != last.get_untracked()).then_some(next));
    };
    let by_epochs = by_epochs(id);
    let name = move || {
        let number = state
            .with(|v| look(v, &id.get_value(), |_, h| h.generations.get(index()).and_then(|g| g.number)));
        match number.flatten() {
            Some(n) => {
                let key = if by_epochs.get() { "epoch" } else { "generation" };
                Message { key, arguments: Vec::new() }.number("n", f64::from(n))
            }
            None => Message::new("generation-unnumbered").number("n", index() as f64 + 1.0),
        }
    };
    let none = Memo::new(move |_| {
        state.with(|v| look(v, &id.get_value(), |_, h| h.generations.is_empty()).unwrap_or(true))
    });
    let members =
        Memo::new(move |_| state.with(|v| look(v, &id.get_value(), |g, _| g.members.len()).unwrap_or(0)));
    let caption = Memo::new(move |_| state.with(|v| caption(v, &id.get_value(), index())));
    view! {
        <section class="sec" aria-labelledby="own-head">
            <div class="sech">
                <h2 id="own-head">{move || either(by_epochs, "group-owns", "group-owns-and-target")}</h2>
                <div class="acts" hidden=none><div class="seg" role="group" aria-label=move || words(&name())>
                    <button type="button" aria-label=move || either(by_epochs, "generation-earlier", "epoch-earlier") disabled={move || index() == 0} on:click=move |_| step(-1)>"‹"</button>
                    <button type="button" aria-pressed="true" on:click=move |_| chosen.set(None)>{move || words(&name())}</button>
                    <button type="button" aria-label=move || either(by_epochs, "generation-later", "epoch-later") disabled={move || index() >= last.get()} on:click=move |_| step(1)>"›"</button>
                </div></div>
            </div>
            <Picture
                draw=move |room| {
                    let index = index();
                    let draw = |v: &View| look(v, &id.get_value(), |group, history| {
                        ownership_picture::draw(&ownership_picture::Scene { snapshot: &v.snapshot, group, history, index, room })
                    });
                    state.with(draw).unwrap_or_else(|| no_drawing(room))
                }
                stale=state.stale />
            <p class="cap">{move || caption.get().map(|m| say(&m))}</p>
            {move || (members.get() > ownership_picture::ROWS_MAX).then(|| {
                let shown = Message::new("rows-shown").number("shown", ownership_picture::ROWS_MAX as f64);
                view! { <p class="cap">{words(&shown.number("all", members.get() as f64))}</p> }
            })}
        </section>
    }
}

/// Whether the group is one of the consumer kind.
fn by_epochs(id: StoredValue<String>) -> Memo<bool> {
    let state = use_state();
    Memo::new(move |_| {
        state.with(|v| look(v, &id.get_value(), |g, _| g.epochs.is_some()).unwrap_or_default())
    })
}

fn either(by_epochs: Memo<bool>, generations: &'static str, epochs: &'static str) -> String {
    words(&Message { key: if by_epochs.get() { epochs } else { generations }, arguments: Vec::new() })
}

/// Where everything is, and is to be.
fn target_caption(v: &View, g: &Group, moved: Vec<Tile>) -> Message {
    match narrator::handover(g) {
        Some(handover) => handover.message(&v.snapshot, "caption-target-held", "caption-target-awaited"),
        None if moved.is_empty() => Message::new("caption-target-reached"),
        None => Message::new("caption-target-moved").tiles("tiles", moved),
    }
}

/// What moved, in words.
fn caption(v: &View, id: &str, index: usize) -> Option<Message> {
    let (moves, assignor) = look(v, id, |_, h| {
        (h.moves(index), h.generations.get(index).map(|g| g.assignor.clone()).unwrap_or_default())
    })?;
    if look(v, id, |_, h| h.generations.is_empty())? {
        return Some(Message::new("generations-none"));
    }
    let tiles: Vec<Tile> = moves.iter().take(12).map(|m| v.snapshot.tile(&m.partition)).collect();
    let target = |g: &Group, h: &History| {
        let is_last = index + 1 >= h.generations.len();
        (g.epochs.is_some() && is_last && !g.members.is_empty()).then(|| target_caption(v, g, tiles.clone()))
    };
    if let Some(caption) = look(v, id, target)? {
        return Some(caption);
    }
    let Some(first) = moves.first() else {
        let key = if index == 0 { "moves-first" } else { "moves-none" };
        return Some(Message::new(key).text("assignor", assignor));
    };
    let one_way = moves.iter().all(|m| m.from == first.from && m.to == first.to);
    let message = Message::new(if one_way { "moves-one-way" } else { "moves-several" });
    Some(
        message
            .tiles("tiles", tiles)
            .text("from", &first.from)
            .text("to", &first.to)
            .number("n", moves.len() as f64),
    )
}

#[component]
fn Generations(id: StoredValue<String>) -> impl IntoView {
    let state = use_state();
    let by_epochs = by_epochs(id);
    let marks = Signal::derive(move || {
        let mut marks = vec![(Mark::Stripes, Message::new("legend-stripes"))];
        match by_epochs.get() {
            true => marks.extend([
                (Mark::Stopped, Message::new("legend-handed")),
                (Mark::Target, Message::new("legend-target")),
            ]),
            false => marks.push((Mark::Stopped, Message::new("legend-stopped"))),
        }
        marks
    });
    view! {
        <section class="sec" aria-labelledby="gens-head">
            <div class="sech">
                <h2 id="gens-head">{move || either(by_epochs, "generations", "epochs")}</h2>
                <div class="acts"><span class="quiet small">{move || either(by_epochs, "generations-window", "epochs-window")}</span></div>
            </div>
            <Picture
                draw=move |room| {
                    let now_ms = if state.stale.get() { state.with(|v| v.snapshot.at_ms) } else { state.now_ms.get() };
                    let zone_minutes = crate::browser::zone_minutes();
                    let draw = |v: &View| look(v, &id.get_value(), |g, history| {
                        let by_epochs = g.epochs.is_some();
                        generations_picture::draw(&generations_picture::Scene { snapshot: &v.snapshot, history, by_epochs, now_ms, zone_minutes, room })
                    });
                    state.with(draw).unwrap_or_else(|| no_drawing(room))
                }
                stale=state.stale />
            <Legend marks />
        </section>
    }
}
