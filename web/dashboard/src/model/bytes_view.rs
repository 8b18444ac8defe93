//! Bytes from outside as something to read: JSON laid out, text, or hexadecimal. What is too long is cut and said to be.

use crate::model::limits::VALUE_BYTES_SHOWN;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    Json,
    Text,
    Hex,
}

/// One line of a table: text where it is text, hexadecimal where it is not.
pub fn line(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(200)];
    match std::str::from_utf8(cut) {
        Ok(text) => clean(text).replace('\n', " "),
        // A character cut in two at the end is no reason for hexadecimal.
        Err(e) if e.error_len().is_none() && cut.len() < bytes.len() => {
            clean(&String::from_utf8_lossy(&cut[..e.valid_up_to()]))
        }
        Err(_) => cut.iter().take(48).map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(" "),
    }
}

pub fn show(bytes: &[u8], view: View) -> String {
    let cut = &bytes[..bytes.len().min(VALUE_BYTES_SHOWN)];
    match view {
        View::Json => match serde_json::from_slice::<serde_json::Value>(bytes) {
            Ok(value) => {
                let laid_out = serde_json::to_string_pretty(&value).unwrap_or_default();
                laid_out.chars().take(VALUE_BYTES_SHOWN).collect()
            }
            Err(_) => show(bytes, View::Text),
        },
        View::Text => clean(&String::from_utf8_lossy(cut)),
        View::Hex => hex(cut),
    }
}

pub fn best(bytes: &[u8]) -> View {
    if matches!(bytes.first(), Some(b'{' | b'[' | b'"'))
        && serde_json::from_slice::<serde_json::Value>(bytes).is_ok()
    {
        View::Json
    } else if std::str::from_utf8(bytes).is_ok() {
        View::Text
    } else {
        View::Hex
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::new();
    for (i, row) in bytes.chunks(16).enumerate() {
        let digits: Vec<String> = row.iter().map(|b| format!("{b:02x}")).collect();
        let text: String = row
            .iter()
            .map(|b| if b.is_ascii_graphic() || *b == b' ' { char::from(*b) } else { '.' })
            .collect();
        out.push_str(&format!("{:04x}  {:47}  {text}\n", i * 16, digits.join(" ")));
    }
    out
}

/// Control characters are shown as what they are, never obeyed.
fn clean(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' => c,
        c if (c as u32) < 0x20 => char::from_u32(0x2400 + c as u32).unwrap_or('?'),
        '\u{7f}' => '\u{2421}',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c => c,
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_can_be_shown() {
        assert_eq!(line(b"plain"), "plain");
        assert_eq!(line(&[0xff, 0x00]), "ff 00");
        assert_eq!(line("é".repeat(150).as_bytes()).chars().count(), 100);
        assert_eq!(show(b"{\"a\":1}", View::Json), "{\n  \"a\": 1\n}");
        assert_eq!(show(b"\x00\xff", View::Json), "\u{2400}\u{fffd}");
        assert!(show(b"0123456789abcdefg", View::Hex).starts_with("0000  30 31"));
        assert_eq!(best(&[0xc3]), View::Hex);
        assert_eq!(show("a\u{202e}b".as_bytes(), View::Text), "a\u{fffd}b");
    }
}
