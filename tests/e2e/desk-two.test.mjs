// SPDX-License-Identifier: AGPL-3.0-or-later
// Two desks on one Redis, two officers: each tip has one of them, the other is
// told who; both desks show the same; what a killed desk held passes on; while
// Redis is away people read, and changes are refused.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import https from 'node:https';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { Home, until } from './lib/home.mjs';

const TIPS = 100;
let home;
let first;
let second;

before(async () => {
  home = await Home.start();
  for (const name of ['sok', 'dara']) await Desk.add(home, name);
  const urls = [await home.desk(), await home.desk('desk2')];
  first = await Desk.login(home, { url: urls[0], name: 'sok' });
  second = await Desk.login(home, { url: urls[1], name: 'dara' });
});
after(() => home?.stop());

/** All open rows, page after page; one that moved between two pages once. */
async function all(desk) {
  for (let rows = new Map(), page = 0; ; page += 1) {
    const part = await desk.queue(`view=open&page=${page}`);
    for (const row of part.rows) rows.set(row.id, row);
    if (part.rows.length === 25) continue;
    if (rows.size === part.total) return [...rows.values()];
    rows = new Map(); // some moved to a page that was read before
    page = -1;
  }
}

async function allNew(desk, n) {
  let rows;
  await until(`${n} tips wait at ${desk.name}'s desk`, async () => {
    rows = await all(desk);
    return rows.length === n && rows.every((row) => row.version >= 2);
  }, 240000);
  return rows;
}

test(`two officers at two desks want each of ${TIPS} tips: one has it, the other is told who`, async () => {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 4, rejectUnauthorized: false });
  for (let i = 0; i < TIPS; i += 1) {
    const { status } = await home.form({ story: `tip number ${i}`, now: '1' }, { lang: 'en', agent });
    assert.equal(status, 200);
  }
  agent.destroy();
  const rows = await allNew(first, TIPS);
  await allNew(second, TIPS);
  let told = 0;
  const owners = { sok: 0, dara: 0 };
  for (const { id } of rows) {
    // who begins is drawn, or the nearer one would win each time
    const desks = Math.random() < 0.5 ? [first, second] : [second, first];
    const answers = await Promise.all(desks.map((desk) => desk.do(id, { event: 'CLAIM' })));
    const won = answers.filter((answer) => answer.status === 200);
    const lost = answers.filter((answer) => answer.status === 409);
    assert.equal(won.length, 1, JSON.stringify(answers.map((answer) => answer.body)));
    assert.equal(lost.length, 1);
    assert.equal(lost[0].body.error, 'held');
    assert.equal(lost[0].body.owner, won[0].body.now.owner);
    assert.ok(lost[0].body.since_ms > 0);
    owners[won[0].body.now.owner] += 1;
    told += 1;
  }
  assert.equal(told, TIPS);
  console.log(`# ${owners.sok} to sok, ${owners.dara} to dara, ${told} told who has it`);
});

test('both desks show the same, and say it of every change', async () => {
  const shape = (rows) => rows.map((row) => [row.id, row.state, row.owner, row.version, row.priority]);
  await until('both show the same', async () => {
    const [one, other] = [shape(await all(first)), shape(await all(second))];
    return one.length === TIPS && JSON.stringify(one) === JSON.stringify(other);
  }, 60000);
  const events = await second.events();
  const mine = (await all(first)).find((row) => row.owner === 'sok');
  assert.equal((await first.do(mine.id, { event: 'OPEN' })).body.now.state, 'TRIAGE');
  await until('the other desk hears of it', async () => (await events.next('case')).id === mine.id, 60000);
  events.close();
  const heads = [await first.queue(), await second.queue()].map((queue) => queue.header);
  assert.equal(heads[0].gaps, 0);
  assert.equal(heads[1].gaps, 0);
});

test('a call that an officer logs is a tip at every desk, once however often it is sent', async () => {
  const call = { key: 'a1', via: 'hotline', lang: 'en', text: 'a neighbour calls: they beat her', sender: '+855 12 345 678', answers: { now: '1', ind: ['2'] } };
  const { status, body } = await first.post('/api/calls', call);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual((await first.post('/api/calls', call)).body, body);
  for (const desk of [first, second]) {
    const row = await desk.row((r) => r.id === body.id && r.state === 'NEW', 'view=open&q=neighbour');
    assert.equal(row.priority, 1);
    assert.equal(row.channel, 'desk');
    assert.ok(row.signed && row.flags.includes('unverified'));
    assert.equal((await desk.queue('view=open&q=neighbour')).total, 1);
  }
  assert.equal((await first.post('/api/calls', { ...call, text: ' ' })).body.error, 'body');
  assert.equal((await first.post('/api/calls', { ...call, more: 1 })).status, 400);
  const { stdout } = await home.tipline('ledger', 'verify');
  assert.doesNotMatch(stdout, /[1-9]\d* in quarantine/);
  // who wrote it down, and the number behind a reason
  await second.take(body.id);
  const tip = (await second.get(`/api/tips/${body.id}`)).body;
  assert.equal(tip.taken_by, 'sok');
  assert.equal(tip.via, 'hotline');
  assert.ok(!JSON.stringify(tip).includes('345678'));
});

