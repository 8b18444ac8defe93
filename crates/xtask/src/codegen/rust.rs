//! Writes the Rust of one schema: its structs, their defaults, `Encode` and `Decode`.

use super::schema::{Field, Ignorable, Kind, Schema, Stability, Struct, Type, Versions};
use std::fmt::Write as _;

/// The file of one message or record.
pub fn module(schema: &Schema, all: &[Schema]) -> Result<String, String> {
    let mut out =
        head(&format!("{}, versions {} to {}.", schema.name, schema.versions.low, schema.versions.high));
    let mut body = String::new();
    for (index, found) in schema.structs.iter().enumerate() {
        write_struct(found, &mut body);
        write_default(found, &mut body);
        write_encode(schema, found, index == 0, &mut body);
        write_decode(schema, found, index == 0, &mut body);
        if index == 0 {
            write_traits(schema, all, &mut body)?;
        }
    }
    let codec = ["Decode", "Encode", "Message", "Reader", "Writer"];
    let mut names: Vec<&str> = codec.into_iter().collect();
    names.extend(["EncodeError", "Form", "Request"].into_iter().filter(|name| mentions(&body, name)));
    names.extend(
        ["CoordinatorKey", "CoordinatorValue", "MetadataRecord"]
            .into_iter()
            .filter(|name| mentions(&body, name)),
    );
    let _ = writeln!(out, "use crate::codec::{{self, {}}};", names.join(", "));
    if mentions(&body, "ApiKey") {
        out.push_str("use crate::api_key::ApiKey;\n");
    }
    if mentions(&body, "Bytes") {
        out.push_str("use bytes::Bytes;\n");
    }
    if mentions(&body, "Uuid") {
        out.push_str("use tablog_record::Uuid;\n");
    }
    out.push_str(&body);
    Ok(out)
}

/// The file that lists the modules of a folder.
pub fn index(folder: &str, schemas: &[&Schema]) -> String {
    let what = if folder == "messages" { "The messages" } else { "The internal topics' records" };
    let mut out = head(&format!("{what}, one module each; the top struct of each is also named here."));
    for schema in schemas {
        let _ = writeln!(out, "pub mod {};", schema.module());
    }
    for schema in schemas {
        let _ = writeln!(out, "pub use {}::{};", schema.module(), schema.name);
    }
    out
}

/// The file of the API keys.
pub fn api_key(schemas: &[Schema]) -> Result<String, String> {
    let mut requests: Vec<&Schema> = schemas.iter().filter(|schema| schema.kind == Kind::Request).collect();
    requests.sort_by_key(|schema| schema.api_key);
    let mut out = head("The APIs that we have messages for, and which header each version of them has.");
    let (mut variants, mut from, mut names, mut flexible, mut known) =
        (String::new(), String::new(), String::new(), String::new(), String::new());
    for schema in &requests {
        let name = api_name(schema);
        let key = schema.api_key.ok_or("a request without an API key")?;
        let _ = writeln!(variants, "{name} = {key},");
        let _ = writeln!(from, "{key} => ApiKey::{name},");
        let _ = writeln!(names, "ApiKey::{name} => \"{name}\",");
        let first = if schema.flexible.is_empty() { i16::MAX } else { schema.flexible.low };
        let text = if first == i16::MAX { "i16::MAX".to_string() } else { first.to_string() };
        let _ = writeln!(flexible, "ApiKey::{name} => {text},");
        let unstable = i16::from(schema.latest_unstable == Stability::LatestUnstable);
        let _ = writeln!(
            known,
            "ApiKey::{name} => ({}, {}),",
            schema.versions.low,
            schema.versions.high - unstable
        );
    }
    let all: Vec<String> = requests.iter().map(|schema| format!("ApiKey::{}", api_name(schema))).collect();
    let _ = write!(
        out,
        "use std::fmt;
/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i16)]
pub enum ApiKey {{ {variants} }}

impl ApiKey {{
    /// Every API, in the order of the keys.
    pub const ALL: &[ApiKey] = &[{}];

    pub const fn code(self) -> i16 {{ self as i16 }}

