//! What the page asks for, and how each is answered.

use crate::post::report_with;
use crate::tab::Tab;
use crate::{changes, files, group_changes, lab, lab_run, records};
use std::rc::Rc;
use tablog_client::ClientError;
use tablog_dashboard::model::orders::{Reply, Report, Request, Trouble};
use wasm_bindgen::JsValue;

/// A request, as far as those who answer it need to know.
#[derive(Clone)]
pub struct Asked {
    pub tab: Rc<Tab>,
    id: u32,
}

impl Asked {
    pub fn is_wanted(&self) -> bool {
        self.tab.is_wanted(self.id)
    }

    pub fn reply(&self, reply: Reply) {
        self.reply_with(reply, &JsValue::UNDEFINED);
    }

    pub fn reply_with(&self, reply: Reply, with: &JsValue) {
        report_with(&Report::Answer { id: self.id, reply }, with);
    }
}

pub async fn answer(tab: Rc<Tab>, id: u32, request: Request, with: JsValue) {
    tab.want(id);
    let asked = Asked { tab: tab.clone(), id };
    let mut comes_with = JsValue::UNDEFINED;
    let outcome = match request {
        Request::CreateTopic { name, partitions, settings } => {
            changes::create_topic(&tab, name, partitions, settings).await
        }
        Request::DeleteTopic { name } => changes::delete_topic(&tab, name).await,
        Request::DeleteGroup { id } => group_changes::delete_group(&tab, id).await,
        Request::OffsetsAt { partitions, timestamp_ms } => {
            group_changes::offsets_at(&tab, partitions, timestamp_ms).await
        }
        Request::SetOffsets { group, offsets } => group_changes::set_offsets(&tab, &group, offsets).await,
        Request::DeleteOffsets { group, partitions } => {
            group_changes::delete_offsets(&tab, &group, partitions).await
        }
        Request::RemoveMembers { group, member_ids } => {
            group_changes::remove_members(&tab, &group, &member_ids).await
        }
        Request::AddPartitions { name, total } => changes::add_partitions(&tab, name, total).await,
        Request::AlterSetting { topic, name, value } => {
            changes::alter_setting(&tab, topic, name, value).await
        }
        Request::Produce { topic, draft, count } => {
            changes::produce(&asked, &topic, count as usize, &|_| draft.clone()).await
        }
        Request::Read { topic, from, limit } => {
            records::read(&tab, &topic, from, limit).await.map(Reply::Records)
        }
        Request::Lab { history } => Ok(Reply::Assigned(lab::answer(&history))),
        Request::Tail { topic } => records::tail(&asked, &topic).await,
        Request::Export { topic } => files::export(&asked, &topic).await.map(|blob| {
            comes_with = blob;
            Reply::Finished
        }),
        Request::Open { name } => files::open(&tab, name, with).await.map(Reply::Offered),
        Request::RunLab(order) => lab_run::run(&asked, order).await,
        Request::Import { topic, key_column } => files::import(&asked, &topic, key_column.as_deref()).await,
    };
    asked.reply_with(outcome.unwrap_or_else(Reply::Failed), &comes_with);
    tab.stop(id);
}

/// What a refusal says on the page.
pub fn refusal(error: &ClientError) -> Trouble {
    match error {
        ClientError::Refused { code, message } => {
            Trouble::Refused { code: code.name().to_owned(), detail: message.clone().unwrap_or_default() }
        }
        other => Trouble::NoBroker { detail: other.to_string() },
    }
}
