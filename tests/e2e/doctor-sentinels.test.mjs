// SPDX-License-Identifier: AGPL-3.0-or-later
// `tipline doctor` asks each Sentinel, three real ones: who is away, refuses, knows no
// such master, or names another than most, is told by its place.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build, root, until } from './lib/home.mjs';
import { Cluster } from '../lib/cluster.mjs';
import { freePort } from '../lib/port.mjs';

let cluster;
let dir;
let places;
before(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-doctor-s-'));
  // a busy machine is silent for a second; nobody is to step in for the master here
  cluster = await Cluster.start({ replicas: 1, down_after_ms: 600000 });
  places = cluster.sentinels.map((one) => `127.0.0.1:${one.proxy.port}`);
});
after(async () => {
  await cluster?.stop();
  fs.rmSync(dir, { recursive: true });
});

/** What it says of Sentinels; edit: of the configuration's text. */
function doctor(edit = (text) => text) {
  fs.writeFileSync(`${dir}/tipline.conf`, edit(`[redis]\n${cluster.conf('desk')}`));
  return new Promise((resolve) => {
    execFile(`${build}/tipline`, ['-c', `${dir}/tipline.conf`, 'doctor'], (error, stdout, stderr) => {
      resolve(stderr.split('\n').filter((line) => /[Ss]entinel/.test(line)));
    });
  });
}

test('Sentinels that agree are passed in silence', async () => {
  assert.deepEqual(await doctor(), []);
  assert.deepEqual(await doctor((text) => text.replace(/^sentinels = .*\nsentinel_password_file.*$/m, `socket = ${cluster.nodes[0].socket}`)), []);
});

test('a password or a name that is not theirs is told of each', async () => {
  fs.writeFileSync(`${dir}/watch.pass`, 'another\n', { mode: 0o600 });
  const refused = await doctor((text) => text.replace(/^sentinel_password_file = .*$/m, `sentinel_password_file = ${dir}/watch.pass`));
  assert.deepEqual(refused.map((line) => /the Sentinel at (\S+) refuses the user watch/.exec(line)?.[1]), places);
  const nameless = await doctor((text) => `${text}sentinel_name = other\n`);
  assert.deepEqual(nameless.map((line) => /the Sentinel at (\S+) does not know a master called other/.exec(line)?.[1]), places);
  const none = await doctor((text) => text.replace(/^sentinel_password_file = .*$/m, `sentinel_password_file = ${dir}/none`));
  assert.match(none.join(), /the Sentinels could not be asked: redis\.sentinel_password_file/);
});

test('one that names another master than most is told', async () => {
  // as one whose configuration was put back; its master is nowhere, so it finds nobody
  const [port, nowhere] = [await freePort(), await freePort()];
  fs.mkdirSync(`${dir}/odd`, { mode: 0o700 });
  for (const name of ['watch', 'peer']) fs.copyFileSync(`${cluster.sentinels[0].dir}/${name}.pass`, `${dir}/odd/${name}.pass`);
  execFileSync(`${root}/tools/sentinel-home`, [`${dir}/odd`, `127.0.0.1:${port}`, `127.0.0.1:${nowhere}`, `${cluster.nodes[0].dir}/sentinel.pass`]);
  const odd = spawn('redis-server', [`${dir}/odd/sentinel.conf`, '--sentinel'], { stdio: 'ignore' });
  try {
    const swapped = (text) => text.replace(places[2], `127.0.0.1:${port}`);
    await until('it answers', async () => !(await doctor(swapped)).some((line) => /does not answer/.test(line)));
    const said = await doctor(swapped);
    assert.equal(said.length, 1);
    assert.match(said[0], new RegExp(`the Sentinel at 127\\.0\\.0\\.1:${port} names 127\\.0\\.0\\.1:${nowhere} as the master, most of them 127\\.0\\.0\\.1:${cluster.nodes[0].proxy.port}`));
  } finally {
    const gone = once(odd, 'exit');
    odd.kill('SIGKILL');
    await gone;
  }
});

test('one that is away is told, and two that are leave no majority', async () => {
  await cluster.kill(cluster.sentinels[0]);
  const one = await doctor();
  assert.equal(one.length, 1);
  assert.match(one[0], new RegExp(`the Sentinel at ${places[0]} does not answer`));
  await cluster.kill(cluster.sentinels[1]);
  const two = await doctor();
  assert.equal(two.length, 3);
  assert.match(two[2], /no more than half of the 3 Sentinels name the same master/);
});
