// SPDX-License-Identifier: AGPL-3.0-or-later
// What testssl.sh has to say about the intake (make test-tls; it takes some
// minutes). All that it finds worse than well is wrong, but for what a
// certificate of a test and the name 127.0.0.1 cannot have.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Home } from '../e2e/lib/home.mjs';

const OF_A_TEST = /^(cert_chain_of_trust|cert_revocation|DNS_CAArecord|engine_problem)/;
// Pages are compressed only if nobody's words are in them.
const ANSWERED = /^BREACH$/;
const GOOD = ['OK', 'INFO'];

let home, findings;
before(async () => {
  home = await Home.start({ processes: ['spool', 'intake'] });
  const file = path.join(home.dir, 'testssl.json');
  await promisify(execFile)('testssl', ['--quiet', '--color', '0', '--warnings', 'off', '--ip', 'one',
    '--jsonfile', file, '-p', '-s', '-f', '-P', '-S', '-U', '-c', `${home.url}/km/`], { maxBuffer: 1 << 26 })
    .catch((error) => { if (!fs.existsSync(file)) throw error; });
  findings = JSON.parse(fs.readFileSync(file, 'utf8'));
  for (const { id, severity, finding } of findings) {
    console.log(`${severity.padEnd(8)} ${id.padEnd(36)} ${finding.slice(0, 100)}`);
  }
});
after(() => home?.stop());

const found = (id) => findings.find((each) => each.id === id)?.finding;

test('no finding is worse than well', () => {
  const bad = findings.filter(({ id, severity }) => !GOOD.includes(severity) && !OF_A_TEST.test(id) && !ANSWERED.test(id));
  assert.deepEqual(bad.map(({ id, severity, finding }) => `${severity} ${id}: ${finding}`), []);
});

test('TLS 1.2 and 1.3 are spoken and nothing older', () => {
  for (const old of ['SSLv2', 'SSLv3', 'TLS1', 'TLS1_1']) assert.match(found(old), /not offered/, old);
  for (const now of ['TLS1_2', 'TLS1_3']) assert.match(found(now), /^offered/, now);
});

test('Android 6 connects', () => {
  assert.match(found('clientsimulation-android_60'), /^TLSv1\.2 ECDHE-ECDSA-AES128-GCM-SHA256/);
});
