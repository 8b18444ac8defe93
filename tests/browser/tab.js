// A tab as the tests drive it: requests by raw frames, answers awaited.

import assert from 'node:assert/strict';

export async function openTab(browser, server, worker = 'raw') {
  const page = await browser.context.newPage();
  await page.goto(`${server.url}/tab.html?worker=${worker}`);
  await page.evaluate(() => window.loaded);
  return new Tab(page);
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// The process ends without a word.
export async function crash(tab) {
  const session = await tab.page.context().newCDPSession(tab.page);
  session.send('Page.crash').catch(() => {});
  await pause(50);
}

export class Tab {
  constructor(page) { this.page = page; }

  status() { return this.page.evaluate(() => window.tablog.status()); }

  async until(what, timeoutMs = 10_000) {
    const end = Date.now() + timeoutMs;
    let status;
    while (Date.now() < end) {
      status = await this.status();
      if (status.match(what)) return status;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.fail(`after ${timeoutMs} ms still: ${status}`);
  }

  // One frame of the test engine: a correlation id, a letter, text. Answers the text that came back.
  ask(letter, text = '') {
    return this.page.evaluate(async ([letter, text]) => {
      window.wire ??= await window.tablog.connect();
      window.wire.send(new TextEncoder().encode(`....${letter}${text}`));
      return new TextDecoder().decode((await window.wire.receive()).slice(4));
    }, [letter, text]);
  }

  inject(what) { return this.page.evaluate((what) => window.tablog.inject(what), what); }

  close() { return this.page.close(); }
}
