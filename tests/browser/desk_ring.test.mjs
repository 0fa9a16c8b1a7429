// SPDX-License-Identifier: AGPL-3.0-or-later
// The alarm of a console in a real browser at a real desk: it rings while there
// is a P1 that nobody has, whatever happened to that, and whether this console
// heard of it or not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk } from '../e2e/lib/desk.mjs';
import { Home, receiptOf, request } from '../e2e/lib/home.mjs';
import { consoleOf, launch } from './lib/desk_real.mjs';

const LIMIT = Number(process.env.LONG ?? 90000); // a slow machine is no fault
const urgent = 'They locked the door and beat my friend';

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

const rings = (n) => page.waitForFunction((title) => document.title === title, n > 0 ? `(${n}!) Desk` : 'Desk');
const sounded = () => page.evaluate(() => Number(document.documentElement.dataset.sounded ?? 0));
const oneRow = (text) => other.row((row) => row.version >= 2, `view=open&q=${encodeURIComponent(text)}`);
const done = async (id, change) => {
  const { status, body } = await other.do(id, change);
  assert.equal(status, 200, JSON.stringify(body));
};

test('a P1 rings till it is claimed, and again when it is given back unread', async () => {
  await home.form({ story: `${urgent} in the red house` }, { lang: 'en' });
  await rings(1);
  assert.match(await page.locator('.strip').innerText(), /1 urgent tip waits/);
  assert.match(await page.locator('[role=alert].sr').textContent(), /1 urgent tip waits/);
  assert.ok(await sounded() >= 1);
  const { id } = await oneRow('red house');
  await done(id, { event: 'CLAIM' });
  await rings(0);
  const before = await sounded();
  await done(id, { event: 'RELEASE' });
  await rings(1);
  assert.ok(await sounded() > before);
  await other.take(id);
  await rings(0);
});

test('a tip that later words make a P1 rings, and again when more comes while nobody has it', async () => {
  const sent = await home.form({ story: 'papers of the green house' }, { lang: 'en' });
  const row = await oneRow('green house');
  assert.notEqual(row.priority, 1);
  assert.equal(await page.title(), 'Desk');
  const post = async (fields) => (await request(`${home.url}/en/c`, {
    method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields).toString(),
  })).body.toString();
  const write = async (story) => {
    const [, state] = /name="s" value="([^"]*)"/.exec(await post({ code: receiptOf(sent.body.toString()) }));
    await post({ s: state, do: 'more', story });
  };
  await write(urgent);
  await rings(1);
  await other.take(row.id);
  await rings(0);
  await done(row.id, { event: 'RELEASE' }); // read, and left for others: no alarm by itself
  const events = await other.events(); // begins with what rings
  assert.equal((await events.next('waiting')).n, 0);
  events.close();
  await write('please hurry');
  await rings(1);
  await page.keyboard.press('r');
  await page.locator(`.q-row[data-id="${row.id}"]`).getByText('something new, and nobody has it').waitFor();
  await done(row.id, { event: 'CLAIM' });
  await rings(0);
  // what comes to who has it, and leaves it at that, is for all
  const { version } = await oneRow('green house');
  await write('they are coming back');
  await other.row((one) => one.version > version, 'view=open&q=green+house');
  await done(row.id, { event: 'RELEASE' });
  await rings(1);
  await other.take(row.id);
  await rings(0);
});

test('a P1 that came while the stream was broken rings when the console hears again; what somebody has does not', async () => {
  await page.route('**/api/events', (route) => route.abort());
  // two more of a session end its first
  await page.evaluate(async () => {
    const headers = { 'X-Desk-Token': sessionStorage.getItem('desk-token') };
    await Promise.all([0, 1].map(() => new Promise((done) => {
      const again = () => fetch('/api/events?own', { headers }).then(done, again);
      again();
    })));
  });
  await page.locator('.health-bad').getByText('Not live').waitFor();
  const held = home.form({ story: `${urgent} in the white house` }, { lang: 'en' }).then(() => oneRow('white house'));
  await other.take((await held).id);
  await home.form({ story: `${urgent} in the blue house` }, { lang: 'en' });
  const { id } = await oneRow('blue house');
  assert.equal(await page.title(), 'Desk');
  const before = await sounded();
  await page.unroute('**/api/events');
  await rings(1);
  assert.ok(await sounded() > before);
  await done(id, { event: 'CLAIM' });
  await rings(0);
});
