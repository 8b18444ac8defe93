//! The web worker that hosts the broker: ports, locks, life and death. `worker.js` loads it and hands it the
//! control port of every tab.
//!
//! Never knows: the client, any UI.

#[cfg(target_arch = "wasm32")]
mod control;
#[cfg(target_arch = "wasm32")]
mod death;
#[cfg(target_arch = "wasm32")]
mod engine;
#[cfg(all(target_arch = "wasm32", feature = "faults"))]
mod injection;
#[cfg(target_arch = "wasm32")]
mod life;
#[cfg(target_arch = "wasm32")]
mod lock;
#[cfg(target_arch = "wasm32")]
mod ports;
#[cfg(target_arch = "wasm32")]
mod tab;
#[cfg(all(target_arch = "wasm32", feature = "test-engine"))]
mod test_engine;

#[cfg(target_arch = "wasm32")]
mod start {
    use crate::life::Life;
    use wasm_bindgen::prelude::*;
    use web_sys::MessagePort;

    /// Brings the broker up under the worker's name; answers the function that takes a tab's control port.
    #[wasm_bindgen]
    pub fn start(worker_name: &str) -> js_sys::Function {
        crate::death::install();
        let life = Life::begin(worker_name);
        let accept = Closure::<dyn FnMut(MessagePort)>::new(move |port| life.accept(port));
        accept.into_js_value().unchecked_into()
    }
}
