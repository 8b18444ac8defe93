// Tabs that are members: each is one, they share a topic's partitions, and what one had goes over at once when it closes
// and after its session when it crashes.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch } from './chromium.js';
import { DIST, complaints, createTopic, follow, go, gone, isShared, loadFlights, members, open, produce, rows, seen, until } from './dashboard.js';
import { serve } from './server.js';
import { crash } from './tab.js';

let server, browser;
before(async () => { server = await serve(DIST); });
after(async () => { await server.close(); });
beforeEach(async () => { browser = await launch(); });
afterEach(async () => { await browser.close(); });

const sentence = (tab) => tab.locator('.say').innerText();
// What the strip of tabs says: "0, 1 · tab-1 · tabs".
const owned = async (tab) => ((await tab.title()).match(/^[\d, ]+(?= ·)/)?.[0] ?? '').split(', ').filter(Boolean).map(Number);
const nameOf = async (tab) => (await tab.getByRole('heading', { level: 1 }).textContent()).trim();

async function openMember(query, group = 'tabs') {
  const tab = await browser.context.newPage();
  await tab.setViewportSize({ width: 480, height: 640 });
  await tab.goto(`${server.url}/consumer?topic=flights&group=${group}${query}`);
  return tab;
}

const shared = (tabs, counts) => until(`${counts}`, () => Promise.all(tabs.map(owned)),
  (all) => isShared(Object.fromEntries(all.map((owned, i) => [i, owned])), counts));

// The page whose process holds the broker's worker, with the flights.
async function openHolder() {
  const page = await open(browser, `${server.url}/`);
  await loadFlights(page);
  return page;
}

// One after the other, so that their names are known.
async function openMembers(count, query = '') {
  const tabs = [];
  for (let n = 1; n <= count; n += 1) {
    tabs.push(await openMember(query));
    await until('the name', () => nameOf(tabs.at(-1)), (name) => name === `tab-${n}`);
  }
  await shared(tabs, Array(count).fill(6 / count));
  return tabs;
}

// By the pages' own clocks: from the tab's last moment until the last strip of tabs says it.
async function closeAndMeasure(tab, others, holder) {
  // What changes soon after a change is told as one with it.
  await tab.waitForTimeout(2_000);
  await tab.evaluate(() => addEventListener('pagehide', () => localStorage.setItem('closed', Date.now())));
  for (const other of others) {
    await other.evaluate(() => {
      window.gotAt = undefined;
      const look = () => { if (/^\d, \d, \d ·/.test(document.title)) window.gotAt ??= Date.now(); };
      new MutationObserver(look).observe(document.querySelector('title'), { childList: true });
    });
  }
  await tab.close();
  await shared(others, [3, 3]);
  const closedAt = Number(await holder.evaluate(() => localStorage.getItem('closed')));
  assert.ok(closedAt > 0);
  const gotAt = await Promise.all(others.map((other) => other.evaluate(() => window.gotAt)));
  return Math.max(...gotAt) - closedAt;
}

for (const protocol of ['consumer', 'classic']) {
  test(`three tabs own 2, 2, 2; one is closed: 3, 3 within a second (${protocol})`, { timeout: 180_000 }, async () => {
    const holder = await openHolder();
    const query = `&protocol=${protocol}&session.timeout.ms=45000`;
    const [first, second, third] = await openMembers(3, query);
    await holder.goto(`${server.url}/groups/tabs`);
    const all = await until('the group page', () => members(holder), (all) => isShared(all, [2, 2, 2]));
    assert.deepEqual(Object.keys(all).sort(), ['tab-1', 'tab-2', 'tab-3']);
    let waited = await closeAndMeasure(third, [first, second], holder);
    // range hands partitions on from one that stays to another; uniform only those that have nobody.
    const why = protocol === 'classic' ? /\bcame\b/ : /^tab-3 left, so \d came here\. Reads 3 of 6 partitions\.$/;
    assert.match(await sentence(first), why);
    // A machine that is busy with something else may be slow once, not always.
    for (let again = 0; again < 2 && waited >= 1000; again += 1) {
      const next = await openMember(query);
      await shared([first, second, next], [2, 2, 2]);
      waited = await closeAndMeasure(next, [first, second], holder);
    }
    assert.ok(waited < 1000, `they waited ${waited} ms`);
    assert.deepEqual(complaints(browser), []);
  });

  test(`a tab crashes: its partitions go after its session (${protocol})`, { timeout: 180_000 }, async () => {
    await openHolder();
    const [first, second, third] = await openMembers(3, `&protocol=${protocol}&session.timeout.ms=6000`);
    // A last heartbeat was at most half a second ago.
    const began = Date.now();
    await crash({ page: third });
    await until('more', async () => (await owned(first)).length + (await owned(second)).length, (n) => n !== 4);
    const ms = Date.now() - began;
    assert.ok(ms > 5000, `the others had them after ${ms} ms, as if it had left in order`);
    await shared([first, second], [3, 3]);
  });
}

