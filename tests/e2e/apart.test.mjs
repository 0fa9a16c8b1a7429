// SPDX-License-Identifier: AGPL-3.0-or-later
// A console whose keys lie in the folder of its ledger: who makes it is told before
// the start and each morning; a team that has run so is told too, and is not locked out.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build, Home, until } from './lib/home.mjs';

let home;
before(async () => {
  home = await Home.start({ processes: ['redis'] });
});
after(() => home?.stop());

const say = (command) => {
  const { status, stdout, stderr } = spawnSync(path.join(build, 'tipline'), ['-c', home.conf, ...command], { encoding: 'utf8' });
  return { status, lines: (stdout + stderr).split('\n').filter((line) => line.includes('desk.ledger')) };
};

test('keys in the folder of the ledger are refused by check, named by doctor, and told at the start', async () => {
  assert.deepEqual(say(['check', 'desk']), { status: 0, lines: [] });
  assert.deepEqual(say(['doctor']).lines, []);
  const conf = fs.readFileSync(home.conf, 'utf8');
  const [line, ring] = /^team_ring = (.*)$/m.exec(conf);
  fs.copyFileSync(path.join(home.dir, ring), path.join(home.dir, 'ledger/team.ring'));
  fs.writeFileSync(home.conf, conf.replace(line, 'team_ring = ledger/team.ring'));
  const { status, lines } = say(['check', 'desk']);
  assert.equal(status, 1);
  assert.equal(lines.length, 1);
  assert.match(lines[0], /ledger\/team\.ring is in the folder of desk\.ledger/);
  const found = say(['doctor']).lines;
  assert.equal(found.length, 1);
  assert.match(found[0], /ledger\/team\.ring is in the folder of desk\.ledger.*stop the desk and move the ledger's files/);
  await home.run('desk');
  await until('the desk is ready', () => /E101/.test(home.log('desk')));
  assert.match(home.log('desk'), /E148/);
});

test('a ledger apart is nothing to speak of', async () => {
  await home.kill('desk', 'SIGTERM');
  fs.rmSync(path.join(home.dir, 'ledger/team.ring'));
  const conf = fs.readFileSync(home.conf, 'utf8');
  fs.writeFileSync(home.conf, conf.replace('team_ring = ledger/team.ring', 'team_ring = keys/team.ring'));
  home.logs.desk = [];
  await home.run('desk');
  await until('the desk is ready', () => /E101/.test(home.log('desk')));
  assert.doesNotMatch(home.log('desk'), /E148/);
});
