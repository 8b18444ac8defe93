// Groups of both kinds, and what an admin changes of them: offsets set and forgotten, members made to leave. What the
// page says is held against what the broker answers to bytes written by hand.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch } from './chromium.js';
import {
  DIST, FLIGHTS_BY_PARTITION, complaints, go, loadFlights, members, number, offsets, open, openBare, rows, seen, sum, until,
} from './dashboard.js';
import { ConsumerMember, commit, committed, joinAlone, listOffsets } from './raw_groups.js';
import { connect } from './raw_kafka.js';
import { serve } from './server.js';

let server, browser;
before(async () => { server = await serve(DIST); });
after(async () => { await server.close(); });
beforeEach(async () => { browser = await launch(); });
afterEach(async () => { await browser.close(); });

const PARTITIONS = [0, 1, 2, 3, 4, 5];
const HOSTILE = '<img src=x onerror=window.pwned=1>';

async function flightsPage() {
  const page = await open(browser, `${server.url}/`);
  await loadFlights(page);
  const bare = await openBare(browser, server.url);
  await connect(bare);
  return { page, bare };
}

async function openGroup(page, group) {
  await go(page, 'Groups');
  const link = page.getByRole('table', { name: 'Groups' }).getByRole('link', { name: group, exact: true });
  await seen(link);
  // The link itself, not the place where it was: another group may just come into the list above it.
  await link.dispatchEvent('click');
  await seen(page.getByRole('heading', { level: 1, name: group, exact: true }));
}

// [{ now, after, change }] by partition.
const preview = async (page) => (await rows(page, 'Preview'))
  .map(([, now, after, change]) => ({ now: number(now), after: number(after), change }));
const isAfter = (wanted) => (rows) => rows.length === wanted.length && rows.every((row, p) => row.after === wanted[p]);
const keyed = (offsets) => Object.fromEntries(offsets.map((offset, p) => [`flights-${p}`, offset]));
const fact = (page, name) => page.locator('dl.facts div', { hasText: name }).locator('dd').first();

