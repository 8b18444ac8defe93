// The lab: six assignors on one situation, step by step; the address that holds it; what an address may not say.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch } from './chromium.js';
import { DIST, complaints, go, open, rows, seen, until } from './dashboard.js';
import { serve } from './server.js';

const ASSIGNORS = ['range', 'roundrobin', 'sticky', 'cooperative-sticky', 'uniform (KIP-848)', 'range (KIP-848)'];

let server, browser;
before(async () => { server = await serve(DIST); });
after(async () => { await server.close(); });
beforeEach(async () => { browser = await launch(); });
afterEach(async () => { await browser.close(); });

const lab = (query = '') => open(browser, `${server.url}/lab${query}`);
const column = (page, name) => page.getByRole('region', { name, exact: true });
const button = (page, name) => page.getByRole('button', { name, exact: true });
const steps = (page) => page.getByRole('list', { name: 'Steps' }).getByRole('listitem');

// { c1: 'lab-0, lab-1' }: as it reads, and as it is copied.
async function assignment(page, name) {
  const found = await column(page, name).getByRole('table', { name: 'Assignment' }).locator('tbody tr:not([aria-hidden])')
    .evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
  return Object.fromEntries(found);
}

const figure = (page, name, term) => column(page, name).locator('dl > div').filter({ hasText: term }).locator('dd').textContent();
const figures = async (page, term) => (await Promise.all(ASSIGNORS.map((name) => figure(page, name, term)))).map(Number);
const moved = (page, expected) => until('moved', () => figures(page, 'Moved'), (found) => found.join() === expected.join());
const lab12 = (text) => text.split(' ').map((n) => `lab-${n}`).join(', ');
const remove = (page, consumer) => page.getByRole('list', { name: 'Consumers' }).getByRole('listitem')
  .filter({ hasText: consumer }).getByRole('button', { name: 'Remove', exact: true }).click();

test('twelve over five, and then c3 leaves: what Apache Kafka answers', { timeout: 120_000 }, async () => {
  const page = await lab('?v=1&topics=lab:3&members=c1');
  await page.getByRole('spinbutton', { name: 'Partitions' }).fill('12');
  await page.getByRole('spinbutton', { name: 'Consumers' }).fill('5');
  await until('range', () => assignment(page, 'range'), (found) => found.c5 === lab12('10 11'));
  assert.deepEqual(await assignment(page, 'range'), { c1: lab12('0 1 2'), c2: lab12('3 4 5'), c3: lab12('6 7'), c4: lab12('8 9'), c5: lab12('10 11') });
  assert.deepEqual(await assignment(page, 'roundrobin'), { c1: lab12('0 5 10'), c2: lab12('1 6 11'), c3: lab12('2 7'), c4: lab12('3 8'), c5: lab12('4 9') });
  assert.deepEqual(await assignment(page, 'uniform (KIP-848)'), { c1: lab12('0 1'), c2: lab12('2 3'), c3: lab12('4 5'), c4: lab12('6 7 8'), c5: lab12('9 10 11') });
  assert.deepEqual(await figures(page, 'Spread'), [1, 1, 1, 1, 1, 1]);
  await seen(column(page, 'range').getByText('the first 12 mod 5 = 2 get one more: that is why c1 and c2 have 3.'));
  await seen(page.getByRole('heading', { level: 1, name: 'Twelve partitions, five consumers.' }));

  await remove(page, 'c3');
  await moved(page, [3, 10, 2, 2, 2, 3]);
  assert.deepEqual(await figures(page, 'Spread'), [0, 0, 0, 0, 0, 0]);
  assert.deepEqual(await assignment(page, 'cooperative-sticky'), { c1: lab12('0 5 10'), c2: lab12('1 6 11'), c4: lab12('2 3 8'), c5: lab12('4 7 9') });
  assert.deepEqual((await rows(page, 'Comparison')).map((row) => row.slice(1).map(Number)),
    [[3, 0, 12, 1], [10, 0, 12, 1], [2, 0, 12, 1], [2, 0, 2, 1], [2, 0, 2, 1], [3, 0, 3, 1]]);
  await seen(page.getByRole('heading', { level: 1, name: 'Twelve partitions, five consumers. Then c3 leaves.' }));
  assert.equal(await column(page, 'range').locator('.tile.moved').count(), 3);

  // What moved is seen to slide, all of it at once.
  await button(page, '‹ Back').click();
  await moved(page, [0, 0, 0, 0, 0, 0]);
  await button(page, 'Forward ›').click();
  await until('tiles slide', () => page.evaluate(() => document.getAnimations().filter((a) => a.transitionProperty === 'transform').length), (n) => n >= 22);

  // A newcomer costs the cooperative protocol its second rebalance.
  await button(page, 'Add consumer').click();
  await seen(steps(page).filter({ hasText: 'c6 joins' }));
  await until('two rebalances', () => rows(page, 'Comparison'), (found) => found[3][4] === '2' && found[2][4] === '1');
  await button(page, 'Add partition').click();
  await seen(steps(page).filter({ hasText: 'one partition is added' }));

  // Back and forth; a step in the middle cuts what came after.
  await button(page, '‹ Back').click();
  await button(page, '‹ Back').click();
  await moved(page, [3, 10, 2, 2, 2, 3]);
  assert.equal(await steps(page).count(), 4);
  await page.getByRole('list', { name: 'Consumers' }).getByRole('listitem').filter({ hasText: 'c1' }).getByRole('button', { name: 'Crash', exact: true }).click();
  await seen(steps(page).filter({ hasText: 'c1 crashes' }));
  await seen(page.getByText('c1 says nothing more. Until its session timeout is over'));
  assert.equal(await steps(page).count(), 3);
  assert.deepEqual(complaints(browser).filter((line) => !/404/.test(line)), []);
});

