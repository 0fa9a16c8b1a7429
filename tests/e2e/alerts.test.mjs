// SPDX-License-Identifier: AGPL-3.0-or-later
// The alert rules as Prometheus reads them: each fires when it has to, with the words
// that somebody is woken up by, and not before. What they name is in watch.test.mjs.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { root } from './lib/home.mjs';

const rules = `${root}/watch/tipline.rules.yml`;
const alerts = Object.fromEntries(fs.readFileSync(rules, 'utf8').split(/^ {2}- alert: /m).slice(1).map((text) => {
  const one = (pattern) => pattern.exec(text)[1];
  return [one(/^(\w+)\n/), { severity: one(/severity: (\w+)/), summary: one(/summary: "(.+)"/), action: one(/action: "(.+)"/) }];
}));

const no = [];
const yes = [{}];
const unit = (name) => `tipline_unit_failed{unit="${name}"}`;
const of = (name, gateway = 'a') => `${name}{gateway="${gateway}"}`;
const written = (instance = 'public', name = 'tipline') => `node_textfile_mtime_seconds{file="/x/${name}.prom",instance="${instance}"}`;
/** Alert, series by the minute, what is said after so many minutes, and of which value. */
const cases = [
  ['TiplineDown', { 'tipline_up{part="spool"}': '1 0x9', 'tipline_up{part="intake"}': '1x9' }, { 2: no, 3: [{ part: 'spool' }] }],
  ['TiplineUnitFailed', { [unit('relay')]: '0 1x5', [unit('doctor')]: '1x6', [unit('desk-backup')]: '1x6' }, { 2: no, 3: [{ unit: 'relay' }] }],
  ['TiplineUnitFailed', { [unit('desk')]: '0 1 0 1 1 0' }, { 2: no, 5: no }],
  ['TiplineUnitRestarts', { 'tipline_unit_restarts_total{unit="desk"}': '4x20 5+1x20', 'tipline_unit_restarts_total{unit="relay"}': '0x20 1x20' }, { 20: no, 25: [{ unit: 'desk' }] }],
  ['TiplineDoctorFound', { [unit('doctor')]: '0 1x5', [unit('relay')]: '1x6' }, { 0: no, 1: [{ unit: 'doctor' }] }],
  ['TiplineTimerFailed', { [unit('backup')]: '0 1x5', [unit('janitor')]: '0 0 1x5', [unit('desk-backup')]: '0 0 0 1x5', [unit('canary')]: '1x6' },
    { 0: no, 1: [{ unit: 'backup' }], 2: [{ unit: 'backup' }, { unit: 'janitor' }], 3: [{ unit: 'backup' }, { unit: 'desk-backup' }, { unit: 'janitor' }] }],
  // one text that did not get through is no alarm: the next one comes within the hour
  ['TiplineCanaryFailed', { [unit('canary')]: '1x99' }, { 69: no, 70: [{ unit: 'canary' }] }],
  ['TiplineCanaryFailed', { [unit('canary')]: '1x59 0 1x69' }, { 70: no, 129: no }],
  ['TiplineFormSilent', { tipline_web_tips_total: '0x99', [unit('canary')]: '0x99' }, { 59: no, 99: yes }],
  ['TiplineFormSilent', { tipline_web_tips_total: '0x99' }, { 99: no }],
  ['TiplineFormSilent', { tipline_web_tips_total: '0x50 5x49', [unit('canary')]: '0x99' }, { 99: no }],
  ['TiplineNotWatched', {}, { 4: no, 5: yes }],
  ['TiplineNotWatched', { [written()]: '0x19' }, { 10: no, 11: [{ file: '/x/tipline.prom', instance: 'public' }] }],
  ['TiplineNotWatched', { [written()]: '0+60x19', [written('public', 'other')]: '0x19' }, { 19: no }],
  // a team's host alone, which has neither intake nor spool
  ['TiplineNotWatched', { [written('team')]: '0+60x99', [unit('desk')]: '0x99' }, { 99: no }],
  // one of several hosts is gone, with all that it told; it is missed for longer than a day
  ['TiplineNotWatched', { [written()]: '0+60x2000', [written('team')]: '0+60x19 stale', 'tipline_up{part="intake",instance="public"}': '1x2000' },
    { 24: no, 25: [{ instance: 'team' }], 1500: [{ instance: 'team' }] }],
  ['TiplineNotWatched', { [written()]: '0+60x99', [written('team')]: '0+60x19 _x4 1500+60x74' }, { 19: no, 24: no, 99: no }],
  // the only one
  ['TiplineNotWatched', { [written('team')]: '0+60x19 stale', 'tipline_up{part="intake"}': '1x99' }, { 24: no, 25: [{}, { instance: 'team' }] }],
  ['TiplineNotWell', { tipline_well: '1 0x9' }, { 2: no, 3: yes }],
  ['TiplineNotStored', { tipline_some_not_stored: '0 1x5' }, { 0: no, 1: yes }],
  ['TiplineSandboxRefused', { tipline_sandbox_refused_total: '0x5 1x20' }, { 5: no, 6: yes, 20: no }],
  ['TiplineSpoolRoom', { tipline_spool_free_bytes: '536870912x2 536870911x9' }, { 2: no, 7: no, 8: yes }],
  ['TiplineLedgerRoom', { tipline_ledger_free_bytes: '536870912x2 536870911x9' }, { 2: no, 7: no, 8: yes }],
  ['TiplineSpoolLost', { tipline_spool_records_lost: '0 8x5 0x5' }, { 0: no, 1: yes, 6: yes, 7: no }, 8],
  ['TiplineSpoolDamaged', { tipline_spool_damaged: '0 2x5' }, { 0: no, 1: yes }, 2],
  ['TiplineUrgentWaits', { tipline_spool_urgent_waits: '0 1x5' }, { 0: no, 1: yes }],
  ['TiplineTipsWait', { tipline_spool_oldest_days: '1x5 2x99' }, { 65: no, 66: yes }, 2],
  ['TiplineClock', { tipline_spool_clock_days: '0x5 8x30' }, { 15: no, 16: yes }, 8],
  ['TiplineClock', { tipline_spool_clock_days: '-180x30' }, { 9: no, 10: yes }, -180],
  // two may be an accident of a change of keys
  ['TiplineForgedReceipts', { tipline_spool_bad_receipts: '0x60 1x60 6x60' }, { 100: no, 125: yes }],
  ['TiplineNoProof', { [of('tipline_gateway_no_proof_total')]: '0x5 5x90', [of('tipline_gateway_no_proof_total', 'b')]: '7x96' },
    { 5: no, 10: [{ gateway: 'a' }], 90: no }],
  ['TiplineGatewayClock', { [of('tipline_gateway_stale_total')]: '0x5 5x90' }, { 5: no, 10: [{ gateway: 'a' }], 90: no }],
  ['TiplineUndecodable', { [of('tipline_gateway_undecodable_total')]: '0x5 5x90' }, { 5: no, 10: [{ gateway: 'a' }], 90: no }],
  ['TiplineGatewaySilent', { [of('tipline_gateway_silent_hours')]: '0 24x5', [of('tipline_gateway_silence_hours')]: '12x6' },
    { 0: no, 1: [{ gateway: 'a' }] }, 24],
  // its own time is longer, or it may be silent for ever
  ['TiplineGatewaySilent', { [of('tipline_gateway_silent_hours')]: '24x5 48x5', [of('tipline_gateway_silence_hours')]: '48x11' },
    { 5: no, 6: [{ gateway: 'a' }] }, 48],
  ['TiplineGatewaySilent', { [of('tipline_gateway_silent_hours')]: '480x5', [of('tipline_gateway_silence_hours')]: '0x5' }, { 5: no }],
  ['TiplineFlood', { tipline_http_turned_away_total: '0x10 500x90' }, { 5: no, 20: yes }],
  ['TiplineFlood', { tipline_http_turned_away_total: '0x10 50x90' }, { 20: no, 60: no }],
  ['TiplineCertificateEnds', { 'tipline_certificate_days_left{kind="rsa"}': '20 19x5' }, { 0: no, 1: [{ kind: 'rsa' }] }, 19],
  ['TiplineCertificateEnded', { 'tipline_certificate_days_left{kind="rsa"}': '2 1x5', 'tipline_certificate_days_left{kind="ecdsa"}': '19x6' }, { 0: no, 1: [{ kind: 'rsa' }] }, 1],
  ['TiplineCertificateEnded', { tipline_certificate_days_left: '19 -1x5' }, { 0: no, 1: yes }, -1],
  ['TiplineKeysEnd', { 'tipline_team_list_days_left{team="1"}': '30 29x5' }, { 0: no, 1: [{ team: '1' }] }, 29],
];

