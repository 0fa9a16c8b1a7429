// SPDX-License-Identifier: AGPL-3.0-or-later
// Long messages in parts, from an SMSC by way of Debian's Kannel, while
// tipline goes away and comes back. Kannel may wait for minutes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Home, until } from './lib/home.mjs';
import { Kannel } from './lib/kannel.mjs';
import { Smsc } from './lib/smsc.mjs';

let home;
before(async () => { home = await Home.start(); });
after(() => home?.stop());

// Ten parts with letters cut in two: an emoji every few units.
const long = 'ជួយខ្ញុំផង🆘ขอร้อง '.repeat(40).slice(0, 660);

for (const joins of [true, false]) {
  test(`ten parts over SMPP, out of order, ${joins ? 'joined by Kannel' : 'joined at the desk'}, with tipline away`, async () => {
    const smsc = await Smsc.start();
    const kannel = await Kannel.forwarding(home, 'post-url', { smpp: smsc.port, joins });
    try {
      await smsc.bound();
      const seen = new Set((await home.inbox()).map((tip) => tip.id));
      const order = [3, 1, 10, 2, 9, 4, 8, 5, 7, 6];
      const tipsOf = async () => (await home.inbox()).filter((tip) => !seen.has(tip.id));
      assert.equal(await smsc.deliverLong('85512345678', '8888', long, 77, order), 10);
      await until('the first came', async () => (await tipsOf())[0]?.text === long, 120000);
      // the whole of tipline stops and starts while Kannel tries again
      await home.kill('intake', 'SIGTERM');
      await home.kill('spool', 'SIGTERM');
      await smsc.deliverLong('85512345679', '8888', long, 78, order);
      await sleep(1500);
      await home.run('spool');
      await home.run('intake');
      await sleep(300);
      await home.kill('intake');
      await home.run('intake');
      await home.ready();
      // a connection that was left without a word Kannel gives up after 240 seconds
      await until('the second came', async () => (await tipsOf()).filter((tip) => tip.text === long).length === 2, 260000)
        .catch(async (error) => {
          throw new Error(`${JSON.stringify(await tipsOf())}\n${kannel.said()}`, { cause: error });
        });
      await sleep(1500);
      const tips = await tipsOf();
      assert.equal(tips.length, 2, 'nothing is doubled');
      assert.deepEqual(tips.map((tip) => tip.sender.raw).sort(), ['+85512345678', '+85512345679']);
      for (const tip of tips) {
        assert.equal(tip.text, long);
        if (!joins) assert.deepEqual([tip.parts.state, tip.parts.seen.length, tip.parts.ids.length], ['complete', 10, 10]);
      }
      assert.deepEqual([...new Set(smsc.answered.values())], [0]);
      assert.equal(smsc.submitted, 0, 'nothing is sent to a phone');
    } finally {
      await kannel.stop();
      await smsc.stop();
    }
  });
}