test('the address holds the situation, and a second page shows the same', { timeout: 120_000 }, async () => {
  const page = await lab();
  await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await remove(page, 'c3');
  await moved(page, [3, 10, 2, 2, 2, 3]);
  await button(page, 'Add consumer').click();
  await button(page, 'Add partition').click();
  await steps(page).nth(1).getByRole('link').click();
  const readable = '?v=1&topics=lab:12&members=c1,c2,c3,c4,c5&steps=-c3,+c6,lab:13&at=1';
  await until('the address', () => new URL(page.url()).search, (search) => search === readable);
  await button(page, 'Copy the address').click();
  await seen(page.getByText('The address of this situation is copied.'));
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, `${server.url}/lab${readable}`);
  const other = await open(browser, copied);
  await moved(other, [3, 10, 2, 2, 2, 3]);
  assert.equal(await steps(other).count(), 4);
  for (const name of ASSIGNORS) assert.deepEqual(await assignment(other, name), await assignment(page, name), name);

  // Several topics, racks, a static member, a subscription.
  const rich = '?v=1&topics=lab:6@a/b,orders:3&members=c1!:lab@a,c2,c3:-&steps=c3=orders,~c2&at=2';
  const third = await lab(rich);
  await until('c3 has all of orders', () => assignment(third, 'sticky'), (found) => found.c3 === 'orders-0, orders-1, orders-2');
  await button(third, '‹ Back').click();
  await until('the address', () => new URL(third.url()).search, (search) => search === rich.replace('at=2', 'at=1'));
});

test('an address that cannot be read says why and offers an empty lab', { timeout: 120_000 }, async () => {
  const many = Array.from({ length: 1500 }, (_, n) => `m${n}`).join();
  const cases = [
    ['?v=2&topics=lab:12', /version 2; this lab reads version 1/],
    ['?v=1&topics=lab:12&members=c1&steps=-c9', /Step 1 cannot be done.*no consumer c9/],
    ['?v=1&topics=lab:10000&members=c1', /1,000 partitions at most/],
    [`?v=1&topics=lab:1&members=${many}`, /100 consumers at most/],
    ['?v=1&topics=lab:12&members=<img src=x onerror=alert(1)>', /cannot be a name here/],
    ['?v=1&topics=lab&members=', /“lab” in topics cannot be read/],
  ];
  for (const [query, why] of cases) {
    const page = await lab(query);
    await seen(page.getByRole('alert').getByText(why));
    await page.close();
  }
  const page = await lab(cases[0][0]);
  await page.getByRole('link', { name: 'Open an empty lab' }).click();
  await seen(page.getByText('Nobody. Add a consumer.'));
  await button(page, 'Add consumer').click();
  await until('c1 has all', () => assignment(page, 'range'), (found) => found.c1?.split(', ').length === 12);
  // A number that is too large is refused in words, and nothing is lost.
  await page.getByRole('spinbutton', { name: 'Consumers' }).fill('10000');
  await seen(page.getByRole('alert').getByText('100 consumers at most'));
  assert.equal(Object.keys(await assignment(page, 'range')).length, 1);
});

