// SPDX-License-Identifier: AGPL-3.0-or-later
// The long run behind `make faults`: failovers and kills under load until there
// are enough of all, then the same with each classic mistake, which must be
// seen to lose or to double. Ends with a table, and with status 1 if the
// product lost or doubled anything or a mistake was not seen.
//
//   FAULTS_TIPS (50000), FAULTS_FAILOVERS (20), FAULTS_KILLS (100): at least
import { World } from './lib/failover.mjs';

const want = {
  tips: Number(process.env.FAULTS_TIPS ?? 50000),
  failovers: Number(process.env.FAULTS_FAILOVERS ?? 20),
  kills: Number(process.env.FAULTS_KILLS ?? 100),
};
const rows = [];
let now; // the world that is to be cleaned up
const started = Date.now();
const minutes = () => `${((Date.now() - started) / 60000).toFixed(1)} min`;

async function campaign(name, wrong, { tips, failovers, kills }, mayLose) {
  const world = now = await World.start({ wrong });
  try {
    world.startLoad();
    for (let n = 0; ; n++) {
      const killed = Object.values(world.kills).reduce((a, b) => a + b, 0);
      process.stderr.write(`${minutes()} ${name}: ${world.failovers} failovers, ${killed} kills, ${world.acknowledged.size} acknowledged, ${world.waiting} wait\n`);
      if (world.failovers >= failovers && killed >= kills && world.acknowledged.size >= tips) break;
      // a master that is cut off is what loses a row that was deleted on XADD
      await world.failover(wrong === 'naive' ? 'cut' : undefined, mayLose ? 3 : 6);
    }
    await world.stopLoad();
    const whole = await world.drain(mayLose ? 40000 : 300000);
    const sum = await world.sum();
    rows.push([name, sum.failovers, sum.kills, sum.acknowledged, sum.arrived, sum.lost, sum.doubled]);
    process.stderr.write(`${minutes()} ${name}: ${whole ? 'the spool is empty' : 'the spool is NOT empty'} ${JSON.stringify(sum)} ${JSON.stringify(world.kills)}\n`);
    return { ...sum, whole };
  } finally {
    await world.stop();
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => { now?.stop().finally(() => process.exit(2)); });
}

const few = { tips: 0, failovers: 3, kills: 0 };
const ours = await campaign('tipline', undefined, want, false);
const early = await campaign('(answers before the sync)', 'early', { ...few, kills: 8 }, true);
const naive = await campaign('(row deleted on XADD)', 'naive', few, true);
const twice = await campaign('(desk looks nothing up)', 'twice', { ...few, failovers: 2 }, true);

const head = ['run', 'failovers', 'kills', 'acknowledged', 'arrived', 'lost', 'doubled'];
for (const row of [head, ...rows]) {
  console.log(row.map((cell, i) => (i ? String(cell).padStart(13) : cell.padEnd(28))).join(''));
}
console.log(`\n${minutes()}`);
const right = ours.lost === 0 && ours.doubled === 0 && ours.odd === 0 && ours.whole;
const seen = early.lost > 0 && naive.lost > 0 && twice.doubled > 0;
if (!right) console.log('NOT MET: something was lost, doubled or left behind');
if (!seen) console.log('NOT MET: a mistake was not seen: the check is worth nothing');
process.exitCode = right && seen ? 0 : 1;
