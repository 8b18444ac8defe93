//! A file to be imported: NDJSON, a JSON array, or CSV with a heading. Broken lines are reported with their numbers,
//! the rest is offered.

use crate::model::limits::BROKEN_LINES_SHOWN;
use crate::model::packing::{packed_enum, packed_struct};
use serde_json::{Map, Value};

#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    pub format: Format,
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
    pub broken: Vec<Broken>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Ndjson,
    Json,
    Csv,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Counted from 1, as editors do.
    pub line: usize,
    pub fields: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Broken {
    pub line: usize,
    pub text: String,
    pub why: Why,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    NotJson,
    Fields { has: usize, heading: usize },
    OpenQuote,
}

/// What the page shows of an import: the file itself stays where it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    pub format: Format,
    pub columns: Vec<String>,
    pub rows: u64,
    pub preview: Vec<PreviewRow>,
    /// The first of them.
    pub broken: Vec<Broken>,
    pub broken_lines: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PreviewRow {
    pub line: usize,
    /// One a column, none where the row lacks it.
    pub fields: Vec<Option<PreviewField>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PreviewField {
    pub shown: String,
    /// The key that the row has by this column.
    pub key: Option<String>,
}

const PREVIEW_ROWS: usize = 5;

/// None: the file is none of the three.
pub fn parse(name: &str, text: &str) -> Option<Import> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let extension = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match (extension.as_str(), text.trim_start().chars().next()) {
        (_, None) => None,
        ("csv" | "tsv", _) => csv(text),
        (_, Some('[')) => array(text),
        (_, Some('{')) => Some(ndjson(text)),
        ("json" | "ndjson" | "jsonl", _) => Some(ndjson(text)),
        _ => csv(text),
    }
}

fn array(text: &str) -> Option<Import> {
    let Ok(Value::Array(items)) = serde_json::from_str::<Value>(text) else {
        // An array a line, or a broken array: line by line says where.
        let lines = ndjson(text);
        return (!lines.rows.is_empty()).then_some(lines);
    };
    let rows = items.into_iter().enumerate().map(|(i, fields)| Row { line: i + 1, fields }).collect();
    Some(with_columns(Format::Json, rows, Vec::new()))
}

fn ndjson(text: &str) -> Import {
    let (mut rows, mut broken) = (Vec::new(), Vec::new());
    for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(fields) => rows.push(Row { line: i + 1, fields }),
            Err(_) => broken.push(Broken { line: i + 1, text: cut(line), why: Why::NotJson }),
        }
    }
    with_columns(Format::Ndjson, rows, broken)
}

fn with_columns(format: Format, rows: Vec<Row>, broken: Vec<Broken>) -> Import {
    let mut columns = Vec::new();
    for row in rows.iter().take(100) {
        for name in row.fields.as_object().into_iter().flat_map(Map::keys) {
            if !columns.contains(name) && columns.len() < 64 {
                columns.push(name.clone());
            }
        }
    }
    Import { format, columns, rows, broken }
}

fn csv(text: &str) -> Option<Import> {
    let heading_line = text.lines().next()?;
    let separator = [',', '\t', ';'].into_iter().max_by_key(|c| heading_line.matches(*c).count())?;
    let mut lines = CsvLines { rest: text, line: 1, separator };
    let columns = lines.next()?.fields.ok()?;
    if columns.iter().any(String::is_empty) || columns.iter().any(|c| c.contains('\u{0}')) {
        return None;
    }
    let (mut rows, mut broken) = (Vec::new(), Vec::new());
    for CsvLine { line, raw, fields } in lines {
        match fields {
            Ok(fields) if fields.len() == columns.len() => {
                let pairs = columns.iter().cloned().zip(fields.into_iter().map(number_or_text));
                rows.push(Row { line, fields: Value::Object(pairs.collect()) });
            }
            Ok(fields) if fields.len() == 1 && fields[0].is_empty() => {}
            Ok(fields) => {
                let why = Why::Fields { has: fields.len(), heading: columns.len() };
                broken.push(Broken { line, text: cut(raw), why });
            }
            Err(OpenQuote) => broken.push(Broken { line, text: cut(raw), why: Why::OpenQuote }),
        }
    }
    Some(Import { format: Format::Csv, columns, rows, broken })
}

struct CsvLines<'a> {
    rest: &'a str,
    line: usize,
    separator: char,
}

struct CsvLine<'a> {
    line: usize,
    raw: &'a str,
    fields: Result<Vec<String>, OpenQuote>,
}

