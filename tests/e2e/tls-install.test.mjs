// SPDX-License-Identifier: AGPL-3.0-or-later
// What certbot has root run after a renewal takes what fits and nothing else; and where
// the folder of the certificate is another's, nothing that was root's alone becomes a
// file of tipline, and least one that everybody may read.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import { after, before, test } from 'node:test';
import { ec, installer, make, pairs } from './lib/certificates.mjs';
import { root } from './lib/home.mjs';

const OTHER = 7;
let dir;
before(() => {
  dir = fs.mkdtempSync(`${os.tmpdir()}/tl-tls-`);
  fs.chmodSync(dir, 0o711);
  for (const name of ['mine', 'roots']) make(dir, name, 'DNS:x', ...ec);
});
after(() => fs.rmSync(dir, { recursive: true }));

const read = (name) => fs.readFileSync(`${dir}/${name}`, 'utf8');

/** install(ARGS, ENV) in a folder of its own: {status, said, made: {name: text}}. */
function install(args, env) {
  const { tls, install: run } = installer(dir);
  const done = run(args, env);
  return { ...done, made: Object.fromEntries(Object.entries(pairs(tls)).map(([name, [, text]]) => [name, text])) };
}

test('certificates of both kinds are put in place, and nothing that does not fit', () => {
  const { tls, install } = installer(dir);
  make(dir, 'ec', 'DNS:x', ...ec);
  make(dir, 'rsa', 'DNS:x', 'rsa', '-pkeyopt', 'rsa_keygen_bits:2048');
  make(dir, 'ed', 'DNS:x', 'ed25519');
  assert.equal(install([`${dir}/ec.pem`, `${dir}/ec.key`]).status, 0);
  fs.mkdirSync(`${dir}/live`);
  fs.copyFileSync(`${dir}/rsa.pem`, `${dir}/live/fullchain.pem`);
  fs.copyFileSync(`${dir}/rsa.key`, `${dir}/live/privkey.pem`);
  assert.equal(install([], { RENEWED_LINEAGE: `${dir}/live` }).status, 0); // as certbot calls it
  const good = pairs(tls);
  assert.deepEqual(Object.entries(good).map(([name, [mode]]) => `${name} ${mode}`).sort(),
    ['ecdsa.key 640', 'ecdsa.pem 644', 'rsa.key 640', 'rsa.pem 644']);
  assert.equal(install([`${dir}/ec.pem`, `${dir}/rsa.key`]).status, 1);
  assert.equal(install([`${dir}/ed.pem`, `${dir}/ed.key`]).status, 1);
  assert.equal(install([`${dir}/ec.key`, `${dir}/ec.key`]).status, 1);
  assert.equal(install([`${dir}/ec.pem`]).status, 2);
  assert.deepEqual(pairs(tls), good);
});

test('a certificate of another site is refused, and the old one stays', () => {
  const { at, tls, install } = installer(dir);
  make(dir, 'site', 'DNS:notes.example.org', ...ec);
  make(dir, 'mail', 'DNS:mail.example.net', ...ec);
  make(dir, 'ip', 'IP:192.0.2.7,IP:2001:db8::7', ...ec);
  const site = (url) => fs.writeFileSync(`${at}/tipline.conf`,
    `# public_url = https://no.example\n[site]\nlanguages = en\n  public_url =  ${url}\n[gateway a]\npublic_url = https://x.example\n`);
  const tries = (name, ...more) => install([...more, `${dir}/${name}.pem`, `${dir}/${name}.key`]);
  // before there is a configuration, as set-up has it
  assert.equal(tries('mail', '--url', 'https://notes.example.org').status, 1);
  assert.deepEqual(pairs(tls), {});
  assert.equal(tries('site', '--url', 'https://notes.example.org').status, 0);
  const good = pairs(tls);
  site('https://notes.example.org:8443');
  const refused = tries('mail', '--url', 'https://mail.example.net');
  assert.equal(refused.status, 1);
  assert.match(refused.said, /mail\.pem: is not for notes\.example\.org/);
  assert.deepEqual(pairs(tls), good);
  assert.equal(tries('site').status, 0);
  for (const url of ['https://192.0.2.7', 'https://192.0.2.7:8443', 'https://[2001:db8::7]:8443', 'https://[2001:db8::7]']) {
    site(url);
    assert.equal(tries('ip').status, 0, url);
    assert.equal(tries('site').status, 1, url);
  }
  site(`https://${'a'.repeat(56)}.onion`); // has none that an authority signed
  assert.equal(tries('site').status, 0);
});

test('of a file with certificate and key the certificate alone becomes one that all may read', () => {
  fs.writeFileSync(`${dir}/both`, `for the mail server\n${read('mine.key')}${read('mine.pem')}${read('roots.pem')}`);
  const { status, said, made } = install([`${dir}/both`, `${dir}/both`]);
  assert.equal(status, 0, said);
  assert.equal(made['ecdsa.pem'], read('mine.pem') + read('roots.pem'));
  assert.match(made['ecdsa.key'], /^-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n$/);
});

test('what is put in its place after it was looked at is not taken', () => {
  fs.mkdirSync(`${dir}/bin`);
  fs.writeFileSync(`${dir}/chain`, read('mine.pem'));
  const real = execFileSync('sh', ['-c', 'command -v openssl'], { encoding: 'utf8' }).trim();
  // who can write to the folder waits for this very moment
  fs.writeFileSync(`${dir}/bin/openssl`, `#!/bin/sh\ncase "$*" in *checkend*) ln -sf roots.key ${dir}/chain ;; esac\nexec ${real} "$@"\n`, { mode: 0o755 });
  const { status, said, made } = install([`${dir}/chain`, `${dir}/mine.key`], { PATH: `${dir}/bin:${process.env.PATH}` });
  assert.equal(status, 0, said);
  assert.equal(fs.readlinkSync(`${dir}/chain`), 'roots.key', 'it was put there');
  assert.equal(made['ecdsa.pem'], read('mine.pem'));
});