    pub const fn from_i16(code: i16) -> Option<ApiKey> {{
        Some(match code {{ {from} _ => return None }})
    }}

    /// The name that Kafka's documentation uses.
    pub const fn name(self) -> &'static str {{ match self {{ {names} }} }}

    /// The first and the last stable version that the messages here know.
    pub const fn known_versions(self) -> (i16, i16) {{ match self {{ {known} }} }}

    /// The first version with compact lengths and tagged fields.
    const fn first_flexible(self) -> i16 {{ match self {{ {flexible} }} }}

    pub const fn is_flexible(self, version: i16) -> bool {{ version >= self.first_flexible() }}

    /// The version of the header before a request of this API.
    pub const fn request_header_version(self, version: i16) -> i16 {{
        if self.is_flexible(version) {{ 2 }} else {{ 1 }}
    }}

    /// The version of the header before a response. ApiVersions always has the oldest: its reader does
    /// not know yet what the other end speaks.
    pub const fn response_header_version(self, version: i16) -> i16 {{
        if self.is_flexible(version) && !matches!(self, ApiKey::ApiVersions) {{ 1 }} else {{ 0 }}
    }}
}}

impl fmt::Display for ApiKey {{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {{ f.write_str(self.name()) }}
}}
",
        all.join(", ")
    );
    Ok(out)
}

fn head(what: &str) -> String {
    format!("//! {what}\n//!\n//! @generated by `cargo xtask codegen`; edit the schema or the generator.\n\n")
}

fn mentions(body: &str, word: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    body.match_indices(word)
        .any(|(at, _)| !body[..at].ends_with(is_word) && !body[at + word.len()..].starts_with(is_word))
}

fn api_name(schema: &Schema) -> &str {
    schema.name.trim_end_matches("Request")
}

pub fn rust_type(field: &Field) -> String {
    let plain = plain_type(&field.ty);
    if field.is_optional() { format!("Option<{plain}>") } else { plain }
}

fn plain_type(ty: &Type) -> String {
    match ty {
        Type::Bool => "bool".into(),
        Type::I8 => "i8".into(),
        Type::I16 => "i16".into(),
        Type::I32 => "i32".into(),
        Type::I64 => "i64".into(),
        Type::U16 => "u16".into(),
        Type::U32 => "u32".into(),
        Type::F64 => "f64".into(),
        Type::Uuid => "Uuid".into(),
        Type::String => "String".into(),
        Type::Bytes | Type::Records => "Bytes".into(),
        Type::Struct(name) => name.clone(),
        Type::Array(element) => format!("Vec<{}>", plain_type(element)),
    }
}

fn write_struct(found: &Struct, out: &mut String) {
    let derive = if found.fields.iter().all(default_is_rusts) { ", Default" } else { "" };
    let _ = writeln!(out, "\n#[derive(Clone, Debug, PartialEq{derive})]\npub struct {} {{", found.name);
    for field in &found.fields {
        let _ = writeln!(out, "pub {}: {},", field.ident(), rust_type(field));
    }
    out.push_str("}\n");
}

fn write_default(found: &Struct, out: &mut String) {
    if found.fields.iter().all(default_is_rusts) {
        return;
    }
    let name = &found.name;
    let _ = writeln!(out, "\nimpl Default for {name} {{\nfn default() -> {name} {{\n{name} {{");
    for field in &found.fields {
        let _ = writeln!(out, "{}: {},", field.ident(), default_of(field));
    }
    out.push_str("}\n}\n}\n");
}

/// The default as Rust: the schema's, else zero, empty or a struct of defaults; records are null.
pub fn default_of(field: &Field) -> String {
    let default = field.default.as_deref();
    if field.ty == Type::Records || (field.is_optional() && default == Some("null")) {
        return "None".into();
    }
    let plain = match &field.ty {
        Type::Bool => default.unwrap_or("false").to_lowercase(),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::U16 | Type::U32 => number(default),
        Type::F64 => "0.0".into(),
        Type::Uuid => "Uuid::ZERO".into(),
        Type::String => match default {
            None | Some("") => "String::new()".into(),
            Some(text) => format!("{text:?}.to_string()"),
        },
        Type::Bytes | Type::Records => "Bytes::new()".into(),
        Type::Array(_) => "Vec::new()".into(),
        Type::Struct(name) => format!("{name}::default()"),
    };
    if field.is_optional() { format!("Some({plain})") } else { plain }
}

