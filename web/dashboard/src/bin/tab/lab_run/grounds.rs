//! What one way of a run makes in the broker and takes away again: its topics, its group, the group's settings.
//!
//! Never knows: members.

use crate::requests::refusal;
use crate::tab::{Tab, Transported};
use std::cell::RefCell;
use std::rc::Rc;
use tablog_client::{Admin, ClientError, ConfigChange, ConfigResource, NewTopic, Outcomes, Transport};
use tablog_dashboard::model::lab::run::{
    HEARTBEAT_INTERVAL_MS, NAME_PREFIX, Protocol, SESSION_TIMEOUT_MS, Way,
};
use tablog_dashboard::model::orders::Trouble;
use tablog_record::{SortedMap, SortedSet};

/// Members that say nothing are out of a group by then.
const PATIENCE_MS: u64 = SESSION_TIMEOUT_MS + 5_000;
const PAUSE_MS: u64 = 200;
/// Settings of a group that is to lose its members soon.
const GROUP_SETTINGS: [(&str, u64); 2] = [
    ("consumer.session.timeout.ms", SESSION_TIMEOUT_MS),
    ("consumer.heartbeat.interval.ms", HEARTBEAT_INTERVAL_MS),
];

pub struct Grounds {
    pub tab: Rc<Tab>,
    pub way: Way,
    /// Also the beginning of its topics' names, so that they are in the order of the lab's.
    pub group: String,
    topics: RefCell<Vec<String>>,
}

impl Grounds {
    pub fn new(tab: &Rc<Tab>, run: i64, number: usize, way: Way) -> Grounds {
        let group = format!("{NAME_PREFIX}{run}-{}", number + 1);
        Grounds { tab: tab.clone(), way, group, topics: RefCell::default() }
    }

    pub fn topic(&self, lab_name: &str) -> String {
        format!("{}-{lab_name}", self.group)
    }

    /// The consumer protocol's timeouts are the group's, not its members'.
    pub async fn set_group(&self) -> Result<(), Trouble> {
        if self.way.protocol != Protocol::Consumer {
            return Ok(());
        }
        let set = |value: u64| ConfigChange::Set(value.to_string());
        let changes = group_changes(&self.group, set);
        all(self.tab.doing.incremental_alter_configs(&changes).await)
    }

    /// In memory: they are gone in a minute, and what is measured is the group, not the disk.
    pub async fn create_topic(&self, lab_name: &str, partitions: i32) -> Result<(), Trouble> {
        let name = self.topic(lab_name);
        let mut topic = NewTopic::new(name.clone(), partitions);
        topic.configs.insert("tablog.storage".to_owned(), "memory".to_owned());
        // Before it is asked for: an answer that is lost leaves a topic all the same.
        self.topics.borrow_mut().push(name);
        all(self.tab.doing.create_topics(&[topic]).await)
    }

    pub async fn add_partitions(&self, lab_name: &str, total: i32) -> Result<(), Trouble> {
        let wanted = SortedMap::from([(self.topic(lab_name), total)]);
        all(self.tab.doing.create_partitions(&wanted).await)
    }

    pub async fn remove(&self) -> Result<(), Trouble> {
        let topics = self.topics.take();
        remove(&self.tab, std::slice::from_ref(&self.group), &topics).await
    }
}

/// What runs left behind whose tab was closed. The lock says that none is under way.
pub async fn remove_leftovers(tab: &Tab) -> Result<(), Trouble> {
    let metadata = tab.reading.cluster().metadata(None).await.map_err(|e| refusal(&e))?;
    let is_ours = |name: &&String| name.starts_with(NAME_PREFIX);
    let topics: Vec<String> = metadata.topics.keys().filter(is_ours).cloned().collect();
    let listed = tab.reading.list_groups().await.map_err(|e| refusal(&e))?;
    let mut groups: SortedSet<String> =
        listed.into_iter().map(|listing| listing.group_id).filter(|id| is_ours(&id)).collect();
    // A group may be gone and its settings not: `lab-run-<run>-<number>-<topic>`.
    groups.extend(topics.iter().filter_map(|topic| {
        let end = topic.match_indices('-').nth(3)?.0;
        Some(topic[..end].to_owned())
    }));
    if groups.is_empty() && topics.is_empty() {
        return Ok(());
    }
    let groups: Vec<String> = groups.into_iter().collect();
    remove(tab, &groups, &topics).await
}

async fn remove(tab: &Tab, groups: &[String], topics: &[String]) -> Result<(), Trouble> {
    let not_removed = |error: ClientError| Trouble::NotRemoved { detail: error.to_string() };
    let gone = remove_groups(tab, groups).await;
    // One after the other, and each is tried whatever became of those before.
    let unset = settings_removed(&tab.doing, groups).await;
    let deleted = match topics.is_empty() {
        true => Ok(()),
        false => first_error(tab.doing.delete_topics(topics).await),
    };
    gone.and(unset).and(deleted).map_err(not_removed)
}

/// A member that crashed is in its group until its session is over.
async fn remove_groups(tab: &Tab, groups: &[String]) -> Result<(), ClientError> {
    let end_ms = tab.transport.now().monotonic_ms + PATIENCE_MS;
    loop {
        let outcome = first_error(tab.doing.delete_groups(groups).await);
        if outcome.is_ok() || tab.transport.now().monotonic_ms > end_ms {
            return outcome;
        }
        tab.transport.sleep(PAUSE_MS).await;
    }
}

async fn settings_removed(admin: &Admin<Transported>, groups: &[String]) -> Result<(), ClientError> {
    let mut changes = SortedMap::new();
    for group in groups {
        changes.extend(group_changes(group, |_| ConfigChange::Delete));
    }
    first_error(admin.incremental_alter_configs(&changes).await)
}

type Changes = SortedMap<ConfigResource, SortedMap<String, ConfigChange>>;

fn group_changes(group: &str, change: impl Fn(u64) -> ConfigChange) -> Changes {
    let settings = GROUP_SETTINGS.iter().map(|(name, value)| ((*name).to_owned(), change(*value)));
    SortedMap::from([(ConfigResource::Group(group.to_owned()), settings.collect())])
}

fn all<K: Ord>(outcomes: Result<Outcomes<K, impl Sized>, ClientError>) -> Result<(), Trouble> {
    let error = match outcomes {
        Ok(outcomes) => outcomes.into_values().find_map(Result::err),
        Err(error) => Some(error),
    };
    error.map_or(Ok(()), |error| Err(refusal(&error)))
}

/// What is not there need not be removed.
fn first_error<K: Ord>(outcomes: Result<Outcomes<K, ()>, ClientError>) -> Result<(), ClientError> {
    let is_absent = |error: &ClientError| {
        let code = error.code().map(tablog_sdk::wire::ErrorCode::name);
        matches!(code, Some("GROUP_ID_NOT_FOUND" | "UNKNOWN_TOPIC_OR_PARTITION"))
    };
    match outcomes?.into_values().filter_map(Result::err).find(|error| !is_absent(error)) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
