// SPDX-License-Identifier: AGPL-3.0-or-later
// What is shipped for watching speaks of metrics that there are: the alert
// rules, the dashboard, and the table of OPERATIONS.md.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build, Home, root, until } from './lib/home.mjs';

let home;
let metrics; // name: [types]
const collect = (dir, ...args) => execFileSync(`${root}/watch/tipline-textfile`, [dir, ...args], {
  env: { ...process.env, PATH: `${home.dir}/fake:${build}:${process.env.PATH}`, TIPLINE_CONF: home.conf, TIPLINE_METRICS: `${home.dir}/sock/intake-admin`, TIPLINE_DESK_CONF: home.conf },
});
/** One that says so of each unit: cases of a shell; of units that are started again and again; and of what is enabled. */
const systemctl = (cases, again = 'none', enabled = '*) echo disabled') => fs.writeFileSync(`${home.dir}/fake/systemctl`, `#!/bin/sh
for last; do :; done
case $3:$last in
SubState:tipline-${again}.service) echo auto-restart ;;
SubState:*) echo running ;;
NRestarts:tipline-${again}.service) echo 7 ;;
NRestarts:*) echo 0 ;;
UnitFileState:*) case $last in ${enabled};; esac ;;
*) case $last in ${cases};; esac ;;
esac
`, { mode: 0o755 });
const read = (dir) => fs.readFileSync(path.join(dir, 'tipline.prom'), 'utf8');
const names = (text) => new Set([...text.matchAll(/\btipline_[a-z_]+\b/g)].map((found) => found[0]));

before(async () => {
  home = await Home.start({ processes: ['redis', 'spool', 'intake'] });
  fs.mkdirSync(`${home.dir}/fake`);
  systemctl('*) echo active');
  collect(home.dir);
  metrics = new Set([...read(home.dir).matchAll(/^(tipline_[a-z_]+)(?:\{[^}]*\})? -?\d+$/gm)].map((found) => found[1]));
});
after(() => home?.stop());

