// SPDX-License-Identifier: AGPL-3.0-or-later
// Does the time of an answer tell whether a receipt code was right? One with
// mail, one that nobody has written to and wrong ones, each asked in turn: the
// middle and the slow end of each, and how often the one drawn at random takes
// longer than a wrong one (half of the time, if nothing tells them apart).
//
//   BENCH_CODES (60): how often each is entered
import { Home, receiptOf, request, until } from '../e2e/lib/home.mjs';

const TIMES = Number(process.env.BENCH_CODES ?? 60);
const WRONG = '31415926535897932383';

async function tip(home, story) {
  const { body } = await home.form({ story });
  const { id } = await until('it is at the desk', async () => (await home.inbox()).find(({ text }) => text === story));
  return { id, code: receiptOf(body) };
}

async function main() {
  const home = await Home.start();
  const enter = (code) => request(`${home.url}/en/c`, { method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: `code=${code}` });
  try {
    const written = await tip(home, 'somebody has written to this one');
    const silent = await tip(home, 'nobody has written to this one');
    await home.tipline('reply', written.id, '--status', 'read');
    await until('the page says so', async () => (await enter(written.code)).body.includes('has read it'));
    const kinds = [['with mail', written.code], ['without', silent.code], ['wrong', WRONG]];
    const took = kinds.map(() => []);
    for (let i = 0; i < TIMES * kinds.length; i++) {
      const which = (i + Math.floor(i / kinds.length)) % kinds.length;
      const begin = process.hrtime.bigint();
      const { status } = await enter(kinds[which][1]);
      if (status !== 200) throw new Error(`the answer is ${status}`);
      took[which].push(Number(process.hrtime.bigint() - begin) / 1e6);
    }
    console.log('a receipt code    middle     9 of 10   longer than a wrong one');
    kinds.forEach(([name], which) => {
      const sorted = took[which].sort((a, b) => a - b);
      const at = (part) => `${sorted[Math.floor(part * (TIMES - 1))].toFixed(1)} ms`.padStart(11);
      let longer = 0;
      for (const mine of sorted) for (const wrong of took.at(-1)) longer += mine > wrong ? 1 : mine === wrong ? 0.5 : 0;
      console.log(`${name.padEnd(13)}${at(0.5)} ${at(0.9)}${`${Math.round(100 * longer / TIMES / TIMES)} %`.padStart(12)}`);
    });
  } finally {
    await home.stop();
  }
}

await main();
