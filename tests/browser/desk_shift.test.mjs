// SPDX-License-Identifier: AGPL-3.0-or-later
// An officer's shift in a real browser at a real desk: from the log-in through
// a P1 that arrives by SMS while somebody looks, to the log-out.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { Desk } from '../e2e/lib/desk.mjs';
import { build, Home, receiptOf, request, until } from '../e2e/lib/home.mjs';
import { twilioRequest } from '../e2e/lib/sign.mjs';

const LIMIT = Number(process.env.LONG ?? 90000); // a slow machine is no fault
const story = 'ជួយខ្ញុំផង គេចាក់សោទ្វារ ហើយវាយខ្ញុំ <img src=x onerror=alert(1)>';

// One log-in for all: a code of the second factor is good once, and the next
// one comes after half a minute.
let home, browser, url, shift, second, code;
const run = promisify(execFile);

before(async () => {
  home = await Home.start({ edit: (text) => text.replace(/^\[desk\]$/m, '[desk]\npartners = partners.json') });
  const at = (name) => path.join(home.dir, name);
  fs.writeFileSync(at('partner.pass'), 'a long passphrase\n', { mode: 0o600 });
  const { stdout } = await run(path.join(build, 'tipline'), ['open', 'key', 'partner.key', '--cheap'],
    { cwd: home.dir, env: { ...process.env, TIPLINE_PASSPHRASE_FILE: at('partner.pass'), TIPLINE_NEW_PASSPHRASE_FILE: at('partner.pass') } });
  fs.writeFileSync(at('partners.json'), JSON.stringify({ partners: [{ id: 'helpers', name: 'Shelter <b>North</b>', kind: 'ngo', key: stdout.split('\n')[0], verified_on: new Date().toISOString().slice(0, 10) }] }), { mode: 0o644 });
  await Desk.add(home, 'srey');
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

async function logIn(page, name) {
  const passphrase = fs.readFileSync(path.join(home.dir, `${name}.pass`), 'utf8').trim();
  await page.locator('[autocomplete=username]').fill(name);
  await page.locator('[type=password]').fill(passphrase);
  await page.locator('.code').fill(await Desk.code(home, name));
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
  await page.locator(`.q-row[data-id="${id}"]`).waitFor();
  const at = () => page.evaluate((wanted) => {
    const rows = [...document.querySelectorAll('.q-row')];
    return rows.findIndex((row) => row.dataset.id === wanted) - rows.findIndex((row) => row.matches('.chosen'));
  }, id);
  for (let far = await at(); far !== 0; far = await at()) await page.keyboard.press(far > 0 ? 'j' : 'k');
}

/** Load the list until a tip is in it that was not before; gives its id. */
async function arrival(page, known) {
  let id;
  await until('the new tip is in the list', async () => {
    await page.keyboard.press('r');
    await page.waitForTimeout(200);
    id = (await rowsOf(page)).find((each) => !known.includes(each));
    return id;
  }, LIMIT);
  return id;
}

const rowsOf = (page) => page.locator('.q-row').evaluateAll((rows) => rows.map((row) => row.dataset.id));

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

test('a P1 comes by SMS while the officer looks, is claimed, read with its words marked, and rated', async () => {
  shift = await fresh();
  const { page } = shift;
  await logIn(page, 'srey');
  await page.locator('.health').getByText('Live').waitFor();
  await sms(story);
  await page.waitForFunction(() => document.title === '(1!) Desk');
  const id = await arrival(page, []);
  await choose(page, id);
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
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
});

test('two tabs of one browser see the same, and what one claims the other shows', async () => {
  const { page } = shift;
  await page.keyboard.press('Escape');
  await page.locator('.q-row').first().waitFor();
  const known = await rowsOf(page);
  const sent = await home.form({ story: 'a second tip for two tabs', now: '1', share: '1' }, { lang: 'en' });
  code = receiptOf(sent.body.toString());
  const id = await arrival(page, known);
  const [other] = await Promise.all([page.waitForEvent('popup'), page.evaluate(() => { window.open('/'); })]);
  await other.locator(`.q-row[data-id="${id}"]`).waitFor();
  await page.bringToFront();
  await choose(page, id);
  await page.keyboard.press('c');
  await page.locator(`[data-id="${id}"] .mine`).waitFor();
  await other.locator(`[data-id="${id}"] .mine`).waitFor();
  await other.close();
});

test('the supervisor sees who has it, and is told so at the claim', async () => {
  const { page } = shift;
  const held = await page.locator('.q-row:has(.mine)').first().getAttribute('data-id');
  second = (await fresh()).page;
  await logIn(second, 'officer');
  await second.getByRole('button', { name: 'All open' }).click();
  await second.locator(`.q-row[data-id="${held}"]`).getByText('srey').waitFor();
  await choose(second, held);
  await second.keyboard.press('c');
  await second.getByText(/^srey has it since \d\d:\d\d\.$/).first().waitFor();
});

test('a note, the next action and a reply; the reporter reads the reply with the code', async () => {
  const { page } = shift;
  await page.bringToFront();
  const held = await page.locator('.q-row:has(.mine)').evaluateAll((rows) => rows.map((row) => row.dataset.id));
  assert.equal(held.length, 2);
  assert.equal(await page.getByText('a second tip').count(), 0, 'no word of a tip is in the list');
  await page.keyboard.press('Enter'); // the one that was claimed last
  await page.locator('.tip-text').waitFor();
  await page.keyboard.press('n');
  await page.keyboard.type('blue roof <b>');
  await page.getByRole('button', { name: 'Save note' }).click();
  await page.locator('.log-note .log-body').getByText('blue roof <b>').waitFor();
  await page.getByLabel('Kind').selectOption('plan');
  await page.locator('[data-field=note]').fill('ask for the floor');
  await page.getByRole('button', { name: 'Save note' }).click();
  await page.locator('.log-plan').getByText('ask for the floor').waitFor();
  await page.locator('[data-field=reply]').fill('Where are you now? marker-reply');
  await page.getByRole('button', { name: 'Look and send' }).click();
  await page.locator('dialog').getByText('Where are you now? marker-reply').waitFor();
  await page.getByLabel('I have read the rule').check();
  await page.locator('dialog').getByRole('button', { name: 'Send' }).click();
  await page.locator('.log-reply .log-body').getByText('marker-reply').waitFor();
  await until('the reporter reads it', async () => (await request(`${home.url}/en/c`, {
    method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ code }).toString(),
  })).body.includes('marker-reply'), LIMIT);
});

