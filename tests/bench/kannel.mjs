// SPDX-License-Identifier: AGPL-3.0-or-later
// Debian's Kannel as a peer: what bearerbox and smsbox take for a message that
// comes from a phone and goes to a web server, here to us.
import fs from 'node:fs';
import path from 'node:path';
import { Kannel } from '../e2e/lib/kannel.mjs';
import { until } from '../e2e/lib/home.mjs';

const TICK_US = 10000;

/** User and system time of a process with all its threads. */
function cpu_us(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

class PinnedKannel extends Kannel {
  run(file, args) {
    const core = /fakesmsc/.test(file) ? PinnedKannel.cores[1] : PinnedKannel.cores[0];
    return super.run('taskset', ['-c', core, file, ...args]);
  }
}

/** {us, rate} of n messages through Kannel on one core to a home's front door. */
export async function measureKannel(home, cores, n) {
  PinnedKannel.cores = cores;
  const kannel = await PinnedKannel.start({
    ca: path.join(home.dir, 'tls/ecdsa.crt'),
    service: 'max-messages = 0\nomit-empty = true\nsend-sender = true\n'
      + `post-url = "https://${home.secret('kannel')}@127.0.0.1:${home.port}/sms/kannel?id=%I&charset=%C&coding=%c&ts=%T&udh=%u&smsc=%i"`,
  });
  const stored = () => home.metric('gateway_stored_total{gateway="kannel"}');
  try {
    const before = await stored();
    const pids = kannel.procs.map(({ pid }) => pid);
    const cpu = pids.map(cpu_us);
    const at = process.hrtime.bigint();
    kannel.run('/usr/lib/kannel/test/fakesmsc', ['-H', '127.0.0.1', '-r', String(kannel.smsc), '-i', '0', '-m', String(n),
      '+85512345678 8888 ucs2 %17%87%17%BD%17%99%17%81%17%D2%17%89%17%BB%17%C6%17%95%17%84']);
    await until('Kannel has handed on all', async () => await stored() - before >= n, 120000);
    const seconds = Number(process.hrtime.bigint() - at) / 1e9;
    const used = pids.reduce((sum, pid, i) => sum + cpu_us(pid) - cpu[i], 0);
    return { us: used / n, rate: n / seconds };
  } finally {
    await kannel.stop();
  }
}
