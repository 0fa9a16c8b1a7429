// SPDX-License-Identifier: AGPL-3.0-or-later
// Every view of the console in a real browser, with a desk whose answers are
// made up: both themes, both languages, tablet and desk size,
// hostile words, locks, and a desk that lacks half of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';
import { until } from '../e2e/lib/home.mjs';
import { leaveField, logIn, openTip, press, to, withDesk } from './lib/desk_page.mjs';
import { chord, drawn } from './lib/keys.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function violations(page) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations: found } = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return found.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.target.join(' ')).join(' | ')}`);
  });
}

/** Each view in turn, the lock last: visit(name) when it is drawn. */
async function everyView(page, lock, visit) {
  await visit('queue');
  await press(page, '?');
  await page.locator('dialog[open]').waitFor();
  await visit('help');
  await press(page, 'Escape');
  await openTip(page);
  await page.locator('.phrase').first().waitFor();
  await visit('tip');
  await press(page, 'f');
  await page.locator('.partner').first().click();
  await page.locator('.referral-what textarea').first().fill('What is known.');
  await page.locator('.referral-files input').first().check();
  await page.locator('.preview .button').first().click();
  await page.locator('.sheet').waitFor();
  await visit('referral');
  for (const [key, view] of [['c', 'call'], ['h', 'handover'], ['s', 'stats'], ['a', 'audit']]) {
    await to(page, ['g', key], view);
    await visit(view);
  }
  await page.locator('.me .button').nth(1).click();
  await page.locator('.view-settings h1').waitFor();
  await visit('settings');
  lock();
  await page.locator('.gate').waitFor();
  await visit('lock');
}

/** How much of the view hangs over, at the size of a telephone, of a tablet and of a desk. */
async function overhang(page) {
  const found = [];
  for (const width of [360, 768, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate(() => {
      const cut = [...document.querySelectorAll('.q-row')].some((row) => row.querySelector('.q-owner').getBoundingClientRect().right > row.getBoundingClientRect().right + 1);
      return document.documentElement.scrollWidth - document.documentElement.clientWidth + (cut ? 1000 : 0);
    });
    if (wide > 0) found.push(`${wide} pixels at ${width}`);
  }
  return found;
}

// Each theme and each language; all of both: TIPLINE_PAGES=all.
const looks = [['dark', 'en', true], ['light', 'km', false], ...(process.env.TIPLINE_PAGES === 'all' ? [['light', 'en', false], ['dark', 'km', false]] : [])];
for (const [theme, lang, practice] of looks) {
  test(`every view, ${theme} and in ${lang}: axe finds nothing, nothing hangs over at 360, 768 and 1280, practice is marked`, async () => {
    await withDesk({ theme, lang, login: false, practice }, async ({ page, tell }) => {
      assert.deepEqual(await violations(page), [], 'login');
      assert.deepEqual(await overhang(page), [], 'login');
      const { x, width } = await page.locator('.gate').boundingBox();
      assert.equal(Math.round(x + width / 2), 640, 'the log-in stands in the middle');
      await logIn(page);
      assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), theme);
      assert.equal(await page.evaluate(() => document.documentElement.lang), lang);
      await everyView(page, () => tell('lock', {}), async (name) => {
        assert.deepEqual(await violations(page), [], name);
        assert.deepEqual(await overhang(page), [], name);
        assert.equal(await page.locator('.practice').count(), practice && name !== 'lock' ? 1 : 0, name);
      });
    });
  });
}

test('script in a tip, in an answer, in a file name and in an officer\'s name is text', async () => {
  const evil = '<script>document.title="x"</script><img src=x onerror="document.title=1">';
  await withDesk({ name: evil }, async ({ page, made }) => {
    made.rows[0].place = evil;
    await press(page, 'r');
    await page.locator('.q-row').first().getByText(evil).waitFor();
    Object.assign(made.rows[1], { owner: `${evil}2` });
    await press(page, 'r');
    await page.locator('.q-row .q-owner').getByText(`${evil}2`).waitFor();
    await openTip(page);
    await page.locator('[data-field=note]').fill(evil);
    await page.getByRole('button', { name: 'Save note' }).click();
    await page.locator('.log-note .log-head').getByText(evil).waitFor();
    const shown = await page.locator('#main').innerText();
    assert.ok(shown.includes('<img src=x onerror=alert(1)>'));
    assert.ok(shown.includes('"><script>alert(1)</script>.jpg'));
    assert.ok((await page.locator('.me-name').innerText()).includes(evil));
    assert.equal(await page.locator('body script, body img').count(), 0);
    assert.equal(await page.title(), 'Desk');
  });
});

