//! The language of the page. When it changes, the app draws everything anew: a text need not follow it by itself.

use leptos::prelude::*;
use std::cell::Cell;
use tablog_dashboard::i18n::{self, Language, Segment};
use tablog_dashboard::model::message::Message;

thread_local! {
    static LANGUAGE: Cell<Option<RwSignal<Language>>> = const { Cell::new(None) };
}

const STORED: &str = "tablog.language";

/// `?lang=`, or what was chosen before, or what the browser speaks.
pub fn begin(asked: Option<String>) {
    let stored = || crate::browser::stored(STORED);
    let spoken = || window().navigator().language();
    let language = asked
        .as_deref()
        .and_then(Language::from_code)
        .or_else(|| stored().as_deref().and_then(Language::from_code))
        .or_else(|| spoken().as_deref().and_then(Language::from_code))
        .unwrap_or(Language::English);
    LANGUAGE.set(Some(RwSignal::new(language)));
    tell_document(language);
}

pub fn language() -> RwSignal<Language> {
    LANGUAGE.get().unwrap_or_else(|| {
        let signal = RwSignal::new(Language::English);
        LANGUAGE.set(Some(signal));
        signal
    })
}

pub fn choose(language: Language) {
    crate::browser::store(STORED, language.code());
    crate::browser::set_query("lang", language.code());
    tell_document(language);
    self::language().set(language);
}

fn tell_document(language: Language) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("lang", language.code());
    }
}

/// A text without arguments, to be put into a view.
pub fn t(key: &'static str) -> impl Fn() -> String + Copy + Send + Sync + 'static {
    move || words(&Message { key, arguments: Vec::new() })
}

/// A message in the language of the moment.
pub fn words(message: &Message) -> String {
    i18n::say(language().get_untracked(), message)
}

pub fn segments(message: &Message) -> Vec<Segment> {
    i18n::segments(language().get_untracked(), message)
}
