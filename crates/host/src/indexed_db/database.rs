//! The database itself: opened, taken over, fenced, lost. Turns what the platform reports into faults.

use super::key;
use indexed_db_futures::database::Database;
use indexed_db_futures::error::{Error, OpenDbError};
use indexed_db_futures::internals::SystemRepr;
use indexed_db_futures::object_store::ObjectStore;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{
    Transaction, TransactionDurability, TransactionMode, TransactionOptions,
};
use std::cell::RefCell;
use std::rc::Rc;
use tablog_log::storage::{Durability, FaultKind, StorageFault};
use wasm_bindgen::prelude::*;

/// The format of what is stored. A store with a greater number was written by a newer Tablog.
pub const FORMAT: u32 = 1;

pub const SEGMENTS: &str = "segments";
pub const SMALL: &str = "small";
pub const OWNER: &str = "owner";
const INCARNATION: &str = "incarnation";

pub struct Store {
    db: Database,
    incarnation: String,
    lost: Rc<RefCell<Lost>>,
    _on_versionchange: Closure<dyn FnMut(JsValue)>,
    _on_close: Closure<dyn FnMut(JsValue)>,
}

/// How a database is lost while it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// By the browser, which does so to pages in the background: opening it again is in order.
    Closed,
    /// Somebody deletes or upgrades it, and waits for us.
    WantedElsewhere,
}

#[derive(Default)]
struct Lost {
    fault: Option<StorageFault>,
    tell: Option<Box<dyn Fn(Loss, StorageFault)>>,
}

impl Store {
    pub async fn open(name: &str, incarnation: &str) -> Result<Store, StorageFault> {
        let db = Database::open(name)
            .with_version(FORMAT)
            .with_on_upgrade_needed(|_event, db| {
                for store in [SEGMENTS, SMALL, OWNER] {
                    db.create_object_store(store).build()?;
                }
                Ok(())
            })
            .await
            .map_err(opening)?;
        let lost = Rc::new(RefCell::new(Lost::default()));
        let (on_versionchange, on_close) = watch(&db, &lost);
        let store = Store {
            db,
            incarnation: incarnation.to_owned(),
            lost,
            _on_versionchange: on_versionchange,
            _on_close: on_close,
        };
        store.take_over().await?;
        Ok(store)
    }

    /// From here on, commits of an earlier owner that is somehow still alive abort.
    async fn take_over(&self) -> Result<(), StorageFault> {
        let tx = self.write(Durability::Relaxed)?;
        let owner = tx.object_store(OWNER).map_err(fault)?;
        owner.delete::<JsValue, _>(key::chain_before(None)).primitive().map_err(fault)?;
        owner.put(self.incarnation.as_str()).with_key(INCARNATION).primitive().map_err(fault)?;
        drop(owner);
        end(tx).await
    }

    pub fn write(&self, durability: Durability) -> Result<Transaction<'_>, StorageFault> {
        let durability = match durability {
            Durability::Relaxed => TransactionDurability::Relaxed,
            Durability::Strict => TransactionDurability::Strict,
        };
        self.db
            .transaction([SEGMENTS, SMALL, OWNER])
            .with_mode(TransactionMode::Readwrite)
            .with_options(TransactionOptions::new().with_durability(durability))
            .build()
            .map_err(|error| self.fault(error))
    }

    pub fn reading(&self) -> Result<Transaction<'_>, StorageFault> {
        self.db
            .transaction([SEGMENTS, SMALL])
            .with_mode(TransactionMode::Readonly)
            .build()
            .map_err(|error| self.fault(error))
    }

    /// Asks now, answers when awaited: whether this transaction may write.
    pub fn fence(
        &self,
        owner: &ObjectStore<'_>,
    ) -> Result<impl Future<Output = Result<(), StorageFault>>, StorageFault> {
        let asked = owner.get::<JsValue, _, _>(INCARNATION).primitive().map_err(fault)?;
        let ours = self.incarnation.clone();
        Ok(async move {
            let found = asked.await.map_err(fault)?.and_then(|value| value.as_string());
            if found.as_deref() == Some(ours.as_str()) {
                return Ok(());
            }
            Err(StorageFault {
                kind: FaultKind::Lost,
                detail: "another worker has taken over the store".to_owned(),
            })
        })
    }

    pub fn lost(&self) -> Option<StorageFault> {
        self.lost.borrow().fault.clone()
    }

    pub fn on_lost(&self, tell: impl Fn(Loss, StorageFault) + 'static) {
        self.lost.borrow_mut().tell = Some(Box::new(tell));
    }

    pub fn close(&self) {
        self.db.as_sys().close();
    }

    /// A database that was closed underneath reports an invalid state: its loss is the better word.
    fn fault(&self, error: Error) -> StorageFault {
        self.lost().unwrap_or_else(|| fault(error))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.db.as_sys().set_onversionchange(None);
        self.db.as_sys().set_onclose(None);
        self.close();
    }
}

