// The picture is what was read from the broker: it stops and says so when answers stay away, and shows what others
// write, were it by hand. What records hold is text.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch } from './chromium.js';
import {
  DIST, complaints, createTopic, follow, go, gone, highWatermarks, isShared, loadFlights, members, open, openBare, produce, rows, seen,
  sum, until,
} from './dashboard.js';
import { connect, produceRaw } from './raw_kafka.js';
import { serve } from './server.js';

let server, browser;
before(async () => { server = await serve(DIST); });
after(async () => { await server.close(); });
beforeEach(async () => { browser = await launch(); });
afterEach(async () => { await browser.close(); });

// Before the script of the tab's worker: answers of these APIs can be held back, and what follows them on the same port.
function holdBack(apis) {
  const hold = { on: false, waiting: [], held: {} };
  const kinds = new WeakMap();
  const kindsOf = (port) => { if (!kinds.has(port)) kinds.set(port, new Map()); return kinds.get(port); };
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (data, ...rest) {
    if (data instanceof ArrayBuffer && data.byteLength >= 8) {
      const frame = new DataView(data);
      kindsOf(this).set(frame.getInt32(4), frame.getInt16(0));
    }
    return post.call(this, data, ...rest);
  };
  const blocked = new WeakSet();
  const listening = new WeakMap();
  const close = MessagePort.prototype.close;
  MessagePort.prototype.close = function () { listening.delete(this); close.call(this); };
  const handler = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage');
  Object.defineProperty(MessagePort.prototype, 'onmessage', {
    ...handler,
    set(heard) {
      const port = this;
      listening.set(port, heard);
      handler.set.call(this, heard && function (event) {
        const api = event.data instanceof ArrayBuffer && event.data.byteLength >= 4
          ? kindsOf(port).get(new DataView(event.data).getInt32(0)) : null;
        if (hold.on && (apis.includes(api) || blocked.has(port))) {
          blocked.add(port);
          hold.held[api] = (hold.held[api] ?? 0) + 1;
          hold.waiting.push(() => {
            blocked.delete(port);
            // As a closed port does, or one that nobody listens on any more.
            if (listening.get(port) === heard) heard.call(port, event);
          });
          return;
        }
        heard.call(port, event);
      });
    },
  });
  const channel = new BroadcastChannel('hold');
  channel.onmessage = ({ data: ms }) => {
    hold.on = true;
    // Said before it is done: what the page shows until it has heard this was held.
    setTimeout(() => channel.postMessage(hold.held), ms - 200);
    setTimeout(() => { hold.on = false; hold.waiting.splice(0).forEach((deliver) => deliver()); }, ms);
  };
}

const beforeTabWorker = (context, script, ...args) => context.route('**/tablog-tab-*.js', async (route) => {
  const response = await route.fetch();
  await route.fulfill({ response, body: `(${script})(${JSON.stringify(args).slice(1, -1)});\n${await response.text()}` });
});

const FETCH = 1, LIST_OFFSETS = 2, DESCRIBE_GROUPS = 15;

test('when answers stay away for five seconds the picture stops and says so, and goes on by itself', { timeout: 120_000 }, async () => {
  await beforeTabWorker(browser.context, holdBack, [FETCH, LIST_OFFSETS, DESCRIBE_GROUPS]);
  const page = await open(browser, `${server.url}/`);
  await createTopic(page, 'numbers');
  await follow(page, 'numbers');
  const other = await openBare(browser, server.url);
  await connect(other);
  await produceRaw(other, 'numbers', 0, [['k', 'before']]);
  await until('the first record', () => highWatermarks(page), (ends) => sum(ends) === 1);
  const notice = page.locator('main').getByText(/^as of \d/);
  assert.equal(await notice.count(), 0);
  await page.evaluate(() => {
    window.holding = new BroadcastChannel('hold');
    window.holding.onmessage = ({ data: held }) => { window.held = held; };
    window.holding.postMessage(5000);
  });
  await produceRaw(other, 'numbers', 0, [['k', 'meanwhile']]);
  await seen(notice);
  await seen(page.getByText(/^No answer since \d/));
  await seen(page.locator('figure.fig.stale'));
  // Still held: what was written meanwhile is not drawn.
  const [held, ends] = await page.evaluate(() => [
    window.held === undefined,
    [...document.querySelectorAll('table[aria-label=Partitions] tbody tr')].map((row) => Number(row.cells[2].textContent)),
  ]);
  if (held) assert.equal(sum(ends), 1);
  await gone(notice);
  await gone(page.locator('figure.fig.stale'));
  const counts = await page.evaluate(() => window.held);
  assert.ok(counts, 'it went on before the answers came');
  assert.ok(counts[LIST_OFFSETS] >= 1 && counts[FETCH] >= 1, JSON.stringify(counts));
  await until('the second record', () => highWatermarks(page), (ends) => sum(ends) === 2);
  await other.close();
  assert.deepEqual(complaints(browser), []);
});

