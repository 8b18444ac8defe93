// Appending, the latency of one acknowledged record, reading back, and opening: in Chromium, over the real worker.
// `cargo xtask bench` runs it; by hand: node bench_broker.mjs

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
process.env.TABLOG_TEST_SITE ??= fileURLToPath(new URL('../../target-web/browser-bench', import.meta.url));
process.env.PROFILE ??= 'sim';
if (!process.env.BUILT) execFileSync('./build.sh', { cwd: here, stdio: 'inherit' });

const { launch } = await import('./chromium.js');
const { serve } = await import('./server.js');
const { SITE } = await import('./site.js');
const { openTab } = await import('./tab.js');

const server = await serve(SITE);
const line = (what, figure) => console.log(`${what.padEnd(62)} ${figure}`);
const quantile = (times, q) => [...times].sort((a, b) => a - b)[Math.floor(times.length * q)];

async function inBrowser(work) {
  const browser = await launch();
  try { await work(browser); } finally { await browser.close(); }
}

for (const [name, acks] of [['relaxed (acks=1)', 1], ['strict (acks=all)', -1]]) {
  await inBrowser(async (browser) => {
    const tab = await openTab(browser, server, 'broker');
    await tab.until(/^ready/, 30_000);
    const call = (method, ...args) => tab.page.evaluate(([method, args]) => window.tablog[method](...args), [method, args]);
    await call('create_topic', 'bench', 1);
    for (const [batches, records] of [[1000, 100], [200, 1000]]) {
      await call('bench_append', 'bench', acks, 20, records);
      const seconds = await call('bench_append', 'bench', acks, batches, records);
      line(`append, 100-byte records in batches of ${records}, ${name}`, `${Math.round(batches * records / seconds)} records/s`);
    }
    await call('create_topic', 'single', 1);
    const times = await call('bench_latency', 'single', acks, 500);
    line(`latency of one acknowledged record, ${name}`,
      `p50 ${quantile(times, 0.5).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms`);
  });
}

await inBrowser(async (browser) => {
  let tab = await openTab(browser, server, 'broker');
  const began = Date.now();
  await tab.page.evaluate(() => window.tablog.create_topic('bench', 1));
  await tab.page.evaluate(() => window.tablog.bench_append('bench', -1, 1, 1));
  line('from an empty profile to the first acknowledgement', `${Date.now() - began} ms`);
  await tab.page.evaluate(() => window.tablog.bench_append('bench', 1, 1000, 1000));
  const seconds = await tab.page.evaluate(() => window.tablog.bench_read('bench', 1_000_000));
  line('read back, 100-byte records in batches of 1000', `${Math.round(1_000_000 / seconds)} records/s`);
  await opening(browser, tab, '1,000,000 records');
});

await inBrowser(async (browser) => {
  const tab = await openTab(browser, server, 'broker');
  await tab.page.evaluate(() => window.tablog.create_topic('bench', 1));
  await tab.page.evaluate(() => window.tablog.create_topic('committed', 100));
  const seconds = await tab.page.evaluate(() => window.tablog.bench_commit('committed', 100, 10_000));
  line('offsets committed, 100 partitions at a time', `${Math.round(1_000_000 / seconds)} offsets/s`);
  await opening(browser, tab, '1,000,000 offset commits');
});

// From the page to the first acknowledgement.
async function opening(browser, tab, what) {
  for (const how of ['orderly', 'killed']) {
    if (how === 'killed') await tab.inject('die');
    await tab.page.goto('about:blank');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await tab.close();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const again = Date.now();
    tab = await openTab(browser, server, 'broker');
    await tab.page.evaluate(() => window.tablog.bench_append('bench', -1, 1, 1));
    line(`page opened to first acknowledgement, ${what}, ${how}`, `${Date.now() - again} ms`);
  }
}
await server.close();
