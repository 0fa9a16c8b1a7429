// SPDX-License-Identifier: AGPL-3.0-or-later
// Failovers and kills under load, in little: `make faults` is the long run with
// the same parts, and prints the table. Here one failover of ours by a cut, and
// one under each classic mistake, which must be seen.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { World } from './lib/failover.mjs';

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

describe('a failover under load', { concurrency: true }, () => {
  test('loses and doubles nothing, whoever is killed meanwhile', async (t) => {
    const sum = await round(t, undefined, { kind: 'cut', kills: 6, drain_ms: 90000 });
    assert.ok(sum.acknowledged > 200, `${sum.acknowledged}`);
    assert.deepEqual([sum.lost, sum.doubled, sum.odd, sum.whole], [0, 0, 0, true]);
  });

  test('is seen to lose where a row is deleted on XADD', async (t) => {
    await loses(t, 'naive', { kind: 'cut', kills: 0 });
  });

  test('is seen to lose where KEPT is said before the commit', async (t) => {
    await loses(t, 'early', { kind: 'kill', kills: 8 });
  });
});
