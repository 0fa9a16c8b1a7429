// SPDX-License-Identifier: AGPL-3.0-or-later
// A claim that runs out while its officer works at the tip gives it to the next
// one who looks: two write to one reporter. A desk whose answers are made up, so
// that twenty minutes are over at once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { openTip, press, withDesk } from './lib/desk_page.mjs';

for (const [what, ahead_ms] of [['a clock that is right', 0], ['a clock that is an hour ahead', 3600000]]) {
  test(`a tip that an officer works on for twenty minutes stays theirs, by ${what}`, async () => {
    await withDesk({}, async ({ page, made }) => {
      await page.clock.install({ time: Date.now() + ahead_ms });
      await openTip(page);
      for (let minute = 1; minute <= 20; minute += 1) {
        await press(page, 'Shift');
        made.ahead_ms = minute * 61000;
        const renewed = page.waitForResponse(/\/activity$/);
        await page.clock.runFor(61000);
        assert.equal((await renewed).status(), 200);
      }
      await page.locator('.owner.mine').getByText(/1[45] min left/).waitFor();
    });
  });
}