test('what is new never moves the row under the hand; r loads it', async () => {
  await withDesk({}, async ({ page, made, tell }) => {
    await press(page, 'j', 'j');
    const at = async () => ({ id: await page.evaluate(() => document.activeElement.dataset.id), y: await page.evaluate(() => document.activeElement.getBoundingClientRect().top) });
    const before = await at();
    made.rows.unshift({ ...made.rows[2], id: 'f'.repeat(32), seq: 1042 }, { ...made.rows[2], id: 'e'.repeat(32), seq: 1043 });
    tell('new', { id: 'f'.repeat(32), priority: 2 });
    tell('new', { id: 'e'.repeat(32), priority: 2 });
    await page.getByText('2 new, press r').first().waitFor();
    made.rows[4].owner = 'srey';
    made.rows[4].until_ms = Date.now() + 600000;
    made.rows[4].version += 1;
    tell('case', { id: made.rows[4].id, version: made.rows[4].version });
    await page.locator(`[data-id="${made.rows[4].id}"] .q-owner`).getByText('srey').waitFor();
    assert.deepEqual(await at(), before, 'the same row at the same height');
    await press(page, 'r');
    await page.locator('[data-id="' + 'f'.repeat(32) + '"]').waitFor();
    assert.equal((await at()).id, before.id, 'the same row is chosen');
    assert.equal(await page.locator('.new-bar .button').count(), 0);
  });
});

test('a P1 that nobody has sounds and says so in the title without a word of it', async () => {
  await withDesk({}, async ({ page, made, tell }) => {
    const sounded = () => page.evaluate(() => document.documentElement.dataset.sounded);
    const [one, other] = made.rows.map(({ id }) => id);
    tell('waiting', { n: 1, ids: [one] });
    await page.waitForFunction(() => document.title === '(1!) Desk');
    assert.equal(await sounded(), '1');
    assert.equal(await page.locator('[role=alert].sr').textContent(), '1 urgent tip waits');
    tell('waiting', { n: 2, ids: [one, other] });
    await page.waitForFunction(() => document.title === '(2!) Desk');
    assert.equal(await sounded(), '2');
    tell('waiting', { n: 1, ids: [one] }); // less is nothing new, and one instead of another is
    await page.waitForFunction(() => document.title === '(1!) Desk');
    assert.equal(await sounded(), '2');
    tell('waiting', { n: 1, ids: [other] });
    await page.waitForFunction(() => document.documentElement.dataset.sounded === '3');
    tell('waiting', { n: 0, ids: [] });
    await page.waitForFunction(() => document.title === 'Desk');
    assert.equal(await sounded(), '3');
    assert.equal(await page.locator('[role=alert].sr').textContent(), '');
  });
});

test('who was slower at the claim is told who has it and since when', async () => {
  await withDesk({}, async ({ page, made }) => {
    Object.assign(made.rows[0], { owner: 'srey', since_ms: Date.parse('2026-11-22T05:00:00Z'), until_ms: Date.now() + 600000 });
    await press(page, 'c');
    await page.getByText('srey has it since 12:00.').first().waitFor();
    Object.assign(made.rows[0], { owner: 'dara' });
    await press(page, 'c');
    await page.getByText('You have it already, since 12:00.').first().waitFor();
  });
});

test('what waits for a second officer is counted at the top, and one press away', async () => {
  await withDesk({ role: 'supervisor' }, async ({ page, made, tell }) => {
    assert.equal(await page.getByText('for a second officer').count(), 0);
    const row = made.rows[3];
    row.asked = { n: 1, who: 'srey', what: 'CLOSE', at_ms: Date.now() - 60000 };
    tell('case', { id: row.id, version: row.version });
    await page.locator(`[data-id="${row.id}"]`).getByText('srey asks a second officer: Close').waitFor();
    await page.getByRole('button', { name: 'Second officer (1)' }).waitFor();
    await page.getByRole('button', { name: '1 waits for a second officer' }).click();
    await page.locator('[data-view=second][aria-pressed=true]').waitFor();
    await page.waitForFunction(() => document.querySelectorAll('.q-row').length === 1);
    assert.deepEqual(await violations(page), []);
    row.asked = null;
    made.uncounted = true; // as after a start
    tell('case', { id: row.id, version: row.version });
    await page.getByRole('button', { name: '1 waits for a second officer' }).waitFor({ state: 'detached' });
    await press(page, 'r');
    await page.getByText('still being read').waitFor();
    made.uncounted = false;
    tell('header', { seconds: 0 });
    await page.getByText('Nothing waits for a second officer.').waitFor();
    await drawn(page, () => press(page, 'r'));
    assert.equal(await page.getByText('Nothing waits for a second officer.').count(), 1);
  });
});

