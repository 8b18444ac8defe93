// The built page as the tests drive it: what a reader sees by role and name, awaited and never slept for.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

// What `cargo xtask build` leaves.
export const DIST = process.env.TABLOG_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url));

export const PATIENCE_MS = 60_000;

// murmur2 of the 20,000 keys, mod 6.
export const FLIGHTS_BY_PARTITION = [2186, 5539, 3116, 4574, 2343, 2242];

export const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

// Asks until the answer is right, and says the last one when time is up.
export async function until(what, ask, isRight, timeoutMs = PATIENCE_MS) {
  let answer;
  for (const end = Date.now() + timeoutMs; Date.now() < end;) {
    try {
      answer = await ask();
      if (isRight(answer)) return answer;
    } catch (error) {
      answer = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`${what}: after ${timeoutMs} ms still ${answer instanceof Error ? answer : JSON.stringify(answer)}`);
}

export async function open(browser, url) {
  const page = await browser.context.newPage();
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(url);
  return page;
}

export const seen = (locator) => locator.first().waitFor({ state: 'visible', timeout: PATIENCE_MS });
export const gone = (locator) => locator.first().waitFor({ state: 'hidden', timeout: PATIENCE_MS });

// The cells' texts, row by row.
export const rows = (page, name) => page.getByRole('table', { name, exact: true }).first()
  .locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim())));

export const number = (text) => (/\d/.test(text) ? Number(text.replace(/\D/g, '')) : null);

export const highWatermarks = async (page) => (await rows(page, 'Partitions')).map((row) => number(row[2]));

// { client: [partitions] }; groups of the consumer kind have more columns.
export const members = async (page) => Object.fromEntries(await page.getByRole('table', { name: 'Members', exact: true }).first()
  .evaluate((table) => {
    const at = [...table.tHead.rows[0].cells].findIndex((cell) => cell.textContent.trim() === 'Partitions');
    const rows = [...table.tBodies[0].rows].filter((row) => row.cells.length > at);
    return rows.map(({ cells }) => [cells[0].textContent.trim(), (cells[at].textContent.match(/\d+/g) ?? []).map(Number)]);
  }));

export const offsets = async (page) => (await rows(page, 'Offsets')).map(([topic, partition, committed, end, lag, owner]) => ({
  topic, partition: number(partition), committed: number(committed) ?? 0, end: number(end), lag: number(lag), owner,
}));

// Every partition of the flights by exactly one member, and by as many each as is said.
export function isShared(members, counts) {
  const owned = Object.values(members);
  return owned.flat().sort().join() === '0,1,2,3,4,5'
    && owned.map((partitions) => partitions.length).sort().join() === [...counts].sort().join();
}

export async function loadFlights(page) {
  await page.getByRole('button', { name: 'Load the flights' }).click({ timeout: PATIENCE_MS });
  await seen(page.getByText('20,000 flights are stored and acknowledged'));
}

// Within the page: by a link of the running head.
export const go = (page, name) => page.getByRole('navigation').getByRole('link', { name, exact: true }).click();

// By a link among the words.
export const follow = (page, name) => page.locator('main table').getByRole('link', { name, exact: true }).first().click();

export async function createTopic(page, name) {
  await go(page, 'Topics');
  await page.getByRole('button', { name: 'Create a topic' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: `Create ${name}` }).click();
  await seen(page.getByRole('link', { name, exact: true }));
}

export async function produce(page, key, value) {
  const form = page.getByRole('region', { name: 'Produce' }).locator('form');
  await form.getByLabel('Key', { exact: true }).fill(key);
  await form.getByLabel('Value', { exact: true }).first().fill(value);
  await form.getByRole('button', { name: 'Produce' }).click();
  await seen(form.getByText(/^Acknowledged: partition/));
}

// An empty document of the site, without the SDK and without any of our scripts.
export async function openBare(browser, url) {
  const page = await browser.context.newPage();
  await page.route('**/bare.html', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await page.goto(`${url}/bare.html`);
  return page;
}

// What pages said was wrong, but for what a static host answers to a deep link: 404, with the page. Before that page has
// said where its base is, Chromium's preload scanner has asked for its files beside the link.
export const complaints = (browser) => browser.complaints
  .filter((complaint) => !/status of 404.*\/(topics|groups|clients|storage|consumer|lab)\b/.test(complaint));
