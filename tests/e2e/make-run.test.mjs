// SPDX-License-Identifier: AGPL-3.0-or-later
// tools/run, which `make run` becomes: it says when it is ready, starts again
// what dies, and leaves nothing behind, however it ends.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { build, freePort, root, until } from './lib/home.mjs';

const folders = [];
const folder = (name = 'tl-') => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), name));
  folders.push(dir);
  return dir;
};
after(() => folders.forEach((dir) => fs.rmSync(dir, { recursive: true, force: true })));

const command = path.join(root, 'tools/run');
const envOf = (dir, port, deskPort) => ({
  ...process.env, TIPLINE_BUILD: build, TIPLINE_HOME: dir, TIPLINE_INTAKE_PORT: String(port),
  TIPLINE_DESK_PORT: String(deskPort),
});

/** The processes that have the home's path on their command line. */
function pidsOf(dir, name = '') {
  return fs.readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const line = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return line.includes(dir) && path.basename(line.split('\0')[0].split(' ')[0]).startsWith(name);
    } catch { return false; }
  }).map(Number);
}

/** A running home: {dir, port, child, text()}. As a terminal would: in a process group of its own. */
async function start() {
  const dir = folder();
  const port = await freePort();
  const deskPort = await freePort();
  const chunks = [];
  const child = spawn(command, { env: envOf(dir, port, deskPort), detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (data) => chunks.push(data));
  child.stderr.on('data', (data) => chunks.push(data));
  const gone = once(child, 'exit');
  const text = () => Buffer.concat(chunks).toString();
  try {
    await until('it is ready', () => /^ready /m.test(text()) || child.exitCode !== null, 180000);
    assert.match(text(), /^ready /m);
  } catch (error) {
    child.kill('SIGTERM');
    await gone;
    throw new Error(text(), { cause: error });
  }
  return { dir, port, deskPort, child, gone, text };
}

const nothingLeft = (dir) => until('nothing is left', () => pidsOf(dir).length === 0);

const ends = [
  ['Ctrl-C', (child) => process.kill(-child.pid, 'SIGINT')],
  ['TERM', (child) => child.kill('SIGTERM')],
  ['KILL', (child) => child.kill('SIGKILL')],
];
for (const [name, end] of ends) {
  test(`after ${name} nothing of it is left`, async () => {
    const home = await start();
    end(home.child);
    const [status] = await home.gone;
    await nothingLeft(home.dir);
    if (name !== 'KILL') {
      assert.equal(status, 0);
      await until('it says so', () => /^stopped$/m.test(home.text()));
    }
  });
}

test('what is killed is started again, and a second start on its home is refused', async () => {
  const home = await start();
  for (const name of ['tipline-spool', 'tipline-relay', 'redis-server', 'tipline-intake']) {
    const old = pidsOf(home.dir, name);
    assert.notEqual(old.length, 0, name);
    old.forEach((pid) => { try { process.kill(pid, 'SIGKILL'); } catch { /* a child of the first */ } });
    await until(`${name} is back`, () => pidsOf(home.dir, name).some((pid) => !old.includes(pid)));
  }
  const conf = path.join(home.dir, 'tipline.conf');
  await until('all is well', () => spawnSync(path.join(build, 'tipline'), ['-c', conf, 'status']).status === 0);
  const second = spawnSync(command, { env: envOf(home.dir, await freePort(), await freePort()), encoding: 'utf8' });
  assert.equal(second.status, 1);
  assert.match(second.stderr, /is running already/);
  assert.ok(fs.readFileSync(conf, 'utf8').includes(`listen = 127.0.0.1:${home.port}\n`), 'its port was left alone');
  home.child.kill('SIGTERM');
  await home.gone;
  await nothingLeft(home.dir);
});

test('a port that is taken is told in a sentence, and all of it ends', async () => {
  const home = await start();
  const free = await freePort();
  for (const [port, deskPort, taken] of [[home.port, free, home.port], [free, home.deskPort, home.deskPort]]) {
    const dir = folder();
    const other = spawnSync(command, { env: envOf(dir, port, deskPort), encoding: 'utf8', timeout: 60000 });
    assert.equal(other.status, 1, other.stderr);
    assert.match(other.stderr, new RegExp(`127\\.0\\.0\\.1:${taken} is taken by another program`));
    await nothingLeft(dir);
  }
  home.child.kill('SIGTERM');
  await home.gone;
  await nothingLeft(home.dir);
});

test('a path that no home can have is refused before anything is made', () => {
  for (const dir of [path.join(os.tmpdir(), 'tl with spaces'), path.join(os.tmpdir(), 'x'.repeat(90))]) {
    const result = spawnSync(command, { env: envOf(dir, 1, 2), encoding: 'utf8' });
    assert.equal(result.status, 1);
    assert.match(result.stderr, /no home can be in/);
    assert.ok(!fs.existsSync(dir));
  }
});
