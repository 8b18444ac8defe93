// The real broker and the real client: a record goes page → MessagePort → broker → IndexedDB → back, and what
// was acknowledged outlives every death of the worker: nothing lost, nothing twice, in order.

import assert from 'node:assert/strict';
import { after, before, beforeEach, afterEach, test } from 'node:test';
import { launch } from './chromium.js';
import { serve } from './server.js';
import { SITE } from './site.js';
import { crash, openTab, pause } from './tab.js';

let server, browser;
before(async () => { server = await serve(SITE); });
after(async () => { await server.close(); });
beforeEach(async () => { browser = await launch(); });
afterEach(async () => { await browser.close(); });

const open = () => openTab(browser, server, 'broker');
const produce = (tab) => tab.page.evaluate(() => { window.load = window.tablog.produce('numbers'); });
const count = (tab) => tab.page.evaluate(() => window.load.count());
const readAll = (tab) => tab.page.evaluate(() => window.tablog.read_all('numbers'));

async function goesOn(tab, before, timeoutMs = 5000) {
  const began = Date.now();
  while ((await count(tab)) <= before + 100) {
    if (Date.now() - began > timeoutMs) {
      assert.fail(`no acknowledgements: ${await tab.status()}; ${await tab.page.evaluate(() => window.load.failures())}`);
    }
    await pause(20);
  }
}

async function finish(tab) {
  await tab.page.evaluate(() => window.load.stop());
  const began = Date.now();
  while (!(await tab.page.evaluate(() => window.load.stopped()))) {
    assert.ok(Date.now() - began < 10_000, 'what was sent is not acknowledged');
    await pause(20);
  }
  return tab.page.evaluate(() => ({
    acknowledged: Array.from(window.load.acknowledged()),
    failures: window.load.failures(),
    longest: window.load.longest_ms(),
  }));
}

// Offsets without a gap, and in them every number once and in order.
function checkAll(lines, acknowledged) {
  assert.deepEqual(lines, lines.map((_, i) => `${i}:${i + 1}`));
  assert.equal(lines.length, acknowledged.length);
}

test('a record comes back, after a reload too', async () => {
  const tab = await open();
  await produce(tab);
  await goesOn(tab, 0, 20_000);
  const { acknowledged, failures } = await finish(tab);
  assert.deepEqual(failures, []);
  checkAll(await readAll(tab), acknowledged);
  await tab.page.reload();
  await tab.page.evaluate(() => window.loaded);
  checkAll(await readAll(tab), acknowledged);
});

async function survives(deathOf) {
  const holder = await open();
  await holder.until(/^ready/);
  const tab = await open();
  await produce(tab);
  await goesOn(tab, 0, 20_000);
  const incarnation = (await tab.until(/^ready .* 2$/)).split(' ')[1];
  const before = await count(tab);
  await deathOf(holder, tab);
  await goesOn(tab, before);
  assert.notEqual((await tab.until(/^ready/)).split(' ')[1], incarnation, 'the worker survived: nothing was tested');
  const { acknowledged, failures, longest } = await finish(tab);
  assert.deepEqual(failures, []);
  assert.ok(longest < 2000, `it took ${longest} ms to go on`);
  const reader = await open();
  checkAll(await readAll(reader), acknowledged);
}

test('the tab whose process holds the worker crashes under load from another', () =>
  survives((holder) => crash(holder)));

for (const death of ['panic', 'die', 'die-after-commit']) {
  test(`the worker dies under load: ${death}`, () => survives((_holder, tab) => tab.inject(death)));
}
