// SPDX-License-Identifier: AGPL-3.0-or-later
// A desk whose disk runs full: it takes no tips, says so, and lets officers go
// on as long as that can be written down; nothing is lost, and it goes on by
// itself when there is room. Its ledger lies on a small file system of its own,
// which only root can make; where it cannot, this says so in capitals.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Desk } from '../e2e/lib/desk.mjs';
import { Home, until } from '../e2e/lib/home.mjs';

const MIB = 1 << 20;
const DISK_MIB = 48;
const disk = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-full-'));
let home, officer, client, pid;
let mounted = false;

before(async () => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m,mode=0755`, 'none', disk], { stdio: 'pipe' });
    mounted = true;
  } catch (error) {
    console.log(`A DESK WHOSE DISK IS FULL IS NOT TESTED HERE: ${error.message.split('\n')[0]}`);
    return;
  }
  home = await Home.start({ edit: (conf) => conf.replace(/^ledger = .*$/m, `ledger = ${disk}/ledger\nmin_free = 32MiB`) });
  client = await home.redisRoot();
  await home.desk();
  ({ pid } = home.procs.desk);
  officer = await Desk.login(home);
});
after(async () => {
  client?.close();
  await home?.stop();
  if (mounted) execFileSync('umount', [disk], { stdio: 'pipe' });
  fs.rmdirSync(disk);
});

const header = async () => (await officer.queue()).header;
const says = (word) => until(`the console says: ${word}`, async () => (await header()).disk === word);
const note = async (id) => {
  const { status, body } = await officer.post(`/api/tips/${id}/entries`, { kind: 'note', text: 'what was found' });
  return body.error ?? status;
};
const known = new Set();
const next = async () => {
  const { id } = await officer.row((row) => row.state === 'NEW' && !known.has(row.id));
  known.add(id);
  return id;
};
/** Leave so much of the disk, by a file beside the ledger that only grows; or all of it. */
function leave(bytes) {
  const fill = path.join(disk, 'fill');
  if (bytes === undefined) {
    fs.rmSync(fill);
    return;
  }
  const { bavail, bsize } = fs.statfsSync(disk);
  fs.appendFileSync(fill, Buffer.alloc(bavail * bsize - bytes));
}
const status = () => home.tipline('status').then(({ stdout }) => stdout, ({ stdout }) => stdout);

test('a desk whose disk runs full takes no tips, and officers go on until nothing can be written', async (t) => {
  if (!mounted) { t.skip('no file system of its own'); return; } // only root mounts; a run counts a skip as failed
  await home.form({ story: 'while there is room' }, { lang: 'en' });
  const first = await next();
  await officer.take(first);
  assert.match(await status(), /^ledger +ok .*MiB free$/m);
  leave(8 * MIB);
  await says('low');
  await home.form({ story: 'while there is none', now: '1' }, { lang: 'en' });
  await until('it is in the queue', async () => await client.do('XLEN', 'tips') >= 2);
  const heard = await officer.events();
  assert.equal(await note(first), 200);
  await heard.next('header'); // of the note
  assert.match(await status(), /^ledger +NOT OK .* 7 MiB free, less than desk.min_free: tips wait in the queue$/m);
  leave(64 << 10);
  // whoever only looks at the screen is told
  await until('it is told unasked', async () => (await heard.next('header')).disk === 'full');
  heard.close();
  await says('full');
  assert.equal(await note(first), 'full');
  assert.equal((await officer.get(`/api/tips/${first}`)).body.text, 'while there is room');
  assert.equal((await officer.get('/api/queue?view=open&q=room')).body.error, 'full'); // nobody would see it
  // an officer who comes now reads too
  officer = await Desk.login(home);
  assert.equal((await officer.queue()).rows.length, 1);
  await until('of the first one the spool has its receipt, and of this one none', async () => (await home.spooled()).records === 1);
  leave();
  await says('fine');
  const second = await next();
  assert.equal((await officer.get(`/api/tips/${second}`)).body.text, 'while there is none');
  assert.equal(await note(first), 200);
  await until('the spool has its receipt', async () => (await home.spooled()).records === 0);
  const [group] = await client.do('XINFO', 'GROUPS', 'tips');
  assert.equal(group[group.findIndex((x) => x.toString() === 'pending') + 1], 0);
  assert.equal(home.procs.desk.pid, pid);
  assert.equal(home.procs.desk.exitCode, null);
  for (const event of ['E635', 'E636', 'E637']) assert.match(home.log('desk'), new RegExp(event));
  const all = (await home.tipline('ledger', 'verify')).stdout;
  assert.match(all, /^records +2 tips$/m);
  assert.match(all, /^records +0 in quarantine$/m);
});
