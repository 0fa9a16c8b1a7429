// SPDX-License-Identifier: AGPL-3.0-or-later
// The desk with many open tips: from login to a list that can be worked with,
// until all is opened, list, filters and search, and the memory for it. A
// missed bar is said and is no failure.
//
//   BENCH_TIPS (10000)
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { promisify } from 'node:util';
import { Desk } from '../e2e/lib/desk.mjs';
import { Home, build, until } from '../e2e/lib/home.mjs';

const run = promisify(execFile);
const TIPS = Number(process.env.BENCH_TIPS ?? 10000);
const TRIES = 21;
const now = () => Number(process.hrtime.bigint()) / 1e6;
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const said = (what, ms, bar, more = '') => console.log(`${what}: ${ms.toFixed(0)} ms${more} (bar ${bar} ms: ${ms <= bar ? 'met' : 'MISSED'})`);
/** What a process has used of a processor, in ms: the same on a busy machine. */
const used = (pid) => {
  const [, ...fields] = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[10]) + Number(fields[11])) * 10;
};

/** How long until 25 rows are there, and until nothing is sealed any more. */
async function login(home, name) {
  let from;
  const desk = await Desk.login(home, { name, since: () => { from = now(); } });
  desk.agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
  let listed;
  await until('all is opened', async () => {
    const { rows, opening } = await desk.queue();
    if (listed === undefined && rows.length === Math.min(25, TIPS) && rows[0].lang !== '') listed = now() - from;
    return opening === 0 && rows.length > 0;
  }, 600000);
  return { desk, listed, all: now() - from };
}

async function measure(desk, what, query) {
  const times = [];
  const before = used(home.procs.desk.pid);
  let total;
  for (let i = 0; i < TRIES; i += 1) {
    const begun = now();
    ({ total } = await desk.queue(query));
    times.push(now() - begun);
  }
  const each = (used(home.procs.desk.pid) - before) / TRIES;
  said(`${what} (${total} found)`, median(times), 100, `, ${each.toFixed(0)} of them the desk's own`);
}

const memory = (pid, what) => Number(new RegExp(`${what}:\\s+(\\d+)`).exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

const home = await Home.start({ processes: ['redis'] });
try {
  for (const name of ['sok', 'dara']) await Desk.add(home, name);
  const at = (name) => path.join(home.dir, name);
  await run('eatmydata', [path.join(build, 'tests/bench/desk_fill'), at('keys/team.ring'), at('keys/intake.key'), at('ledger'), String(TIPS)]);
  await home.desk();
  const empty = memory(home.procs.desk.pid, 'VmRSS');
  const first = await login(home, 'sok');
  console.log(`first login, nothing known of ${TIPS} tips: a list after ${first.listed.toFixed(0)} ms, all opened after ${first.all.toFixed(0)} ms`);
  await until('each is a case', async () => {
    const rows = [];
    for (let page = 0; page < TIPS / 25; page += 1) rows.push(...(await first.desk.queue(`view=open&page=${page}`)).rows);
    return rows.every((row) => row.state === 'NEW');
  }, 1200000);
  await first.desk.logout();
  const { desk, listed, all } = await login(home, 'dara');
  said(`login with ${TIPS} open tips, to a list that can be worked with`, listed, 5000);
  console.log(`all of them opened after ${all.toFixed(0)} ms`);
  await measure(desk, 'list', 'view=open');
  await measure(desk, 'last page', `view=open&page=${Math.ceil(TIPS / 25) - 1}`);
  await measure(desk, 'filter by priority', 'view=open&priority=1');
  await measure(desk, 'search for a word', 'view=open&q=passport');
  await measure(desk, 'search in Khmer, typed with a break in it', `view=open&q=${encodeURIComponent('ជួយ\u200bខ្ញុំ')}`);
  const { header } = await desk.queue();
  console.log(`memory of the web process: ${memory(home.procs.desk.pid, 'VmRSS').toFixed(0)} MiB, ${empty.toFixed(0)} of them without tips;`
    + ` ${(header.memory_bytes / 1048576).toFixed(0)} MiB locked for what was opened, at most 256`);
} finally {
  await home.stop();
}
