// SPDX-License-Identifier: AGPL-3.0-or-later
// `tipline setup` where there are several Redis: the first host, which is the
// team's, and those of the replicas, which make no other team.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { build } from './lib/home.mjs';
import { dir, image, one, setup, tree, users } from './lib/image.mjs';

after(() => fs.rmSync(dir, { recursive: true }));

test('a team\'s host with a replica and a Sentinel gets their users, addresses and drop-ins', async () => {
  const keys = path.join(dir, 'keys-of-desk');
  execFileSync(`${build}/tipline`, ['keygen', '--cheap', keys], { env: { ...process.env, TIPLINE_PASSPHRASE_FILE: `${dir}/pass` } });
  const at = image();
  const { status, said } = await setup(`host = desk
officer = reader
desk_folder = /srv/desk
keys = ${keys}
redis_listen = 10.9.0.1:6379
redis_network = 10.9.0.0/24
sentinel_listen = 10.9.0.1:26379
maxmemory = 2gb
`, '--root', at);
  assert.equal(status, 0, said);
  const made = tree(at);
  assert.deepEqual(users(made['etc/tipline/redis/users.acl'][1]),
    ['default', 'relay', 'desk', 'janitor', 'admin', 'replica', 'sentinel']);
  const redis = made['var/lib/tipline-redis/redis.conf'];
  assert.equal(redis[0], '600');
  for (const line of [/^bind 10\.9\.0\.1$/m, /^port 6379$/m, /^appendfsync always$/m, /^maxmemory 2gb$/m, /^maxmemory-policy noeviction$/m,
    new RegExp(`^masterauth ${made['etc/tipline/redis/replica.pass'][1].trim()}$`, 'm')]) assert.match(redis[1], line);
  const sentinel = made['var/lib/tipline-sentinel/sentinel.conf'];
  assert.equal(sentinel[0], '600');
  assert.match(sentinel[1], /^sentinel monitor tipline 10\.9\.0\.1 6379 2$/m);
  assert.match(sentinel[1], /^dir \/var\/lib\/tipline-sentinel$/m);
  for (const unit of ['redis', 'sentinel']) {
    assert.match(made[`etc/systemd/system/tipline-${unit}.service.d/network.conf`][1], /^IPAddressAllow=10\.9\.0\.0\/24$/m);
  }
  assert.match(made['etc/systemd/system/tipline-redis.service.d/memory.conf'][1], /^MemoryMax=6G$/m);
  assert.match(made['etc/stunnel/tipline.conf'][1], /^accept = 6400$/m);
  assert.equal(made['etc/stunnel/tipline.key'][0], '600');
  assert.match(said, /copy .*tipline\.pem to the other host/i);
  assert.ok(!('etc/tipline/keys/intake.key' in made));
});

/** What the second host of Redis is answered, and with it a folder of the first one's passwords. */
function replica(keys, more = '') {
  const passwords = path.join(dir, 'passwords');
  fs.mkdirSync(passwords, { recursive: true });
  for (const name of ['relay', 'desk', 'admin', 'janitor', 'replica', 'sentinel', 'peer', 'watch']) {
    fs.writeFileSync(`${passwords}/${name}.pass`, `${name.padEnd(48, '0')}\n`, { mode: 0o600 });
  }
  return `host = desk
keys = ${keys}
redis_listen = 10.9.0.2:6379
redis_network = 10.9.0.0/24
redis_master = 10.9.0.1:6379
redis_passwords = ${passwords}
sentinel_listen = 10.9.0.2:26379
${more}`;
}

test('a replica makes no new team', async () => {
  for (const more of [[], ['--dry-run']]) {
    const at = image();
    const { status, said } = await setup(replica('new', 'officer = reader\ndesk_folder = /srv/desk\n'), '--root', at, ...more);
    assert.equal(status, 1, said);
    assert.match(said, /^setup: keys: new would make another team/m);
    assert.ok(!fs.existsSync(`${at}/etc/tipline`));
    assert.ok(!fs.existsSync(`${at}/root/tipline-keys`));
  }
});

test('a replica alone has its Redis, its Sentinel and no key of the team', async () => {
  const at = image();
  const { status, said } = await setup(replica('none'), '--root', at);
  assert.equal(status, 0, said);
  const made = tree(at);
  const names = Object.keys(made);
  assert.deepEqual(names.filter((name) => /ring|\.key$|\.pub$|ledger|desk\.conf|team\.list/.test(name)), ['etc/stunnel/tipline.key']);
  assert.match(made['var/lib/tipline-redis/redis.conf'][1], /^replicaof 10\.9\.0\.1 6379$/m);
  assert.match(made['var/lib/tipline-sentinel/sentinel.conf'][1], /^sentinel monitor tipline 10\.9\.0\.1 6379 2$/m);
  assert.match(made['etc/tipline/tipline.conf'][1], /^janitor_password_file = /m);
  for (const name of ['relay', 'desk']) assert.equal(made[`etc/tipline/redis/${name}.pass`][1], `${name.padEnd(48, '0')}\n`);
  const again = await setup(replica('none'), '--root', at);
  assert.equal(again.status, 0, again.said);
  assert.deepEqual(tree(at), made);
  // no officer there, and nowhere else is a host without keys of any use
  assert.match((await setup(replica('none', 'officer = reader\n'), '--root', image())).said, /officer: is not for a host that is desk with keys = none/);
  const first = replica('none').replace(/^redis_master.*\n/m, '');
  for (const answers of [first, `${one.replace(/^officer.*\n|^desk_folder.*\n/gm, '')}keys = none\n`]) {
    const refused = await setup(answers, '--root', image());
    assert.equal(refused.status, 1, refused.said);
    assert.match(refused.said, /keys: none is for a host = desk with a redis_master/);
  }
});
