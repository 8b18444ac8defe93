//! A lag as a number and a length, on the scale of the table that it stands in.

use crate::words::words;
use leptos::prelude::*;
use tablog_dashboard::model::limits::{LAG_SCALE_MIN, LAG_WORTH_SAYING};
use tablog_dashboard::model::message::Message;

#[component]
pub fn LagBar(lag: Option<i64>, longest: i64, #[prop(optional)] kept: bool) -> impl IntoView {
    let Some(lag) = lag else { return view! { <span class="quiet">"–"</span> }.into_any() };
    let worth = lag > LAG_WORTH_SAYING && !kept;
    let class = if kept {
        "bar kept"
    } else if worth {
        "bar"
    } else {
        "bar ok"
    };
    let share = 100.0 * lag as f64 / longest.max(LAG_SCALE_MIN) as f64;
    let width = format!("{:.1}%", share.max(0.6));
    view! {
        <span class="lagc">
            <span class="num" class:warn=worth class:strong=worth>{words(&Message::new("number").number("n", lag as f64))}</span>
            <i class=class style:width=width></i>
        </span>
    }
    .into_any()
}
