//! A tab that is one member of a group: what it owns, is about to lose, has just got and waits for; its heartbeats; the
//! records it is given. Made for a small window, and for several side by side.

use crate::browser;
use crate::components::header::{Mark, Where};
use crate::components::partition_tile::PartitionTile;
use crate::components::states::{AsOf, Ready};
use crate::session::Session;
use crate::state::use_state;
use crate::ui::{Link, Opens, Picture, say};
use crate::words::{t, words};
use leptos::prelude::*;
use tablog_dashboard::model::colour::Tile;
use tablog_dashboard::model::consumer_address::{self, ConsumerAddress};
use tablog_dashboard::model::limits::MEMBER_TILES_MAX;
use tablog_dashboard::model::member::MemberRecord;
use tablog_dashboard::model::membership::{Held, Hold};
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::snapshot::TopicPartition;
use tablog_dashboard::model::{address, heartbeats_picture, quantity};

/// More partitions than this are drawn small.
const WIDE_TILES_MAX: usize = 8;
/// Above so many a second nobody follows them with the eye.
const ARRIVALS_SHOWN: f64 = 20.0;

#[component]
pub fn ConsumerPage() -> impl IntoView {
    let asked = consumer_address::parse(&browser::query_pairs());
    let group = asked.as_ref().ok().map(|asked| asked.group.clone());
    let body = match asked {
        Ok(asked) => {
            let asked = StoredValue::new(asked);
            view! { <Ready>{move || view! { <Known asked=asked.get_value() /> }}</Ready> }.into_any()
        }
        Err(why) => view! {
            <div class="lede"><h1>{t("consumer-head")}</h1></div>
            <p class="narr lead">{say(&why)}</p>
            <p class="narr lead">{say(&Message::new("consumer-way"))}</p>
            <div class="acts"><Link href="/groups" class="btn main">{t("consumer-to-groups")}</Link></div>
        }
        .into_any(),
    };
    let see = group.map(|group| {
        view! { <Link href=address::group(&group) opens=Opens::Elsewhere>{t("membership-see-the-group")}</Link> }
    });
    view! {
        <div class="onebody">{body}</div>
        <footer class="foot">
            <Link href="/" class="brand" opens=Opens::Elsewhere><Mark /><span class="vh">"Tablog"</span></Link>
            <Where />
            {see}
        </footer>
    }
}

#[component]
fn Known(asked: ConsumerAddress) -> impl IntoView {
    let state = use_state();
    let topic = asked.topic.clone();
    let known = Memo::new(move |_| state.with(|v| v.snapshot.topics.contains_key(&topic)));
    move || {
        match known.get() {
        true => view! { <Member asked=asked.clone() /> }.into_any(),
        false => view! {
            <div class="lede"><h1 class="name">{asked.topic.clone()}</h1></div>
            <p class="narr lead">{say(&Message::new("consumer-no-topic").text("name", &asked.topic))}</p>
            <div class="acts">
                <Link href="/topics?new=1" class="btn main" opens=Opens::Elsewhere>{t("create-a-topic")}</Link>
            </div>
        }
        .into_any(),
    }
    }
}

