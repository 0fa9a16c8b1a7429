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

test('shares are taken as mail programs and people write them', () => {
  const three = shares.slice(0, 3);
  for (const input of [
    three.join('\r\n'),
    `\n\n${three.join('\n')}\n\n`,
    three.join('\n').toUpperCase(),
    three.map((share) => `  ${share.replaceAll(' ', '  ')}\t`).join('\n'),
    three.map((share) => `> ${share.replace(/ (need \d+) /, '\r\n> $1\u00a0')}`).join('\r\n'), // quoted, broken
    `\ufeff${three.join('\n')}`,
  ]) {
    const { status, text } = combine(input);
    assert.equal(status, 0, `${JSON.stringify(input)}\n${text}`);
  }
  // what follows an empty line is the passphrase, where no file has it
  const { TIPLINE_NEW_PASSPHRASE_FILE: _, ...other } = env();
  assert.equal(combine(`${three.join('\n')}\n\na passphrase of a test\n`, undefined, { env: other }).status, 0);
});

test('what does not go with the file is told before a passphrase is asked for', () => {
  const other = run(['key', 'split', at('south/identity.key')]).text.trim().split('\n');
  const none = { env: { ...env(), TIPLINE_NEW_PASSPHRASE_FILE: at('nowhere') } };
  assert.match(combine(shares.join('\n'), at('new'), none).text, /share of a ring, which has to be there: copy it there first/);
  assert.match(combine(other.join('\n'), undefined, none).text, /share of an identity, and the file is a ring: name a new file/);
  assert.match(combine(other.join('\n'), at('south/identity.key'), none).text, /identity\.key is there already, and is no ring/);
  assert.ok(!fs.existsSync(at('new')));
});

test('at a terminal a share is asked for again after a slip, and the others are kept', async () => {
  const child = spawn('script', ['-qec', `${tipline} key combine --cheap ${at('north/team.ring')}`, '/dev/null'], { stdio: 'pipe', env: env() });
  const gone = once(child, 'close'); // then all it said is here
  const slip = shares[1].replace(/need 3 (.)/, (all, c) => `need 3 ${c === '0' ? '1' : '0'}`);
  const answers = [`${shares[0]}\n`, 'nothing\n', slip, shares[0], shares[1], shares[2], ''];
  let said = '';
  let seen = 0;
  child.stdout.on('data', (data) => {
    said += data;
    if (/(Share \d+|one more): $/.test(said.slice(seen)) && answers.length > 0) {
      seen = said.length;
      child.stdin.write(`${answers.shift()}\n`);
    }
  });
  const [status] = await gone;
  assert.equal(status, 0, said);
  assert.match(said, /line 2 is no share[\s\S]*line 2 is a share with a slip[\s\S]*line 2, share number 1, has a number that was there/);
  assert.equal(said.split('type it once more; those before it are kept').length - 1, 3);
  assert.match(said, /These are enough\. An empty line, or one more: [\s\S]*has the new passphrase/);
});

test('keys whose making the power ended are none, and are made at the next try', () => {
  const folder = at('cut');
  for (const when of [1, 9, 23, 24, 25, 26]) { // between two files, and at the very end
    const { signal } = spawnSync('strace', ['-qq', '-o', '/dev/null', '-e', 'trace=fsync',
      '-e', `inject=fsync:signal=KILL:when=${when}`, tipline, 'keygen', '--cheap', `${folder}/`], { encoding: 'utf8', env: env() });
    if (!signal) continue; // so many there are not
    assert.equal(signal, 'SIGKILL');
    const made = run(['keygen', '--cheap', folder]);
    if (fs.existsSync(at('.cut.part'))) assert.fail(made.text);
    if (made.status !== 0) assert.match(made.text, /is there already; keys are never overwritten/); // it had come to its end
    assert.equal(fs.readdirSync(folder).length, 12);
    assert.doesNotMatch(made.text, /of 12/);
    fs.rmSync(folder, { recursive: true });
  }
});

test('keys whose making was ended are all away, and are made at the next try', () => {
  const folder = at('all');
  for (const when of [1, 4, 9, 16, 23]) { // a signal while some of the files are there
    const { status, signal, stderr } = spawnSync('strace', ['-qq', '-o', '/dev/null', '-e', 'trace=fsync',
      '-e', `inject=fsync:signal=INT:when=${when}`, tipline, 'keygen', '--cheap', folder], { encoding: 'utf8', env: env() });
    assert.ok(status !== 0 || signal, stderr);
    assert.match(stderr, /keys could not be written: ended; none were left there/);
    assert.ok(!fs.existsSync(folder));
  }
  const made = run(['keygen', '--cheap', folder]);
  assert.equal(made.status, 0, made.text);
  // and where the power ended it in a folder that was there
  fs.rmSync(path.join(folder, 'desk.key'));
  const again = run(['keygen', '--cheap', folder]);
  assert.equal(again.status, 1);
  assert.match(again.text, /these are 11 of 12: if a try was cut short and none of them is used anywhere, remove them/);
});
