// SPDX-License-Identifier: AGPL-3.0-or-later
// A console in Chromium at a real desk, of an officer that the test has added.
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { Desk } from '../../e2e/lib/desk.mjs';

export const launch = () => chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run', '--disable-sync'],
});

/** A page that name has just logged in at; limit: milliseconds that its waits may take. */
export async function consoleOf(browser, home, { url, name, limit }) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
  context.setDefaultTimeout(limit);
  const page = await context.newPage();
  await page.goto(url);
  await page.locator('[autocomplete=username]').fill(name);
  await page.locator('[type=password]').fill(fs.readFileSync(path.join(home.dir, `${name}.pass`), 'utf8').trim());
  await page.locator('.code').fill(await Desk.code(home, name));
  await page.keyboard.press('Enter');
  await page.locator('.strip').waitFor();
  return page;
}
