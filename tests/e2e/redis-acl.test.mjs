// SPDX-License-Identifier: AGPL-3.0-or-later
// Who may do what in Redis, command by command: the exact rights of each user
// of the shipped file, over every command and subcommand that the server has.
// A new command that somebody is allowed is a failure.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Redis } from '../lib/redis.mjs';

const keys = ['tips', 'receipts', 'mail', 'events', 'desk:x', 'desk:mail:x', 'other'];
const always = 'auth hello quit reset'; // cannot be denied
const cases = 'hset hsetnx hget hmget hgetall hdel hexists hlen hscan '
  + 'zadd zrem zscore zrange zcard zcount del watch';
const look = 'xgroup|create xgroup|setid xinfo|stream xinfo|groups xinfo|consumers xlen xpending';

const rights = {
  relay: { everywhere: 'ping wait memory|stats', tips: 'xadd', receipts: 'xread', mail: 'xread' },
  desk: {
    everywhere: 'ping wait multi exec discard unwatch',
    tips: 'xadd xreadgroup xack xautoclaim xpending xinfo|groups xinfo|consumers',
    receipts: 'xadd', mail: 'xadd xdel', events: 'xadd xread', 'desk:x': cases,
    'desk:mail:x': `${cases} expire`,
  },
  janitor: {
    everywhere: 'ping wait', tips: 'xtrim xpending xinfo|groups',
    receipts: 'xtrim', mail: 'xtrim', events: 'xtrim',
  },
  admin: {
    everywhere: 'ping wait info role acl|load acl|list acl|log acl|dryrun acl|whoami '
      + 'client|list bgrewriteaof lastsave dbsize config|get',
    tips: look, receipts: look, mail: look, events: look,
  },
  replica: { everywhere: 'ping psync replconf' },
  sentinel: {
    everywhere: 'ping info role multi exec slaveof config|rewrite client|setname client|kill script|kill',
  },
};

// commands whose keys do not stand where their number of arguments says
const forms = {
  xread: (k) => ['STREAMS', k, '0'],
  xreadgroup: (k) => ['GROUP', 'g', 'c', 'STREAMS', k, '>'],
  eval: (k) => ['return 1', '1', k],
  eval_ro: (k) => ['return 1', '1', k],
  evalsha: (k) => ['0'.repeat(40), '1', k],
  evalsha_ro: (k) => ['0'.repeat(40), '1', k],
  fcall: (k) => ['f', '1', k],
  fcall_ro: (k) => ['f', '1', k],
  zunionstore: (k) => [k, '1', k],
  zinterstore: (k) => [k, '1', k],
  zdiffstore: (k) => [k, '1', k],
  zunion: (k) => ['1', k],
  zinter: (k) => ['1', k],
  zdiff: (k) => ['1', k],
  zintercard: (k) => ['1', k],
  sintercard: (k) => ['1', k],
  lmpop: (k) => ['1', k, 'LEFT'],
  blmpop: (k) => ['0', '1', k, 'LEFT'],
  zmpop: (k) => ['1', k, 'MIN'],
  bzmpop: (k) => ['0', '1', k, 'MIN'],
  migrate: (k) => ['host', '1', k, '0', '1'],
};

let redis;
let commands;

/** [name, arity, has keys] of all commands and subcommands. */
function flatten(list) {
  return list.flatMap((c) => {
    const subs = flatten(c[9] ?? []);
    const hasKeys = c[3] > 0 || (c[8] ?? []).length > 0;
    return [...(subs.length > 0 ? [] : [[c[0].toString(), c[1], hasKeys]]), ...subs];
  });
}

function argsFor([name, arity], key) {
  const words = name.split('|');
  if (forms[name]) return [...words, ...forms[name](key)];
  const most = Math.abs(arity);
  return [...words, ...Array(Math.max(0, most - words.length)).fill(key)];
}

before(async () => {
  redis = await Redis.start({ users: ['janitor', 'replica', 'sentinel'] });
  commands = flatten(await redis.root.do('COMMAND'));
});
after(() => redis?.stop());

