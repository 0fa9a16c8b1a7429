// SPDX-License-Identifier: AGPL-3.0-or-later
// Waiting for a turn in a real browser: where scripts run the page works and
// goes on by itself, and where they do not its button does.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { Home, request, until } from '../e2e/lib/home.mjs';

const WRONG = '2704 1395 8061 7240 1230';
const TRIES = 3; // the next one waits five minutes, or works for what 2^15 hashes take
let home, browser;

before(async () => {
  home = await Home.start({
    processes: ['spool', 'intake'],
    edit: (conf) => conf.replace(/^\[intake\]$/m, `[intake]\ncount_near = yes\ncode_tries = ${TRIES}\nwait_max = 15min`),
  });
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  for (let i = 0; i < TRIES; i++) {
    const { status } = await request(`${home.url}/en/c`, { method: 'POST', body: `code=${WRONG.replaceAll(' ', '+')}`,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
    assert.equal(status, 200);
  }
});
after(async () => {
  await browser?.close();
  await home?.stop();
});

async function enter(javaScriptEnabled) {
  const context = await browser.newContext({ javaScriptEnabled, ignoreHTTPSErrors: true, viewport: { width: 240, height: 320 } });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(`${home.url}/en/c`);
  await page.fill('#code', WRONG);
  await page.click('#send');
  await page.waitForLoadState();
  return { context, page, complaints: () => complaints.filter((text) => !/status of 429/.test(text)) };
}

test('a browser with scripts works a few seconds and shows what lies under the code', async () => {
  const { context, page, complaints } = await enter(true);
  await page.waitForFunction(() => document.querySelector('h1')?.textContent.startsWith('Nothing can be shown'), null,
    { timeout: 120000 }); // how long is chance; by waiting alone it takes five minutes
  assert.deepEqual(complaints(), []);
  await until('it is counted', async () => await home.metric('web_waited_total') === 1);
  await context.close();
});

test('without scripts the page says how long, keeps the code, and its button asks again', async () => {
  const { context, page, complaints } = await enter(false);
  for (let i = 0; i < 2; i++) {
    assert.match(await page.textContent('h1'), /Too many codes/);
    assert.match(await page.textContent('#v p'), /^Wait \d+ seconds, then press Continue\.$/);
    assert.equal((await page.inputValue('[name=code]')).replaceAll(' ', ''), WRONG.replaceAll(' ', ''));
    assert.equal(page.url(), `${home.url}/en/c`, 'no code in the address');
    await page.click('#send');
    await page.waitForLoadState();
  }
  assert.deepEqual(complaints(), []);
  await context.close();
});
