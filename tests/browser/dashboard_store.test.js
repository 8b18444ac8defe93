// The store that cannot be had: refused by the browser, busy, deleted, full, damaged. The page says in both languages what
// happened and what to do, and nothing acknowledged is lost.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { launch } from './chromium.js';
import { DIST, createTopic, follow, go, gone, highWatermarks, open, openBare, produce, rows, seen, sum, until } from './dashboard.js';
import { serve } from './server.js';

const DATABASE = 'tablog/local';

let server, browser, refusing;
beforeEach(async () => {
  refusing = false;
  const alter = (path, bytes) => (refusing && path === '/tablog-worker.js'
    ? `indexedDB.open = () => { throw new DOMException('refused by the test', 'SecurityError'); };\n${bytes}` : bytes);
  server = await serve(DIST, { alter });
});
afterEach(async () => {
  await browser?.close();
  await server.close();
});

const head = (page, name) => page.getByRole('heading', { level: 1, name });
const alert = (page, words) => page.getByRole('alert').getByText(words);

// The same page in Korean says the same.
async function alsoInKorean(words) {
  const page = await open(browser, `${server.url}/?lang=ko`);
  await seen(alert(page, words));
  await seen(page.getByRole('button', { name: '다시 시도' }));
  await page.close();
}

// A topic with two acknowledged records, and the page that made it closed.
async function twoRecords() {
  const page = await open(browser, `${server.url}/`);
  await createTopic(page, 'kept');
  await follow(page, 'kept');
  await produce(page, 'a', 'first');
  await produce(page, 'b', 'second');
  return page;
}

async function areKept(page) {
  await page.goto(`${server.url}/topics/kept`);
  await until('high watermarks', () => highWatermarks(page), (ends) => sum(ends) === 2);
  const read = await until('the records', () => rows(page, 'Records'), (rows) => rows.length === 2);
  assert.deepEqual(read.map((row) => row[3]).sort(), ['first', 'second']);
}

// The last page's worker ends with it.
async function leave(page) {
  await page.close();
  await new Promise((resolve) => setTimeout(resolve, 500));
}

const openDatabase = (page, version) => page.evaluate(([name, version]) => {
  const request = indexedDB.open(name, version);
  window.opened = new Promise((resolve, reject) => {
    request.onsuccess = () => { window.db = request.result; resolve(); };
    request.onerror = () => reject(request.error);
  });
}, [DATABASE, version]);

test('a browser that lets the site store nothing', { timeout: 120_000 }, async () => {
  browser = await launch({ preferences: { profile: { default_content_setting_values: { cookies: 2 } } } });
  const page = await open(browser, `${server.url}/`);
  await seen(head(page, 'The store cannot be opened.'));
  await seen(alert(page, /lets this site store nothing/));
  await seen(alert(page, /Allow site data/));
  await page.getByRole('button', { name: 'Try again' }).click();
  await seen(alert(page, /lets this site store nothing/));
  await alsoInKorean(/저장하거나 공유 워커를 실행하는 것을 막고/);
});

test('a database that the browser refuses for a while', { timeout: 120_000 }, async () => {
  browser = await launch();
  await leave(await twoRecords());
  refusing = true;
  const page = await open(browser, `${server.url}/`);
  await seen(alert(page, /lets this site store nothing/));
  await alsoInKorean(/저장하거나 공유 워커를 실행하는 것을 막고/);
  refusing = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await gone(page.getByRole('alert'));
  await areKept(page);
});

test('a database that another page keeps busy is waited for', { timeout: 180_000 }, async () => {
  browser = await launch();
  await leave(await twoRecords());
  const holder = await openBare(browser, server.url);
  await openDatabase(holder, 1);
  await holder.evaluate(() => window.opened);
  const upgrader = await openBare(browser, server.url);
  await openDatabase(upgrader, 99);
  const page = await open(browser, `${server.url}/`);
  await seen(alert(page, /Another page of this site has the store open/));
  await seen(alert(page, /goes on by itself/));
  await alsoInKorean(/다른 페이지가 저장소를 열고 있거나/);
  await upgrader.close();
  await holder.close();
  await seen(page.getByRole('link', { name: 'kept', exact: true }));
  await areKept(page);
});

