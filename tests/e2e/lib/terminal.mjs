// SPDX-License-Identifier: AGPL-3.0-or-later
// `tipline key destroy` at a real terminal, where it asks.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { build } from './home.mjs';

/** What it ends with and all that it said, with an answer to each question. */
export async function destroyAtTerminal(home, ...answers) {
  const child = spawn('script', ['-qec',
    `${path.join(build, 'tipline')} -c ${home.conf} key destroy --keep-days 0`, '/dev/null'], { stdio: 'pipe' });
  const gone = once(child, 'close'); // then all it said is here
  let said = '';
  child.stdout.on('data', (data) => {
    said += data;
    if (/(DESTROY: |unreadable: )$/.test(said) && answers.length > 0) child.stdin.write(`${answers.shift()}\n`);
  });
  const [status] = await gone;
  return { status, said };
}
