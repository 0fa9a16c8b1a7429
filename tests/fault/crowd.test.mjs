// SPDX-License-Identifier: AGPL-3.0-or-later
// Ten thousand connections at once that do nothing good: what gateways deliver
// meanwhile is kept, memory has its bound, and when the crowd leaves nothing of
// it stays. How long anything takes is not asserted.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { test } from 'node:test';
import { Home, receiptOf, request, root, sanitized, until } from '../e2e/lib/home.mjs';
import { kannelRequest } from '../e2e/lib/sign.mjs';

const CROWD = {
  silent: 7360, hello: 1000, idle: 700, head: 400, post: 400, upload: 60, stopped: 40, pipeline: 20, reader: 20,
};
const EACH_MAX = 1000; // connections of one attacker's process
const TRIES = 5; // a gateway tries again
const MESSAGES = 12;
// max_connections of 16 KiB, and what a worker is without any
const WORKER_MOST_KIB = 160 * 1024;

const files = (pid) => fs.readdirSync(`/proc/${pid}/fd`).length;
const most_kib = (pid) => Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

function gather(port) {
  const program = path.join(root, 'tests/fault/lib/crowd.mjs');
  const crowd = [];
  for (const [kind, count] of Object.entries(CROWD)) {
    for (let left = count; left > 0; left -= EACH_MAX) {
      const child = spawn(process.execPath, [program, String(port), kind, String(Math.min(left, EACH_MAX))],
        { stdio: ['pipe', 'pipe', 'inherit'] });
      crowd.push({ child, there: once(child.stdout, 'data'), gone: once(child, 'exit') });
    }
  }
  return crowd;
}

/** As a gateway: until it is told that it is kept. */
async function deliver(home, text, agent) {
  const message = kannelRequest(`${home.url}/sms/kannel`, home.secret('kannel'), text);
  for (let left = TRIES; ; left -= 1) {
    const answer = await request(message.url, { ...message, agent }).catch((error) => ({ status: error.code }));
    if (answer.status === 200) return;
    assert.ok(left > 1, `${text}: ${answer.status}`);
  }
}

async function deliverAll(home, when, done = () => true) {
  const kept = new https.Agent({ keepAlive: true, maxSockets: 1 });
  const said = [];
  for (let i = 0; i < MESSAGES || !done(); i++) {
    said.push(`${when} ${i}`);
    await deliver(home, said.at(-1), i % 2 ? kept : undefined);
  }
  kept.destroy();
  return said;
}

test('what gateways deliver beside ten thousand connections is kept, and nothing of the crowd stays', async (t) => {
  const home = await Home.start({
    edit: (conf) => conf.replace(/^\[intake\]$/m, '[intake]\nworkers = 2\ncode_pool = 0'),
  });
  try {
    const said = await deliverAll(home, 'before');
    const workers = home.workers();
    const quiet = await until('all have left', async () => await home.metric('http_connections') <= 1 && workers.map(files));
    const crowd = gather(home.port);
    try {
      let there = false;
      const all = Promise.all(crowd.map((one) => one.there)).then(() => { there = true; });
      said.push(...await deliverAll(home, 'while they come', () => there));
      await all;
      const held = await until('most of a table is held', async () => {
        const n = await home.metric('http_connections');
        return n > 4000 && n;
      });
      t.diagnostic(`${held} connections are held`);
      said.push(...await deliverAll(home, 'while they stay'));
      assert.ok(receiptOf((await home.form({ story: 'from a person among them' })).body));
      said.push('from a person among them');
    } finally {
      for (const { child } of crowd) child.stdin.end();
      await Promise.all(crowd.map((one) => one.gone));
    }
    for (const pid of workers) {
      t.diagnostic(`worker: ${most_kib(pid)} KiB at most`);
      assert.ok(sanitized || most_kib(pid) < WORKER_MOST_KIB, `${most_kib(pid)} KiB`);
    }
    await until('nobody is there', async () => await home.metric('http_connections') <= 1, 120000);
    assert.deepEqual(home.workers(), workers, 'no worker has ended');
    await until('their descriptors are closed', () => workers.every((pid, i) => files(pid) <= quiet[i] + 1));
    said.push(...await deliverAll(home, 'after'));
    // beside them stands what was begun to be sent: a file of the crowd's is a tip when it has stood still
    const texts = await until('all are at the desk', async () => {
      const ours = (await home.inbox()).map((tip) => tip.text).filter((text) => said.includes(text));
      return ours.length >= said.length && ours;
    }, 120000);
    assert.deepEqual(texts.sort(), said.sort(), 'each once');
  } finally {
    await home.stop();
  }
});
