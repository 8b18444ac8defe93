//! Small things of the browser that pages ask for: storage, the query, the clock, files. Every one of them may be missing.

use js_sys::Date;
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};

pub fn now_ms() -> i64 {
    #[allow(clippy::disallowed_methods, reason = "the page's only clock")]
    let now_ms = Date::now();
    now_ms as i64
}

/// What JavaScript calls the time zone offset: minutes from local time to UTC.
pub fn zone_minutes() -> i64 {
    #[allow(clippy::disallowed_methods, reason = "where the page is, not when")]
    let here = Date::new_0();
    here.get_timezone_offset() as i64
}

pub fn is_visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// From `localStorage`, which may be forbidden.
pub fn stored(name: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(name).ok()?
}

pub fn store(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(name, value);
    }
}

/// From `sessionStorage`: what belongs to this tab.
pub fn tab_stored(name: &str) -> Option<String> {
    window().session_storage().ok()??.get_item(name).ok()?
}

pub fn tab_store(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = storage.set_item(name, value);
    }
}

pub fn query(name: &str) -> Option<String> {
    let search = window().location().search().ok()?;
    web_sys::UrlSearchParams::new_with_str(&search).ok()?.get(name)
}

/// All parameters of the address, in their order.
pub fn query_pairs() -> Vec<(String, String)> {
    let search = window().location().search().unwrap_or_default();
    let Ok(parameters) = web_sys::UrlSearchParams::new_with_str(&search) else { return Vec::new() };
    let text = |pair: &js_sys::Array, i| pair.get(i).as_string().unwrap_or_default();
    let pairs = js_sys::Array::from(&parameters).into_iter().map(|pair| js_sys::Array::from(&pair));
    pairs.map(|pair| (text(&pair, 0), text(&pair, 1))).collect()
}

/// A page of ours in a tab of its own, which knows nothing of this one.
pub fn open_tab(path: &str) {
    let _ = window().open_with_url_and_target_and_features(&within_page(path), "_blank", "noopener");
}

/// Changes one parameter of the address without going anywhere.
pub fn set_query(name: &str, value: &str) {
    let location = window().location();
    let (Ok(search), Ok(path)) = (location.search(), location.pathname()) else { return };
    let Ok(parameters) = web_sys::UrlSearchParams::new_with_str(&search) else { return };
    parameters.set(name, value);
    let address = format!("{path}?{}", parameters.to_string());
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

/// Where the page lies: everything before the first known route segment, without a slash at the end.
pub fn base_path() -> String {
    base_of(&window().location().pathname().unwrap_or_default())
}

fn base_of(path: &str) -> String {
    let mut base = String::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        if matches!(segment, "topics" | "groups" | "clients" | "storage" | "consumer" | "lab") || last {
            break;
        }
        base.push('/');
        base.push_str(segment);
    }
    base
}

/// `/a/b/index.html` is `/a/b/`.
pub fn drop_index_html() {
    let Ok(path) = window().location().pathname() else { return };
    let Some(folder) = path.strip_suffix("index.html") else { return };
    let search = window().location().search().unwrap_or_default();
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("{folder}{search}")));
    }
}

/// The address of a page of ours, for another person.
pub fn whole_address(path: &str) -> String {
    format!("{}{}", window().location().origin().unwrap_or_default(), within_page(path))
}

/// To the clipboard; a browser may refuse, or have none for a page like this.
pub async fn copy(text: &str) -> bool {
    let get = |object: &JsValue, name: &str| js_sys::Reflect::get(object, &name.into());
    let clipboard = get(&window().navigator(), "clipboard");
    let write =
        clipboard.as_ref().ok().and_then(|c| get(c, "writeText").ok()?.dyn_into::<js_sys::Function>().ok());
    let (Ok(clipboard), Some(write)) = (clipboard, write) else { return false };
    let Ok(promise) = write.call1(&clipboard, &text.into()) else { return false };
    wasm_bindgen_futures::JsFuture::from(js_sys::Promise::from(promise)).await.is_ok()
}

/// Hands a file to the user.
pub fn download_blob(name: &str, blob: &web_sys::Blob) {
    let Ok(url) = web_sys::Url::create_object_url_with_blob(blob) else { return };
    if let Some(link) =
        document().create_element("a").ok().and_then(|e| e.dyn_into::<web_sys::HtmlAnchorElement>().ok())
    {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    let _ = web_sys::Url::revoke_object_url(&url);
}

/// Sixteenths of a rem in pixels: pictures are drawn in them, so that they grow with the page.
pub fn unit_px() -> f64 {
    let root = document().document_element();
    let style = root.and_then(|root| window().get_computed_style(&root).ok().flatten());
    let size = style.and_then(|style| style.get_property_value("font-size").ok());
    size.and_then(|size| size.trim_end_matches("px").parse::<f64>().ok()).unwrap_or(16.0) / 16.0
}

pub fn window_height() -> f64 {
    window().inner_height().ok().and_then(|h| h.as_f64()).unwrap_or(800.0)
}

pub fn has_shared_worker() -> bool {
    js_sys::Reflect::has(&window(), &"SharedWorker".into()).unwrap_or(false)
}

/// An address beside the page, whole.
pub fn beside_page(file: &str) -> String {
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    web_sys::Url::new_with_base(file, &base).map(|url| url.href()).unwrap_or_default()
}

/// The address of a page of ours; `path` begins with `/`.
pub fn within_page(path: &str) -> String {
    format!("{}{path}", base_path())
}
