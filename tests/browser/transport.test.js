// The way page → MessagePort → worker → IndexedDB and back, with an engine in the broker's place that appends
// what it is sent to one blob.

import assert from 'node:assert/strict';
import { after, before, beforeEach, afterEach, test } from 'node:test';
import { launch } from './chromium.js';
import { serve } from './server.js';
import { SITE } from './site.js';
import { openTab } from './tab.js';

let server, browser;
before(async () => { server = await serve(SITE); });
after(async () => { await server.close(); });
beforeEach(async () => { browser = await launch(); });
afterEach(async () => { await browser.close(); });

test('what is appended is stored and read back', async () => {
  const tab = await openTab(browser, server);
  assert.equal(await tab.ask('e', 'echo'), 'echo');
  assert.equal(await tab.ask('a', 'one '), 'stored');
  assert.equal(await tab.ask('a', 'two'), 'stored');
  assert.equal(await tab.ask('r'), 'one two');
  assert.match(await tab.until(/^ready/), /^ready [0-9a-f-]{36} 1$/);
  assert.deepEqual(browser.complaints, []);
});

test('a reload keeps everything', async () => {
  const tab = await openTab(browser, server);
  await tab.ask('a', 'kept');
  await tab.page.reload();
  await tab.page.evaluate(() => window.loaded);
  assert.equal(await tab.ask('r'), 'kept');
});

test('a second tab reaches the same broker, and outlives the first', async () => {
  const first = await openTab(browser, server);
  await first.ask('a', 'from the first');
  const second = await openTab(browser, server);
  assert.equal(await second.ask('r'), 'from the first');
  const incarnation = (await second.until(/^ready .* 2$/)).split(' ')[1];
  await first.close();
  assert.equal((await second.until(/^ready .* 1$/)).split(' ')[1], incarnation);
  assert.equal(await second.ask('a', ', then the second'), 'stored');
  assert.equal(await second.ask('r'), 'from the first, then the second');
});

test('an orderly leave feeds in the will, a forgotten one does not', async () => {
  const first = await openTab(browser, server);
  await first.ask('e');
  await first.page.evaluate(() => window.wire.set_will(new TextEncoder().encode('....alast words')));
  const second = await openTab(browser, server);
  assert.equal(await second.ask('r'), '');
  await first.page.goto('about:blank');
  await second.until(/^ready .* 1$/);
  assert.equal(await second.ask('r'), 'last words');
});

test('a broken frame closes the connection and nothing else', async () => {
  const tab = await openTab(browser, server);
  const ends = await tab.page.evaluate(async () => {
    const wire = await window.tablog.connect();
    wire.send(new Uint8Array([1]));
    return wire.receive().then(() => 'answered', (error) => error.message);
  });
  assert.match(ends, /the broker closed the connection/);
  assert.equal(await tab.ask('e', 'still here'), 'still here');
});

test('a broker that is not there is refused in words', async () => {
  const tab = await openTab(browser, server);
  const words = await tab.page.evaluate(() =>
    window.tablog.connect_to('broker-7.local.tablog', 9092).then(() => 'connected', (error) => error.message));
  assert.match(words, /there is no broker at broker-7.local.tablog:9092/);
});

test('sleep is served by the worker', async () => {
  const tab = await openTab(browser, server);
  await tab.until(/^ready/);
  const slept = await tab.page.evaluate(async () => {
    // A page whose timers are throttled for ever.
    const original = window.setTimeout;
    window.setTimeout = () => 0;
    try { return await window.tablog.sleep(100); } finally { window.setTimeout = original; }
  });
  assert.ok(slept >= 90 && slept < 1000, `slept ${slept} ms`);
});

test('a worker of the tab reaches the broker through its page', async () => {
  const tab = await openTab(browser, server);
  const answers = await tab.page.evaluate(async () => {
    const worker = new Worker('./forwarded.js', { type: 'module' });
    const next = () => new Promise((resolve) => { worker.onmessage = ({ data }) => resolve(data); });
    const port = window.tablog.forward();
    worker.postMessage({ port }, [port]);
    const connected = await next();
    worker.postMessage({ frame: new TextEncoder().encode('....ehello') });
    const answer = await next();
    return [connected, typeof answer === 'string' ? answer : new TextDecoder().decode(answer.slice(4))];
  });
  assert.deepEqual(answers, ['connected', 'hello']);
});

test('a page without SharedWorker is told so in words', async () => {
  await browser.context.addInitScript(() => { delete window.SharedWorker; });
  const tab = await openTab(browser, server);
  assert.match(await tab.until(/^failed/), /this browser has no SharedWorker/);
});

test('a store of a newer format is refused in words', async () => {
  const page = await browser.context.newPage();
  await page.goto(`${server.url}/conformance.html`);
  await page.evaluate(() => new Promise((resolve, reject) => {
    const request = indexedDB.open('tablog/local', 99);
    request.onsuccess = () => { request.result.close(); resolve(); };
    request.onerror = () => reject(request.error);
  }));
  const tab = await openTab(browser, server);
  assert.match(await tab.until(/^failed/), /written by a newer version of Tablog/);
});

test('the raw store can be taken home, and deleted, without the broker', async () => {
  const tab = await openTab(browser, server);
  await tab.ask('a', 'raw bytes');
  const tar = await tab.page.evaluate(async () => {
    const blob = await window.transport.download_store('local');
    return new TextDecoder().decode(await blob.arrayBuffer());
  });
  assert.equal(tar.length % 512, 0);
  assert.ok(tar.startsWith('test.log\0'));
  assert.ok(tar.includes('raw bytes'));
  await tab.page.evaluate(() => window.transport.delete_store('local'));
  assert.match(await tab.until(/^failed/), /deleted while it was open/);
  await tab.page.evaluate(() => { window.wire = undefined; window.tablog.retry(); });
  await tab.until(/^ready/);
  assert.equal(await tab.ask('r'), '');
});

test('a store that the browser takes away is opened anew', async () => {
  const tab = await openTab(browser, server);
  await tab.ask('a', 'gone soon');
  const incarnation = (await tab.until(/^ready/)).split(' ')[1];
  const session = await tab.page.context().newCDPSession(tab.page);
  await session.send('Storage.clearDataForOrigin', { origin: server.url, storageTypes: 'indexeddb' });
  await tab.until(new RegExp(`^ready (?!${incarnation})`));
  await tab.page.evaluate(() => { window.wire = undefined; });
  assert.equal(await tab.ask('r'), '');
  assert.equal(await tab.ask('a', 'anew'), 'stored');
});
