// SPDX-License-Identifier: AGPL-3.0-or-later
// Forms that wait because the kdf does not answer: their words take no more
// memory than they may, whoever is over that hears so at once with the words
// in the page, and when it answers again everything goes on.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Home, receiptOf, sanitized, until } from './lib/home.mjs';

let home;

before(async () => {
  home = await Home.start({
    processes: ['spool', 'intake'],
    edit: (conf) => conf.replace('[intake]', '[intake]\nworkers = 1\ncode_pool = 0'),
  });
});
after(() => home?.stop());

const rss_kib = (pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

test('many long forms in front of a kdf that is silent', async () => {
  const first = await home.form({ story: 'before' });
  assert.equal(first.status, 200);
  // the kdf does not say who it is: all are stopped but who takes connections
  const [worker, ...others] = home.workers();
  assert.deepEqual(others, []);
  const silent = home.childrenOf('intake').filter((pid) => pid !== worker);
  const before_kib = rss_kib(worker);
  for (const pid of silent) process.kill(pid, 'SIGSTOP');
  let most_kib = 0;
  const watch = setInterval(() => { most_kib = Math.max(most_kib, rss_kib(worker)); }, 50);
  try {
    const answers = Array.from({ length: 70 }, (_, i) => home.form({ story: `${i} ${'\u{10ffff}'.repeat(9990)}`, where_near: `${i}` }));
    const early = await Promise.race([Promise.any(answers.map(async (each, i) => {
      const answer = await each;
      if (answer.status !== 503) throw new Error('kept');
      return [answer, i];
    }))]);
    assert.ok(early[0].body.toString().includes(`value="${early[1]}"`), 'with what was written in it');
    for (const pid of silent) process.kill(pid, 'SIGCONT');
    const all = await Promise.all(answers);
    assert.ok(all.filter((answer) => answer.status === 200).length > 0, 'those that waited arrive');
    for (const answer of all) assert.ok(answer.status === 503 || receiptOf(answer.body));
    assert.ok(sanitized || most_kib - before_kib < 60 * 1024, `${most_kib - before_kib} KiB more`);
  } finally {
    clearInterval(watch);
    for (const pid of silent) process.kill(pid, 'SIGCONT');
  }
  await until('a new form is kept', async () => (await home.form({ story: 'after' })).status === 200);
});
