//! Draws a [`Drawing`] as SVG and changes only what changed: dashes keep flowing, tiles slide. Text is text nodes.

use crate::browser;
use crate::words::words;
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use tablog_dashboard::model::drawing::{Drawing, Label, Room, Shape};
use wasm_bindgen::JsCast;
use web_sys::Element;

const SVG: &str = "http://www.w3.org/2000/svg";

/// `draw` is called again whenever a signal that it reads changes, or the room that it has.
#[component]
pub fn Picture(
    draw: impl Fn(Room) -> Drawing + 'static,
    #[prop(optional)] id: &'static str,
    /// The data are old: the picture stands still, greyed.
    #[prop(optional, into)]
    stale: Signal<bool>,
) -> impl IntoView {
    let figure = NodeRef::<html::Figure>::new();
    let resized = RwSignal::new(0u32);
    let on_resize = window_event_listener(leptos::ev::resize, move |_| resized.update(|n| *n += 1));
    on_cleanup(move || on_resize.remove());
    Effect::new(move |before: Option<Option<Painted>>| {
        resized.track();
        let host = figure.get()?;
        let unit = browser::unit_px();
        let width = f64::from(host.client_width()) / unit;
        if width < 40.0 {
            // Not laid out yet: once more after the next frame.
            request_animation_frame(move || resized.update(|n| *n += 1));
            return before.flatten();
        }
        let drawing = draw(Room { width, window_height: browser::window_height() / unit });
        Some(paint(&host, before.flatten(), drawing, unit))
    });
    let navigate = use_navigate();
    let follow = move |event: leptos::ev::MouseEvent| {
        if event.ctrl_key() || event.meta_key() || event.shift_key() || event.button() != 0 {
            return;
        }
        let target = event.target().and_then(|t| t.dyn_into::<Element>().ok());
        let link = target.and_then(|t| t.closest("a[data-to]").ok().flatten());
        if let Some(to) = link.and_then(|a| a.get_attribute("data-to")) {
            event.prevent_default();
            navigate(&to, Default::default());
        }
    };
    view! { <figure class="fig" class:stale=stale id=id node_ref=figure on:click=follow></figure> }
}

/// What stands in the document, so that the next drawing changes only what differs.
struct Painted {
    svg: Element,
    role: &'static str,
    label: String,
    size: (f64, f64, f64),
    nodes: Vec<Node>,
}

struct Node {
    tag: &'static str,
    element: Element,
    attributes: Vec<(&'static str, String)>,
    text: Option<String>,
    children: Vec<Node>,
}

fn paint(host: &Element, before: Option<Painted>, drawing: Drawing, unit: f64) -> Painted {
    let label = words(&drawing.label);
    let mut painted = before.unwrap_or_else(|| {
        let svg = element("svg");
        let _ = host.append_child(&svg);
        Painted { svg, role: "", label: String::new(), size: (0.0, 0.0, 0.0), nodes: Vec::new() }
    });
    // A picture that one can go into is a group: what is in an `img` is not there for those who do not see it.
    if painted.role != "group" {
        let role = if drawing.shapes.iter().any(takes_focus) { "group" } else { "img" };
        if painted.role != role {
            let _ = painted.svg.set_attribute("role", role);
            painted.role = role;
        }
    }
    let size = (drawing.width, drawing.height, unit);
    if painted.size != size {
        let _ = painted.svg.set_attribute("viewBox", &format!("0 0 {:.1} {:.1}", size.0, size.1));
        let _ = painted.svg.set_attribute("height", &format!("{:.1}", size.1 * unit));
        painted.size = size;
    }
    if painted.label != label {
        let _ = painted.svg.set_attribute("aria-label", &label);
        painted.label = label;
    }
    patch(&painted.svg, &mut painted.nodes, drawing.shapes);
    painted
}

fn takes_focus(shape: &Shape) -> bool {
    let is_stop = shape.tag == "a" || shape.attributes.iter().any(|(name, _)| *name == "tabindex");
    is_stop || shape.children.iter().any(takes_focus)
}

fn patch(parent: &Element, nodes: &mut Vec<Node>, shapes: Vec<Shape>) {
    while nodes.len() > shapes.len() {
        if let Some(node) = nodes.pop() {
            node.element.remove();
        }
    }
    for (i, shape) in shapes.into_iter().enumerate() {
        match nodes.get_mut(i) {
            Some(node) if node.tag == shape.tag => update(node, shape),
            Some(node) => {
                let fresh = build(shape);
                let _ = parent.replace_child(&fresh.element, &node.element);
                *node = fresh;
            }
            None => {
                let fresh = build(shape);
                let _ = parent.append_child(&fresh.element);
                nodes.push(fresh);
            }
        }
    }
}

fn build(shape: Shape) -> Node {
    let element = element(shape.tag);
    let mut node = Node { tag: shape.tag, element, attributes: Vec::new(), text: None, children: Vec::new() };
    update(&mut node, shape);
    node
}

fn update(node: &mut Node, shape: Shape) {
    if node.attributes != shape.attributes {
        for (name, _) in &node.attributes {
            if !shape.attributes.iter().any(|(n, _)| n == name) {
                let _ = node.element.remove_attribute(name);
            }
        }
        for (name, value) in &shape.attributes {
            if !node.attributes.iter().any(|(n, v)| n == name && v == value) {
                set(&node.element, name, value);
            }
        }
        node.attributes = shape.attributes;
    }
    let text = shape.label.map(|label| match label {
        Label::Text(text) => text,
        Label::Say(message) => words(&message),
    });
    if node.text != text {
        node.element.set_text_content(text.as_deref());
        node.children.clear();
        node.text = text;
    }
    patch(&node.element, &mut node.children, shape.children);
}

fn set(element: &Element, name: &str, value: &str) {
    match name {
        // A style attribute would need `unsafe-inline`; properties set one by one do not.
        "style" => {
            let style = element.unchecked_ref::<web_sys::HtmlElement>().style();
            for (name, value) in value.split(';').filter_map(|rule| rule.split_once(':')) {
                let _ = style.set_property(name, value);
            }
        }
        "href" => {
            let _ = element.set_attribute("href", &browser::within_page(value));
            let _ = element.set_attribute("data-to", value);
        }
        _ => {
            let _ = element.set_attribute(name, value);
        }
    }
}

fn element(tag: &str) -> Element {
    // Tags are ours, so this cannot fail; a plain `g` stands in if it does.
    document().create_element_ns(Some(SVG), tag).unwrap_or_else(|_| {
        let body = document().body().map(web_sys::HtmlElement::unchecked_into::<Element>);
        body.unwrap_or_else(|| document().unchecked_into())
    })
}
