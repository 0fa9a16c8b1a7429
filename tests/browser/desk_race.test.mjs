// SPDX-License-Identifier: AGPL-3.0-or-later
// Two officers, each in a browser of their own at a desk of their own, press
// the claim key on the same tip at the same moment, a hundred times: each time
// one has it, and the other is told who.
import assert from 'node:assert/strict';
import https from 'node:https';
import { after, before, test } from 'node:test';
import { Desk } from '../e2e/lib/desk.mjs';
import { Home, until } from '../e2e/lib/home.mjs';
import { drawn } from './lib/keys.mjs';
import { consoleOf, launch } from './lib/desk_real.mjs';

const TIPS = 100;
const LIMIT = 180000; // a slow machine is no fault
let home, browser;
const officers = [];

/** Whatever is said to the officer, in its order: window.told. That
 * others came ("3 new, press r") is no answer to a claim, and left out. */
function listen() {
  window.told = [];
  const toast = document.querySelector('.toast');
  new MutationObserver((all) => all.forEach(({ addedNodes }) => addedNodes.forEach((node) => {
    if (node.localName === 'p' && !/^\d+ new, press r$/.test(node.textContent)) window.told.push(node.textContent);
  }))).observe(toast, { childList: true });
}

async function logIn(name, url) {
  const page = await consoleOf(browser, home, { url, name, limit: LIMIT });
  await drawn(page, () => page.locator('[data-view=open]').click());
  await page.evaluate(listen);
  await page.evaluate(() => document.activeElement.blur()); // keys are not of a button
  return { name, page };
}

before(async () => {
  home = await Home.start();
  for (const name of ['sok', 'dara']) await Desk.add(home, name);
  const agent = new https.Agent({ keepAlive: true, maxSockets: 4, rejectUnauthorized: false });
  for (let i = 0; i < TIPS; i += 1) { // each a P1: of these an officer may have more than five
    const { status } = await home.form({ story: `tip number ${i}`, now: '1' }, { lang: 'en', agent });
    assert.equal(status, 200);
  }
  agent.destroy();
  const urls = [await home.desk(), await home.desk('desk2')];
  browser = await launch();
  officers.push(...await Promise.all([logIn('sok', urls[0]), logIn('dara', urls[1])]));
});
after(async () => {
  await browser?.close();
  await home?.stop();
});

const both = (what) => Promise.all(officers.map(({ page }) => what(page)));
const ids = (page) => page.evaluate(() => [...document.querySelectorAll('.q-row')].map((row) => row.dataset.id));
/** Each of these rows says whose it is. */
const sees = (page, owners) => page.waitForFunction((all) => all.every(([id, name]) => (
  document.querySelector(`.q-row[data-id="${id}"] .q-owner`).textContent.split(' ')[0] === name)), owners);

/** Load the list anew, by its key, until it is of free tips alone that both can see. */
async function load(gone) {
  let shown;
  await until('both see the next free tips, and have opened all', async () => {
    await both((page) => drawn(page, () => page.keyboard.press('r')));
    shown = await both(ids);
    const opening = await both((page) => page.locator('.strip').getByText('being opened').count());
    return shown[0].length > 0 && opening.every((n) => n === 0) && shown[0].every((id) => !gone.has(id) && shown[1].includes(id));
  }, LIMIT);
  return shown[0];
}

/** Choose this row by the keys. */
async function choose(page, id) {
  const far = () => page.evaluate((wanted) => {
    const rows = [...document.querySelectorAll('.q-row')];
    return rows.findIndex((row) => row.dataset.id === wanted) - rows.findIndex((row) => row.matches('.chosen'));
  }, id);
  for (let n = await far(); n !== 0; n = await far()) await page.keyboard.press(n > 0 ? 'j' : 'k');
}

/** Both press the key; gives whose it is, by what each of them is told. */
async function race(id) {
  await both((page) => choose(page, id));
  await both((page) => page.evaluate(() => { window.told.length = 0; }));
  await both((page) => page.keyboard.press('c'));
  await both((page) => page.waitForFunction(() => window.told.length > 0));
  const told = await both((page) => page.evaluate(() => window.told.join('|')));
  const won = told.findIndex((text) => text === 'You have it for 15 minutes.');
  assert.match(told[1 - won] ?? '', new RegExp(`^${officers[won]?.name} has it since \\d\\d:\\d\\d\\.$`), JSON.stringify(told));
  return won;
}

test(`two officers press the key on each of ${TIPS} tips: one has it, the other is told who`, async () => {
  const winners = new Map(); // by tip
  const wins = [0, 0];
  while (winners.size < TIPS) {
    const page = await load(winners);
    for (const id of page) {
      const won = await race(id);
      winners.set(id, won);
      wins[won] += 1;
    }
    await Promise.all(officers.map(({ page: shown }, at) => sees(shown, page.map((id) => [id, winners.get(id) === at ? 'you' : officers[winners.get(id)].name]))));
  }
  assert.equal(winners.size, TIPS);
  console.log(`# ${wins[0]} to sok, ${wins[1]} to dara, ${TIPS} told who has it`);
});
