// SPDX-License-Identifier: AGPL-3.0-or-later
// Somebody has the desk's password of Redis and wants desks to stand still:
// what is too large to be read, and a stream to which nothing can be added.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { Home, until } from './lib/home.mjs';

const LAST = '18446744073709551615';
let home;
let officer;
let thief;

before(async () => {
  home = await Home.start();
  officer = await Desk.login(home, { url: await home.desk() });
  thief = await home.redisAs('desk');
});
after(async () => {
  thief?.close();
  await home?.stop();
});

/** A tip, when it waits in the queue. */
async function tell(story) {
  assert.equal((await home.form({ story, now: '1' }, { lang: 'en' })).status, 200);
  return officer.row((row) => row.version >= 2, `view=open&q=${encodeURIComponent(story)}`);
}

const lost = () => (home.log('desk').match(/E600/g) ?? []).length;

test('events that are too large to be read stop nobody', async () => {
  const { id } = await tell('firstword');
  const before_n = lost();
  const third = Buffer.alloc(6 << 20, 'x');
  for (let i = 0; i < 3; i += 1) await thief.do('XADD', 'events', '*', 'r', third, third, third);
  await until('the desk says that somebody writes there', () => /E630/.test(home.log('desk')));
  assert.equal((await officer.take(id)).state, 'TRIAGE');
  const next = await tell('secondword');
  assert.equal((await officer.take(next.id)).state, 'TRIAGE');
  assert.equal(lost(), before_n, home.log('desk'));
});

test('where no event can be added, tips come all the same, and work goes on when it is mended', async () => {
  await thief.do('XADD', 'events', `${LAST}-${LAST}`, 'c', '');
  const [{ id }] = (await officer.queue('view=open&q=firstword')).rows;
  await until('the desk has met it', async () => (await officer.do(id, { event: 'CHECK' })).status === 503);
  await until('the console says it', async () => !(await officer.queue()).header.redis);
  assert.equal((await home.form({ story: 'thirdword', now: '1' }, { lang: 'en' })).status, 200);
  const row = await officer.row(() => true, 'view=open&q=thirdword');
  const root = await home.redisRoot();
  await root.do('DEL', 'events');
  root.close();
  await until('cases can be changed again', async () => (await officer.queue()).header.redis);
  assert.equal((await officer.take(row.id)).state, 'TRIAGE');
});

test('where no receipt can be added, tips come all the same, and are receipted when it is mended', async () => {
  thief.close();
  thief = await home.redisAs('desk'); // ACL LOAD has ended the one before
  await thief.do('XADD', 'receipts', `${LAST}-${LAST}`, 'a', 'b');
  // more than one: none is to wait behind the first
  for (const story of ['fourthword', 'fifthword', 'sixthword']) {
    const row = await tell(story);
    assert.equal((await officer.take(row.id)).state, 'TRIAGE');
  }
  await until('the desk says so', () => /E634/.test(home.log('desk')));
  assert.ok((await home.spooled()).records >= 3, 'the spool keeps them');
  const root = await home.redisRoot();
  await root.do('DEL', 'receipts');
  root.close();
  await until('the spool has let them go', async () => (await home.spooled()).records === 0);
});
