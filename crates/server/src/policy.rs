//! The content security policy: scripts are ours or were in our html when the binary was built.

use base64::Engine as _;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Styles may be inline, since a bar's width is one. WebSockets may go anywhere: a real cluster is elsewhere.
pub fn of<'a>(pages: impl Iterator<Item = &'a str>) -> String {
    let hashes: BTreeSet<String> = pages.flat_map(inline_scripts).map(hash).collect();
    let hashes: String = hashes.iter().map(|hash| format!(" {hash}")).collect();
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{hashes}; worker-src 'self'; \
         style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; \
         connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'self'"
    )
}

/// The text of every `<script>` without a `src`.
fn inline_scripts(html: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once("<script") {
        let Some((attributes, after)) = after.split_once('>') else { break };
        let Some((text, after)) = after.split_once("</script>") else { break };
        if !attributes.contains("src=") {
            found.push(text);
        }
        rest = after;
    }
    found
}

fn hash(script: &str) -> String {
    format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(script)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_allowed_by_their_hash_alone() {
        let html = "<head><script>alert('Hello, world.');</script><script src=\"/a.js\"></script></head>";
        let policy = of([html].into_iter());
        assert!(policy.contains("'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"), "{policy}");
        assert!(!policy.contains("script-src 'self' 'unsafe-inline'"));
        assert_eq!(policy.matches("sha256-").count(), 1);
    }
}