test('a reload keeps the name and gets partitions again; a closed tab\'s name is free', { timeout: 120_000 }, async () => {
  await openHolder();
  const [first, second, third] = await openMembers(3);
  await second.reload();
  await until('the name', () => nameOf(second), (name) => name === 'tab-2');
  await shared([first, second, third], [2, 2, 2]);
  await first.close();
  const next = await openMember('');
  await until('the name', () => nameOf(next), (name) => name === 'tab-1');
  await shared([next, second, third], [2, 2, 2]);
  const other = await openMember('', 'others');
  await until('the name', () => nameOf(other), (name) => name === 'tab-1');
  await shared([other], [6]);
});

test('one leaves in order and joins again', { timeout: 120_000 }, async () => {
  await openHolder();
  const [first, second] = await openMembers(2);
  await second.getByRole('button', { name: 'Leave' }).click();
  await shared([first], [6]);
  await seen(second.getByText(/^Left the group\. tab-1 goes on with/));
  assert.equal(await second.title(), 'tab-2 · tabs');
  assert.equal(await second.locator('.own .left').count(), 3);
  await second.getByRole('button', { name: 'Join again' }).click();
  await shared([first, second], [3, 3]);
  await until('from whom', () => sentence(second), (text) => /^Joined just now\. [\d ]+ came from tab-1\.$/.test(text));
  assert.equal(await second.locator('.own .came').count(), 3);
});

test('a button opens one, in the protocol of its group', { timeout: 120_000 }, async () => {
  const page = await openHolder();
  const press = async () => {
    const [tab] = await Promise.all([
      browser.context.waitForEvent('page'),
      page.getByRole('button', { name: 'Open a consumer tab' }).click(),
    ]);
    return tab;
  };
  await go(page, 'Groups');
  const first = await press();
  await shared([first], [6]);
  assert.match(first.url(), /\/consumer\?topic=flights&group=tabs$/);
  await page.goto(`${server.url}/groups/flights-readers`);
  await until('members', () => members(page), (all) => isShared(all, [2, 2, 2]));
  const fourth = await press();
  assert.match(fourth.url(), /group=flights-readers&protocol=classic&assignor=range$/);
  const all = await until('four members', () => members(page), (all) => isShared(all, [1, 1, 2, 2]));
  assert.ok(all['tab-1'].length >= 1);
  await page.goto(`${server.url}/topics/flights`);
  await shared([first, await press()], [3, 3]);
});

test('consumers of the Clients page choose the protocol, and its assignors with it', { timeout: 120_000 }, async () => {
  const page = await openHolder();
  await go(page, 'Clients');
  await page.getByRole('table', { name: 'Consumers' }).getByRole('button', { name: 'Settings' }).first().click();
  const panel = page.getByRole('region', { name: /Settings/ });
  await panel.getByLabel('Group', { exact: true }).fill('apart');
  await panel.getByRole('radio', { name: 'consumer', exact: true }).click();
  assert.equal(await panel.getByRole('radio', { name: 'sticky' }).count(), 0);
  await panel.getByRole('radio', { name: 'range' }).click();
  await seen(panel.getByText('group.remote.assignor=range'));
  await seen(panel.getByText('consumer.session.timeout.ms=10000'));
  await panel.getByRole('button', { name: 'Apply' }).click();
  await page.goto(`${server.url}/groups/apart`);
  await until('a member', () => members(page), (all) => Object.values(all).flat().length === 6);
  await seen(page.getByRole('columnheader', { name: 'Epoch' }));
  assert.deepEqual(complaints(browser), []);
});

