//! One group: who owns what, its generations, its offsets with lag and owner, its members.

use crate::components::delete_group::DeleteGroup;
use crate::components::lag::LagBar;
use crate::components::legend::{Legend, Mark};
use crate::components::open_consumer_tab::OpenConsumerTab;
use crate::components::partition_tile::{PartitionTile, tiles};
use crate::components::states::{AsOf, Ready};
use crate::state::{View, use_state};
use crate::tab_clients;
use crate::ui::{Link, Picture, Rows, Scrolling, say};
use crate::words::{t, words};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use std::ops::Range;
use tablog_dashboard::model::client_control::ConsumerState;
use tablog_dashboard::model::colour::Tile;
use tablog_dashboard::model::drawing::{Drawing, Room};
use tablog_dashboard::model::generations::History;
use tablog_dashboard::model::limits::LAG_WORTH_SAYING;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::snapshot::{Group, TopicPartition};
use tablog_dashboard::model::{generations_picture, narrator, ownership_picture, quantity};

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
    move || match known.get() {
        true => view! { <Full id=id.clone() /> }.into_any(),
        false => view! {
            <div class="lede">
                <p class="crumb"><Link href="/groups">{t("nav-groups")}</Link></p>
                <h1 class="name">{id.clone()}</h1>
                <p class="state">{t("group-unknown")}</p>
            </div>
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
fn Full(id: String) -> impl IntoView {
    let state = use_state();
    let id = StoredValue::new(id);
    let deleting = RwSignal::new(None::<String>);
    let headline = Memo::new(move |_| {
        state.with(|v| {
            let id = id.get_value();
            v.snapshot.groups.get(&id).map(|g| narrator::group(g, v.histories.get(&id)))
        })
    });
    view! {
        <div class="lede">
            <p class="crumb"><Link href="/groups">{t("nav-groups")}</Link></p>
            <h1 class="name">{id.get_value()}</h1>
            <p class="state">{move || headline.get().map(|m| say(&m))}</p>
            <div class="acts">
                <Acts id=id.get_value() />
                <button class="btn danger" on:click=move |_| deleting.set(Some(id.get_value()))>{t("delete-group")}</button>
            </div>
        </div>
        <DeleteGroup asked=deleting />
        <AsOf />
        <div class="g2">
            <Ownership id />
            <Generations id />
        </div>
        <div class="g2 g2b">
            <Offsets id />
            <Members id />
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
    let name = move || {
        let number = state
            .with(|v| look(v, &id.get_value(), |_, h| h.generations.get(index()).and_then(|g| g.number)));
        match number.flatten() {
            Some(n) => Message::new("generation").number("n", f64::from(n)),
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
                <h2 id="own-head">{t("group-owns")}</h2>
                <div class="acts" hidden=none><div class="seg" role="group" aria-label=move || words(&name())>
                    <button type="button" aria-label=t("generation-earlier") disabled={move || index() == 0} on:click=move |_| step(-1)>"‹"</button>
                    <button type="button" aria-pressed="true" on:click=move |_| chosen.set(None)>{move || words(&name())}</button>
                    <button type="button" aria-label=t("generation-later") disabled={move || index() >= last.get()} on:click=move |_| step(1)>"›"</button>
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

/// What moved, in words.
fn caption(v: &View, id: &str, index: usize) -> Option<Message> {
    let (moves, assignor) = look(v, id, |_, h| {
        (h.moves(index), h.generations.get(index).map(|g| g.assignor.clone()).unwrap_or_default())
    })?;
    if look(v, id, |_, h| h.generations.is_empty())? {
        return Some(Message::new("generations-none"));
    }
    let Some(first) = moves.first() else {
        let key = if index == 0 { "moves-first" } else { "moves-none" };
        return Some(Message::new(key).text("assignor", assignor));
    };
    let tiles: Vec<Tile> = moves.iter().take(12).map(|m| v.snapshot.tile(&m.partition)).collect();
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
    let marks = Signal::derive(|| {
        vec![(Mark::Stripes, Message::new("legend-stripes")), (Mark::Stopped, Message::new("legend-stopped"))]
    });
    view! {
        <section class="sec" aria-labelledby="gens-head">
            <div class="sech">
                <h2 id="gens-head">{t("generations")}</h2>
                <div class="acts"><span class="quiet small">{t("generations-window")}</span></div>
            </div>
            <Picture
                draw=move |room| {
                    let now_ms = if state.stale.get() { state.with(|v| v.snapshot.at_ms) } else { state.now_ms.get() };
                    let zone_minutes = crate::browser::zone_minutes();
                    let draw = |v: &View| look(v, &id.get_value(), |_, history| {
                        generations_picture::draw(&generations_picture::Scene { snapshot: &v.snapshot, history, now_ms, zone_minutes, room })
                    });
                    state.with(draw).unwrap_or_else(|| no_drawing(room))
                }
                stale=state.stale />
            <Legend marks />
        </section>
    }
}

#[derive(Clone, Debug, PartialEq)]
struct OffsetRow {
    at: TopicPartition,
    tile: Tile,
    committed: Option<i64>,
    end: i64,
    lag: Option<i64>,
    owner: Option<String>,
}

#[component]
fn Offsets(id: StoredValue<String>) -> impl IntoView {
    let state = use_state();
    let list = Rows::new(32);
    // Read whole only for the scale and the sum; of rows those that are seen.
    let sums =
        Memo::new(move |_| state.with(|v| look(v, &id.get_value(), |g, _| lags(v, g)).unwrap_or_default()));
    let rows = Memo::new(move |_| {
        let shown = list.shown(sums.get().partitions);
        state.with(|v| look(v, &id.get_value(), |g, _| offset_rows(v, g, shown)).unwrap_or_default())
    });
    let long = move || Rows::is_long(sums.get().partitions);
    let total = move || sums.get().total;
    let number = |n: i64| words(&Message::new("number").number("n", n as f64));
    view! {
        <section class="sec" aria-labelledby="off-head">
            <div class="sech">
                <h2 id="off-head">{t("group-offsets")}</h2>
                <div class="acts">
                    {move || long().then(|| {
                        let m = Message::new("offsets-count").number("n", sums.get().partitions as f64);
                        view! { <span class="quiet small">{words(&m)}</span> }
                    })}
                    <span class="small" class:warn=move || { total() > LAG_WORTH_SAYING } class:quiet=move || { total() <= LAG_WORTH_SAYING }>
                        {move || words(&Message::new("behind-in-all").number("n", total() as f64))}
                    </span>
                </div>
            </div>
            <Scrolling rows=list long=Signal::derive(long)><table class="offsets" aria-label="Offsets" aria-rowcount=move || sums.get().partitions + 1>
                <caption class="vh">"Offsets"</caption>
                <thead><tr>
                    <th scope="col">"Topic"</th><th scope="col">"Partition"</th><th scope="col" class="num">"Committed"</th>
                    <th scope="col" class="num">"End"</th><th scope="col">"Lag"</th><th scope="col">"Owner"</th>
                </tr></thead>
                <tbody>{move || {
                    let (all, longest) = sums.with(|s| (s.partitions, s.longest));
                    let shown = list.shown(all);
                    let rows = rows.get().into_iter().map(move |r| view! {
                        <tr>
                            <td>{r.at.topic}</td>
                            <td><PartitionTile tile=r.tile /></td>
                            <td class="num">{r.committed.map_or("–".to_owned(), number)}</td>
                            <td class="num">{number(r.end)}</td>
                            <td><LagBar lag=r.lag longest /></td>
                            <td>{r.owner.unwrap_or_else(|| "–".to_owned())}</td>
                        </tr>
                    }).collect_view();
                    view! { {list.room(shown.start)}{rows}{list.room(all - shown.end)} }
                }}</tbody>
            </table></Scrolling>
        </section>
    }
}

/// What is said of all rows together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sums {
    partitions: usize,
    longest: i64,
    total: i64,
}

fn lags(v: &View, g: &Group) -> Sums {
    let partitions = g.partitions();
    let mut sums = Sums { partitions: partitions.len(), ..Sums::default() };
    for lag in partitions.iter().filter_map(|p| v.snapshot.lag(g, p)) {
        sums.longest = sums.longest.max(lag);
        sums.total += lag;
    }
    sums
}

fn offset_rows(v: &View, g: &Group, shown: Range<usize>) -> Vec<OffsetRow> {
    let row = |at: TopicPartition| OffsetRow {
        tile: v.snapshot.tile(&at),
        committed: g.committed.get(&at).copied(),
        end: v.snapshot.partition(&at).map_or(0, |p| p.high_watermark),
        lag: v.snapshot.lag(g, &at),
        owner: g.owner(&at).map(|m| m.client_id.clone()),
        at,
    };
    g.partitions().into_iter().skip(shown.start).take(shown.len()).map(row).collect()
}

#[derive(Clone, Debug, PartialEq)]
struct MemberRow {
    client: String,
    member: String,
    owned: Vec<Tile>,
    /// It runs in this tab.
    mine: Option<ConsumerState>,
}

#[component]
fn Members(id: StoredValue<String>) -> impl IntoView {
    let state = use_state();
    let list = Rows::new(36);
    let all =
        Memo::new(move |_| state.with(|v| look(v, &id.get_value(), |g, _| g.members.len()).unwrap_or(0)));
    let long = move || Rows::is_long(all.get());
    let rows = Memo::new(move |_| {
        let shown = list.shown(all.get());
        state.with(|v| {
            let row = |m: &tablog_dashboard::model::snapshot::Member| MemberRow {
                client: m.client_id.clone(),
                member: m.member_id.clone(),
                owned: m.owned.iter().map(|p| v.snapshot.tile(p)).collect(),
                mine: state.tab.with(|tab| {
                    tab.consumers.iter().find(|c| c.settings.client_id == m.client_id).map(|c| c.state)
                }),
            };
            let rows = |g: &Group, _: &History| {
                g.members.iter().skip(shown.start).take(shown.len()).map(row).collect::<Vec<_>>()
            };
            look(v, &id.get_value(), rows).unwrap_or_default()
        })
    });
    let fact = move |key: &'static str, f: fn(&Group, &History) -> String| {
        let value = Memo::new(move |_| state.with(|v| look(v, &id.get_value(), f).unwrap_or_default()));
        view! { <div><dt>{t(key)}</dt><dd>{move || value.get()}</dd></div> }
    };
    let empty = move || rows.with(Vec::is_empty).then(|| view! { <p class="cap">{t("members-empty")}</p> });
    view! {
        <section class="sec" aria-labelledby="mem-head">
            <div class="sech">
                <h2 id="mem-head">{t("group-members")}</h2>
                <div class="acts">{move || long().then(|| {
                    let m = Message::new("group-what-running").number("members", all.get() as f64);
                    view! { <span class="quiet small">{words(&m)}</span> }
                })}</div>
            </div>
            <Scrolling rows=list long=Signal::derive(long)><table class="members" aria-label="Members" role="table" aria-rowcount=move || all.get() + 1>
                <caption class="vh">"Members"</caption>
                <thead role="rowgroup"><tr role="row">
                    <th scope="col" role="columnheader">"Client ID"</th><th scope="col" role="columnheader">"Member ID"</th>
                    <th scope="col" role="columnheader">"Partitions"</th>
                    <th scope="col" role="columnheader"><span class="vh">{t("col-actions")}</span></th>
                </tr></thead>
                <tbody role="rowgroup">{move || {
                    let shown = list.shown(all.get());
                    let rows = rows.get().into_iter().map(member_row).collect_view();
                    view! { {list.room(shown.start)}{rows}{list.room(all.get() - shown.end)} }
                }}</tbody>
            </table></Scrolling>
            {empty}
            <dl class="facts">
                {fact("fact-state", |g, _| g.state.clone())}
                {fact("fact-generation", |_, h| h.current().and_then(|g| g.number).map_or("–".to_owned(), |n| n.to_string()))}
                {fact("fact-protocol", |g, _| if g.kind.is_empty() { "–".to_owned() } else { g.kind.clone() })}
                {fact("fact-assignor", |g, _| if g.assignor.is_empty() { "–".to_owned() } else { g.assignor.clone() })}
                {fact("fact-stopped", |_, h| h.current().map_or("–".to_owned(), |g| words(&quantity::seconds(g.stopped_ms))))}
            </dl>
        </section>
    }
}

fn member_row(r: MemberRow) -> impl IntoView {
    let state = use_state();
    let head = format!("member-{}", r.member);
    let (a, b) = (r.client.clone(), r.client.clone());
    let frozen = r.mine == Some(ConsumerState::Frozen);
    let acts = r.mine.map(|_| {
        view! {
            <button class="btn small" aria-describedby=head.clone() on:click=move |_| tab_clients::toggle_frozen(state, &a)>
                {t(if frozen { "thaw" } else { "freeze" })}
            </button>
            " "
            <button class="btn small" aria-describedby=head.clone() on:click=move |_| tab_clients::remove(state, &b)>{t("remove-consumer")}</button>
        }
    });
    let elsewhere =
        r.mine.is_none().then(|| view! { <span class="quiet small">{t("member-elsewhere")}</span> });
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" id=head.clone()>{r.client}</th>
            <td role="cell"><code>{r.member}</code></td>
            <td role="cell">{tiles(r.owned, false, 8)}</td>
            <td role="cell" class="num">{acts}{elsewhere}</td>
        </tr>
    }
}
