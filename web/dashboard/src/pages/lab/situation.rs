//! The situation on the left: how many partitions and consumers, and who they are. A number that is typed begins anew;
//! a button is a step.

use super::{Dragged, Lab};
use crate::words::{t, words};
use leptos::prelude::*;
use tablog_dashboard::model::lab::Step;
use tablog_dashboard::model::lab::situation::{LabMember, Situation, TOPIC};
use tablog_dashboard::model::limits::{LAB_MEMBERS_MAX, LAB_PARTITIONS_MAX};
use tablog_dashboard::model::message::Message;

#[component]
pub fn SituationControls(lab: Lab, is_several: Memo<bool>) -> impl IntoView {
    let add_partition = move |_| {
        let partitions = lab.situation.with_untracked(|s| s.topic(TOPIC).map_or(0, |t| t.partitions)) + 1;
        lab.step(Step::AddPartitions { topic: TOPIC.to_owned(), partitions });
    };
    let simple = move || !is_several.get();
    view! {
        <section class="ctl" aria-labelledby="lab-situation">
            <h2 id="lab-situation" class="figh">{t("lab-situation")}</h2>
            {move || simple().then(|| view! { <Spins lab /> })}
            <ul class="cons" aria-label=t("lab-consumers")>{move || consumers(lab)}</ul>
            <div class="adds">
                <button class="btn small" on:click=move |_| add_consumer(lab)>{t("add-consumer")}</button>
                {move || simple().then(|| view! { <button class="btn small" on:click=add_partition>{t("lab-add-partition")}</button> })}
            </div>
            {move || simple().then(|| view! {
                <button class="btn plain" on:click=move |_| lab.several.set(true)>{t("lab-more")}</button>
            })}
            <p class="cap">{t("lab-how-edit")}</p>
        </section>
    }
}

#[component]
fn Spins(lab: Lab) -> impl IntoView {
    let partitions = move || lab.situation.with(Situation::partition_count);
    let consumers = move || lab.situation.with(|s| s.members.len());
    let set_partitions = move |n: i32| lab.begin_anew(|s| s.topics[0].partitions = n);
    view! {
        <div class="spin">
            <label class="f"><span>{t("lab-partitions")}</span>
                <input class="in" type="number" min="1" max=LAB_PARTITIONS_MAX prop:value=partitions
                    on:input:target=move |e| if let Ok(n) = e.target().value().parse() { set_partitions(n) } />
            </label>
            <label class="f"><span>{t("lab-consumers")}</span>
                <input class="in" type="number" min="0" max=LAB_MEMBERS_MAX prop:value=consumers
                    on:input:target=move |e| if let Ok(n) = e.target().value().parse() { set_consumers(lab, n) } />
            </label>
        </div>
    }
}

/// The last ones go, or new ones come.
fn set_consumers(lab: Lab, n: usize) {
    // One too many is enough to be told that it is too many.
    let n = n.min(LAB_MEMBERS_MAX + 1);
    lab.begin_anew(|situation| {
        situation.members.truncate(n);
        while situation.members.len() < n {
            let name = Situation::free_name(situation.members.iter().map(|m| m.name.as_str()));
            situation.members.push(LabMember::new(name));
        }
    });
}

/// It bears a name that nobody has had, so that the steps stay told apart.
fn add_consumer(lab: Lab) {
    let name = lab.history.with_untracked(|history| {
        let joined = history.steps().iter().take(history.at()).filter_map(|step| match step {
            Step::Join(member) => Some(member.name.as_str()),
            _ => None,
        });
        Situation::free_name(history.start().members.iter().map(|m| m.name.as_str()).chain(joined))
    });
    lab.step(Step::Join(LabMember::new(name)));
}

/// Those who are there, and in its place who went in this step.
fn consumers(lab: Lab) -> impl IntoView {
    let (now, gone) = lab.history.with(|history| (history.situation(), history.gone()));
    let row = |(name, is_gone): (String, bool)| {
        if is_gone {
            return view! { <li class="gone"><b>{name}</b><span class="quiet">{t("lab-left")}</span></li> }
                .into_any();
        }
        let id = format!("lab-{name}");
        let drag = {
            let name = name.clone();
            move |event: leptos::ev::DragEvent| lab.begin_drag(&event, Dragged::Consumer(name.clone()))
        };
        let takes = {
            let name = name.clone();
            move || lab.situation.with(|s| topic_for(s, lab.dragged.get(), &name)).is_some()
        };
        let (over, drop) = (takes.clone(), name.clone());
        let (leave, crash) = (name.clone(), name.clone());
        view! {
            <li draggable="true" class:takes=takes on:dragstart=drag on:dragend=move |_| lab.end_drag()
                on:dragover=move |e: leptos::ev::DragEvent| if over() { e.prevent_default() }
                on:drop=move |e: leptos::ev::DragEvent| { e.prevent_default(); subscribe_dragged(lab, &drop) }>
                <b id=id.clone()>{name}</b>
                <span class="acts">
                    <button class="btn small plain" aria-describedby=id.clone() on:click=move |_| lab.step(Step::Crash(crash.clone()))>{t("lab-crash")}</button>
                    <button class="btn small plain" aria-describedby=id on:click=move |_| lab.step(Step::Leave(leave.clone()))>{t("lab-remove")}</button>
                </span>
            </li>
        }
        .into_any()
    };
    let mut rows: Vec<(String, bool)> = now.members.into_iter().map(|m| (m.name, false)).collect();
    if let Some((at, name)) = gone {
        rows.insert(at.min(rows.len()), (name, true));
    }
    if rows.is_empty() {
        let nobody = Message::new("lab-nobody");
        return view! { <li class="quiet">{words(&nobody)}</li> }.into_any();
    }
    rows.into_iter().map(row).collect_view().into_any()
}

/// The topic that is dragged, if this consumer does not read it yet.
fn topic_for(situation: &Situation, dragged: Option<Dragged>, consumer: &str) -> Option<String> {
    let Some(Dragged::Topic(topic)) = dragged else { return None };
    let member = situation.member(consumer)?;
    (!member.subscription.reads(&topic)).then_some(topic)
}

pub fn subscribe_dragged(lab: Lab, consumer: &str) {
    let dragged = lab.dragged.get_untracked();
    let subscription = lab.situation.with_untracked(|s| {
        let topic = topic_for(s, dragged, consumer)?;
        s.toggled(consumer, &topic)
    });
    if let Some(subscription) = subscription {
        lab.drop(Step::Subscribe { member: consumer.to_owned(), subscription });
    }
}
