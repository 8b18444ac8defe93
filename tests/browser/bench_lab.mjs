// The lab at its largest, 100 members and 1,000 partitions: how long the tab's worker takes to answer a step under all six
// assignors (to be within a frame, 16 ms), and how long until the page has drawn it. Then the frames while the tiles of a
// smaller situation slide (to be 60 a second).
// `cargo xtask bench lab` runs it; by hand: node bench_lab.mjs

import { launch } from './chromium.js';
import { DIST, open, until } from './dashboard.js';
import { serve } from './server.js';

const ROUNDS = Number(process.env.ROUNDS ?? 20);

const names = (n) => Array.from({ length: n }, (_, i) => `c${i + 1}`).join();
const steps = (n) => Array.from({ length: n }, (_, i) => (i % 2 ? `+d${i}` : `-c${i + 7}`)).join();
const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const middle = (numbers) => sorted(numbers)[Math.floor(numbers.length / 2)];
const words = (numbers) => `median ${middle(numbers).toFixed(1)} ms, longest ${Math.max(...numbers).toFixed(1)} ms of ${numbers.length}`;

// Notes when the page asks its worker and when the worker answers; other messages are too small to be one.
function listen() {
  window.asked = [];
  window.answered = [];
  const Before = window.Worker;
  window.Worker = class extends Before {
    constructor(...all) {
      super(...all);
      this.addEventListener('message', ({ data }) => { if (data?.[0]?.byteLength > 2000) window.answered.push(performance.now()); });
    }

    postMessage(...all) {
      if (all[0]?.[0]?.byteLength > 300) window.asked.push(performance.now());
      super.postMessage(...all);
    }
  };
}

const server = await serve(DIST);
const browser = await launch();
try {
  await browser.context.addInitScript(listen);
  for (const [what, topics, members] of [
    ['all subscribe alike', 'lab:1000', names(100)],
    ['subscriptions differ', 'lab:500,orders:500', names(100).split(',').map((name, i) => (i % 3 ? name : `${name}:lab`)).join()],
  ]) {
    const page = await open(browser, `${server.url}/lab?v=1&topics=${topics}&members=${members}&steps=${steps(ROUNDS)}&at=0`);
    const forward = page.getByRole('button', { name: 'Forward ›' });
    await until('a hundred rows', () => page.locator('.col').first().locator('tbody tr').count(), (n) => n >= 100);
    const answers = [], drawn = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const [asked, answered, done] = await forward.evaluate(async (button) => {
        window.asked = [];
        window.answered = [];
        button.click();
        const frame = () => new Promise(requestAnimationFrame);
        while (!window.answered.length) await frame();
        await frame();
        return [window.asked[0], window.answered[0], performance.now()];
      });
      answers.push(answered - asked);
      drawn.push(done - asked);
    }
    console.log(`100 members × 1,000 partitions, ${what}: answered ${words(answers)}`);
    console.log(`  and drawn, up to the frame after: ${words(drawn)}`);
    await page.close();
  }
  const page = await open(browser, `${server.url}/lab?v=1&topics=lab:96&members=${names(12)}&steps=-c3,+d1&at=0`);
  await until('twelve rows', () => page.locator('.col').first().locator('tbody tr').count(), (n) => n === 12);
  const frames = await page.getByRole('button', { name: 'Forward ›' }).evaluate(async (button) => {
    const times = [];
    button.click();
    const begun = performance.now();
    while (performance.now() < begun + 1000) times.push(await new Promise(requestAnimationFrame));
    return times.slice(1).map((time, i) => time - times[i]);
  });
  console.log(`96 tiles in six columns slide: ${frames.length + 1} frames in a second; between two of them ${words(frames)}`);
} finally {
  await browser.close();
  await server.close();
}
