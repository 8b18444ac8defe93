// A page that is hidden, and one that goes into the back/forward cache and comes back.

import assert from 'node:assert/strict';
import { after, before, beforeEach, afterEach, test } from 'node:test';
import { launchRaw } from './raw_chromium.js';
import { serve } from './server.js';
import { SITE } from './site.js';

let server, browser;
before(async () => { server = await serve(SITE); });
after(async () => { await server.close(); });
beforeEach(async () => { browser = await launchRaw(); });
afterEach(async () => { await browser.close(); });

const READY = "window.tablog !== undefined && window.tablog.status().startsWith('ready')";
const ASK = `async (letter, text) => {
  window.wire ??= await window.tablog.connect();
  window.wire.send(new TextEncoder().encode('....' + letter + text));
  return new TextDecoder().decode((await window.wire.receive()).slice(4));
}`;
const ask = (page, letter, text = '') => page.evaluate(`(${ASK})('${letter}', '${text}')`);

test('a hidden tab sleeps by the worker, whose timers are not slowed', async () => {
  const page = await browser.openPage(`${server.url}/tab.html`);
  await page.until(READY);
  const other = await browser.openPage('about:blank');
  await other.activate();
  await page.until("document.visibilityState === 'hidden'");
  const ticks = await page.evaluate(async () => {
    let ticks = 0;
    const tick = () => { ticks += 1; setTimeout(tick, 20); };
    tick();
    // By a message's clock: it is not slowed.
    const end = performance.now() + 3000;
    await new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => (performance.now() < end ? port2.postMessage(0) : resolve());
      port2.postMessage(0);
    });
    return ticks;
  });
  assert.ok(ticks < 40, `${ticks} ticks: the hidden page's timers are not slowed, and nothing is tested`);
  const slept = await page.evaluate(async () => {
    let longest = 0;
    for (let i = 0; i < 10; i += 1) longest = Math.max(longest, await window.tablog.sleep(100));
    return longest;
  });
  assert.ok(slept < 500, `a sleep of 100 ms took ${slept} ms`);
});

test('a page comes back from the back/forward cache and reaches the broker again', async () => {
  const keeper = await browser.openPage(`${server.url}/tab.html`);
  await keeper.until(READY);
  const page = await browser.openPage(`${server.url}/tab.html`);
  await page.until(READY);
  assert.equal(await ask(page, 'a', 'before '), 'stored');
  await page.evaluate(`window.wire.set_will(new TextEncoder().encode('....alast '));
    window.addEventListener('pageshow', (event) => { window.persisted = event.persisted; }); 0`);
  await keeper.until("window.tablog.status().endsWith(' 2')");
  await page.navigate('about:blank');
  await keeper.until("window.tablog.status().endsWith(' 1')");
  await page.goBack();
  await keeper.until("window.tablog.status().endsWith(' 2')");
  assert.equal(await page.evaluate('window.persisted'), true, 'the page was loaded anew: nothing was tested');
  await page.until(READY);
  const ended = await page.evaluate("window.wire.receive().then(() => 'frame', (error) => error.message)");
  assert.match(ended, /went away/);
  await page.evaluate('window.wire = undefined; 0');
  assert.equal(await ask(page, 'a', 'after'), 'stored');
  assert.equal(await ask(page, 'r'), 'before last after');
});
