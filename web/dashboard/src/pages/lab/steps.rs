//! What happened so far, step by step: each has an address of its own.

use super::{Lab, PATH};
use crate::browser;
use crate::ui::say;
use crate::words::{t, words};
use leptos::prelude::*;
use tablog_dashboard::model::lab::{History, address};

#[component]
pub fn Steps(lab: Lab) -> impl IntoView {
    let (at, steps) = (
        Memo::new(move |_| lab.history.with(History::at)),
        Memo::new(move |_| lab.history.with(|h| h.steps().len())),
    );
    let line = move || {
        let history = lab.history.get();
        let step = |(step, name)| {
            let mut there = history.clone();
            there.go(step);
            let href = browser::within_page(&format!("{PATH}?{}", address::write(&there)));
            let go = move |event: leptos::ev::MouseEvent| {
                let elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key();
                if !elsewhere {
                    event.prevent_default();
                    lab.go(step);
                }
            };
            let current = (step == history.at()).then_some("step");
            view! { <li aria-current=current><a href=href rel="external" on:click=go><b>{step + 1}</b><span>{words(&name)}</span></a></li> }
        };
        history.names().into_iter().enumerate().map(step).collect_view()
    };
    view! {
        <div class="stepsrow">
            <ol class="steps" aria-label=t("lab-steps")>{line}</ol>
            <div class="acts">
                {move || (at.get() > 0).then(|| view! {
                    <button class="btn plain" on:click=move |_| lab.begin_anew(|_| {})>{t("lab-begin-here")}</button>
                })}
                <div class="seg" role="group" aria-label=t("lab-through")>
                    <button disabled=move || at.get() == 0 on:click=move |_| lab.go(at.get_untracked().saturating_sub(1))>{t("lab-back")}</button>
                    <button disabled=move || at.get() == steps.get() on:click=move |_| lab.go(at.get_untracked() + 1)>{t("lab-forward")}</button>
                </div>
            </div>
        </div>
        {move || lab.history.with(History::note).map(|m| view! { <p class="cap">{say(&m)}</p> })}
        {move || (steps.get() == 0).then(|| view! { <p class="cap">{say(&"lab-no-step".into())}</p> })}
    }
}
