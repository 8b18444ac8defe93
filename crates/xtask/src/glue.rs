//! The script that wasm-bindgen lays beside a wasm, made small: the two call each other by short names, and comments
//! and indents go. The long names hold digits that no compressor can shorten, and stand in both files.
//!
//! Never knows: which program it is.

use std::collections::BTreeMap;

/// How the names begin that only these two files know.
const OURS: &[&str] = &["__wbg_", "__wbindgen_", "__externref_", "wasm_bindgen_"];

const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;
const FUNCTION: u8 = 0;
const HEADER_BYTES: usize = 8;

/// Both of them, smaller.
pub fn shorten(script: &str, wasm: &[u8]) -> Result<(String, Vec<u8>), String> {
    let mut names = Names::default();
    let wasm = names.rewrite(wasm).ok_or("wasm-bindgen's output is not as it was expected")?;
    Ok((names.replace(&without_comments(script)), wasm))
}

/// Short ones by long ones.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn short(&mut self, name: &str) -> String {
        if !OURS.iter().any(|ours| name.starts_with(ours)) {
            return name.to_owned();
        }
        let next = format!("${}", self.0.len());
        self.0.entry(name.to_owned()).or_insert(next).clone()
    }

    /// The module with short names; `None` if it has other imports than functions, or is no module.
    fn rewrite(&mut self, wasm: &[u8]) -> Option<Vec<u8>> {
        let (header, mut rest) = wasm.split_at_checked(HEADER_BYTES)?;
        let mut out = header.to_vec();
        while let Some((&id, after)) = rest.split_first() {
            rest = after;
            let mut section = bytes(&mut rest)?;
            let rewritten = match id {
                IMPORTS => self.imports(&mut section)?,
                EXPORTS => self.exports(&mut section)?,
                _ => section.to_vec(),
            };
            out.push(id);
            put_bytes(&mut out, &rewritten);
        }
        Some(out)
    }

    fn imports(&mut self, section: &mut &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let count = number(section)?;
        put_number(&mut out, count);
        for _ in 0..count {
            put_bytes(&mut out, bytes(section)?);
            self.rename(section, &mut out)?;
            out.push(section.split_off_first().copied().filter(|kind| *kind == FUNCTION)?);
            put_number(&mut out, number(section)?);
        }
        Some(out)
    }

    fn exports(&mut self, section: &mut &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let count = number(section)?;
        put_number(&mut out, count);
        for _ in 0..count {
            self.rename(section, &mut out)?;
            out.push(*section.split_off_first()?);
            put_number(&mut out, number(section)?);
        }
        Some(out)
    }

    fn rename(&mut self, section: &mut &[u8], out: &mut Vec<u8>) -> Option<()> {
        let name = str::from_utf8(bytes(section)?).ok()?;
        put_bytes(out, self.short(name).as_bytes());
        Some(())
    }

    /// Each whole word that is a long name.
    fn replace(&self, script: &str) -> String {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '$';
        let words = script.split_inclusive(|letter| !is_part(letter));
        words
            .map(|word| {
                let name = word.trim_end_matches(|letter| !is_part(letter));
                let short = self.0.get(name).map_or(name, String::as_str);
                format!("{short}{}", &word[name.len()..])
            })
            .collect()
    }
}

/// Comments of whole lines, and indents. wasm-bindgen writes no text of several lines.
fn without_comments(script: &str) -> String {
    let mut is_comment = false;
    let mut out = String::new();
    for line in script.lines().map(str::trim) {
        is_comment |= line.starts_with("/*");
        if !is_comment && !line.is_empty() && !line.starts_with("//") {
            out.push_str(line);
            out.push('\n');
        }
        is_comment &= !line.ends_with("*/");
    }
    out
}

/// As LEB128.
fn number(rest: &mut &[u8]) -> Option<u32> {
    let mut number = 0;
    for shift in (0..u32::BITS).step_by(7) {
        let byte = *rest.split_off_first()?;
        number |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn put_number(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// With their length before them.
fn bytes<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = number(rest)?;
    rest.split_off(..len as usize)
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u32);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_use_the_short_names() {
        let mut wasm = b"\0asm\x01\0\0\0".to_vec();
        let mut imports = vec![1];
        put_bytes(&mut imports, b"./worker_bg.js");
        put_bytes(&mut imports, b"__wbg_now_463ac581d2fc7ea3");
        imports.extend_from_slice(&[FUNCTION, 5]);
        let mut exports = vec![2];
        put_bytes(&mut exports, b"start");
        exports.extend_from_slice(&[FUNCTION, 1]);
        put_bytes(&mut exports, b"__wbindgen_malloc");
        exports.extend_from_slice(&[FUNCTION, 2]);
        for (id, section) in [(IMPORTS, imports), (1, vec![9; 200]), (EXPORTS, exports)] {
            wasm.push(id);
            put_bytes(&mut wasm, &section);
        }
        let script = [
            "/** Text",
            " * more */",
            "  // word",
            "  a.__wbg_now_463ac581d2fc7ea3(\"//\");",
            "",
            "__wbindgen_malloc2(start, w.__wbindgen_malloc);",
        ]
        .join("\n");
        let (script, short) = shorten(&script, &wasm).unwrap();
        assert_eq!(script, "a.$0(\"//\");\n__wbindgen_malloc2(start, w.$1);\n");
        let short = String::from_utf8_lossy(&short).into_owned();
        assert!(short.contains("$0") && short.contains("$1") && short.contains("start"));
        assert!(!short.contains("__wb"));
        assert_eq!(
            shorten("", &wasm[..wasm.len() - 1]),
            Err("wasm-bindgen's output is not as it was expected".into())
        );
    }
}
