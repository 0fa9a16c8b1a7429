// SPDX-License-Identifier: AGPL-3.0-or-later
// What tipline-textfile writes leaves the host. Beside a provider's log of
// connections it must not tell who wrote: counts of what people do move when an
// hour is over, and by five or more. The hours are those of a made-up clock.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { build, Home, root, until } from './lib/home.mjs';

const NOON = 500000 * 3600 - (500000 % 24) * 3600 + 12 * 3600;
let home;
let dir; // what is written
let now;

/** Run it at a time; the lines without comments, by their series. */
function collect(at_s, fake = false) {
  now = at_s;
  fs.writeFileSync(`${home.dir}/now`, `${now}\n`);
  execFileSync(`${root}/watch/tipline-textfile`, [dir], {
    env: { ...process.env, PATH: `${home.dir}/${fake ? 'fake' : 'bin'}:${build}:${process.env.PATH}`, TIPLINE_CONF: home.conf, TIPLINE_METRICS: `${home.dir}/sock/intake-admin` },
  });
  return Object.fromEntries(fs.readFileSync(`${dir}/tipline.prom`, 'utf8').split('\n')
    .filter((line) => line && !line.startsWith('#')).map((line) => line.split(' ')));
}
/** The same with made-up answers of intake and spool. */
function told(at_s, metrics, spool = {}) {
  fs.writeFileSync(`${home.dir}/metrics`, Object.entries(metrics).map(([name, value]) => `${name} ${value}\n`).join(''));
  fs.writeFileSync(`${home.dir}/spool.json`, `${JSON.stringify({ records: 0, urgent: 0, lent: 0, oldest_days: 0, free_bytes: 0, lost: 0, damaged: 0, bad_receipts: 0, ...spool })}\n`);
  return collect(at_s, true);
}

before(async () => {
  home = await Home.start({ processes: ['spool', 'intake'] });
  for (const folder of ['bin', 'fake']) {
    fs.mkdirSync(`${home.dir}/${folder}`);
    fs.writeFileSync(`${home.dir}/${folder}/date`, `#!/bin/sh\nexec cat ${home.dir}/now\n`, { mode: 0o755 });
  }
  fs.writeFileSync(`${home.dir}/fake/curl`, `#!/bin/sh\nfor last; do :; done\ncase $last in */metrics) cat ${home.dir}/metrics;; esac\n`, { mode: 0o755 });
  fs.writeFileSync(`${home.dir}/fake/tipline`, `#!/bin/sh\ncat ${home.dir}/spool.json\n`, { mode: 0o755 });
});
beforeEach(() => { dir = fs.mkdtempSync(path.join(home.dir, 'out-')); });
after(() => home?.stop());

test('a tip leaves no trace in what is written, neither at once nor when its hour is over; five do', async () => {
  const still = (text) => ({ ...text, tipline_spool_free_bytes: undefined });
  const send = async (n) => {
    const before = await home.metric('web_tips_total');
    for (let i = 0; i < n; i++) assert.equal((await home.form({ story: `someone wrote ${i}` })).status, 200);
    await until('they are counted', async () => await home.metric('web_tips_total') === before + n);
  };
  await send(1);
  const first = collect(NOON);
  assert.equal(first.tipline_web_tips_total, '0', 'a lost state tells nothing of what was before');
  await send(1);
  assert.deepEqual(still(collect(NOON + 60)), still(first));
  assert.deepEqual(still(collect(NOON + 3600)), still(first));
  await send(3);
  assert.deepEqual(still(collect(NOON + 3660)), still(first));
  assert.equal(collect(NOON + 7200).tipline_web_tips_total, '0', 'four');
  await send(1);
  assert.equal(collect(NOON + 7260).tipline_web_tips_total, '0', 'the hour is not over');
  const shown = collect(NOON + 10800);
  assert.equal(shown.tipline_web_tips_total, '5');
  assert.equal(shown.tipline_spool_records, '5', 'of six');
  await send(1);
  assert.deepEqual(still(collect(NOON + 10860)), still(shown));
  assert.equal(collect(NOON + 14400).tipline_web_tips_total, '5');
});

