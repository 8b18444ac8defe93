//! Several topics, who reads which, racks and static members: two tables above the columns. What happens in a group's
//! life is a step; what is only typed (numbers, racks, who is static) begins anew.

use super::situation::subscribe_dragged;
use super::{Dragged, Lab};
use crate::words::{t, words};
use leptos::prelude::*;
use tablog_dashboard::model::lab::Step;
use tablog_dashboard::model::lab::situation::{LabMember, LabTopic, Membership, Situation, Subscription};
use tablog_dashboard::model::limits::{LAB_NAME_BYTES_MAX, LAB_PARTITIONS_MAX};
use tablog_dashboard::model::message::Message;

#[component]
pub fn Several(lab: Lab) -> impl IntoView {
    let simple = move || lab.situation.with(Situation::is_simple);
    let topics = move || {
        lab.situation
            .with(|s| s.topics.iter().map(|topic| topic_row(lab, topic, s.topics.len())).collect_view())
    };
    let names = Memo::new(move |_| {
        lab.situation.with(|s| s.topics.iter().map(|t| t.name.clone()).collect::<Vec<_>>())
    });
    let heads =
        move || names.get().into_iter().map(|name| view! { <th scope="col">{name}</th> }).collect_view();
    let members =
        move || lab.situation.with(|s| s.members.iter().map(|m| member_row(lab, s, m)).collect_view());
    let name = RwSignal::new(String::new());
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        lab.step(Step::CreateTopic(LabTopic::new(name.get_untracked().trim(), 6)));
        if lab.refused.with_untracked(Option::is_none) {
            name.set(String::new());
        }
    };
    view! {
        <section class="sec labmore" aria-labelledby="lab-several">
            <div class="sech">
                <h2 id="lab-several">{t("lab-several")}</h2>
                <p class="cap">{t("lab-several-how")}</p>
                {move || simple().then(|| view! {
                    <div class="acts"><button class="btn small" on:click=move |_| lab.several.set(false)>{t("close")}</button></div>
                })}
            </div>
            <div class="labtables">
                <div>
                    <div class="scrollx"><table aria-label="Topics">
                        <caption class="vh">{t("nav-topics")}</caption>
                        <thead><tr>
                            <th scope="col">{t("col-topic")}</th><th scope="col">{t("lab-partitions")}</th><th scope="col">{t("lab-racks")}</th>
                            <th scope="col"><span class="vh">{t("col-actions")}</span></th>
                        </tr></thead>
                        <tbody>{topics}</tbody>
                    </table></div>
                    <form class="inl" on:submit=add>
                        <input class="in" aria-label=t("lab-topic-name") placeholder="orders" maxlength=LAB_NAME_BYTES_MAX prop:value=move || name.get()
                            on:input:target=move |e| name.set(e.target().value()) />
                        <button class="btn small">{t("lab-add-topic")}</button>
                    </form>
                </div>
                <div class="scrollx"><table aria-label="Subscriptions">
                    <caption class="vh">{t("lab-subscriptions")}</caption>
                    <thead><tr><th scope="col">{t("lab-member")}</th>{heads}<th scope="col">{t("lab-rack")}</th><th scope="col">{t("lab-static")}</th></tr></thead>
                    <tbody>{members}</tbody>
                </table></div>
            </div>
        </section>
    }
}