test('a referral is previewed, sent sealed, and the partner accepts', async () => {
  const { page } = shift;
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('f');
  await page.locator('.partner').getByText('Shelter <b>North</b>').click();
  await page.locator('.referral-what textarea').first().fill('Potential victims near the market.');
  await page.getByRole('button', { name: 'Check and preview' }).click();
  await page.locator('.sheet').getByText('Potential victims near the market.').waitFor();
  assert.ok(!(await page.locator('.sheet').innerText()).includes('two tabs'), 'the text leaves on purpose only');
  await page.getByLabel('I have read what leaves').check();
  await page.getByRole('button', { name: 'Seal and send' }).click();
  const file = page.getByRole('button', { name: 'Get the sealed file' }).first();
  await file.waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), file.click()]);
  const bytes = fs.readFileSync(await download.path());
  assert.ok(bytes.length > 1000 && !bytes.includes('Potential'));
  await page.getByRole('button', { name: 'Back to the tip' }).first().click();
  await page.locator('.tip-head .chip').getByText('referred', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'See', exact: true }).click();
  await page.getByRole('button', { name: 'Accepted' }).click();
  await page.locator('.referrals-sent').getByText('accepted by partner').waitFor();
});

test('the shift is handed over, and who comes takes it', async () => {
  const { page } = shift;
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await page.getByLabel('To (name)').fill('officer');
  await page.getByLabel('What the next shift should know').fill('the blue roof');
  await page.getByRole('button', { name: 'Hand over', exact: true }).click();
  await page.getByText('Thank you. What you did this shift counts.').waitFor();
  await second.evaluate(() => document.activeElement.blur());
  await second.keyboard.press('g');
  await second.keyboard.press('h');
  await second.getByText('the blue roof').waitFor();
  await second.getByRole('button', { name: 'I take it' }).click();
  await second.getByText('The shift is yours.').first().waitFor();
  await second.keyboard.press('Escape');
  assert.deepEqual(second.complaints, []);
});

test('the statistics count, and hide what few people are', async () => {
  const { page } = shift;
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.locator('.figure').getByText('fewer than 5').first().waitFor();
});

test('an officer sees the own trail alone', async () => {
  const { page } = shift;
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  const rows = page.locator('.view-audit tbody tr');
  for (const done of ['log-in', 'view']) await rows.getByText(done, { exact: true }).first().waitFor();
  assert.deepEqual([...new Set(await rows.locator('td:nth-child(2)').allInnerTexts())], ['srey']);
});

test('after the log-out neither page nor cookie opens anything', async () => {
  const { page, context } = shift;
  const token = await page.evaluate(() => sessionStorage.getItem('desk-token'));
  const cookie = (await context.cookies()).find((each) => each.name === '__Host-desk');
  assert.ok(cookie.httpOnly && cookie.secure && cookie.sameSite === 'Strict');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('You are logged out.').waitFor();
  assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), []);
  const again = await request(`${url}/api/queue`, { headers: { Cookie: `__Host-desk=${cookie.value}`, 'X-Desk-Token': token } });
  assert.equal(again.status, 401);
  assert.deepEqual(page.complaints, []);
});
