//! A question before something is lost: the sentence says what, the button names it, and the way back has the focus.

use crate::ui::Say;
use crate::words::{t, words};
use leptos::html;
use leptos::prelude::*;
use tablog_dashboard::model::message::Message;

/// What is asked: the head, the sentence, the words on the button that does it.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub head: Message,
    pub sentence: Message,
    pub button: Message,
}

#[component]
pub fn Confirm(
    /// Open while there is a question.
    question: RwSignal<Option<Question>>,
    on_yes: impl Fn() + 'static,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        match (question.get().is_some(), dialog.open()) {
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let part = move |pick: fn(Question) -> Message| {
        Signal::derive(move || question.get().map_or(Message::new("nothing"), pick))
    };
    let (head, sentence, button) = (part(|q| q.head), part(|q| q.sentence), part(|q| q.button));
    let yes = move |_| {
        question.set(None);
        on_yes();
    };
    view! {
        <dialog node_ref=dialog aria-labelledby="confirm-head" on:close=move |_| question.set(None)>
            <h2 id="confirm-head">{move || words(&head.get())}</h2>
            <p class="narr"><Say message=sentence /></p>
            <div class="acts">
                <button class="btn" autofocus on:click=move |_| question.set(None)>{t("keep-it")}</button>
                <button class="btn danger" on:click=yes>{move || words(&button.get())}</button>
            </div>
        </dialog>
    }
}
