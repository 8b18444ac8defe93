//! Addresses of pages: a name from outside is one segment of a path, whatever is in it.

pub fn topic(name: &str) -> String {
    format!("/topics/{}", segment(name))
}

pub fn group(id: &str) -> String {
    format!("/groups/{}", segment(id))
}

/// What stands between two separators of an address.
pub fn segment(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_segment() {
        assert_eq!(group("a/../b?c#d"), "/groups/a%2F..%2Fb%3Fc%23d");
        assert_eq!(topic("flights.2001_a-b"), "/topics/flights.2001_a-b");
        assert_eq!(group("한"), "/groups/%ED%95%9C");
    }
}
