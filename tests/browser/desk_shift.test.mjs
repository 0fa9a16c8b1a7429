// SPDX-License-Identifier: AGPL-3.0-or-later
// An officer's shift in a real browser at a real desk: from the log-in through
// a P1 that arrives by SMS while somebody looks, to the log-out. She works by the
// keyboard alone; axe looks at every page; after the last log-out the team's keys
// are in no process of the desk. Reads the memory of other processes: needs root
// or CAP_SYS_PTRACE.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { Desk } from '../e2e/lib/desk.mjs';
import { build, Home, insist, receiptOf, request, until } from '../e2e/lib/home.mjs';
import { twilioRequest } from '../e2e/lib/sign.mjs';
import { copies, filesWith, openRing } from '../fault/lib/secrets.mjs';
import { chord, drawn } from './lib/keys.mjs';

const LIMIT = Number(process.env.LONG ?? 90000); // a slow machine is no fault
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const story = 'ជួយខ្ញុំផង គេចាក់សោទ្វារ ហើយវាយខ្ញុំ <img src=x onerror=alert(1)>';
const fileName = '<img src=x onerror=alert(2)>.png';

// One log-in for all: a code of the second factor is good once, and the next
// one comes after half a minute.
let home, browser, url, shift, second, code, secrets;
const run = promisify(execFile);

