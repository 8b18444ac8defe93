//! A group's offsets: a row a partition, with what is committed, the end, the lag and who reads it.

use super::look;
use crate::components::lag::LagBar;
use crate::components::partition_tile::PartitionTile;
use crate::state::{View, use_state};
use crate::ui::{Rows, Scrolling};
use crate::words::{t, words};
use leptos::prelude::*;
use std::ops::Range;
use tablog_dashboard::model::colour::Tile;
use tablog_dashboard::model::limits::LAG_WORTH_SAYING;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::snapshot::{Group, Member, TopicPartition};

#[derive(Clone, Debug, PartialEq)]
struct OffsetRow {
    at: TopicPartition,
    tile: Tile,
    committed: Option<i64>,
    end: i64,
    lag: Option<i64>,
    owner: Option<String>,
    /// Who waits for it.
    heir: Option<String>,
}

#[component]
pub fn Offsets(
    id: StoredValue<String>,
    /// Opens the panel that deletes some.
    open: Callback<()>,
) -> impl IntoView {
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
                        {move || words(&sums.get().message())}
                    </span>
                    <button class="btn small" on:click=move |_| open.run(())>{t("delete-offsets")}</button>
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
                            <td>
                                {r.owner.unwrap_or_else(|| "–".to_owned())}
                                {r.heir.map(|heir| view! { <span class="quiet">" → "{heir}</span> })}
                            </td>
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
    /// With partitions that nobody reads while they are handed over.
    nobodys: i64,
}

impl Sums {
    fn message(&self) -> Message {
        let key = if self.nobodys > LAG_WORTH_SAYING { "behind-in-all-nobody" } else { "behind-in-all" };
        Message { key, arguments: Vec::new() }
            .number("n", self.total as f64)
            .number("nobodys", self.nobodys as f64)
    }
}

fn lags(v: &View, g: &Group) -> Sums {
    let partitions = g.partitions();
    let mut sums = Sums { partitions: partitions.len(), ..Sums::default() };
    for p in &partitions {
        let lag = v.snapshot.lag(g, p).unwrap_or(0);
        sums.longest = sums.longest.max(lag);
        sums.total += lag;
        sums.nobodys += if g.heir(p).is_some() { lag } else { 0 };
    }
    sums
}

fn offset_rows(v: &View, g: &Group, shown: Range<usize>) -> Vec<OffsetRow> {
    let client = |m: &Member| m.client_id.clone();
    let row = |at: TopicPartition| OffsetRow {
        tile: v.snapshot.tile(&at),
        committed: g.committed.get(&at).copied(),
        end: v.snapshot.partition(&at).map_or(0, |p| p.high_watermark),
        lag: v.snapshot.lag(g, &at),
        owner: g.owner(&at).or_else(|| g.holder(&at)).map(client),
        heir: g.heir(&at).map(client),
        at,
    };
    g.partitions().into_iter().skip(shown.start).take(shown.len()).map(row).collect()
}
