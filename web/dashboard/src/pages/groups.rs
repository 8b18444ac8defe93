//! The groups: state, protocol, members with what each owns, how far behind each is on one scale, and where each
//! stands in its protocol.

use crate::components::delete_group::DeleteGroup;
use crate::components::lag::LagBar;
use crate::components::legend::{Legend, Mark};
use crate::components::open_consumer_tab::OpenConsumerTab;
use crate::components::partition_tile::{PartitionTile, tiles};
use crate::components::states::{AsOf, Ready};
use crate::state::{View, use_state};
use crate::tab_clients;
use crate::ui::{Link, Picture, say};
use crate::words::{t, words};
use leptos::prelude::*;
use tablog_dashboard::model::address;
use tablog_dashboard::model::colour::Tile;
use tablog_dashboard::model::generations::History;
use tablog_dashboard::model::limits::ROWS_SHOWN;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::snapshot::{Group, Snapshot};
use tablog_dashboard::model::{narrator, quantity, states_picture};

#[component]
pub fn GroupsPage() -> impl IntoView {
    view! { <Ready><Groups /></Ready> }
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    id: String,
    topics: Vec<String>,
    state: String,
    what: Message,
    kind: String,
    assignor: String,
    /// What each owns, and what it still holds and is to let go of.
    members: Vec<(String, Vec<Tile>, Vec<Tile>)>,
    committed: usize,
    lag: i64,
    growth: i64,
}

#[component]
fn Groups() -> impl IntoView {
    let state = use_state();
    let headline = Memo::new(move |_| state.with(|v| narrator::groups(&v.snapshot, &v.rates, &v.feed)));
    let rows = Memo::new(move |_| state.with(rows));
    let longest = Memo::new(move |_| rows.with(|rows| rows.iter().map(|r| r.lag).max().unwrap_or(0)));
    let count = move || {
        let (groups, running) =
            rows.with(|rows| (rows.len(), rows.iter().filter(|r| !r.members.is_empty()).count()));
        Message::new("groups-count").number("groups", groups as f64).number("running", running as f64)
    };
    let marks = vec![
        (Mark::Member, Message::new("legend-member")),
        (Mark::Gone, Message::new("legend-gone")),
        (Mark::Lag, Message::new("legend-lag-grows")),
        (Mark::Kept, Message::new("legend-kept")),
    ];
    let marks = Signal::derive(move || marks.clone());
    let empty = move || rows.with(Vec::is_empty);
    let deleting = RwSignal::new(None::<String>);
    view! {
        <div class="lede">
            <h1>{move || if empty() { say(&Message::new("groups-empty-head")) } else { say(&headline.get()) }}</h1>
            <div class="acts">
                <OpenConsumerTab />
                <button class="btn main" on:click=move |_| tab_clients::add_consumer(state, None)>{t("add-consumer")}</button>
            </div>
        </div>
        {move || empty().then(|| view! { <p class="narr lead">{t("groups-empty-what")}</p> })}
        <DeleteGroup asked=deleting />
        <section class="sec" aria-labelledby="groups-head" hidden=empty>
            <div class="sech">
                <h2 id="groups-head">{t("nav-groups")}</h2>
                <div class="acts"><span class="quiet small">{move || words(&count())}</span></div>
            </div>
            <AsOf />
            <table class="groups" aria-label="Groups" role="table">
                <caption class="vh">{t("nav-groups")}</caption>
                <thead role="rowgroup"><tr role="row">
                    <th scope="col" role="columnheader">{t("col-group")}</th><th scope="col" role="columnheader">{t("col-state")}</th>
                    <th scope="col" role="columnheader">{t("col-protocol")}</th><th scope="col" role="columnheader">{t("col-members-own")}</th>
                    <th scope="col" role="columnheader">{t("col-behind-scale")}</th>
                    <th scope="col" role="columnheader"><span class="vh">{t("col-actions")}</span></th>
                </tr></thead>
                <tbody role="rowgroup">
                    {move || rows.get().into_iter().take(ROWS_SHOWN).map(|r| row(r, longest.get(), deleting)).collect_view()}
                </tbody>
            </table>
            <Legend marks />
        </section>
        <section class="sec after" aria-labelledby="stands-head" hidden=empty>
            <div class="sech"><h2 id="stands-head">{t("groups-where")}</h2></div>
            <Picture draw=move |room| state.with(|v| states_picture::draw(&v.snapshot, room)) stale=state.stale />
            <p class="cap">{move || say(&Message::new("groups-how"))}</p>
        </section>
    }
}