fn topic_row(lab: Lab, topic: &LabTopic, count: usize) -> impl IntoView + use<> {
    let name = topic.name.clone();
    let id = format!("lab-topic-{name}");
    let label = |key| words(&Message { key, arguments: Vec::new() }.text("topic", &name));
    let (partitions_label, racks_label) = (label("lab-partitions-of"), label("lab-racks-of"));
    let change = move |name: &str, change: &dyn Fn(&mut LabTopic)| {
        lab.begin_anew(|s| s.topics.iter_mut().filter(|t| t.name == name).for_each(change));
    };
    let (of_partitions, of_racks, grown, removed, dragged) =
        (name.clone(), name.clone(), name.clone(), name.clone(), name.clone());
    let next = topic.partitions + 1;
    let remove = move |_| {
        lab.begin_anew(|s| {
            s.topics.retain(|t| t.name != removed);
            for member in &mut s.members {
                if let Subscription::Only(topics) = &mut member.subscription {
                    topics.retain(|t| *t != removed);
                }
            }
        });
    };
    view! {
        <tr>
            <th scope="row" id=id.clone() draggable="true" on:dragend=move |_| lab.end_drag()
                on:dragstart=move |e| lab.begin_drag(&e, Dragged::Topic(dragged.clone()))>{name}</th>
            <td><input class="in n" type="number" min="1" max=LAB_PARTITIONS_MAX aria-label=partitions_label prop:value=topic.partitions
                on:change:target=move |e| if let Ok(n) = e.target().value().parse() { change(&of_partitions, &move |t| t.partitions = n) } /></td>
            <td><input class="in r" aria-label=racks_label placeholder="a/b/c" prop:value=topic.racks.join("/")
                on:change:target=move |e| {
                    let value = e.target().value();
                    let racks: Vec<String> = value.split('/').map(|r| r.trim().to_owned()).filter(|r| !r.is_empty()).collect();
                    change(&of_racks, &move |t| t.racks = racks.clone());
                } /></td>
            <td class="num"><span class="acts">
                <button class="btn small" aria-describedby=id.clone()
                    on:click=move |_| lab.step(Step::AddPartitions { topic: grown.clone(), partitions: next })>{t("lab-add-partition")}</button>
                {(count > 1).then(|| view! { <button class="btn small plain" aria-describedby=id on:click=remove>{t("lab-remove-topic")}</button> })}
            </span></td>
        </tr>
    }
}

fn member_row(lab: Lab, situation: &Situation, member: &LabMember) -> impl IntoView + use<> {
    let name = member.name.clone();
    let id = format!("lab-member-{name}");
    let cells = situation.topics.iter().map(|topic| {
        let label = words(&Message::new("lab-reads").text("member", &name).text("topic", &topic.name));
        let (consumer, of) = (name.clone(), topic.name.clone());
        let toggle = move |_| {
            let subscription = lab.situation.with_untracked(|s| s.toggled(&consumer, &of));
            if let Some(subscription) = subscription {
                lab.step(Step::Subscribe { member: consumer.clone(), subscription });
            }
        };
        view! { <td><input type="checkbox" aria-label=label prop:checked=member.subscription.reads(&topic.name) on:change=toggle /></td> }
    });
    let cells = cells.collect_view();
    let change = move |name: &str, change: &dyn Fn(&mut LabMember)| {
        lab.begin_anew(|s| s.members.iter_mut().filter(|m| m.name == name).for_each(change));
    };
    let label = |key| words(&Message { key, arguments: Vec::new() }.text("member", &name));
    let (rack_label, static_label) = (label("lab-rack-of"), label("lab-static-of"));
    let (of_rack, of_static, drop) = (name.clone(), name.clone(), name.clone());
    let is_static = member.membership == Membership::Static;
    let takes = move || matches!(lab.dragged.get(), Some(Dragged::Topic(_)));
    view! {
        <tr class:takes=takes on:dragover=move |e| if takes() { e.prevent_default() }
            on:drop=move |e| { e.prevent_default(); subscribe_dragged(lab, &drop) }>
            <th scope="row" id=id>{name}</th>
            {cells}
            <td><input class="in r" aria-label=rack_label placeholder="a" maxlength=LAB_NAME_BYTES_MAX prop:value=member.rack.clone().unwrap_or_default()
                on:change:target=move |e| {
                    let rack = Some(e.target().value().trim().to_owned()).filter(|rack| !rack.is_empty());
                    change(&of_rack, &move |m| m.rack = rack.clone());
                } /></td>
            <td><input type="checkbox" aria-label=static_label prop:checked=is_static on:change=move |_| {
                let membership = if is_static { Membership::Dynamic } else { Membership::Static };
                change(&of_static, &move |m| m.membership = membership);
            } /></td>
        </tr>
    }
}
