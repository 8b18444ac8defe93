//! A topic's settings, as DescribeConfigs told them; those that may be changed are changed one by one.

use crate::session::Session;
use crate::state::use_state;
use crate::ui::say;
use crate::words::t;
use leptos::prelude::*;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::snapshot::Setting;

#[component]
pub fn SettingsPanel(name: String, on_close: impl Fn() + Clone + Send + 'static) -> impl IntoView {
    let state = use_state();
    let topic = StoredValue::new(name);
    let names = Memo::new(move |_| {
        state.with(|v| {
            topic.with_value(|n| {
                v.snapshot
                    .topics
                    .get(n)
                    .map(|t| t.settings.keys().cloned().collect::<Vec<_>>())
                    .unwrap_or_default()
            })
        })
    });
    let empty = move || names.with(Vec::is_empty).then(|| view! { <p class="cap">{t("settings-none")}</p> });
    view! {
        <section class="sec setsec" aria-labelledby="settings-head">
            <div class="sech">
                <h2 id="settings-head">{t("settings")}</h2>
                <div class="acts"><button class="btn small" on:click=move |_| on_close()>{t("close")}</button></div>
            </div>
            <div class="scrollx"><table class="settings" aria-label="Settings">
                <caption class="vh">{t("settings")}</caption>
                <thead><tr><th scope="col">{t("col-setting")}</th><th scope="col">{t("col-value")}</th><th scope="col">{t("col-source")}</th></tr></thead>
                <tbody><For each=move || names.get() key=|n| n.clone() let:name><Line topic name /></For></tbody>
            </table></div>
            {empty}
        </section>
    }
}

#[component]
fn Line(topic: StoredValue<String>, name: String) -> impl IntoView {
    let state = use_state();
    let setting_name = StoredValue::new(name);
    let setting = Memo::new(move |_| {
        state.with(|v| -> Option<Setting> {
            topic.with_value(|t| {
                setting_name.with_value(|n| v.snapshot.topics.get(t)?.settings.get(n).cloned())
            })
        })
    });
    let typed = RwSignal::new(None::<String>);
    let trouble = RwSignal::new(None::<Message>);
    let read_only = move || setting.with(|s| s.as_ref().is_none_or(|s| s.read_only));
    let inherited = move || setting.with(|s| s.as_ref().is_some_and(|s| s.inherited));
    let value = move || {
        typed
            .get()
            .unwrap_or_else(|| setting.with(|s| s.as_ref().map(|s| s.value.clone()).unwrap_or_default()))
    };
    let changed = move || {
        typed.get().is_some_and(|typed| setting.with(|s| s.as_ref().is_some_and(|s| s.value != typed)))
    };
    let alter = move |to: Option<String>| {
        leptos::task::spawn_local(async move {
            let answer = Session::alter_setting(topic.get_value(), setting_name.get_value(), to).await;
            if answer.is_ok() {
                typed.set(None);
            }
            trouble.set(answer.err());
        });
    };
    view! {
        <tr>
            <th scope="row"><code>{setting_name.get_value()}</code></th>
            <td>
                <form class="inline" on:submit=move |e| { e.prevent_default(); if changed() { alter(typed.get_untracked()) } }>
                    <input class="in bytes" aria-label=setting_name.get_value() prop:value=value disabled=read_only
                        on:input:target=move |e| typed.set(Some(e.target().value())) />
                    {move || changed().then(|| view! { <button class="btn small main">{t("apply")}</button> })}
                </form>
                {move || trouble.get().map(|m| view! { <p class="err bad" role="alert">{say(&m)}</p> })}
            </td>
            <td>{move || match (read_only(), inherited()) {
                (true, _) => view! { <span class="quiet">{t("setting-read-only")}</span> }.into_any(),
                (_, true) => view! { <span class="quiet">{t("setting-default")}</span> }.into_any(),
                _ => view! { <button class="btn small" on:click=move |_| alter(None)>{t("setting-reset")}</button> }.into_any(),
            }}</td>
        </tr>
    }
}