test('the text file has all that intake and spool count, and each line is one', () => {
  for (const name of ['tipline_web_tips_total', 'tipline_gateway_silent_hours', 'tipline_certificate_days_left',
    'tipline_team_list_days_left', 'tipline_spool_records', 'tipline_spool_urgent', 'tipline_spool_oldest_days',
    'tipline_spool_free_bytes', 'tipline_spool_bad_receipts', 'tipline_spool_records_lost', 'tipline_spool_damaged', 'tipline_spool_clock_days', 'tipline_spool_urgent_waits', 'tipline_up', 'tipline_well',
    'tipline_unit_failed', 'tipline_unit_restarts_total', 'tipline_ledger_free_bytes', 'tipline_gateway_silence_hours', 'tipline_some_not_stored']) assert.ok(metrics.has(name), name);
  for (const line of read(home.dir).split('\n').filter(Boolean)) {
    assert.match(line, /^(# (HELP|TYPE) tipline_[a-z_]+ .+|tipline_[a-z_]+(\{(gateway|part|unit)="[a-z0-9-]+"\})? -?\d+)$/);
  }
  assert.match(read(home.dir), /^tipline_up\{part="intake"\} 1$/m);
  assert.match(read(home.dir), /^tipline_up\{part="spool"\} 1$/m);
  assert.match(read(home.dir), /^tipline_well 1$/m);
});

test('alerts and dashboard name metrics that there are', () => {
  for (const file of ['tipline.rules.yml', 'tipline-dashboard.json']) {
    const used = names(fs.readFileSync(`${root}/watch/${file}`, 'utf8'));
    assert.ok(used.size > 8, file);
    for (const name of used) assert.ok(metrics.has(name), `${file}: ${name}`);
  }
});

test('each alert says what is wrong, what to do, and how loud', () => {
  const alerts = fs.readFileSync(`${root}/watch/tipline.rules.yml`, 'utf8').split(/^ {2}- alert: /m).slice(1);
  assert.ok(alerts.length >= 12);
  for (const alert of alerts) {
    for (const part of [/^ {4}expr: \S/m, /^ {4}labels: \{severity: (page|ticket)\}$/m, /^ {6}summary: ".+"$/m, /^ {6}action: ".+"$/m]) {
      assert.match(alert, part);
    }
  }
});

test('a gateway whose silence is 0, which is never, raises no alarm by it', () => {
  const [, expr] = fs.readFileSync(`${root}/watch/tipline.rules.yml`, 'utf8').match(/TiplineGatewaySilent\n {4}expr: (.*)\n/);
  assert.ok(expr.split(' and ').includes('tipline_gateway_silence_hours > 0'));
});

test('no alert looks through a window too short for what moves once an hour', () => {
  const live = fs.readFileSync(`${root}/docs/OPERATIONS.md`, 'utf8').match(/^(.*) \| as it is now: /m)[1];
  const windows = [...fs.readFileSync(`${root}/watch/tipline.rules.yml`, 'utf8').matchAll(/tipline_([a-z_]+)\[(\d+)([mhd])\]/g)];
  assert.ok(windows.length >= 5);
  for (const [expr, name, , unit] of windows) assert.ok(unit !== 'm' || live.includes(`\`${name}\``), expr);
});

test('the dashboard is a whole document whose panels ask something', () => {
  const board = JSON.parse(fs.readFileSync(`${root}/watch/tipline-dashboard.json`, 'utf8'));
  assert.equal(new Set(board.panels.map((panel) => panel.id)).size, board.panels.length);
  for (const panel of board.panels) assert.ok(panel.targets.every((target) => target.expr), panel.title);
});

test('every metric stands in OPERATIONS.md, and no other', () => {
  const table = fs.readFileSync(`${root}/docs/OPERATIONS.md`, 'utf8').split('with `tipline_` in front | counts |')[1].split('\n\n')[0];
  const told = new Set([...table.matchAll(/`([a-z_]+)`/g)].map((found) => `tipline_${found[1]}`)
    .filter((name) => !['tipline_gateway', 'tipline_part', 'tipline_unit', 'tipline_silence'].includes(name)));
  assert.deepEqual([...told].sort(), [...metrics].sort());
});

test('units that failed are said: those that run, and those whose timer does', () => {
  const units = (cases, args = [], again = undefined, enabled = undefined) => {
    systemctl(cases, again, enabled);
    collect(home.dir, ...args);
    return Object.fromEntries([...read(home.dir).matchAll(/^tipline_unit_failed\{unit="(.*)"\} ([01])$/gm)].map(([, unit, failed]) => [unit, Number(failed)]));
  };
  assert.deepEqual(units('tipline-relay.service) echo failed;; tipline-intake.service) echo active;; *.service) echo inactive;; *.timer) echo inactive'),
    { intake: 0, relay: 1 });
  assert.deepEqual(units('tipline-doctor.service | tipline-canary.service) echo failed;; tipline-canary.timer) echo inactive;; *.timer) echo active;; *) echo inactive'),
    { doctor: 1, backup: 0, 'desk-backup': 0, janitor: 0 });
  // stopped by hand and forgotten, or never started at a boot; as tipline status has it
  assert.deepEqual(units('tipline-redis.service) echo active;; *) echo inactive', [], undefined,
    'tipline-desk.service) echo enabled;; tipline-relay.service) echo enabled-runtime;; tipline-spool.service) echo masked;; tipline-redis.service) echo enabled;; *) echo disabled'),
  { desk: 1, relay: 1, redis: 0 });
  // what a timer starts rests between its runs, whatever its own file says
  assert.deepEqual(units('*.timer) echo active;; *) echo inactive', [], undefined, 'tipline-janitor.service) echo static;; *.timer) echo enabled;; *) echo disabled'),
    { doctor: 0, backup: 0, 'desk-backup': 0, canary: 0, janitor: 0 });
  assert.deepEqual(units('*) exit 1', [], undefined, '*) exit 1'), {}, 'without systemd');
  assert.match(read(home.dir), /^tipline_up/m);
  assert.deepEqual(units('tipline-desk.service) echo active;; *) echo inactive', ['units']), { desk: 0 });
  assert.doesNotMatch(read(home.dir), /^tipline_(?!unit_failed|unit_restarts_total|ledger_free_bytes)/m);
  // systemd starts these again for ever, and never says that they failed
  assert.deepEqual(units('tipline-desk.service) echo activating;; tipline-sentinel.service) echo active;; *) echo inactive', ['units'], 'desk'), { desk: 1, sentinel: 0 });
  assert.match(read(home.dir), /^tipline_unit_restarts_total\{unit="desk"\} 7\ntipline_unit_restarts_total\{unit="sentinel"\} 0$/m);
  // a line without its number would have the exporter refuse the whole file
  fs.writeFileSync(`${home.dir}/fake/systemctl`, '#!/bin/sh\n[ "$3" = NRestarts ] || echo active\n');
  collect(home.dir, 'units');
  assert.match(read(home.dir), /^tipline_unit_failed\{unit="desk"\} 0$/m);
  assert.doesNotMatch(read(home.dir), /^tipline_unit_restarts_total\{/m);
  assert.throws(() => collect(home.dir, 'all'));
});

test('room on the ledger\'s disk is that of where it is mounted, where a desk runs', () => {
  const own = fs.mkdtempSync(`${home.dir}/own-`);
  const told = (conf) => {
    const dir = fs.mkdtempSync(`${home.dir}/out-`);
    fs.writeFileSync(`${own}/desk.conf`, conf);
    execFileSync(`${root}/watch/tipline-textfile`, [dir, 'units'], {
      env: { ...process.env, PATH: `${home.dir}/fake:${process.env.PATH}`, TIPLINE_DESK_CONF: `${own}/desk.conf` } });
    return /^tipline_ledger_free_bytes (\d+)$/m.exec(read(dir))?.[1];
  };
  const down = ({ bavail, bsize }) => bavail * bsize - (bavail * bsize) % (64 << 20);
  systemctl('tipline-desk.service) echo active;; *) echo inactive');
  // nobody but the desk may look into the folders on the way
  const here = Number(told(`# ledger = /proc\n[site]\nledger = /proc\n[desk]\nmin_free = 1GiB\n  ledger = ${home.dir}/not/there\n`));
  assert.ok(Math.abs(here - down(fs.statfsSync(home.dir))) <= 1 << 30, here);
  assert.equal(told('[desk]\nledger = /proc/1/fd\n'), '0', 'another file system');
  assert.ok(told('[desk]\nledger = ledger\n') > 0, 'beside the configuration');
  systemctl('*) echo inactive');
  assert.equal(told(`[desk]\nledger = ${home.dir}\n`), undefined);
});

test('a part that is away is said', async () => {
  await home.kill('spool');
  await until('the intake knows', async () => (await home.admin('/healthz')).status === 503);
  collect(home.dir);
  assert.match(read(home.dir), /^tipline_up\{part="spool"\} 0$/m);
  assert.match(read(home.dir), /^tipline_well 0$/m);
  await home.kill('intake');
  collect(home.dir);
  assert.match(read(home.dir), /^tipline_up\{part="intake"\} 0$/m);
});
