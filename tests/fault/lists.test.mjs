// SPDX-License-Identifier: AGPL-3.0-or-later
// A worker that was taken over tells the spool of key lists: it makes no list
// look old that is not, and takes no team's place.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { build, Home, receiptOf, until } from '../e2e/lib/home.mjs';

const run = promisify(execFile);

test('what a taken worker says of key lists is garbage, and no list looks old after it', async () => {
  const home = await Home.start({ edit: (conf) => conf.replace('[intake]', '[intake]\nworkers = 2') });
  try {
    const identity = path.join(home.dir, 'keys/identity.pub');
    for (const pid of home.workers()) {
      // one that has just started may have no connection yet
      await until('it is said', () => run(path.join(build, 'tests/fault/tell_list'), [String(pid), identity, '4000000000'])
        .then(({ stdout }) => stdout === '1\n', () => false));
    }
    await until('the spool has cut off both', () => home.log('spool').match(/E200 /g)?.length === 2);
    await until('tips are kept', async () => {
      const page = await home.form({ story: 'after all those lists' }).catch(() => null);
      return page && receiptOf(page.body);
    });
    await home.kill('intake', 'SIGTERM');
    home.logs.intake.length = 0;
    await home.run('intake');
    await home.ready();
    assert.ok(receiptOf((await home.form({ story: 'after another start' })).body));
    const texts = (await home.inboxOf(2)).map((tip) => tip.text);
    assert.deepEqual(texts.sort(), ['after all those lists', 'after another start']);
    assert.doesNotMatch(home.log('intake'), /E115/);
  } finally {
    await home.stop();
  }
});
