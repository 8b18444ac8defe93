// The script whose URL never changes: two URLs would be two brokers on one log. It listens from its first line on,
// since a message that comes before a handler is lost, and hands the ports over when the broker is there.
//
// It must never hold anything that changes with a release but the two names below, which the build fills in.

const ports = [];
let accept = (port) => ports.push(port);

self.onconnect = (event) => {
  const port = event.ports[0];
  // A worker that is ending still takes connections and never answers: this tells the tab that we live.
  port.postMessage({ type: 'here' });
  accept(port);
};

const refuse = (error) => {
  const fault = { type: 'fault', fatal: true, kind: 'Io', detail: `the broker cannot be started: ${error}` };
  accept = (port) => port.postMessage(fault);
  ports.splice(0).forEach(accept);
  setTimeout(() => self.close(), 100);
};

try {
  importScripts(new URL('worker-HASH.js', self.location.href).href);
  wasm_bindgen({ module_or_path: new URL('worker-HASH.wasm', self.location.href).href }).then(() => {
    accept = wasm_bindgen.start(self.name);
    ports.splice(0).forEach((port) => accept(port));
  }).catch(refuse);
} catch (error) {
  refuse(error);
}
