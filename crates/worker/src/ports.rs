//! The worker's side of Kafka connections: a MessagePort each.

use crate::control::{Fatal, ToTab, post_frame};
use crate::death;
use bytes::Bytes;
use tablog_broker::ConnectionId;
use tablog_host::Connections;
use tablog_log::storage::StorageFault;
use tablog_record::SortedMap;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort};

#[derive(Default)]
pub struct Ports {
    open: SortedMap<ConnectionId, OpenPort>,
    /// Handlers of ports that were closed, perhaps from within that handler; dropped later.
    retired: Vec<OpenPort>,
}

struct OpenPort {
    port: MessagePort,
    control: MessagePort,
    /// The tab's number of this connection.
    id: u32,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Ports {
    pub fn add(
        &mut self,
        connection: ConnectionId,
        control: &MessagePort,
        id: u32,
        port: MessagePort,
        on_message: Closure<dyn FnMut(MessageEvent)>,
    ) {
        self.retired.clear();
        // Setting the handler starts the port: what was posted earlier comes now.
        port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let entry = OpenPort { port, control: control.clone(), id, _on_message: on_message };
        self.open.insert(connection, entry);
    }

    /// The tab closed it, or is gone.
    pub fn remove(&mut self, connection: ConnectionId) {
        if let Some(entry) = self.open.remove(&connection) {
            entry.port.set_onmessage(None);
            entry.port.close();
            self.retired.push(entry);
        }
    }
}

impl Connections for Ports {
    fn reply(&mut self, connection: ConnectionId, frame: Bytes) {
        if let Some(entry) = self.open.get(&connection) {
            post_frame(&entry.port, &frame);
        }
    }

    fn close(&mut self, connection: ConnectionId) {
        if let Some(entry) = self.open.get(&connection) {
            let _ = entry.port.post_message(&JsValue::NULL);
            ToTab::Closed { id: entry.id }.post(&entry.control);
        }
        self.remove(connection);
    }

    fn fatal(&mut self, fault: &StorageFault) {
        death::end(&format!("{:?}", fault.kind), &fault.detail, Fatal::StayAway);
    }
}