before(async () => {
  home = await Home.start({ edit: (text) => text.replace(/^\[desk\]$/m, '[desk]\npartners = partners.json') });
  const at = (name) => path.join(home.dir, name);
  fs.writeFileSync(at('partner.pass'), 'a long passphrase\n', { mode: 0o600 });
  const { stdout } = await run(path.join(build, 'tipline'), ['open', 'key', 'partner.key', '--cheap'],
    { cwd: home.dir, env: { ...process.env, TIPLINE_PASSPHRASE_FILE: at('partner.pass'), TIPLINE_NEW_PASSPHRASE_FILE: at('partner.pass') } });
  fs.writeFileSync(at('partners.json'), JSON.stringify({ partners: [{ id: 'helpers', name: 'Shelter <b>North</b>', kind: 'ngo', key: stdout.split('\n')[0], verified_on: new Date().toISOString().slice(0, 10) }] }), { mode: 0o644 });
  await Desk.add(home, 'srey');
  const { R, epochs } = openRing(fs.readFileSync(at('keys/team.ring'), 'utf8'), 'srey', fs.readFileSync(at('srey.pass'), 'utf8').trim());
  secrets = [R, epochs[0]];
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

const passphraseOf = (name) => fs.readFileSync(path.join(home.dir, `${name}.pass`), 'utf8').trim();

/** As a person does it: what is asked for first has the focus. */
async function logIn(page, name) {
  await page.locator('[autocomplete=username]:focus').waitFor();
  await page.keyboard.type(name);
  await page.keyboard.press('Tab');
  await page.keyboard.type(passphraseOf(name));
  await page.keyboard.press('Tab');
  await page.keyboard.type(await Desk.code(home, name));
  await page.keyboard.press('Enter');
  await page.locator('.strip').waitFor();
}

const keys = async (page, ...all) => { for (const key of all) await page.keyboard.press(key); };

/** How many stops away a node is: below 0, back. Runs in the page. */
function stopsTo(node) {
  const at = document.activeElement;
  if (at === node) return 0;
  const follows = (one, other) => Boolean(other.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
  const back = follows(at, node);
  const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter((each) => each.tabIndex >= 0 && !each.disabled && each.checkVisibility() && !each.matches('[type=radio]:not(:checked)'));
  const between = stops.filter((each) => (back ? follows(each, node) && follows(at, each) : follows(each, at) && follows(node, each)));
  return back ? -between.length - 1 : between.length + 1;
}

/** Go to it by Tab alone, on or back: the way is reckoned, and looked at as one comes near. */
async function walk(page, target) {
  const one = target.first();
  await one.waitFor();
  for (let looks = 0; looks < 60; looks++) {
    const far = await one.evaluate(stopsTo);
    if (far === 0) return;
    const steps = Math.max(1, Math.abs(far) - 2);
    if (far < 0) await page.keyboard.down('Shift');
    await Promise.all(Array.from({ length: steps }, () => page.keyboard.press('Tab')));
    if (far < 0) await page.keyboard.up('Shift');
  }
  assert.fail(`no way by Tab to ${target}`);
}

const press = async (page, target, key = 'Enter') => { await walk(page, target); await page.keyboard.press(key); };
const write = async (page, target, text) => { await walk(page, target); await page.keyboard.type(text); };
const named = (where, name) => where.getByRole('button', { name, exact: true });

/** axe finds nothing on what is shown. */
async function clean(page, what) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe);
  assert.deepEqual(await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.target.join(' ')).join(' | ')}`);
  }), [], what);
}

/** The desk's processes by their names: the one of browsers, the store, both keyd. */
function processes() {
  const found = [];
  const add = (pid) => {
    found.push({ pid, name: fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim() });
    fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).forEach((child) => add(Number(child)));
  };
  add(home.procs.desk.pid);
  return found;
}

/** A form with a picture whose name is an attack; the answer has the code. */
function withPicture(text) {
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  const part = (name, value, more = '') => [`--desk-shift\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`, value, '\r\n'];
  const body = Buffer.concat([...part('story', text), ...part('now', '1'), ...part('share', '1'),
    ...part('photo', png, `; filename="${fileName}"\r\nContent-Type: image/png`), '--desk-shift--\r\n'].map((piece) => Buffer.from(piece)));
  return request(`${home.url}/en/a`, { method: 'POST', headers: { 'Content-Type': 'multipart/form-data; boundary=desk-shift' }, body });
}

const sms = async (text, from = '+85512345678') => {
  const { method, headers, body } = twilioRequest(`${home.url}/sms/twilio`, home.secret('twilio'), { Body: text, From: from });
  const answer = await insist(() => request(`${home.url}/sms/twilio`, { method, headers, body }));
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

/** Load the list until a tip is in it that was not before; gives its id. What
 * the desk has not opened is a row too, and may turn out to be a file of a tip:
 * only a tip is a case. */
async function arrival(page, known) {
  let id;
  await until('the new tip is in the list', async () => {
    await drawn(page, () => page.keyboard.press('r'));
    id = (await rowsOf(page, '[data-state=NEW]')).find((each) => !known.includes(each));
    return id;
  }, LIMIT);
  return id;
}

const rowsOf = (page, state = '') => page.locator(`.q-row${state}`).evaluateAll((rows) => rows.map((row) => row.dataset.id));

test('who is not let in learns nothing, and the passphrase is gone from the form', async () => {
  shift = await fresh();
  const { page } = shift;
  await clean(page, 'log-in');
  await page.keyboard.type('officer');
  await keys(page, 'Tab');
  await page.keyboard.type('wrong');
  await keys(page, 'Tab', ...'000000', 'Enter');
  await page.getByText('Name, passphrase or code is not right.').waitFor();
  assert.equal(await page.locator('[type=password]').inputValue(), '');
  await page.reload();
});

test('a P1 comes by SMS while the officer looks, is claimed, read with its words marked, and rated', async () => {
  const { page } = shift;
  await logIn(page, 'srey');
  await page.locator('.health').getByText('Live').waitFor();
  await sms(story);
  await page.waitForFunction(() => document.title === '(1!) Desk');
  const id = await arrival(page, []);
  await choose(page, id);
  await clean(page, 'queue');
  await keys(page, 'Enter');
  await page.getByText('Claim the tip to read it').waitFor();
  assert.ok(!(await page.content()).includes('ចាក់សោ'), 'nothing is read before the claim');
  await clean(page, 'a tip that is not opened');
  await keys(page, 'c');
  await page.locator('.tip-text').waitFor();
  await page.waitForFunction(() => document.title === 'Desk');
  assert.equal(await page.locator('.tip-text .original').innerText(), story);
  assert.ok(await page.locator('.tip-text mark').count() > 0, 'matched words are marked');
  assert.equal(await page.locator('#main img').count(), 0);
  assert.ok(!(await page.content()).includes('12345678'), 'the number is masked');
  await page.locator('.tip-head .chip').getByText('in triage').waitFor();
  await keys(page, '1');
  await page.getByText('Saved.').first().waitFor();
  await keys(page, '2');
  await page.locator('dialog textarea:focus').waitFor();
  await page.keyboard.type('they were moved out');
  await keys(page, 'Tab', 'Enter');
  await page.locator('.asked').getByText('Another officer has to agree.').waitFor();
  assert.match(await page.locator('.tip-head h1').innerText(), /P1/, 'nobody lowers a P1 alone');
});

test('two tabs of one browser see the same, and what one claims the other shows', async () => {
  const { page } = shift;
  await keys(page, 'Escape');
  await page.locator('.q-row').first().waitFor();
  const known = await rowsOf(page);
  const sent = await withPicture('a second tip for two tabs');
  code = receiptOf(sent.body.toString());
  const id = await arrival(page, known);
  const [other] = await Promise.all([page.waitForEvent('popup'), page.evaluate(() => { window.open('/'); })]);
  await other.locator(`.q-row[data-id="${id}"]`).waitFor();
  await page.bringToFront();
  await choose(page, id);
  await keys(page, 'c');
  await page.locator(`[data-id="${id}"] .mine`).waitFor();
  await other.locator(`[data-id="${id}"] .mine`).waitFor();
  await other.close();
});

test('the supervisor sees who has it, is told so at the claim, and only keyd has the keys', async () => {
  const { page } = shift;
  const held = await page.locator('.q-row:has(.mine)').first().getAttribute('data-id');
  second = await fresh();
  await logIn(second.page, 'officer');
  await press(second.page, named(second.page, 'All open'));
  await second.page.locator(`.q-row[data-id="${held}"] .q-owner`).getByText('srey').waitFor();
  await walk(second.page, second.page.locator('.q-row.chosen'));
  await choose(second.page, held);
  await keys(second.page, 'c');
  await second.page.getByText(/^srey has it since \d\d:\d\d\.$/).first().waitFor();
  const holders = processes().filter(({ pid }) => copies(pid, ...secrets) > 0);
  assert.deepEqual(holders.map(({ name }) => name), ['tipline-keyd'], 'the scan sees what is there, and nowhere else');
});

test('a note, the next action and a reply; the reporter reads the reply with the code', async () => {
  const { page } = shift;
  await page.bringToFront();
  assert.equal(await page.locator('.q-row:has(.mine)').count(), 2);
  assert.equal(await page.getByText('a second tip').count(), 0, 'no word of a tip is in the list');
  await keys(page, 'Enter'); // the one that was claimed last
  await page.locator('.tip-text').waitFor();
  await page.locator('.file').getByText(fileName).waitFor();
  await clean(page, 'a tip');
  await keys(page, 'n');
  await page.keyboard.type('blue roof <b>');
  await press(page, named(page, 'Save note'));
  await page.locator('.log-note .log-body').getByText('blue roof <b>').waitFor();
  await walk(page, page.getByLabel('Kind'));
  await keys(page, 'ArrowDown');
  await write(page, page.locator('[data-field=note]'), 'ask for the floor');
  await press(page, named(page, 'Save note'));
  await page.locator('.log-plan').getByText('ask for the floor').waitFor();
  const shown = page.locator('#reply');
  await shown.getByText('The reporter’s page says: A person has read it.').waitFor();
  await keys(page, 'y');
  await page.keyboard.type('Where are you now? marker-reply');
  await press(page, page.getByLabel('This is a question'), 'Space');
  await press(page, named(page, 'Look and send'));
  const dialog = page.locator('dialog');
  await dialog.getByText('Where are you now? marker-reply').waitFor();
  await press(page, dialog.getByLabel('I have read the rule'), 'Space');
  await press(page, named(dialog, 'Send'));
  await page.locator('.log-reply .log-body').getByText('marker-reply').waitFor();
  await page.locator('.tip-head .chip').getByText('waiting for reporter').waitFor();
  await shown.getByText('The reporter’s page says: We have a question for you.').waitFor();
  await until('the reporter reads it', async () => (await request(`${home.url}/en/c`, {
    method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ code }).toString(),
  })).body.includes('marker-reply'), LIMIT);
});

test('what was heard of safe contact and what a tip is coded as stay with it', async () => {
  const { page } = shift;
  await press(page, named(page.locator('.contact'), 'Change'));
  const dialog = page.locator('dialog');
  await write(page, dialog.getByLabel('Safe hours'), 'after ten');
  await press(page, named(dialog, 'Save as said now'));
  await page.locator('.contact').getByText('after ten').waitFor();
  await press(page, page.locator('.coding summary'));
  await press(page, page.locator('[data-code="ilo.7"]'));
  await press(page, named(page, 'Save coding'));
  await page.locator('.log-coding').getByText('papers kept').waitFor();
});

test('two tips are read side by side, linked, and parted again', async () => {
  const { page } = shift;
  const dialog = page.locator('dialog');
  await keys(page, 'l');
  await press(page, named(page.locator('.links'), 'Link another tip'));
  await press(page, named(dialog, 'Side by side'));
  await dialog.locator('.half').nth(1).getByText('ចាក់សោ').waitFor();
  await walk(page, dialog.getByLabel('How they belong together'));
  await keys(page, 'ArrowDown');
  await press(page, named(dialog, 'Link'));
  await page.locator('.links .lines').getByText('same place').waitFor();
  await press(page, named(page.locator('.links'), 'Unlink'));
  await page.locator('.log-unlink').waitFor();
  assert.equal(await page.locator('.links .lines').count(), 0);
});

test('a referral is previewed, sent sealed, and the partner accepts and reports back', async () => {
  const { page } = shift;
  await keys(page, 'f');
  await press(page, page.locator('.partner').filter({ hasText: 'Shelter <b>North</b>' }));
  await write(page, page.getByLabel('Summary in your words'), 'Potential victims near the market.');
  assert.equal(await page.locator('.referral-files input:checked').count(), 0);
  await press(page, page.locator('.referral-files input').first(), 'Space');
  await press(page, named(page, 'Check and preview'));
  await page.locator('.sheet').getByText('Potential victims near the market.').waitFor();
  assert.ok(!(await page.locator('.sheet').innerText()).includes('two tabs'), 'the text leaves on purpose only');
  assert.match(await page.locator('.sheet').innerText(), /R-[0-9a-f]{8}-\d{8}T\d{6}Z-1/);
  await clean(page, 'referral');
  await press(page, page.getByLabel('I have read what leaves'), 'Space');
  await press(page, named(page, 'Seal and send'));
  const file = named(page, 'Get the sealed file');
  const [download] = await Promise.all([page.waitForEvent('download'), press(page, file)]);
  const bytes = fs.readFileSync(await download.path());
  assert.ok(bytes.length > 1000 && !bytes.includes('Potential'));
  const [enclosed] = await Promise.all([page.waitForEvent('download'), press(page, named(page, 'Get sealed file 1'))]);
  assert.match(enclosed.suggestedFilename(), /^R-[0-9a-f]{8}-\d{8}T\d{6}Z-1\.tip$/);
  assert.equal(fs.readFileSync(await enclosed.path()).subarray(0, 7).toString(), 'tipline');
  await press(page, named(page.locator('.preview'), 'Back to the tip'));
  await page.locator('.tip-head .chip').getByText('referred', { exact: true }).waitFor();
  await press(page, page.locator('.actions .primary'));
  await press(page, named(page, 'Accepted'));
  await page.locator('.referrals-sent').getByText('accepted by partner').waitFor();
  await press(page, named(page, 'Reports back'));
  await page.locator('.referrals-sent').getByText('partner acts').waitFor();
  await keys(page, 'Escape');
});

test('the outcome is written down, and a P1 is closed when a second officer agrees', async () => {
  const { page } = shift;
  const dialog = page.locator('dialog');
  await press(page, named(page.locator('.actions'), 'Record outcome'));
  await walk(page, dialog.getByLabel('Outcome'));
  await keys(page, 'ArrowDown');
  await press(page, named(dialog, 'Record outcome'));
  await page.locator('.tip-head .chip').getByText('outcome known').waitFor();
  await press(page, named(page.locator('.actions'), 'Close'));
  await walk(page, dialog.getByLabel('Why it is closed'));
  await keys(page, 'ArrowDown', 'ArrowDown');
  await write(page, dialog.getByLabel('Reason'), 'she is safe');
  await press(page, named(dialog, 'Close'));
  await page.locator('.asked').getByText('Another officer has to agree.').waitFor();
  await second.page.bringToFront();
  await keys(second.page, 'Enter');
  await press(second.page, named(second.page.locator('.asked'), 'Agree'));
  await second.page.locator('.tip-head .chip').getByText('closed', { exact: true }).waitFor();
  await page.bringToFront();
  await page.getByText('You do not have this tip any more').waitFor();
  assert.equal(await page.getByText('a second tip').count(), 0, 'who has it no more reads it no more');
});

test('the shift is handed over, and who comes takes it', async () => {
  const { page } = shift;
  await chord(page, 'g', 'h');
  await page.locator('.view-handover h1').waitFor();
  await clean(page, 'hand-over');
  await write(page, page.getByLabel('To (name)'), 'officer');
  await write(page, page.getByLabel('What the next shift should know'), 'the blue roof');
  await press(page, named(page, 'Hand over'));
  await page.getByText('Thank you. What you did this shift counts.').waitFor();
  await chord(second.page, 'g', 'h');
  await second.page.getByText('the blue roof').waitFor();
  await press(second.page, named(second.page, 'I take it'));
  await second.page.getByText('The shift is yours.').first().waitFor();
  assert.deepEqual(second.page.complaints, []);
});

test('the statistics count, and hide what few people are; an officer sees the own trail alone', async () => {
  const { page } = shift;
  await walk(page, named(page, 'Hand over'));
  await chord(page, 'g', 's');
  await page.locator('.figure').getByText('fewer than 5').first().waitFor();
  await clean(page, 'statistics');
  await chord(page, 'g', 'a');
  const rows = page.locator('.view-audit tbody tr');
  for (const done of ['log-in', 'view']) await rows.getByText(done, { exact: true }).first().waitFor();
  assert.deepEqual([...new Set(await rows.locator('td:nth-child(2)').allInnerTexts())], ['srey']);
  await clean(page, 'audit');
});

test('a call is written down and comes as a tip; calls, settings and keys have nothing that axe finds', async () => {
  const { page } = shift;
  await chord(page, 'g', 'q');
  await page.locator('.q-row').first().waitFor();
  const known = await rowsOf(page);
  await chord(page, 'g', 'c');
  await page.locator('.view-call h1').waitFor();
  await clean(page, 'calls');
  await write(page, page.getByLabel('In their words'), 'They lock us in, she says');
  await press(page, page.getByLabel('papers taken'), 'Space');
  await press(page, named(page, 'Seal and queue'));
  await page.getByRole('heading', { name: 'Sealed and queued.' }).waitFor();
  await chord(page, 'g', 'q');
  await page.locator('.q-row').first().waitFor();
  const id = await arrival(page, known);
  await page.locator(`.q-row[data-id="${id}"] .q-channel`).getByText('call').waitFor();
  await press(page, named(page, 'Settings'));
  await page.locator('.view-settings h1').waitFor();
  await clean(page, 'settings');
  await keys(page, '?');
  await page.locator('dialog[open]').waitFor();
  await clean(page, 'keys');
  await keys(page, 'Escape');
});

test('after the log-out neither page nor cookie opens anything, and no process has a key', async () => {
  const { page, context } = shift;
  const token = await page.evaluate(() => sessionStorage.getItem('desk-token'));
  const cookie = (await context.cookies()).find((each) => each.name === '__Host-desk');
  assert.ok(cookie.httpOnly && cookie.secure && cookie.sameSite === 'Strict');
  for (const one of [page, second.page]) {
    await one.bringToFront();
    await press(one, named(one, 'Log out'));
    await one.getByText('You are logged out.').waitFor();
    assert.deepEqual(await one.evaluate(() => Object.keys(sessionStorage)), []);
    assert.deepEqual(one.complaints, []);
  }
  const again = await request(`${url}/api/queue`, { headers: { Cookie: `__Host-desk=${cookie.value}`, 'X-Desk-Token': token } });
  assert.equal(again.status, 401);
  const wanted = [...secrets, ...['srey', 'officer'].map((name) => Buffer.from(passphraseOf(name))), Buffer.from('a second tip for two tabs'), Buffer.from('marker-reply')];
  const all = processes();
  assert.equal(all.filter(({ name }) => name === 'tipline-keyd').length, 2);
  // keyd is told at the log-out, and wipes when it reads that
  for (const { name, pid } of all) {
    if (name === 'tipline-keyd') await until(`${name} has no copy`, () => copies(pid, ...wanted) === 0);
    else assert.equal(copies(pid, ...wanted), 0, name);
  }
});

test('a host that is switched off has nothing on its disk that opens a tip or has words of one', async () => {
  for (const name of ['desk', 'relay', 'intake', 'spool', 'redis']) await home.kill(name);
  const words = [story.slice(0, 20), 'a second tip for two tabs', 'marker-reply'];
  const wanted = [...secrets, ...['srey', 'officer'].map((name) => Buffer.from(passphraseOf(name))),
    ...words.flatMap((text) => [Buffer.from(text), Buffer.from(text, 'utf16le'), Buffer.from(JSON.stringify(text).slice(1, -1))])];
  // officers keep passphrases in their heads; here they are in files, and the scan sees them
  const ofOfficers = (file) => /\.(pass|totp)$/.test(file);
  assert.equal(new Set(filesWith(home.dir, wanted).map((file) => path.basename(file))).size, 2);
  assert.deepEqual(filesWith(home.dir, wanted, ofOfficers), []);
});
