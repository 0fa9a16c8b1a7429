// SPDX-License-Identifier: AGPL-3.0-or-later
// The console at a desk that answers late, out of turn or not at all.
import assert from 'node:assert/strict';
import test from 'node:test';
import { leaveField, openTip, press, withDesk } from './lib/desk_page.mjs';
import { chord } from './lib/keys.mjs';

/** Answers to what fits wait until the function that it gives is called;
 * its asked is there when something has been. */
function holdBack(made, pattern) {
  let end, asked;
  const held = new Promise((done) => { end = done; });
  const letGo = () => { made.hold = () => {}; end(); };
  letGo.asked = new Promise((done) => { asked = done; });
  made.hold = (path) => pattern.test(path) && (asked(), held);
  return letGo;
}

test('one change after the other is of what the tip is by then, however slowly it is read again', async () => {
  await withDesk({}, async ({ page, made }) => {
    await openTip(page);
    const row = made.rows.find((each) => each.owner === 'dara');
    const letGo = holdBack(made, /^\/api\/tips\/[0-9a-f]+$/);
    await press(page, String(row.priority));
    await page.getByText('Saved.').first().waitFor();
    await press(page, row.priority === 1 ? '2' : '1');
    await page.locator('dialog textarea:focus').waitFor();
    await page.keyboard.type('they were moved out');
    await press(page, 'Tab', 'Enter');
    await page.locator('dialog').waitFor({ state: 'detached' });
    letGo();
    await page.locator('.rate-now').getByText(`P${row.priority}`).waitFor();
    assert.equal(made.done.filter(([asked]) => asked.endsWith('/do')).length, 3, 'a claim and two changes');
  });
});

test('who claims what has just come has it when it is a case', async () => {
  await withDesk({}, async ({ page, made }) => {
    made.coming = 2;
    await press(page, 'c');
    await page.locator('.q-row.chosen .mine').waitFor();
  });
});

test('what comes while a view is drawn is told when it is there, and asking again and again shows something', async () => {
  await withDesk({}, async ({ page, made, tell }) => {
    const letGo = holdBack(made, /^\/api\/queue$/);
    await chord(page, 'g', 'q');
    tell('new', { id: 'f'.repeat(32), priority: 1 });
    tell('waiting', { n: 1, ids: ['f'.repeat(32)] });
    await page.waitForFunction(() => document.title === '(1!) Desk'); // it has come
    letGo();
    await page.getByText('1 new, press r').first().waitFor();
    made.rows.unshift({ ...made.rows[2], id: 'f'.repeat(32), seq: 1042 });
    const held = []; // each answer by itself; r is pressed again before it comes
    made.hold = (path) => path === '/api/queue' && new Promise((done) => { held.push(done); });
    const there = () => page.locator(`[data-id="${'f'.repeat(32)}"]`).count();
    for (let turn = 0; turn < 30 && await there() === 0; turn++) {
      await press(page, 'r');
      while (held.length <= turn) await page.waitForTimeout(20);
      await press(page, 'r');
      held[turn]();
      await page.waitForTimeout(200);
    }
    assert.equal(await there(), 1);
    made.hold = () => {};
    held.forEach((done) => done());
  });
});

test('what comes late of the view before is not shown under the next, and r does not lose where it begins', async () => {
  await withDesk({}, async ({ page, made }) => {
    const held = []; // each answer by itself, in the order in which they were asked for
    made.hold = (path) => path === '/api/queue' && new Promise((done) => { held.push(done); });
    const asked = async (n) => { while (held.length < n) await page.waitForTimeout(20); };
    await press(page, 'r');
    await asked(1);
    await page.evaluate(() => {
      window.seen = [];
      new MutationObserver(() => window.seen.push(document.querySelectorAll('.q-row').length)).observe(document.querySelector('.q-list'), { childList: true });
    });
    await page.locator('[data-view=second]').click();
    await leaveField(page);
    await press(page, 'r');
    held[0]();
    await asked(2);
    made.hold = () => {};
    held[1]();
    await page.getByText('Nothing waits for a second officer.').waitFor();
    assert.deepEqual(await page.evaluate(() => window.seen), [0], 'drawn once');
  });
});

