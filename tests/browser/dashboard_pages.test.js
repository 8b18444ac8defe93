// Every page, in both languages, light and dark, wide and narrow; deep links under a sub-path; and by keyboard alone.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch } from './chromium.js';
import { DIST, FLIGHTS_BY_PARTITION, complaints, go, highWatermarks, isShared, loadFlights, members, open, seen, until } from './dashboard.js';
import { serve } from './server.js';

const ROUTES = ['', 'topics', 'topics/flights', 'groups', 'groups/flights-readers', 'clients', 'storage', 'consumer?topic=flights&group=tabs', 'lab', 'lab?v=1&topics=lab:6@a,orders:3&members=c1!,c2:lab@a&steps=-c1'];
const SIZES = [{ width: 1280, height: 800 }, { width: 390, height: 844 }];
const OPENING = ['Opening the log.', '로그를 여는 중입니다.'];

let server, browser;
before(async () => { server = await serve(DIST, { under: '/a/b/' }); });
after(async () => { await server.close(); });
beforeEach(async () => { browser = await launch(); });
afterEach(async () => { await browser.close(); });

const brightness = (page) => page.evaluate(() => {
  const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\d+(\.\d+)?/g).map(Number);
  return (r + g + b) / 3;
});

// What reaches out of the window and is not inside something that scrolls by itself.
const tooWide = (page) => page.evaluate(() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return null;
  const scrolls = (element) => element && (/auto|scroll|hidden|clip/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
  const out = [...document.body.querySelectorAll('*')]
    .filter((e) => e.getBoundingClientRect().right > clientWidth + 1 && !scrolls(e.parentElement));
  return `${scrollWidth} > ${clientWidth}: ${out.slice(0, 3).map((e) => `<${e.localName} class="${e.getAttribute('class')}"> ${e.textContent.slice(0, 40)}`).join(' ')}`;
});

test('every page in both languages and themes, at both sizes', { timeout: 240_000 }, async () => {
  const page = await open(browser, `${server.url}/a/b/`);
  await loadFlights(page);
  const wrong = [];
  for (const [lang, theme] of [['en', 'light'], ['ko', 'dark']]) {
    for (const route of ROUTES) {
      await page.goto(`${server.url}/a/b/${route}${route.includes('?') ? '&' : '?'}lang=${lang}&theme=${theme}`);
      const heading = page.getByRole('heading', { level: 1 });
      const title = await until(`the heading of /${route}`, () => heading.textContent(),
        (text) => text.trim() !== '' && !OPENING.includes(text.trim()));
      assert.equal(await page.evaluate(() => document.documentElement.lang), lang);
      const isKorean = /[가-힣]/.test(await page.locator('body').innerText());
      assert.equal(isKorean && lang === 'en' && /[가-힣]{2}/.test(await page.locator('main').innerText()), false, `Korean in English, /${route}`);
      if (lang === 'ko') assert.ok(/[가-힣]/.test(await page.locator('main').innerText()), `no Korean on /${route}: ${title}`);
      assert.equal(await brightness(page) > 128, theme === 'light', `/${route} is not ${theme}`);
      for (const size of SIZES) {
        await page.setViewportSize(size);
        // Pictures are drawn anew for the room that they have.
        const out = await until('the width', () => tooWide(page), (out) => !out, 3000).catch(({ message }) => message);
        if (out) wrong.push(`/${route} ${lang} at ${size.width}: ${out}`);
      }
      await page.setViewportSize(SIZES[0]);
    }
  }
  assert.deepEqual(wrong, []);
  await page.goto(`${server.url}/a/b/?lang=en`);
  for (const name of ['Topics', 'Groups', 'Clients', 'Storage', 'Overview']) {
    await go(page, name);
    await seen(page.getByRole('navigation').locator('a[aria-current=page]', { hasText: name }));
    assert.match(page.url(), name === 'Overview' ? /\/a\/b\/?(\?.*)?$/ : new RegExp(`/a/b/${name.toLowerCase()}`));
  }
  assert.deepEqual(complaints(browser), []);
});

test('deep links open directly under a sub-path, from a host that has only 404.html', { timeout: 180_000 }, async () => {
  const first = await open(browser, `${server.url}/a/b/clients`);
  await seen(first.getByRole('heading', { level: 1, name: 'No clients run in this tab.' }));
  await go(first, 'Overview');
  await loadFlights(first);
  const topic = await open(browser, `${server.url}/a/b/topics/flights`);
  const ends = await until('high watermarks', () => highWatermarks(topic), (ends) => ends.length === 6);
  assert.deepEqual(ends, FLIGHTS_BY_PARTITION);
  const group = await open(browser, `${server.url}/a/b/groups/flights-readers`);
  await until('members', () => members(group), (owned) => isShared(owned, [2, 2, 2]));
  await go(group, 'Topics');
  await seen(group.getByRole('link', { name: 'flights', exact: true }));
  assert.match(group.url(), /\/a\/b\/topics$/);
  const unknown = await open(browser, `${server.url}/a/b/topics/nowhere`);
  await seen(unknown.getByText('There is no topic of this name.'));
  const html = await open(browser, `${server.url}/a/b/index.html`);
  await seen(html.getByRole('heading', { level: 1 }));
  await seen(html.getByRole('button', { name: 'Load the flights' }));
  assert.deepEqual(complaints(browser), []);
});

test('the keyboard alone reaches the main button, and Enter presses it', { timeout: 120_000 }, async () => {
  const page = await open(browser, `${server.url}/a/b/`);
  await seen(page.getByRole('button', { name: 'Load the flights' }));
  const focused = () => page.evaluate(() => document.activeElement?.textContent.trim());
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Skip to the content');
  for (let n = 0; await focused() !== 'Load the flights'; n += 1) {
    assert.ok(n < 30, 'Tab does not reach the button');
    await page.keyboard.press('Tab');
  }
  const outline = await page.evaluate(() => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
    return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
  });
  assert.ok(outline, 'the focus is not seen');
  await page.keyboard.press('Enter');
  await seen(page.getByText('20,000 flights are stored and acknowledged'));
  assert.deepEqual(complaints(browser), []);
});
