#!/bin/sh
# Builds what the browser tests serve into target-web/browser-tests. Called by `cargo xtask test`; by hand from
# the repository's root: tests/browser/build.sh
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target-web}"
PATH="${TABLOG_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/tablog/tools}/bin:$PATH"
site="$root/target-web/browser-tests"
wasm="$CARGO_TARGET_DIR/wasm32-unknown-unknown/debug"
mkdir -p "$site"

cargo build --target wasm32-unknown-unknown -p tablog-host --example conformance
wasm-bindgen --target web --no-typescript --out-dir "$site/conformance" --out-name conformance \
    "$wasm/examples/conformance.wasm"
cp "$root"/tests/browser/*.html "$site/"
