//! A sentence: text nodes, strong names, bytes, and tiles among the words.

use crate::words::segments;
use leptos::prelude::*;
use tablog_dashboard::i18n::Segment;
use tablog_dashboard::model::colour::Tile;
use tablog_dashboard::model::message::Message;

#[component]
pub fn Say(#[prop(into)] message: Signal<Message>) -> impl IntoView {
    move || say(&message.get())
}

pub fn say(message: &Message) -> Vec<AnyView> {
    segments(message)
        .into_iter()
        .map(|segment| match segment {
            Segment::Text(text) => text.into_any(),
            Segment::Strong(text) => view! { <b>{text}</b> }.into_any(),
            Segment::Code(text) => view! { <code>{text}</code> }.into_any(),
            Segment::Tiles(tiles) => {
                let one = |(i, tile): (usize, Tile)| view! { {(i > 0).then_some(" ")}{small_tile(tile)} };
                tiles.into_iter().enumerate().map(one).collect_view().into_any()
            }
        })
        .collect()
}

fn small_tile(tile: Tile) -> impl IntoView {
    view! { <span class=format!("tile s {}{}", tile.class(), tile.cut_class())>{tile.partition}</span> }
}
