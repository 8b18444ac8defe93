//! The dashboard: a Leptos app that is one more client of the broker.

mod app;
mod browser;
mod components;
mod fixture;
mod pages;
mod session;
mod state;
mod tab_clients;
mod ui;
mod words;

fn main() {
    browser::drop_index_html();
    words::begin(browser::query("lang"));
    components::theme::begin();
    leptos::mount::mount_to_body(app::App);
}
