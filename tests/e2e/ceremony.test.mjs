// SPDX-License-Identifier: AGPL-3.0-or-later
// Keys made, prolonged and put together from paper by somebody who does it once a year: with
// the wrong medium, with slips of the hand, through a mail program, ended halfway.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build } from './lib/home.mjs';

const tipline = path.join(build, 'tipline');
let dir, shares;
const at = (...names) => path.join(dir, ...names);
const env = () => ({
  ...process.env,
  TIPLINE_PASSPHRASE_FILE: at('pass'),
  TIPLINE_NEW_PASSPHRASE_FILE: at('new.pass'),
  ASAN_OPTIONS: 'detect_leaks=0', // under strace
});
const run = (args, more = {}) => {
  const { status, signal, stdout, stderr } = spawnSync(tipline, args, { encoding: 'utf8', env: env(), ...more });
  return { status, signal, text: stdout + stderr };
};
const combine = (input, target = at('north/team.ring'), more = {}) => run(['key', 'combine', '--cheap', target], { input, ...more });
const bytes = (...names) => fs.readFileSync(at(...names), 'utf8');

before(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-ceremony-'));
  fs.writeFileSync(at('pass'), 'a passphrase of a test\n', { mode: 0o600 });
  fs.writeFileSync(at('new.pass'), 'a passphrase of a test\n', { mode: 0o600 });
  for (const name of ['north', 'south']) {
    const made = run(['key', 'new', '--cheap', '--epochs', '3', at(name)]);
    assert.equal(made.status, 0, made.text);
  }
  shares = run(['key', 'split', at('north/team.ring')]).text.trim().split('\n');
});
after(() => fs.rmSync(dir, { recursive: true, force: true }));

test('epochs are not signed by the identity of another team', () => {
  const were = [bytes('north/team.ring'), bytes('north/team.list')];
  const extend = (identity) => run(['key', 'extend', '--epochs', '2', '--identity', identity, at('north')]);
  for (const hidden of ['nothing', 'team.list']) { // then the public half tells
    if (hidden === 'team.list') fs.renameSync(at('north/team.list'), at('hidden'));
    const { status, text } = extend(at('south/identity.key'));
    if (hidden === 'team.list') fs.renameSync(at('hidden'), at('north/team.list'));
    assert.equal(status, 1);
    assert.match(text, /south\/identity\.key is another team's identity than that of .*north\/(team\.list|identity\.pub)/);
    assert.deepEqual([bytes('north/team.ring'), bytes('north/team.list')], were);
  }
  assert.equal(extend(at('north/identity.key')).status, 0);
});
