//! The model of a message schema: what a file in `crates/wire/schemas` says.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// One message or record: its top struct first, then the structs that it is made of.
#[derive(Debug)]
pub struct Schema {
    pub name: String,
    pub kind: Kind,
    pub api_key: Option<i16>,
    pub versions: Versions,
    pub flexible: Versions,
    pub latest_unstable: Stability,
    pub structs: Vec<Struct>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Request,
    Response,
    Data,
    CoordinatorKey,
    CoordinatorValue,
    Metadata,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stability {
    Stable,
    LatestUnstable,
}

#[derive(Debug)]
pub struct Struct {
    pub name: String,
    /// The versions in which the struct can be met at all.
    pub domain: Versions,
    pub fields: Vec<Field>,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub ty: Type,
    pub versions: Versions,
    pub nullable: Versions,
    pub tag: Option<u32>,
    pub default: Option<String>,
    pub ignorable: Ignorable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignorable {
    Yes,
    No,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U16,
    U32,
    F64,
    Uuid,
    String,
    Bytes,
    Records,
    Struct(String),
    Array(Box<Type>),
}

/// `low..=high`; empty when low is above high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    pub low: i16,
    pub high: i16,
}

impl Versions {
    pub const NONE: Versions = Versions { low: 1, high: 0 };

    pub fn parse(text: &str) -> Result<Versions, String> {
        let number = |text: &str| text.parse::<i16>().map_err(|_| format!("no version: {text}"));
        match text {
            "none" => Ok(Versions::NONE),
            _ if text.ends_with('+') => {
                Ok(Versions { low: number(&text[..text.len() - 1])?, high: i16::MAX })
            }
            _ => match text.split_once('-') {
                Some((low, high)) => Ok(Versions { low: number(low)?, high: number(high)? }),
                None => Ok(Versions { low: number(text)?, high: number(text)? }),
            },
        }
    }

    pub fn is_empty(self) -> bool {
        self.low > self.high
    }

    pub fn and(self, other: Versions) -> Versions {
        let both = Versions { low: self.low.max(other.low), high: self.high.min(other.high) };
        if both.is_empty() { Versions::NONE } else { both }
    }

    /// The smallest range that holds both.
    pub fn hull(self, other: Versions) -> Versions {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => other,
            (_, true) => self,
            _ => Versions { low: self.low.min(other.low), high: self.high.max(other.high) },
        }
    }

    pub fn contains(self, version: i16) -> bool {
        self.low <= version && version <= self.high
    }
}

impl Type {
    fn parse(text: &str) -> Type {
        match text {
            "bool" => Type::Bool,
            "int8" => Type::I8,
            "int16" => Type::I16,
            "int32" => Type::I32,
            "int64" => Type::I64,
            "uint16" => Type::U16,
            "uint32" => Type::U32,
            "float64" => Type::F64,
            "uuid" => Type::Uuid,
            "string" => Type::String,
            "bytes" => Type::Bytes,
            "records" => Type::Records,
            _ => match text.strip_prefix("[]") {
                Some(element) => Type::Array(Box::new(Type::parse(element))),
                None => Type::Struct(text.to_string()),
            },
        }
    }

    /// The struct that this type is or is an array of.
    pub fn struct_name(&self) -> Option<&str> {
        match self {
            Type::Struct(name) => Some(name),
            Type::Array(element) => element.struct_name(),
            _ => None,
        }
    }
}

impl Field {
    /// The name in Rust.
    pub fn ident(&self) -> String {
        let name = snake_case(&self.name);
        match name.as_str() {
            "type" | "match" | "ref" | "move" | "use" | "in" => format!("r#{name}"),
            _ => name,
        }
    }

    pub fn is_optional(&self) -> bool {
        !self.nullable.is_empty() || self.ty == Type::Records
    }
}

impl Schema {
    /// Every schema of a folder and the folders in it, in the order of their paths.
    pub fn read_folder(folder: &Path) -> Result<Vec<Schema>, String> {
        let mut schemas = Vec::new();
        for name in names_in(folder)? {
            let path = folder.join(&name);
            if path.is_dir() {
                schemas.extend(Schema::read_folder(&path)?);
            } else if name.ends_with(".json") {
                let text = fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
                schemas.push(Schema::parse(&text).map_err(|error| format!("{name}: {error}"))?);
            }
        }
        Ok(schemas)
    }

