// SPDX-License-Identifier: AGPL-3.0-or-later
// A reporter's whole journey in a real browser at phone size, without
// scripts, through a running tipline: from / to the receipt, the tip at the
// desk, and away. Nothing may leave this machine on the way.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import https from 'node:https';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { freePort, Home, until } from '../e2e/lib/home.mjs';
import { press } from './lib/keys.mjs';

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const phone = { width: 360, height: 640 };
// TIPLINE_SHOTS=folder keeps pictures of the pages for people to look at.
const shots = process.env.TIPLINE_SHOTS;

let home, browser, elsewhere, away;
const arrived = [];

before(async () => {
  // the neutral page that the exit leads to
  away = `https://127.0.0.1:${await freePort()}/weather`;
  home = await Home.start({
    edit: (conf) => conf.replace('[site]', `[site]\nexit_urls = default=${away}`),
  });
  elsewhere = https.createServer({
    key: fs.readFileSync(path.join(home.dir, 'tls/ecdsa.key')),
    cert: fs.readFileSync(path.join(home.dir, 'tls/ecdsa.crt')),
  }, (request, response) => {
    arrived.push(request);
    response.setHeader('Content-Type', 'text/html');
    response.end('<title>weather</title><link rel=icon href=data:,>');
  }).listen(new URL(away).port, '127.0.0.1');
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
      '--disable-component-update', '--no-first-run', '--disable-sync',
      // whatever else it would ask for is refused before it leaves
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
});
after(async () => {
  await browser?.close();
  elsewhere?.close();
  await home?.stop();
});

/** A fresh phone; asked: every request it made, in order. */
async function open(locale, options = {}) {
  const context = await browser.newContext({
    javaScriptEnabled: false, ignoreHTTPSErrors: true, viewport: phone, locale, ...options,
  });
  const page = await context.newPage();
  const asked = [];
  const complaints = [];
  context.on('request', (request) => asked.push(`${request.method()} ${request.url()}`));
  page.on('console', (message) => complaints.push(message.text()));
  return { context, page, asked, complaints };
}

async function shoot(page, name) {
  if (!shots) return;
  fs.mkdirSync(shots, { recursive: true });
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const stops = { top: 0, middle: (height - phone.height) / 2, bottom: height };
  for (const [place, y] of Object.entries(stops)) {
    await page.evaluate((to) => window.scrollTo(0, to), y);
    await page.screenshot({ path: `${shots}/${name}-${place}.png` });
  }
}

async function assertFits(page) {
  for (const size of [phone, { width: 240, height: 320 }]) {
    await page.setViewportSize(size);
    assert.deepEqual(await page.evaluate(() => [
      document.documentElement.scrollWidth <= innerWidth, document.body.scrollWidth <= innerWidth,
    ]), [true, true], `${size.width} wide`);
  }
  await page.setViewportSize(phone);
}

const stories = {
  km: {
    locale: 'km',
    story: 'ជួយខ្ញុំផង ខ្ញុំត្រូវបានគេបង្ខំឱ្យធ្វើការ\nនៅជាន់ទី ៣ & <b>"\'\u200b 😀',
    near: 'ផ្សារធំ <&>',
    province: '12',
  },
  en: {
    locale: 'en-GB',
    story: 'They keep our passports.\n\n3rd floor, 1+1=2 & <b>"\'\u200b 😀',
    near: 'behind the "Golden" casino',
    province: '08',
  },
};

