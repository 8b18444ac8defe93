//! Words. Every text of the dashboard is a template in `locales/`, put together by Fluent; a sentence is a whole
//! template, never glued. What comes from outside enters a template as an argument and is never read as markup.
//!
//! Never knows: the DOM.

mod number;
mod particle;

use crate::model::colour::Tile;
use crate::model::message::{Argument, Message};
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use std::cell::RefCell;
use unic_langid::LanguageIdentifier;

const ENGLISH: &str = include_str!("../locales/en/main.ftl");
const KOREAN: &str = include_str!("../locales/ko/main.ftl");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    Korean,
}

/// A piece of a sentence. Markup is the template's own: `<b>`, `<code>` and an argument of tiles.
#[derive(Clone, Debug, PartialEq)]
pub enum Segment {
    Text(String),
    Strong(String),
    Code(String),
    Tiles(Vec<Tile>),
}

impl Language {
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Korean => "ko",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        match code.get(..2) {
            Some("en") => Some(Language::English),
            Some("ko") => Some(Language::Korean),
            _ => None,
        }
    }
}

thread_local! {
    static BUNDLES: RefCell<[Option<FluentBundle<FluentResource>>; 2]> = const { RefCell::new([None, None]) };
}

/// A message as plain text: tiles become their numbers.
pub fn say(language: Language, message: &Message) -> String {
    segments(language, message)
        .into_iter()
        .map(|segment| match segment {
            Segment::Text(text) | Segment::Strong(text) | Segment::Code(text) => text,
            Segment::Tiles(tiles) => {
                tiles.iter().map(|t| t.partition.to_string()).collect::<Vec<_>>().join(", ")
            }
        })
        .collect()
}

pub fn segments(language: Language, message: &Message) -> Vec<Segment> {
    let mut tiles = Vec::new();
    split(&unescaped_format(language, message, &mut tiles), &tiles)
}

// In a formatted sentence `<` opens the template's own markup; a `<` of an argument travels as this character.
const LESS_THAN: char = '\u{e000}';
// An argument of tiles travels as its number between these.
const TILES_BEGIN: char = '\u{e001}';
const TILES_END: char = '\u{e002}';

fn unescaped_format(language: Language, message: &Message, tiles: &mut Vec<Vec<Tile>>) -> String {
    let mut arguments = FluentArgs::new();
    for (name, argument) in &message.arguments {
        match argument {
            Argument::Number(value, decimals) => arguments.set(*name, number::fluent(*value, *decimals)),
            Argument::Text(text) => arguments.set(*name, escape(text)),
            Argument::Message(inner) => arguments.set(*name, unescaped_format(language, inner, tiles)),
            Argument::Tiles(list) => {
                tiles.push(list.clone());
                // The number between the marks also lets a particle after the tiles be chosen by the last of them.
                let last = list.last().map_or(0, |t| t.partition);
                arguments.set(*name, format!("{TILES_BEGIN}{}:{last}{TILES_END}", tiles.len() - 1));
            }
        }
    }
    with_bundle(language, |bundle| {
        let Some(pattern) = bundle.get_message(message.key).and_then(|m| m.value()) else {
            return message.key.to_owned();
        };
        let mut errors = Vec::new();
        bundle.format_pattern(pattern, Some(&arguments), &mut errors).into_owned()
    })
}

fn escape(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '<' => LESS_THAN,
            LESS_THAN | TILES_BEGIN | TILES_END => '\u{fffd}',
            c => c,
        })
        .collect()
}

fn split(formatted: &str, tiles: &[Vec<Tile>]) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut rest = formatted;
    let restore = |text: &str| text.replace(LESS_THAN, "<");
    while let Some(at) = rest.find(['<', TILES_BEGIN]) {
        if at > 0 {
            segments.push(Segment::Text(restore(&rest[..at])));
        }
        let tail = &rest[at..];
        let element = |open: &str, close: &str| {
            let body = tail.strip_prefix(open)?;
            let end = body.find(close)?;
            Some((body[..end].to_owned(), &body[end + close.len()..]))
        };
        if let Some((body, after)) = element("<b>", "</b>") {
            segments.push(Segment::Strong(restore(&body)));
            rest = after;
        } else if let Some((body, after)) = element("<code>", "</code>") {
            segments.push(Segment::Code(restore(&body)));
            rest = after;
        } else if let Some((body, after)) = element("\u{e001}", "\u{e002}") {
            let index = body.split(':').next().and_then(|i| i.parse::<usize>().ok());
            segments.push(Segment::Tiles(index.and_then(|i| tiles.get(i)).cloned().unwrap_or_default()));
            rest = after;
        } else {
            let mut skip = tail.char_indices();
            skip.next();
            rest = skip.next().map_or("", |(next, _)| &tail[next..]);
        }
    }
    if !rest.is_empty() {
        segments.push(Segment::Text(restore(rest)));
    }
    segments
}