let dir, promtool;
before(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-alerts-'));
  promtool = execFileSync(`${root}/tools/promtool`, { encoding: 'utf8' }).trim();
});
after(() => fs.rmSync(dir, { recursive: true }));

const run = (...args) => {
  const { status, stdout, stderr } = spawnSync(promtool, args, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
};
const words = (text, labels, value) => text.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, name) => labels[name]).replaceAll('{{ $value }}', value);

test('Prometheus takes each rule', () => {
  const { status, said } = run('check', 'rules', rules);
  assert.equal(status, 0, said);
  assert.match(said, new RegExp(`SUCCESS: ${Object.keys(alerts).length} rules found`));
});

test('each alert fires, and each is also seen not to', () => {
  for (const name of Object.keys(alerts)) {
    const said = cases.filter(([alert]) => alert === name).flatMap(([, , at]) => Object.values(at));
    assert.ok(said.some((each) => each.length > 0) && said.some((each) => each.length === 0), name);
  }
});

test('alerts fire when they have to, in their words, and not before', () => {
  const tests = cases.map(([alertname, series, at, value]) => ({
    name: alertname,
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: Object.entries(at).map(([minutes, fires]) => ({
      alertname,
      eval_time: `${minutes}m`,
      exp_alerts: fires.map((labels) => ({
        exp_labels: { severity: alerts[alertname].severity, ...labels },
        exp_annotations: { summary: words(alerts[alertname].summary, labels, value), action: words(alerts[alertname].action, labels, value) },
      })),
    })),
  }));
  // what is JSON is YAML
  fs.writeFileSync(`${dir}/alerts.yml`, JSON.stringify({ rule_files: [rules], evaluation_interval: '1m', tests }));
  const { status, said } = run('test', 'rules', `${dir}/alerts.yml`);
  assert.equal(status, 0, said);
});