type Handler = Closure<dyn FnMut(JsValue)>;

/// Whoever wants to delete or upgrade the database must not wait for us.
fn watch(db: &Database, lost: &Rc<RefCell<Lost>>) -> (Handler, Handler) {
    let sys = db.as_sys().clone();
    let wanted = "the store is being deleted or upgraded";
    let on_versionchange = handler(lost, Loss::WantedElsewhere, wanted, move || sys.close());
    let on_close = handler(lost, Loss::Closed, "the browser closed the store", || {});
    db.as_sys().set_onversionchange(Some(on_versionchange.as_ref().unchecked_ref()));
    db.as_sys().set_onclose(Some(on_close.as_ref().unchecked_ref()));
    (on_versionchange, on_close)
}

fn handler(
    lost: &Rc<RefCell<Lost>>,
    loss: Loss,
    words: &'static str,
    before: impl Fn() + 'static,
) -> Handler {
    let lost = lost.clone();
    Closure::new(move |_event| {
        before();
        let fault = StorageFault { kind: FaultKind::Lost, detail: words.to_owned() };
        lost.borrow_mut().fault = Some(fault.clone());
        let tell = lost.borrow_mut().tell.take();
        if let Some(tell) = tell {
            tell(loss, fault);
        }
    })
}

/// Commits explicitly and waits. An abort without an error of a request has its reason in the transaction.
pub async fn end(tx: Transaction<'_>) -> Result<(), StorageFault> {
    let sys: web_sys::IdbTransaction = AsRef::<JsValue>::as_ref(tx.as_sys()).clone().unchecked_into();
    match tx.commit().await {
        Ok(()) => Ok(()),
        Err(error) => match sys.error() {
            Some(reason) => Err(named(&reason.name(), &reason.message())),
            None => Err(fault(error)),
        },
    }
}

pub fn fault(error: Error) -> StorageFault {
    match error {
        Error::DomException(exception) => {
            let exception: web_sys::DomException = exception.into();
            named(&exception.name(), &exception.message())
        }
        Error::Serialisation(_) => io("what the store gave is not what it was given"),
        Error::MissingData(_) => io("the store gave nothing"),
        Error::Unknown(_) => io("the browser threw what is no exception of a store"),
    }
}

/// Without the library's words for numbers that are none, which alone would bring the formatting of floats along.
fn io(words: &str) -> StorageFault {
    StorageFault { kind: FaultKind::Io, detail: words.to_owned() }
}

fn named(name: &str, message: &str) -> StorageFault {
    let kind = match name {
        "QuotaExceededError" => FaultKind::QuotaExceeded,
        "InvalidStateError" | "TransactionInactiveError" | "NotFoundError" => FaultKind::Lost,
        "DataError" | "NotReadableError" => FaultKind::Corrupt,
        _ => FaultKind::Io,
    };
    StorageFault { kind, detail: format!("{name}: {message}") }
}

fn opening(error: OpenDbError) -> StorageFault {
    let OpenDbError::Base(error) = error else {
        return io("IndexedDB cannot be used here");
    };
    let found = fault(error);
    let detail = if found.detail.starts_with("VersionError") {
        "this store was written by a newer version of Tablog: reload the page to get it".to_owned()
    } else {
        format!("the store cannot be opened: {}", found.detail)
    };
    StorageFault { kind: found.kind, detail }
}

/// Everything stored under this name is gone. Waits until others have let go of it.
pub async fn delete_database(name: &str) -> Result<(), StorageFault> {
    Database::delete_by_name(name).map_err(opening)?.await.map_err(fault)
}
