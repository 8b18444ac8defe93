// A worker of a tab whose connections are forwarded by its page.

import init, { Forwarded } from './transport/transport.js';

let wire;
self.onmessage = async ({ data }) => {
  try {
    if (data.port) {
      await init();
      wire = await new Forwarded(data.port).connect('broker-1.local.tablog');
      self.postMessage('connected');
    } else {
      wire.send(data.frame);
      self.postMessage(await wire.receive());
    }
  } catch (error) {
    self.postMessage(`error ${error}`);
  }
};
