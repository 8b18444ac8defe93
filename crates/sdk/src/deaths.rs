//! How often the worker died of late, kept by the tabs together: a worker that dies three times in a minute is
//! left alone, and the page says why.

use js_sys::{Array, JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

const WINDOW_MS: f64 = 60_000.0;
const DEATHS_MAX: usize = 3;

#[derive(Clone, Debug)]
struct Death {
    at_ms: f64,
    incarnation: String,
    words: String,
}

/// Every tab notices the same death: it counts once.
pub fn record(name: &str, incarnation: &str, words: &str) {
    let mut deaths = recent(name);
    match deaths.iter_mut().find(|death| death.incarnation == incarnation) {
        Some(known) if known.words.is_empty() => known.words = words.to_owned(),
        Some(_) => {}
        None => deaths.push(Death {
            at_ms: wall_ms(),
            incarnation: incarnation.to_owned(),
            words: words.to_owned(),
        }),
    }
    write(name, &deaths);
}

/// Why no new worker should be started; `None` when one may.
pub fn too_many(name: &str) -> Option<String> {
    let deaths = recent(name);
    if deaths.len() < DEATHS_MAX {
        return None;
    }
    let last = deaths.iter().rev().find(|death| !death.words.is_empty());
    let words = last.map_or("nothing was said", |death| death.words.as_str());
    Some(format!("the broker's worker died {} times within a minute; the last time: {words}", deaths.len()))
}

pub fn forget(name: &str) {
    write(name, &[]);
}

fn recent(name: &str) -> Vec<Death> {
    let now = wall_ms();
    let parsed = storage().and_then(|storage| storage.get_item(&key(name)).ok()?);
    let Some(list) = parsed.and_then(|text| JSON::parse(&text).ok()?.dyn_into::<Array>().ok()) else {
        return Vec::new();
    };
    let field = |entry: &JsValue, name: &str| crate::platform::get(entry, name);
    list.iter()
        .filter_map(|entry| {
            Some(Death {
                at_ms: field(&entry, "at").as_f64()?,
                incarnation: field(&entry, "incarnation").as_string()?,
                words: field(&entry, "words").as_string()?,
            })
        })
        .filter(|death| now - death.at_ms < WINDOW_MS)
        .collect()
}

fn write(name: &str, deaths: &[Death]) {
    let list = Array::new();
    for death in deaths {
        let entry = Object::new();
        let _ = Reflect::set(&entry, &"at".into(), &death.at_ms.into());
        let _ = Reflect::set(&entry, &"incarnation".into(), &death.incarnation.as_str().into());
        let _ = Reflect::set(&entry, &"words".into(), &death.words.as_str().into());
        list.push(&entry);
    }
    if let (Some(storage), Ok(text)) = (storage(), JSON::stringify(&list)) {
        let _ = storage.set_item(&key(name), &String::from(text));
    }
}

/// Where it cannot be had (cookies refused), deaths are not counted.
fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn wall_ms() -> f64 {
    crate::platform::now().wall.0 as f64
}

fn key(name: &str) -> String {
    format!("tablog/{name}/deaths")
}