test('the list of commands is that of the Redis we know', () => {
  assert.ok(commands.length > 330, `${commands.length} commands`);
  for (const name of ['xadd', 'flushall', 'config|set', 'acl|setuser', 'debug', 'eval']) {
    assert.ok(commands.some((c) => c[0] === name), name);
  }
});

for (const [user, want] of Object.entries(rights)) {
  test(`${user} may do exactly what the table says`, async () => {
    const allowed = {};
    for (const key of keys) {
      const replies = await Promise.all(commands.map((c) =>
        redis.root.ask('ACL', 'DRYRUN', user, ...argsFor(c, key))));
      allowed[key] = commands.filter((c, i) => {
        const reply = replies[i];
        assert.ok(!(reply instanceof Error), `${c[0]}: ${reply.message}`);
        return reply === 'OK';
      }).map((c) => c[0]).sort();
    }
    for (const key of keys) {
      const expected = `${always} ${want.everywhere} ${want[key] ?? ''}`.trim().split(/\s+/).sort();
      assert.deepEqual(allowed[key], expected, key);
    }
  });
}

test('two keys in one command need the right for both', async () => {
  for (const [user, ...args] of [
    ['relay', 'XREAD', 'STREAMS', 'receipts', 'tips', '0', '0'],
    ['relay', 'XREAD', 'STREAMS', 'tips', 'receipts', '0', '0'],
    ['desk', 'XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'tips', 'receipts', '>', '>'],
    ['desk', 'WATCH', 'desk:x', 'tips'],
  ]) {
    assert.notEqual(await redis.root.do('ACL', 'DRYRUN', user, ...args), 'OK', args.join(' '));
  }
  assert.equal(await redis.root.do('ACL', 'DRYRUN', 'relay', 'XREAD', 'STREAMS', 'receipts', 'mail', '0', '0'), 'OK');
});

test('the relay cannot read, take or destroy a tip, tried live', async () => {
  const relay = await redis.as('relay');
  const entry = await relay.do('XADD', 'tips', '*', 'id', 'a', 'r', 'sealed');
  await redis.root.do('XGROUP', 'CREATE', 'tips', 'probe', '0');
  for (const args of [
    ['XREAD', 'STREAMS', 'tips', '0'], ['XRANGE', 'tips', '-', '+'], ['XREVRANGE', 'tips', '+', '-'],
    ['XREADGROUP', 'GROUP', 'probe', 'c', 'STREAMS', 'tips', '>'],
    ['XAUTOCLAIM', 'tips', 'probe', 'c', '0', '0-0'], ['XCLAIM', 'tips', 'probe', 'c', '0', entry],
    ['XACK', 'tips', 'probe', entry], ['XLEN', 'tips'], ['XINFO', 'STREAM', 'tips'], ['XDEL', 'tips', entry],
    ['XTRIM', 'tips', 'MAXLEN', '0'], ['XSETID', 'tips', '9-9'], ['XGROUP', 'CREATE', 'tips', 'x', '0'],
    ['XADD', 'receipts', '*', 'a', 'b'], ['XADD', 'mail', '*', 'a', 'b'], ['XADD', 'events', '*', 'a', 'b'],
    ['XADD', 'desk:x', '*', 'a', 'b'], ['KEYS', '*'], ['SCAN', '0'], ['DEL', 'tips'], ['UNLINK', 'tips'],
    ['EXPIRE', 'tips', '1'], ['RENAME', 'tips', 'x'], ['COPY', 'tips', 'x'], ['DUMP', 'tips'],
    ['RESTORE', 'tips', '0', 'x'], ['OBJECT', 'ENCODING', 'tips'], ['TYPE', 'tips'], ['SORT', 'tips'],
    ['MEMORY', 'USAGE', 'tips'], ['MULTI'], ['EVAL', 'return 1', '0'], ['SCRIPT', 'LOAD', 'return 1'],
    ['FUNCTION', 'LIST'], ['FCALL', 'f', '0'], ['INFO'], ['CONFIG', 'GET', '*'], ['CLIENT', 'LIST'], ['MONITOR'],
    ['ACL', 'WHOAMI'], ['SELECT', '0'], ['SWAPDB', '0', '0'], ['FLUSHALL'], ['FLUSHDB'], ['SUBSCRIBE', 'x'],
    ['PUBLISH', 'x', 'y'], ['PSYNC', '?', '-1'], ['REPLICAOF', 'NO', 'ONE'], ['ROLE'], ['SAVE'], ['SHUTDOWN'],
    ['DEBUG', 'SLEEP', '0'], ['COMMAND'], ['GET', 'tips'], ['SET', 'tips', 'x'],
  ]) {
    const reply = await relay.ask(...args);
    assert.ok(reply instanceof Error && /^NOPERM|^ERR DEBUG command not allowed/.test(reply.message), `${args.join(' ')}: ${reply}`);
  }
  assert.equal(await redis.root.do('XLEN', 'tips'), 1);
  relay.close();
});

test('the desk adds what officers log, and cannot read around its group, delete or rename a tip, tried live', async () => {
  const desk = await redis.as('desk');
  for (const args of [
    ['XTRIM', 'tips', 'MAXLEN', '0'], ['XDEL', 'tips', '1-1'],
    ['XRANGE', 'tips', '-', '+'], ['XREAD', 'STREAMS', 'tips', '0'], ['XLEN', 'tips'],
    ['XCLAIM', 'tips', 'g', 'c', '0', '1-1'], ['XSETID', 'tips', '9-9'], ['XINFO', 'STREAM', 'tips'],
    ['XGROUP', 'CREATE', 'tips', 'x', '0'], ['XREAD', 'STREAMS', 'receipts', '0'],
    ['XREAD', 'STREAMS', 'mail', '0'], ['HSET', 'tips', 'a', 'b'], ['HSET', 'deskx', 'a', 'b'],
    ['DEL', 'tips'], ['DEL', 'events'], ['UNLINK', 'desk:x'], ['EXPIRE', 'desk:x', '1'], ['RENAME', 'desk:x', 'desk:y'],
    ['SET', 'desk:x', '1'], ['GET', 'desk:x'], ['KEYS', '*'], ['SCAN', '0'],
    ['ZRANGESTORE', 'desk:a', 'desk:b', '0', '1'], ['ZPOPMIN', 'desk:a'], ['XADD', 'desk:x', '*', 'a', 'b'],
    ['WATCH', 'tips'], ['EVAL', 'return 1', '0'], ['INFO'], ['CONFIG', 'GET', '*'], ['CLIENT', 'LIST'],
    ['PUBLISH', 'x', 'y'], ['FLUSHALL'],
  ]) {
    const reply = await desk.ask(...args);
    assert.ok(reply instanceof Error && reply.message.startsWith('NOPERM'), `${args.join(' ')}: ${reply}`);
  }
  await desk.do('MULTI');
  await desk.do('HSET', 'desk:x', 'state', 'open');
  assert.ok(await desk.ask('XDEL', 'tips', '1-1') instanceof Error);
  assert.match((await desk.ask('EXEC')).message, /^EXECABORT/);
  await desk.do('MULTI');
  for (const args of [['HSET', 'desk:x', 'state', 'open'], ['ZADD', 'desk:z', '1', 'x'],
    ['XADD', 'receipts', '*', 'a', 'b'], ['XADD', 'mail', '*', 'a', 'b'], ['XADD', 'events', '*', 'a', 'b']]) {
    assert.equal(await desk.do(...args), 'QUEUED');
  }
  assert.equal((await desk.do('EXEC')).length, 5);
  desk.close();
});

test('nobody gets in as the default user, or without a password', async () => {
  const nobody = await redis.as(undefined, '');
  assert.match((await nobody.ask('PING')).message, /^NOAUTH/);
  for (const args of [['AUTH', ''], ['AUTH', 'default', ''], ['AUTH', 'default', 'x'], ['AUTH', 'relay', '']]) {
    assert.ok(await nobody.ask(...args) instanceof Error, args.join(' '));
  }
  assert.match((await nobody.ask('XADD', 'tips', '*', 'a', 'b')).message, /^NOAUTH/);
  nobody.close();
});
