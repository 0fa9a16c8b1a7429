// SPDX-License-Identifier: AGPL-3.0-or-later
// Crowds that hold connections and do nothing with them: whoever comes to
// write meanwhile is served, if need be at the second or third try, as people
// try again. How long it takes is told, and not asserted: it says as much of
// the machine. TIPLINE_LONG=1 (make test-slow) sends each
// crowd by itself too, and slowhttptest, and prints a table.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { Home, root, until } from '../e2e/lib/home.mjs';

const PATIENCE_MS = 60000;
const TRIES = 3;
const EACH_MAX = 1000; // connections of one attacker's process
const long = process.env.TIPLINE_LONG === '1';
const REPORTERS = long ? 20 : 8;
// An attacker has a machine of its own: where times are told, it takes here
// what the server leaves. Beside other tests that would be nothing.
const niceness = long ? '19' : '0';
const alone = {
  '5,000 idle connections': { silent: 4000, idle: 1000 },
  '1,000 slow posts': { post: 1000 },
  '1,000 slow heads and 500 slow handshakes': { head: 1000, hello: 500 },
  '600 uploads that stand still': { upload: 600 },
  '300 that do not read their page': { reader: 300 },
};
const together = {
  '5,000 idle connections, 1,000 slow posts, and slow heads, handshakes, files and readers': {
    silent: 4000, idle: 1000, post: 1000, head: 100, hello: 100, upload: 50, reader: 20,
  },
};
const crowds = long ? { ...alone, ...together } : together;
// more than the descriptors of a small host's worker
const DESCRIPTORS = 256;
const few = { silent: 600, idle: 200 };

/** A home whose intake may open few descriptors. */
class Small extends Home {
  command(name) {
    const [file, args] = super.command(name);
    return name === 'intake' ? ['prlimit', [`--nofile=${DESCRIPTORS}:${DESCRIPTORS}`, file, ...args]] : [file, args];
  }
}

const edit = (conf) => conf.replace(/^\[intake\]$/m, '[intake]\nworkers = 2\ncode_pool = 0');
let home;
before(async () => { home = await Home.start({ edit, processes: ['spool', 'intake'] }); });
after(async () => {
  await home?.stop();
  if (long) console.log(rows.join('\n'));
});

/** Attackers by kind; all of them have come. */
async function gather(at, kinds) {
  const program = path.join(root, 'tests/fault/lib/crowd.mjs');
  const attackers = [];
  for (const [kind, count] of Object.entries(kinds)) {
    for (let left = count; left > 0; left -= EACH_MAX) {
      const child = spawn('nice', ['-n', niceness, process.execPath, program, String(at.port), kind, String(Math.min(left, EACH_MAX))],
        { stdio: ['pipe', 'pipe', 'inherit'] });
      child.gone = once(child, 'exit');
      child.there = once(child.stdout, 'data');
      attackers.push(child);
    }
  }
  return attackers;
}

async function leave(attackers) {
  for (const child of attackers) child.stdin.end();
  await Promise.all(attackers.map((child) => child.gone));
}

/** Somebody new: the form, and then the tip on the same connection. */
function tryOnce(at, words) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ port: at.port, host: '127.0.0.1', rejectUnauthorized: false });
    const host = `Host: 127.0.0.1:${at.port}\r\n`;
    let text = '';
    let sent = false;
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('nothing came')));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${text.length} bytes`)));
    socket.on('data', (data) => {
      text += data.toString('latin1');
      if (!sent && text.includes('</html>')) {
        if (!text.startsWith('HTTP/1.1 200')) {
          socket.destroy(new Error(text.slice(0, 30)));
          return;
        }
        sent = true;
        text = '';
        const body = `story=${words}`;
        socket.write(`POST /en/a HTTP/1.1\r\n${host}Content-Type: application/x-www-form-urlencoded\r\n`
          + `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
      } else if (sent && text.includes('id="receipt"')) {
        socket.removeAllListeners('close');
        socket.destroy();
        resolve();
      }
    });
    socket.write(`GET /en/ HTTP/1.1\r\n${host}\r\n`);
  });
}