fn number(default: Option<&str>) -> String {
    let text = default.unwrap_or("0");
    match text.strip_prefix("0x").map(|digits| i64::from_str_radix(digits, 16)) {
        Some(Ok(value)) => value.to_string(),
        _ => text.to_string(),
    }
}

fn default_is_rusts(field: &Field) -> bool {
    match default_of(field).as_str() {
        "None" | "false" | "0" | "0.0" | "Uuid::ZERO" | "String::new()" | "Bytes::new()" | "Vec::new()" => {
            true
        }
        text => !field.is_optional() && matches!(field.ty, Type::Struct(_)) && text.ends_with("::default()"),
    }
}

/// A condition that holds where the field is not its default.
fn is_set(field: &Field) -> String {
    let name = field.ident();
    let default = default_of(field);
    match default.as_str() {
        "None" => format!("self.{name}.is_some()"),
        "false" => format!("self.{name}"),
        "true" => format!("!self.{name}"),
        "Uuid::ZERO" => format!("!self.{name}.is_zero()"),
        "String::new()" | "Bytes::new()" | "Vec::new()" => format!("!self.{name}.is_empty()"),
        "Some(String::new())" | "Some(Bytes::new())" | "Some(Vec::new())" => {
            format!("self.{name}.as_ref().is_none_or(|value| !value.is_empty())")
        }
        _ => format!("self.{name} != {default}"),
    }
}

/// A condition on `version`, or nothing where every version of the domain fulfils it.
pub fn when(versions: Versions, domain: Versions) -> Option<String> {
    let met = versions.and(domain);
    match (met.low == domain.low, met.high == domain.high) {
        _ if met.is_empty() => Some("false".into()),
        (true, true) => None,
        (false, true) => Some(format!("version >= {}", met.low)),
        (true, false) => Some(format!("version <= {}", met.high)),
        _ if met.low == met.high => Some(format!("version == {}", met.low)),
        _ => Some(format!("({}..={}).contains(&version)", met.low, met.high)),
    }
}

fn negate(condition: &str) -> String {
    match condition.split_once(' ').map(|(left, right)| (left, right.split_once(' '))) {
        Some((left, Some((">=", right)))) => format!("{left} < {right}"),
        Some((left, Some(("<=", right)))) => format!("{left} > {right}"),
        Some((left, Some(("==", right)))) => format!("{left} != {right}"),
        _ => format!("!{condition}"),
    }
}

fn form(schema: &Schema, domain: Versions) -> String {
    match when(schema.flexible, domain) {
        None => "Form::Flexible".into(),
        Some(text) if text == "false" => "Form::Classic".into(),
        Some(_) => "form".into(),
    }
}

fn write_form(schema: &Schema, domain: Versions, out: &mut String) {
    if form(schema, domain) == "form" {
        let _ = writeln!(out, "let form = Form::since({}, version);", schema.flexible.low);
    }
}

fn named_version(body: &str) -> &'static str {
    if mentions(body, "version") { "version" } else { "_version" }
}

fn write_encode(schema: &Schema, found: &Struct, is_top: bool, out: &mut String) {
    let form = form(schema, found.domain);
    let mut body = String::new();
    if is_top {
        body.push_str("codec::check_encodable::<Self>(out, version);\n");
    }
    write_form(schema, found.domain, &mut body);
    for field in found.fields.iter().filter(|field| !field.versions.and(found.domain).is_empty()) {
        write_encode_field(schema, found, field, &form, &mut body);
    }
    write_encode_tags(schema, found, &form, &mut body);
    let (name, version) = (&found.name, named_version(&body));
    let output = if mentions(&body, "out") { "out" } else { "_out" };
    let _ = writeln!(
        out,
        "\nimpl Encode for {name} {{
        fn write(&self, {output}: &mut Writer<'_>, {version}: i16) {{
        {body} }} }}"
    );
}

