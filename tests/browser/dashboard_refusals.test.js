// Bad input, said in words: what happened, and what to do.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch } from './chromium.js';
import { DIST, complaints, createTopic, follow, go, highWatermarks, open, openBare, rows, seen, sum, until } from './dashboard.js';
import { serve } from './server.js';

let server, browser;
before(async () => { server = await serve(DIST); });
after(async () => { await server.close(); });
beforeEach(async () => { browser = await launch(); });
afterEach(async () => { await browser.close(); });

test('a topic with an illegal name cannot be created, and the page says why', { timeout: 90_000 }, async () => {
  const page = await open(browser, `${server.url}/`);
  await createTopic(page, 'right');
  await page.getByRole('button', { name: 'Create a topic' }).click();
  const name = page.getByLabel('Name', { exact: true });
  const create = page.locator('aside').getByRole('button', { name: /^Create/ });
  for (const [typed, why] of [
    ['two words', /A space cannot be in a topic’s name/],
    ['a/b', /“\/” cannot be in a topic’s name/],
    ['..', /cannot be names/],
    ['x'.repeat(250), /One character longer than the 249 allowed/],
    ['right', /There is a topic “right” already/],
    ['비행', /cannot be in a topic’s name/],
  ]) {
    await name.fill(typed);
    await seen(page.getByText(why));
    assert.ok(await create.isDisabled(), typed);
  }
  await name.fill('right-2');
  await create.click();
  await seen(page.getByRole('link', { name: 'right-2', exact: true }));
  assert.deepEqual(complaints(browser), []);
});

test('an import that is not what it says, and one with a broken line', { timeout: 90_000 }, async () => {
  const page = await open(browser, `${server.url}/`);
  await createTopic(page, 'imported');
  await follow(page, 'imported');
  await page.getByRole('button', { name: 'Import a file' }).click();
  const choose = (name, content) => page.locator('input[type=file]')
    .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) });
  const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52];
  await choose('picture.csv', png);
  await seen(page.getByRole('alert').getByText(/picture\.csv could not be read as text/));
  await choose('empty.ndjson', '');
  await seen(page.getByRole('alert').getByText(/empty\.ndjson is neither JSON nor CSV with a heading/));
  assert.equal(await page.getByRole('button', { name: /^Import \d/ }).count(), 0);

  await choose('flights.ndjson', '{"origin":"ATL","delay":1}\n{"origin":"ORD","del\n{"origin":"DFW","delay":3}\n');
  await seen(page.getByText(/Line 2 is broken:/));
  await seen(page.getByText(/the other 2 records can be imported/));
  assert.equal(await page.getByRole('alert').count(), 0);
  await choose('flights.csv', 'origin,delay\nATL,1\nORD\nDFW,3\n');
  await seen(page.getByText(/Line 3 is broken: it has one field, the heading has 2/));
  await page.getByRole('button', { name: 'Import 2 records' }).click();
  await seen(page.getByText('All 2 records are acknowledged.'));
  await until('high watermarks', () => highWatermarks(page), (ends) => sum(ends) === 2);
  const read = await until('the records', () => rows(page, 'Records'), (rows) => rows.length === 2);
  assert.deepEqual(read.map((row) => `${row[2]} ${row[3]}`).sort(), ['ATL {"origin":"ATL","delay":1}', 'DFW {"origin":"DFW","delay":3}']);
  assert.deepEqual(complaints(browser), []);
});

test('a store of a newer format is left alone, and the page says so and offers the ways out', { timeout: 120_000 }, async () => {
  const bare = await openBare(browser, server.url);
  await bare.evaluate(() => new Promise((resolve, reject) => {
    const request = indexedDB.open('tablog/local', 99);
    request.onupgradeneeded = () => request.result.createObjectStore('small').put(new Uint8Array([1, 2, 3]), ['of-the-future', 3]);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => { request.result.close(); resolve(); };
  }));
  await bare.close();
  const page = await open(browser, `${server.url}/`);
  const broken = page.getByRole('heading', { level: 1, name: 'The store cannot be opened.' });
  await seen(broken);
  await seen(page.getByRole('alert').getByText(/written by a newer version of Tablog/));
  await page.getByRole('button', { name: 'Try again' }).click();
  await seen(broken);
  await page.getByRole('link', { name: 'Other ways on' }).click();
  await seen(page.getByRole('button', { name: 'Delete the store…' }));
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the raw store' }).click(),
  ]);
  assert.match(download.suggestedFilename(), /\.tar$/);
  await page.getByRole('button', { name: 'Delete the store…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete everything?' });
  await seen(dialog);
  await dialog.getByRole('button', { name: /^Delete/ }).click();
  await go(page, 'Overview');
  await seen(page.getByRole('heading', { level: 1, name: 'Nothing has been written yet.' }));
  const other = await open(browser, `${server.url}/`);
  await seen(other.getByRole('button', { name: 'Load the flights' }));
  assert.deepEqual(complaints(browser), []);
});
