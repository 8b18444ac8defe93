// Pictures of every page, with the flights loaded and the replay running. Not a test.
//
//   node tests/browser/screenshots.js [FOLDER]
//
// writes static/screenshots/*.png for the README (1280×800, light, English), or into FOLDER every page in both themes
// and languages and at both sizes, to be looked at.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './chromium.js';
import { DIST, highWatermarks, isShared, loadFlights, members, open, seen, sum, until } from './dashboard.js';
import { serve } from './server.js';

// By links within the page, whose clients run on. Each ends where it is named for.
const PAGES = [
  ['overview', (page) => go(page, 'Overview')],
  ['topics', (page) => go(page, 'Topics')],
  ['topic', (page) => page.locator('main table').getByRole('link', { name: 'flights', exact: true }).first().click()],
  ['groups', (page) => go(page, 'Groups')],
  ['group', (page) => page.locator('main table').getByRole('link', { name: 'flights-readers' }).first().click()],
  ['clients', (page) => go(page, 'Clients')],
  ['storage', (page) => go(page, 'Storage')],
];
// In their order: the head has other words in Korean.
const go = (page, name) => page.getByRole('navigation').getByRole('link')
  .nth(['Overview', 'Topics', 'Groups', 'Clients', 'Storage'].indexOf(name)).click();
const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } };

const review = process.argv[2];
const folder = review ?? fileURLToPath(new URL('../../static/screenshots', import.meta.url));
await mkdir(folder, { recursive: true });
const server = await serve(DIST);
const browser = await launch();
try {
  const page = await open(browser, `${server.url}/?lang=en&theme=light`);
  if (review) await photograph(page, 'empty', Object.keys(SIZES));
  await loadFlights(page);
  await page.getByRole('button', { name: 'Replay the flights' }).or(page.getByRole('button', { name: 'Add producer' })).first().click();
  await go(page, 'Groups');
  await page.locator('main table').getByRole('link', { name: 'flights-readers' }).first().click();
  await until('three members', () => members(page), (owned) => Object.keys(owned).length === 3);
  await page.getByRole('button', { name: 'Add consumer' }).click();
  await until('four members', () => members(page), (owned) => Object.values(owned).filter((p) => p.length > 0).length === 4);
  await go(page, 'Topics');
  await page.locator('main table').getByRole('link', { name: 'flights', exact: true }).first().click();
  await until('the replay', () => highWatermarks(page), (ends) => sum(ends) > 22_000);
  for (const lang of review ? ['en', 'ko'] : ['en']) {
    for (const theme of review ? ['light', 'dark'] : ['light']) {
      if (review) {
        await page.goto(`${server.url}/groups/flights-readers?lang=${lang}&theme=${theme}`);
        await until('owners', () => members(page), (owned) => isShared(owned, [1, 1, 2, 2]));
      }
      for (const [name, follow] of PAGES) {
        await follow(page);
        await photograph(page, review ? `${name}-${lang}-${theme}` : name, review ? Object.keys(SIZES) : ['wide']);
      }
    }
  }
} finally {
  await browser.close();
  await server.close();
}

// When it has been alive for long enough that rates are known.
async function photograph(page, name, sizes) {
  await seen(page.locator('h1'));
  await seen(page.locator('main section, main figure'));
  await page.waitForTimeout(name === 'empty' ? 500 : 2500);
  for (const size of sizes) {
    await page.setViewportSize(SIZES[size]);
    await page.waitForTimeout(700);
    await page.screenshot({ path: join(folder, review ? `${name}-${size}.png` : `${name}.png`), fullPage: Boolean(review) });
  }
  await page.setViewportSize(SIZES.wide);
  console.log(name);
}
