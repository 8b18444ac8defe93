#!/bin/sh
# Builds what the browser tests serve into target-web/browser-tests. Called by `cargo xtask test`; by hand from
# the repository's root: tests/browser/build.sh
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target-web}"
PATH="${TABLOG_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/tablog/tools}/bin:$PATH"
# Measurements set PROFILE=sim and a site of their own.
profile="${PROFILE:-dev}"
site="${TABLOG_TEST_SITE:-$root/target-web/browser-tests}"
wasm="$CARGO_TARGET_DIR/wasm32-unknown-unknown/$(echo "$profile" | sed 's/^dev$/debug/')"
mkdir -p "$site"

cargo build --profile "$profile" --target wasm32-unknown-unknown -p tablog-host --example conformance
wasm-bindgen --target web --no-typescript --out-dir "$site/conformance" --out-name conformance \
    "$wasm/examples/conformance.wasm"

cargo build --profile "$profile" --target wasm32-unknown-unknown -p tablog-sdk --example transport
wasm-bindgen --target web --no-typescript --out-dir "$site/transport" --out-name transport \
    "$wasm/examples/transport.wasm"

# worker FOLDER FEATURES: one worker, its script and what that loads.
worker() {
    cargo build --profile "$profile" --target wasm32-unknown-unknown -p tablog-worker --features "$2"
    mkdir -p "$site/$1"
    wasm-bindgen --target no-modules --no-typescript --out-dir "$site/$1" --out-name worker-HASH \
        "$wasm/tablog_worker.wasm"
    mv "$site/$1/worker-HASH_bg.wasm" "$site/$1/worker-HASH.wasm"
    cp "$root/crates/worker/worker.js" "$site/$1/tablog-worker.js"
}
worker raw faults,test-engine
worker broker faults

cp "$root"/tests/browser/site/* "$site/"
