// SPDX-License-Identifier: AGPL-3.0-or-later
// What tests do in pages by keys and presses, and when it is done.

/** Keys of one shortcut: without a pause between, after which it would be none. */
export const chord = (page, ...keys) => Promise.all(keys.map((key) => page.keyboard.press(key)));

/** Press it, and wait until the page that comes is whole. */
export async function press(target) {
  await target.click();
  await target.page().waitForLoadState();
}

/** Do what draws the console's list anew, and wait until it is: nothing of it
 * is on its way any more. */
export async function drawn(page, act) {
  const head = page.locator('.q-list > :first-child');
  await head.waitFor({ state: 'attached' });
  await head.evaluate((node) => { node.dataset.old = ''; });
  await act();
  await page.locator('.q-list > :first-child:not([data-old])').waitFor({ state: 'attached' });
}