test('the idle lock takes everything out of the page, and the draft comes back', async () => {
  await withDesk({}, async ({ page, tell }) => {
    await openTip(page);
    const note = page.locator('[data-field=note]');
    await note.fill('blue roof, second floor');
    tell('lock', {});
    await page.getByRole('heading', { name: 'Locked' }).waitFor();
    await page.getByText('this console does not ring').waitFor(); // it cannot know what comes
    const html = await page.content();
    for (const word of ['blue roof', 'ជួយ', '1041', 'Sihanouk']) assert.ok(!html.includes(word), word);
    await page.locator('[type=password]').fill('x');
    await page.locator('.code').fill('123456');
    await page.keyboard.press('Enter');
    await page.locator('.tip-text').waitFor();
    assert.equal(await note.inputValue(), 'blue roof, second floor');
  });
});

test('what somebody else changes is not drawn under a hand that writes', async () => {
  await withDesk({}, async ({ page, made, tell }) => {
    await openTip(page);
    await page.getByLabel('Kind').selectOption('plan');
    const note = page.locator('[data-field=note]');
    await note.fill('ask for the floor');
    made.rows[0].version += 1;
    tell('case', { id: made.rows[0].id, version: made.rows[0].version });
    await page.getByRole('button', { name: 'This tip changed' }).waitFor();
    assert.equal(await page.getByLabel('Kind').inputValue(), 'plan');
    await leaveField(page);
    await press(page, 'r');
    await page.getByRole('button', { name: 'This tip changed' }).waitFor({ state: 'detached' });
    assert.equal(await note.inputValue(), 'ask for the floor');
  });
});

test('the panic lock works from within a text field and leaves nothing', async () => {
  await withDesk({}, async ({ page, made }) => {
    await openTip(page);
    await page.locator('[data-field=note]').focus();
    await page.keyboard.press('Control+l');
    await page.locator('.gate').waitFor();
    const html = await page.content();
    for (const word of ['ជួយ', '1041', 'dara']) assert.ok(!html.includes(word), word);
    assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), []);
    await page.goBack().catch(() => {});
    await page.locator('.gate').waitFor();
    await until('the desk is told', () => made.done.some(([asked]) => asked === 'POST /api/lock'));
  });
});

test('no id and no word comes into address, title, history or storage', async () => {
  await withDesk({}, async ({ page, url }) => {
    await openTip(page);
    await to(page, ['g', 'q'], 'queue');
    await page.goBack();
    await page.locator('.tip-text').waitFor();
    assert.equal(page.url(), url);
    const kept = await page.evaluate(() => JSON.stringify([history.state, { ...localStorage }, { ...sessionStorage }, document.title]));
    for (const word of ['00000001', 'ជួយ', 'Sihanouk', '1041']) assert.ok(!kept.includes(word), word);
  });
});

test('what the reporter takes back stands before all else, in the row and on the tip', async () => {
  await withDesk({}, async ({ page, made, tell }) => {
    const row = made.rows[0];
    assert.equal(await page.locator('.q-wish').count(), 0);
    Object.assign(row, { flags: ['withdraw', 'no contact'], version: row.version + 1 });
    tell('case', { id: row.id, version: row.version });
    await page.locator(`[data-id="${row.id}"] .q-why > :first-child`).getByText('wants to withdraw').waitFor();
    assert.equal(await page.locator(`[data-id="${row.id}"] .q-flag`).count(), 2, 'and once');
    await openTip(page);
    assert.equal((await page.locator('.tip-head .chip').first().innerText()).trim(), 'wants to withdraw');
  });
});