fn with_bundle<R>(language: Language, f: impl FnOnce(&FluentBundle<FluentResource>) -> R) -> R {
    BUNDLES.with_borrow_mut(|bundles| f(bundles[language as usize].get_or_insert_with(|| bundle(language))))
}

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let source = match language {
        Language::English => ENGLISH,
        Language::Korean => KOREAN,
    };
    let locale: LanguageIdentifier = language.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new(vec![locale]);
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(number::grouped));
    // A broken entry is left out here and caught by the test below.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    let particle = bundle.add_function("PARTICLE", |positional, _named| match positional {
        [FluentValue::String(word), FluentValue::String(pair)] => {
            FluentValue::from(particle::choose(word, pair).to_owned())
        }
        [FluentValue::Number(n), FluentValue::String(pair)] => {
            FluentValue::from(particle::choose(&number::digits(n), pair).to_owned())
        }
        _ => FluentValue::Error,
    });
    debug_assert!(particle.is_ok());
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn entries(source: &str) -> BTreeMap<String, BTreeSet<String>> {
        let resource =
            FluentResource::try_new(source.to_owned()).map_err(|(_, e)| e).expect("no broken entry");
        assert!(resource.entries().count() > 0);
        let mut entries = BTreeMap::new();
        let mut key = None;
        for line in source.lines() {
            if let Some((name, _)) = line.split_once(" =").filter(|(n, _)| !n.starts_with([' ', '#', '['])) {
                assert!(!entries.contains_key(name), "{name} twice");
                entries.insert(name.to_owned(), BTreeSet::new());
                key = Some(name.to_owned());
            }
            for piece in line.split('$').skip(1) {
                let name: String =
                    piece.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                if let Some(variables) = key.as_ref().and_then(|k| entries.get_mut(k)) {
                    variables.insert(name);
                }
            }
        }
        entries
    }

    #[test]
    fn both_languages_have_the_same_templates() {
        let (english, korean) = (entries(ENGLISH), entries(KOREAN));
        for (key, variables) in &english {
            let other = korean.get(key).unwrap_or_else(|| panic!("{key} is missing in Korean"));
            assert!(other.is_subset(variables), "{key}: {other:?} has more than {variables:?}");
        }
        for key in korean.keys() {
            assert!(english.contains_key(key), "{key} is missing in English");
        }
    }

    #[test]
    fn every_key_in_the_code_has_a_template() {
        let english = entries(ENGLISH);
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        let mut seen = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let source = std::fs::read_to_string(&path).unwrap();
                for opening in
                    ["Message::new(\"", "{t(\"", "=t(\"", " t(\"", "key: \"", "label=\"", "head=\""]
                {
                    for piece in source.split(opening).skip(1) {
                        let key = piece.split('"').next().unwrap();
                        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                        if key.contains('-') && key.chars().all(plain) {
                            seen += 1;
                            assert!(english.contains_key(key), "{} uses {key}", path.display());
                        }
                    }
                }
            }
        }
        assert!(seen > 200, "{seen}");
    }

    #[test]
    fn what_comes_from_outside_is_never_markup() {
        let message = Message::new("feed-topic-created").text("topic", "<b>x</b>").number("partitions", 2.0);
        assert!(segments(Language::English, &message).contains(&Segment::Strong("<b>x</b>".into())));
    }

    #[test]
    fn none_at_all_has_words_of_its_own() {
        let message = Message::new("headline-clients")
            .number("producers", 0.0)
            .number("consumers", 1.0)
            .number("frozen", 0.0);
        assert_eq!(say(Language::English, &message), "No producer and one consumer run in this tab.");
    }

    #[test]
    fn numbers_are_grouped_and_particles_follow_the_last_sound() {
        let message = Message::new("records").number("n", 20_000.0);
        assert_eq!(say(Language::English, &message), "20,000 records");
        for (word, want) in [("consumer-2", "가"), ("consumer-3", "이"), ("항공", "이"), ("바다", "가")]
        {
            assert_eq!(particle::choose(word, "이/가"), want);
        }
    }
}