#[component]
fn Member(asked: ConsumerAddress) -> impl IntoView {
    let state = use_state();
    let in_group = Message::new("membership-of").text("group", &asked.group).text("topic", &asked.topic);
    let (topic, group) = (StoredValue::new(asked.topic.clone()), StoredValue::new(asked.group.clone()));
    Session::be_member(state, asked);
    on_cleanup(Session::end_member);
    let name = Memo::new(move |_| state.member.with(|m| m.newest.client_id.clone()));
    let left = Memo::new(move |_| state.member.with(|m| m.has_left()));
    let tile = move |partition: i32| {
        state.with(|v| v.snapshot.tile(&TopicPartition::new(topic.get_value(), partition)))
    };
    let all = Memo::new(move |_| {
        state.with(|v| topic.with_value(|t| v.snapshot.topics.get(t).map_or(0, |t| t.partitions.len())))
    });
    let sentence = Memo::new(move |_| state.member.with(|m| m.sentence(all.get(), tile)));
    let trouble = Memo::new(move |_| state.member.with(|m| m.newest.trouble.clone()));
    tell_title(group);
    let act = move |_| match left.get_untracked() {
        true => Session::join_again(state),
        false => Session::leave_group(),
    };
    view! {
        <header class="who">
            <div><h1 class="name">{name}</h1><p class="in-group">{say(&in_group)}</p></div>
            <button class="btn" class:main=left disabled=move || name.with(String::is_empty) on:click=act>
                {move || if left.get() { t("membership-join-again")() } else { t("membership-leave")() }}
            </button>
        </header>
        <p class="say narr" role="status">{move || say(&sentence.get())}</p>
        {move || trouble.get().map(|detail| view! { <p class="cap bad" role="alert">{detail}</p> })}
        <AsOf />
        <Partitions tile />
        <Heartbeats left />
        <Records tile left />
    }
}

/// The strip of tabs says what each of them owns, seen or not.
fn tell_title(group: StoredValue<String>) {
    let state = use_state();
    let title = Memo::new(move |_| {
        state.member.with(|m| {
            let owned: Vec<String> = m.newest.owned.iter().map(|s| s.partition.to_string()).collect();
            let key = if owned.is_empty() { "membership-title-bare" } else { "membership-title" };
            let message = Message::new(key).text("owned", owned.join(", "));
            words(&message.text("name", &m.newest.client_id).text("group", group.get_value()))
        })
    });
    Effect::new(move || document().set_title(&title.get()));
}

#[component]
fn Partitions(tile: impl Fn(i32) -> Tile + Copy + Send + Sync + 'static) -> impl IntoView {
    let state = use_state();
    let held = Memo::new(move |_| state.member.with(|m| m.held()));
    let shown = Memo::new(move |_| {
        held.with(|held| {
            held.iter().take(MEMBER_TILES_MAX).map(|h| (h.at.partition, h.hold)).collect::<Vec<_>>()
        })
    });
    let rest = move || held.with(Vec::len).saturating_sub(MEMBER_TILES_MAX);
    view! {
        <section aria-labelledby="own-head">
            <h2 class="vh" id="own-head">{t("membership-owns")}</h2>
            <ol class="own" class:many=move || held.with(|held| held.len() > WIDE_TILES_MAX)>
                <For each=move || shown.get() key=|key| *key let:key>
                    <Partition tile=tile(key.0) hold=key.1 held />
                </For>
                {move || held.with(Vec::is_empty).then(|| view! { <li class="none">{t("none")}</li> })}
                {move || (rest() > 0).then(|| {
                    view! { <li class="none">{words(&Message::new("membership-more").number("n", rest() as f64))}</li> }
                })}
            </ol>
        </section>
    }
}

#[component]
fn Partition(tile: Tile, hold: Hold, held: Memo<Vec<Held>>) -> impl IntoView {
    let me = move || {
        held.with(|held| held.iter().find(|h| h.at.partition == tile.partition && h.hold == hold).cloned())
    };
    let number =
        |key: &'static str, n: Option<i64>| n.map(|n| words(&Message::new(key).number("n", n as f64)));
    let first = move || match hold {
        Hold::Reads | Hold::Came => me().and_then(|h| number("membership-at", h.at.position)),
        Hold::Going if me().is_some_and(|h| h.other.is_none()) => Some(t("membership-standing-still")()),
        Hold::Going => Some(t("membership-handing-over")()),
        Hold::Left | Hold::Waits => None,
    };
    let second = move || match hold {
        Hold::Reads | Hold::Came => me().and_then(|h| number("membership-behind", h.at.lag)),
        _ => {
            let key = if hold == Hold::Waits { "membership-from" } else { "membership-to" };
            me().and_then(|h| h.other).map(|name| words(&Message::new(key).text("name", name)))
        }
    };
    let class = match hold {
        Hold::Reads => "",
        Hold::Came => " came",
        Hold::Going => " going",
        Hold::Left => " left",
        Hold::Waits => " waits",
    };
    view! {
        <li class=format!("{}{}{class}", tile.class(), tile.cut_class())>
            <b>{tile.partition}</b>
            <span class="what"><span class="at">{first}</span><span>{second}</span></span>
        </li>
    }
}