test('by keyboard alone, and dragged', { timeout: 120_000 }, async () => {
  const page = await lab();
  await until('five', () => assignment(page, 'range'), (found) => Object.keys(found).length === 5);
  const press = async (name, within = page) => {
    await within.getByRole('button', { name, exact: true }).first().focus();
    await page.keyboard.press('Enter');
  };
  await page.getByRole('spinbutton', { name: 'Consumers' }).focus();
  await page.keyboard.press('ArrowDown');
  await until('four', () => assignment(page, 'range'), (found) => Object.keys(found).length === 4);
  await press('Several topics, racks, static members…');
  await page.getByLabel('Name of the new topic').fill('orders');
  await page.keyboard.press('Enter');
  await seen(steps(page).filter({ hasText: 'topic orders is made' }));
  await until('orders', () => assignment(page, 'range'), (found) => found.c1 === 'lab-0, lab-1, lab-2, orders-0, orders-1');
  await page.getByRole('checkbox', { name: 'c1 reads orders' }).focus();
  await page.keyboard.press('Space');
  await seen(steps(page).filter({ hasText: 'c1 reads lab' }));
  await until('c1 without orders', () => assignment(page, 'range'), (found) => found.c1 === 'lab-0, lab-1, lab-2');
  await page.getByRole('checkbox', { name: 'c2 is static' }).check();
  await until('the address', () => page.url(), (url) => url.includes('c2!'));
  // The same with the mouse: a topic onto a consumer.
  await page.getByRole('table', { name: 'Topics' }).getByRole('rowheader', { name: 'orders' })
    .dragTo(page.getByRole('list', { name: 'Consumers' }).getByRole('listitem').filter({ hasText: 'c1' }));
  await seen(steps(page).filter({ hasText: 'c1 reads all topics' }));
});

test('a consumer that is dragged onto the columns leaves', { timeout: 120_000 }, async () => {
  const page = await lab();
  await until('five', () => assignment(page, 'range'), (found) => Object.keys(found).length === 5);
  await page.getByRole('list', { name: 'Consumers' }).getByText('c4').dragTo(column(page, 'sticky'));
  await seen(steps(page).filter({ hasText: 'c4 leaves' }));
});

test('a hundred members and a thousand partitions stay whole', { timeout: 120_000 }, async () => {
  const page = await lab();
  await page.getByRole('spinbutton', { name: 'Partitions' }).fill('1000');
  await page.getByRole('spinbutton', { name: 'Consumers' }).fill('100');
  await until('a hundred', () => assignment(page, 'sticky'), (found) => Object.keys(found).length === 100);
  const owned = Object.values(await assignment(page, 'sticky')).flatMap((cell) => cell.split(', '));
  assert.deepEqual([owned.length, new Set(owned).size], [1000, 1000]);
  await remove(page, 'c42');
  await until('moved', () => figures(page, 'Moved'), ([range, , sticky]) => range > 100 && sticky === 10);
  assert.ok(await page.evaluate(() => document.querySelectorAll('*').length) < 10_000, 'what is drawn is bounded');
  await seen(page.getByText('as Kafka compares them: c100 comes before c11.'));
});

test('in Korean, in the dark, at 390 pixels, and without motion', { timeout: 120_000 }, async () => {
  const page = await lab('?v=1&topics=lab:12&members=c1,c2,c3,c4,c5&steps=-c3&at=1&lang=ko&theme=dark');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await seen(page.getByRole('heading', { level: 1, name: '파티션 열둘, 컨슈머 다섯. 그리고 c3 나감.' }));
  await seen(column(page, 'range').getByText('12를 4로').or(column(page, 'range').getByText('12개를 4명으로')));
  await page.setViewportSize({ width: 390, height: 844 });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  await button(page, '‹ 뒤로').click();
  await until('nothing slides', () => page.evaluate(() => document.getAnimations().length), (n) => n === 0);
  assert.match(page.url(), /lang=ko/);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('button', { name: 'EN' }).click();
  await seen(page.getByRole('heading', { level: 1, name: 'Twelve partitions, five consumers.' }));
  await go(page, 'Overview');
  await go(page, 'Lab');
  await seen(column(page, 'uniform (KIP-848)'));
});
