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
const produceOnce = (tab, bytes) => tab.page.evaluate((bytes) => window.tablog.produce_once('numbers', bytes), bytes);
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

test('a full disk fails the produce in Kafka\'s words; reads go on and nothing acknowledged is lost', async () => {
  const KAFKA_STORAGE_ERROR = 56;
  // Before the first write: Chromium remembers for a while how much room there was.
  const page = await browser.context.newPage();
  const session = await browser.context.newCDPSession(page);
  const origin = server.url;
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 2_000_000 });
  const tab = await open();
  await produce(tab);
  await goesOn(tab, 0, 20_000);
  const { acknowledged } = await finish(tab);
  let code = 0, stored = 0;
  for (; code === 0 && stored < 20; stored += code === 0 ? 1 : 0) code = await produceOnce(tab, 500_000);
  assert.equal(code, KAFKA_STORAGE_ERROR);
  assert.equal(await produceOnce(tab, 500_000), KAFKA_STORAGE_ERROR);
  assert.match(await tab.status(), /^ready/);
  const expected = acknowledged.map((number, i) => `${i}:${number}`);
  for (let i = 0; i < stored; i += 1) expected.push(`${expected.length}:large`);
  assert.deepEqual(await readAll(tab), expected);
  await session.send('Storage.overrideQuotaForOrigin', { origin });
  assert.equal(await produceOnce(tab, 500_000), 0);
  expected.push(`${expected.length}:large`);
  assert.deepEqual(await readAll(tab), expected);
});

test('a damaged value is said in words or read around, never a hang', async () => {
  const tab = await open();
  await produce(tab);
  await goesOn(tab, 400, 20_000);
  await finish(tab);
  const damaged = await tab.page.evaluate(() => new Promise((resolve, reject) => {
    const request = indexedDB.open('tablog/local');
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const tx = request.result.transaction('segments', 'readwrite');
      const segments = tx.objectStore('segments');
      const count = {};
      segments.getAllKeys().onsuccess = ({ target }) => {
        for (const [name] of target.result) count[name] = (count[name] ?? 0) + 1;
        const blob = Object.keys(count).sort((a, b) => count[b] - count[a])[0];
        const keys = target.result.filter(([name]) => name === blob);
        const key = keys[Math.floor(keys.length / 2)];
        segments.get(key).onsuccess = ({ target: { result } }) => {
          const value = new Uint8Array(result);
          value.fill(0xff, value.length - 3);
          segments.put(value, key);
        };
      };
      tx.oncomplete = () => { request.result.close(); resolve(true); };
    };
  }));
  assert.ok(damaged);
  const { length: total } = await readAll(tab);
  // What was written last is served from memory: a new worker reads what is stored.
  const incarnation = (await tab.until(/^ready/)).split(' ')[1];
  await tab.inject('die');
  await tab.until(new RegExp(`^ready (?!${incarnation})`));
  const outcome = await Promise.race([
    readAll(tab).then((lines) => lines, (error) => error.message),
    pause(15_000).then(() => 'hang'),
  ]);
  if (process.env.VERBOSE) console.error(typeof outcome === 'string' ? outcome : `${outcome.length} records`);
  assert.notEqual(outcome, 'hang');
  if (typeof outcome === 'string') assert.match(outcome, /corrupt|crc|storage/i);
  // What is before the damage may be read, and nothing after it as if there were none.
  else assert.deepEqual(outcome, outcome.map((_, i) => `${i}:${i + 1}`));
  assert.ok(outcome.length < total || typeof outcome === 'string', 'nothing was damaged');
});

const join = (tab, sessionTimeoutMs) => tab.page.evaluate((timeout) => {
  window.member = window.tablog.join('shared', timeout);
}, sessionTimeoutMs);
const partitions = (tab) => tab.page.evaluate(() => Array.from(window.member.partitions()));
async function owns(tab, count, timeoutMs) {
  const began = Date.now();
  while ((await partitions(tab)).length !== count) {
    assert.ok(Date.now() - began < timeoutMs, `it owns ${await partitions(tab)} instead of ${count} partitions`);
    await pause(50);
  }
  return Date.now() - began;
}

test('a closed tab\'s partitions move at once, a crashed tab\'s after its session timeout', async () => {
  const first = await open();
  assert.equal(await first.page.evaluate(() => window.tablog.create_topic('shared', 4)), 0);
  // Longer than any wait below: only the will can be what moves them.
  await join(first, 45_000);
  await owns(first, 4, 15_000);
  const second = await open();
  await join(second, 45_000);
  await owns(first, 2, 15_000);
  await owns(second, 2, 15_000);
  await second.page.goto('about:blank');
  await owns(first, 4, 10_000);

  const third = await open();
  await join(third, 6000);
  await owns(third, 2, 15_000);
  await crash(third);
  await pause(1000);
  assert.equal((await partitions(first)).length, 2, 'a crash is no leave');
  await owns(first, 4, 20_000);
});
