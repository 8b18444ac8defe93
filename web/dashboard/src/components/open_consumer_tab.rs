//! A button that opens one more member of a group in a tab of its own.

use crate::browser;
use crate::state::use_state;
use crate::words::t;
use leptos::prelude::*;
use tablog_dashboard::model::consumer_address;

/// The group that tabs are members of where none is named.
const GROUP: &str = "tabs";

#[component]
pub fn OpenConsumerTab(
    #[prop(optional, into)] group: Option<String>,
    /// None: what the group reads.
    #[prop(optional, into)]
    topic: Option<String>,
) -> impl IntoView {
    let state = use_state();
    let asked = Memo::new(move |_| {
        let group = group.as_deref().unwrap_or(GROUP);
        state.with(|v| consumer_address::one_more(&v.snapshot, group, topic.as_deref()))
    });
    let open = move |_| {
        if let Some(asked) = asked.get_untracked() {
            browser::open_tab(&consumer_address::write(&asked));
        }
    };
    view! { <button class="btn" disabled=move || asked.with(Option::is_none) on:click=open>{t("open-consumer-tab")}</button> }
}