/** One after the other, and as long as the crowd still comes. */
async function reporters(at, words, crowd = { there: true }) {
  const times = [];
  for (let i = 0; i < REPORTERS || !crowd.there; i++) {
    const begin = performance.now();
    for (let left = TRIES; left > 0;) {
      left -= 1;
      try {
        await tryOnce(at, `${words} ${i}`);
        break;
      } catch (error) {
        if (left === 0) throw error;
      }
    }
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  return { middle_ms: times[Math.floor(times.length / 2)], most_ms: times.at(-1), n: times.length };
}

const rows = [];
function told(t, { middle_ms, most_ms, n }, held) {
  const row = `${held} held; form and tip of ${n} took ${middle_ms.toFixed(0)} ms, at most ${most_ms.toFixed(0)} ms`;
  t.diagnostic(row);
  rows.push(`${t.name}: ${row}`);
}

async function attack(t, at, kinds, held_least) {
  const attackers = await gather(at, kinds);
  try {
    const crowd = { there: !long };
    const all = Promise.all(attackers.map((child) => child.there)).then(() => { crowd.there = true; });
    told(t, await reporters(at, 'while they come', crowd), 'not yet all');
    await all;
    let held;
    await until(`${held_least} connections are held`, async () => {
      held = await at.metric('http_connections');
      return held >= held_least;
    }, 120000).catch((error) => { throw new Error(`${error.message}; there are ${held}`); });
    told(t, await reporters(at, 'while they stay'), held);
  } finally {
    await leave(attackers);
  }
}

/** Descriptors that any process may have here. */
const hard = Number(/Max open files\s+\d+\s+(\d+)/.exec(fs.readFileSync('/proc/self/limits', 'utf8'))[1]);

test('nobody else is there', async (t) => {
  told(t, await reporters(home, 'quiet'), 0);
});

for (const [name, kinds] of Object.entries(crowds)) {
  test(`a reporter is served beside ${name}`, async (t) => {
    const stay = Object.entries(kinds).reduce((n, [kind, more]) => n + (kind === 'reader' ? 0 : more), 0);
    await attack(t, home, kinds, Math.min(0.8 * stay, hard));
  });
}

test('a crowd larger than the descriptors there are keeps nobody out', async (t) => {
  const small = await Small.start({ edit, processes: ['spool', 'intake'] });
  try {
    await attack(t, small, few, 0.8 * DESCRIPTORS);
  } finally {
    await small.stop();
  }
});

// of Debian; it cannot hold more than a thousand, and ends by itself
const modes = {
  'slow heads': ['-H', '-i', '5', '-x', '24'],
  'slow bodies': ['-B', '-i', '5', '-s', '60000', '-x', '10'],
  'many ranges': ['-R', '-t', 'HEAD', '-a', '10', '-b', '3000'],
  'slow reading': ['-X', '-w', '1', '-y', '10', '-n', '5', '-z', '8', '-k', '3'],
};
for (const [mode, args] of long ? Object.entries(modes) : []) {
  test(`a reporter is served beside slowhttptest, ${mode}`, async (t) => {
    const running = promisify(execFile)('slowhttptest', ['-c', '900', '-r', '300', '-l', '20', '-p', '3',
      '-u', `${home.url}/en/${mode === 'slow bodies' ? 'a' : ''}`, ...args], { maxBuffer: 1 << 28 });
    const held = 100;
    await until('it holds connections', async () => await home.metric('http_connections') >= held);
    told(t, await reporters(home, 'beside slowhttptest'), `${held} and more`);
    const { stdout } = await running;
    // its own probe, each time it says how things stand
    const probes = [...stdout.matchAll(/service available:\S*\s+\S*?(YES|NO)/g)].map(([, word]) => word);
    assert.ok(probes.length > 0, stdout.slice(-500));
    assert.equal(probes.at(-1), 'YES');
    t.diagnostic(`its probe of 3 s: ${probes.filter((word) => word === 'YES').length} of ${probes.length} YES`);
  });
}
