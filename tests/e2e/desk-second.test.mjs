// SPDX-License-Identifier: AGPL-3.0-or-later
// A second desk, made as docs/OPERATIONS.md says it: a user of Redis, a group
// and a signing key of its own. Each desk believes what the other one changed,
// and either can be shut out of Redis without the other.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { Home, build, freePort, root, until } from './lib/home.mjs';

let home;
let first;
let second;

const make = () => execFileSync(`${root}/tools/redis-home`, ['--users', path.join(home.dir, 'redis'), 'desk-two']);
const lines = (user) => fs.readFileSync(path.join(home.dir, 'redis/users.acl'), 'utf8').split('\n')
  .filter((line) => line.startsWith(`user ${user} `)).map((line) => line.replace(/^user \S+ on #[0-9a-f]{64} /, ''));

before(async () => {
  home = await Home.start();
  for (const name of ['sok', 'dara']) await Desk.add(home, name);
  make();
  await home.redis('ACL', 'LOAD');
  await home.redis('XGROUP', 'CREATE', 'tips', 'officers-two', '0', 'MKSTREAM');
  const two = path.join(home.dir, 'two');
  execFileSync(`${build}/tipline`, ['keygen', '--cheap', two], { env: { ...process.env, TIPLINE_PASSPHRASE_FILE: path.join(home.dir, 'officer.pass') } });
  const text = fs.readFileSync(home.conf, 'utf8')
    .replace('intake_keys = keys/intake.pub keys/desk.pub', 'intake_keys = keys/intake.pub keys/desk.pub two/desk.pub');
  fs.writeFileSync(home.conf, text.replace('signing_key = keys/desk.key', 'signing_key = keys/desk.key\ncase_keys = two/desk.pub'));
  const port = await freePort();
  home.conf2 = path.join(home.dir, 'desk2.conf');
  fs.writeFileSync(home.conf2, text
    .replace('\n[redis]\n', '\n[redis]\ndesk_user = desk-two\ndesk_group = officers-two\n')
    .replace('\nadmin_password_file = redis/admin.pass\n', '\n')
    .replace('redis/desk.pass', 'redis/desk-two.pass')
    .replace('\n[desk]\n', '\n[desk]\nname = desk2\n')
    .replace('signing_key = keys/desk.key', 'signing_key = two/desk.key\ncase_keys = keys/desk.pub')
    .replace('ledger = ledger\n', 'ledger = ledger2\n')
    .replace(`listen = 127.0.0.1:${home.deskPort}`, `listen = 127.0.0.1:${port}`));
  fs.mkdirSync(path.join(home.dir, 'ledger2'), { mode: 0o700 });
  execFileSync(`${build}/tipline`, ['-c', home.conf2, 'check', 'desk']);
  const url = await home.desk();
  await home.run('desk2');
  first = await Desk.login(home, { url, name: 'sok' });
  await until('the second desk takes who logs in', async () => {
    second = await Desk.login(home, { url: `https://127.0.0.1:${port}`, name: 'dara' }).catch(() => undefined);
    return second !== undefined;
  }, 60000);
});
after(() => home?.stop());

test('a further desk has the rights of the first, by a password of its own', () => {
  assert.deepEqual(lines('desk-two'), lines('desk'));
  assert.equal(lines('desk').length, 1);
});

test('what one desk changes the other believes, and both have every tip', async () => {
  for (const story of ['of the first', 'of the second']) assert.equal((await home.form({ story }, { lang: 'en' })).status, 200);
  const rows = await until('both have both', async () => {
    const both = [(await first.queue()).rows, (await second.queue()).rows];
    return both.every((found) => found.length === 2 && found.every((row) => row.state === 'NEW')) && both[0];
  }, 120000);
  for (const [i, [desk, other]] of [[first, second], [second, first]].entries()) {
    await desk.take(rows[i].id);
    await until('the other desk has it so', async () => (await other.queue()).rows
      .some((row) => row.id === rows[i].id && row.owner === desk.name && row.state === 'TRIAGE' && !row.flags.includes('altered')), 60000);
  }
  for (const name of ['desk', 'desk2']) assert.doesNotMatch(home.log(name), /E63[0-3]/);
});

test('replies go out again beside a desk that runs', async () => {
  await first.get('/api/queue');
  const { stderr } = await home.tipline('reply', '--again');
  assert.doesNotMatch(stderr, /another program/);
});

test('one is shut out of Redis, and the other works on', async () => {
  fs.rmSync(path.join(home.dir, 'redis/desk-two.pass'));
  make(); // another password, which this desk has not got
  await home.redis('ACL', 'LOAD');
  assert.equal((await home.form({ story: 'of nobody else' }, { lang: 'en' })).status, 200);
  await until('the first has the third', async () => (await first.queue()).rows.length === 3, 60000);
  await until('the second is told', () => /E600|E607/.test(home.log('desk2')), 60000);
  assert.equal((await second.queue()).rows.length, 2);
});
