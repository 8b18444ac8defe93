//! A column an assignor: who has what after the step, what it cost, and why. Tiles keep their colours and slide to
//! their new owners; of more partitions than can be told apart, a swatch and then a count remain. As text a row is
//! always whole: `lab-0, lab-5`.

use super::Lab;
use crate::ui::say;
use crate::words::{t, words};
use leptos::prelude::*;
use tablog_dashboard::model::colour::Tile;
use tablog_dashboard::model::lab::answer::{Answer, Column, LabAssignor, Presence, Row};
use tablog_dashboard::model::limits::{LAB_NUMBERED_MAX, LAB_SWATCHES_MAX};
use tablog_dashboard::model::message::Message;

#[component]
pub fn Columns(lab: Lab) -> impl IntoView {
    let column = |(place, assignor): (usize, LabAssignor)| {
        let kind = if assignor.is_of_the_broker() { "lab-kip-848" } else { "lab-client-side" };
        let kind = Message { key: kind, arguments: Vec::new() };
        let body = move || {
            let answer = lab.answer.get();
            answer.columns.get(place).map(|column| body(&answer, column, place))
        };
        view! {
            <section class="col" aria-label=assignor.full_name()>
                <h2 class="figh">{assignor.name()}<small>{words(&kind)}</small></h2>
                {body}
            </section>
        }
    };
    let order = move || {
        lab.answer.with(|answer| order_of_ids(&answer.rows)).map(|m| view! { <p class="cap">{say(&m)}</p> })
    };
    view! {
        <div class="cols" tabindex="0" role="group" aria-label=t("lab-columns") node_ref=lab.slide.host>
            {LabAssignor::ALL.into_iter().enumerate().map(column).collect_view()}
        </div>
        {order}
    }
}

/// Where ids are not in the order in which people count.
fn order_of_ids(rows: &[Row]) -> Option<Message> {
    let pair = rows.windows(2).find(|pair| pair[0].member.len() > pair[1].member.len())?;
    Some(Message::new("lab-order").text("first", &pair[0].member).text("second", &pair[1].member))
}

/// How much of a partition there is room for.
#[derive(Clone, Copy, PartialEq)]
enum Grain {
    Numbered,
    Swatches,
    Counted,
}

struct Drawn<'a> {
    column: &'a Column,
    place: usize,
    grain: Grain,
    /// By row: what it has, or had if it is gone, with the place among all partitions.
    owned: Vec<Vec<Owned<'a>>>,
    /// How many the fullest row has.
    most: usize,
}

type Owned<'a> = (usize, &'a str, i32);

fn body(answer: &Answer, column: &Column, place: usize) -> impl IntoView + use<> {
    let grain = match column.owners.len() {
        n if n <= LAB_NUMBERED_MAX => Grain::Numbered,
        n if n <= LAB_SWATCHES_MAX => Grain::Swatches,
        _ => Grain::Counted,
    };
    let owned = owned_by_row(answer, column);
    let most = owned.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let drawn = Drawn { column, place, grain, owned, most };
    let rows = answer.rows.iter().enumerate().map(|(at, row)| drawn.row(at, row)).collect_view();
    let why = column.reason.messages();
    let why = why.iter().enumerate().map(|(i, m)| view! { {(i > 0).then_some(" ")}{say(m)} }).collect_view();
    view! {
        <dl>
            <div><dt>{t("lab-moved")}</dt><dd class="mv">{column.cost.moved}</dd></div>
            <div><dt>{t("lab-spread")}</dt><dd>{column.cost.spread}</dd></div>
        </dl>
        {drawn.units()}
        <table aria-label="Assignment">
            <caption class="vh">"Assignment"</caption>
            <thead class="vh"><tr><th scope="col">{t("lab-member")}</th><th scope="col">{t("lab-partitions")}</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
        <p class="why">{why}</p>
    }
}

fn owned_by_row<'a>(answer: &'a Answer, column: &Column) -> Vec<Vec<Owned<'a>>> {
    let mut owned = vec![Vec::new(); answer.rows.len()];
    for (place, (topic, partition)) in answer.partitions().enumerate() {
        let (now, before) = (column.owners[place], column.before[place]);
        let of = |at: i32| usize::try_from(at).ok().filter(|at| *at < answer.rows.len());
        let was_gone = of(before).filter(|at| answer.rows[*at].presence == Presence::Gone);
        for row in of(now).into_iter().chain(was_gone) {
            owned[row].push((place, topic, partition));
        }
    }
    owned
}

impl Drawn<'_> {
    /// Which partitions moved, in their order; of very many, how many of all.
    fn units(&self) -> AnyView {
        if self.grain == Grain::Counted {
            let share = self.column.cost.moved as f64 / self.column.owners.len() as f64;
            return view! { <p class="units share" aria-hidden="true"><i class="on" style:width=percent(share)></i></p> }
                .into_any();
        }
        let unit = |p: usize| {
            let on = if self.column.is_moved(p) { " on" } else { "" };
            view! { <i class=format!("{}{on}", Tile { partition: 0, place: p }.class())></i> }
        };
        let units = (0..self.column.owners.len()).map(unit).collect_view();
        view! { <p class="units" aria-hidden="true">{units}</p> }.into_any()
    }

    fn row(&self, at: usize, row: &Row) -> impl IntoView + use<> {
        let gone = row.presence == Presence::Gone;
        let owned = &self.owned[at];
        let cell = match self.grain {
            Grain::Counted => self.count(owned, gone),
            _ => self.tiles(owned, gone),
        };
        view! {
            <tr class:gone=gone aria-hidden=gone.then_some("true")>
                <th scope="row">{row.member.clone()}</th>
                <td>{cell}</td>
            </tr>
        }
    }

    fn tiles(&self, owned: &[Owned], gone: bool) -> AnyView {
        let tile = |(i, &(place, topic, partition)): (usize, &Owned)| {
            let look = Tile { partition, place };
            let moved = !gone && self.column.is_moved(place);
            let swatch = if self.grain == Grain::Swatches { " sw" } else { "" };
            let state = if gone {
                " gone"
            } else if moved {
                " moved"
            } else {
                ""
            };
            let class = format!("tile {}{}{swatch}{state}", look.class(), look.cut_class());
            let name = format!("{topic}-{partition}");
            let slide = (!gone).then(|| format!("{}:{name}", self.place));
            let comma = (i > 0).then(|| view! { <span class="said">", "</span> });
            let number = match self.grain {
                Grain::Numbered => {
                    view! { <span class="said">{format!("{topic}-")}</span>{partition} }.into_any()
                }
                _ => view! { <span class="said">{name.clone()}</span> }.into_any(),
            };
            view! { {comma}<span class=class data-slide=slide title=name>{number}</span> }
        };
        owned.iter().enumerate().map(tile).collect_view().into_any()
    }

    fn count(&self, owned: &[Owned], gone: bool) -> AnyView {
        let moved = owned.iter().filter(|(place, ..)| self.column.is_moved(*place)).count();
        let names: Vec<String> = owned.iter().map(|(_, topic, p)| format!("{topic}-{p}")).collect();
        let width = |n: usize| percent(n as f64 / self.most as f64);
        let new = (moved > 0 && !gone).then(|| {
            view! { <i class="new" style:width=width(moved)></i> }
        });
        view! {
            <span class="said all">{names.join(", ")}</span>
            <span class="count" aria-hidden="true"><i style:width=width(owned.len() - moved)></i>{new}<b data-n=owned.len()></b></span>
        }
        .into_any()
    }
}

fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}
