// Every backend passes the exported suite: this is IndexedDB in a real browser.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './chromium.js';
import { SITE } from './site.js';
import { serve } from './server.js';

let server, browser;
before(async () => {
  server = await serve(SITE);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

test('IndexedDB passes the storage conformance suite', async () => {
  const page = await browser.context.newPage();
  await page.goto(`${server.url}/conformance.html`);
  const lines = await page.evaluate(() => window.outcome);
  assert.ok(lines.length >= 20, `only ${lines.length} cases ran`);
  assert.deepEqual(lines.filter((line) => !line.startsWith('ok ')), []);
  assert.deepEqual(browser.complaints, []);
});