fn rows(v: &View) -> Vec<Row> {
    let s = &v.snapshot;
    let row = |(id, g): (&String, &tablog_dashboard::model::snapshot::Group)| {
        let history = v.histories.get(id);
        let since = history.and_then(|h| h.current());
        let clock = |at| quantity::clock(at, crate::browser::zone_minutes());
        let what = if g.epochs.is_some() && !g.members.is_empty() {
            epoch(s, g, history)
        } else if g.is_rebalancing() {
            Message::new("group-what-forming").number("members", g.members.len() as f64)
        } else if g.members.is_empty() {
            Message::new("group-what-empty").number("partitions", g.committed.len() as f64)
        } else {
            match since.map(|g| (g.number, g.from_ms)) {
                Some((Some(n), at)) => {
                    Message::new("group-what-generation").number("n", f64::from(n)).text("time", clock(at))
                }
                Some((None, at)) => Message::new("group-what-since").text("time", clock(at)),
                None => Message::new("group-what-running").number("members", g.members.len() as f64),
            }
        };
        let owned = |m: &tablog_dashboard::model::snapshot::Member| {
            let mut owned: Vec<Tile> = m.owned.iter().map(|p| s.tile(p)).collect();
            owned.sort_by_key(|t| t.place);
            (m.client_id.clone(), owned, m.revoking().iter().map(|p| s.tile(p)).collect())
        };
        Row {
            id: id.clone(),
            topics: g.topics(),
            state: g.state.clone(),
            what,
            kind: g.kind.clone(),
            assignor: g.assignor.clone(),
            members: g.members.iter().map(owned).collect(),
            committed: g.committed.len(),
            lag: s.group_lag(g),
            growth: growth(v, id, g),
        }
    };
    s.groups.iter().map(row).collect()
}

fn epoch(s: &Snapshot, g: &Group, history: Option<&History>) -> Message {
    let number = g.epochs.map_or(0, |e| e.group);
    let begun = history.and_then(|h| h.epochs.begun.iter().rev().find(|e| e.number == number));
    let message = match (narrator::handover(g), begun) {
        _ if g.state == "Assigning" => Message::new("group-what-assigning"),
        (Some(handover), _) => handover.message(s, "group-what-held", "group-what-awaited"),
        (None, Some(begun)) => Message::new("group-what-epoch-since")
            .text("time", quantity::clock(begun.at_ms, crate::browser::zone_minutes())),
        (None, None) => Message::new("group-what-epoch"),
    };
    // The count of partitions goes by another name there: `n` is the epoch.
    Message { arguments: message.arguments.into_iter().filter(|(name, _)| *name != "n").collect(), ..message }
        .number("n", f64::from(number))
}

/// Records a second, where the lag is worth words; what is in flight comes and goes.
fn growth(v: &View, id: &str, g: &tablog_dashboard::model::snapshot::Group) -> i64 {
    let partitions = g.partitions();
    let is_worth = v.rates.is_worth_saying(v.snapshot.group_lag(g), &partitions);
    if is_worth { v.rates.lag_growth(id, &partitions) as i64 } else { 0 }
}

fn row(r: Row, longest: i64, deleting: RwSignal<Option<String>>) -> impl IntoView {
    let kept = r.members.is_empty();
    let members = r.members.into_iter().take(12).map(|(client, owned, revoking)| {
        let none = owned.is_empty() && revoking.is_empty();
        let owned = (!owned.is_empty()).then(|| tiles(owned, true, 8));
        let revoking = revoking.into_iter().map(|tile| view! { <PartitionTile tile small=true gone=true /> });
        let revoking = revoking.collect_view();
        let title = client.clone();
        view! {
            <span class="mem" title=title>
                <span class="vh">{client}": "</span>{owned}{revoking}{none.then(|| view! { <span class="quiet">"–"</span> })}
            </span>
        }
    });
    let members = match kept {
        true => {
            let m = Message::new("group-no-members").number("partitions", r.committed as f64);
            view! { <span class="quiet">{words(&m)}</span> }.into_any()
        }
        false => view! { <span class="mems">{members.collect_view()}</span> }.into_any(),
    };
    let behind = match (r.committed, kept) {
        (0, true) => view! { <span class="quiet">{t("group-nothing-committed")}</span> }.into_any(),
        _ => {
            let note = match (kept, r.growth) {
                (true, _) if r.lag > 0 => Some(("sub", Message::new("group-would-read"))),
                (false, growth) if growth > 0 => {
                    Some(("sub warn", Message::new("member-growing").number("n", growth as f64)))
                }
                (false, growth) if growth < 0 => {
                    Some(("sub", Message::new("member-shrinking").number("n", -growth as f64)))
                }
                _ => None,
            };
            let note = note.map(|(class, m)| view! { <span class=class>{words(&m)}</span> });
            view! { <span class="beh"><LagBar lag=Some(r.lag) longest kept />{note}</span> }.into_any()
        }
    };
    let kind = match r.kind.as_str() {
        "consumer" => Message::new("protocol-consumer"),
        _ => Message::new("protocol-classic"),
    };
    let dead = r.state == "Dead";
    let (head, id) = (format!("group-{}", r.id), r.id.clone());
    view! {
        <tr role="row" class:dead=dead>
            <th scope="row" role="rowheader" id=head.clone()><Link href=address::group(&r.id)>{r.id.clone()}</Link><span class="sub">{r.topics.join(", ")}</span></th>
            <td role="cell"><span class="st">{r.state}</span><span class="narr">{say(&r.what)}</span></td>
            <td role="cell">{words(&kind)}<span class="sub">{if r.assignor.is_empty() { "–".to_owned() } else { r.assignor }}</span></td>
            <td role="cell">{members}</td>
            <td role="cell" data-label=t("col-behind")>{behind}</td>
            <td role="cell" class="num">
                <button class="btn small danger" aria-describedby=head on:click=move |_| deleting.set(Some(id.clone()))>{t("delete")}</button>
            </td>
        </tr>
    }
}
