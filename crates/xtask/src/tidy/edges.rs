//! Who may know whom. A crate exists for a *never*: this table holds them, and cargo's own resolution is
//! checked against it, directly for our crates and through everything for what a crate must never know.

use crate::command;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

struct Room {
    package: &'static str,
    /// Our crates that it may name in its manifest.
    may: &'static [&'static str],
    /// Packages that it must not reach through any number of edges.
    never: &'static [&'static str],
    runs: Runs,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Runs {
    Natively,
    InTheBrowser,
    Anywhere,
}

/// Everything that would give a sans-IO crate a clock, a disk, a thread, a random source or a page.
const PLATFORM: &[&str] = &[
    "web-sys",
    "js-sys",
    "wasm-bindgen",
    "gloo",
    "tokio",
    "async-std",
    "smol",
    "mio",
    "getrandom",
    "rand",
    "leptos",
];

const ROOMS: &[Room] = &[
    Room { package: "tablog-record", may: &[], never: PLATFORM, runs: Runs::Anywhere },
    Room { package: "tablog-wire", may: &["record"], never: PLATFORM, runs: Runs::Anywhere },
    Room { package: "tablog-log", may: &["record"], never: PLATFORM, runs: Runs::Anywhere },
    Room { package: "tablog-group", may: &["record", "wire"], never: PLATFORM, runs: Runs::Anywhere },
    Room {
        package: "tablog-broker",
        may: &["record", "wire", "log", "group"],
        never: PLATFORM,
        runs: Runs::Anywhere,
    },
    Room {
        package: "tablog-client",
        may: &["record", "wire", "group"],
        never: PLATFORM,
        runs: Runs::Anywhere,
    },
    Room {
        package: "tablog-sim",
        may: &["record", "wire", "log", "group", "broker", "client"],
        never: PLATFORM,
        runs: Runs::Anywhere,
    },
    Room {
        package: "tablog-host",
        may: &["record", "log", "broker"],
        never: &["tablog-client", "tablog-sdk", "leptos", "yew"],
        runs: Runs::Anywhere,
    },
    Room {
        package: "tablog-worker",
        may: &["record", "log", "broker", "host"],
        never: &["tablog-client", "tablog-sdk", "leptos", "yew"],
        runs: Runs::InTheBrowser,
    },
    Room {
        package: "tablog-sdk",
        may: &["record", "wire", "client"],
        never: &["tablog-broker", "tablog-log", "tablog-host", "leptos", "yew"],
        runs: Runs::InTheBrowser,
    },
    Room {
        package: "tablog-server",
        may: &["record", "wire", "log", "broker", "host", "client"],
        never: &["web-sys", "js-sys", "leptos", "yew"],
        runs: Runs::Natively,
    },
    Room {
        package: "tablog-dashboard",
        may: &["sdk", "client", "group", "wire", "record"],
        never: &["tablog-broker", "tablog-log", "tablog-host", "tablog-worker"],
        runs: Runs::InTheBrowser,
    },
    Room {
        package: "tablog-tests",
        may: &["record", "wire", "log", "group", "broker", "host", "client", "sim"],
        never: &[],
        runs: Runs::Natively,
    },
    Room { package: "xtask", may: &[], never: &[], runs: Runs::Natively },
];

/// A runtime belongs to the native binary. (`indexed_db_futures` borrows tokio's channels, hence only direct edges.)
const RUNTIMES: &[&str] = &["tokio", "async-std", "smol"];
const MAY_HAVE_A_RUNTIME: &[&str] = &["tablog-server", "tablog-tests", "xtask"];

/// C code cannot be part of what runs in the browser: these build it.
const C_BUILDERS: &[&str] = &["cc", "cmake", "bindgen"];

pub fn findings() -> Result<Vec<String>, String> {
    let native = command::answer(command::program("rustc").arg("-vV"))
        .and_then(|text| text.lines().find_map(|line| line.strip_prefix("host: ").map(str::to_owned)))
        .ok_or("rustc does not say its host")?;
    let mut findings = BTreeSet::new();
    check(&Graph::read(&native)?, Runs::Natively, &mut findings);
    check(&Graph::read("wasm32-unknown-unknown")?, Runs::InTheBrowser, &mut findings);
    Ok(findings.into_iter().collect())
}

