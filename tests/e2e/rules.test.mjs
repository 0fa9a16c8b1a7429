// SPDX-License-Identifier: AGPL-3.0-or-later
// tipline rules: an operator reads, changes and tries the urgency rules.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const tipline = join(process.env.TIPLINE_BUILD, 'tipline');
const root = new URL('../..', import.meta.url).pathname;
const run = (input, ...args) => spawnSync(tipline, ['rules', ...args], { input, encoding: 'utf8' });

function inFolder(body) {
  const folder = mkdtempSync(join(tmpdir(), 'rules-'));
  try {
    body((name, text) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('check lists the built-in rules', () => {
  const { status, stdout } = run('', 'check');
  assert.equal(status, 0);
  assert.match(stdout, /^version \S+, \d+ rules; words cksum \d+\nR1 +P1 {2}Says danger now\n/);
});

test('explain says priority, rules, words and language', () => {
  const { status, stdout } = run('គេ\u200bបង្ខាំង ជួយផង\n', 'explain', 'channel=sms', 'minor=1');
  assert.equal(status, 0);
  assert.match(stdout, /^P1\n/);
  assert.match(stdout, /\(R4\)[^]*\(K-COMBO\)[^]*word បង្ខាំង \(HELD km, byte 9\)[^]*language km\n$/);
});

test('a changed copy is in force, and a mistake in it is told with its line', () => {
  const rules = readFileSync(join(root, 'data/rules.txt'), 'utf8');
  inFolder((file) => {
    const changed = file('changed', rules.replace('[K-DEBT]', '[K-DEBT-OURS]').replace('P3 when K.DEBT\n', 'P2 when K.DEBT\n'));
    const { stdout } = run('my debt', '--rules', changed, 'explain');
    assert.match(stdout, /^P2\n {2}why Words of debt \(K-DEBT-OURS\)\n/);
    const wrong = run('', '--rules', file('wrong', 'version 1\n[R1] x\nP1 when nwo=1\n'), 'check');
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /rules:3: no question of the form/);
    const words = run('zebra', '--keywords', file('words', 'lang\tgroup\tcombo_only\tphrase\nen\tDIE\t0\tzebra\n'), 'explain');
    assert.match(words.stdout, /^P1\n/);
  });
});

test("test tries an operator's own examples", () => {
  inFolder((file) => {
    const good = run('', 'test', file('good', '# ours\nP1\tnow=1\tx\nP2\t\thelp\nP3\twho=2 channel=sms\tx\n'));
    assert.equal(good.status, 0);
    assert.equal(good.stdout, '3 as expected, 0 not\n');
    const bad = run('', 'test', file('bad', 'P1\t\thelp\n'));
    assert.equal(bad.status, 1);
    assert.match(bad.stdout, /^line 1: P2, not P1\n/);
    assert.equal(run('', 'test', file('none', '')).status, 1);
  });
});

test('a wrong command line is status 2', () => {
  assert.equal(run('', 'guess').status, 2);
  assert.equal(run('').status, 2);
});