test('an address that cannot be says why and shows a way on', { timeout: 120_000 }, async () => {
  const page = await openHolder();
  const tab = await open(browser, `${server.url}/consumer`);
  for (const [query, says] of [
    ['', 'It does not say which topic.'],
    ['?topic=flights', 'It does not say which group.'],
    ['?topic=<script>&group=g', 'topic=<script> cannot be: no topic can have that name.'],
    ['?topic=flights&group=g&protocol=848', 'protocol=848 cannot be: there are classic and consumer.'],
    ['?topic=flights&group=g&assignor=sticky', 'with the consumer protocol there are uniform, range.'],
    ['?topic=flights&group=g&session.timeout.ms=-1', 'session.timeout.ms=-1 cannot be: it takes a whole number'],
    ['?topic=flights&group=g&group=h', 'It says group twice.'],
    ['?topic=flights&group=g&sesion.timeout.ms=1', 'It says sesion.timeout.ms, which means nothing here.'],
    [`?topic=flights&group=${'x'.repeat(400)}`, 'a group’s name has 1 to 255 characters.'],
  ]) {
    await tab.goto(`${server.url}/consumer${query}`);
    await seen(tab.getByRole('heading', { level: 1, name: 'This address opens no consumer tab' }));
    await seen(tab.getByText(says));
    await seen(tab.getByRole('link', { name: 'See the groups' }));
  }
  // A length that the broker refuses is told in its words, and the tab is a member with the length there is.
  await tab.goto(`${server.url}/consumer?topic=flights&group=refused&session.timeout.ms=999`);
  await seen(tab.getByRole('alert').getByText(/consumer\.session\.timeout\.ms/));
  await shared([tab], [6]);
  await tab.goto(`${server.url}/consumer?topic=later&group=g`);
  await seen(tab.getByText('Topic later does not exist'));
  await createTopic(page, 'later');
  await until('it joins by itself', () => owned(tab), (owned) => owned.length > 0);
  assert.deepEqual(complaints(browser), []);
});

test('a hostile record is text', { timeout: 120_000 }, async () => {
  const page = await open(browser, `${server.url}/`);
  await createTopic(page, 'hostile');
  await follow(page, 'hostile');
  const tab = await browser.context.newPage();
  await tab.goto(`${server.url}/consumer?topic=hostile&group=g%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E`);
  await until('it owns', () => owned(tab), (owned) => owned.length > 0);
  await seen(tab.getByText('Nothing has been read yet.'));
  const value = '<img src=x onerror="document.title=1"> \u202etxt.exe';
  await produce(page, '<b>key</b>', value);
  await produce(page, 'long', 'y'.repeat(100_000));
  const read = await until('two records', () => rows(tab, 'Records'), (all) => all.length === 2);
  assert.deepEqual(read.map((row) => row[2]).sort(), ['<b>key</b>', 'long']);
  const shown = read.find((row) => row[2] !== 'long')[3];
  assert.equal(shown, value.replace('\u202e', '\ufffd'));
  assert.ok(read.every((row) => row[3].length <= 200));
  assert.equal(await tab.locator('main img').count(), 0);
  assert.match(await tab.title(), /g"><img src=x onerror=alert\(1\)>$/);
  assert.deepEqual(complaints(browser), []);
});

test('a small page in Korean, in the dark, on 390 px and on 240, with one partition and with sixty', { timeout: 120_000 }, async () => {
  const page = await openHolder();
  const tab = await openMember('&lang=ko&theme=dark');
  await shared([tab], [6]);
  assert.match(await sentence(tab), /파티션 6개/);
  assert.equal(await tab.evaluate(() => document.documentElement.dataset.theme), 'dark');
  assert.equal(await tab.getByRole('navigation').count(), 0);
  const isTooWide = () => tab.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  for (const width of [390, 240, 1280]) {
    await tab.setViewportSize({ width, height: 640 });
    await until('the width', isTooWide, (is) => !is);
    await seen(tab.getByRole('link', { name: '그룹 보기' }));
  }
  await go(page, 'Topics');
  await page.getByRole('button', { name: 'Create a topic' }).click();
  await page.getByLabel('Name', { exact: true }).fill('wide');
  await page.getByLabel('Partitions', { exact: true }).first().fill('70');
  await page.getByRole('button', { name: 'Create wide' }).click();
  await seen(page.getByRole('link', { name: 'wide', exact: true }));
  await tab.setViewportSize({ width: 390, height: 640 });
  await tab.goto(`${server.url}/consumer?topic=wide&group=w`);
  await until('all of them', () => owned(tab), (owned) => owned.length === 70);
  assert.equal(await tab.locator('.own li').count(), 61);
  await seen(tab.getByText('and 10 more'));
  assert.equal(await isTooWide(), false);
  await gone(tab.getByRole('alert'));
});