for (const [lang, { locale, story, near, province }] of Object.entries(stories)) {
  describe(`in ${lang}`, () => {
    let phone1;
    before(async () => { phone1 = await open(locale); });
    after(() => phone1?.context.close());

    test('the entry leads to the form, which fits the phone', async () => {
      const { page, asked } = phone1;
      await page.goto(`${home.url}/`);
      assert.equal(page.url(), `${home.url}/${lang}/`);
      assert.deepEqual(asked, [`GET ${home.url}/`, `GET ${home.url}/${lang}/`]);
      assert.equal(await page.locator('html').getAttribute('lang'), lang);
      await assertFits(page);
      await shoot(page, `form-${lang}`);
    });

    test('an empty form comes back with what was typed and says what is missing', async () => {
      const { page } = phone1;
      await page.locator('#near').fill(near);
      await page.locator('#province').selectOption(province);
      await press(page.locator('#send'));
      assert.equal(page.url(), `${home.url}/${lang}/a`);
      assert.ok(await page.locator('[role=alert]').isVisible());
      assert.equal(await page.locator('#near').inputValue(), near);
      assert.equal(await page.locator('#province').inputValue(), province);
      await assertFits(page);
      await shoot(page, `empty-${lang}`);
    });

    test('the filled form is received and shows its code', async () => {
      const { page } = phone1;
      await page.locator('[name=now][value="1"]').check();
      await page.locator('#story').fill(story);
      await page.locator('[name=where_country][value="1"]').check();
      await press(page.locator('#send'));
      assert.match(await page.locator('#receipt').textContent(), /^([0-9]{20}|[0-9]{25})$/);
      assert.ok(await page.locator('#receipt').isVisible());
      const text = await page.locator('body').innerText();
      assert.ok(!text.includes(story.slice(0, 10)) && !text.includes(near), 'no word of the tip');
      await assertFits(page);
      await shoot(page, `receipt-${lang}`);
    });

    test('the tip is at the desk byte for byte, with its answers', async () => {
      const sent = story.replaceAll('\n', '\r\n');
      const tips = await until('it is there', async () => {
        const found = (await home.inbox()).filter((tip) => tip.text === sent);
        return found.length > 0 && found;
      });
      assert.equal(tips.length, 1);
      assert.equal(tips[0].lang, lang);
      assert.equal(tips[0].priority, 'P1');
      assert.deepEqual(tips[0].answers, {
        now: '1', where_country: '1', where_province: province, where_near: near,
      });
    });

    test('Back and Forward after the receipt show neither the story nor the code', async () => {
      const { context, page } = await open(locale);
      try {
        await page.goto(`${home.url}/${lang}/`);
        await page.locator('#story').fill(`back ${story}`);
        await page.locator('#near').fill(near);
        await press(page.locator('#send'));
        const code = await page.locator('#receipt').textContent();
        await page.goBack();
        assert.equal(page.url(), `${home.url}/${lang}/`);
        assert.equal(await page.locator('#story').inputValue(), '');
        assert.equal(await page.locator('#near').inputValue(), '');
        // the browser's own page, which asks before it sends again
        await page.goForward().catch(() => {});
        const shown = await until('it is shown', () => page.content().catch(() => '')); // it may still be coming
        assert.ok(!shown.includes('id="receipt"') && !shown.includes(code));
        const tips = await until('it is there', async () => {
          const found = (await home.inbox()).filter((tip) => tip.text.startsWith('back ') && tip.lang === lang);
          return found.length > 0 && found;
        });
        assert.equal(tips.length, 1);
      } finally {
        await context.close();
      }
    });

    test('the exit leads away at once', async () => {
      const { page } = phone1;
      await page.goto(`${home.url}/${lang}/`);
      const left = page.waitForResponse((response) => response.url().includes('/x?l='));
      await page.locator('header a.x').first().click();
      const exit = await left;
      assert.equal(exit.status(), 303);
      assert.equal((await exit.allHeaders())['clear-site-data'], '"cookies", "storage"');
      await page.waitForURL(away);
      assert.equal(await page.title(), 'weather');
      assert.equal(arrived.at(-1).headers.referer, undefined);
    });

    test('no other host was asked, and nothing stays on the phone', async () => {
      const { page, context, asked, complaints } = phone1;
      const others = asked.filter((line) => !line.includes(` ${home.url}/`));
      assert.deepEqual(others, [`GET ${away}`]);
      assert.deepEqual(await context.cookies(), []);
      assert.deepEqual((await context.storageState()).origins, []);
      await page.goto(`${home.url}/${lang}/`);
      assert.deepEqual(await page.evaluate(async () => [localStorage.length, sessionStorage.length,
        (await caches.keys()).length, (await indexedDB.databases()).length,
        (await navigator.serviceWorker.getRegistrations()).length]), [0, 0, 0, 0, 0]);
      assert.deepEqual(complaints.filter((text) => !/status of 422|^Clear-Site-Data/.test(text)), []);
    });

    test('axe finds nothing wrong with the live form, its errors and the receipt', async () => {
      // axe is a script of its own: the policy and the switch are for ours
      const { context, page } = await open(locale, { javaScriptEnabled: true, bypassCSP: true });
      const judge = async (what) => {
        await page.addScriptTag({ content: axe });
        const { violations } = await page.evaluate(() => window.axe.run(document, {
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        }));
        assert.deepEqual(violations.map((v) => [v.id, v.nodes.map((n) => n.html)]), [], what);
      };
      try {
        await page.goto(`${home.url}/${lang}/`);
        await judge('form');
        await press(page.locator('#send'));
        await page.locator('[role=alert]').waitFor();
        await judge('errors');
        await page.locator('#story').fill('axe');
        await press(page.locator('#send'));
        await page.locator('#receipt').waitFor();
        await judge('receipt');
      } finally {
        await context.close();
      }
    });
  });
}