#[component]
fn Heartbeats(left: Memo<bool>) -> impl IntoView {
    let state = use_state();
    let last = Memo::new(move |_| {
        let now_ms = state.now_ms.get();
        state.member.with(|m| {
            let beat = m.heartbeats.back()?;
            let is_classic = m.newest.peers.iter().all(|peer| peer.target.is_none());
            let key = if is_classic { "membership-beat-generation" } else { "membership-beat-epoch" };
            let ago = quantity::seconds((now_ms - beat.at_ms).max(0));
            Some(Message::new(key).message("ago", ago).number("epoch", f64::from(m.newest.epoch?)))
        })
    });
    view! {
        <section class="beat" aria-labelledby="beat-head" hidden=left>
            <div class="bh">
                <h2 class="figh" id="beat-head">{t("membership-heartbeats")}</h2>
                <p>{move || last.get().map(|m| words(&m))}</p>
            </div>
            <Picture draw=move |room| {
                let (now_ms, zone_minutes) = (state.now_ms.get(), browser::zone_minutes());
                state.member.with(|membership| {
                    heartbeats_picture::draw(&heartbeats_picture::Scene { membership, now_ms, zone_minutes, room })
                })
            } />
        </section>
    }
}

#[component]
fn Records(tile: impl Fn(i32) -> Tile + Copy + Send + Sync + 'static, left: Memo<bool>) -> impl IntoView {
    let state = use_state();
    let records = Memo::new(move |_| state.member.with(|m| m.records.iter().cloned().collect::<Vec<_>>()));
    let rate = move || {
        words(&state.member.with(|m| match m.has_left() {
            true => Message::new("membership-was").number("n", m.newest.records_read as f64),
            false => {
                let rate = quantity::rate(m.rate());
                Message::new("membership-rate").message("rate", rate).number("n", m.lag() as f64)
            }
        }))
    };
    let fast = Memo::new(move |_| state.member.with(|m| m.rate() > ARRIVALS_SHOWN));
    let note = move || match (left.get(), records.with(Vec::is_empty)) {
        (true, _) => Some("membership-reads-nothing"),
        (false, true) => Some("membership-no-records"),
        (false, false) => None,
    };
    view! {
        <section class="reads" aria-labelledby="reads-head">
            <div class="bh"><h2 class="figh" id="reads-head">{t("membership-records")}</h2><p>{rate}</p></div>
            <div class="list">
                {move || note().map(|key| view! { <p class="narr quiet">{t(key)}</p> })}
                <table aria-label="Records">
                    <caption class="vh">{t("membership-records")}</caption>
                    <thead class="vh"><tr>
                        <th scope="col">{t("col-partition")}</th><th scope="col">{t("col-offset")}</th>
                        <th scope="col">{t("col-key")}</th><th scope="col">{t("col-value")}</th>
                    </tr></thead>
                    <tbody class:fast=move || fast.get()>
                        <For each=move || records.get() key=|r| (r.partition, r.offset) let:record>
                            {row(record, tile)}
                        </For>
                    </tbody>
                </table>
            </div>
        </section>
    }
}

fn row(record: MemberRecord, tile: impl Fn(i32) -> Tile) -> impl IntoView {
    let value = match record.value {
        Some(text) => view! { <code>{text}</code> }.into_any(),
        None => view! { <span class="quiet">{t("tombstone")}</span> }.into_any(),
    };
    let offset = words(&Message::new("number").number("n", record.offset as f64));
    view! {
        <tr>
            <td><PartitionTile tile=tile(record.partition) small=true /></td>
            <td class="num">{offset}</td>
            <td class="k"><code>{record.key.unwrap_or_else(|| "–".to_owned())}</code></td>
            <td class="v">{value}</td>
        </tr>
    }
}