test('a newer version that takes the database away', { timeout: 120_000 }, async () => {
  browser = await launch();
  const page = await twoRecords();
  const newer = await openBare(browser, server.url);
  await openDatabase(newer, 2);
  await newer.evaluate(() => window.opened);
  await seen(alert(page, /written by a newer version of Tablog/));
  await alsoInKorean(/새로운 버전의 Tablog/);
});

test('a database that is deleted underneath', { timeout: 120_000 }, async () => {
  browser = await launch();
  const page = await twoRecords();
  const other = await openBare(browser, server.url);
  await other.evaluate((name) => new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = resolve;
    request.onerror = () => reject(request.error);
  }), DATABASE);
  await seen(head(page, 'The store was deleted.'));
  await seen(alert(page, /What was in it is gone/));
  await page.getByRole('button', { name: '한', exact: true }).click();
  await seen(alert(page, /데이터베이스를 삭제했습니다/));
  await page.getByRole('button', { name: 'EN', exact: true }).click();
  await page.getByRole('button', { name: 'Try again' }).click();
  await gone(page.getByRole('alert'));
  await go(page, 'Overview');
  await seen(head(page, 'Nothing has been written yet.'));
});

test('a full store is said to be full, and goes on when there is room', { timeout: 180_000 }, async () => {
  browser = await launch();
  const bare = await openBare(browser, server.url);
  const session = await browser.context.newCDPSession(bare);
  // Before the first write: Chromium remembers for a while how much room there was.
  await session.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize: 1_000_000 });
  const page = await twoRecords();
  const form = page.getByRole('region', { name: 'Produce' }).locator('form');
  await form.getByLabel('Value', { exact: true }).first().fill('x'.repeat(600_000));
  const press = form.getByRole('button', { name: 'Produce' });
  const isFull = page.getByText('In this browser’s worker, its store is full');
  await until('a full store', async () => {
    if (await press.isEnabled()) await press.click();
    return isFull.count();
  }, (count) => count > 0);
  await go(page, 'Storage');
  await seen(head(page, 'The store is full. Writes are refused, reads go on.'));
  await seen(alert(page, /No acknowledged record is lost/));
  await page.getByRole('button', { name: '한', exact: true }).click();
  await seen(alert(page, /응답받은 레코드는 하나도 잃지 않았습니다/));
  await page.getByRole('button', { name: 'EN', exact: true }).click();
  await session.send('Storage.overrideQuotaForOrigin', { origin: server.url });
  await gone(isFull);
  await page.goto(`${server.url}/topics/kept`);
  const read = await until('the records', () => rows(page, 'Records'), (rows) => rows.length >= 2);
  assert.ok(['first', 'second'].every((value) => read.some((row) => row[3] === value)));
});

test('damaged metadata are said to be damaged, and nothing is deleted', { timeout: 120_000 }, async () => {
  browser = await launch();
  await leave(await twoRecords());
  const bare = await openBare(browser, server.url);
  const pieces = () => bare.evaluate((name) => new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const db = request.result;
      db.transaction('segments').objectStore('segments').getAllKeys().onsuccess = ({ target }) => {
        db.close();
        resolve(target.result.map(([blob, end]) => `${blob} ${end}`));
      };
    };
  }), DATABASE);
  await bare.evaluate((name) => new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const tx = request.result.transaction('segments', 'readwrite');
      const segments = tx.objectStore('segments');
      segments.openCursor().onsuccess = ({ target: { result: cursor } }) => {
        if (!cursor) return;
        // The log of topic id 1, which is that of the metadata.
        if (/AAAAAAAAAAAAAAAAAAAAAQ.*\.log$/.test(cursor.key[0])) cursor.update(new Uint8Array(cursor.value).fill(0xff, 20));
        cursor.continue();
      };
      tx.oncomplete = () => { request.result.close(); resolve(); };
    };
  }), DATABASE);
  const before = await pieces();
  const page = await open(browser, `${server.url}/`);
  await seen(head(page, 'The store is damaged.'));
  await seen(alert(page, /Download the store first/));
  await alsoInKorean(/값이 쓰인 것과 다릅니다/);
  await page.getByRole('link', { name: 'Other ways on' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the raw store' }).click(),
  ]);
  assert.match(download.suggestedFilename(), /\.tar$/);
  assert.deepEqual(await pieces(), before);
});
