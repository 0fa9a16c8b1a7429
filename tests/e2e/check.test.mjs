// SPDX-License-Identifier: AGPL-3.0-or-later
// `tipline check` says what a start would say: each file that the intake refuses
// it refuses too, in the same words.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build, Home } from './lib/home.mjs';

let home, plain;
before(async () => {
  home = await Home.start({ processes: [] });
  plain = fs.readFileSync(home.conf, 'utf8');
});
after(() => home?.stop());

const run = (file, ...args) => {
  const { status, stdout, stderr } = spawnSync(path.join(build, file), ['-c', home.conf, ...args], { encoding: 'utf8', timeout: 60000 });
  return { status, text: stdout + stderr };
};
const put = (name, text, mode = 0o600) => {
  fs.mkdirSync(path.dirname(path.join(home.dir, name)), { recursive: true, mode: 0o755 });
  fs.writeFileSync(path.join(home.dir, name), text, { mode });
};
const set = (section, line) => fs.writeFileSync(home.conf, plain.replace(`[${section}]`, `[${section}]\n${line}`));

/** Both say it: `tipline check` beforehand, the intake at its start. */
function refused(sentence) {
  const check = run('tipline', 'check');
  assert.equal(check.status, 1, check.text);
  assert.match(check.text, sentence);
  assert.doesNotMatch(check.text, /: right/);
  const intake = run('tipline-intake');
  assert.equal(intake.status, 1, intake.text);
  assert.match(intake.text, sentence);
  fs.writeFileSync(home.conf, plain);
}

/** With another content of a file of the home, put back afterwards. */
function withFile(name, text, then) {
  const before = fs.readFileSync(path.join(home.dir, name));
  put(name, text);
  then();
  put(name, before);
}

test('a home that starts is right, for each program and by each program', () => {
  const { status, text } = run('tipline', 'check');
  assert.equal(status, 0, text);
  assert.match(text, /: right\n/);
  assert.doesNotMatch(text, /warning: tipline-/);
  for (const name of ['intake', 'spool', 'relay', 'keyd', 'desk']) {
    const alone = run(`tipline-${name}`, '--check');
    assert.deepEqual([name, alone.status, alone.text], [name, 0, '']);
  }
  assert.deepEqual([fs.readdirSync(path.join(home.dir, 'sock')), fs.readdirSync(path.join(home.dir, 'spool'))], [[], []], 'nothing is opened or made');
});

test('words with a key that is none, and a key of one language only', () => {
  put('words/en.txt', 'notice.raed = People of Haven read this.\n', 0o644);
  set('site', 'words = words');
  refused(/words\/en\.txt:1: notice\.raed: /);
  put('words/en.txt', 'notice.read = People of Haven read this.\n', 0o644);
  set('site', 'words = words');
  refused(/words\/\w+\.txt: notice\.read: /);
});

test('a recording that is no MP3', () => {
  put('spoken/en.story.mp3', 'RIFF, which is another thing altogether', 0o644);
  set('site', 'recordings = spoken');
  refused(/en\.story\.mp3/);
});

test('rules that cannot be read', () => {
  put('rules.txt', 'version 1\n[R1] x\nP1 when nwo=1\n', 0o644);
  set('intake', 'rules = rules.txt');
  refused(/cannot use the rules: line 3: /);
});

test('a secret of Kannel without user:password, and a whsec_ that is none', () => {
  withFile('secrets/kannel', 'without-a-colon\n', () => refused(/gateway kannel: .*user:pass/i));
  withFile('secrets/generic', 'whsec_not*base64\n', () => refused(/gateway generic: .*whsec_/i));
});

