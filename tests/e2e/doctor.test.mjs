// SPDX-License-Identifier: AGPL-3.0-or-later
// `tipline doctor` looks at a Redis as it runs: each setting and each right
// that an operator can get wrong is planted, found, and its cure named; and at
// both configurations of a host. The other faults are planted in
// tests/unit/cli_doctor*.c.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build, root, until } from './lib/home.mjs';
import { Cluster } from '../lib/cluster.mjs';

let dir;
let server;
const conf = () => path.join(dir, 'redis.conf');
const users = () => path.join(dir, 'users.acl');
let good;

/** What it says of Redis, or of what else; the host that the tests run on is
 * not judged. */
function doctor(what = /Redis/) {
  return new Promise((resolve) => {
    execFile(`${build}/tipline`, ['-c', `${dir}/tipline.conf`, 'doctor'], (error, stdout, stderr) => {
      resolve(stderr.split('\n').filter((line) => what.test(line)));
    });
  });
}

async function start() {
  server = spawn('redis-server', [conf()], { stdio: 'ignore' });
  await until('Redis answers', async () => {
    const said = await doctor();
    return !said.some((line) => /cannot be reached/.test(line));
  });
}

async function stop() {
  if (!server) return;
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
  server = undefined;
}

/** Start it with other files, hear the doctor, put the files back. */
async function planted(file, from, to) {
  await stop();
  const text = fs.readFileSync(file, 'utf8');
  const changed = text.replace(from, to);
  assert.notEqual(changed, text);
  fs.writeFileSync(file, changed);
  await start();
  const said = await doctor();
  await stop();
  fs.writeFileSync(file, text);
  return said;
}

before(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-doctor-'));
  execFileSync(`${root}/tools/redis-home`, [dir]);
  fs.writeFileSync(`${dir}/tipline.conf`, `[redis]
socket = ${dir}/redis.sock
admin_password_file = admin.pass
`);
});
after(async () => {
  await stop();
  fs.rmSync(dir, { recursive: true });
});

test('a good Redis is passed in silence', async () => {
  await start();
  assert.deepEqual(await doctor(), []);
});

