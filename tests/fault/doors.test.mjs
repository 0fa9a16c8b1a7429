// SPDX-License-Identifier: AGPL-3.0-or-later
// A worker that was taken over shuts the doors, which are those of all workers:
// it does not keep the others from their work.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { build, Home, receiptOf, request, until } from '../e2e/lib/home.mjs';

const run = promisify(execFile);
const said = (home) => home.log('intake').match(/E124 door \d+ .*/g) ?? [];
/** What was written may not be read yet. */
const saysOf = async (home, n) => {
  await until(`${n} doors are told of`, () => said(home).length >= n);
  assert.equal(said(home).length, n, home.log('intake'));
};

test('a door that a worker has shut is open again, and all workers are replaced', async () => {
  const home = await Home.start({ edit: (conf) => conf.replace('[intake]', '[intake]\nworkers = 2') });
  try {
    const old = home.workers();
    assert.equal(old.length, 2);
    await run(path.join(build, 'tests/fault/shut_door'), [String(old[0])]);
    await until('tips are taken again', async () => {
      const page = await home.form({ story: 'behind a door that was shut' }).catch(() => null);
      return page && receiptOf(page.body);
    });
    await until('two new workers', () => home.workers().length === 2);
    assert.ok(home.workers().every((pid) => !old.includes(pid)), 'the intruder is gone');
    // https, onion and admin: the kernel does not open a unix socket again, and that is said once
    await saysOf(home, 3);
    assert.equal(said(home).filter((line) => /open again: 1 /.test(line)).length, 1);
    const ready = home.workers();
    for (let i = 0; i < 3; i++) {
      assert.equal((await request(`${home.url}/en/`)).status, 200);
    }
    assert.deepEqual(home.workers(), ready, 'what stays shut costs no more workers');
    assert.equal(said(home).length, 3, 'nor lines');
    const tips = await home.inboxOf(1);
    assert.equal(tips[0].text, 'behind a door that was shut');
  } finally {
    await home.stop();
  }
});

// all that its filter leaves a worker to do to a door
test('a door that a worker disconnects is open again, and one by which it ends writing stays open', async () => {
  const home = await Home.start({ edit: (conf) => conf.replace('[intake]', '[intake]\nworkers = 2') });
  try {
    const old = home.workers();
    const spoil = async (how) => Number((await run(path.join(build, 'tests/fault/shut_door'), [String(home.workers()[0]), how])).stdout);
    assert.ok(await spoil('end') > 0);
    for (let i = 0; i < 4; i++) {
      assert.ok(receiptOf((await home.form({ story: `behind a door that ended ${i}` })).body));
    }
    await home.metric('http_connections');
    assert.deepEqual(home.workers(), old);
    assert.equal(said(home).length, 0, home.log('intake'));
    assert.equal(await spoil('disconnect'), 1, 'of the family unix none can be');
    await until('two new workers', () => home.workers().length === 2 && home.workers().every((pid) => !old.includes(pid)));
    await until('tips are taken again', async () => {
      const page = await home.form({ story: 'behind a door that was disconnected' }).catch(() => null);
      return page && receiptOf(page.body);
    });
    await saysOf(home, 1);
    assert.match(said(home)[0], /open again: 1 /);
    await until('and the counts', () => home.metric('http_connections').then(() => true, () => false));
  } finally {
    await home.stop();
  }
});

test('a door by which a worker has others hang in close() is as before, and all workers are replaced', async () => {
  const home = await Home.start({ edit: (conf) => conf.replace('[intake]', '[intake]\nworkers = 2') });
  try {
    const old = home.workers();
    await run(path.join(build, 'tests/fault/shut_door'), [String(old[0]), 'linger']);
    await until('it is seen at https, onion and admin', () => said(home).length === 3);
    assert.ok(said(home).every((line) => /open again: 1 /.test(line)), home.log('intake'));
    await until('two new workers', () => home.workers().length === 2 && home.workers().every((pid) => !old.includes(pid)));
    const page = await until('tips are taken', async () => {
      const answer = await home.form({ story: 'behind a door that lingered' }).catch(() => null);
      return answer && receiptOf(answer.body) && answer;
    });
    assert.ok(page);
    assert.equal(said(home).length, 3, 'none of the new ones is told of');
  } finally {
    await home.stop();
  }
});
