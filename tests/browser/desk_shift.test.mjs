// SPDX-License-Identifier: AGPL-3.0-or-later
// An officer's shift in a real browser at a real desk: from the log-in through
// a P1 that arrives by SMS while somebody looks, to the log-out.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { Home, request, until } from '../e2e/lib/home.mjs';
import { twilioRequest } from '../e2e/lib/sign.mjs';
import { codeOf } from './lib/officer.mjs';

const LIMIT = Number(process.env.LONG ?? 90000); // a slow machine is no fault
const story = 'ជួយខ្ញុំផង គេចាក់សោទ្វារ ហើយវាយខ្ញុំ <img src=x onerror=alert(1)>';

let home, browser, url;

before(async () => {
  home = await Home.start();
  url = await home.desk();
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run', '--disable-sync'],
  });
});
after(async () => {
  await browser?.close();
  await home?.stop();
});

async function fresh() {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
  context.setDefaultTimeout(LIMIT);
  const page = await context.newPage();
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('console', (message) => { if (/Content Security Policy|Refused to/.test(message.text())) page.complaints.push(message.text()); });
  await page.goto(url);
  await page.locator('.gate').waitFor();
  return { context, page };
}

async function logIn(page, name = 'officer') {
  const passphrase = fs.readFileSync(path.join(home.dir, `${name}.pass`), 'utf8').trim();
  await page.locator('[autocomplete=username]').fill(name);
  await page.locator('[type=password]').fill(passphrase);
  await page.locator('.code').fill(await codeOf(home, name));
  await page.keyboard.press('Enter');
  await page.locator('.strip').waitFor();
}

const sms = async (text, from = '+85512345678') => {
  const { method, headers, body } = twilioRequest(`${home.url}/sms/twilio`, home.secret('twilio'), { Body: text, From: from });
  const answer = await request(`${home.url}/sms/twilio`, { method, headers, body });
  assert.equal(answer.status, 200);
};

/** Choose the row with this number by the keyboard. */
async function choose(page, id) {
  for (let i = 0; i < 30; i++) {
    if (await page.locator('.q-row.chosen').getAttribute('data-id') === id) return;
    await page.keyboard.press(i < 25 ? 'j' : 'k');
  }
  throw new Error(`the row ${id} is not there`);
}

test('who is not let in learns nothing, and the passphrase is gone from the form', async () => {
  const { context, page } = await fresh();
  try {
    await page.locator('[autocomplete=username]').fill('officer');
    await page.locator('[type=password]').fill('wrong');
    await page.locator('.code').fill('000000');
    await page.keyboard.press('Enter');
    await page.getByText('Name, passphrase or code is not right.').waitFor();
    assert.equal(await page.locator('[type=password]').inputValue(), '');
  } finally {
    await context.close();
  }
});

test('a shift: a P1 comes by SMS while the officer looks, is claimed, read, rated, worked on', async () => {
  const { context, page } = await fresh();
  try {
    await logIn(page);
    await page.locator('.health').getByText('Live').waitFor();
    await sms(story);
    await page.waitForFunction(() => document.title === '(1!) Desk');
    await page.locator('.q-row').first().waitFor();
    await page.keyboard.press('r');
    const row = page.locator('.q-row[data-priority="1"]').first();
    await row.waitFor();
    await choose(page, await row.getAttribute('data-id'));
    await page.keyboard.press('Enter');
    await page.getByText('Claim the tip to read it').waitFor();
    assert.ok(!(await page.content()).includes('ចាក់សោ'), 'nothing is read before the claim');
    await page.keyboard.press('c');
    await page.locator('.tip-text').waitFor();
    await page.waitForFunction(() => document.title === 'Desk');
    assert.equal(await page.locator('.tip-text .original').innerText(), story);
    assert.ok(await page.locator('.tip-text mark').count() > 0, 'matched words are marked');
    assert.equal(await page.locator('#main img').count(), 0);
    assert.ok(!(await page.content()).includes('12345678'), 'the number is masked');
    await page.locator('.tip-head .chip').getByText('in triage').waitFor();
    await page.keyboard.press('1');
    await page.getByText('Saved.').first().waitFor();
    await page.keyboard.press('2');
    await page.locator('dialog textarea').fill('they were moved out');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('A second officer has to agree').locator('visible=true').first().waitFor();
    assert.match(await page.locator('.tip-head h1').innerText(), /P1/, 'nobody lowers a P1 alone');
    assert.deepEqual(page.complaints, []);
  } finally {
    await context.close();
  }
});

test('two tabs of one browser see the same, and one claims', async () => {
  const { context, page } = await fresh();
  try {
    await logIn(page);
    await home.form({ story: 'a second tip for two tabs', now: '1' }, { lang: 'en' });
    const [other] = await Promise.all([page.waitForEvent('popup'), page.evaluate(() => { window.open('/'); })]);
    const nobodys = '.q-row:has(.q-owner .muted)';
    for (const tab of [page, other]) {
      await tab.locator('.strip').waitFor();
      await until('the tip is in the list', async () => {
        await tab.bringToFront();
        await tab.keyboard.press('r');
        return tab.locator(nobodys).first().waitFor({ timeout: 2000 }).then(() => true, () => false);
      }, LIMIT);
    }
    const id = await page.locator(nobodys).first().getAttribute('data-id');
    await page.bringToFront();
    await choose(page, id);
    await page.keyboard.press('c');
    await page.locator(`[data-id="${id}"] .mine`).waitFor();
    await other.locator(`[data-id="${id}"] .mine`).waitFor();
  } finally {
    await context.close();
  }
});

test('after the log-out neither page nor cookie opens anything', async () => {
  const { context, page } = await fresh();
  try {
    await logIn(page);
    const token = await page.evaluate(() => sessionStorage.getItem('desk-token'));
    const cookie = (await context.cookies()).find((each) => each.name === '__Host-desk');
    assert.ok(cookie.httpOnly && cookie.secure && cookie.sameSite === 'Strict');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByText('You are logged out.').waitFor();
    assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), []);
    const again = await request(`${url}/api/queue`, { headers: { Cookie: `__Host-desk=${cookie.value}`, 'X-Desk-Token': token } });
    assert.equal(again.status, 401);
  } finally {
    await context.close();
  }
});
