//! One choice of a few, side by side; the arrow keys go through them.

use leptos::html;
use leptos::prelude::*;
use tablog_dashboard::model::message::Message;

#[component]
pub fn Segmented<T>(
    /// What is chosen here, for those who do not see it.
    label: &'static str,
    options: Vec<(T, &'static str)>,
    #[prop(into)] value: Signal<T>,
    on_choose: impl Fn(T) + Clone + 'static,
) -> impl IntoView
where
    T: Copy + PartialEq + Send + Sync + 'static,
{
    let group = NodeRef::<html::Div>::new();
    let values: Vec<T> = options.iter().map(|(value, _)| *value).collect();
    let by_key = on_choose.clone();
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => 1,
            "ArrowLeft" | "ArrowUp" => values.len() - 1,
            _ => return,
        };
        event.prevent_default();
        let at = values.iter().position(|v| *v == value.get_untracked()).unwrap_or(0);
        let next = (at + step) % values.len();
        by_key(values[next]);
        if let Some(button) = group.get_untracked().and_then(|g| g.children().item(next as u32)) {
            use wasm_bindgen::JsCast;
            let _ = button.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    };
    let buttons = options
        .into_iter()
        .map(|(option, key)| {
            let on_choose = on_choose.clone();
            let chosen = move || value.get() == option;
            let message = Message { key, arguments: Vec::new() };
            view! {
                <button
                    type="button"
                    role="radio"
                    aria-checked=move || chosen().to_string()
                    tabindex=move || if chosen() { "0" } else { "-1" }
                    on:click=move |_| on_choose(option)
                >
                    {move || crate::words::words(&message)}
                </button>
            }
        })
        .collect_view();
    view! {
        <div class="seg" role="radiogroup" aria-label=crate::words::t(label) node_ref=group on:keydown=on_key>
            {buttons}
        </div>
    }
}
