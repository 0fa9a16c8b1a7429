// SPDX-License-Identifier: AGPL-3.0-or-later
// What the rules call spam goes to quarantine by itself, once, at whichever
// desk; it is counted and shown there, read by whoever looks through it, and
// comes out of it by a person or by what its reporter writes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { Home, receiptOf, request, until } from './lib/home.mjs';

let home, first, second;

before(async () => {
  home = await Home.start();
  for (const name of ['sok', 'dara']) await Desk.add(home, name);
  const urls = [await home.desk(), await home.desk('desk2')];
  first = await Desk.login(home, { url: urls[0], name: 'sok' });
  second = await Desk.login(home, { url: urls[1], name: 'dara' });
});
after(() => home?.stop());

/** A form in whose hidden field something stands. */
const spam = (story, more) => home.form({ story, website: 'x', ...more }, { lang: 'en' });
const find = (desk, text, view, test = () => true) => desk.row((row) => row.version >= 2 && test(row), `view=${view}&q=${encodeURIComponent(text)}`);
const entriesOf = async (desk, id) => (await desk.get(`/api/tips/${id}`)).body.entries.sort((one, two) => one.version - two.version);
/** A desk has its own events first, and the other's as it hears of them. */
const happened = async (desk, id, expected, of = expected) => {
  let events;
  await until(`the desk knows of ${expected}`, async () => {
    events = (await entriesOf(desk, id)).map((entry) => entry.event).filter((event) => of.includes(event));
    return events.length >= expected.length;
  }, 60000);
  assert.deepEqual(events, expected);
};
const done = async (desk, id, change) => {
  // one that has just started may not have found Redis yet
  const { status, body } = await until('the queue can be reached', async () => {
    const answer = await desk.do(id, change);
    return answer.body.error !== 'redis' && answer;
  });
  assert.equal(status, 200, JSON.stringify(body));
  return body.now;
};
async function write(receipt, story) {
  const post = async (fields) => (await request(`${home.url}/en/c`, {
    method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields).toString(),
  })).body.toString();
  const [, state] = /name="s" value="([^"]*)"/.exec(await post({ code: receipt }));
  await post({ s: state, do: 'more', story });
}

test('it goes there once, is counted and shown at both desks, and may be read without a claim', async () => {
  await spam('cheap watches of the green shop');
  const row = await find(first, 'green shop', 'quarantine');
  assert.equal(row.state, 'QUARANTINE');
  assert.equal(row.priority, 4);
  assert.deepEqual(row.reasons.map(({ rule }) => rule), ['QUAR']);
  assert.ok(row.flags.includes('not looked through'));
  assert.equal((await find(second, 'green shop', 'quarantine', (one) => one.version === row.version)).id, row.id);
  for (const desk of [first, second]) {
    assert.equal((await desk.queue('view=open&q=green+shop')).total, 0);
    const { header } = await desk.queue();
    assert.deepEqual([header.quarantine.n, header.quarantine.unseen], [1, 1]);
    await happened(desk, row.id, ['RECEIVE', 'SCORE', 'SUSPECT']);
    const { body } = await desk.get(`/api/tips/${row.id}`);
    assert.equal(body.text, 'cheap watches of the green shop');
    assert.ok(body.entries.every((entry) => entry.who === undefined), 'the machine did it');
    assert.equal((await desk.do(row.id, { event: 'CLAIM' })).status, 409);
    assert.equal((await desk.post(`/api/tips/${row.id}/entries`, { kind: 'note', text: 'x' })).status, 403);
  }
  // who is started anew does not do it again
  await first.logout();
  await home.kill('desk', 'SIGTERM');
  first = await Desk.login(home, { url: await home.desk(), name: 'sok' });
  const again = await find(first, 'green shop', 'quarantine');
  assert.equal(again.version, row.version);
  assert.ok(again.flags.includes('not looked through'));
});