fn write_encode_field(schema: &Schema, found: &Struct, field: &Field, form: &str, body: &mut String) {
    let present = when(field.versions, found.domain);
    let refuse =
        format!("out.refuse(\"{}.{}\", version);", schema.name, field.ident().trim_start_matches("r#"));
    let put =
        if field.tag.is_some() { String::new() } else { put_versioned(schema, field, found.domain, form) };
    let absent_matters = field.ignorable == Ignorable::No;
    let _ = match (present, absent_matters, put.is_empty()) {
        (None, _, _) => writeln!(body, "{put}"),
        (Some(condition), true, true) => {
            writeln!(body, "if {} && {} {{ {refuse} }}", negate(&condition), is_set(field))
        }
        (Some(condition), true, false) => {
            writeln!(body, "if {condition} {{ {put} }} else if {} {{ {refuse} }}", is_set(field))
        }
        (Some(_), false, true) => Ok(()),
        (Some(condition), false, false) => writeln!(body, "if {condition} {{ {put} }}"),
    };
}

/// Puts a field where it is present, by the versions in which it may be null.
fn put_versioned(schema: &Schema, field: &Field, domain: Versions, form: &str) -> String {
    let met = field.versions.and(domain);
    let nullable = put(schema, field, form, Null::Allowed);
    if !field.is_optional() || field.ty == Type::Records && !field.nullable.is_empty() {
        return nullable;
    }
    let strict = put(schema, field, form, Null::Refused);
    match when(field.nullable, met) {
        None => nullable,
        Some(text) if text == "false" => strict,
        Some(condition) => format!("if {condition} {{ {nullable} }} else {{ {strict} }}"),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Null {
    Allowed,
    Refused,
}

fn put(schema: &Schema, field: &Field, form: &str, null: Null) -> String {
    let name = field.ident();
    let place = format!("\"{}.{}\"", schema.name, name.trim_start_matches("r#"));
    let reference = match &field.ty {
        Type::Struct(_) | Type::Records | Type::Bytes if field.is_optional() => {
            format!("self.{name}.as_ref()")
        }
        _ if field.is_optional() => format!("self.{name}.as_deref()"),
        _ => format!("&self.{name}"),
    };
    // A value is written alike where it may be null and where it may not.
    let (nullable, check) = match (field.is_optional(), null) {
        (true, Null::Allowed) => ("nullable_", String::new()),
        (true, Null::Refused) => {
            ("nullable_", format!("codec::check_present(out, self.{name}.is_some(), {place}); "))
        }
        _ => ("", String::new()),
    };
    let put = match &field.ty {
        Type::Bool => format!("codec::put_bool(out, self.{name});"),
        Type::I8 => format!("codec::put_i8(out, self.{name});"),
        Type::I16 => format!("codec::put_i16(out, self.{name});"),
        Type::I32 => format!("codec::put_i32(out, self.{name});"),
        Type::I64 => format!("codec::put_i64(out, self.{name});"),
        Type::U16 => format!("codec::put_u16(out, self.{name});"),
        Type::U32 => format!("codec::put_u32(out, self.{name});"),
        Type::F64 => format!("codec::put_f64(out, self.{name});"),
        Type::Uuid => format!("codec::put_uuid(out, self.{name});"),
        Type::String => format!("codec::put_{nullable}string(out, {reference}, {form});"),
        Type::Bytes | Type::Records => format!("codec::put_{nullable}bytes(out, {reference}, {form});"),
        Type::Struct(_) if nullable.is_empty() => format!("self.{name}.write(out, version);"),
        Type::Struct(_) if null == Null::Refused => {
            format!("if let Some(value) = {reference} {{ value.write(out, version); }}")
        }
        Type::Struct(_) if field.tag.is_some() => {
            format!("codec::put_tagged_struct(out, {reference}, version);")
        }
        Type::Struct(_) => format!("codec::put_nullable_struct(out, {reference}, version);"),
        Type::Array(element) if **element == Type::String => {
            format!("codec::put_{nullable}strings(out, {reference}, {form});")
        }
        Type::Array(_) => format!("codec::put_{nullable}array(out, {reference}, version, {form});"),
    };
    check + &put
}

fn tagged(found: &Struct) -> Vec<&Field> {
    let mut fields: Vec<&Field> = found
        .fields
        .iter()
        .filter(|field| field.tag.is_some() && !field.versions.and(found.domain).is_empty())
        .collect();
    fields.sort_by_key(|field| field.tag);
    fields
}

fn write_encode_tags(schema: &Schema, found: &Struct, form: &str, body: &mut String) {
    let fields = tagged(found);
    let mut inner = String::new();
    let flexible = schema.flexible.and(found.domain);
    let condition = |field: &Field| match when(field.versions, flexible) {
        Some(versions) => format!("{versions} && {}", is_set(field)),
        None => is_set(field),
    };
    if fields.is_empty() {
        inner.push_str("codec::put_tag_count(out, 0);\n");
    } else {
        let counts: Vec<String> =
            fields.iter().map(|field| format!("usize::from({})", condition(field))).collect();
        let _ = writeln!(inner, "codec::put_tag_count(out, {});", counts.join(" + "));
    }
    for field in fields {
        let put = put_versioned(schema, field, flexible, "Form::Flexible");
        let tag = field.tag.unwrap_or_default();
        let _ = writeln!(
            inner,
            "if {} {{ let mark = codec::begin_tag(out, {tag}); {put} codec::end_tag(out, mark); }}",
            condition(field)
        );
    }
    let _ = match form {
        "Form::Classic" => Ok(()),
        "form" => writeln!(body, "if form == Form::Flexible {{ {inner} }}"),
        _ => writeln!(body, "{}", inner.trim_end()),
    };
}

fn write_decode(schema: &Schema, found: &Struct, is_top: bool, out: &mut String) {
    let form = form(schema, found.domain);
    let mut body = String::new();
    if is_top {
        body.push_str("codec::check_decodable::<Self>(input, version);\n");
    }
    write_form(schema, found.domain, &mut body);
    for field in &found.fields {
        let ident = local(field);
        let absent = field.versions.and(found.domain).is_empty() || field.tag.is_some();
        let mutable =
            if field.tag.is_some() && !field.versions.and(found.domain).is_empty() { "mut " } else { "" };
        let _ = match when(field.versions, found.domain) {
            _ if absent => {
                writeln!(body, "let {mutable}{ident}: {} = {};", rust_type(field), default_of(field))
            }
            None => writeln!(body, "let {ident} = {};", get_versioned(field, found.domain, &form)),
            Some(condition) => writeln!(
                body,
                "let {ident} = if {condition} {{ {} }} else {{ {} }};",
                get_versioned(field, found.domain, &form),
                default_of(field)
            ),
        };
    }
    write_decode_tags(schema, found, &form, &mut body);
    let fields: Vec<String> = found
        .fields
        .iter()
        .map(|field| match (field.ident(), local(field)) {
            (ident, local) if ident == local => ident,
            (ident, local) => format!("{ident}: {local}"),
        })
        .collect();
    let (name, version) = (&found.name, named_version(&body));
    let input = if mentions(&body, "input") { "input" } else { "_input" };
    let _ = writeln!(
        out,
        "\nimpl Decode for {name} {{
        const LEAST_SIZE: usize = {};

        fn read({input}: &mut Reader, {version}: i16) -> Self {{
        {body} {name} {{ {} }} }} }}",
        schema.least_size(name),
        fields.join(", ")
    );
}

