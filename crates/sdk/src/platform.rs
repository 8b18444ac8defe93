//! Clock and chance of the browser, in pages and in workers alike.

#![allow(clippy::disallowed_methods, reason = "the transport's clock and chance are here")]

use gloo_timers::future::TimeoutFuture;
use js_sys::Reflect;
use tablog_record::{Now, Timestamp};
use wasm_bindgen::{JsCast, JsValue};

pub fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

pub fn global(name: &str) -> JsValue {
    get(&js_sys::global(), name)
}

pub fn now() -> Now {
    let wall = js_sys::Date::now();
    let monotonic =
        global("performance").dyn_ref::<web_sys::Performance>().map_or(wall, |performance| performance.now());
    Now { monotonic_ms: monotonic as u64, wall: Timestamp(wall as i64) }
}

pub fn random() -> u64 {
    let mut bytes = [0; 8];
    match global("crypto").dyn_ref::<web_sys::Crypto>() {
        Some(crypto) if crypto.get_random_values_with_u8_array(&mut bytes).is_ok() => {
            u64::from_le_bytes(bytes)
        }
        _ => (js_sys::Math::random() * 2f64.powi(53)) as u64,
    }
}

pub async fn sleep(duration_ms: u64) {
    let duration_ms = u32::try_from(duration_ms).unwrap_or(u32::MAX).min(i32::MAX as u32);
    TimeoutFuture::new(duration_ms).await;
}