test('credentials of a unit that does not run are passed over, beforehand; a start needs them', () => {
  const off = (name) => `/run/credentials/tipline-no-such.service/${name}`;
  for (const [before, now] of [['secrets/kannel', off('kannel')], ['receipt.key', off('receipt')]]) {
    const [line, option] = new RegExp(`^(\\w+) = \\S*${before.replace('.', '\\.')}$`, 'm').exec(plain);
    fs.writeFileSync(home.conf, plain.replace(line, `${option} = ${now}`));
    const check = run('tipline', 'check');
    assert.deepEqual([before, check.status], [before, 0], check.text);
    assert.equal(run('tipline-keyd', '--check').status, 0);
    // another file is no credential
    fs.writeFileSync(home.conf, plain.replace(line, `${option} = ${home.dir}/no-such`));
    for (const [file, ...args] of [['tipline', 'check'], [before === 'receipt.key' ? 'tipline-keyd' : 'tipline-intake', '--check']]) {
      const { status, text } = run(file, ...args);
      assert.deepEqual([file, status], [file, 1], text);
      assert.match(text, /there is no such file/);
    }
  }
  fs.writeFileSync(home.conf, plain.replace(/^secret_file = .*secrets\/kannel$/m, `secret_file = ${off('kannel')}`));
  const { status, text } = run('tipline-intake');
  assert.equal(status, 1, text);
  assert.match(text, /cannot use .*\/kannel as the secret of gateway kannel/);
  // what can be judged without the secret is
  fs.writeFileSync(home.conf, fs.readFileSync(home.conf, 'utf8').replace(/^(\[gateway kannel\])$/m, '$1\nsig_method = sha1'));
  const other = run('tipline', 'check');
  assert.equal(other.status, 1, other.text);
  assert.match(other.text, /gateway kannel: .*sig_method/);
  fs.writeFileSync(home.conf, plain);
});

test('TLS keys that a unit which does not run is handed over are passed over; what is there is judged', () => {
  const off = (name) => `/run/credentials/tipline-no-such.service/${name}`;
  const named = (file, option) => plain.replace(new RegExp(`^${option} = .*$`, 'm'), `${option} = ${file}`);
  for (const option of ['tls_key_ecdsa', 'tls_cert_ecdsa', 'tls_key_rsa', 'tls_cert', 'tls_key']) {
    fs.writeFileSync(home.conf, named(off('file'), option));
    const check = run('tipline', 'check');
    assert.deepEqual([option, check.status], [option, 0], check.text);
    // another file is no credential
    fs.writeFileSync(home.conf, named(`${home.dir}/no-such`, option));
    const other = run('tipline', 'check');
    assert.deepEqual([option, other.status], [option, 1], other.text);
    assert.match(other.text, /there is no such file/);
  }
  // both kinds
  fs.writeFileSync(home.conf, named(off('ecdsa.key'), 'tls_key_ecdsa').replace(/^tls_key_rsa = .*$/m, `tls_key_rsa = ${off('rsa.key')}`));
  assert.equal(run('tipline-intake', '--check').status, 0);
  // a start needs them
  const { status, text } = run('tipline-intake');
  assert.equal(status, 1, text);
  assert.match(text, /tipline-no-such\.service\/ecdsa\.key: No such file/);
  // the pair that is there is looked at
  fs.writeFileSync(home.conf, named(off('ecdsa.key'), 'tls_key_ecdsa'));
  withFile('tls/rsa.key', fs.readFileSync(path.join(home.dir, 'tls/ecdsa.key')), () => {
    const wrong = run('tipline', 'check');
    assert.equal(wrong.status, 1, wrong.text);
    assert.match(wrong.text, /rsa\.key: .*or not the one of .*rsa\.crt/);
  });
  fs.writeFileSync(home.conf, plain);
});

test("another certificate's TLS key", () => {
  const conf = /tls_key_ecdsa = (.*)/.exec(plain);
  assert.ok(conf, 'the home names its key');
  const other = spawnSync('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']).stdout;
  withFile(path.relative(home.dir, path.resolve(home.dir, conf[1])), other, () => refused(/or not the one of /));
});

test("the ECDSA certificate's key for the RSA one", () => {
  withFile('tls/rsa.key', fs.readFileSync(path.join(home.dir, 'tls/ecdsa.key')), () => refused(/rsa\.key: .*or not the one of .*rsa\.crt/));
});

