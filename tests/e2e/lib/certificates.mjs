// SPDX-License-Identifier: AGPL-3.0-or-later
// Certificates that tests make, and tls-install, which puts them in place.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './home.mjs';

/** A certificate for that name, and its key: NAME.pem and NAME.key in dir. */
export function make(dir, name, san, ...kind) {
  execFileSync('openssl', ['req', '-x509', '-newkey', ...kind, '-nodes', '-subj', '/CN=x', '-addext', `subjectAltName=${san}`,
    '-keyout', `${dir}/${name}.key`, '-out', `${dir}/${name}.pem`], { stdio: 'ignore' });
}
export const ec = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

/** Keys and certificates by their names, which may be links: {name: [mode, content]}. */
export function pairs(tls) {
  const names = fs.readdirSync(tls).filter((name) => /^[a-z]+\.(key|pem)$/.test(name));
  return Object.fromEntries(names.map((name) => [name, [(fs.statSync(`${tls}/${name}`).mode & 0o777).toString(8), fs.readFileSync(`${tls}/${name}`, 'latin1')]]));
}

/** tls-install in a folder of its own below dir: install(ARGS, ENV) gives {status, said}. */
export function installer(dir) {
  const at = fs.mkdtempSync(path.join(dir, 'tls-'));
  const tls = `${at}/tls`;
  fs.mkdirSync(tls);
  const install = (args, env = {}) => {
    const { status, stdout, stderr } = spawnSync(`${root}/tools/tls-install`, args, { env: { ...process.env, TIPLINE_TLS: tls, ...env }, encoding: 'utf8' });
    return { status, said: stdout + stderr };
  };
  return { at, tls, install };
}