test('nothing moves within an hour but what is known to tell nothing of anybody', async () => {
  const { body } = await home.admin('/metrics');
  const series = body.split('\n').filter((line) => /^tipline_/.test(line)).map((line) => line.split(' ')[0]);
  const all = (value) => Object.fromEntries(series.map((name) => [name, value]));
  const first = told(NOON, all(0), { records: 0 });
  const second = told(NOON + 60, all(1000), { records: 1000, urgent: 1000, oldest_days: 9, free_bytes: 2 ** 40, lost: 1, damaged: 1, bad_receipts: 1 });
  const moved = Object.keys(second).filter((name) => second[name] !== first[name]).sort();
  // what a gateway's silence is held against is the operator's
  const set = moved.filter((name) => name.startsWith('tipline_gateway_silence_hours{'));
  assert.ok(set.length > 0 && set.length === series.filter((name) => name.includes('_silence_hours{')).length);
  assert.deepEqual(moved.filter((name) => !set.includes(name)), ['tipline_certificate_days_left', 'tipline_sandbox_refused_total',
    'tipline_spool_bad_receipts', 'tipline_spool_damaged', 'tipline_spool_lost_total', 'tipline_spool_records_lost', 'tipline_team_list_days_left']);
});

test('an intake that starts again counts on from what was shown, and shows no less than five', () => {
  const tips = (at, n) => told(at, { tipline_web_tips_total: n }).tipline_web_tips_total;
  assert.equal(tips(NOON, 100), '0');
  assert.equal(tips(NOON + 3600, 107), '7');
  assert.equal(tips(NOON + 3660, 3), '7', 'started again');
  assert.equal(tips(NOON + 7200, 4), '7');
  assert.equal(tips(NOON + 10800, 5), '12');
  assert.equal(tips(NOON + 10860, 9007199254740990), '12');
});

test('what was shown outlives the exporter: only a new hour moves it, also with a clock that was set', () => {
  const tips = (at, n) => told(at, { tipline_web_tips_total: n }).tipline_web_tips_total;
  tips(NOON, 0);
  assert.equal(tips(NOON + 3600, 5), '5');
  assert.deepEqual([fs.statSync(`${dir}/tipline.state`).mode & 0o777, fs.statSync(`${dir}/tipline.prom`).mode & 0o777], [0o600, 0o644]);
  assert.equal(tips(NOON + 3601, 10), '5');
  assert.equal(tips(NOON - 360000, 11), '11', 'set back: the hours go on from there');
  fs.rmSync(`${dir}/tipline.state`);
  assert.equal(tips(NOON - 360000 + 3600, 16), '0', 'without its state it begins anew');
  // one of somebody else's, which only root can make, is none
  fs.writeFileSync(`${dir}/tipline.state`, 'hour 0 1\ntipline_web_tips_total 0 0\n');
  if (process.getuid() === 0) fs.chownSync(`${dir}/tipline.state`, 65534, 65534);
  else fs.rmSync(`${dir}/tipline.state`);
  assert.equal(tips(NOON - 360000 + 3630, 17), '0');
  fs.writeFileSync(`${dir}/tipline.state`, 'half a li');
  assert.equal(tips(NOON - 360000 + 3660, 17), '0');
  assert.deepEqual(fs.readdirSync(dir).sort(), ['tipline.prom', 'tipline.state']);
});

