// SPDX-License-Identifier: AGPL-3.0-or-later
// Images of hosts for `tipline setup`, and what it made in them.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build, root } from './home.mjs';

export const one = `host = one
public_url = https://notes.example.org
officer = reader
desk_folder = /srv/desk
gateways = phones=kannel partner=generic
gateway.phones.numbers = national
`;
export const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-setup-'));
fs.writeFileSync(`${dir}/pass`, 'a passphrase for tests\n', { mode: 0o600 });
let n = 0;

/** An image of a host: users and groups, and nothing else. */
export function image() {
  const at = path.join(dir, `image-${n += 1}`);
  fs.mkdirSync(`${at}/etc`, { recursive: true });
  const users = ['root', 'reader', 'debian-tor', 'stunnel4'];
  const groups = [];
  for (const [, kind, name] of fs.readFileSync(`${root}/systemd/sysusers.conf`, 'utf8').matchAll(/^([ug]) +(\S+)/gm)) {
    (kind === 'u' ? users : groups).push(name);
  }
  fs.writeFileSync(`${at}/etc/passwd`, users.map((name, i) => `${name}:x:${i * 7}:${i * 7}::/:/bin/false\n`).join(''));
  fs.writeFileSync(`${at}/etc/group`, [...users, ...groups].map((name, i) => `${name}:x:${i * 7}:\n`).join(''));
  return at;
}

/** Resolves to {status, said}: what it printed on both outputs. */
export function setup(answers, ...more) {
  const file = path.join(dir, 'answers');
  fs.writeFileSync(file, answers);
  return new Promise((resolve) => {
    execFile(`${build}/tipline`, ['setup', '--answers', file, ...more], {
      env: { ...process.env, TIPLINE_PASSPHRASE_FILE: `${dir}/pass`, TIPLINE_SETUP_CHEAP: 'yes' },
    }, (error, stdout, stderr) => resolve({ status: error?.code ?? 0, said: stdout + stderr }));
  });
}

/** Every file below at as {path: [mode, content]}. */
export function tree(at, below = '') {
  const found = {};
  for (const entry of fs.readdirSync(path.join(at, below), { withFileTypes: true })) {
    const name = path.join(below, entry.name);
    const full = path.join(at, name);
    if (entry.isDirectory()) Object.assign(found, tree(at, name));
    else if (entry.isFile()) found[name] = [(fs.statSync(full).mode & 0o777).toString(8), fs.readFileSync(full, 'latin1')];
  }
  return found;
}

export const users = (text) => [...text.matchAll(/^user (\S+)/gm)].map((found) => found[1]);
