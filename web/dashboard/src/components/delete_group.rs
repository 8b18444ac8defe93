//! Deleting a group: what is lost is named before, and a refusal while members live is a sentence.

use crate::session::Session;
use crate::state::use_state;
use crate::ui::{Confirm, Question, say};
use leptos::prelude::*;
use tablog_dashboard::model::message::Message;

/// The question, open while a group's name is in `asked`; and under it what came of the last one.
#[component]
pub fn DeleteGroup(asked: RwSignal<Option<String>>) -> impl IntoView {
    let state = use_state();
    let question = RwSignal::new(None::<Question>);
    let trouble = RwSignal::new(None::<Message>);
    let group = StoredValue::new(String::new());
    Effect::new(move || {
        let Some(id) = asked.get() else { return };
        let (offsets, members) = state.view.with_untracked(|v| {
            v.snapshot.groups.get(&id).map_or((0, 0), |g| (g.committed.len(), g.members.len()))
        });
        let fill = |m: Message| {
            m.text("group", &id).number("offsets", offsets as f64).number("members", members as f64)
        };
        question.set(Some(Question {
            head: fill(Message::new("delete-group-head")),
            sentence: fill(Message::new("delete-group-what")),
            button: fill(Message::new("delete-group-button")),
        }));
        trouble.set(None);
        group.set_value(id);
        asked.set(None);
    });
    let delete = move || {
        leptos::task::spawn_local(async move {
            trouble.set(Session::delete_group(group.get_value()).await.err());
        });
    };
    view! {
        {move || trouble.get().map(|m| view! { <p class="cap bad" role="alert">{say(&m)}</p> })}
        <Confirm question on_yes=delete />
    }
}
