// SPDX-License-Identifier: AGPL-3.0-or-later
// Quarantine at a console in a real browser: how much lies there stands in the
// header, a page is looked through with one key, what is to be read in full is
// read, and a day without a look is an alarm.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk } from '../e2e/lib/desk.mjs';
import { Home } from '../e2e/lib/home.mjs';
import { consoleOf, launch } from './lib/desk_real.mjs';

const LIMIT = Number(process.env.LONG ?? 90000); // a slow machine is no fault

let home, browser, page, other;

before(async () => {
  home = await Home.start();
  await Desk.add(home, 'srey');
  const url = await home.desk();
  other = await Desk.login(home, { name: 'officer' });
  browser = await launch();
  page = await consoleOf(browser, home, { url, name: 'srey', limit: LIMIT });
});
after(async () => {
  await browser?.close();
  await home?.stop();
});

const spam = async (story) => {
  await home.form({ story, website: 'x' }, { lang: 'en' });
  return { story, ...await other.row((row) => row.state === 'QUARANTINE', `view=quarantine&q=${encodeURIComponent(story)}`) };
};

test('a page is looked through with one key; one in ten is opened, and read without a claim', async () => {
  const rows = [];
  let full, light; // one in ten is to be read in full, and which is chance
  while (!full || !light) {
    // a word that is its own each time, and no number: some of these are keywords
    rows.push(await spam(`q${String.fromCharCode(97 + Math.floor(rows.length / 26), 97 + rows.length % 26)} of the grey shop`));
    full = rows.find(({ flags }) => flags.includes('read in full'));
    light = rows.find(({ flags }) => !flags.includes('read in full'));
  }
  await page.keyboard.press('r');
  await page.locator('.strip').getByRole('button', { name: 'in quarantine, not looked through' }).click();
  const row = (id) => page.locator(`.q-row[data-id="${id}"]`);
  await row(full.id).getByText('read this one in full').waitFor();
  await page.getByRole('button', { name: `Quarantine (${rows.length})` }).waitFor();
  await page.getByRole('button', { name: 'I have looked through these' }).click();
  await other.row(({ flags }) => !flags.includes('not looked through'), `view=quarantine&q=${encodeURIComponent(light.story)}`);
  await row(full.id).getByText('not looked through').waitFor();
  await row(full.id).focus();
  assert.equal(await page.locator('.peek').getByRole('button', { name: 'Claim' }).count(), 0);
  await page.keyboard.press('Enter');
  await page.getByText('of the grey shop').first().waitFor();
  assert.equal(await page.locator('.tip-head').getByRole('button', { name: 'Claim' }).count(), 0);
  await page.getByRole('button', { name: 'Read: it stays in quarantine' }).click();
  await page.waitForFunction(() => !document.querySelector('.tip-head').textContent.includes('not looked through'));
  await page.getByRole('button', { name: 'Out of quarantine' }).click();
  await page.locator('.tip-head').getByRole('button', { name: 'Claim' }).waitFor();
  assert.equal((await other.row((one) => one.id === full.id, 'view=open')).state, 'NEW');
});

test('a day without a look is said, in the title too, and to the ear once', async () => {
  await page.route('**/api/events', (route) => route.fulfill({
    status: 200, contentType: 'text/event-stream', body: 'event: waiting\ndata: {"n":0,"unseen":2,"ids":[]}\n\n',
  }));
  await page.reload();
  await page.locator('.strip').getByText('2 lie in quarantine for more than a day').waitFor();
  await page.waitForFunction(() => document.title === '(!) Desk');
  assert.match(await page.locator('[role=alert].sr').textContent(), /2 lie in quarantine/);
  await page.waitForFunction(() => Number(document.documentElement.dataset.sounded ?? 0) >= 1);
});
