//! A group's members: what each owns and, in a consumer group, its epoch and its target; and the facts of the group.

use super::look;
use crate::components::partition_tile::{PartitionTile, tiles};
use crate::session::Session;
use crate::state::{View, use_state};
use crate::tab_clients;
use crate::ui::{Rows, Scrolling};
use crate::words::{t, words};
use leptos::prelude::*;
use tablog_dashboard::model::client_control::ConsumerState;
use tablog_dashboard::model::colour::Tile;
use tablog_dashboard::model::member_facts::{self, listed};
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::snapshot::{Group, Member};

#[derive(Clone, Debug, PartialEq)]
struct MemberRow {
    client: String,
    member: String,
    /// Instance id, rack, protocol, subscription: what there is to say.
    notes: Vec<Message>,
    owned: Vec<Tile>,
    revoking: Vec<Tile>,
    /// Its epoch, whether it is behind the group's, and its target in numbers and words.
    progress: Option<(i32, bool, String, Message)>,
    /// It runs in this tab.
    mine: Option<ConsumerState>,
}

#[component]
pub fn Members(
    id: StoredValue<String>,
    /// What came of a member's removal.
    said: RwSignal<Option<Message>>,
) -> impl IntoView {
    let state = use_state();
    let list = Rows::new(36);
    let all =
        Memo::new(move |_| state.with(|v| look(v, &id.get_value(), |g, _| g.members.len()).unwrap_or(0)));
    let long = move || Rows::is_long(all.get());
    let has_epochs = Memo::new(move |_| {
        state.with(|v| look(v, &id.get_value(), |g, _| g.epochs.is_some()).unwrap_or_default())
    });
    let rows = Memo::new(move |_| {
        let shown = list.shown(all.get());
        let rows = |v: &View| {
            look(v, &id.get_value(), |g, _| {
                g.members.iter().skip(shown.start).take(shown.len()).map(|m| row(v, g, m)).collect::<Vec<_>>()
            })
        };
        state.with(rows).unwrap_or_default()
    });
    let facts = Memo::new(move |_| {
        state.with(|v| look(v, &id.get_value(), member_facts::of_group)).unwrap_or_default()
    });
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
            <Scrolling rows=list long=Signal::derive(long)><table class="members" class:epochs=has_epochs aria-label="Members" role="table" aria-rowcount=move || all.get() + 1>
                <caption class="vh">"Members"</caption>
                <thead role="rowgroup"><tr role="row">{move || {
                    let (head, epochs) = (["Client ID", "Member ID", "Partitions"], ["Client ID", "Member ID", "Epoch", "Partitions", "Target"]);
                    let head = if has_epochs.get() { &epochs[..] } else { &head[..] };
                    head.iter().map(|name| view! { <th scope="col" role="columnheader" class:num={*name == "Epoch"}>{*name}</th> }).collect_view()
                }}
                    <th scope="col" role="columnheader"><span class="vh">{t("col-actions")}</span></th>
                </tr></thead>
                <tbody role="rowgroup">{move || {
                    let shown = list.shown(all.get());
                    let rows = rows.get().into_iter().map(|r| member_row(r, id, said)).collect_view();
                    view! { {list.room(shown.start)}{rows}{list.room(all.get() - shown.end)} }
                }}</tbody>
            </table></Scrolling>
            {empty}
            <dl class="facts">{move || {
                let fact = |(key, value): (&'static str, Message)| {
                    view! { <div><dt>{words(&Message { key, arguments: Vec::new() })}</dt><dd>{words(&value)}</dd></div> }
                };
                facts.get().into_iter().map(fact).collect_view()
            }}</dl>
        </section>
    }
}

fn row(v: &View, g: &Group, m: &Member) -> MemberRow {
    let state = use_state();
    let tiles = |partitions: &[_]| partitions.iter().map(|p| v.snapshot.tile(p)).collect();
    let progress = m.progress.as_ref().map(|p| {
        let behind = g.epochs.is_some_and(|e| p.epoch < e.group);
        (p.epoch, behind, listed(&p.target), member_facts::standing(m))
    });
    MemberRow {
        client: m.client_id.clone(),
        member: m.member_id.clone(),
        notes: member_facts::notes(g, m),
        owned: tiles(&m.owned),
        revoking: tiles(m.revoking()),
        progress,
        mine: state
            .tab
            .with(|tab| tab.consumers.iter().find(|c| c.settings.client_id == m.client_id).map(|c| c.state)),
    }
}

fn member_row(r: MemberRow, id: StoredValue<String>, said: RwSignal<Option<Message>>) -> impl IntoView {
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
    let (client, member) = (r.client.clone(), r.member.clone());
    let remove = move |_| {
        let (client, member) = (client.clone(), member.clone());
        leptos::task::spawn_local(async move {
            let outcome = Session::remove_members(id.get_value(), vec![member]).await;
            said.set(Some(match outcome {
                Ok(()) => Message::new("remove-member-done").text("member", client),
                Err(why) => Message::new("remove-member-failed").text("member", client).message("why", why),
            }));
        });
    };
    let elsewhere = r.mine.is_none().then(|| {
        view! {
            <button class="btn small" aria-describedby=head.clone() on:click=remove>{t("remove-member")}</button>
            <span class="sub">{t("member-elsewhere")}</span>
        }
    });
    let notes = r.notes.iter().map(|m| view! { <span class="sub">{words(m)}</span> }).collect_view();
    let comma = !r.owned.is_empty();
    let revoking = r.revoking.into_iter().enumerate().map(|(i, tile)| {
        let comma = (comma || i > 0).then(|| view! { <span class="said">", "</span> });
        view! { {comma}<PartitionTile tile gone=true /> }
    });
    let revoking = revoking.collect_view();
    let (epoch, target) = match r.progress {
        Some((epoch, behind, target, standing)) => (
            Some(view! { <td role="cell" class="num" class:strong=behind>{epoch}</td> }),
            Some(view! { <td role="cell">{target}<span class="sub">{words(&standing)}</span></td> }),
        ),
        None => (None, None),
    };
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" id=head.clone()>{r.client}</th>
            <td role="cell"><code>{r.member}</code>{notes}</td>
            {epoch}
            <td role="cell">{tiles(r.owned, false, 8)}{revoking}</td>
            {target}
            <td role="cell" class="num">{acts}{elsewhere}</td>
        </tr>
    }
}