test('what the reporter takes back is withdrawn, or it is said why not, and nothing of it stays on the screen', async () => {
  await withDesk({}, async ({ page, made }) => {
    await openTip(page);
    assert.equal(await page.getByRole('button', { name: 'Withdraw', exact: true }).count(), 0, 'nobody has asked');
    await to(page, ['g', 'q'], 'queue');
    made.rows[0].flags = ['withdraw'];
    await openTip(page);
    const words = await page.locator('.tip-text .words').first().innerText();
    made.keeps = { error: 'under-18' };
    await page.getByRole('button', { name: 'Withdraw', exact: true }).click();
    const dialog = page.locator('dialog');
    await dialog.getByText('sealed for everybody').waitFor();
    await dialog.locator('textarea').fill('they told me');
    await dialog.getByRole('button', { name: 'Withdraw' }).click();
    await dialog.getByText('Somebody is under 18').waitFor();
    made.keeps = null;
    await dialog.getByRole('button', { name: 'Withdraw' }).click();
    await page.locator('.closed-tip').getByText('Shelter North').waitFor();
    const shown = await page.content();
    for (const word of [words, 'Show number', 'blue roof', 'data-action="claim"']) assert.ok(!shown.includes(word), word);
    assert.deepEqual(await violations(page), []);
  });
});