test('a reset shows what it would change, is refused while members live, and does what it showed', { timeout: 240_000 }, async () => {
  const { page, bare } = await flightsPage();
  await openGroup(page, 'flights-readers');
  await until('all is read', () => offsets(page), (all) => all.length === 6 && sum(all.map((o) => o.lag)) === 0 && all.every((o) => o.committed > 0));
  await commit(bare, 'audit', 'flights', { 0: 1204, 1: 3050, 5: 999_999 });
  await page.getByRole('button', { name: 'Reset offsets', exact: true }).click();
  const panel = page.getByRole('region', { name: 'Reset offsets' });
  const apply = (n) => panel.getByRole('button', { name: n === 1 ? 'Reset 1 offset' : `Reset ${n} offsets`, exact: true });
  const earliest = await until('the preview', () => preview(page), isAfter([0, 0, 0, 0, 0, 0]));
  assert.deepEqual(earliest.map((row) => row.now), FLIGHTS_BY_PARTITION);
  assert.equal(earliest[0].change, '2,186 read again');
  // Refused, in words, with the way out; and nothing has changed.
  await seen(panel.getByText(/^Refused while the group has members\. consumer-1, consumer-2 and consumer-3 are reading/));
  assert.equal(await apply(6).isDisabled(), true);
  await panel.getByRole('button', { name: 'Remove the three members' }).click();
  await seen(panel.getByText('flights-readers has no members now. It will read 20,000 records again and skip 0.'));
  assert.deepEqual(await committed(bare, 'flights-readers'), keyed(FLIGHTS_BY_PARTITION));

  await panel.getByLabel('An offset').check();
  await panel.getByLabel('Offset', { exact: true }).fill('3000');
  await until('what is outside the log', () => preview(page), isAfter([2186, 3000, 3000, 3000, 2343, 2242]));
  await seen(panel.getByText(/3 offsets lie outside their logs and are brought to their nearest ends\.$/));
  for (const wrong of ['-1', '', '1.5']) {
    await panel.getByLabel('Offset', { exact: true }).fill(wrong);
    await seen(panel.getByText('An offset is a whole number, 0 or more.'));
    assert.equal(await apply(0).isDisabled(), true);
  }

  await panel.getByLabel('A time').check();
  await seen(panel.getByText('Choose a day and a time.'));
  await panel.getByLabel('Date').fill('2001-03-15');
  const since = await listOffsets(bare, 'flights', PARTITIONS, Date.UTC(2001, 2, 15));
  assert.ok(since.every((offset, p) => offset > 0 && offset < FLIGHTS_BY_PARTITION[p]), `${since}`);
  const shown = await until('the first records since', () => preview(page), isAfter(since));
  const again = sum(FLIGHTS_BY_PARTITION) - sum(since);
  assert.equal(shown[0].change, `${FLIGHTS_BY_PARTITION[0] - since[0]} read again`);
  await seen(panel.getByText(`It will read ${again.toLocaleString('en')} records again and skip 0.`));
  await panel.getByLabel('Date').fill('2030-01-01');
  await until('after the last record', () => preview(page), isAfter(FLIGHTS_BY_PARTITION));
  await seen(panel.getByText(/6 partitions have no record that new: they go on from their ends\.$/));
  await panel.getByLabel('Date').fill('2001-03-15');
  await until('the first records since', () => preview(page), isAfter(since));
  await apply(6).click();
  await seen(page.getByText('6 offsets were set.'));
  assert.deepEqual(await committed(bare, 'flights-readers'), keyed(since));
  await until('the table', () => offsets(page), (all) => all.every((o, p) => o.committed === since[p]));

  await page.getByRole('button', { name: 'Reset offsets', exact: true }).click();
  await panel.getByLabel('Shift').check();
  await panel.getByLabel('Records', { exact: true }).fill('-100');
  await until('a hundred back', () => preview(page), isAfter(since.map((offset) => offset - 100)));
  await panel.getByLabel('Latest').check();
  const skipped = await until('the ends', () => preview(page), isAfter(FLIGHTS_BY_PARTITION));
  assert.match(skipped[1].change, / skipped$/);
  await panel.getByLabel('From another group').check();
  await until('the other’s commits', () => preview(page), isAfter([1204, 3050, null, null, null, FLIGHTS_BY_PARTITION[5]]));
  await panel.getByRole('group', { name: 'Partitions' }).getByRole('button', { name: '5', exact: true }).click();
  await seen(apply(2));
  await apply(2).click();
  await seen(page.getByText('2 offsets were set.'));
  assert.deepEqual(await committed(bare, 'flights-readers'), keyed([1204, 3050, ...since.slice(2)]));
  assert.deepEqual(complaints(browser), []);
});

test('committed offsets are forgotten, but not while members subscribe', { timeout: 120_000 }, async () => {
  const { page, bare } = await flightsPage();
  await commit(bare, 'audit', 'flights', { 0: 12, 3: 45, 4: 50 });
  await openGroup(page, 'flights-readers');
  const begin = () => page.getByRole('button', { name: 'Delete offsets', exact: true }).click();
  const panel = page.getByRole('region', { name: 'Delete offsets' });
  await begin();
  await seen(panel.getByText(/^Refused while members subscribe to flights: the broker answers GROUP_SUBSCRIBED_TO_TOPIC\./));
  assert.equal(await panel.getByRole('button', { name: /^Delete \d offsets?$/ }).isDisabled(), true);
  await openGroup(page, 'audit');
  await begin();
  await panel.getByLabel('Partition').selectOption('3');
  await seen(panel.getByText('audit will forget its committed offset in flights.'));
  await panel.getByRole('button', { name: 'Delete 1 offset', exact: true }).click();
  await seen(page.getByText('One offset was forgotten.'));
  assert.deepEqual(await committed(bare, 'audit'), { 'flights-0': 12, 'flights-4': 50 });
  await begin();
  await panel.getByRole('button', { name: 'Delete 2 offsets', exact: true }).click();
  await seen(page.getByText('2 offsets were forgotten.'));
  assert.deepEqual(await committed(bare, 'audit'), {});
});

test('a static member of a classic group is made to leave, whatever its name', { timeout: 120_000 }, async () => {
  const { page, bare } = await flightsPage();
  await joinAlone(bare, 'desks', { clientId: HOSTILE, instanceId: 'desk-1', partitions: [0, 1] });
  await openGroup(page, 'desks');
  const owned = await until('its member', () => members(page), (all) => all[HOSTILE]?.length === 2);
  assert.deepEqual(owned, { [HOSTILE]: [0, 1] });
  const row = page.getByRole('table', { name: 'Members' }).getByRole('row').nth(1);
  await seen(row.getByText('static: desk-1'));
  await row.getByRole('button', { name: 'Remove member' }).click();
  await seen(page.getByText(`${HOSTILE} was made to leave. If it still runs, it joins again by itself.`));
  await until('nobody is left', () => rows(page, 'Members'), (all) => all.length === 0);
  await until('its state', () => fact(page, 'State').textContent(), (state) => state === 'Empty');
  assert.equal(await page.evaluate(() => window.pwned), undefined);
});

