// SPDX-License-Identifier: AGPL-3.0-or-later
// Who is supervisor hears what is asked of them, at whichever desk, until one of
// them has it; where none listens somebody is woken, without a word of the tip.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { Home, until } from './lib/home.mjs';

let home, officer, urls;

const woken = () => {
  try {
    return fs.readFileSync(path.join(home.dir, 'woken'), 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
};

before(async () => {
  home = await Home.start({ processes: [], edit: (conf) => conf.replace(/\n\[desk\]\n/, '$&alarm_command = ./wake\n') });
  const at = (name) => path.join(home.dir, name);
  fs.writeFileSync(at('wake'), `#!/bin/sh\necho "$*" >> ${at('woken')}\n`, { mode: 0o755 });
  for (const name of ['redis', 'spool', 'relay', 'intake']) await home.run(name);
  await home.ready();
  for (const name of ['sok', 'bopha']) await Desk.add(home, name);
  for (const name of ['srey', 'dara']) await Desk.add(home, name, 'supervisor');
  urls = [await home.desk(), await home.desk('desk2')];
  officer = await Desk.login(home, { url: urls[0], name: 'sok' });
});
after(() => home?.stop());

const done = async (desk, id, change) => {
  const { status, body } = await desk.do(id, change);
  assert.equal(status, 200, JSON.stringify(body));
  return body.now;
};
/** Of the events of who listens, the one that says so. */
async function waiting(events, test) {
  let data;
  await until('consoles are told', async () => {
    data = await events.next('waiting');
    return test(data);
  }, 60000);
  return data;
}
async function ask(story) {
  await home.form({ story, now: '2' }, { lang: 'en' }); // danger in a day or two: P2
  const { id } = await officer.row((row) => row.version >= 2, `view=open&q=${encodeURIComponent(story)}`);
  await officer.take(id);
  await done(officer, id, { event: 'ESCALATE' });
  return id;
}

test('a supervisor is asked and none listens: officers are told, and somebody is woken', async () => {
  const events = await officer.events();
  const id = await ask('the lorry leaves the red harbour');
  const told = await waiting(events, ({ asked }) => asked === 1);
  assert.equal(told.supervisor, false);
  assert.ok(!told.ids.includes(id), 'it is nothing that officers ring for');
  await until('somebody is woken', () => woken().some((line) => /^asked 0 supervisor 1 \d+ -$/.test(line)), 60000);
  assert.ok(woken().every((line) => !/lorry|harbour/.test(line)));
  events.close();
});

test('a supervisor who logs in hears it at once, at any desk, until one of them has it', async () => {
  const [row] = (await officer.queue('view=open&q=red+harbour')).rows;
  const events = await officer.events();
  const one = await Desk.login(home, { url: urls[0], name: 'srey' });
  const other = await Desk.login(home, { url: urls[1], name: 'dara' });
  const heard = [await one.events(), await other.events()];
  for (const each of heard) {
    const { n, ids, asked } = await waiting(each, (data) => data.asked === 1);
    assert.deepEqual([n, asked, ids], [1, 1, [row.id]]);
  }
  await waiting(events, ({ supervisor }) => supervisor); // officers see that it is heard
  await done(one, row.id, { event: 'TAKE_OVER', reason: 'I look at it' });
  for (const each of [...heard, events]) await waiting(each, ({ n, asked }) => n === 0 && asked === 0);
  // left again without a word: it is still to be decided
  await done(one, row.id, { event: 'RELEASE' });
  for (const each of heard) await waiting(each, ({ ids }) => ids.includes(row.id));
  assert.equal((await officer.do(row.id, { event: 'DECIDE_TRIAGE' })).status, 409);
  await done(other, row.id, { event: 'DECIDE_TRIAGE' });
  for (const each of heard) await waiting(each, ({ n, asked }) => n === 0 && asked === 0);
  for (const each of [...heard, events]) each.close();
});

test('an officer does not end it by claiming it', async () => {
  const one = await Desk.login(home, { url: urls[0], name: 'srey' });
  const events = await one.events();
  const id = await ask('the lorry leaves the blue harbour');
  await waiting(events, ({ ids }) => ids.includes(id));
  const colleague = await Desk.login(home, { url: urls[1], name: 'bopha' });
  await done(officer, id, { event: 'RELEASE' });
  await until('the other desk knows it', async () => {
    const { rows: [row] } = await colleague.queue('view=open&q=blue+harbour');
    return row?.state === 'ESCALATED' && row.owner === null;
  });
  const { version } = await done(colleague, id, { event: 'CLAIM' });
  await one.row((row) => row.id === id && row.version >= version, 'view=open&q=blue+harbour');
  const again = await one.events(); // begins with what rings
  assert.ok((await again.next('waiting')).ids.includes(id));
  again.close();
  events.close();
});