struct OpenQuote;

impl<'a> Iterator for CsvLines<'a> {
    type Item = CsvLine<'a>;

    /// One record, which a quoted line break may spread over several lines.
    fn next(&mut self) -> Option<CsvLine<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let (mut fields, mut field) = (Vec::new(), String::new());
        let (mut quoted, mut breaks) = (false, 0);
        let mut chars = self.rest.char_indices().peekable();
        let mut end = self.rest.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' if quoted && chars.peek().is_some_and(|(_, c)| *c == '"') => {
                    field.push('"');
                    chars.next();
                }
                '"' if quoted => quoted = false,
                '"' if field.is_empty() => quoted = true,
                '\n' if !quoted => {
                    end = at + 1;
                    breaks += 1;
                    break;
                }
                c if c == self.separator && !quoted => fields.push(std::mem::take(&mut field)),
                '\r' if !quoted => {}
                c => {
                    breaks += usize::from(c == '\n');
                    field.push(c);
                }
            }
        }
        let line = self.line;
        if quoted {
            // The quote is never closed: only this line is broken.
            end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
            breaks = 1;
        }
        let raw = self.rest[..end].trim_end();
        self.rest = &self.rest[end..];
        self.line += breaks;
        fields.push(field);
        Some(CsvLine { line, raw, fields: if quoted { Err(OpenQuote) } else { Ok(fields) } })
    }
}

fn number_or_text(field: String) -> Value {
    let canonical = field.parse::<i64>().ok().filter(|n| n.to_string() == field);
    canonical.map_or(Value::String(field), Value::from)
}

fn cut(line: &str) -> String {
    line.chars().take(200).collect()
}

impl Import {
    pub fn offer(&self) -> Offer {
        let field = |row: &Row, column: &String| {
            let shown = match row.fields.get(column)? {
                Value::String(text) => cut(text),
                value => cut(&value.to_string()),
            };
            Some(PreviewField { shown, key: row.key(Some(column)) })
        };
        let preview = self.rows.iter().take(PREVIEW_ROWS).map(|row| PreviewRow {
            line: row.line,
            fields: self.columns.iter().map(|column| field(row, column)).collect(),
        });
        Offer {
            format: self.format,
            columns: self.columns.clone(),
            rows: self.rows.len() as u64,
            preview: preview.collect(),
            broken: self.broken.iter().take(BROKEN_LINES_SHOWN).cloned().collect(),
            broken_lines: self.broken.len() as u64,
        }
    }
}

packed_struct! {
    Offer { format, columns, rows, preview, broken, broken_lines }
    PreviewRow { line, fields }
    PreviewField { shown, key }
    Broken { line, text, why }
}

packed_enum! { Format { 0 Ndjson, 1 Json, 2 Csv } }
packed_enum! { Why { 0 NotJson, 1 Fields { has, heading }, 2 OpenQuote } }

impl Row {
    /// The key by a column: text as it is, anything else as JSON; a missing column is no key.
    pub fn key(&self, column: Option<&str>) -> Option<String> {
        match self.fields.get(column?)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    pub fn value(&self) -> String {
        self.fields.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_lines_have_numbers_and_the_rest_is_offered() {
        let text = "date,delay,origin\n2001,5,ATL\n2001,,\n\"a\nb\",1,LAX\n1,2\n\"open,1,SFO\nx,-3,SEA\n";
        let import = parse("f.csv", text).unwrap();
        assert_eq!(import.rows.len(), 4);
        assert_eq!(import.rows[0].value(), r#"{"date":2001,"delay":5,"origin":"ATL"}"#);
        assert_eq!(import.rows[0].key(Some("origin")).as_deref(), Some("ATL"));
        let broken: Vec<_> = import.broken.iter().map(|b| (b.line, b.why.clone())).collect();
        assert_eq!(broken, [(6, Why::Fields { has: 2, heading: 3 }), (7, Why::OpenQuote)]);
        assert_eq!(import.rows[3].line, 8);
    }

    #[test]
    fn json_comes_as_lines_or_as_one_array() {
        let import = parse("x", "{\"a\":1}\nnope\n\n{\"b\":\"k\"}\n").unwrap();
        assert_eq!((import.format, import.rows.len(), import.broken[0].line), (Format::Ndjson, 2, 2));
        assert_eq!(import.columns, ["a", "b"]);
        assert_eq!(parse("x.json", "[1,{\"a\":2}]").unwrap().rows.len(), 2);
        assert_eq!(parse("x.json", "   "), None);
    }
}
