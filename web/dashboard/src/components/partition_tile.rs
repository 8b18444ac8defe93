//! A partition's tile: its colour is its own for life, its number is always there. Tiles read and copy as text.

use leptos::prelude::*;
use tablog_dashboard::model::colour::Tile;

#[component]
pub fn PartitionTile(
    tile: Tile,
    #[prop(optional)] small: bool,
    /// It is being handed over, or nobody owns it.
    #[prop(optional)]
    gone: bool,
) -> impl IntoView {
    let size = match (small, gone) {
        (true, true) => " s gone",
        (true, false) => " s",
        (false, true) => " gone",
        (false, false) => "",
    };
    view! { <span class=format!("tile {}{}{size}", tile.class(), tile.cut_class())>{tile.partition}</span> }
}

/// Several, parted by a comma that is said and copied but not drawn; beyond `limit` a number says how many more.
pub fn tiles(tiles: Vec<Tile>, small: bool, limit: usize) -> impl IntoView {
    let rest = tiles.len().saturating_sub(limit);
    let shown = tiles.into_iter().take(limit).enumerate();
    let shown = shown
        .map(|(i, tile)| {
            let comma = (i > 0).then(|| view! { <span class="said">", "</span> });
            view! { {comma}<PartitionTile tile small /> }
        })
        .collect_view();
    let rest = (rest > 0).then(|| view! { <span class="quiet">" +" {rest}</span> });
    view! { <span class="tiles">{shown}{rest}</span> }
}
