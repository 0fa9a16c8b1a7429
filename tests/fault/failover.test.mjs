// SPDX-License-Identifier: AGPL-3.0-or-later
// Failovers and kills under load, in little: `make faults` is the long run with
// the same parts, and prints the table. Here one failover of ours by a cut, and
// one under each classic mistake, which must be seen; and beside them, since it
// is mostly waiting, a replica that stands still.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../e2e/lib/home.mjs';
import { freePort } from '../lib/port.mjs';
import { World } from './lib/failover.mjs';
import { House } from './lib/house.mjs';

async function round(t, wrong, { kind, kills, drain_ms }) {
  const world = await World.start({ wrong });
  try {
    world.startLoad();
    await sleep(1000);
    await world.failover(kind, kills);
    await world.stopLoad();
    const whole = await world.drain(drain_ms);
    const sum = await world.sum();
    t.diagnostic(JSON.stringify(sum));
    return { whole, ...sum };
  } finally {
    await world.stop();
  }
}

/** Whether the moment is one in which something is lost is a matter of chance:
 * in one of a few rounds it is. */
async function loses(t, wrong, faults) {
  let lost = 0;
  for (let i = 0; lost === 0 && i < 5; i++) ({ lost } = await round(t, wrong, { ...faults, drain_ms: 2000 }));
  assert.ok(lost > 0);
}

/** A replica of the house's Redis that has all of it. */
async function replica(house) {
  const port = await freePort();
  await house.root('CONFIG', 'SET', 'port', port);
  const child = spawn('redis-server', ['--port', '0', '--save', '', '--dir', house.dir, '--unixsocket', path.join(house.dir, 'replica'),
    '--replicaof', '127.0.0.1', String(port), '--masteruser', 'root', '--masterauth', 'x'], { stdio: 'ignore' });
  child.gone = once(child, 'exit');
  await until('the replica is there', async () => /state=online/.test(await house.root('INFO', 'replication')));
  return child;
}

describe('a failover under load', { concurrency: true }, () => {
  test('loses and doubles nothing, whoever is killed meanwhile', async (t) => {
    const sum = await round(t, undefined, { kind: 'cut', kills: 6, drain_ms: 300000 });
    assert.ok(sum.acknowledged > 200, `${sum.acknowledged}`);
    assert.deepEqual([sum.lost, sum.doubled, sum.odd, sum.whole], [0, 0, 0, true]);
  });

  test('is seen to lose where a row is deleted on XADD', async (t) => {
    await loses(t, 'naive', { kind: 'cut', kills: 0 });
  });

  test('is seen to lose where KEPT is said before the commit', async (t) => {
    await loses(t, 'early', { kind: 'kill', kills: 8 });
  });

  test('a replica that stands still is told after a minute, and holds up nothing', async () => {
    const house = await House.start({ redis: ['replicas = 1'] });
    const other = await replica(house);
    try {
      await house.put(10);
      assert.ok(await house.drain(60000));
      assert.ok(Number(await house.root('WAIT', 1, 0)) === 1);
      assert.doesNotMatch(house.logs.relay, /E603/);
      other.kill('SIGSTOP');
      await until('the relay tells', async () => {
        await house.put(1);
        await sleep(500);
        return /E603/.test(house.logs.relay);
      }, 180000);
      assert.ok(await house.drain(60000));
      const { lost, doubled, arrived } = await house.sum();
      assert.deepEqual([lost, doubled, arrived], [0, 0, house.acknowledged.size]);
    } finally {
      other.kill('SIGKILL');
      await other.gone;
      await house.stop();
    }
  });
});