test('what was begun is there after a lock, however late the desk has taken it', async () => {
  await withDesk({}, async ({ page, made, tell }) => {
    await openTip(page);
    let letGo;
    const held = new Promise((done) => { letGo = done; });
    let calls = 0;
    made.hold = (path) => path.startsWith('/api/draft/') && calls++ === 0 && held;
    await page.locator('[data-field=note]').fill('blue roof');
    tell('lock', {});
    await page.getByRole('heading', { name: 'Locked' }).waitFor();
    await page.locator('[type=password]').fill('x');
    await page.locator('.code').fill('123456');
    await page.keyboard.press('Enter');
    await page.locator('.strip').waitFor();
    letGo();
    await page.locator('[data-field=note]').waitFor();
    assert.equal(await page.locator('[data-field=note]').inputValue(), 'blue roof');
  });
});

test('a call is written down where its draft is, however late the desk gives it', async () => {
  await withDesk({}, async ({ page, made }) => {
    made.answer('PUT', '/api/draft/call', { text: JSON.stringify({ text: 'They hold us' }) });
    const letGo = holdBack(made, /^\/api\/draft\/call$/);
    await chord(page, 'g', 'c');
    await letGo.asked;
    assert.equal(await page.getByLabel('In their words').count(), 0, 'nobody writes what would be written over');
    letGo();
    await page.getByLabel('In their words').waitFor();
    assert.equal(await page.getByLabel('In their words').inputValue(), 'They hold us');
  });
});

test('a note that is under way is not shown again to be written twice when its event comes before the answer', async () => {
  await withDesk({}, async ({ page, made, tell }) => {
    await openTip(page);
    const row = made.rows.find((each) => each.owner === 'dara');
    const letGo = holdBack(made, /\/entries$/);
    await page.locator('[data-field=note]').fill('a green gate');
    const from = made.done.length;
    await page.getByRole('button', { name: 'Save note' }).click();
    await letGo.asked;
    row.version += 1;
    tell('case', { id: row.id, version: row.version });
    await page.waitForTimeout(500); // it would be drawn anew by now
    letGo();
    await page.locator('.log-note').getByText('a green gate').waitFor();
    const asked = made.done.slice(from).map(([what]) => what).filter((what) => what.includes(`/api/tips/${row.id}`));
    assert.deepEqual(asked.map((what) => what.split(' ')[0]), ['POST', 'GET'], 'read once, when it is there');
    assert.equal(await page.locator('[data-field=note]').inputValue(), '');
  });
});

test('a page that was wished for stays so when r is pressed before it is there', async () => {
  await withDesk({}, async ({ page, made }) => {
    const pages = [];
    const { answer } = made;
    made.answer = (method, path, body, query) => {
      const [status, data] = answer.call(made, method, path, body, query);
      if (path !== '/api/queue') return [status, data];
      pages.push(Number(query.get('page') ?? 0));
      return [status, { ...data, total: 60 }];
    };
    await press(page, 'r');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('2 of 3').waitFor();
    const letGo = holdBack(made, /^\/api\/queue$/);
    await leaveField(page);
    await press(page, 'r');
    await page.locator('[data-view=open]').click(); // from its beginning
    await leaveField(page);
    await press(page, 'r');
    letGo();
    await page.getByText('1 of 3').waitFor();
    assert.equal(pages.at(-1), 0);
  });
});

test('a list that is never answered is given up, and asked for again', async () => {
  await withDesk({}, async ({ page, made }) => {
    await page.evaluate(() => {
      const all = []; // something else may be asked in the same moment
      AbortSignal.timeout = () => { // the time is up when the test says so
        all.push(new AbortController());
        window.timeIsUp = () => all.forEach((each) => each.abort(new DOMException('', 'TimeoutError')));
        return all.at(-1).signal;
      };
    });
    const letGo = holdBack(made, /^\/api\/queue$/);
    await press(page, 'r');
    await letGo.asked;
    made.hold = () => {};
    await page.evaluate(() => window.timeIsUp());
    await page.getByText('does not answer').first().waitFor();
    made.rows.unshift({ ...made.rows[2], id: 'f'.repeat(32), seq: 1042 });
    await press(page, 'r');
    await page.locator(`[data-id="${'f'.repeat(32)}"]`).waitFor();
    letGo();
  });
});
