// SPDX-License-Identifier: AGPL-3.0-or-later
// Power cuts: the spool writes to an ext4 in an image file; at a random moment
// the image is copied, as the disk would be found afterwards, and the spool is
// started on the copy. What was answered KEPT before is there. The same with
// syncs that do nothing (eatmydata) is seen to lose. Needs root and a loop
// device; where there is none it says so in capitals.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, until } from '../e2e/lib/home.mjs';
import { deskKeys, Door, frame, KEPT, LENT, newId, put, sealedOf, TAKE } from './lib/say_frames.mjs';

const CUTS = Number(process.env.POWER_CUTS ?? 6);
const top = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-power-'));
const mounts = new Set();
const keys = deskKeys();

function mount(image) {
  const at = `${image}.mnt`;
  fs.mkdirSync(at);
  execFileSync('mount', ['-o', 'loop', image, at], { stdio: 'pipe' });
  mounts.add(at);
  return at;
}

async function unmount(at) {
  await until(`${at} is free`, () => {
    try { execFileSync('umount', [at], { stdio: 'pipe' }); return true; } catch { return false; }
  });
  mounts.delete(at);
}

after(async () => {
  for (const at of mounts) await unmount(at).catch(() => {});
  fs.rmSync(top, { recursive: true, force: true });
});

function possible() {
  try {
    newImage('probe');
    const at = mount(path.join(top, 'probe'));
    execFileSync('umount', [at]);
    mounts.delete(at);
    return true;
  } catch (error) {
    console.log(`POWER CUTS ARE NOT TESTED HERE: ${error.message.split('\n')[0]}`);
    return false;
  }
}

function newImage(name) {
  const file = path.join(top, name);
  fs.closeSync(fs.openSync(file, 'w'));
  fs.truncateSync(file, 128 << 20);
  execFileSync('mkfs.ext4', ['-q', '-F', file], { stdio: 'pipe' });
  return file;
}

/** The spool with its file under at, its sockets outside. */
async function start(name, at, { eatmydata = false } = {}) {
  const dir = path.join(top, `${name}.conf`);
  fs.mkdirSync(dir);
  fs.writeFileSync(path.join(dir, 'receipt.pub'), keys.publicFile);
  fs.writeFileSync(path.join(dir, 'tipline.conf'), ['[spool]', `path = ${at}/spool`, 'intake_socket = intake',
    'relay_socket = relay', 'admin_socket = admin', 'receipt_keys = receipt.pub', 'min_free = 16MiB', 'low_free = 16MiB', ''].join('\n'));
  const child = spawn(path.join(build, 'tipline-spool'), ['-c', path.join(dir, 'tipline.conf')], {
    stdio: 'ignore', env: { ...process.env, ...(eatmydata ? { LD_PRELOAD: 'libeatmydata.so' } : {}) } });
  child.gone = once(child, 'exit');
  // its sockets are made in this order, and each is there before it is listened at
  await until('the spool listens', async () => {
    const door = await Door.open(path.join(dir, 'admin'));
    door?.close();
    return door;
  });
  return { child, dir };
}

async function writer(dir, kept, state) {
  const door = await Door.open(path.join(dir, 'intake'));
  while (state.going && door.open) {
    const ids = Array.from({ length: 4 }, newId);
    door.say(put(1, ids));
    const answer = await door.next();
    if (answer?.type === KEPT) ids.forEach((id) => kept.add(id.toString('hex')));
  }
  door.close();
}

/** Records that are lent when it is started on that image: id to right bytes. */
async function found(name, image) {
  const at = mount(image);
  const { child, dir } = await start(`${name}-after`, at);
  const door = await Door.open(path.join(dir, 'relay'));
  const there = new Map();
  for (let n = 1; n > 0;) {
    door.say(frame(TAKE, Buffer.from([0, 64, 2])));
    let got = await door.next();
    while (got.type !== LENT) got = await door.next();
    n = got.body[0];
    for (let i = 0, p = 1; i < n; i++) {
      const id = got.body.subarray(p, p + 16);
      const len = got.body.readUInt32BE(p + 17);
      there.set(id.toString('hex'), got.body.subarray(p + 21, p + 21 + len).equals(sealedOf(id)));
      p += 21 + len;
    }
  }
  door.close();
  child.kill('SIGKILL');
  await child.gone;
  await unmount(at);
  return there;
}

async function cut(name, options) {
  const image = newImage(name);
  const at = mount(image);
  const { child, dir } = await start(name, at, options);
  const kept = new Set();
  const state = { going: true };
  const writers = Array.from({ length: 4 }, () => writer(dir, kept, state));
  // so that there is something to lose, and then at any moment
  await until('something was promised', () => kept.size >= 40);
  await sleep(1000 * Math.random());
  child.kill('SIGSTOP');
  const told = new Set(kept); // before the disk is looked at
  execFileSync('cp', ['--sparse=always', image, `${image}.copy`]);
  child.kill('SIGKILL');
  state.going = false;
  await child.gone;
  await Promise.all(writers);
  await unmount(at);
  fs.rmSync(image);
  const there = await found(name, `${image}.copy`);
  fs.rmSync(`${image}.copy`);
  return {
    told: told.size,
    lost: [...told].filter((id) => !there.has(id)).length,
    torn: [...there.values()].filter((fine) => !fine).length,
  };
}

const can = possible();

test('a power cut at any moment loses nothing that was acknowledged', async (t) => {
  if (!can) return;
  const sum = { told: 0, lost: 0, torn: 0 };
  for (let i = 0; i < CUTS; i++) {
    const one = await cut(`cut-${i}`);
    for (const name of Object.keys(sum)) sum[name] += one[name];
  }
  t.diagnostic(`${CUTS} cuts: ${JSON.stringify(sum)}`);
  assert.ok(sum.told > 100);
  assert.deepEqual([sum.lost, sum.torn], [0, 0]);
});

test('without syncs the same cut is seen to lose', async (t) => {
  if (!can) return;
  const one = await cut('unsynced', { eatmydata: true });
  t.diagnostic(JSON.stringify(one));
  assert.ok(one.lost > 0);
});
