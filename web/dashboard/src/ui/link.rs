//! A link of the page: to one of its routes, wherever the page lies.

use crate::browser;
use leptos::prelude::*;

/// As the router's own, which leaves an address that begins with a slash as it is, under a sub-path too.
#[component]
pub fn A(
    /// A route, from its slash on.
    #[prop(into)]
    href: String,
    #[prop(optional)] exact: bool,
    children: Children,
) -> impl IntoView {
    let href = format!("{}{href}", browser::base_path());
    view! { <leptos_router::components::A href exact>{children()}</leptos_router::components::A> }
}