test('an ECDSA pair where the RSA one belongs', () => {
  const pair = ['crt', 'key'].map((end) => fs.readFileSync(path.join(home.dir, `tls/ecdsa.${end}`)));
  withFile('tls/rsa.crt', pair[0], () => withFile('tls/rsa.key', pair[1], () => refused(/rsa\.crt: its key is no RSA key/)));
});

test('each mistake is told, not the first alone', () => {
  put('rules.txt', 'version 1\n[R1] x\nP1 when nwo=1\n', 0o644);
  set('intake', 'rules = rules.txt');
  withFile('secrets/kannel', 'without-a-colon\n', () => {
    const { status, text } = run('tipline', 'check', 'intake');
    assert.equal(status, 1);
    assert.match(text, /cannot use the rules/);
    assert.match(text, /gateway kannel/);
  });
  fs.writeFileSync(home.conf, plain);
});

test('what only the desk reads is told for the desk', () => {
  const key = path.resolve(home.dir, /^signing_key = (.*desk.*)$/m.exec(plain)?.[1] ?? assert.fail('the desk signs'));
  const files = [[key, /cannot use the key file/]];
  for (const [option, sentence] of [['receipt_key', /receipt/], ['team_ring', /team\.ring/], ['intake_keys', /cannot use the key file/]]) {
    const [, name] = new RegExp(`^${option} = (\\S+)`, 'm').exec(plain.slice(plain.indexOf('[desk]')));
    files.push([path.resolve(home.dir, name), sentence]);
  }
  for (const [file, sentence] of files) {
    withFile(path.relative(home.dir, file), 'tipline key\n', () => {
      const { status, text } = run('tipline', 'check', 'desk');
      assert.equal(status, 1, file);
      assert.match(text, sentence);
      assert.equal(run('tipline', 'check', 'relay').status, 0);
    });
  }
});

test('a directory of partners with a slip, by whose entry it is', () => {
  const partner = { id: 'haven', name: 'Haven', kind: 'ngo', key: 'not a line', verified_on: '2026-10-31' };
  put('partners.json', JSON.stringify({ partners: [partner] }), 0o644);
  set('desk', 'partners = partners.json');
  const { status, text } = run('tipline', 'check', 'desk');
  assert.equal(status, 1, text);
  assert.match(text, /partners\.json: haven: "key" is not the line/);
  put('partners.json', '{"partners": []}', 0o644);
  assert.equal(run('tipline', 'check', 'desk').status, 0);
  fs.writeFileSync(home.conf, plain);
});

test("who asks for the desk with another's configuration is told which to give, in one sentence", () => {
  const dir = path.join(home.dir, 'apart');
  fs.mkdirSync(dir, { mode: 0o755 });
  const conf = path.join(dir, 'tipline.conf');
  fs.writeFileSync(conf, '[redis]\nsocket = redis.sock\n');
  const ask = (...args) => {
    const { status, stderr } = spawnSync(path.join(build, 'tipline'), ['-c', conf, ...args], { encoding: 'utf8' });
    return [status, stderr];
  };
  const alone = `tipline: ${conf} has no section [desk]: name the configuration of a desk with -c FILE\n`;
  assert.deepEqual(ask('gateway', 'status'), [1, alone]);
  fs.writeFileSync(path.join(dir, 'desk.conf'), '');
  const beside = `tipline: ${conf} has no section [desk]. The desk's is ${dir}/desk.conf: give that with -c\n`;
  assert.deepEqual([ask('gateway', 'status'), ask('inbox')], [[1, beside], [1, beside]]);
  // a desk that names none is told where it is written what to add
  fs.writeFileSync(conf, plain.slice(0, plain.indexOf('[gateway')).replace(/^(canary_\w+) = .*$/gm, ''));
  for (const name of ['keys', 'secrets', 'tls']) fs.symlinkSync(path.join(home.dir, name), path.join(dir, name));
  const [status, text] = ask('gateway', 'status');
  assert.equal(status, 1);
  assert.match(text, /tipline\.conf names no \[gateway NAME\]\..*GATEWAYS\.md, After the tip has arrived/);
});