/// The variable of a field while its struct is read; the names that the code itself needs are kept free.
fn local(field: &Field) -> String {
    let ident = field.ident();
    if ["input", "version", "form", "tag", "data"].contains(&ident.as_str()) {
        format!("{ident}_field")
    } else {
        ident
    }
}

fn get_versioned(field: &Field, domain: Versions, form: &str) -> String {
    let met = field.versions.and(domain);
    let nullable = get(field, form, Null::Allowed, "input");
    if !field.is_optional() || field.ty == Type::Records && !field.nullable.is_empty() {
        return nullable;
    }
    let strict = format!("Some({})", get(field, form, Null::Refused, "input"));
    match when(field.nullable, met) {
        None => nullable,
        Some(text) if text == "false" => strict,
        Some(condition) => format!("if {condition} {{ {nullable} }} else {{ {strict} }}"),
    }
}

fn get(field: &Field, form: &str, null: Null, input: &str) -> String {
    let nullable = if field.is_optional() && null == Null::Allowed { "nullable_" } else { "" };
    match &field.ty {
        Type::Bool => format!("codec::get_bool({input})"),
        Type::I8 => format!("codec::get_i8({input})"),
        Type::I16 => format!("codec::get_i16({input})"),
        Type::I32 => format!("codec::get_i32({input})"),
        Type::I64 => format!("codec::get_i64({input})"),
        Type::U16 => format!("codec::get_u16({input})"),
        Type::U32 => format!("codec::get_u32({input})"),
        Type::F64 => format!("codec::get_f64({input})"),
        Type::Uuid => format!("codec::get_uuid({input})"),
        Type::String => format!("codec::get_{nullable}string({input}, {form})"),
        Type::Bytes | Type::Records => format!("codec::get_{nullable}bytes({input}, {form})"),
        Type::Struct(name) if nullable.is_empty() => format!("{name}::read({input}, version)"),
        Type::Struct(_) if field.tag.is_some() => format!("codec::get_tagged_struct({input}, version)"),
        Type::Struct(_) => format!("codec::get_nullable_struct({input}, version)"),
        Type::Array(element) if **element == Type::String => {
            format!("codec::get_{nullable}strings({input}, {form})")
        }
        Type::Array(_) => format!("codec::get_{nullable}array({input}, version, {form})"),
    }
}

