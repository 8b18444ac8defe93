// "Run it for real": a history of the lab is played by real members of the broker in the tab, once for each protocol.
// What they did is read from the page's own tables, and nothing of it is left in the broker.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch } from './chromium.js';
import { DIST, gone, go, open, seen, until } from './dashboard.js';
import { serve } from './server.js';

let server, browser;
before(async () => { server = await serve(DIST); });
after(async () => { await server.close(); });
beforeEach(async () => { browser = await launch(); });
afterEach(async () => { await browser.close(); });

const WAYS = ['eager', 'cooperative', 'KIP-848'];
const run = (page) => page.getByRole('button', { name: 'Run it for real', exact: true });
const stop = (page) => page.getByRole('button', { name: 'Stop', exact: true });

// Which step of the run is seen; 0 is the start.
const step = (page, n) => page.getByRole('group', { name: 'Step', exact: true }).getByRole('button').nth(n).click();

async function lab(query) {
  const page = await open(browser, `${server.url}/`);
  await seen(page.getByRole('navigation'));
  await page.goto(`${server.url}/lab?v=1&${query}`);
  return page;
}

async function play(page) {
  await run(page).click();
  await seen(stop(page));
  await stop(page).waitFor({ state: 'hidden', timeout: 120_000 });
}

// What one protocol's part of the page says: figures, and by member what it had, has and asked.
async function told(page, way) {
  const part = page.getByRole('region', { name: way, exact: true });
  await part.locator('details').evaluate((details) => { details.open = true; });
  const rows = (name) => part.getByRole('table', { name, exact: true }).locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim())));
  const [stood, longest] = await part.locator('dl.sum dd').allTextContents();
  const [, stoodStill, of] = stood.match(/^(\d+)\D+(\d+)$/).map(Number);
  const list = (text) => (text.startsWith('lab-') ? text.split(', ') : []);
  const calls = (text) => Object.fromEntries([...text.matchAll(/([A-Z]\w+) (\d+)/g)].map(([, kind, count]) => [kind, Number(count)]));
  return {
    stoodStill,
    of,
    longestMs: Number(longest.replace(/\D/g, '')),
    members: Object.fromEntries((await rows('Requests')).map(([name, had, has, asked]) => [name, { had: list(had), has: list(has), calls: calls(asked) }])),
    stills: (await rows('Stood still')).map(([partition]) => partition).sort(),
    picture: await part.locator('svg[role=img]').getAttribute('aria-label'),
  };
}

// Of topics and groups, on pages of their own.
async function left(page) {
  const names = [];
  for (const name of ['Topics', 'Groups']) {
    await go(page, name);
    await seen(page.getByRole('heading', { level: 1 }));
    names.push(...(await page.locator('main').innerText()).match(/lab-run-\S+/g) ?? []);
  }
  return names;
}

const nothingIsLeft = (page) => until('nothing left', () => left(page), (names) => names.length === 0);

function isShared({ members }, count) {
  const owned = Object.values(members).flatMap(({ has }) => has);
  assert.deepEqual([...new Set(owned)].length, owned.length, 'nothing belongs to two');
  assert.equal(owned.length, count);
}

