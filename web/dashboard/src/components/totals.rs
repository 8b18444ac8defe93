//! The five quiet numbers of the overview, each with its own last two minutes.

use crate::state::View;
use crate::ui::Sparkline;
use crate::words::words;
use leptos::prelude::*;
use std::sync::Arc;
use tablog_dashboard::i18n;
use tablog_dashboard::model::limits::LAG_WORTH_SAYING;
use tablog_dashboard::model::message::{Argument, Message};
use tablog_dashboard::model::quantity;
use tablog_dashboard::model::rates::{Series, running_lag};

#[component]
pub fn Totals(#[prop(into)] view: Signal<Arc<View>>) -> impl IntoView {
    let behind = Signal::derive(move || view.with(|v| running_lag(&v.snapshot) > LAG_WORTH_SAYING));
    let never = Signal::derive(|| false);
    view! {
        <dl class="totals" aria-label=crate::words::t("totals")>
            <Total view head="total-written" unit="unit-records-a-second" warn=never
                figure=|v| (v.rates.written_total(&v.snapshot), Decimals::OfARate) series=|v| &v.rates.written_series />
            <Total view head="total-read" unit="unit-records-a-second" warn=never
                figure=|v| (v.rates.read_total(), Decimals::OfARate) series=|v| &v.rates.read_series />
            <Total view head="total-behind" unit="unit-records" warn=behind
                figure=|v| (running_lag(&v.snapshot) as f64, Decimals::None) series=|v| &v.rates.lag_series />
            <Total view head="total-stored" unit="" warn=never
                figure=|v| (v.snapshot.bytes() as f64, Decimals::Bytes) series=|v| &v.rates.bytes_series />
            <Total view head="total-commit" unit="unit-ms" warn=never
                figure=|v| (v.commits.map_or(f64::NAN, |c| c.p50_ms), Decimals::One) series=|v| &v.rates.commit_series />
        </dl>
    }
}

#[derive(Clone, Copy, Debug)]
enum Decimals {
    None,
    One,
    OfARate,
    Bytes,
}

#[component]
fn Total(
    view: Signal<Arc<View>>,
    head: &'static str,
    unit: &'static str,
    warn: Signal<bool>,
    figure: fn(&View) -> (f64, Decimals),
    series: fn(&View) -> &Series,
) -> impl IntoView {
    let parts = Memo::new(move |_| {
        let (value, decimals) = view.with(|v| figure(v));
        if value.is_nan() {
            return ("–".to_owned(), String::new());
        }
        let number = |decimals| words(&Message::new("number").decimal("n", value, decimals));
        match decimals {
            Decimals::Bytes => size(value as u64),
            Decimals::None => (number(0), plain(unit)),
            Decimals::One => (number(1), plain(unit)),
            Decimals::OfARate => (number(quantity::rate_decimals(value)), plain(unit)),
        }
    });
    let samples = Memo::new(move |_| view.with(|v| series(v).samples().collect::<Vec<_>>()));
    view! {
        <div>
            <dt>{move || plain(head)}</dt>
            <dd class="v" class:warn=warn>{move || parts.get().0}<small>{move || parts.get().1}</small></dd>
            <dd><Sparkline samples warn /></dd>
        </div>
    }
}

fn plain(key: &'static str) -> String {
    if key.is_empty() { String::new() } else { words(&Message { key, arguments: Vec::new() }) }
}

/// The figure is large and its unit small, so a size is taken apart where the template parts them.
fn size(bytes: u64) -> (String, String) {
    let message = quantity::bytes(bytes);
    let language = crate::words::language().get_untracked();
    let number = message.arguments.iter().find_map(|(_, a)| match a {
        Argument::Number(v, d) => Some(i18n::say(language, &Message::new("number").decimal("n", *v, *d))),
        _ => None,
    });
    let whole = i18n::say(language, &message);
    let number = number.unwrap_or_default();
    let unit = whole.strip_prefix(&number).unwrap_or_default().trim().to_owned();
    (number, unit)
}
