//! Light, dark, or as the system says; and the larger page for a hall.

use crate::browser;
use crate::words::t;
use leptos::prelude::*;

const STORED: &str = "tablog.theme";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "system" => Some(Theme::System),
            "light" => Some(Theme::Light),
            "dark" => Some(Theme::Dark),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    fn next(self) -> Self {
        match self {
            Theme::System => Theme::Light,
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::System,
        }
    }

    fn apply(self) {
        let Some(root) = document().document_element() else { return };
        let _ = match self {
            Theme::System => root.remove_attribute("data-theme"),
            theme => root.set_attribute("data-theme", theme.name()),
        };
    }
}

fn chosen() -> Theme {
    let asked = browser::query("theme").or_else(|| browser::stored(STORED));
    asked.as_deref().and_then(Theme::from_name).unwrap_or(Theme::System)
}

/// Before anything is drawn.
pub fn begin() {
    chosen().apply();
    if let (Some(root), Some("hall")) = (document().document_element(), browser::query("room").as_deref()) {
        let _ = root.set_attribute("data-room", "hall");
    }
}

#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let theme = RwSignal::new(chosen());
    let turn = move |_| {
        let next = theme.get_untracked().next();
        next.apply();
        browser::store(STORED, next.name());
        theme.set(next);
    };
    let word = move || match theme.get() {
        Theme::System => t("theme-system")(),
        Theme::Light => t("theme-light")(),
        Theme::Dark => t("theme-dark")(),
    };
    view! {
        <button class="btn theme" type="button" aria-label=move || format!("{}: {}", t("theme")(), word()) on:click=turn>
            {word}
        </button>
    }
}
