// SPDX-License-Identifier: AGPL-3.0-or-later
// What bash completes behind tipline, and `tipline help COMMAND`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { build, root } from './lib/home.mjs';

/** What is offered for the last of these words. */
const offered = (...words) => {
  const { status, stdout, stderr } = spawnSync('bash', ['-uc', `. "$1"; shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _tipline; printf '%s\\n' "\${COMPREPLY[@]}"`, 'bash',
  path.join(root, 'tools/completion.bash'), ...words], { cwd: path.join(root, 'tests/e2e/lib'), encoding: 'utf8', env: { ...process.env, PATH: `${build}:${process.env.PATH}` } });
  assert.deepEqual([status, stderr], [0, '']);
  return stdout.split('\n').filter(Boolean);
};
const tipline = (...args) => {
  const { status, stdout, stderr } = spawnSync(path.join(build, 'tipline'), args, { encoding: 'utf8' });
  return { status, stdout, stderr };
};

test('commands are completed, and the commands of a command', () => {
  assert.deepEqual(offered('tipline', 'che'), ['check']);
  assert.deepEqual(offered('tipline', '-c', '/x', 'che'), ['check']);
  const all = {
    key: 'combine destroy extend new passphrase reseal show split',
    officer: 'add list passphrase remove role totp',
    gateway: 'canary media purge reconcile status',
    ledger: 'verify',
    open: 'answer key line show words',
    rules: 'check explain test',
  };
  for (const [command, of] of Object.entries(all)) assert.deepEqual([command, ...offered('tipline', command, '')], [command, ...of.split(' ')]);
  assert.deepEqual(offered('tipline', 'help', 'gateway', 're'), ['reconcile']);
  // files where there are none, and behind them
  for (const words of [['check', 'ho'], ['inbox', 'ho'], ['key', 'show', 'ho'], ['status', 'ho']]) {
    assert.deepEqual(offered('tipline', ...words), ['home.mjs'], words[0]);
  }
});

test('options are completed, behind a command of a command its own', () => {
  assert.deepEqual(offered('tipline', 'inbox', '--w'), ['--wait']);
  assert.deepEqual(offered('tipline', 'key', 'extend', '--ep'), ['--epoch', '--epochs']);
  assert.ok(offered('tipline', 'key', 'reseal', '--').length > 1);
  assert.deepEqual(offered('tipline', 'gateway', 'reconcile', '--sh'), ['--show']);
  assert.deepEqual(offered('tipline', 'officer', 'remove', '--rot'), ['--rotate']);
  assert.deepEqual(offered('tipline', 'ledger', 'verify', '--wa'), ['--was']);
  assert.deepEqual(offered('tipline', 'open', 'show', 'a.tip', '--as', ''), ['htcds-2.0-excel', 'htcds-2.0-json', 'htcds-2.0-xform']);
});

test('help of a command is what its own --help is', () => {
  for (const words of [['inbox'], ['key'], ['key', 'extend'], ['gateway', 'reconcile'], ['setup']]) {
    const own = tipline(...words, '--help');
    assert.match(own.stdout, new RegExp(`Usage: tipline .*${words.at(-1)}`), words.join(' '));
    assert.deepEqual(tipline('help', ...words), { ...own, status: 0 }, words.join(' '));
  }
  assert.match(tipline('help').stdout, /Commands:\n/);
  const none = tipline('help', 'nonsense');
  assert.equal(none.status, 2);
  assert.match(none.stderr, /no command "nonsense"/);
});
