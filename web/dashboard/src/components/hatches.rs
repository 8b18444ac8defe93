//! The two hatches that all pictures share: lag, and what a rebalance stopped.

use leptos::prelude::*;

#[component]
pub fn Hatches() -> impl IntoView {
    view! {
        <svg class="hatches" aria-hidden="true" width="0" height="0">
            <defs>
                <pattern id="hlag" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <path d="M0 0V6" class="hatch-lag" stroke-width="4.4" />
                </pattern>
                <pattern id="hpause" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <path d="M0 0V5" class="hatch-pause" stroke-width="2.6" />
                </pattern>
            </defs>
        </svg>
    }
}
