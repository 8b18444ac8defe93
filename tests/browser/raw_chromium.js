// Chromium over its debugging pipe, without Playwright: its switches keep every tab visible and unthrottled and
// turn the back/forward cache off.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const EXECUTABLE = process.env.TABLOG_CHROMIUM ?? '/usr/bin/chromium';

export async function launchRaw() {
  const profile = await mkdtemp(join(tmpdir(), 'tablog-raw-'));
  const child = spawn(EXECUTABLE, [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank',
  ], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const [, , , input, output] = child.stdio;
  const waiting = new Map();
  const attached = [];
  let rest = '', nextId = 1;
  output.on('data', (chunk) => {
    rest += chunk;
    const messages = rest.split('\0');
    rest = messages.pop();
    for (const text of messages) {
      const message = JSON.parse(text);
      if (message.method === 'Target.attachedToTarget') attached.push(message);
      const settle = waiting.get(message.id);
      waiting.delete(message.id);
      if (settle && message.error) settle.reject(new Error(message.error.message));
      else if (settle) settle.resolve(message.result);
    }
  });
  const send = (method, params = {}, sessionId) => new Promise((resolve, reject) => {
    const id = nextId++;
    waiting.set(id, { resolve, reject });
    input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
  });
  return {
    sharedWorkers: async () => {
      const { targetInfos } = await send('Target.getTargets', { filter: [{ type: 'shared_worker' }] });
      return Promise.all(targetInfos.map(async ({ targetId }) => {
        const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
        return { send: (method, params) => send(method, params, sessionId) };
      }));
    },
    openPage: async (url) => {
      const { targetId } = await send('Target.createTarget', { url });
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
      const page = {
        // Of the page itself; its dedicated workers are found among those that attached to it.
        send: (method, params) => send(method, params, sessionId),
        workers: async () => {
          await send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: true }, sessionId);
          return attached.filter((message) => message.sessionId === sessionId && message.params.targetInfo.type === 'worker')
            .map(({ params }) => ({ send: (method, rest) => send(method, rest, params.sessionId) }));
        },
        activate: () => send('Target.activateTarget', { targetId }),
        navigate: (to) => send('Page.navigate', { url: to }, sessionId),
        // Not by script: what runs in a page that is in the cache evicts it.
        goBack: async () => {
          const { currentIndex, entries } = await send('Page.getNavigationHistory', {}, sessionId);
          await send('Page.navigateToHistoryEntry', { entryId: entries[currentIndex - 1].id }, sessionId);
        },
        // An expression or an async function's text, evaluated and awaited.
        evaluate: async (expression) => {
          const text = typeof expression === 'function' ? `(${expression})()` : expression;
          const { result, exceptionDetails } = await send('Runtime.evaluate',
            { expression: text, awaitPromise: true, returnByValue: true }, sessionId);
          if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
          return result.value;
        },
        until: async (expression, timeoutMs = 10_000) => {
          let value;
          for (const end = Date.now() + timeoutMs; Date.now() < end;) {
            value = await page.evaluate(expression).catch((error) => `error ${error.message}`);
            if (value === true) return;
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
          throw new Error(`after ${timeoutMs} ms still ${value}: ${expression}`);
        },
      };
      return page;
    },
    close: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      send('Browser.close').catch(() => {});
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 3000))]);
      child.kill('SIGKILL');
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
