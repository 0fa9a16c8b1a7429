// SPDX-License-Identifier: AGPL-3.0-or-later
// The main job under valgrind: each program, with its children, touches no
// byte that is not its own, and has given everything back when it ends.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Home, request, root, until } from '../e2e/lib/home.mjs';
import { Load, collect, kinds } from './lib/load.mjs';

process.env.TIPLINE_SANDBOX = 'relaxed'; // valgrind makes calls of its own
// valgrind brings an allocator of its own, as the debug programs expect
const debug = path.join(root, 'build/debug');

class Watched extends Home {
  command(name) {
    if (name === 'redis') return super.command(name);
    return ['valgrind', ['--quiet', '--trace-children=yes', '--error-exitcode=99', '--leak-check=full',
      '--show-leak-kinds=definite', '--errors-for-leak-kinds=definite', '--num-callers=30',
      `--log-file=${path.join(this.dir, `valgrind-${name}-%p`)}`,
      path.join(debug, `tipline-${name}`), '-c', this.conf]];
  }

  /** What valgrind had to say of a program and its children. */
  findings(name) {
    return fs.readdirSync(this.dir).filter((file) => file.startsWith(`valgrind-${name}-`))
      .map((file) => fs.readFileSync(path.join(this.dir, file), 'utf8')).filter(Boolean).join('\n');
  }

  ready() {
    return until('the intake is well', async () => {
      if (this.procs.intake.exitCode !== null) throw new Error(`intake ended: ${this.log('intake')}`);
      return (await this.admin('/healthz').catch(() => null))?.status === 200;
    }, 300000);
  }
}

let home;
before(async () => {
  execFileSync('make', ['-j2', '--no-print-directory', 'VARIANT=debug', 'all'], { cwd: root, stdio: 'ignore' });
  home = await Watched.start({ edit: (conf) => conf.replace('[intake]', '[intake]\nworkers = 2') });
});
after(() => home?.stop());

test('tips through every front door, refusals, a reload, a spool that was away', async () => {
  const load = new Load(home, { agents: 2 });
  const again = new Load(home, { agents: 1 });
  try {
    await load.send(3 * kinds.length, { at_once: 2 });
    assert.equal((await request(`${home.url}/en/`)).status, 200);
    assert.equal((await request(`${home.url}/nowhere`)).status, 404);
    assert.equal((await home.form({ story: '' })).status, 422);
    const r = { method: 'POST', headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
      body: '--b\r\nContent-Disposition: form-data; name="story"\r\n\r\nin parts\r\n--b--\r\n' };
    assert.equal((await request(`${home.url}/km/a`, r)).status, 200);
    assert.equal((await request(`${home.url}/sms/twilio`, { method: 'POST', body: 'x=y' })).status, 403);

    load.close(); // an old worker serves its idle connections on
    const old = home.childrenOf('intake');
    home.procs.intake.kill('SIGHUP');
    await until('new workers', () => old.every((pid) => !home.childrenOf('intake').includes(pid)), 300000);
    await home.kill('spool', 'SIGTERM');
    assert.equal(home.procs.spool.exitCode, 0, home.findings('spool'));
    await home.run('spool');
    await home.ready();
    await again.send(kinds.length, { at_once: 2 });
    for (const one of [load, again]) {
      const sum = await collect(home, one, 300000);
      assert.deepEqual([sum.lost, sum.doubled], [0, 0]);
    }
  } finally {
    load.close();
    again.close();
  }
});

test('inbox and keyd: no wrong access, no leak', async () => {
  const watch = async (args, more = {}) => {
    const [file, flags] = home.command('inbox');
    const ours = flags.slice(0, flags.findIndex((flag) => flag.startsWith(debug)));
    return promisify(execFile)(file, [...ours, path.join(debug, 'tipline'), '-c', home.conf, ...args], {
      env: { ...process.env, TIPLINE_SANDBOX: 'relaxed', TIPLINE_PASSPHRASE_FILE: path.join(home.dir, 'officer.pass'), ...more },
      maxBuffer: 1 << 26,
    });
  };
  const { stdout } = await watch(['inbox', '--json']);
  const id = JSON.parse(stdout.split('\n')[0]).id;
  assert.match((await watch(['key', 'reseal', id])).stdout, /^0 tips/); // its epoch is not over
  fs.writeFileSync(path.join(home.dir, 'wrong.pass'), 'not the passphrase\n', { mode: 0o600 });
  const wrong = await watch(['inbox'], { TIPLINE_PASSPHRASE_FILE: path.join(home.dir, 'wrong.pass') }).catch((error) => error);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /E121/);
  assert.ok(fs.readdirSync(home.dir).filter((file) => file.startsWith('valgrind-inbox-')).length >= 6, 'tipline and keyd are watched');
  assert.equal(home.findings('inbox'), '');
});

for (const name of ['intake', 'relay', 'spool']) {
  test(`${name}: no wrong access, no leak`, async () => {
    await home.kill(name, 'SIGTERM');
    const logs = fs.readdirSync(home.dir).filter((file) => file.startsWith(`valgrind-${name}-`));
    assert.ok(logs.length >= { intake: 6, relay: 1, spool: 2 }[name], `only ${logs} were watched`);
    assert.equal(home.findings(name), '');
    assert.equal(home.procs[name].exitCode, 0);
  });
}
