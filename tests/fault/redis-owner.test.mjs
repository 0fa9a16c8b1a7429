// SPDX-License-Identifier: AGPL-3.0-or-later
// Who runs the Redis host may do anything to it. Whatever that is, what the
// spool has said KEPT to is there, and is at the desk, once, when the operator
// has done what QUEUE.md says.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../e2e/lib/home.mjs';
import { House } from './lib/house.mjs';

const LAST = '18446744073709551615-18446744073709551615';
const group = (house) => house.makeGroup();

// what is done, and what mends it
const deeds = {
  'destroys the group': [[['XGROUP', 'DESTROY', 'tips', 'officers']], group],
  'sets the group behind all that will ever come': [[['XGROUP', 'SETID', 'tips', 'officers', LAST]],
    (house) => house.root('XGROUP', 'SETID', 'tips', 'officers', '0')],
  'gives all tips to a desk that is none': [[['XREADGROUP', 'GROUP', 'officers', 'nobody', 'COUNT', '1000', 'STREAMS', 'tips', '>']], () => {}],
  'acknowledges what no desk has': [[['XREADGROUP', 'GROUP', 'officers', 'nobody', 'COUNT', '1000', 'NOACK', 'STREAMS', 'tips', '>']], () => {}],
  'makes a text of the stream': [[['DEL', 'tips'], ['SET', 'tips', 'x']],
    async (house) => { await house.root('DEL', 'tips'); await group(house); }],
  'takes the stream another name': [[['RENAME', 'tips', 'elsewhere']], group],
  'makes a set of the receipts': [[['DEL', 'receipts'], ['SADD', 'receipts', 'x']], (house) => house.root('DEL', 'receipts')],
  'erases receipts, and sets their stream back': [[['XTRIM', 'receipts', 'MAXLEN', '0'], ['DEL', 'receipts']], () => {}],
  'swaps the streams': [[['RENAME', 'tips', 'a'], ['RENAME', 'receipts', 'tips'], ['RENAME', 'a', 'receipts']],
    async (house) => { await house.root('DEL', 'tips', 'receipts'); await group(house); }],
};

let house;
before(async () => { house = await House.start(); });
after(() => house?.stop());

/** The desk of these tests ends where a real one waits and tries again. */
async function runWhatEnded() {
  assert.equal(house.procs.relay.exitCode, null, house.logs.relay);
  assert.equal(house.procs.spool.exitCode, null);
  if (house.procs.desk.exitCode !== null) await house.run('desk');
}

for (const [what, [commands, mend]] of Object.entries(deeds)) {
  test(`one who ${what} loses nothing`, async () => {
    const there = await house.root('XLEN', 'tips'); // of those before
    await house.put(30);
    await house.kill('desk');
    await house.put(30);
    await until('they are in Redis', async () => await house.root('XLEN', 'tips') >= there + 60, 180000);
    const lines = house.logs.relay.length;
    for (const command of commands) await house.root(...command).catch(() => {});
    await house.put(30);
    await house.run('desk');
    await sleep(1500); // whoever goes wrong has time to do so
    assert.ok(house.logs.relay.length - lines < 10000, 'the journal is not full of it');
    await mend(house);
    await until('all are receipted', async () => {
      await runWhatEnded();
      return await house.inSpool() === 0;
    }, 180000);
  });
}

test('each is at the desk, once', async () => {
  const sum = await house.sum();
  assert.deepEqual([sum.lost, sum.doubled], [0, 0]);
});