test('what is urgent is never spam, whatever field is filled', async () => {
  await spam('the yellow shop', { now: '1' });
  await spam('they locked the door of the brown shop', {});
  const urgent = await find(first, 'yellow shop', 'open', (row) => row.state === 'NEW');
  assert.equal(urgent.priority, 1);
  const held = await find(first, 'brown shop', 'open', (row) => row.state === 'NEW');
  assert.equal(held.priority, 2);
  for (const { id } of [urgent, held]) {
    await done(first, id, { event: 'CLAIM' });
    await done(first, id, { event: 'OPEN' });
    await happened(first, id, ['RECEIVE', 'SCORE', 'CLAIM', 'OPEN'], ['RECEIVE', 'SCORE', 'SUSPECT', 'CLAIM', 'OPEN']);
  }
});

test('words that come later and are urgent take it out, and it rings at once', async () => {
  const sent = await spam('watches of the white shop');
  const { id } = await find(first, 'white shop', 'quarantine');
  const events = await second.events();
  await write(receiptOf(sent.body.toString()), 'They locked the door and beat my friend');
  const row = await find(second, 'white shop', 'open', (one) => one.state === 'NEW');
  assert.deepEqual([row.id, row.priority], [id, 1]);
  await until('it rings', async () => (await events.next('waiting')).ids.includes(id), 60000);
  events.close();
  // and the rule does not take it back, nor is it told twice
  await done(first, id, { event: 'CLAIM' });
  await done(first, id, { event: 'OPEN' });
  await happened(first, id, ['SCORE', 'SUSPECT', 'RAISE']);
});

test('a person brings it back, with the clock of its arrival, and it stays', async () => {
  const { id, arrived_ms } = await find(first, 'green shop', 'quarantine');
  const now = await done(first, id, { event: 'UNSUSPECT' });
  assert.deepEqual([now.state, now.priority], ['NEW', 3]);
  const row = await find(second, 'green shop', 'open', (one) => one.version >= now.version);
  assert.deepEqual([row.state, row.priority, row.arrived_ms], ['NEW', 3, arrived_ms]);
  assert.equal(row.due_ms, arrived_ms + 2 * 3600 * 1000);
  await second.logout();
  await home.kill('desk2', 'SIGTERM');
  second = await Desk.login(home, { url: await home.desk('desk2'), name: 'dara' });
  assert.equal((await find(second, 'green shop', 'open')).version, now.version);
  await done(second, id, { event: 'CLAIM' });
  await done(second, id, { event: 'OPEN' });
  await happened(second, id, ['RECEIVE', 'SCORE', 'SUSPECT', 'UNSUSPECT', 'CLAIM', 'OPEN']);
});

test('each is looked through; one in ten is read before; words that come later are looked at anew', async () => {
  const sent = new Map();
  let full;
  for (let n = 0; !full; n += 1) { // which one it is follows from its id
    const story = `number ${n + 100} of the grey shop`;
    sent.set(story, receiptOf((await spam(story)).body.toString()));
    const row = await find(first, story, 'quarantine');
    full = row.flags.includes('read in full') && row;
  }
  const { header } = await first.queue();
  assert.equal(header.quarantine.in_full, 1);
  assert.equal((await first.get('/api/handover')).body.counts.unseen, sent.size);
  const refused = await first.do(full.id, { event: 'LOOK' });
  assert.deepEqual([refused.status, refused.body.error], [409, 'read']);
  const { body } = await first.get(`/api/tips/${full.id}`);
  assert.ok(body.allowed.some(({ event }) => event === 'LOOK'));
  await done(first, full.id, { event: 'LOOK' });
  for (let left = true; left;) { // a page has 25 of them, those first that nobody has seen
    const { rows } = await first.queue('view=quarantine');
    left = rows.filter(({ flags }) => flags.includes('not looked through'));
    for (const { id } of left) await done(first, id, { event: 'LOOK' });
    left = left.length > 0;
  }
  await until('all desks know it', async () => (await second.queue()).header.quarantine.unseen === 0, 60000);
  assert.equal((await first.queue()).header.quarantine.n, sent.size);
  // no more than there was
  await write(sent.get(body.text), 'www.example.org');
  const row = await find(second, body.text, 'quarantine', (one) => one.flags.includes('not looked through'));
  assert.equal(row.state, 'QUARANTINE');
  await until('it is looked at anew at this desk too', async () => (await find(first, body.text, 'quarantine')).flags.includes('read in full'), 60000);
});