test('one of five leaves: an eager group stands still whole, the others only where something moves', { timeout: 180_000 }, async () => {
  const page = await lab('topics=lab:12&members=c1,c2,c3,c4,c5&steps=-c3');
  const other = await open(browser, `${server.url}/groups`);
  const played = play(page);
  await seen(other.getByText(/lab-run-\d+-1/));
  await played;
  const reports = {};
  for (const way of WAYS) {
    reports[way] = await told(page, way);
    const { stoodStill, of, longestMs, members, stills, picture } = reports[way];
    isShared({ members }, 12);
    assert.deepEqual(Object.keys(members), ['c1', 'c2', 'c3', 'c4', 'c5']);
    assert.equal(of, 12);
    assert.ok(longestMs > 0 && picture.startsWith(`${way}: ${stoodStill} of 12`), picture);
    const orphans = members.c3.had;
    assert.ok(orphans.length >= 2 && orphans.length <= 3, JSON.stringify(members));
    assert.equal(stoodStill, way === 'eager' ? 12 : orphans.length, `${way}: ${JSON.stringify(members)}`);
    if (way !== 'eager') assert.deepEqual(stills, [...orphans].sort());
    for (const [name, { calls, has }] of Object.entries(members)) {
      const asked = Object.keys(calls);
      if (name === 'c3') assert.ok(calls[way === 'KIP-848' ? 'ConsumerGroupHeartbeat' : 'LeaveGroup'] >= 1, JSON.stringify(calls));
      else if (way === 'KIP-848') assert.ok(calls.ConsumerGroupHeartbeat >= 1 && !asked.includes('JoinGroup'), JSON.stringify(calls));
      else assert.ok(calls.JoinGroup >= 1 && calls.SyncGroup >= 1 && calls.Heartbeat >= 1, JSON.stringify(calls));
      assert.ok(name === 'c3' ? has.length === 0 : has.length === 3, JSON.stringify(members));
    }
  }
  // What real members came to is what the columns say.
  for (const [way, column] of [['eager', 'range'], ['cooperative', 'cooperative-sticky'], ['KIP-848', 'uniform (KIP-848)']]) {
    const rows = await page.getByRole('region', { name: column, exact: true }).getByRole('table', { name: 'Assignment', exact: true })
      .locator('tbody tr:not([aria-hidden])').evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim())));
    const { members } = reports[way];
    assert.deepEqual(Object.fromEntries(rows.map(([name, owned]) => [name, owned.split(', ')])),
      Object.fromEntries(Object.entries(members).filter(([name]) => name !== 'c3').map(([name, { has }]) => [name, has])), way);
  }
  // The start is there too: everybody joined, and all partitions were nobody's until then.
  await step(page, 0);
  for (const way of WAYS) {
    await until(`${way} at the start`, () => page.getByRole('region', { name: way, exact: true }).locator('dl.sum dd').first().textContent(), (text) => /^12\D+12$/.test(text));
  }
  await nothingIsLeft(other);
  await page.close();
  await other.close();
});

test('one of three crashes: nobody hears of it before its session is over', { timeout: 180_000 }, async () => {
  const page = await lab('topics=lab:6&members=c1,c2,c3&steps=~c2,lab:8');
  await play(page);
  await step(page, 1);
  for (const way of WAYS) {
    await until(way, () => page.getByRole('region', { name: way, exact: true }).locator('dl.sum dd').first().textContent(), (text) => /6$/.test(text));
    const { stoodStill, longestMs, members } = await told(page, way);
    isShared({ members }, 6);
    assert.equal(stoodStill, way === 'eager' ? 6 : 2, `${way}: ${JSON.stringify(members)}`);
    // The session timeout is two seconds, of which one heartbeat may have gone by.
    assert.ok(longestMs >= 1_500, `${way}: ${longestMs} ms`);
    assert.equal(members.c2.had.length, 2);
    assert.equal(members.c2.calls.LeaveGroup, undefined);
    assert.deepEqual(members.c2.has, []);
  }
  await step(page, 2);
  for (const way of WAYS) {
    await until(way, () => page.getByRole('region', { name: way, exact: true }).locator('dl.sum dd').first().textContent(), (text) => /8$/.test(text));
    const { members, stoodStill, stills } = await told(page, way);
    isShared({ members }, 8);
    assert.equal(stoodStill, stills.filter((still, i) => stills.indexOf(still) === i).length);
    assert.ok(stills.includes('lab-6') && stills.includes('lab-7'), stills.join());
  }
  await nothingIsLeft(page);
  await page.close();
});

test('a run can be stopped, is one at a time, and what a closed tab left is removed by the next one', { timeout: 180_000 }, async () => {
  const page = await lab('topics=lab:6&members=c1,c2!&steps=+c3');
  const other = await lab('topics=lab:6&members=c1,c2');
  await run(page).click();
  await seen(page.getByText(/^eager: c3 joins/));
  await run(other).click();
  await seen(other.getByText(/^Another tab runs it for real/));
  await stop(page).click();
  await seen(page.getByText('Stopped, and what was made is removed.'));
  await go(other, 'Topics');
  await nothingIsLeft(other);

  await run(page).click();
  await seen(page.getByText(/^eager: c3 joins/));
  await page.close();
  await go(other, 'Topics');
  await seen(other.getByText(/lab-run-\d+-1/));
  const next = await lab('topics=lab:6&members=c1,c2');
  await play(next);
  await nothingIsLeft(other);
  await gone(next.getByRole('alert'));
  await next.close();
  await other.close();
});
