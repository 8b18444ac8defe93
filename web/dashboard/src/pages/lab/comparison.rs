//! The assignors side by side, in numbers.

use super::Lab;
use crate::ui::say;
use crate::words::t;
use leptos::prelude::*;

#[component]
pub fn Comparison(lab: Lab) -> impl IntoView {
    let rows = move || {
        let answer = lab.answer.get();
        let row = |column: &tablog_dashboard::model::lab::answer::Column| {
            let cost = column.cost;
            let cells = [cost.moved, cost.spread, cost.paused, cost.rebalances];
            let cells = cells.map(|n| view! { <td class="num">{n}</td> });
            view! { <tr><th scope="row">{column.assignor.full_name()}</th>{cells.into_iter().collect_view()}</tr> }
        };
        answer.columns.iter().map(row).collect_view()
    };
    let heads = ["lab-moved", "lab-spread", "lab-paused", "lab-rebalances"];
    let heads =
        heads.map(|key| view! { <th scope="col" class="num">{t(key)}</th> }).into_iter().collect_view();
    view! {
        <section class="sec labcmp" aria-labelledby="lab-comparison">
            <div class="sech"><h2 id="lab-comparison">{t("lab-comparison")}</h2></div>
            <div class="scrollx">
                <table aria-label="Comparison">
                    <caption class="vh">{t("lab-comparison")}</caption>
                    <thead><tr><th scope="col">{t("lab-assignor")}</th>{heads}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="cap">{say(&"lab-how-counted".into())}</p>
        </section>
    }
}
