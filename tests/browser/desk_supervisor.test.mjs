// SPDX-License-Identifier: AGPL-3.0-or-later
// "Ask the supervisor" at consoles in a real browser: it rings at a
// supervisor's, and who has asked sees whether it does.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk } from '../e2e/lib/desk.mjs';
import { Home } from '../e2e/lib/home.mjs';
import { consoleOf, launch } from './lib/desk_real.mjs';

const LIMIT = Number(process.env.LONG ?? 90000); // a slow machine is no fault

let home, browser, url;

before(async () => {
  home = await Home.start();
  await Desk.add(home, 'srey');
  await Desk.add(home, 'dara', 'supervisor');
  url = await home.desk();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await home?.stop();
});

const at = (name) => consoleOf(browser, home, { url, name, limit: LIMIT });
const titled = (page, title) => page.waitForFunction((words) => document.title === words, title);

test('what is asked of a supervisor rings there, and the officer sees whether anybody hears it', async () => {
  const page = await at('srey');
  await home.form({ story: 'papers of the green house' }, { lang: 'en' });
  await page.locator('.q-row').first().waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.tip-head').getByRole('button', { name: 'Claim' }).click();
  await page.getByRole('button', { name: 'Ask the supervisor' }).click();
  await page.locator('.tip-head').getByText('no alarm is set up: call').waitFor();
  await page.locator('.strip').getByText('1 waits for a supervisor').waitFor();
  await page.locator('.strip').getByText('No supervisor hears it at this desk: call').waitFor();
  assert.equal(await page.title(), 'Desk');

  const theirs = await at('dara');
  await titled(theirs, '(1!) Desk');
  await theirs.locator('.strip').getByText('1 waits for a supervisor').waitFor();
  assert.match(await theirs.locator('[role=alert].sr').textContent(), /1 waits for a supervisor/);
  assert.ok(await theirs.evaluate(() => Number(document.documentElement.dataset.sounded ?? 0)) >= 1);
  await page.locator('.tip-head').getByText('It rings at a supervisor’s console.').waitFor();

  await theirs.locator('.q-row').first().focus();
  await theirs.keyboard.press('Enter');
  await theirs.getByRole('button', { name: 'Take over' }).click();
  await theirs.locator('dialog textarea').fill('I look at it');
  await theirs.locator('dialog').getByRole('button', { name: 'Take over' }).click();
  await titled(theirs, 'Desk');
  await page.waitForFunction(() => !document.querySelector('.strip').textContent.includes('waits for a supervisor'));
});

test('how late an urgent tip is by now is said, and a P2 that waits too long', async () => {
  const page = await at('srey');
  const tell = async (data) => {
    await page.unroute('**/api/events');
    await page.route('**/api/events', (route) => route.fulfill({
      status: 200, contentType: 'text/event-stream', body: `event: waiting\ndata: ${JSON.stringify(data)}\n\n`,
    }));
    await page.reload();
  };
  await tell({ n: 3, p1: 1, p2: 2, asked: 0, unseen: 0, level: 'supervisor', supervisor: true, ids: [] });
  await titled(page, '(3!) Desk');
  for (const words of ['1 urgent tip waits', 'for 5 minutes: it is the supervisor’s', '2 tips for today wait too long']) {
    await page.locator('.strip').getByText(words).waitFor();
  }
  await tell({ n: 1, p1: 1, p2: 0, asked: 0, unseen: 0, level: 'phone-tree', supervisor: true, ids: [] });
  await page.locator('.strip').getByText('for 10 minutes: it is the phone tree’s').waitFor();
  assert.equal(await page.locator('.strip').getByText('for today').count(), 0);
});
