// SPDX-License-Identifier: AGPL-3.0-or-later
// Pictures of the console for people to look at: every view, dark and light,
// in both languages, with made-up tips. Into the folder that is named.
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { desk, serve } from './lib/desk_made_up.mjs';

const [folder, ...only] = process.argv.slice(2);
fs.mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });

async function shoot(theme, lang, width) {
  const server = await serve(desk());
  const context = await browser.newContext({ viewport: { width, height: 900 }, locale: 'en-GB' });
  const page = await context.newPage();
  const shot = async (name, fullPage = true) => {
    if (only.length > 0 && !only.includes(name)) return;
    await page.evaluate((top) => { document.querySelector('.toast')?.setAttribute('hidden', ''); if (top) window.scrollTo(0, 0); }, fullPage);
    await page.screenshot({ path: path.join(folder, `${name}-${theme}-${lang}-${width}.png`), fullPage });
  };
  const to = async (keys, selector) => {
    await page.evaluate(() => document.activeElement?.blur());
    for (const key of keys) await page.keyboard.press(key);
    await page.locator(selector).first().waitFor();
  };
  await page.addInitScript((likes) => {
    localStorage.setItem('desk-likes', JSON.stringify(likes));
    crypto.subtle.digest('SHA-256', new TextEncoder().encode('desk dara')).then((hash) => {
      const name = [...new Uint8Array(hash).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      localStorage.setItem(`desk-likes-${name}`, JSON.stringify(likes));
    });
  }, { theme, lang });
  await page.goto(server.url);
  await page.locator('[autocomplete=username]:focus').waitFor();
  await shot('login');
  await page.locator('[autocomplete=username]').fill('dara');
  await page.locator('[type=password]').fill('made up');
  await page.locator('.code').fill('123456');
  await page.keyboard.press('Enter');
  await page.locator('.q-row').first().waitFor();
  await shot('queue', false);
  await to(['c'], '.q-row.chosen .mine');
  await to(['Enter'], '.phrase');
  await shot('tip');
  await page.locator('.coding summary').click();
  await page.locator('.coding').scrollIntoViewIfNeeded();
  await shot('coding', false);
  await page.locator('.coding summary').click();
  await page.locator('.contact .slim').last().click();
  await page.locator('dialog[open]').waitFor();
  await page.screenshot({ path: path.join(folder, `contact-${theme}-${lang}-${width}.png`) });
  await page.keyboard.press('Escape');
  await page.locator('.phrase').nth(1).click();
  await page.locator('.reply .primary').click();
  await page.locator('dialog[open]').waitFor();
  await page.screenshot({ path: path.join(folder, `reply-${theme}-${lang}-${width}.png`) });
  await page.keyboard.press('Escape');
  await to(['f'], '.partner');
  await page.locator('.partner').first().click();
  await page.locator('.referral-what textarea').first().fill('Potential victims on the fifth floor near the market. They cannot leave. Asked for: a safe place tonight.');
  await page.locator('.preview .button').first().click();
  await page.locator('.sheet').waitFor();
  await shot('referral');
  for (const [key, view] of [['h', 'handover'], ['s', 'stats'], ['c', 'call'], ['a', 'audit']]) {
    await to(['g', key], `.view-${view} h1`);
    await shot(view);
  }
  await page.locator('.me .button').nth(1).click();
  await page.locator('.view-settings h1').waitFor();
  await shot('settings');
  await to(['g', 'q'], '.q-row');
  await page.keyboard.press('?');
  await page.locator('dialog[open]').waitFor();
  await shot('help', false);
  server.tell('lock', {});
  await page.locator('.gate').waitFor();
  await shot('lock');
  await context.close();
  await server.stop();
}

for (const theme of ['dark', 'light']) for (const lang of ['en', 'km']) await shoot(theme, lang, 1280);
await shoot('dark', 'en', 768);
await shoot('light', 'km', 768);
await browser.close();
console.log(`${fs.readdirSync(folder).length} pictures in ${folder}`);
