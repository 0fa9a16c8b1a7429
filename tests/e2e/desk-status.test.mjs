// SPDX-License-Identifier: AGPL-3.0-or-later
// What a reporter who comes back with the code is told of how the tip stands,
// and where nobody can be told anything.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { Home } from './lib/home.mjs';

let home, officer;

before(async () => {
  home = await Home.start();
  await home.desk();
  officer = await Desk.login(home);
});
after(() => home?.stop());

test('a tip has a mailbox if a receipt code leads to one', async () => {
  await home.form({ story: 'with a code' }, { lang: 'en' });
  const { id: written } = await officer.row((row) => row.channel === 'web' && row.state === 'NEW');
  const { body: { id: called } } = await officer.post('/api/calls', { key: '00'.repeat(16), via: 'hotline', lang: 'en', text: 'no code, no number' });
  for (const [id, mailbox] of [[written, true], [called, false]]) {
    await officer.take(id);
    assert.equal((await officer.get(`/api/tips/${id}`)).body.mailbox, mailbox);
  }
});
