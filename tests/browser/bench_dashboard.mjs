// The page under a steady load: 10,000 records a second for a minute, from a producer of the tab, read by the three
// consumers of the flights and drawn. Tasks of more than 50 ms on the page are counted; memory is taken after collecting
// garbage, in the page, in the worker of the tab's clients and in the broker's.
// `cargo xtask bench dashboard` runs it; by hand: node bench_dashboard.mjs

import { DIST } from './dashboard.js';
import { launchRaw } from './raw_chromium.js';
import { serve } from './server.js';

const RATE = Number(process.env.RATE ?? 10_000);
const SECONDS = Number(process.env.SECONDS ?? 60);
const PATHS = (process.env.PATHS ?? '/,/topics/flights').split(',');

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

// Of the heap what is in use, of wasm what was ever asked for: that memory does not shrink. The memories are looked for
// once, since asking a busy worker for all its objects stops it.
async function gauge(target) {
  const { result: prototype } = await target.send('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype' });
  const { objects } = await target.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId });
  return async () => {
    await target.send('HeapProfiler.collectGarbage');
    const { usedSize } = await target.send('Runtime.getHeapUsage');
    const { result: wasm } = await target.send('Runtime.callFunctionOn', {
      objectId: objects.objectId, returnByValue: true,
      functionDeclaration: 'function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0); }',
    });
    return `${megabytes(usedSize)} + wasm ${megabytes(wasm.value)}`;
  };
}

async function measure(path) {
  const browser = await launchRaw();
  try {
    const page = await browser.openPage(`${server.url}/`);
    await page.until("[...document.querySelectorAll('button')].some((b) => b.textContent === 'Load the flights' && (b.click(), true))", 30_000);
    await page.until("document.body.innerText.includes('20,000 flights are stored')", 60_000);
    // Consumers that have nothing to do but read, and a producer as one adds it on the page.
    await page.navigate(`${server.url}/clients`);
    await page.until("document.body.innerText.match(/last heartbeat/g)?.length === 3", 30_000);
    await page.evaluate(`(async () => {
      const enter = (field, value) => {
        field.value = value;
        for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
      };
      const press = (words, within = document) =>
        [...within.querySelectorAll('button')].find((button) => button.textContent === words).click();
      const drawn = () => new Promise((resolve) => setTimeout(resolve, 500));
      for (const field of document.querySelectorAll('input[type=range]')) enter(field, 0);
      press('Add producer');
      await drawn();
      enter(document.getElementById('p-rate'), ${RATE});
      const form = document.querySelector('form');
      const setting = (name) => [...form.querySelectorAll('.fr')].find((row) => row.textContent.includes(name));
      enter(document.getElementById('p-batch'), 65536);
      press('none', setting('compression.type='));
      press('all', setting('acks='));
      await drawn();
      press('Add producer', form.closest('section'));
    })()`);
    await page.until("[...document.querySelectorAll('button')].some((button) => button.textContent === 'Remove')", 30_000);
    await page.navigate(`${server.url}${path}`);
    await pause(10_000);
    await page.evaluate(`(() => {
      window.tasks = [];
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => [Math.round(entry.startTime), Math.round(entry.duration)])))
        .observe({ type: 'longtask', buffered: false });
      window.frames = 0;
      const count = () => { frames += 1; requestAnimationFrame(count); };
      count();
      window.began = performance.now();
    })()`);
    const [clients] = await page.workers();
    const [broker] = await browser.sharedWorkers();
    console.log(`-- ${path}, ${RATE} records a second for ${SECONDS} s`);
    const gauges = [['page', await gauge(page)], ['clients', await gauge(clients)], ['broker', await gauge(broker)]];
    for (let at = 0; at <= SECONDS; at += 15) {
      const words = [];
      // Collecting garbage is a task of ours.
      const before = await page.evaluate('performance.now()');
      for (const [name, read] of gauges) words.push(`${name} ${await read()}`);
      await page.evaluate(`(async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        const now = performance.now();
        tasks = tasks.filter(([start, duration]) => start + duration < ${before} || start > now);
      })()`);
      console.log(`after ${String(at).padStart(2)} s: ${words.join(', ')}`);
      if (at < SECONDS) await pause(15_000);
    }
    const { tasks, frames, elapsed } = await page.evaluate('({ tasks, frames, elapsed: performance.now() - began })');
    const shown = await page.evaluate('document.body.innerText');
    const durations = tasks.map(([, duration]) => duration).sort((a, b) => b - a);
    console.log(`tasks over 100 ms: ${durations.filter((ms) => ms > 100).length}, over 50 ms: ${durations.length}, longest ${durations[0] ?? 0} ms`);
    console.log(`frames a second: ${(frames / elapsed * 1000).toFixed(1)}`);
    console.log(`the page says: ${(shown.match(/[\d,]+\s*records\/s/g) ?? []).join(' · ')}`);
    if (process.env.VERBOSE) console.log(shown.slice(0, 1500), JSON.stringify(tasks));
  } finally {
    await browser.close();
  }
}

const server = await serve(DIST);
for (const path of PATHS) await measure(path);
await server.close();
