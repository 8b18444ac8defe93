//! What has moved is seen to move: whatever bears a `data-slide` slides from where it was to where it is, all of it in
//! one movement (first, last, invert, play). How long that takes is the style sheet's; with less motion wanted, nothing.

use leptos::html;
use leptos::prelude::*;
use tablog_record::SortedMap;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The style sheet lets transforms of what is in here take their time.
const SLIDES: &str = "slides";

#[derive(Clone, Copy, Debug)]
pub struct Slide {
    pub host: NodeRef<html::Div>,
}

impl Slide {
    pub fn new() -> Self {
        Slide { host: NodeRef::new() }
    }

    /// To be called just before the document is changed; slides with the next frame.
    pub fn begin(self) {
        let Some(host) = self.host.get_untracked() else { return };
        let before: SortedMap<String, (f64, f64)> =
            sliding(&host).map(|(key, element)| (key, place(&element))).collect();
        request_animation_frame(move || play(&host, &before));
    }
}

fn play(host: &HtmlElement, before: &SortedMap<String, (f64, f64)>) {
    let _ = host.class_list().remove_1(SLIDES);
    let mut moving = Vec::new();
    for (key, element) in sliding(host) {
        let (Some(from), to) = (before.get(&key), place(&element)) else { continue };
        let (dx, dy) = (from.0 - to.0, from.1 - to.1);
        if dx.abs() > 0.5 || dy.abs() > 0.5 {
            moving.push((element, format!("translate({dx:.1}px, {dy:.1}px)")));
        }
    }
    for (element, from) in &moving {
        let _ = element.style().set_property("transform", from);
    }
    // The browser has to have seen where they begin.
    host.get_bounding_client_rect();
    let _ = host.class_list().add_1(SLIDES);
    for (element, _) in &moving {
        let _ = element.style().remove_property("transform");
    }
}

fn sliding(host: &HtmlElement) -> impl Iterator<Item = (String, HtmlElement)> + use<> {
    let all = host.query_selector_all("[data-slide]").ok();
    let count = all.as_ref().map_or(0, web_sys::NodeList::length);
    (0..count).filter_map(move |at| {
        let element: HtmlElement = all.as_ref()?.item(at)?.dyn_into().ok()?;
        Some((element.get_attribute("data-slide")?, element))
    })
}

fn place(element: &Element) -> (f64, f64) {
    let at = element.get_bounding_client_rect();
    (at.left(), at.top())
}