fn check(graph: &Graph, platform: Runs, findings: &mut BTreeSet<String>) {
    for package in &graph.members {
        let Some(room) = ROOMS.iter().find(|room| room.package == package) else {
            findings
                .insert(format!("{package}: the table in crates/xtask/src/tidy/edges.rs has no row for it"));
            continue;
        };
        if room.runs != Runs::Anywhere && room.runs != platform {
            continue;
        }
        for edge in graph.edges(package) {
            if RUNTIMES.contains(&edge.to.as_str()) && !MAY_HAVE_A_RUNTIME.contains(&room.package) {
                findings.insert(format!("{package}: may not depend on {}", edge.to));
            }
        }
        for edge in graph.edges(package).filter(|edge| graph.members.contains(&edge.to)) {
            let short = edge.to.trim_start_matches("tablog-");
            if !room.may.contains(&short) {
                findings.insert(format!("{package}: may not depend on {}", edge.to));
            }
        }
        for never in room.never {
            if let Some(path) = graph.path(package, |edge| edge.to == *never && edge.kind == Kind::Normal) {
                findings.insert(format!("{package}: must never know {never} ({})", path.join(" → ")));
            }
        }
        if platform == Runs::InTheBrowser && room.runs == Runs::InTheBrowser {
            let builds_c = |edge: &Edge| edge.kind == Kind::Build && C_BUILDERS.contains(&edge.to.as_str());
            if let Some(path) = graph.path(package, builds_c) {
                findings.insert(format!("{package}: C code would reach the browser ({})", path.join(" → ")));
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Normal,
    Build,
}

struct Edge {
    to: String,
    kind: Kind,
}

/// What cargo resolved for one platform, by package name, without dev-dependencies.
#[derive(Default)]
struct Graph {
    members: BTreeSet<String>,
    edges: BTreeMap<String, Vec<Edge>>,
    proc_macros: BTreeSet<String>,
}

impl Graph {
    fn read(platform: &str) -> Result<Graph, String> {
        let mut metadata = command::cargo();
        metadata.args(["metadata", "--format-version", "1", "--locked", "--filter-platform", platform]);
        let text =
            command::answer(&mut metadata).ok_or_else(|| format!("`{}` failed", command::name(&metadata)))?;
        let json: Value = serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
        Ok(Graph::of(&json))
    }

    fn of(json: &Value) -> Graph {
        let mut graph = Graph::default();
        let mut names = BTreeMap::new();
        for package in list(&json["packages"]) {
            let (id, name) = (text(&package["id"]), text(&package["name"]));
            names.insert(id, name);
            let is_macro = |target: &Value| list(&target["kind"]).iter().any(|kind| kind == "proc-macro");
            if list(&package["targets"]).iter().any(is_macro) {
                graph.proc_macros.insert(name.to_owned());
            }
        }
        let name_of = |id: &str| names.get(id).map_or_else(|| id.to_owned(), |name| (*name).to_owned());
        graph.members = list(&json["workspace_members"]).iter().map(|id| name_of(text(id))).collect();
        for node in list(&json["resolve"]["nodes"]) {
            let edges = graph.edges.entry(name_of(text(&node["id"]))).or_default();
            for dependency in list(&node["deps"]) {
                let to = name_of(text(&dependency["pkg"]));
                for kind in list(&dependency["dep_kinds"]) {
                    match kind["kind"].as_str() {
                        None => edges.push(Edge { to: to.clone(), kind: Kind::Normal }),
                        Some("build") => edges.push(Edge { to: to.clone(), kind: Kind::Build }),
                        Some(_) => {}
                    }
                }
            }
        }
        graph
    }

    fn edges(&self, package: &str) -> impl Iterator<Item = &Edge> {
        self.edges.get(package).into_iter().flatten()
    }

    /// The way from a package to the first edge that answers, through what is linked into it: not through
    /// build scripts and macros, which run on the machine that builds.
    fn path(&self, from: &str, answers: impl Fn(&Edge) -> bool) -> Option<Vec<String>> {
        let mut seen = BTreeSet::from([from]);
        let mut ways = vec![vec![from]];
        while let Some(way) = ways.pop() {
            let last = way[way.len() - 1];
            for edge in self.edges(last) {
                if answers(edge) {
                    let names = way.iter().copied().chain([edge.to.as_str()]);
                    return Some(names.map(str::to_owned).collect());
                }
                let is_linked = edge.kind == Kind::Normal && !self.proc_macros.contains(&edge.to);
                if is_linked && seen.insert(&edge.to) {
                    ways.push(way.iter().copied().chain([edge.to.as_str()]).collect());
                }
            }
        }
        None
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &str, Kind)]) -> Graph {
        let mut graph = Graph::default();
        for (from, to, kind) in edges {
            graph
                .edges
                .entry((*from).to_owned())
                .or_default()
                .push(Edge { to: (*to).to_owned(), kind: *kind });
            for name in [from, to] {
                if name.starts_with("tablog-") {
                    graph.members.insert((*name).to_owned());
                }
            }
        }
        graph
    }

    fn found(graph: &Graph, platform: Runs) -> Vec<String> {
        let mut findings = BTreeSet::new();
        check(graph, platform, &mut findings);
        findings.into_iter().collect()
    }

    #[test]
    fn a_forbidden_edge_is_found_directly_and_from_afar() {
        let tree = graph(&[
            ("tablog-log", "tablog-wire", Kind::Normal),
            ("tablog-wire", "somewhere", Kind::Normal),
            ("somewhere", "getrandom", Kind::Normal),
        ]);
        assert_eq!(
            found(&tree, Runs::Natively),
            [
                "tablog-log: may not depend on tablog-wire",
                "tablog-log: must never know getrandom (tablog-log → tablog-wire → somewhere → getrandom)",
                "tablog-wire: must never know getrandom (tablog-wire → somewhere → getrandom)",
            ]
        );
    }

    #[test]
    fn build_scripts_may_know_what_the_crate_may_not() {
        let tree = graph(&[("tablog-wire", "tool", Kind::Build), ("tool", "getrandom", Kind::Normal)]);
        assert_eq!(found(&tree, Runs::Natively), Vec::<String>::new());
    }

    #[test]
    fn c_code_does_not_reach_the_browser() {
        let tree = graph(&[("tablog-worker", "zstd-sys", Kind::Normal), ("zstd-sys", "cc", Kind::Build)]);
        assert_eq!(found(&tree, Runs::Natively), Vec::<String>::new());
        assert_eq!(
            found(&tree, Runs::InTheBrowser),
            ["tablog-worker: C code would reach the browser (tablog-worker → zstd-sys → cc)"]
        );
    }

    #[test]
    fn a_new_crate_needs_a_row() {
        let tree = graph(&[("tablog-new", "bytes", Kind::Normal)]);
        assert_eq!(found(&tree, Runs::Natively).len(), 1);
    }
}
