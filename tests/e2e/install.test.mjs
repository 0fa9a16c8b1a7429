// SPDX-License-Identifier: AGPL-3.0-or-later
// `make install` puts everything where a package wants it, with the right
// modes, and nothing else.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { root } from './lib/home.mjs';

const run = promisify(execFile);
const list = (dir, ending) => fs.readdirSync(path.join(root, dir))
  .filter((name) => name.endsWith(ending)).map((name) => `${dir}/${name}`);

/** Every file below dir as {path: mode}, folders left out. */
function tree(dir, at = '') {
  const found = {};
  for (const entry of fs.readdirSync(path.join(dir, at), { withFileTypes: true })) {
    const name = path.join(at, entry.name);
    if (entry.isDirectory()) Object.assign(found, tree(dir, name));
    else found[name] = (fs.statSync(path.join(dir, name)).mode & 0o7777).toString(8);
  }
  return found;
}

let dir;
const install = (to, ...more) => run('make',
  ['-s', 'install', `VARIANT=${process.env.VARIANT ?? 'release'}`, `DESTDIR=${to}`, ...more], { cwd: root });

before(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-'));
  await install(`${dir}/a`);
});
after(() => fs.rmSync(dir, { recursive: true }));

test('every file is there with its mode, and no other', () => {
  const wanted = {};
  const put = (folder, files, mode = '644') => {
    for (const file of files) wanted[path.join('usr', folder, path.basename(file))] = mode;
  };
  put('bin', ['tipline', 'tipline-open', 'tipline-intake', 'tipline-spool', 'tipline-relay', 'tipline-keyd', 'tipline-desk'], '755');
  for (const section of [1, 5, 8]) put(`share/man/man${section}`, list('docs/man', `.${section}`));
  put('share/doc/tipline', ['README.md', 'CHANGELOG.md', 'LICENSE', 'openapi.yaml', 'desk-openapi.yaml', 'htcds-2.0-json.schema.json', 'tipline.conf.sample', ...list('docs', '.md')]);
  put('share/tipline/redis', ['tipline-redis.conf', 'tipline-replicas.conf', 'tipline-sentinel.conf.in', 'users.acl.in']);
  put('share/tipline/stunnel', list('stunnel', '.conf'));
  put('share/tipline/watch', ['tipline.rules.yml', 'tipline-dashboard.json']);
  put('share/tipline/watch', ['tipline-textfile'], '755');
  for (const name of Object.keys(tree(path.join(root, 'desk/ui')))) wanted[path.join('usr/share/tipline/console', name)] = '644';
  put('share/tipline/tor', list('tor', ''));
  put('share/tipline/tools', ['code', 'home-path', 'practice', 'redis-home', 'sentinel-home', 'setup', 'tls-install'], '755');
  put('share/tipline/tools', ['setup-files', 'setup-pieces']);
  put('lib/systemd/system', [...list('systemd', '.service'), ...list('systemd', '.socket'), ...list('systemd', '.timer'), ...list('systemd', '.slice')]);
  put('lib/sysusers.d', ['tipline.conf']);
  put('lib/tmpfiles.d', ['tipline.conf']);
  assert.deepEqual(tree(`${dir}/a`), wanted);
});

test('each manual page and each unit that is needed is among them', () => {
  const names = Object.keys(tree(`${dir}/a`)).map((name) => path.basename(name));
  for (const name of ['tipline.1', 'tipline-open.1', 'tipline.conf.5', 'tipline-files.5', 'tipline-helpers.8', 'tipline-intake.8', 'tipline-spool.8', 'tipline-relay.8', 'tipline-keyd.8',
    'tipline-intake.service', 'tipline-intake.socket', 'tipline-spool.service', 'tipline-relay.service',
    'tipline-redis.service', 'tipline-sentinel.service', 'tipline-janitor.timer', 'tipline-backup.timer', 'tipline-desk-backup.timer', 'tipline-doctor.timer', 'tipline-canary.timer',
    'OPERATIONS.md']) {
    assert.ok(names.includes(name), name);
  }
});

test('an installed program starts', async () => {
  const { stdout } = await run(`${dir}/a/usr/bin/tipline`, ['version']);
  assert.match(stdout, /^tipline /);
});

test('the tool for Redis finds its templates where it was installed', async () => {
  await run(`${dir}/a/usr/share/tipline/tools/redis-home`, ['--users', `${dir}/redis`]);
  const users = fs.readFileSync(`${dir}/redis/users.acl`, 'utf8').match(/^user (\S+)/gm);
  assert.deepEqual(users, ['user default', 'user relay', 'user desk', 'user admin']);
  assert.deepEqual(tree(`${dir}/redis`),
    { 'admin.pass': '600', 'desk.pass': '600', 'relay.pass': '600', 'users.acl': '640' });
});

test('units start the programs of the prefix they were installed under', async () => {
  await install(`${dir}/b`, 'prefix=/opt/tipline');
  const unit = fs.readFileSync(`${dir}/b/opt/tipline/lib/systemd/system/tipline-intake.service`, 'utf8');
  assert.match(unit, /^ExecStart=\/opt\/tipline\/bin\/tipline-intake /m);
  assert.doesNotMatch(unit, /\/usr\/bin\/tipline/);
});