function dieWhenTold() {
  new BroadcastChannel('die').onmessage = () => { throw new Error('told to die'); };
}

test('when the tab\'s worker dies the page says so, and goes on with the same clients when it is tried again', { timeout: 120_000 }, async () => {
  await beforeTabWorker(browser.context, dieWhenTold);
  const page = await open(browser, `${server.url}/`);
  await loadFlights(page);
  await page.evaluate(() => { new BroadcastChannel('die').postMessage(''); });
  await seen(page.getByRole('heading', { level: 1, name: 'The page has lost its worker.' }));
  await seen(page.getByRole('alert').getByText(/told to die/));
  await page.getByRole('button', { name: 'Try again' }).click();
  await go(page, 'Groups');
  await follow(page, 'flights-readers');
  const owned = await until('members', () => members(page), (owned) => isShared(owned, [2, 2, 2]));
  assert.deepEqual(Object.keys(owned).sort(), ['consumer-1', 'consumer-2', 'consumer-3']);
  assert.deepEqual(complaints(browser).filter((complaint) => !/told to die/.test(complaint)), []);
});

test('what a second tab writes by raw frames is drawn in the first', { timeout: 120_000 }, async () => {
  const page = await open(browser, `${server.url}/`);
  await createTopic(page, 'by-hand');
  await follow(page, 'by-hand');
  await seen(page.getByRole('heading', { level: 1, name: 'by-hand' }));
  const other = await openBare(browser, server.url);
  await connect(other);
  await seen(page.getByText('2 tabs attached'));
  const records = [['blue', 'one'], ['green', 'two'], ['blue', 'three']];
  assert.equal(await produceRaw(other, 'by-hand', 2, records), 0);
  assert.equal(await produceRaw(other, 'by-hand', 2, [['red', 'four']]), 3);
  assert.deepEqual(await until('high watermarks', () => highWatermarks(page), (ends) => sum(ends) === 4), [0, 0, 4, 0, 0, 0]);
  const cells = page.locator('figure svg title');
  await until('cells of the tape', () => cells.allTextContents(), (titles) => titles.includes('blue, partition 2, offset 0')
    && titles.includes('red, partition 2, offset 3'));
  const values = await until('the records', () => rows(page, 'Records'), (rows) => rows.length === 4);
  assert.deepEqual(values.map((row) => row.slice(0, 4).join()).sort(), ['2,0,blue,one', '2,1,green,two', '2,2,blue,three', '2,3,red,four']);
  await page.getByRole('navigation').getByRole('link', { name: 'Overview' }).click();
  await seen(page.getByLabel(/^One topic/));
  await until('the overview', () => page.locator('figure svg').first().textContent(), (text) => /by-hand/.test(text) && /4 records/.test(text));
  await other.close();
  assert.deepEqual(complaints(browser), []);
});

test('what a record holds is text, whatever it looks like', { timeout: 120_000 }, async () => {
  const dialogs = [];
  const page = await open(browser, `${server.url}/`);
  page.on('dialog', (dialog) => { dialogs.push(dialog.message()); dialog.dismiss(); });
  await createTopic(page, 'hostile');
  await follow(page, 'hostile');
  const image = '<img src=x id=injected onerror="window.injected=1;alert(1)">';
  const script = '</pre></script><script id=injected>window.injected=1;alert(2)</script><b id=injected>bold</b>';
  await produce(page, image, script);
  await produce(page, 'json', JSON.stringify({ html: image }));
  const shown = await until('the records', () => rows(page, 'Records'), (rows) => rows.length === 2);
  assert.ok(shown.some((row) => row[2] === image && row[3] === script), JSON.stringify(shown));
  await page.getByRole('table', { name: 'Records' }).locator('tbody tr').filter({ hasText: '</pre>' }).first().click();
  const details = page.getByRole('complementary', { name: 'Record details' });
  await until('the details', () => details.textContent(), (text) => text.includes(image));
  for (const view of ['Text', 'JSON', 'Hex']) await details.getByRole('radio', { name: view }).click();
  await page.getByRole('button', { name: 'Import a file' }).click();
  await page.locator('input[type=file]').setInputFiles({
    name: `${image}.csv`, mimeType: 'text/csv', buffer: Buffer.from(`key,<script id=injected>\n${image.replaceAll('"', '')},1\n`),
  });
  await seen(page.getByRole('table', { name: 'Preview' }));
  await until('the tapes\' titles', () => page.locator('figure svg title').allTextContents(),
    (titles) => titles.some((title) => title.includes('<img')));
  await page.getByRole('navigation').getByRole('link', { name: 'Overview' }).click();
  await seen(page.getByLabel(/^One topic/));
  assert.equal(await page.locator('#injected').count(), 0);
  assert.equal(await page.evaluate(() => window.injected), undefined);
  assert.deepEqual(dialogs, []);
  assert.deepEqual(complaints(browser), []);
});