test('the number is masked until it is shown with a reason', async () => {
  await withDesk({}, async ({ page, made }) => {
    await openTip(page);
    assert.ok(!(await page.content()).includes('+855 12'));
    await page.getByRole('button', { name: 'Show number' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByRole('button', { name: 'Show number' }).click();
    await dialog.getByText('Please write a reason.').waitFor();
    await dialog.locator('textarea').fill('call back was agreed');
    await dialog.getByRole('button', { name: 'Show number' }).click();
    await page.getByText('+855 12 345 678').waitFor();
    await page.getByText('012 777 888').waitFor();
    assert.deepEqual(made.done.filter(([asked]) => asked.endsWith('/reveal')).map(([, body]) => body), [{ reason: 'call back was agreed' }]);
    assert.ok(!(await page.content()).includes('mango'), 'a word to be heard is hidden');
    await page.getByRole('button', { name: 'Show the words' }).click();
    await page.locator('.contact').getByText('mango').waitFor();
  });
});

test('what came beside the words is told, is no link, and what was in base64 can be seen as it came', async () => {
  await withDesk({}, async ({ page, made }) => {
    made.rows[0].came = { as_came: '4Z6H4Z694Z6Z', button: 'Help <b>', media: [{ type: 'image/jpeg', url: 'https://provider.example/1' },
      { type: 'location', url: 'geo:11.5,104.9' }, { type: 'contact', url: 'tel:+85512345678' }] };
    await openTip(page);
    const text = page.locator('.tip-text');
    assert.deepEqual(await text.locator('.note-line').allInnerTexts(), ['Button pressed: Help <b>',
      'A file lies at the provider, not here: image/jpeg. Who runs the line can fetch it, and the provider sees that.',
      'Place shared: 11.5,104.9', 'Contact shared: +85512345678']);
    assert.equal(await text.locator('a, img').count(), 0);
    assert.ok(!(await page.content()).includes('provider.example'));
    assert.deepEqual(await text.getByRole('tab').allInnerTexts(), ['What it says', 'Folded', 'As it came', 'Raw']);
    await text.getByRole('tab', { name: 'As it came' }).click();
    await text.getByText('4Z6H4Z694Z6Z').waitFor();
    assert.deepEqual(await violations(page), []);
  });
});

test('with NO-CONTACT there is nothing to write in', async () => {
  await withDesk({}, async ({ page, made }) => {
    made.rows[0].contact = 'stop';
    await openTip(page);
    await page.getByText('NO CONTACT').first().waitFor();
    assert.equal(await page.locator('[data-field=reply]').count(), 0);
  });
});

test('where something cannot be read that may say NO CONTACT, nobody is told to write or call', async () => {
  await withDesk({}, async ({ page, made }) => {
    made.rows[0].contact = 'unread';
    await openTip(page);
    await page.locator('.contact .stop-line').getByText('it may say NO CONTACT').waitFor();
    assert.equal(await page.locator('.contact').getByText('Ask again at every contact').count(), 0);
    assert.equal(await page.locator('[data-field=reply]').count(), 0);
    await page.locator('.contact').getByRole('button', { name: 'Change' }).click();
    assert.equal(await page.locator('dialog').getByLabel('NO CONTACT').isChecked(), false, 'nobody has said so');
  });
});

test('what the reporter said of safe contact is written down, and a stop is kept', async () => {
  await withDesk({}, async ({ page, made }) => {
    await openTip(page);
    await page.locator('.contact').getByRole('button', { name: 'Change' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByLabel('Safe hours').fill('before 06:00 <b>');
    await dialog.getByLabel('Safe word').fill('rice');
    await dialog.getByRole('button', { name: 'Save as said now' }).click();
    await page.locator('.contact').getByText('before 06:00 <b>').waitFor();
    assert.ok(!(await page.locator('.contact').innerText()).includes('rice'));
    await page.locator('.contact').getByRole('button', { name: 'Show the words' }).click();
    await page.locator('.contact').getByText('rice').waitFor();
    const { safe } = made.done.find(([asked, body]) => asked.endsWith('/entries') && body.kind === 'contact')[1];
    assert.deepEqual(safe, { wish: '2', hours: 'before 06:00 <b>', message_ok: '2', who_to_say: '2', cover: 'Say that you are from the phone shop.', safe_word: 'rice', watched_word: '', no_contact: false });
    await page.locator('.contact').getByRole('button', { name: 'Change' }).click();
    await dialog.getByLabel('NO CONTACT').check();
    await dialog.getByRole('button', { name: 'Save as said now' }).click();
    await page.locator('.contact .stop-line').waitFor();
    assert.equal(await page.locator('[data-field=reply]').count(), 0);
  });
});

test('a call is written down in the questions of the form, and is kept over a lock', async () => {
  await withDesk({}, async ({ page, made, tell }) => {
    await to(page, ['g', 'c'], 'call');
    await page.getByRole('button', { name: 'Seal and queue' }).click();
    await page.getByText('Write what was said.').first().waitFor();
    await page.getByLabel('In their words').fill('They hold us <b>');
    await page.getByLabel('How it came').selectOption('whatsapp');
    await page.getByLabel('Province').selectOption('18');
    await page.getByRole('group', { name: 'Is anyone under 18?' }).getByLabel('yes').check();
    await page.getByLabel('locked in or watched').check();
    await page.getByLabel('papers taken').check();
    await page.getByText('What must they do?').click();
    await page.getByLabel('brick kiln').check();
    assert.equal(await page.getByLabel('Safe days and hours').isVisible(), false);
    await page.getByLabel('May we contact?').selectOption('3');
    await page.getByLabel('Safe days and hours').fill('after ten');
    await page.getByLabel('Number that called').fill('012 345 678');
    tell('lock', {});
    await page.getByRole('heading', { name: 'Locked' }).waitFor();
    assert.ok(!(await page.content()).includes('They hold us'));
    await page.locator('[type=password]').fill('x');
    await page.locator('.code').fill('123456');
    await page.keyboard.press('Enter');
    await page.getByLabel('In their words').waitFor();
    assert.equal(await page.getByLabel('In their words').inputValue(), 'They hold us <b>');
    made.confirmed = false;
    await page.getByRole('button', { name: 'Seal and queue' }).click();
    await page.getByRole('heading', { name: 'Sealed and queued.' }).waitFor();
    await page.getByText('not yet on the second server').waitFor();
    const [, { key, ...body }] = made.done.find(([asked]) => asked === 'POST /api/calls');
    assert.match(key, /^[0-9a-f]{32}$/);
    assert.deepEqual(body, { via: 'whatsapp', lang: 'km', text: 'They hold us <b>', sender: '012 345 678',
      answers: { where_province: '18', minor: '1', ind: ['1', '6'], work: ['5'], contact: '3', contact_when: 'after ten' } });
  });
});

test('who closes writes nothing for a reporter to whom nobody is to write, and closes all the same', async () => {
  await withDesk({}, async ({ page, made }) => {
    Object.assign(made.rows[0], { channel: 'web', shown: { silent: true, stopped: true } });
    await openTip(page);
    await page.locator('.actions').getByRole('button', { name: 'Close' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByText('The reporter is told nothing of this').waitFor();
    assert.equal(await dialog.getByLabel('What to tell the reporter').count(), 0);
    await dialog.getByLabel('Why it is closed').selectOption('SAFETY_PLAN_ONLY');
    await dialog.getByLabel('Reason').fill('it is over');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'detached' });
    const [, body] = made.done.filter(([asked]) => asked.endsWith('/do')).pop();
    assert.deepEqual([body.disposition, body.reporter_text], ['SAFETY_PLAN_ONLY', undefined]);
  });
});

test('closing asks for what the disposition needs, and for no more', async () => {
  await withDesk({}, async ({ page, made }) => {
    await openTip(page);
    await page.locator('.actions').getByRole('button', { name: 'Close' }).click();
    const dialog = page.locator('dialog');
    const close = dialog.getByRole('button', { name: 'Close' });
    const why = dialog.getByLabel('Why it is closed');
    assert.equal(await dialog.getByLabel('What to tell the reporter (the page behind the code says it)').isVisible(), true);
    assert.equal(await why.locator('option[value^=REF_]').count(), 0, 'nothing was referred');
    await close.click();
    await dialog.getByText('Choose why it is closed.').waitFor();
    assert.equal(await dialog.getByLabel('Other tip').isVisible(), false);
    await why.selectOption('UNREACHABLE');
    await close.click();
    await dialog.getByText('Please write a reason.').waitFor();
    await why.selectOption('DUP_OF');
    await close.click();
    await dialog.getByText('Which other tip?').waitFor();
    await dialog.getByLabel('Other tip').selectOption({ label: 'Tip 1027' });
    await close.click();
    await dialog.waitFor({ state: 'detached' });
    const [, body] = made.done.filter(([asked]) => asked.endsWith('/do')).pop();
    assert.deepEqual([body.event, body.disposition, body.target], ['CLOSE', 'DUP_OF', '8'.padStart(32, '0')]);
  });
});

test('a tip is coded by chips that begin with what its answers point to', async () => {
  await withDesk({}, async ({ page, made }) => {
    await openTip(page);
    await page.locator('.coding summary').click();
    const held = page.locator('[data-code="ilo.3"]');
    assert.match(await held.innerText(), /restriction of movement\s+seen/);
    await held.click();
    assert.match(await held.innerText(), /not seen/);
    await page.getByRole('button', { name: 'Save coding' }).click();
    // the line begins with what the answers point to: it is another one when it was read again
    await page.locator('.coding .code-line').getByText('restriction of movement').waitFor({ state: 'detached' });
    const { codes } = made.done.find(([asked, body]) => asked.endsWith('/entries') && body.kind === 'coding')[1];
    assert.deepEqual([codes.ilo['3'], codes.ilo['5'], codes.means.force, codes.purpose.organs], ['not', 'seen', 'seen', 'unknown']);
    assert.equal(await page.locator('.coding .code-line').getByText('physical and sexual violence').count(), 1);
  });
});

test('nothing is sent before the rule of safe contact was confirmed', async () => {
  await withDesk({}, async ({ page, made }) => {
    await openTip(page);
    await page.locator('.phrase').first().click();
    assert.equal(await page.locator('[data-field=reply]').inputValue(), 'តើអ្នកសរសេរឥឡូវមានសុវត្ថិភាពទេ?');
    await page.getByRole('button', { name: 'Look and send' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByText('after 22:00').waitFor();
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.getByText('Read the rule for safe contact first.').waitFor();
    assert.ok(!made.done.some(([asked]) => asked.endsWith('/sms')));
    await page.keyboard.press('Escape');
    await page.getByLabel('This is a question').check();
    await page.getByRole('button', { name: 'Look and send' }).click();
    made.refuses = { error: 'hours', text: 'It is night there.', may_override: true };
    await dialog.getByLabel('I have read the rule').check();
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.getByText('It is outside of the hours').waitFor();
    await dialog.getByLabel('I have read the rule').check();
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.getByText('Please write a reason.').waitFor();
    await dialog.getByLabel('Why now').fill('she asked for it');
    await dialog.getByRole('button', { name: 'Send' }).click();
    await page.getByText('Ordered.').first().waitFor();
    const orders = made.done.filter(([asked]) => asked.endsWith('/sms')).map(([, body]) => body);
    assert.deepEqual(orders.map(({ lang, read_rule, asks, override_reason }) => [lang, read_rule, asks, override_reason]), [['km', true, true, undefined], ['km', true, true, 'she asked for it']]);
    assert.match(orders[0].once, /^[0-9a-f]{32}$/);
    assert.equal(orders[1].once, orders[0].once, 'the same order');
    made.refuses = { error: 'own-words', text: 'x', may_override: false };
    await page.locator('[data-field=reply]').fill('ខ'.repeat(71));
    await page.getByText('2 SMS').waitFor();
    await page.getByText('Only one SMS may go').waitFor();
    await page.getByRole('button', { name: 'Look and send' }).click();
    await dialog.getByLabel('I have read the rule').check();
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.getByText('only sentences of the phrase book').waitFor();
    assert.equal(await dialog.getByLabel('Why now').count(), 0, 'no word goes past that');
  });
});

test('after some hard tips a pause is suggested, once, and nobody is told', async () => {
  await withDesk({}, async ({ page, made }) => {
    for (const row of made.rows) Object.assign(row, { priority: 1, owner: 'dara', until_ms: Date.now() + 900000 });
    await press(page, 'r');
    for (let i = 0; i < 5; i++) {
      await page.locator('.q-row.chosen .mine').waitFor();
      assert.equal(await page.locator('.pause').count(), 0);
      await press(page, 'Enter');
      await page.locator('.tip-text').waitFor();
      await press(page, 'Escape');
      await page.locator('.q-row:focus').waitFor();
      await press(page, 'j');
    }
    await page.locator('.pause').getByText('You have read 5').waitFor();
    await page.getByRole('button', { name: 'Thank you' }).click();
    assert.equal(await page.locator('.pause').count(), 0);
    assert.ok(!JSON.stringify(made.done).includes('pause'));
  });
});

test('shortcuts can be changed and switched off; buttons stay', async () => {
  await withDesk({}, async ({ page }) => {
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.locator('[data-key=claim]').fill('x');
    await page.locator('[data-key=claim]').press('Tab');
    await to(page, ['g', 'q'], 'queue');
    await page.locator('.q-row.chosen').waitFor();
    await press(page, 'x');
    await page.locator('.q-row.chosen .mine').waitFor();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel('Keyboard shortcuts').uncheck();
    await page.locator('.view-settings h1').waitFor();
    await leaveField(page);
    await press(page, 'g', 'q', 'x', '?');
    assert.equal(await page.locator('dialog').count(), 0);
    await page.getByRole('button', { name: 'Queue' }).click();
    await page.locator('.q-row').first().waitFor();
  });
});

test('a desk that lacks a part says so, and shows no made-up figure', async () => {
  await withDesk({ missing: ['/api/stats', '/api/handover', '/api/audit', '/api/partners', '/api/phrases'] }, async ({ page }) => {
    for (const [key, view] of [['h', 'handover'], ['s', 'stats'], ['a', 'audit']]) {
      await leaveField(page);
      await chord(page, 'g', key);
      await page.locator(`.view-${view} .not-here`).waitFor();
      assert.equal(await page.locator(`.view-${view} table, .view-${view} svg`).count(), 0);
    }
    await to(page, ['g', 'q'], 'queue');
    await page.locator('.q-row').first().waitFor();
    await openTip(page);
    await page.locator('.phrases .not-here').waitFor();
    await press(page, 'f');
    await page.locator('.view-referral .not-here').waitFor();
  });
});

test('the hand-over prints on one A4 page, and says practice there too', async () => {
  await withDesk({ practice: true }, async ({ page }) => {
    await to(page, ['g', 'h'], 'handover');
    const owing = page.locator('.card', { hasText: 'Partners without answer' }).locator('li');
    assert.match((await owing.nth(0).innerText()), /^Shelter North \(made up\) · Tip 1022 · since .* · overdue$/);
    assert.match((await owing.nth(1).innerText()), /^Unit 12 \(made up\) · Tip 1023 · since [^·]*$/);
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('.practice').isVisible(), true);
    assert.equal(await page.locator('.bar').isVisible(), false);
    const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: true });
    assert.equal((pdf.toString('latin1').match(/\/Type\s*\/Page\b/g) ?? []).length, 1);
  });
});

test('Khmer is chosen by a click and stays', async () => {
  await withDesk({}, async ({ page }) => {
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel(/ខ្មែរ/).check();
    await page.locator('html[lang=km]').waitFor();
    await page.reload();
    await page.locator('.q-row').first().waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'km');
    assert.match(await page.locator('.me').innerText(), /សេចក្តីព្រាង/, 'marked as a draft');
  });
});
