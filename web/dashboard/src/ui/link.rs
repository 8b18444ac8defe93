//! A link within the dashboard: the base path comes before it, wherever the page lies.

use crate::browser;
use leptos::prelude::*;

#[component]
pub fn Link(
    /// Begins with `/`.
    #[prop(into)]
    href: String,
    #[prop(optional)] class: &'static str,
    children: Children,
) -> impl IntoView {
    let class = (!class.is_empty()).then_some(class);
    view! { <a href=browser::within_page(&href) class=class>{children()}</a> }
}
