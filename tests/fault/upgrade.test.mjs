// SPDX-License-Identifier: AGPL-3.0-or-later
// An upgrade with a thousand tips on their way: the programs are replaced one
// after the other while reporters and gateways go on, over a spool that an
// earlier version wrote. Nothing that was acknowledged is lost or comes twice.
// That the port stays open meanwhile is systemd's part: `make test-boot`.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, Home, until } from '../e2e/lib/home.mjs';
import { collect, Load } from './lib/load.mjs';

const TIPS = 1000;
let home;
after(() => home?.stop());

const spoolFile = () => path.join(home.dir, 'spool/spool.db');
/** The version of the format, out of the file's head. */
const version = () => fs.readFileSync(spoolFile()).readUInt32BE(60);
/** What waits in the spool, or -1 while it is away. */
const waiting = async () => {
  try {
    return (await home.spooled()).records;
  } catch {
    return -1;
  }
};

/** As the earlier program left it: it was stopped, and its log is in its file. */
async function older(to) {
  await home.kill('spool', 'SIGTERM');
  const before = version();
  execFileSync(`${build}/tests/fault/spool_older`, [spoolFile(), String(to)]);
  assert.equal(version(), to);
  return before;
}

test('a thousand tips in a spool of each earlier version arrive, once', { timeout: 600000 }, async () => {
  home = await Home.start({ processes: ['redis', 'spool', 'intake'] });
  const load = new Load(home);
  // half of them wait before the upgrade, as if no relay had been there
  await load.send(TIPS / 2, { limit_ms: 300000 });
  const waited = await waiting();
  assert.ok(waited >= TIPS / 2, `${waited} wait`);
  // the other half comes while each program is replaced by the next version
  let upgrading = true;
  const stream = load.sendWhile(() => upgrading || load.acknowledged.size < TIPS, { pause_ms: 10, limit_ms: 300000 });
  const ours = await older(1);
  await home.run('spool');
  await until('the spool is back', async () => await waiting() >= waited);
  assert.equal(await older(2), ours); // it had been taken over
  await home.run('spool');
  await home.run('relay');
  await home.ready();
  await home.kill('intake', 'SIGTERM');
  await home.run('intake');
  await home.ready();
  await home.kill('relay', 'SIGTERM');
  await home.run('relay');
  upgrading = false;
  await stream;
  const sum = await collect(home, load, 300000);
  load.close();
  assert.ok(load.acknowledged.size >= TIPS, `${load.acknowledged.size} acknowledged`);
  assert.deepEqual([sum.lost, sum.doubled, sum.strange], [0, 0, 0]);
  // the receipts come back, and the spool has nothing more to keep
  for (const end = Date.now() + 300000; await waiting() !== 0;) {
    assert.ok(Date.now() < end, `${await waiting()} have no receipt`);
    await home.inbox().catch(() => []);
    await sleep(500);
  }
  await home.kill('spool', 'SIGTERM');
  assert.equal(version(), ours);
  console.log(`# ${load.acknowledged.size} acknowledged, ${sum.lost} lost, ${sum.doubled} doubled, ${load.tries} tries`);
});

test('a spool of a later version is refused and left as it is', async () => {
  const head = fs.readFileSync(spoolFile());
  head.writeUInt32BE(99, 60);
  fs.writeFileSync(spoolFile(), head);
  fs.rmSync(`${spoolFile()}-wal`, { force: true });
  const spool = await home.run('spool');
  await until('it has ended', () => spool.exitCode !== null);
  assert.equal(spool.exitCode, 1); // only a person can mend it
  assert.deepEqual(fs.readFileSync(spoolFile()), head);
});
