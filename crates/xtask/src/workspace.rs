//! Where things lie: the checkout, the tool folder, the versions that Cargo.lock names.

use std::path::{Path, PathBuf};

/// The top folder of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

pub fn dist() -> PathBuf {
    root().join("dist")
}

/// Wasm builds have a target folder of their own, so that they never wait for the native ones.
pub fn wasm_target() -> PathBuf {
    root().join("target-web")
}

/// Where cargo keeps the sources of packages.
pub fn cargo_home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

/// Tools live outside `target`, so that `cargo clean` does not cost their minutes again.
pub fn tools() -> Result<PathBuf, String> {
    if let Some(folder) = std::env::var_os("TABLOG_TOOLS") {
        return Ok(PathBuf::from(folder));
    }
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .ok_or("there is no home folder: name one for the tools in TABLOG_TOOLS")?;
    Ok(cache.join("tablog").join("tools"))
}

/// The version of a package in Cargo.lock.
pub fn locked_version(package: &str) -> Result<String, String> {
    let path = root().join("Cargo.lock");
    let lock = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    version_in_lock(&lock, package).ok_or_else(|| format!("Cargo.lock does not name {package}"))
}

fn version_in_lock(lock: &str, package: &str) -> Option<String> {
    let entry = lock.split("[[package]]").find(|entry| {
        entry
            .lines()
            .any(|line| line.strip_prefix("name = ").is_some_and(|name| name.trim_matches('"') == package))
    })?;
    let version = entry.lines().find_map(|line| line.strip_prefix("version = "))?;
    Some(version.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_the_lock() {
        let lock = "version = 4\n\n[[package]]\nname = \"a-b\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"a\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(version_in_lock(lock, "a").as_deref(), Some("0.2.130"));
        assert_eq!(version_in_lock(lock, "b"), None);
    }
}
