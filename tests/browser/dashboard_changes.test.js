// What pages change and how one gets about in them: a group is deleted or refused, segments are counted, the newest
// records are reached by the arrow keys, long lists scroll, and the raw store that is taken home is whole.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch } from './chromium.js';
import { DIST, complaints, createTopic, follow, go, isShared, loadFlights, members, number, open, openBare, rows, seen, until } from './dashboard.js';
import { serve } from './server.js';

let server, browser;
before(async () => { server = await serve(DIST); });
after(async () => { await server.close(); });
beforeEach(async () => { browser = await launch(); });
afterEach(async () => { await browser.close(); });

test('a group is deleted when nobody is in it, and what is lost is named before', { timeout: 120_000 }, async () => {
  const page = await open(browser, `${server.url}/`);
  await loadFlights(page);
  await go(page, 'Groups');
  await follow(page, 'flights-readers');
  await until('members', () => members(page), (owned) => isShared(owned, [2, 2, 2]));
  const dialog = page.getByRole('dialog', { name: 'Delete flights-readers?' });
  await page.getByRole('button', { name: 'Delete group' }).click();
  await seen(dialog.getByText(/3 members are alive/));
  await dialog.getByRole('button', { name: /^Delete flights-readers/ }).click();
  await seen(page.getByRole('alert').getByText(/NON_EMPTY_GROUP.*has members that are alive/));
  for (let left = 2; left >= 0; left -= 1) {
    await page.getByRole('table', { name: 'Members' }).getByRole('button', { name: 'Remove consumer' }).first().click();
    await until(`${left} members`, () => members(page), (owned) => Object.keys(owned).length === left);
  }
  await page.getByRole('button', { name: 'Delete group' }).click();
  await seen(dialog.getByText('Its committed offsets of 6 partitions will be gone.'));
  await dialog.getByRole('button', { name: 'Keep it' }).click();
  assert.equal((await rows(page, 'Offsets')).length, 6);
  await page.getByRole('button', { name: 'Delete group' }).click();
  await dialog.getByRole('button', { name: 'Delete flights-readers and 6 offsets' }).click();
  await seen(page.getByText('There is no group of this name.'));
  await go(page, 'Groups');
  await seen(page.getByRole('heading', { level: 1, name: 'Nobody reads yet.' }));
  assert.deepEqual(complaints(browser), []);
});

test('segments are counted by the broker, and counted again when one is rolled', { timeout: 120_000 }, async () => {
  const page = await open(browser, `${server.url}/`);
  await createTopic(page, 'rolls');
  await follow(page, 'rolls');
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByLabel('segment.bytes', { exact: true }).fill('1048576');
  await page.getByRole('button', { name: 'Apply' }).click();
  const form = page.getByRole('region', { name: 'Produce' }).locator('form');
  await form.getByLabel('Key', { exact: true }).fill('one');
  await form.getByLabel('Value', { exact: true }).first().fill('x'.repeat(1000));
  await form.getByLabel('How many').fill('3000');
  await form.getByRole('button', { name: 'Produce' }).click();
  await seen(form.getByText(/3,000 records acknowledged/));
  await go(page, 'Storage');
  const counts = async () => (await rows(page, 'Segments')).filter(([topic]) => topic === 'rolls').map((row) => number(row[3]));
  const all = await until('segments', counts, (counts) => counts.some((n) => n >= 3));
  assert.ok(all.every((n) => n >= 1), `${all}`);
  assert.deepEqual(complaints(browser), []);
});

test('the newest records are one tab stop, and the arrow keys go through them', { timeout: 120_000 }, async () => {
  const page = await open(browser, `${server.url}/`);
  await loadFlights(page);
  await go(page, 'Topics');
  await follow(page, 'flights');
  const stops = page.locator('[data-cell][tabindex="0"]');
  const newest = (lane) => page.locator(`[data-cell="${lane},0"] title`).textContent();
  await until('both tapes to their ends', async () => [await newest(0), await newest(1)].join('; '),
    (titles) => /offset 2,185;.*offset 5,538$/.test(titles));
  assert.equal(await stops.count(), 1);
  const here = () => page.evaluate(() => [document.activeElement.dataset.cell, document.activeElement.querySelector('title')?.textContent]);
  await stops.first().focus();
  assert.match((await here())[1], /^[A-Z]{3}, partition 0, offset 2,185$/);
  for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowDown']) await page.keyboard.press(key);
  const [cell, title] = await here();
  assert.equal(cell, '1,2');
  assert.match(title, /^[A-Z]{3}, partition 1, offset 5,536$/);
  // Said in the picture too, for those who see it.
  await until('its words', () => page.locator('.tapegrid figure svg > text').allTextContents(), (texts) => texts.includes(title));
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.equal((await here())[0], '1,0');
  await until('one stop', () => stops.count(), (count) => count === 1);
  assert.deepEqual(complaints(browser), []);
});

test('the raw store that is taken home is whole', { timeout: 120_000 }, async () => {
  const page = await open(browser, `${server.url}/`);
  await loadFlights(page);
  const bare = await openBare(browser, server.url);
  await page.close();
  // Of a newer format, so that the broker does not start on it.
  await until('a newer format', () => bare.evaluate(() => new Promise((resolve, reject) => {
    const request = indexedDB.open('tablog/local', 99);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => { request.result.close(); resolve(true); };
  })), Boolean);
  await bare.close();
  const broken = await open(browser, `${server.url}/storage`);
  const [download] = await Promise.all([
    broken.waitForEvent('download', { timeout: 60_000 }),
    broken.getByRole('button', { name: 'Download the raw store' }).click(),
  ]);
  const tar = await readFile(await download.path());
  const records = {};
  for (const [name, bytes] of filesOf(tar)) {
    const [, topic, partition] = /([^/]+)\/(\d+)\/\d+\.log$/.exec(name) ?? [];
    if (topic) (records[topic] ??= {})[partition] = (records[topic][partition] ?? 0) + recordsOf(bytes);
  }
  const flights = Object.values(records).find((partitions) => Object.keys(partitions).length === 6);
  assert.deepEqual(Object.values(flights), [2186, 5539, 3116, 4574, 2343, 2242]);
});

function* filesOf(tar) {
  for (let at = 0; tar[at] !== 0;) {
    const text = (from, len) => tar.toString('latin1', at + from, at + from + len).replace(/\0.*$/s, '');
    const size = parseInt(text(124, 12), 8);
    const name = [text(345, 155), text(0, 100)].filter(Boolean).join('/');
    yield [name, tar.subarray(at + 512, at + 512 + size)];
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

// Of record batches: base offset (8 bytes), length (4), and at 57 how many records.
function recordsOf(log) {
  let records = 0;
  for (let at = 0; at < log.length;) {
    records += log.readInt32BE(at + 57);
    at += 12 + log.readInt32BE(at + 8);
  }
  return records;
}