/** Whose key and certificate a folder has, each by itself. */
const ofWhom = (tls, names) => ['key', 'pem'].map((end) => {
  const file = `${tls}/ecdsa.${end}`;
  if (!fs.existsSync(file)) return 'none';
  const text = fs.readFileSync(file, 'utf8');
  return names.find((name) => (end === 'key' ? keyOf(`${dir}/${name}.key`) : read(`${name}.pem`)) === (end === 'key' ? keyOf(file) : text)) ?? 'torn';
});
const keyOf = (file) => spawnSync('openssl', ['pkey', '-in', file, '-pubout'], { encoding: 'utf8' }).stdout;

test('wherever it is killed, key and certificate are of one pair, and the next run goes on', () => {
  make(dir, 'new', 'DNS:x', ...ec);
  fs.mkdirSync(`${dir}/calls`);
  // each call that changes what is seen counts, and the n-th one is its last
  for (const name of ['mv', 'ln', 'sync', 'rm']) {
    const real = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    fs.writeFileSync(`${dir}/calls/${name}`, `#!/bin/sh\nn=$(($(head -n 1 "$COUNT") + 1)); echo $n >"$COUNT"\n[ $n -ne $LAST ] || { kill -9 $PPID; exit 1; }\nexec ${real} "$@"\n`, { mode: 0o755 });
  }
  const env = (last) => ({ PATH: `${dir}/calls:${process.env.PATH}`, COUNT: `${dir}/count`, LAST: `${last}` });
  for (const before of ['files', 'links']) {
    let killed = true;
    for (let last = 1; killed; last++) {
      const tls = fs.mkdtempSync(`${dir}/tls-`);
      const run = (name, more) => spawnSync(`${root}/tools/tls-install`, [`${dir}/${name}.pem`, `${dir}/${name}.key`],
        { env: { ...process.env, TIPLINE_TLS: tls, ...more }, encoding: 'utf8' });
      if (before === 'files') {
        for (const end of ['key', 'pem']) fs.copyFileSync(`${dir}/mine.${end}`, `${tls}/ecdsa.${end}`);
      } else {
        assert.equal(run('mine').status, 0);
      }
      fs.writeFileSync(`${dir}/count`, '0\n');
      killed = run('new', env(last)).status !== 0;
      const [key, pem] = ofWhom(tls, ['mine', 'new']);
      assert.equal(key, pem, `${before}, ${last}`);
      assert.ok(killed ? ['mine', 'new'].includes(key) : key === 'new', key);
      const { status, stderr } = run('roots');
      assert.equal(status, 0, stderr);
      assert.deepEqual(ofWhom(tls, ['roots']), ['roots', 'roots']);
      assert.ok(!fs.readdirSync(tls).some((name) => name.startsWith('.new')), 'nothing is left of it');
      fs.rmSync(tls, { recursive: true });
    }
  }
});

test('a link in the folder of another leads to nothing that is root\'s alone', () => {
  if (process.getuid() !== 0) return;
  const le = `${dir}/le`;
  const names = [['fullchain.pem', 'mine.pem', 'roots.pem'], ['privkey.pem', 'mine.key', 'roots.key']];
  for (const folder of ['live/notes', 'archive/notes']) fs.mkdirSync(`${le}/${folder}`, { recursive: true });
  for (const [name, mine] of names) {
    fs.copyFileSync(`${dir}/${mine}`, `${le}/archive/notes/${name}`);
    fs.chmodSync(`${le}/archive/notes/${name}`, 0o600);
    fs.symlinkSync(`../../archive/notes/${name}`, `${le}/live/notes/${name}`);
  }
  const renewed = () => install([], { RENEWED_LINEAGE: `${le}/live/notes` });
  assert.equal(renewed().status, 0, 'root\'s own links are followed');
  execFileSync('chown', ['-R', `${OTHER}:${OTHER}`, le]);
  const good = renewed();
  assert.equal(good.status, 0, good.said);
  assert.equal(good.made['ecdsa.pem'], read('mine.pem'));
  for (const folder of ['live', 'archive']) {
    for (const [name, , roots] of names) {
      fs.chmodSync(`${dir}/${roots}`, 0o600);
      const file = `${le}/${folder}/notes/${name}`;
      fs.renameSync(file, `${file}.mine`);
      execFileSync('ln', ['-s', `${dir}/${roots}`, file], { uid: OTHER, gid: OTHER });
    }
    const { status, said, made } = renewed();
    assert.equal(status, 1, said);
    assert.match(said, new RegExp(`is in a folder of user ${OTHER}, who may not read it`));
    assert.deepEqual(made, {});
    for (const [name] of names) fs.renameSync(`${le}/${folder}/notes/${name}.mine`, `${le}/${folder}/notes/${name}`);
  }
  assert.equal(renewed().status, 0);
});

test('a key for RSA-PSS alone is refused, as the intake would', () => {
  make(dir, 'pss', 'DNS:x', 'rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048');
  const { status, said, made } = install([`${dir}/pss.pem`, `${dir}/pss.key`]);
  assert.equal(status, 1, said);
  assert.match(said, /RSA-PSS alone/);
  assert.deepEqual(made, {});
});
