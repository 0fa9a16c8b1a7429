// SPDX-License-Identifier: AGPL-3.0-or-later
// A Redis that was killed knows afterwards all that it knew before. Needs the
// rights of the default user, who can do nothing else (redis/users.acl.in):
// with them taken away the same test sees the loss.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redis } from '../lib/redis.mjs';

const text = (value) => JSON.stringify(value, (key, v) => (v?.type === 'Buffer' ? Buffer.from(v.data).toString('latin1') : v));

/** All that there is, but for what depends on the time. */
async function stateOf({ root }) {
  const state = {};
  for (const key of (await root.do('KEYS', '*')).map(String).sort()) {
    const type = await root.do('TYPE', key);
    if (type === 'stream') {
      state[key] = [text(await root.do('XRANGE', key, '-', '+'))];
      for (const group of await root.do('XINFO', 'GROUPS', key)) {
        const name = group[1].toString();
        const pending = await root.do('XPENDING', key, name, '-', '+', '1000');
        // entries-read and lag are statistics, which 7.0 does not keep
        state[key].push(name, group[7].toString(), text(pending.map((p) => [p[0], p[1], p[3]])));
      }
    } else if (type === 'hash') {
      state[key] = text((await root.do('HGETALL', key)).map(String));
    } else {
      state[key] = text(await root.do('ZRANGE', key, '0', '-1', 'WITHSCORES'));
    }
  }
  return state;
}

/** A day of the desk: taken, claimed, receipted, changed in one transaction. */
async function work(redis) {
  const relay = await redis.as('relay');
  const desk = await redis.as('desk');
  await redis.root.do('XGROUP', 'CREATE', 'tips', 'officers', '0', 'MKSTREAM');
  for (let i = 0; i < 8; i++) await relay.do('XADD', 'tips', '*', 'id', `id${i}`, 'r', 'sealed');
  await desk.do('XREADGROUP', 'GROUP', 'officers', 'dead', 'COUNT', '4', 'STREAMS', 'tips', '>');
  await desk.do('XAUTOCLAIM', 'tips', 'officers', 'desk1', '0', '0-0', 'COUNT', '2');
  const [[, entries]] = await desk.do('XREADGROUP', 'GROUP', 'officers', 'desk1', 'COUNT', '2', 'STREAMS', 'tips', '>');
  await desk.do('XADD', 'receipts', '*', 'id', 'id4', 'h', 'h', 's', 's');
  await desk.do('XACK', 'tips', 'officers', entries[0][0]);
  await desk.do('MULTI');
  await desk.do('HSET', 'desk:case:1', 'state', 'open', 'version', '1');
  await desk.do('ZADD', 'desk:open', '1', 'case1');
  await desk.do('XADD', 'mail', '*', 'id', 'm', 'r', 'sealed');
  await desk.do('XADD', 'events', '*', 'e', 'opened');
  await desk.do('EXEC');
  relay.close();
  desk.close();
}

async function beforeAndAfterKill(options) {
  const redis = await Redis.start(options);
  try {
    await work(redis);
    const before = await stateOf(redis);
    redis.log = '';
    await redis.kill('SIGKILL');
    await redis.run();
    return { before, after: await stateOf(redis), log: redis.log };
  } finally {
    await redis.stop();
  }
}

test('a killed Redis knows afterwards what it knew before', async () => {
  const { before, after, log } = await beforeAndAfterKill();
  assert.deepEqual(Object.keys(before), ['desk:case:1', 'desk:open', 'events', 'mail', 'receipts', 'tips']);
  assert.deepEqual(after, before);
  assert.doesNotMatch(log, /AOF-loading-client/);
});

test('without the rights of the default user it would forget', async () => {
  const { before, after, log } = await beforeAndAfterKill({
    acl: (acl) => acl.replace(/^user default .*$/m, 'user default off resetpass resetkeys resetchannels -@all'),
  });
  assert.notDeepEqual(after, before);
  assert.match(log, /AOF-loading-client/);
});

test('an operator who makes the home anew keeps passwords and data', async () => {
  const redis = await Redis.start();
  try {
    await work(redis);
    const before = await stateOf(redis);
    const password = redis.password('relay');
    await redis.kill('SIGTERM');
    const again = await Redis.start({ dir: redis.dir });
    redis.child = again.child;
    assert.equal(again.password('relay'), password);
    assert.deepEqual(await stateOf(again), before);
    again.root.close();
  } finally {
    await redis.stop();
  }
});
