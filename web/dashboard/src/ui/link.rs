//! A link within the dashboard: the base path comes before it, wherever the page lies.

use crate::browser;
use leptos::prelude::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Opens {
    #[default]
    Here,
    /// In a tab of its own: this one has something to go on with.
    Elsewhere,
}

#[component]
pub fn Link(
    /// Begins with `/`.
    #[prop(into)]
    href: String,
    #[prop(optional)] class: &'static str,
    #[prop(optional)] opens: Opens,
    children: Children,
) -> impl IntoView {
    let class = (!class.is_empty()).then_some(class);
    let (target, rel) = match opens {
        Opens::Here => (None, None),
        Opens::Elsewhere => (Some("_blank"), Some("noopener")),
    };
    view! { <a href=browser::within_page(&href) class=class target=target rel=rel>{children()}</a> }
}