fn write_decode_tags(schema: &Schema, found: &Struct, form: &str, body: &mut String) {
    let fields = tagged(found);
    let flexible = schema.flexible.and(found.domain);
    let mut inner = String::new();
    if fields.is_empty() {
        inner.push_str("codec::skip_tags(input);\n");
    } else {
        let mut arms = String::new();
        for field in fields {
            let guard = when(field.versions, flexible).map(|text| format!(" if {text}")).unwrap_or_default();
            let value = get_versioned(field, flexible, "Form::Flexible").replace("input", "&mut data");
            let _ = writeln!(arms, "{}{guard} => {} = {value},", field.tag.unwrap_or_default(), local(field));
        }
        let _ = writeln!(
            inner,
            "for _ in 0..codec::get_tag_count(input) {{
                let (tag, mut data) = codec::get_tag(input);
                match tag {{ {arms} _ => continue, }}
                input.end_tag(data);
            }}"
        );
    }
    let _ = match form {
        "Form::Classic" => Ok(()),
        "form" => writeln!(body, "if form == Form::Flexible {{ {inner} }}"),
        _ => writeln!(body, "{}", inner.trim_end()),
    };
}

fn write_traits(schema: &Schema, all: &[Schema], out: &mut String) -> Result<(), String> {
    let (name, low, high) = (&schema.name, schema.versions.low, schema.versions.high);
    let _ = writeln!(
        out,
        "\nimpl Message for {name} {{
        const NAME: &'static str = \"{name}\";
        const VERSIONS: (i16, i16) = ({low}, {high}); }}"
    );
    let key = schema.api_key.unwrap_or_default();
    let _ = match schema.kind {
        Kind::Request => {
            let response = format!("{}Response", api_name(schema));
            if !all.iter().any(|other| other.name == response) {
                return Err(format!("{name} has no {response}"));
            }
            writeln!(
                out,
                "\nimpl Request for {name} {{ const API: ApiKey = ApiKey::{};
                type Response = crate::messages::{response}; }}",
                api_name(schema)
            )
        }
        Kind::CoordinatorKey => {
            writeln!(out, "\nimpl CoordinatorKey for {name} {{ const TYPE: i16 = {key}; }}")
        }
        Kind::CoordinatorValue => {
            writeln!(out, "\nimpl CoordinatorValue for {name} {{ const TYPE: i16 = {key}; }}")
        }
        Kind::Metadata => writeln!(out, "\nimpl MetadataRecord for {name} {{ const API_KEY: i16 = {key}; }}"),
        Kind::Response | Kind::Data => Ok(()),
    };
    Ok(())
}