    pub fn parse(text: &str) -> Result<Schema, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let kind = match text_of(&value, "type")?.as_str() {
            "request" => Kind::Request,
            "response" => Kind::Response,
            "data" => Kind::Data,
            "coordinator-key" => Kind::CoordinatorKey,
            "coordinator-value" => Kind::CoordinatorValue,
            "metadata" => Kind::Metadata,
            other => return Err(format!("unknown kind of schema {other}")),
        };
        let versions = Versions::parse(&text_of(&value, "validVersions")?)?;
        let mut definitions = BTreeMap::new();
        for common in list_of(&value, "commonStructs") {
            let fields = fields_of(common, &mut definitions)?;
            definitions.insert(text_of(common, "name")?, fields);
        }
        let name = text_of(&value, "name")?;
        let fields = fields_of(&value, &mut definitions)?;
        let mut structs = vec![Struct { name: name.clone(), domain: versions, fields: fields.clone() }];
        collect(&fields, versions, &definitions, &mut structs)?;
        Ok(Schema {
            kind,
            api_key: value.get("apiKey").and_then(Value::as_i64).map(|key| key as i16),
            flexible: Versions::parse(&text_of(&value, "flexibleVersions")?)?.and(versions),
            latest_unstable: match value.get("latestVersionUnstable").and_then(Value::as_bool) {
                Some(true) => Stability::LatestUnstable,
                _ => Stability::Stable,
            },
            name,
            versions,
            structs,
        })
    }

    pub fn module(&self) -> String {
        snake_case(&self.name)
    }

    /// The fewest bytes that a value of the struct takes on the wire in any version.
    pub fn least_size(&self, name: &str) -> usize {
        let Some(found) = self.structs.iter().find(|found| found.name == name) else { return 1 };
        let of_version = |version: i16| {
            let compact = self.flexible.contains(version);
            let fields =
                found.fields.iter().filter(|field| field.tag.is_none() && field.versions.contains(version));
            fields.map(|field| self.least_field(field, compact)).sum::<usize>() + usize::from(compact)
        };
        (found.domain.low..=found.domain.high).map(of_version).min().unwrap_or(1).max(1)
    }

    fn least_field(&self, field: &Field, compact: bool) -> usize {
        match &field.ty {
            Type::Bool | Type::I8 => 1,
            Type::I16 | Type::U16 => 2,
            Type::I32 | Type::U32 => 4,
            Type::I64 | Type::F64 => 8,
            Type::Uuid => 16,
            Type::Struct(name) if field.nullable.is_empty() => self.least_size(name),
            _ if compact => 1,
            Type::Struct(_) => 1,
            Type::String => 2,
            Type::Bytes | Type::Records | Type::Array(_) => 4,
        }
    }
}

pub fn snake_case(name: &str) -> String {
    let mut out = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (index, letter) in letters.iter().enumerate() {
        let after_lower = index > 0 && !letters[index - 1].is_ascii_uppercase();
        let before_lower = letters.get(index + 1).is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && index > 0 && (after_lower || before_lower) {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

pub fn names_in(folder: &Path) -> Result<Vec<String>, String> {
    let place = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(place)? {
        names.push(entry.map_err(place)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

type Definitions = BTreeMap<String, Vec<Field>>;

fn fields_of(value: &Value, definitions: &mut Definitions) -> Result<Vec<Field>, String> {
    let mut fields = Vec::new();
    for item in list_of(value, "fields") {
        let name = text_of(item, "name")?;
        let ty = Type::parse(&text_of(item, "type")?);
        let versions = Versions::parse(&text_of(item, "versions")?)?;
        let of = |key: &str| match item.get(key).and_then(Value::as_str) {
            Some(text) => Versions::parse(text),
            None => Ok(Versions::NONE),
        };
        let tagged = of("taggedVersions")?;
        let tag = item.get("tag").and_then(Value::as_u64).map(|tag| tag as u32);
        if tag.is_some() && tagged != versions {
            return Err(format!("{name}: tagged in some of its versions only"));
        }
        if let Some(inner) = ty.struct_name()
            && item.get("fields").is_some()
        {
            let inner_fields = fields_of(item, definitions)?;
            definitions.insert(inner.to_string(), inner_fields);
        }
        let default = match item.get("default") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
        };
        let ignorable = match item.get("ignorable").and_then(Value::as_bool) {
            Some(true) => Ignorable::Yes,
            _ => Ignorable::No,
        };
        fields.push(Field { nullable: of("nullableVersions")?, name, ty, versions, tag, default, ignorable });
    }
    Ok(fields)
}

/// Puts the structs that the fields are made of behind those already found.
fn collect(
    fields: &[Field],
    domain: Versions,
    definitions: &Definitions,
    structs: &mut Vec<Struct>,
) -> Result<(), String> {
    for field in fields {
        let Some(name) = field.ty.struct_name() else { continue };
        let inner = definitions.get(name).ok_or_else(|| format!("no struct {name}"))?;
        let met = domain.and(field.versions);
        match structs.iter_mut().find(|found| found.name == name) {
            Some(found) => found.domain = found.domain.hull(met),
            None => structs.push(Struct { name: name.to_string(), domain: met, fields: inner.clone() }),
        }
        collect(inner, met, definitions, structs)?;
    }
    Ok(())
}

fn text_of(value: &Value, key: &str) -> Result<String, String> {
    value.get(key).and_then(Value::as_str).map(str::to_string).ok_or_else(|| format!("no {key}"))
}

fn list_of<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
