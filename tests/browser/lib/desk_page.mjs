// SPDX-License-Identifier: AGPL-3.0-or-later
// A console in Chromium whose desk's answers are made up, and an officer's keys.
import assert from 'node:assert/strict';
import test from 'node:test';
import { chromium } from 'playwright-core';
import { desk, serve } from './desk_made_up.mjs';
import { chord } from './keys.mjs';

const LONG = Number(process.env.LONG ?? 60000); // a slow machine is no fault

let browser;
test.before(async () => {
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run', '--disable-sync'],
  });
});
test.after(() => browser?.close());

/** A console that is logged in: look({page, made, tell, complaints}). */
export async function withDesk({ theme = 'dark', lang = 'en', width = 1280, height = 900, login = true, ...options } = {}, look) {
  const made = desk(options);
  const server = await serve(made);
  const context = await browser.newContext({ viewport: { width, height }, locale: 'en-GB' });
  context.setDefaultTimeout(LONG);
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => { if (/Content Security Policy|Refused/.test(message.text())) complaints.push(message.text()); });
  page.on('dialog', (dialog) => { complaints.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  await context.addInitScript(([wanted, officer]) => {
    localStorage.setItem('desk-likes', JSON.stringify(wanted));
    crypto.subtle.digest('SHA-256', new TextEncoder().encode(`desk ${officer}`)).then((hash) => {
      const name = [...new Uint8Array(hash).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      if (!localStorage.getItem(`desk-likes-${name}`)) localStorage.setItem(`desk-likes-${name}`, JSON.stringify(wanted));
    });
  }, [{ theme, lang }, options.name ?? 'dara']);
  try {
    await page.goto(server.url);
    await page.locator('.gate').waitFor();
    if (login) await logIn(page);
    await look({ page, made, tell: server.tell, url: server.url, context });
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
    await server.stop();
  }
}

export async function logIn(page) {
  await page.locator('[autocomplete=username]').fill('dara');
  await page.locator('[type=password]').fill('correct horse');
  await page.locator('.code').fill('123456');
  await page.keyboard.press('Enter');
  await page.locator('.q-row').first().waitFor();
  await page.locator('.strip > .health-ok:first-child').waitFor(); // it hears events
}

export const press = async (page, ...keys) => { for (const key of keys) await page.keyboard.press(key); };
export const leaveField = (page) => page.evaluate(() => document.activeElement?.blur());

/** Go to a place by its keys and wait until it is drawn. */
export async function to(page, keys, view) {
  await leaveField(page);
  await chord(page, ...keys);
  await page.locator(`.view-${view} h1`).waitFor();
}

export async function openTip(page) {
  await press(page, 'c');
  await page.locator('.q-row.chosen .mine').waitFor();
  await press(page, 'Enter');
  await page.locator('.tip-text').waitFor();
}
