//! One transport a page.

use crate::bench;
use crate::client::{self, Load, Member};
use js_sys::Uint8Array;
use tablog_sdk::client::{Connection, Transport};
use tablog_sdk::{
    ForwardedTransport, PortBroker, PortConnection, Status, TabOptions, TabTransport, raw_store,
};
use wasm_bindgen::prelude::*;
use web_sys::MessagePort;

#[wasm_bindgen]
pub struct Page {
    transport: TabTransport,
}

#[wasm_bindgen]
impl Page {
    #[wasm_bindgen(constructor)]
    pub fn new(worker_url: String, name: String) -> Page {
        Page { transport: TabTransport::begin(TabOptions { worker_url, name }) }
    }

    /// `connecting`, `ready <incarnation> <tabs>`, `failed <words>`.
    pub fn status(&self) -> String {
        match self.transport.status() {
            Status::Connecting => "connecting".to_owned(),
            Status::Ready { incarnation, tabs } => format!("ready {incarnation} {tabs}"),
            Status::Failed { words, .. } => format!("failed {words}"),
        }
    }

    pub async fn connect(&self) -> Result<Wire, JsValue> {
        open(&self.transport, &self.transport.host(), 9092).await
    }

    pub async fn connect_to(&self, host: String, port: u16) -> Result<Wire, JsValue> {
        open(&self.transport, &host, port).await
    }

    /// Answers how long it took.
    pub async fn sleep(&self, ms: u32) -> f64 {
        let before = self.transport.now().monotonic_ms;
        self.transport.sleep(u64::from(ms)).await;
        (self.transport.now().monotonic_ms - before) as f64
    }

    pub fn produce(&self, topic: String) -> Load {
        client::produce(&self.transport, topic)
    }

    pub async fn produce_once(&self, topic: String, bytes: usize) -> Result<i16, JsValue> {
        client::produce_once(&self.transport, topic, bytes).await.map_err(words)
    }

    pub async fn create_topic(&self, topic: String, partitions: i32) -> Result<i16, JsValue> {
        client::create_topic(&self.transport, topic, partitions).await.map_err(words)
    }

    pub fn join(&self, topic: String, session_timeout_ms: u32) -> Result<Member, JsValue> {
        client::join(&self.transport, topic, session_timeout_ms).map_err(words)
    }

    pub async fn read_all(&self, topic: String) -> Result<Vec<String>, JsValue> {
        client::read_all(&self.transport, topic).await.map_err(words)
    }

    /// Seconds for so many batches of so many records of 100 bytes, five requests in flight.
    pub async fn bench_append(
        &self,
        topic: String,
        acks: i16,
        batches: u32,
        records: u32,
    ) -> Result<f64, JsValue> {
        bench::append(&self.transport, topic, acks, batches, records).await.map_err(words)
    }

    /// Milliseconds of each of so many single records, one after the other.
    pub async fn bench_latency(&self, topic: String, acks: i16, rounds: u32) -> Result<Vec<f64>, JsValue> {
        bench::latency(&self.transport, topic, acks, rounds).await.map_err(words)
    }

    /// Seconds to read so many records from the beginning.
    pub async fn bench_read(&self, topic: String, records: u32) -> Result<f64, JsValue> {
        bench::read(&self.transport, topic, records).await.map_err(words)
    }

    /// Seconds for so many commits of the offsets of all partitions.
    pub async fn bench_commit(&self, topic: String, partitions: i32, rounds: u32) -> Result<f64, JsValue> {
        bench::commit(&self.transport, topic, partitions, rounds).await.map_err(words)
    }

    pub fn inject(&self, what: &str) {
        self.transport.inject(what);
    }

    pub fn retry(&self) {
        self.transport.retry();
    }

    /// For a worker of this page.
    pub fn forward(&self) -> Result<MessagePort, JsValue> {
        PortBroker::attach(&self.transport).map_err(words)
    }
}

#[wasm_bindgen]
pub struct Forwarded {
    transport: ForwardedTransport,
}

#[wasm_bindgen]
impl Forwarded {
    #[wasm_bindgen(constructor)]
    pub fn new(port: MessagePort) -> Forwarded {
        Forwarded { transport: ForwardedTransport::new(port) }
    }

    pub async fn connect(&self, host: String) -> Result<Wire, JsValue> {
        open(&self.transport, &host, 9092).await
    }
}

#[wasm_bindgen]
pub struct Wire {
    connection: PortConnection,
}

#[wasm_bindgen]
impl Wire {
    pub fn send(&self, frame: Vec<u8>) -> Result<(), JsValue> {
        self.connection.send(frame.into()).map_err(words)
    }

    pub async fn receive(&self) -> Result<Uint8Array, JsValue> {
        let frame = self.connection.receive().await.map_err(words)?;
        Ok(Uint8Array::from(frame.as_ref()))
    }

    pub fn set_will(&self, frame: Vec<u8>) {
        self.connection.set_will(Some(frame.into()));
    }
}

#[wasm_bindgen]
pub async fn delete_store(name: String) -> Result<(), JsValue> {
    raw_store::delete(&name).await.map_err(words)
}

#[wasm_bindgen]
pub async fn download_store(name: String) -> Result<web_sys::Blob, JsValue> {
    raw_store::download(&name).await.map_err(words)
}

async fn open<T: Transport<Connection = PortConnection>>(
    transport: &T,
    host: &str,
    port: u16,
) -> Result<Wire, JsValue> {
    let connection = transport.connect(host, port).await.map_err(words)?;
    Ok(Wire { connection })
}

fn words(error: impl std::fmt::Display) -> JsValue {
    js_sys::Error::new(&error.to_string()).into()
}
