//! Requests and transactions as futures, over the platform's own interface.
//!
//! A callback's promise is settled within the task of the event, while its transaction is still active: whoever awaits
//! an answer may ask for more at once. What is awaited besides lets the transaction go.
//!
//! Never knows: what is asked.

use js_sys::{Array, Function, Promise};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tablog_log::storage::{FaultKind, StorageFault};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, Event, IdbObjectStore, IdbRequest, IdbTransaction};

/// What a request will be answered. It was asked when this was made; dropping this takes nothing back.
pub struct Answer {
    request: IdbRequest,
    settled: JsFuture,
}

impl Answer {
    pub fn of(asked: Result<impl AsRef<IdbRequest>, JsValue>) -> Result<Answer, StorageFault> {
        Ok(Answer::new(asked.map_err(fault)?.as_ref()))
    }

    fn new(request: &IdbRequest) -> Answer {
        let settled = first_of(|settle| {
            request.set_onsuccess(Some(settle));
            request.set_onerror(Some(settle));
        });
        Answer { request: request.clone(), settled }
    }
}

impl Future for Answer {
    type Output = Result<JsValue, StorageFault>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(Pin::new(&mut self.settled).poll(context)).map_err(fault)?;
        Poll::Ready(match self.request.error() {
            Ok(None) => self.request.result().map_err(fault),
            Ok(Some(exception)) => Err(named(&exception)),
            Err(thrown) => Err(fault(thrown)),
        })
    }
}

/// The elements of an answer that is a list.
pub fn elements(answer: JsValue) -> impl Iterator<Item = JsValue> {
    let list: Array = answer.unchecked_into();
    (0..list.length()).map(move |at| list.get(at))
}

/// Asked for without waiting for the answer: if it fails, it takes the transaction along.
pub fn asked(request: Result<IdbRequest, JsValue>) -> Result<(), StorageFault> {
    request.map(drop).map_err(fault)
}

/// A transaction that aborts unless it is ended.
pub struct Writing {
    transaction: IdbTransaction,
    ended: bool,
}

impl Writing {
    pub fn new(transaction: IdbTransaction) -> Writing {
        Writing { transaction, ended: false }
    }

    pub fn store(&self, name: &str) -> Result<IdbObjectStore, StorageFault> {
        self.transaction.object_store(name).map_err(fault)
    }

    /// Commits explicitly and waits. An abort has its reason in the transaction.
    pub async fn end(mut self) -> Result<(), StorageFault> {
        self.ended = true;
        let transaction = self.transaction.clone();
        let settled = first_of(|settle| {
            transaction.set_oncomplete(Some(settle));
            transaction.set_onabort(Some(settle));
        });
        if let Err(thrown) = transaction.unchecked_ref::<Committing>().commit() {
            return Err(transaction.error().map_or_else(|| fault(thrown), |reason| named(&reason)));
        }
        let event: Event = settled.await.map_err(fault)?.unchecked_into();
        if event.type_() == "complete" {
            return Ok(());
        }
        Err(transaction.error().map_or_else(|| io("the transaction was aborted"), |reason| named(&reason)))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if !self.ended {
            // One that failed has aborted by itself.
            let _ = self.transaction.abort();
        }
    }
}

#[wasm_bindgen]
extern "C" {
    /// `web-sys` calls `commit` deprecated, which it is not.
    #[wasm_bindgen(extends = IdbTransaction)]
    type Committing;

    #[wasm_bindgen(method, catch)]
    fn commit(this: &Committing) -> Result<(), JsValue>;
}

/// The first event that calls the function; a promise for it is never rejected.
fn first_of(mut listen: impl FnMut(&Function)) -> JsFuture {
    Promise::new(&mut |resolve, _reject| listen(&resolve)).into()
}

/// What the platform threw.
pub fn fault(thrown: JsValue) -> StorageFault {
    match thrown.dyn_ref::<DomException>() {
        Some(exception) => named(exception),
        None => io("the browser threw what is no exception of a store"),
    }
}

pub fn io(words: &str) -> StorageFault {
    StorageFault { kind: FaultKind::Io, detail: words.to_owned() }
}

fn named(exception: &DomException) -> StorageFault {
    let name = exception.name();
    let kind = match name.as_str() {
        "QuotaExceededError" => FaultKind::QuotaExceeded,
        "InvalidStateError" | "TransactionInactiveError" | "NotFoundError" => FaultKind::Lost,
        "DataError" | "NotReadableError" => FaultKind::Corrupt,
        _ => FaultKind::Io,
    };
    StorageFault { kind, detail: format!("{name}: {}", exception.message()) }
}
