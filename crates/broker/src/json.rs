//! JSON, written: what the feed of events needs of it and no more. A library for it weighs more than the feed.
//!
//! Never knows: what it says.

use std::fmt::Write;
use tablog_record::SortedMap;

/// Something that can be said in JSON.
pub(crate) trait Json {
    fn write(&self, out: &mut String);
}

/// A struct whose fields are said under their names.
macro_rules! json_object {
    ($type:ty: $($field:ident),*) => {
        impl $crate::json::Json for $type {
            fn write(&self, out: &mut String) {
                let mut object = $crate::json::Object::begin(out);
                $(object.field(stringify!($field), &self.$field);)*
                object.end();
            }
        }
    };
}
pub(crate) use json_object;

/// An object under way.
pub(crate) struct Object<'a> {
    out: &'a mut String,
}

impl<'a> Object<'a> {
    pub fn begin(out: &'a mut String) -> Object<'a> {
        out.push('{');
        Object { out }
    }

    pub fn field(&mut self, name: &str, value: &dyn Json) {
        separate(self.out);
        write_text(name, self.out);
        self.out.push(':');
        value.write(self.out);
    }

    pub fn end(self) {
        self.out.push('}');
    }
}

/// A comma, unless this is the first.
fn separate(out: &mut String) {
    if !out.ends_with(['{', '[']) {
        out.push(',');
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\0'..' ' => write!(out, "\\u{:04x}", u32::from(letter)).expect("a string takes any text"),
            _ => out.push(letter),
        }
    }
    out.push('"');
}

impl Json for str {
    fn write(&self, out: &mut String) {
        write_text(self, out);
    }
}

impl Json for &str {
    fn write(&self, out: &mut String) {
        write_text(self, out);
    }
}

impl Json for String {
    fn write(&self, out: &mut String) {
        write_text(self, out);
    }
}

macro_rules! json_numbers {
    ($($number:ty)*) => { $(
        impl Json for $number {
            fn write(&self, out: &mut String) {
                out.push_str(&self.to_string());
            }
        }
    )* };
}

json_numbers! { i32 i64 u64 }

impl<T: Json> Json for Option<T> {
    fn write(&self, out: &mut String) {
        match self {
            Some(value) => value.write(out),
            None => out.push_str("null"),
        }
    }
}

impl<T: Json> Json for Vec<T> {
    fn write(&self, out: &mut String) {
        out.push('[');
        for item in self {
            separate(out);
            item.write(out);
        }
        out.push(']');
    }
}

impl<T: Json> Json for SortedMap<String, T> {
    fn write(&self, out: &mut String) {
        let mut object = Object::begin(out);
        for (name, value) in self {
            object.field(name, value);
        }
        object.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing {
        name: String,
        parts: Vec<i32>,
        inner: SortedMap<String, Vec<Inner>>,
        nothing: Option<String>,
    }

    struct Inner {
        bytes: u64,
    }

    json_object!(Thing: name, parts, inner, nothing);
    json_object!(Inner: bytes);

    #[test]
    fn another_program_reads_it() {
        let name = "\"quoted\" \\ \n\t\u{0}\u{1f} 한국어 🚀 {[".to_string();
        let inner = [
            ("a[".to_string(), vec![Inner { bytes: u64::MAX }, Inner { bytes: 0 }]),
            ("b".to_string(), vec![]),
        ];
        let thing = Thing { name: name.clone(), parts: vec![1, -2], inner: inner.into(), nothing: None };
        let mut text = String::new();
        thing.write(&mut text);
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        let expected = serde_json::json!({
            "name": name,
            "parts": [1, -2],
            "inner": { "a[": [{ "bytes": u64::MAX }, { "bytes": 0 }], "b": [] },
            "nothing": null,
        });
        assert_eq!(read, expected, "{text}");
    }
}
