//! The database itself: opened, taken over, fenced, lost. Turns what the platform reports into faults.

use super::key;
use super::request::{Answer, Writing, asked, fault, io};
use js_sys::{Array, Object, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use tablog_log::storage::{Durability, FaultKind, StorageFault};
use wasm_bindgen::prelude::*;
use web_sys::{IdbDatabase, IdbFactory, IdbObjectStore, IdbTransaction, IdbTransactionMode};

/// The format of what is stored. A store with a greater number was written by a newer Tablog.
pub const FORMAT: u32 = 1;

pub const SEGMENTS: &str = "segments";
pub const SMALL: &str = "small";
pub const OWNER: &str = "owner";
const INCARNATION: &str = "incarnation";

pub struct Store {
    db: IdbDatabase,
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
    /// Somebody deletes it, and waits for us.
    Deleted,
    /// A newer format is being made of it, and whoever does so waits for us.
    Upgraded,
}

/// Why a database is not open.
#[derive(Debug)]
pub enum OpenError {
    NewerFormat(StorageFault),
    /// The browser lets this site store nothing.
    NotAllowed(StorageFault),
    Failed(StorageFault),
}

impl From<OpenError> for StorageFault {
    fn from(error: OpenError) -> StorageFault {
        match error {
            OpenError::NewerFormat(fault) | OpenError::NotAllowed(fault) | OpenError::Failed(fault) => fault,
        }
    }
}

#[derive(Default)]
struct Lost {
    fault: Option<StorageFault>,
    tell: Option<Box<dyn Fn(Loss, StorageFault)>>,
}

impl Store {
    pub async fn open(name: &str, incarnation: &str) -> Result<Store, OpenError> {
        let db = open_database(name).await.map_err(opening)?;
        let lost = Rc::new(RefCell::new(Lost::default()));
        let (on_versionchange, on_close) = watch(&db, &lost);
        let store = Store {
            db,
            incarnation: incarnation.to_owned(),
            lost,
            _on_versionchange: on_versionchange,
            _on_close: on_close,
        };
        store.take_over().await.map_err(OpenError::Failed)?;
        Ok(store)
    }

    /// From here on, commits of an earlier owner that is somehow still alive abort.
    async fn take_over(&self) -> Result<(), StorageFault> {
        let tx = self.write(Durability::Relaxed)?;
        let owner = tx.store(OWNER)?;
        asked(owner.delete(&key::chain_before(None)))?;
        asked(owner.put_with_key(&self.incarnation.as_str().into(), &INCARNATION.into()))?;
        tx.end().await
    }

    pub fn write(&self, durability: Durability) -> Result<Writing, StorageFault> {
        let durability = match durability {
            Durability::Relaxed => "relaxed",
            Durability::Strict => "strict",
        };
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &durability.into()).map_err(fault)?;
        let stores = Array::of3(&SEGMENTS.into(), &SMALL.into(), &OWNER.into());
        let db: &WithOptions = self.db.unchecked_ref();
        let transaction = db.transaction(&stores, "readwrite", &options);
        Ok(Writing::new(transaction.map_err(|thrown| self.fault(thrown))?))
    }

    /// One of the stores, in a readonly transaction that ends by itself.
    pub fn reading(&self, store: &str) -> Result<IdbObjectStore, StorageFault> {
        let transaction = self.db.transaction_with_str_and_mode(store, IdbTransactionMode::Readonly);
        transaction
            .and_then(|transaction| transaction.object_store(store))
            .map_err(|thrown| self.fault(thrown))
    }

    /// Asks now, answers when awaited: whether this transaction may write.
    pub fn fence(
        &self,
        owner: &IdbObjectStore,
    ) -> Result<impl Future<Output = Result<(), StorageFault>>, StorageFault> {
        let found = Answer::of(owner.get(&INCARNATION.into()))?;
        let ours = self.incarnation.clone();
        Ok(async move {
            if found.await?.as_string().as_deref() == Some(ours.as_str()) {
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
        self.db.close();
    }

    /// A database that was closed underneath reports an invalid state: its loss is the better word.
    fn fault(&self, thrown: JsValue) -> StorageFault {
        self.lost().unwrap_or_else(|| fault(thrown))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.db.set_onversionchange(None);
        self.db.set_onclose(None);
        self.close();
    }
}

type Handler = Closure<dyn FnMut(JsValue)>;

/// Whoever wants to delete or upgrade the database must not wait for us.
fn watch(db: &IdbDatabase, lost: &Rc<RefCell<Lost>>) -> (Handler, Handler) {
    let watched = db.clone();
    let on_versionchange = handler(lost, move |event| {
        watched.close();
        match Reflect::get(&event, &"newVersion".into()) {
            Ok(version) if version.is_null() => (Loss::Deleted, "the store was deleted while it was open"),
            _ => (Loss::Upgraded, "a newer version of Tablog has taken over the store"),
        }
    });
    let on_close = handler(lost, |_event| (Loss::Closed, "the browser closed the store"));
    db.set_onversionchange(Some(on_versionchange.as_ref().unchecked_ref()));
    db.set_onclose(Some(on_close.as_ref().unchecked_ref()));
    (on_versionchange, on_close)
}

fn handler(lost: &Rc<RefCell<Lost>>, learn: impl Fn(JsValue) -> (Loss, &'static str) + 'static) -> Handler {
    let lost = lost.clone();
    Closure::new(move |event| {
        let (loss, words) = learn(event);
        let fault = StorageFault { kind: FaultKind::Lost, detail: words.to_owned() };
        lost.borrow_mut().fault = Some(fault.clone());
        let tell = lost.borrow_mut().tell.take();
        if let Some(tell) = tell {
            tell(loss, fault);
        }
    })
}

const UNUSABLE: &str = "IndexedDB cannot be used here";

fn factory() -> Result<IdbFactory, StorageFault> {
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into()).map_err(fault)?;
    // Absent, or null where the browser keeps nothing.
    factory.dyn_into().map_err(|_| io(UNUSABLE))
}

/// Made with its stores where there was none.
async fn open_database(name: &str) -> Result<IdbDatabase, StorageFault> {
    let request = factory()?.open_with_u32(name, FORMAT).map_err(fault)?;
    let asking = request.clone();
    let on_upgrade = Closure::once(move || -> Result<(), JsValue> {
        let db: IdbDatabase = asking.result()?.unchecked_into();
        for store in [SEGMENTS, SMALL, OWNER] {
            db.create_object_store(store)?;
        }
        Ok(())
    });
    request.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));
    let opened = Answer::of(Ok(&request))?.await;
    request.set_onupgradeneeded(None);
    Ok(opened?.unchecked_into())
}

fn opening(found: StorageFault) -> OpenError {
    if found.detail.starts_with("VersionError") {
        let words = "this store was written by a newer version of Tablog: reload the page to get it";
        return OpenError::NewerFormat(io(words));
    }
    let is_denied = found.detail.starts_with("SecurityError") || found.detail == UNUSABLE;
    let detail = format!("the store cannot be opened: {}", found.detail);
    let fault = StorageFault { kind: found.kind, detail };
    if is_denied { OpenError::NotAllowed(fault) } else { OpenError::Failed(fault) }
}

/// Everything stored under this name is gone. Waits until others have let go of it.
pub async fn delete_database(name: &str) -> Result<(), StorageFault> {
    Answer::of(factory()?.delete_database(name))?.await.map(drop)
}

#[wasm_bindgen]
extern "C" {
    /// `web-sys` has the options of a transaction among what is not stable.
    #[wasm_bindgen(extends = IdbDatabase)]
    type WithOptions;

    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &WithOptions,
        stores: &Array,
        mode: &str,
        options: &Object,
    ) -> Result<IdbTransaction, JsValue>;
}
