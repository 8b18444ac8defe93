// A tab that is a member, hidden for longer than its session, and gone to and from the back/forward cache; and a hidden
// dashboard, which reads the cluster less often. In a Chromium that really hides and keeps pages.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { DIST } from './dashboard.js';
import { launchRaw } from './raw_chromium.js';
import { serve } from './server.js';

const PATIENCE_MS = 60_000;

let server, browser;
before(async () => { server = await serve(DIST); });
after(async () => { await server.close(); });
beforeEach(async () => { browser = await launchRaw(); });
afterEach(async () => { await browser.close(); });

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function openDashboard() {
  const page = await browser.openPage(`${server.url}/?lang=en`);
  const button = "[...document.querySelectorAll('button')].find((b) => b.textContent === 'Load the flights')";
  await page.until(`${button} !== undefined`, PATIENCE_MS);
  await page.evaluate(`${button}.click()`);
  await page.until("document.body.innerText.includes('20,000 flights are stored')", PATIENCE_MS);
  return page;
}

const openMember = (query) => browser.openPage(`${server.url}/consumer?lang=en&topic=flights&group=tabs${query}`);
const owns = (page, count) => page.until(`document.title.split(' · ')[0].split(', ').filter((p) => /^\\d+$/.test(p)).length === ${count}`, PATIENCE_MS);

async function hide(page) {
  const other = await browser.openPage('about:blank');
  await other.activate();
  await page.until("document.visibilityState === 'hidden'");
}

// Timers of a page, by a clock that is not slowed.
const ticks = (page) => page.evaluate(async () => {
  let ticks = 0;
  const tick = () => { ticks += 1; setTimeout(tick, 20); };
  tick();
  const end = performance.now() + 3000;
  await new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (performance.now() < end ? port2.postMessage(0) : resolve());
    port2.postMessage(0);
  });
  return ticks;
});

for (const protocol of ['consumer', 'classic']) {
  test(`a hidden tab keeps its membership well beyond its session (${protocol})`, { timeout: 180_000 }, async () => {
    const query = `&protocol=${protocol}&session.timeout.ms=6000`;
    const dashboard = await openDashboard();
    const [hidden, second] = [await openMember(query), await openMember(query)];
    await owns(hidden, 3);
    await owns(second, 3);
    await dashboard.navigate(`${server.url}/groups/tabs?lang=en`);
    const memberIds = "[...document.querySelectorAll('table.members tbody tr')].map((row) => row.cells[1].textContent.trim()).sort().join()";
    await dashboard.until(`${memberIds}.split(',').length === 2`, PATIENCE_MS);
    const before = await dashboard.evaluate(memberIds);
    await hide(hidden);
    const counted = await ticks(hidden);
    assert.ok(counted < 40, `${counted} ticks: the hidden page's timers are not slowed, and nothing is tested`);
    await pause(20_000);
    assert.equal(await hidden.evaluate('document.visibilityState'), 'hidden');
    await owns(hidden, 3);
    await owns(second, 3);
    assert.equal(await dashboard.evaluate(memberIds), before, 'a member was put out, or came anew');
    // It tells of it when it is seen again.
    await hidden.activate();
    await hidden.until("document.visibilityState === 'visible'");
    await hidden.until("document.querySelectorAll('circle.hid').length > 5");
    await hidden.until("[...document.querySelectorAll('circle.beat')].pop().classList.contains('hid') === false");
  });
}

test('a tab that goes to another page is no member, and one again when it comes back', { timeout: 180_000 }, async () => {
  await openDashboard();
  const first = await openMember('&session.timeout.ms=45000');
  await owns(first, 6);
  // By way of the overview: a static host answers a deep link with a 404, and such a page is never kept.
  const second = await browser.openPage(`${server.url}/?lang=en`);
  await second.until("document.querySelector('h1') !== null", PATIENCE_MS);
  const to = '/consumer?lang=en&topic=flights&group=tabs&session.timeout.ms=45000';
  await second.evaluate(`history.pushState(null, '', '${to}'); dispatchEvent(new PopStateEvent('popstate')); 0`);
  await owns(first, 3);
  await owns(second, 3);
  const name = await second.evaluate("document.querySelector('h1').textContent");
  await second.evaluate("window.addEventListener('pageshow', (event) => { window.persisted = event.persisted; }); 0");
  await second.navigate('about:blank');
  await owns(first, 6);
  await second.goBack();
  await owns(second, 3);
  await owns(first, 3);
  assert.equal(await second.evaluate("document.querySelector('h1').textContent"), name);
  assert.equal(await second.evaluate('window.persisted'), true, 'the page was loaded anew: nothing was tested');
});

test('a hidden dashboard reads the cluster less often, and at once when it is seen', { timeout: 120_000 }, async () => {
  const page = await openDashboard();
  await page.evaluate("window.heard = 0; tablogTab.addEventListener('message', () => { window.heard += 1; }); 0");
  const remove = "[...document.querySelectorAll('main button')].find((b) => b.textContent === 'Remove')";
  await page.evaluate("[...document.querySelectorAll('nav a')].find((a) => a.textContent === 'Clients').click()");
  await page.until("document.querySelector('table.consumers tbody tr') !== null");
  // What the tab's own clients tell is not what is counted.
  await page.evaluate("[...document.querySelectorAll('table.consumers button')].filter((b) => b.textContent === 'Remove consumer').forEach((b) => b.click())");
  await page.until(`${remove} === undefined && document.querySelector('table.consumers tbody tr') === null`);
  const inFourSeconds = async () => {
    const before = await page.evaluate('window.heard');
    await pause(4_000);
    return (await page.evaluate('window.heard')) - before;
  };
  await pause(2_000);
  const seen = await inFourSeconds();
  await hide(page);
  const hidden = await inFourSeconds();
  assert.ok(seen >= 6 && hidden >= 1 && hidden <= seen / 2, `${seen} reports while seen, ${hidden} while hidden`);
  await page.activate();
  await page.until("document.visibilityState === 'visible'");
  await page.until("document.querySelector('.where').dataset.state === 'up'", 2_000);
});