test('silence is told by the day, and a daily text keeps it away', () => {
  const silent = (at, hours) => told(at, { 'tipline_gateway_silent_hours{gateway="kannel"}': hours })['tipline_gateway_silent_hours{gateway="kannel"}'];
  const MIDNIGHT = NOON + 12 * 3600;
  assert.equal(silent(NOON, 30), '0');
  assert.equal(silent(NOON + 3600, 31), '0', 'an hour is not a day');
  assert.equal(silent(MIDNIGHT, 42), '24');
  assert.equal(silent(MIDNIGHT + 3600, 0), '24', 'that one came is not told at once');
  assert.equal(silent(MIDNIGHT + 86400, 25), '0', 'a text that is sent each day');
  assert.equal(silent(MIDNIGHT + 86400 * 2, 49), '48');
});

test('that urgent tips wait is told when they have for a whole hour, not how many', () => {
  const at = (s, urgent) => {
    const text = told(s, {}, { urgent });
    return [text.tipline_spool_urgent, text.tipline_spool_urgent_waits].join(' ');
  };
  assert.equal(at(NOON, 1), '0 0');
  assert.equal(at(NOON + 3600, 1), '0 0', 'of an hour that it has not seen from its beginning nothing is said');
  assert.equal(at(NOON + 3660, 1), '0 0');
  assert.equal(at(NOON + 7200, 1), '0 1');
  assert.equal(at(NOON + 7260, 0), '0 1');
  assert.equal(at(NOON + 7320, 1), '0 1');
  assert.equal(at(NOON + 10800, 1), '0 0', 'there was none in between');
});

test('room is told by the hour and in steps of 64 MiB, so that nobody fills it to an edge and sees the next tip', () => {
  const MIB = 2 ** 20;
  const room = (at, bytes) => told(at, {}, { free_bytes: bytes }).tipline_spool_free_bytes;
  assert.equal(room(NOON, 1024 * MIB), String(1024 * MIB), 'at first as it is: none would be an alarm');
  assert.equal(room(NOON + 60, 1024 * MIB - 4096), String(1024 * MIB));
  assert.equal(room(NOON + 3540, 100 * MIB), String(1024 * MIB));
  assert.equal(room(NOON + 3600, 1024 * MIB - 4096), String(960 * MIB));
  assert.equal(room(NOON + 3660, 2 ** 41), String(960 * MIB));
  assert.equal(room(NOON + 7200, 2 ** 41), String(2 ** 41));
});

test('connections turned away are told by the hour and by five, so that who holds all others sees no single one', () => {
  const away = (at, n) => told(at, { tipline_http_turned_away_total: n }).tipline_http_turned_away_total;
  assert.equal(away(NOON, 0), '0');
  assert.equal(away(NOON + 60, 1000), '0');
  assert.equal(away(NOON + 3600, 1000), '1000');
  assert.equal(away(NOON + 7200, 1004), '1000');
  assert.equal(away(NOON + 10800, 1005), '1005');
});

test('one that could not be stored is told when its hour is over, also if the intake was started again', () => {
  const KANNEL = 'tipline_gateway_not_stored_total{gateway="kannel"}';
  const at = (s, forms, texts) => {
    const text = told(s, { tipline_web_unsent_total: forms, [KANNEL]: texts });
    return [text.tipline_web_unsent_total, text[KANNEL], text.tipline_some_not_stored].join(' ');
  };
  assert.equal(at(NOON, 3, 3), '0 0 0', 'of what was before nothing is told');
  assert.equal(at(NOON + 3600, 3, 3), '0 0 0');
  assert.equal(at(NOON + 3660, 4, 3), '0 0 0', 'the hour is not over');
  assert.equal(at(NOON + 3720, 0, 0), '0 0 0', 'started again');
  assert.equal(at(NOON + 7200, 0, 0), '0 0 1');
  assert.equal(at(NOON + 7260, 0, 0), '0 0 1');
  assert.equal(at(NOON + 10800, 0, 0), '0 0 0', 'for an hour');
  assert.equal(at(NOON + 14399, 0, 1), '0 0 0', 'a message');
  assert.equal(told(NOON + 14400, {}).tipline_some_not_stored, '1', 'also when the intake is away then');
  assert.equal(at(NOON + 18000, 2, 0), '0 0 1', 'started again, and two since');
});
