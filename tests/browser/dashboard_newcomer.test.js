// What a newcomer sees, in one go: an empty profile, the flights, a group that shares them, changes hands, survives
// reloads and is seen from a second tab.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './chromium.js';
import {
  DIST, FLIGHTS_BY_PARTITION, PATIENCE_MS, complaints, follow, go, highWatermarks, isShared, loadFlights, members, offsets, open,
  produce, seen, sum, until,
} from './dashboard.js';
import { serve } from './server.js';

let server, browser;
before(async () => {
  server = await serve(DIST);
  browser = await launch();
});
after(async () => {
  await browser.close();
  await server.close();
});

const toGroup = async (page) => {
  await go(page, 'Groups');
  await follow(page, 'flights-readers');
};
const addConsumer = (page) => page.getByRole('button', { name: 'Add consumer' }).click();
const lag = async (page) => sum((await offsets(page)).map((row) => row.lag));
const partitionsOf = (all) => Object.fromEntries(all.map((row) => [row.partition, row.committed]));

test('the newcomer\'s way', { timeout: 240_000 }, async (t) => {
  const page = await open(browser, `${server.url}/`);

  await t.test('the empty overview teaches', async () => {
    await seen(page.getByRole('heading', { level: 1, name: 'Nothing has been written yet.' }));
    await seen(page.getByText('Load 20,000 real flights of 2001'));
    await seen(page.getByRole('img', { name: 'Where producers, partitions and consumers will appear.' }));
  });

  await t.test('20,000 records land on the partitions that their keys hash to', async () => {
    await loadFlights(page);
    await go(page, 'Topics');
    await follow(page, 'flights');
    await seen(page.getByRole('heading', { level: 1, name: 'flights' }));
    const ends = await until('high watermarks', () => highWatermarks(page), (ends) => sum(ends) === 20_000);
    assert.deepEqual(ends, FLIGHTS_BY_PARTITION);
  });

  let before;
  await t.test('three consumers own two partitions each, and commit', async () => {
    await toGroup(page);
    const owned = await until('members', () => members(page), (owned) => isShared(owned, [2, 2, 2]));
    assert.deepEqual(Object.keys(owned).sort(), ['consumer-1', 'consumer-2', 'consumer-3']);
    const all = await until('committed offsets', () => offsets(page), (all) => all.length === 6 && sum(all.map((r) => r.committed)) > 0);
    assert.ok(all.every((row) => row.topic === 'flights'));
    before = partitionsOf(all);
  });

  await t.test('after a reload consumption resumes from the committed offsets', async () => {
    await page.reload();
    await seen(page.getByRole('heading', { level: 1, name: 'flights-readers' }));
    let lowest = before;
    const notBack = (all) => all.every((row) => row.committed >= before[row.partition]);
    await until('lag after a reload', async () => {
      const all = await offsets(page);
      if (all.length === 6 && !notBack(all)) lowest = partitionsOf(all);
      return all;
    }, (all) => all.length === 6 && sum(all.map((row) => row.lag)) === 0);
    assert.equal(lowest, before, 'a committed offset went back');
    const owned = await until('members', () => members(page), (owned) => isShared(owned, [2, 2, 2]));
    assert.deepEqual(Object.keys(owned).sort(), ['consumer-1', 'consumer-2', 'consumer-3']);
  });

  await t.test('a fourth consumer is given partitions, and two that are removed give theirs back', async () => {
    await addConsumer(page);
    const owned = await until('four members', () => members(page), (owned) => isShared(owned, [1, 1, 2, 2]));
    assert.ok(owned['consumer-4']?.length >= 1);
    await until('an owner each', () => offsets(page), (all) => all.length === 6 && all.every((row) => row.owner.startsWith('consumer-')));
    for (const left of [3, 2]) {
      await page.getByRole('table', { name: 'Members' }).getByRole('button', { name: 'Remove consumer' }).first().click();
      await until(`${left} members`, () => members(page), (owned) => isShared(owned, Array(left).fill(6 / left)));
    }
    await go(page, 'Overview');
    await seen(page.getByText(/left flights-readers/));
  });

  await t.test('after another reload all is still there', async () => {
    await page.reload();
    await toGroup(page);
    const owned = await until('two members', () => members(page), (owned) => isShared(owned, [3, 3]));
    assert.deepEqual(Object.keys(owned).sort(), ['consumer-3', 'consumer-4']);
    const all = await offsets(page);
    assert.deepEqual(all.map((row) => row.committed), FLIGHTS_BY_PARTITION);
    assert.deepEqual(all.map((row) => row.end), FLIGHTS_BY_PARTITION);
  });

  await t.test('a second tab has the same broker, and both live', async () => {
    const second = await open(browser, `${server.url}/groups/flights-readers`);
    await until('members, seen from the second tab', () => members(second), (owned) => isShared(owned, [3, 3]));
    await seen(page.getByText('2 tabs attached'));
    await go(second, 'Topics');
    await follow(second, 'flights');
    await second.getByRole('radio', { name: 'Live tail' }).click();
    await seen(second.getByText('Live: waiting for the next record.'));
    await go(page, 'Topics');
    await follow(page, 'flights');
    const tail = second.getByRole('table', { name: 'Records' });
    // A tail begins where the topic ends when it has found that out: until it has, records pass it by.
    for (let n = 1; ; n += 1) {
      await produce(page, 'second-tab', `seen by the other ${n}`);
      if (await tail.getByText('seen by the other').first().waitFor({ timeout: 3000 }).then(() => true, () => false)) break;
      assert.ok(n < 20, 'the live tail of the second tab shows nothing');
    }
    await go(second, 'Groups');
    await follow(second, 'flights-readers');
    await until('what was produced', async () => sum((await offsets(second)).map((row) => row.end)), (ends) => ends > 20_000);
    await until('lag of what was produced', () => lag(second), (lag) => lag === 0, PATIENCE_MS);
    await second.close();
  });

  assert.deepEqual(complaints(browser), []);
});
