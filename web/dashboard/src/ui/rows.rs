//! A list that scrolls: of thousands of rows those near the window are in the document, the others are room.

use crate::browser;
use leptos::prelude::*;
use std::ops::Range;
use tablog_dashboard::model::limits::ROWS_AT_ONCE;
use wasm_bindgen::JsCast;

/// Rows are made anew after so many were scrolled by.
const STEP: usize = 15;

/// Which rows are there. A list that fits has all of them and does not scroll.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    first: RwSignal<usize>,
    /// In sixteenths of a rem; in a long list every row has this height.
    row_height: usize,
}

impl Rows {
    pub fn new(row_height: usize) -> Self {
        Rows { first: RwSignal::new(0), row_height }
    }

    pub fn shown(self, all: usize) -> Range<usize> {
        let first = self.first.get().min(all.saturating_sub(ROWS_AT_ONCE));
        first..all.min(first + ROWS_AT_ONCE)
    }

    pub fn is_long(all: usize) -> bool {
        all > ROWS_AT_ONCE
    }

    /// The room of the rows before or after those that are there.
    pub fn room(self, rows: usize) -> Option<impl IntoView> {
        let height = format!("{}rem", (rows * self.row_height) as f64 / 16.0);
        (rows > 0).then(|| view! { <tr class="room" aria-hidden="true"><td style:height=height></td></tr> })
    }

    fn scrolled(self, event: &web_sys::Event) {
        let Some(list) = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) else { return };
        let row_px = self.row_height as f64 * browser::unit_px();
        let above = (f64::from(list.scroll_top()) / row_px) as usize;
        let first = (above / STEP * STEP).saturating_sub(STEP);
        if self.first.get_untracked() != first {
            self.first.set(first);
        }
    }
}

#[component]
pub fn Scrolling(rows: Rows, #[prop(into)] long: Signal<bool>, children: Children) -> impl IntoView {
    view! {
        <div class="scrollx" class:long=long tabindex=move || long.get().then_some("0") on:scroll=move |e| rows.scrolled(&e)>
            {children()}
        </div>
    }
}
