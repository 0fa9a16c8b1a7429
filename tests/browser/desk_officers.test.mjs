// SPDX-License-Identifier: AGPL-3.0-or-later
// The team's ring cannot be read: who sees to the desk is told in the strip of every
// view, for as long as it is so; officers, who can do nothing about it, are not.
import assert from 'node:assert/strict';
import test from 'node:test';
import { withDesk } from './lib/desk_page.mjs';

const STRIP = 'The list of officers cannot be read';

test('a supervisor sees that the list of officers cannot be read, until it can', async () => {
  await withDesk({ role: 'supervisor' }, async ({ page, tell }) => {
    await page.locator('.q-row').first().waitFor();
    for (const ring of ['old', 'shut']) {
      tell('header', { ring });
      await page.locator('.strip').getByText(STRIP).waitFor();
      tell('header', { ring: 'fine' });
      await page.locator('.strip').getByText(STRIP).waitFor({ state: 'detached' });
    }
  });
});

test('an officer is not told', async () => {
  await withDesk({}, async ({ page, tell }) => {
    await page.locator('.q-row').first().waitFor();
    // both at once; of these two the answer that draws the list anew says nothing
    tell('header', { ring: 'old', disk: 'low' });
    await page.locator('.strip').getByText('The disk of this desk is nearly full').waitFor();
    assert.equal(await page.getByText(STRIP).count(), 0);
  });
});
