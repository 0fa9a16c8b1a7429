// SPDX-License-Identifier: AGPL-3.0-or-later
// Three Redis with three Sentinels, from the shipped files: relay and desk find
// the master and follow it, and nobody may do more than his part.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Home, until } from './lib/home.mjs';
import { Cluster } from '../lib/cluster.mjs';
import { Client } from '../lib/redis.mjs';

let cluster;
let home;

before(async () => {
  cluster = await Cluster.start();
  await cluster.ask(await cluster.master(), 'XGROUP', 'CREATE', 'tips', 'officers', '0', 'MKSTREAM');
  home = await Home.start({
    processes: ['spool', 'relay', 'intake'],
    edit: (conf) => conf.replace(/^\[redis\]\n(.+\n)*/m,
      `[redis]\n${cluster.conf('relay', { beside: true })}${cluster.conf('desk').split('\n').filter((l) => l.startsWith('desk_')).join('\n')}\n`),
  });
});
after(async () => {
  await home?.stop();
  await cluster?.stop();
});

const told = [];
async function send(n) {
  for (let i = 0; i < n; i++) {
    const story = `story ${told.length} ${Math.random()}`;
    const answer = await home.form({ story, now: '1' });
    assert.equal(answer.status, 200);
    told.push(story);
  }
}

async function allArriveOnce() {
  const tips = await home.inboxOf(told.length);
  assert.deepEqual(tips.map((tip) => tip.text).sort(), [...told].sort());
}

test('tips find their way to the master that the Sentinels name', async () => {
  await send(10);
  await allArriveOnce();
});

test('all replicas have a tip when WAIT says so, and none is missed', async () => {
  const replicas = cluster.nodes.filter((node) => node !== cluster.nodes[0]);
  for (const node of replicas) {
    // the desk reads from the master, and may be ahead
    const ids = await cluster.until('the replica has all', async () => {
      const entries = await cluster.ask(node, 'XRANGE', 'tips', '-', '+');
      // a tip whose receipt was late went a second time
      const some = new Set(entries.map(([, fields]) => fields[1].toString('hex')));
      return some.size >= 10 && some;
    });
    assert.equal(ids.size, 10);
  }
  assert.doesNotMatch(home.log('relay'), /replicas confirmed/);
});

test('a master that is killed is left for the next, without a loss', async () => {
  const old = await cluster.master();
  await cluster.kill(old);
  await send(20);
  await cluster.until('another master', async () => (await cluster.master() ?? old) !== old);
  await send(5);
  await allArriveOnce();
  await cluster.runNode(old);
  await cluster.whole();
  assert.match(String(await cluster.ask(old, 'INFO', 'replication')), /role:slave/);
});

// The relay stands beside the old master, which goes on as if nothing had
// happened: only the Sentinels tell.
test('a master that is cut off is left for the next, and forgotten tips go again', async () => {
  const old = await cluster.master();
  home.logs.relay.length = 0;
  old.proxy.cut();
  await send(20);
  await cluster.until('another master', async () => (await cluster.master() ?? old) !== old);
  await until('the relay has left it', () => /name another master/.test(home.log('relay')));
  await send(5);
  await allArriveOnce();
  old.proxy.heal();
});

test('without a majority of the Sentinels nothing is sent, and it is said', async () => {
  const [one, two] = cluster.sentinels;
  one.proxy.cut();
  two.proxy.cut();
  await home.kill('relay');
  await home.run('relay');
  await send(3);
  await until('the relay says so', () => /no majority of the Sentinels/.test(home.log('relay')));
  const status = await home.tipline('status').catch((error) => error);
  assert.match(status.stdout, /no majority of the Sentinels/);
  one.proxy.heal();
  two.proxy.heal();
  await allArriveOnce();
});

test('the Sentinels\' user watch may ask and hear, and nothing else', async () => {
  const [sentinel] = cluster.sentinels;
  const password = (user) => fs.readFileSync(path.join(cluster.sentinels[0].dir, `${user}.pass`), 'utf8').trim();
  const tryAll = async (user, commands) => {
    const client = await Client.open(sentinel.port, user, password(user));
    for (const args of commands) {
      const reply = await client.ask(...args);
      assert.ok(reply instanceof Error && reply.message.startsWith('NOPERM'), `${user} ${args.join(' ')}: ${reply}`);
    }
    client.close();
  };
  const everything = [['INFO'], ['ROLE'], ['CLIENT', 'LIST'], ['ACL', 'LIST'], ['SHUTDOWN'], ['SENTINEL', 'MASTERS'],
    ['SENTINEL', 'FAILOVER', 'tipline'], ['SENTINEL', 'RESET', '*'], ['SENTINEL', 'REMOVE', 'tipline'],
    ['SENTINEL', 'SET', 'tipline', 'quorum', '1'], ['SENTINEL', 'MONITOR', 'x', '1.2.3.4', '1', '1'],
    ['SENTINEL', 'CONFIG', 'GET', '*'], ['PSUBSCRIBE', '*'], ['SUBSCRIBE', '__sentinel__:hello']];
  await tryAll('watch', [...everything, ['PUBLISH', '+switch-master', 'tipline 1 1 2 2'],
    ['SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '127.0.0.1', '1', '0', '*']]);
  await tryAll('peer', [...everything.filter(([name]) => name !== 'SUBSCRIBE'), ['SUBSCRIBE', '+switch-master'],
    ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'tipline']]);
  const nobody = await Client.open(sentinel.port);
  assert.match((await nobody.ask('PING')).message, /^NOAUTH/);
  assert.ok(await nobody.ask('AUTH', 'default', '') instanceof Error);
  nobody.close();
  const conf = fs.readFileSync(path.join(sentinel.dir, 'sentinel.conf'), 'utf8');
  assert.match(conf, /^user watch on #[0-9a-f]{64} /m, 'it was written anew, and has its users');
});