test('a shift that was given at one desk is taken at another', async () => {
  for (const row of (await all(first)).filter(({ owner }) => !owner)) await first.do(row.id, { event: 'CLAIM' });
  const given = await first.post('/api/handover', { to: 'dara', plan: 'the neighbour calls again' });
  assert.equal(given.status, 200, JSON.stringify(given.body));
  let waiting;
  await until('the other desk knows of it', async () => ({ body: { waiting } } = await second.get('/api/handover')) && waiting, 60000);
  assert.equal(waiting.from, 'sok');
  assert.equal(waiting.plan, 'the neighbour calls again');
  assert.equal((await first.post('/api/handover', { accept: waiting.id })).status, 409);
  assert.equal((await second.post('/api/handover', { accept: waiting.id })).status, 200);
  assert.equal((await second.post('/api/handover', { accept: waiting.id })).status, 409);
  await until('the first desk knows of that', async () => !(await first.get('/api/handover')).body.waiting, 60000);
});

test("who has the desk's password of Redis hides no tip, and gives it to nobody", async () => {
  const row = (await all(first)).find(({ state }) => state === 'NEW' || state === 'TRIAGE');
  const key = `desk:case:${row.id}`;
  const redis = await home.redisAs('desk');
  const head = Buffer.from(await redis.do('HGET', key, 'r'));
  const heard = await Promise.all([first, second].map((desk) => desk.events()));
  const closed = Buffer.from(head);
  closed.writeBigUInt64BE(head.readBigUInt64BE(42) + 1n, 42); // its next version
  closed[50] = 16; // CLOSED
  await redis.do('HSET', key, 'r', closed);
  await redis.do('ZREM', 'desk:open', row.id);
  await redis.do('ZADD', 'desk:done', '1', row.id);
  closed[1] ^= 1; // another event
  await redis.do('XADD', 'events', '*', 'r', Buffer.concat([closed, Buffer.alloc(4)]));
  await until('it is put back as it was', async () => head.equals(Buffer.from(await redis.do('HGET', key, 'r'))), 120000);
  redis.close();
  let seen;
  await until('both desks say so', async () => {
    seen = await Promise.all([first, second].map(async (desk) => (await all(desk)).find(({ id }) => id === row.id)));
    return seen.every(Boolean) && seen.some(({ flags }) => flags.includes('altered'))
      && /E630/.test(home.log('desk')) && /E630/.test(home.log('desk2'));
  }, 120000);
  await until('a console hears of it', () => heard.some(({ text }) => new RegExp(`event: case\ndata: {"id":"${row.id}",[^}]*"altered":true}`).test(text)), 60000);
  heard.forEach((one) => one.close());
  for (const one of seen) assert.deepEqual([one.state, one.version, one.owner], [row.state, row.version, row.owner]);
  // what is on its way is named by the next before it is here
  await until('all changes are signed and here', async () => (
    /^changes {3}[1-9]\d* signed by our desks, 0 not; 0 name one before that is not here, 0 are /m
      .test((await home.tipline('ledger', 'verify')).stdout)), 60000);
});

test('while Redis is away officers read, and are told that nothing was changed', async () => {
  const mine = (await all(first)).find((row) => row.owner === 'sok' && row.state === 'TRIAGE');
  await home.kill('redis');
  await until('the console says it', async () => !(await first.queue()).header.redis, 60000);
  assert.equal((await first.get(`/api/tips/${mine.id}`)).status, 200);
  const refused = await first.do(mine.id, { event: 'CHECK' });
  assert.equal(refused.status, 503);
  assert.equal(refused.body.error, 'redis');
  await home.run('redis');
  await until('it can be done again', async () => (await first.do(mine.id, { event: 'CHECK' })).status !== 503, 120000);
  assert.equal((await all(first)).find((row) => row.id === mine.id).state, 'VERIFY');
  await until('the other desk has it back too', async () => (await second.queue()).header.redis, 60000);
});

test('what a killed desk held passes on when its lease ends', async () => {
  const held = (await all(second)).find((row) => row.owner === 'sok' && row.state === 'CLAIMED');
  await home.kill('desk');
  const early = await second.do(held.id, { event: 'CLAIM' });
  assert.equal(early.status, 409);
  assert.equal(early.body.owner, 'sok');
  // a quarter of an hour later, as far as Redis knows: the other desk learns it from what it does next
  const desk = await home.redisAs('desk');
  await desk.do('XADD', 'events', `${Date.now() + 16 * 60000}-0`, 'c', '');
  desk.close();
  const other = (await all(second)).find((row) => row.owner === 'dara');
  assert.equal((await second.do(other.id, { event: 'RELEASE' })).status, 200);
  await until('the other desk gives it back', async () => {
    const row = (await all(second)).find((one) => one.id === held.id);
    return row.state === 'NEW' && row.owner === null;
  }, 60000);
  assert.equal((await second.do(held.id, { event: 'CLAIM' })).body.now.owner, 'dara');
});

test('a call that no replica has is told to be on one desk alone, whether Redis says so or refuses to say', async () => {
  fs.writeFileSync(home.conf, fs.readFileSync(home.conf, 'utf8').replace('\n[redis]\n', '\n[redis]\nreplicas = 1\n'));
  first = await Desk.login(home, { url: await home.desk(), name: 'sok' });
  const log = (key) => first.post('/api/calls', { key, via: 'hotline', lang: 'en', text: `a call of the replicas, ${key}` });
  const alone = async (key) => {
    let answer;
    await until('the queue is reachable', async () => { answer = await log(key); return answer.status !== 503; });
    assert.deepEqual([answer.status, answer.body.confirmed], [200, false], JSON.stringify(answer.body));
    await second.row((row) => row.id === answer.body.id, 'view=open&q=replicas');
    return answer.body;
  };
  const body = await alone('c1');
  assert.deepEqual(await alone('c1'), body); // what is there already may be alone as well
  await home.redisUsers((text) => text.replace(/^(user desk .*) \+wait /m, '$1 '));
  const desk = await home.redisAs('desk');
  assert.match(String(await desk.ask('WAIT', '0', '1')), /NOPERM/);
  desk.close();
  await alone('c2');
});
