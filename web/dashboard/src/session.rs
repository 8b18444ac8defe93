//! The only file of the page that touches the SDK: it reads the cluster through the Kafka protocol and puts what it read
//! into [`State`]; pages ask it for changes.

use crate::state::State;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::records::{Draft, From, ReadRecord};
use tablog_dashboard::model::topic_settings::NewTopic;

pub struct Session;

impl Session {
    pub fn begin(state: State) {
        crate::fixture::fill(state);
    }
    pub fn try_again(_state: State) {}
    pub fn load_flights(_state: State) {}
    pub async fn create_topic(_topic: NewTopic) -> Result<(), Message> { Ok(()) }
    pub async fn delete_topic(_name: String) -> Result<(), Message> { Ok(()) }
    pub async fn add_partitions(_name: String, _total: i32) -> Result<(), Message> { Ok(()) }
    pub async fn alter_setting(_topic: String, _name: String, _value: Option<String>) -> Result<(), Message> { Ok(()) }
    pub async fn produce(_topic: String, _drafts: Vec<Draft>, _on_progress: impl Fn(u64, &[u64]) -> bool + 'static) -> Result<(i32, i64), Message> { Ok((0, 0)) }
    pub async fn read(_topic: String, _from: From, _limit: usize) -> Result<Vec<ReadRecord>, Message> { Ok(Vec::new()) }
    pub async fn export(_topic: String, _on_records: impl FnMut(Vec<ReadRecord>) -> bool) -> Result<(), Message> { Ok(()) }
    pub fn tail(_topic: String, _on_records: impl FnMut(Vec<ReadRecord>) -> bool + 'static) {}
    pub fn watch(_state: State, _topic: String) {}
    pub fn measure_storage(_state: State) {}
    pub fn persist(_state: State) {}
    pub async fn delete_store(_state: State) -> Result<(), Message> { Ok(()) }
    pub async fn download_store() -> Result<(), Message> { Ok(()) }
    pub fn unwatch() {}
    pub async fn delete_group(_id: String) -> Result<(), Message> { Ok(()) }
}
