// Deaths of the worker: the others go on within two seconds, and what was acknowledged is there.

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

// Appends numbers, one after the other, each until it is acknowledged; answers what was acknowledged and the
// longest wait. Without idempotence an append whose answer was lost may be there twice.
const load = (tab) => tab.page.evaluate(() => {
  window.load = { acknowledged: [], longest: 0, stop: false };
  window.loadEnds = (async () => {
    let wire;
    for (let number = 1; !window.load.stop;) {
      const began = performance.now();
      for (;;) {
        try {
          wire ??= await window.tablog.connect();
          wire.send(new TextEncoder().encode(`....a${number},`));
          await wire.receive();
          break;
        } catch { wire = undefined; }
      }
      window.load.acknowledged.push(number);
      window.load.longest = Math.max(window.load.longest, performance.now() - began);
      number += 1;
    }
  })();
});
const acknowledged = (tab) => tab.page.evaluate(() => window.load.acknowledged.length);
const finish = async (tab) => {
  await tab.page.evaluate(async () => { window.load.stop = true; await window.loadEnds; });
  return tab.page.evaluate(() => window.load);
};

async function goesOn(tab, before) {
  const began = Date.now();
  while ((await acknowledged(tab)) <= before + 5) {
    assert.ok(Date.now() - began < 5000, 'the load does not go on');
    await pause(20);
  }
}

async function checkAll(tab, reader) {
  const { acknowledged: numbers, longest } = await finish(tab);
  assert.ok(longest < 2000, `it took ${Math.round(longest)} ms to go on`);
  const stored = (await reader.ask('r')).split(',').filter(Boolean).map(Number);
  // In order, nothing missing; a repeated number stands right after itself.
  const distinct = stored.filter((number, i) => number !== stored[i - 1]);
  assert.deepEqual(distinct, distinct.map((_, i) => i + 1));
  assert.ok(distinct.length >= numbers.length, `${numbers.length} acknowledged, ${distinct.length} stored`);
  return { numbers, stored };
}

test('the tab whose process holds the worker crashes under load from another', async () => {
  const holder = await openTab(browser, server);
  await holder.ask('e');
  const tab = await openTab(browser, server);
  await load(tab);
  await goesOn(tab, 0);
  const before = await tab.until(/^ready .* 2$/);
  const count = await acknowledged(tab);
  await crash(holder);
  await goesOn(tab, count);
  const after = await tab.until(/^ready .* 1$/);
  assert.notEqual(before.split(' ')[1], after.split(' ')[1], 'the worker survived: nothing was tested');
  const reader = await openTab(browser, server);
  await checkAll(tab, reader);
});

for (const death of ['panic', 'die', 'die-after-commit']) {
  test(`the worker dies under load: ${death}`, async () => {
    const tab = await openTab(browser, server);
    await load(tab);
    await goesOn(tab, 0);
    const incarnation = (await tab.until(/^ready/)).split(' ')[1];
    const count = await acknowledged(tab);
    await tab.inject(death);
    await goesOn(tab, count);
    // An answer or two may still have come from the one that dies.
    await tab.until(new RegExp(`^ready (?!${incarnation})`));
    await goesOn(tab, await acknowledged(tab));
    const reader = await openTab(browser, server);
    const { numbers, stored } = await checkAll(tab, reader);
    if (death === 'die-after-commit') {
      assert.ok(stored.length > numbers.length || stored.length > new Set(stored).size,
        'the commit without an answer is not there: nothing was tested');
    }
  });
}

test('after three deaths in a minute it stays down and says why', async () => {
  const tab = await openTab(browser, server);
  for (let death = 1; death <= 3; death += 1) {
    await tab.until(/^ready/);
    await tab.inject('panic');
    await tab.until(/^(connecting|failed)/);
  }
  assert.match(await tab.until(/^failed/), /died 3 times within a minute; the last time: .*injected/s);
  const second = await openTab(browser, server);
  assert.match(await second.until(/^failed/), /died 3 times/);
  await second.page.evaluate(() => window.tablog.retry());
  assert.equal(await second.ask('e', 'again'), 'again');
});

test('a crashed tab is noticed, its connections are closed, and no will is read', async () => {
  const holder = await openTab(browser, server);
  await holder.until(/^ready/);
  const tab = await openTab(browser, server);
  await tab.ask('e');
  await tab.page.evaluate(() => window.wire.set_will(new TextEncoder().encode('....alast words')));
  await holder.until(/^ready .* 2$/);
  await crash(tab);
  await holder.until(/^ready .* 1$/);
  assert.equal(await holder.ask('r'), '');
});
