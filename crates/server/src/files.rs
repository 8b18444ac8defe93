//! The files of the page, from inside the binary.

/// Name below `dist/` and bytes, in the order of names. Empty when the binary was built without a page.
const DIST: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/dist.rs"));

const WITHOUT_DIST: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Tablog</title>\
    <p>This binary was built without the page. Run <code>cargo xtask build</code>, then build it again; \
    or run <code>cargo xtask serve</code>, which does both.</p></html>\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    pub name: &'static str,
    pub bytes: &'static [u8],
}

/// Routes of the page; what stands below them is the page's too.
const ROUTES: &[&str] = &["topics", "groups", "clients", "storage", "consumer", "lab"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    File(File),
    /// The page itself, for one of its routes.
    Page(File),
    /// The page, which says that there is nothing here.
    Nothing(File),
}

/// What a path of a request names. The path begins with a slash and is compared as it came.
pub fn find(path: &str) -> Found {
    look_up(DIST, path)
}

/// All html, for the policy of its inline scripts.
pub fn pages() -> impl Iterator<Item = &'static str> {
    DIST.iter()
        .filter(|(name, _)| name.ends_with(".html"))
        .filter_map(|(_, bytes)| str::from_utf8(bytes).ok())
}

fn look_up(dist: &'static [(&'static str, &'static [u8])], path: &str) -> Found {
    let name = path.trim_start_matches('/');
    let file = |name: &str| {
        let at = dist.binary_search_by(|(other, _)| (*other).cmp(name)).ok()?;
        Some(File { name: dist[at].0, bytes: dist[at].1 })
    };
    let index = file("index.html").unwrap_or(File { name: "index.html", bytes: WITHOUT_DIST.as_bytes() });
    if name.is_empty() {
        return Found::Page(index);
    }
    if let Some(found) = file(name) {
        return Found::File(found);
    }
    // A browser looks ahead before the page has said its base, and asks for its files below the route.
    let last = name.rsplit('/').next().unwrap_or(name);
    if let Some(found) = file(last).filter(File::is_hashed) {
        return Found::File(found);
    }
    let first = name.split('/').next().unwrap_or(name);
    if ROUTES.contains(&first) {
        Found::Page(index)
    } else {
        Found::Nothing(file("404.html").unwrap_or(index))
    }
}

impl File {
    pub fn content_type(&self) -> &'static str {
        match self.name.rsplit('.').next().unwrap_or_default() {
            "html" => "text/html; charset=utf-8",
            "js" | "mjs" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "wasm" => "application/wasm",
            "json" | "map" => "application/json",
            "webmanifest" => "application/manifest+json",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "jpg" | "jpeg" => "image/jpeg",
            "webp" => "image/webp",
            "ico" => "image/x-icon",
            "woff2" => "font/woff2",
            "txt" | "md" | "ftl" | "csv" | "ndjson" => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        }
    }

    /// `NAME-0123456789abcdef.js` or `…_bg.wasm`: another content would have another name.
    pub fn is_hashed(&self) -> bool {
        let stem = self.name.rsplit_once('.').map_or(self.name, |(stem, _)| stem);
        let stem = stem.trim_end_matches("_bg");
        stem.rsplit_once('-').is_some_and(|(_, hash)| {
            (15..=16).contains(&hash.len()) && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &[(&str, &[u8])] = &[
        ("404.html", b"404"),
        ("app-0123456789abcdef.js", b"js"),
        ("index.html", b"index"),
        ("worker.js", b"worker"),
    ];

    fn named(name: &'static str, bytes: &'static [u8]) -> File {
        File { name, bytes }
    }

    #[test]
    fn files_routes_and_nothing() {
        let index = named("index.html", b"index");
        assert_eq!(look_up(SAMPLE, "/"), Found::Page(index));
        assert_eq!(look_up(SAMPLE, "/topics/a.b"), Found::Page(index));
        let script = Found::File(named("app-0123456789abcdef.js", b"js"));
        assert_eq!(look_up(SAMPLE, "/topics/app-0123456789abcdef.js"), script);
        assert_eq!(look_up(SAMPLE, "/topics/worker.js"), Found::Page(index));
        assert_eq!(look_up(SAMPLE, "/worker.js"), Found::File(named("worker.js", b"worker")));
        assert_eq!(look_up(SAMPLE, "/../Cargo.toml"), Found::Nothing(named("404.html", b"404")));
        assert!(
            matches!(look_up(&[], "/anything"), Found::Nothing(page) if page.bytes.starts_with(b"<!doctype"))
        );
    }

    #[test]
    fn only_hashed_names_are_kept_forever() {
        assert!(named("app-0123456789abcdef.js", b"").is_hashed());
        assert!(named("app-0123456789abcdef_bg.wasm", b"").is_hashed());
        assert!(!named("worker.js", b"").is_hashed());
        assert!(!named("tablog-worker.js", b"").is_hashed());
        assert!(!named("index.html", b"").is_hashed());
    }
}