test('one that does not run, or refuses the password, is said', async () => {
  await stop();
  assert.match((await doctor()).join(), /cannot be reached: is tipline-redis running/);
  await start();
  const password = fs.readFileSync(`${dir}/admin.pass`);
  fs.writeFileSync(`${dir}/admin.pass`, 'wrong\n');
  assert.match((await doctor()).join(), /refuses the administrator's password: compare admin\.pass/);
  fs.writeFileSync(`${dir}/admin.pass`, password);
});

for (const [from, to, said] of [
  [/^appendonly yes/m, 'appendonly no', /keeps nothing over a restart/],
  [/^appendfsync always/m, 'appendfsync everysec', /says "kept" before it is on disk/],
  [/^no-appendfsync-on-rewrite no/m, 'no-appendfsync-on-rewrite yes', /does not sync while it rewrites/],
  [/^aof-load-truncated no/m, 'aof-load-truncated yes', /drops a torn end/],
  [/^maxmemory .*/m, 'maxmemory 0', /takes memory until the host has none/],
  [/^maxmemory-policy noeviction/m, 'maxmemory-policy allkeys-lru', /throws tips away/],
  [/^slowlog-max-len 0/m, 'slowlog-max-len 128', /keeps arguments/],
  [/^enable-debug-command no/m, 'enable-debug-command yes', /for its makers/],
]) {
  test(`found in its settings: ${to}`, async () => {
    const lines = await planted(conf(), from, to);
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.match(lines[0], said);
    assert.match(lines[0], /set it as in the shipped tipline-redis\.conf and restart/);
  });
}

for (const [name, from, to, said] of [
  ['default has a password-less way in', /^user default off resetpass/m, 'user default on nopass', /lets in whoever gives no password/],
  ['default has no rights', /^(user default .*)\+@write \+@transaction \+select$/m, '$1', /forgets transactions when it is restarted/],
  ['the relay reads tips', /^(user relay .*) -@all \+xadd/m, '$1 %RW~tips -@all +xrange +xadd', /lets the relay read tips/],
  ['the relay may flush', /^(user relay .*) \+ping /m, '$1 +ping +flushall ', /lets the relay empty it/],
  ['the desk adds no calls', /^(user desk .*\(~tips resetchannels -@all )\+xadd /m, '$1', /does not let the desk add calls/],
  ['the desk takes tips out', /^(user desk .*\(~tips resetchannels -@all )/m, '$1+xdel ', /lets the desk take tips out/],
  ['the desk keeps for good whom it wrote to', / \(%W~desk:mail:\* resetchannels -@all \+expire\)/, '', /does not let the desk forget whom it wrote to/],
  ['the desk cannot read', / \+xreadgroup/, '', /does not let the desk fetch tips/],
]) {
  test(`found in its rights: ${name}`, async () => {
    const lines = await planted(users(), from, to);
    assert.ok(lines.length >= 1, 'nothing was found');
    for (const line of lines) {
      assert.match(line, said);
      assert.match(line, /take the lines of the shipped users\.acl\.in/);
    }
  });
}

test('replicas that are missing are found', async () => {
  const cluster = await Cluster.start({ replicas: 1, sentinels: 1, down_after_ms: 600000 }); // a busy machine is silent for a second
  const hear = async (i, n) => {
    fs.writeFileSync(`${dir}/tipline.conf`, `[redis]\nsocket = ${cluster.nodes[i].socket}
admin_password_file = ${cluster.nodes[i].dir}/admin.pass\nreplicas = ${n}\n`);
    return doctor(/Redis (has|could)/);
  };
  const before = fs.readFileSync(`${dir}/tipline.conf`);
  try {
    assert.deepEqual(await hear(0, 0), []);
    await until('the replica follows', async () => (await hear(0, 1)).length === 0);
    assert.match((await hear(0, 2)).join(), /Redis has 1 of its 2 replicas \(redis\.replicas\): see journalctl -u tipline-redis/);
    // one that follows has none, and need not
    assert.deepEqual(await hear(1, 1), []);
    await cluster.kill(cluster.nodes[1]);
    await until('the loss is seen', async () => /Redis has 0 of its 1 replicas/.test((await hear(0, 1)).join()));
  } finally {
    fs.writeFileSync(`${dir}/tipline.conf`, before);
    await cluster.stop();
  }
});

test("the console's configuration beside it is looked at too", async () => {
  const keys = `${dir}/keys`;
  const ours = /others could|belongs to|desk\.conf/;
  fs.writeFileSync(`${dir}/pass`, 'a passphrase for tests\n', { mode: 0o600 });
  execFileSync(`${build}/tipline`, ['keygen', '--cheap', keys], { env: { ...process.env, TIPLINE_PASSPHRASE_FILE: `${dir}/pass` } });
  fs.mkdirSync(`${dir}/ledger`, { mode: 0o700 });
  const desk = `[redis]
socket = ${dir}/redis.sock
[desk]
team_ring = keys/team.ring
receipt_key = keys/receipt.key
signing_key = keys/desk.key
intake_keys = keys/intake.pub keys/desk.pub
ledger = ledger
`;
  fs.writeFileSync(`${dir}/desk.conf`, desk);
  assert.deepEqual(await doctor(ours), []);
  for (const [file, option] of [['team.ring', 'team_ring'], ['receipt.key', 'receipt_key'], ['desk.key', 'signing_key']]) {
    fs.chmodSync(`${keys}/${file}`, 0o644);
    const said = await doctor(ours);
    assert.deepEqual(said.map((line) => line.replace(/^.*desk\.conf: /, '')),
      [`desk.${option}: ${keys}/${file}: others could read this key; run chmod 600 on it`]);
    fs.chmodSync(`${keys}/${file}`, 0o600);
  }
  fs.writeFileSync(`${dir}/desk.conf`, `${desk}sortof = x\n`);
  assert.match((await doctor(ours)).join(), /desk\.conf:9/);
  fs.rmSync(`${dir}/desk.conf`);
});

test('a desk that logs in as another user is asked by its name', async () => {
  await stop();
  const text = fs.readFileSync(users(), 'utf8');
  const of = (name) => text.match(/^user desk .*$/m)[0].replace(/^user desk/, `user ${name}`);
  const hear = async (rules, main) => {
    fs.writeFileSync(users(), text.replace(/^user desk .*$/m, rules));
    fs.writeFileSync(`${dir}/tipline.conf`, `[redis]\nsocket = ${dir}/redis.sock\nadmin_password_file = admin.pass\n${main}`);
    await start();
    const said = await doctor();
    await stop();
    return said;
  };
  // nobody says what desks are called, and none is called desk
  assert.deepEqual(await hear(of('north'), ''), []);
  assert.deepEqual(await hear(of('north'), 'desk_user = north\n'), []);
  assert.match((await hear(of('desk'), 'desk_user = north\n')).join(), /^[^\n]*knows no user north: take the lines of the shipped users\.acl\.in[^\n]*$/);
  const wrong = of('north').replace('(~tips resetchannels -@all ', '(~tips resetchannels -@all +xdel ');
  assert.match((await hear(wrong, 'desk_user = north\n')).join(), /lets the desk take tips out \(user north, XDEL\)/);
  // the console's own configuration says it too
  const keys = `${dir}/keys`;
  fs.writeFileSync(`${dir}/desk.conf`, `[redis]
socket = ${dir}/redis.sock
desk_user = north
[desk]
team_ring = ${keys}/team.ring
receipt_key = ${keys}/receipt.key
intake_keys = ${keys}/intake.pub
ledger = ${dir}/ledger
`);
  assert.match((await hear(of('desk'), '')).join(), /knows no user north/);
  assert.match((await hear(wrong, '')).join(), /user north, XDEL/);
  fs.rmSync(`${dir}/desk.conf`);
  fs.writeFileSync(users(), text);
});

test("the administrator's password is for root alone", async () => {
  fs.chmodSync(`${dir}/admin.pass`, 0o644);
  const said = await doctor(/admin/);
  fs.chmodSync(`${dir}/admin.pass`, 0o600);
  assert.match(said.join(), /redis\.admin_password_file: .*others could read this secret; run chmod 600/);
});