test('a consumer group shows epochs, what is let go of and who waits for it', { timeout: 180_000 }, async () => {
  const { page, bare } = await flightsPage();
  const first = new ConsumerMember(bare, 'tabs', 'id-1', { clientId: 'tab-1' });
  await first.beat();
  await first.obey();
  const second = new ConsumerMember(bare, 'tabs', 'id-2', { clientId: HOSTILE, instanceId: 'desk', rack: 'west' });
  await second.beat();
  // Told to let go of half, it holds on.
  await first.beat();
  await openGroup(page, 'tabs');
  const table = await until('the members', () => rows(page, 'Members'), (all) => all.length === 2 && all[1][2] === '1');
  assert.deepEqual(table[0].slice(0, 5), [HOSTILE, 'id-2static: deskrack west', '2', '', '3, 4, 5waits for 3, 4, 5']);
  assert.deepEqual(table[1].slice(0, 5), ['tab-1', 'id-1', '1', '0, 1, 2, 3, 4, 5', '0, 1, 2revoking 3, 4, 5']);
  assert.equal(await fact(page, 'State').textContent(), 'Reconciling');
  assert.equal(await fact(page, 'Group epoch').textContent(), '2');
  assert.equal(await fact(page, 'Protocol').textContent(), 'consumer (KIP-848)');
  assert.equal(await fact(page, 'Assignor').textContent(), 'uniform');
  await until('the session timeout', () => fact(page, 'Session timeout').textContent(), (text) => /^45\s*s$/.test(text));
  await seen(page.getByText(`Epoch 2, by uniform. ${HOSTILE} joined.`));
  await seen(page.getByRole('heading', { name: 'Epochs', exact: true }));
  const picture = page.getByRole('img', { name: /^Ownership map: 2 members, 6 partitions, 3 on their way/ });
  await seen(picture);
  assert.equal(await picture.locator('[fill="url(#hpause)"]').count(), 3);
  assert.deepEqual((await offsets(page)).map((o) => o.owner), ['tab-1', 'tab-1', 'tab-1', ...Array(3).fill(`tab-1 → ${HOSTILE}`)]);
  // What is not handed over is read meanwhile: the overview stops three ribbons, not six.
  await go(page, 'Overview');
  await seen(page.getByText('epoch 2 · uniform · Reconciling'));
  await seen(page.getByText('is to let go of'));
  await first.obey();
  await second.obey();
  await openGroup(page, 'tabs');
  await until('all at their targets', () => rows(page, 'Members'), (all) => all.length === 2 && all.every((row) => row[4].endsWith('as its target')));
  assert.deepEqual(await members(page), { [HOSTILE]: [3, 4, 5], 'tab-1': [0, 1, 2] });
  // In Korean, dark and narrow it is all there.
  await page.getByRole('group', { name: 'Language' }).getByText('한').click();
  await seen(page.getByRole('heading', { name: '에포크', exact: true }));
  await page.setViewportSize({ width: 390, height: 844 });
  await until('the width', () => page.evaluate(() => document.documentElement.scrollWidth), (width) => width <= 390);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('group').getByText('EN', { exact: true }).click();
  // An admin may end a member of the consumer protocol too; its offsets can be set when nobody is left.
  for (const left of [1, 0]) {
    await page.getByRole('table', { name: 'Members' }).getByRole('button', { name: 'Remove member' }).first().click();
    await until('one less', () => rows(page, 'Members'), (all) => all.length === left);
  }
  await page.getByRole('button', { name: 'Reset offsets', exact: true }).click();
  await page.getByLabel('Latest').check();
  await page.getByRole('button', { name: 'Reset 6 offsets' }).click();
  await seen(page.getByText('6 offsets were set.'));
  assert.deepEqual(await committed(bare, 'tabs'), keyed(FLIGHTS_BY_PARTITION));
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.deepEqual(complaints(browser), []);
});
