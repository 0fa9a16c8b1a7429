// SPDX-License-Identifier: AGPL-3.0-or-later
// The reporter's pages in a real browser at phone size, in every language
// there is, without scripts. The pages come from the C code that serves them
// (tests/browser/render.c), with the policy it would send.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const build = process.env.TIPLINE_BUILD ?? new URL('../../build', import.meta.url).pathname;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'tipline-pages-'));
execFileSync(join(build, 'tests/browser/render'), [folder]);
const policy = readFileSync(join(folder, 'csp'), 'utf8');
const pages = readdirSync(folder).filter((name) => name.endsWith('.html'));
const languages = [...new Set(pages.map((name) => name.split('.')[1]))];
const sizes = [[360, 640], [240, 320], [320, 480]];
const code = '0123456789012345678901234';

let browser, server, base, asked;

test.before(async () => {
	server = createServer((request, response) => {
		const name = request.url.slice(1);
		asked.push(request.url);
		if (!pages.includes(name)) {
			response.writeHead(404).end();
			return;
		}
		response.writeHead(200, {
			'Content-Type': 'text/html; charset=utf-8',
			'Content-Security-Policy': policy,
			'Cache-Control': 'no-store',
		}).end(readFileSync(join(folder, name)));
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	base = `http://127.0.0.1:${server.address().port}/`;
	browser = await chromium.launch({
		executablePath: '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
			'--disable-component-update', '--no-first-run'],
	});
});

test.after(async () => {
	await browser?.close();
	await new Promise((done) => server.close(done));
	rmSync(folder, { recursive: true });
});

// Show one page to look(page); says what the browser had to complain about.
async function open(name, options, look) {
	const context = await browser.newContext({
		javaScriptEnabled: false, viewport: { width: 360, height: 640 }, ...options,
	});
	const page = await context.newPage();
	const complaints = [];
	page.on('console', (message) => complaints.push(message.text()));
	asked = [];
	try {
		await page.goto(base + name);
		await look(page);
		return complaints;
	} finally {
		await context.close();
	}
}

for (const name of pages) {
	test(`${name} is one request, has its style, and nothing in it is refused`, async () => {
		const complaints = await open(name, {}, async (page) => {
			// the style was allowed by its hash
			const bar = page.locator('header');
			assert.equal(await bar.evaluate((e) => getComputedStyle(e).position), 'sticky');
			// what was typed is still text
			assert.equal(await page.locator('#broken').count(), 0);
		});
		assert.deepEqual(asked, ['/' + name]);
		assert.deepEqual(complaints, []);
	});

	test(`${name} fits small screens and can be left from everywhere on it`, async () => {
		await open(name, {}, async (page) => {
			for (const [width, height] of sizes) {
				await page.setViewportSize({ width, height });
				const bars = await page.evaluate((step) => {
					const found = [];
					for (let y = 0; y <= document.documentElement.scrollHeight; y += step) {
						window.scrollTo(0, y);
						const box = document.querySelector('header a.x').getBoundingClientRect();
						found.push([box.top, box.height >= 48, box.width]);
					}
					return found;
				}, height);
				for (const bar of bars) {
					assert.deepEqual(bar, [0, true, width]);
				}
				const wide = await page.evaluate(() => [document.documentElement,
					...document.querySelectorAll('body *')].filter((e) => !e.closest('.h, .p') &&
						(e.getBoundingClientRect().right > innerWidth + 0.5 ||
						(e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')))
					.map((e) => e.outerHTML.slice(0, 80)));
				assert.deepEqual(wide, [], `at ${width}`);
			}
		});
	});

	test(`${name} has nothing that axe finds wrong`, async () => {
		// axe is a script of its own: the policy and the switch are for ours
		await open(name, { javaScriptEnabled: true, bypassCSP: true }, async (page) => {
			await page.addScriptTag({ content: axe });
			const { violations } = await page.evaluate(() => window.axe.run(document, {
				runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
			}));
			assert.deepEqual(violations.map((v) => [v.id, v.nodes.map((n) => n.html)]), []);
		});
	});
}

for (const lang of languages) {
	test(`the form in ${lang} is large enough to read and to touch`, async () => {
		await open(`typed.${lang}.html`, {}, async (page) => {
			const small = await page.evaluate(() => [...document.querySelectorAll(
				'body *:not([type=hidden], [type=radio], [type=checkbox])')]
				.filter((e) => parseFloat(getComputedStyle(e).fontSize) < 18)
				.map((e) => e.outerHTML.slice(0, 80)));
			assert.deepEqual(small, []);
			const targets = await page.locator(
				'label.a, nav a, summary, button, select, textarea, input[type=text]:not([tabindex])').all();
			assert.ok(targets.length > 15);
			for (const target of targets) {
				const box = await target.boundingBox();
				assert.ok(box.height >= 44 && box.width >= 44, await target.innerHTML());
			}
			const line = await page.locator('main').evaluate((e) => {
				const style = getComputedStyle(e);
				return parseFloat(style.lineHeight) / parseFloat(style.fontSize);
			});
			assert.ok(line >= (lang === 'en' ? 1.5 : 1.7));
			assert.equal(await page.locator('input[type=text], textarea, select').evaluateAll(
				(all) => all.filter((e) => e.autocomplete !== 'off').length), 0);
		});
	});

	test(`the keyboard in ${lang} meets exit first, and nothing focused is covered`, async () => {
		await open(`form.${lang}.html`, { viewport: { width: 320, height: 480 } }, async (page) => {
			const order = [];
			for (let i = 0; i < 30; i++) {
				await page.keyboard.press('Tab');
				const now = await page.evaluate(() => {
					const e = document.activeElement;
					const box = e.getBoundingClientRect();
					const bar = document.querySelector('header').getBoundingClientRect();
					return {
						what: e.getAttribute('href') ?? e.name ?? e.tagName,
						inBar: e.closest('header') !== null,
						covered: e.closest('header') === null && box.top < bar.bottom - 1,
						outline: getComputedStyle(e).outlineStyle,
						width: box.width,
					};
				});
				if (now.what === 'BODY') {
					break;
				}
				assert.equal(now.covered, false, now.what);
				assert.notEqual(now.outline, 'none', now.what);
				assert.ok(now.width > 20, `${now.what} cannot be seen`);
				order.push(now.what);
			}
			const exit = `/x?l=${lang}`;
			assert.deepEqual(order.slice(0, 3), [exit, exit, '#m']);
			assert.deepEqual(order.slice(3, 3 + languages.length), languages.map((l) => `/${l}/`));
			assert.ok(!order.includes('website'), 'people must not meet the trap');
			const fields = ['now', 'story', 'where_country', 'where_province', 'where_near'];
			assert.deepEqual(order.filter((what) => fields.includes(what)), fields);
		});
	});

	test(`the receipt in ${lang} copies as 25 digits and can be hidden`, async () => {
		await open(`receipt.${lang}.html`, {}, async (page) => {
			const receipt = page.locator('#receipt');
			assert.equal(await receipt.textContent(), code);
			const copied = await receipt.evaluate((e) => {
				getSelection().selectAllChildren(e);
				return getSelection().toString();
			});
			assert.equal(copied, code);
			assert.ok(await receipt.evaluate((e) => parseFloat(getComputedStyle(e).fontSize)) >= 28);
			const wraps = await receipt.locator('span').evaluateAll(
				(all) => all.map((e) => e.getBoundingClientRect().right));
			assert.ok(wraps.every((right) => right <= 360));
			await page.locator('label[for=hide]').click();
			assert.equal(await receipt.isVisible(), false);
			await page.locator('label[for=hide]').click();
			assert.equal(await receipt.isVisible(), true);
		});
	});

	test(`the receipt in ${lang} prints its code only when asked`, async () => {
		await open(`receipt.${lang}.html`, {}, async (page) => {
			await page.emulateMedia({ media: 'print' });
			assert.equal(await page.locator('#receipt').isVisible(), false);
			await page.emulateMedia({ media: 'screen' });
			await page.locator('label[for=print]').click();
			await page.emulateMedia({ media: 'print' });
			assert.equal(await page.locator('#receipt').isVisible(), true);
		});
	});

	test(`a form in ${lang} that comes back begins with what is wrong`, async () => {
		await open(`long.${lang}.html`, {}, async (page) => {
			assert.equal(await page.evaluate(() => document.activeElement.getAttribute('role')), 'alert');
			assert.match(await page.locator('#story').inputValue(), /^\n<\/textarea><h1 id="broken">&amp;"'\n/);
			assert.equal(await page.locator('#near').inputValue(), '"><i id="broken">');
			assert.equal(await page.locator('[name=now]:checked').inputValue(), '1');
			assert.equal(await page.locator('#province').inputValue(), '12');
		});
	});

	test(`what ${lang} sends is the wire names and nothing else`, async () => {
		await open(`form.${lang}.html`, {}, async (page) => {
			let sent;
			await page.route(`**/${lang}/a`, async (route) => {
				sent = route.request();
				await route.fulfill({ status: 200, body: '' });
			});
			await page.locator('[name=now][value="1"]').check();
			await page.locator('#story').fill('ជួយ​ផង\na+b&c=d');
			await page.locator('[name=where_country][value="1"]').check();
			await page.locator('#province').selectOption('08');
			await page.locator('#near').fill('វត្ត');
			await page.locator('#send').click();
			assert.equal(sent.method(), 'POST');
			assert.equal(sent.headers()['content-type'], 'application/x-www-form-urlencoded');
			assert.deepEqual([...new URLSearchParams(sent.postData())], [
				['k', '00112233445566778899aabbccddeeff'], ['now', '1'],
				['story', 'ជួយ​ផង\r\na+b&c=d'], ['where_country', '1'],
				['where_province', '08'], ['where_near', 'វត្ត'], ['website', ''],
			]);
		});
	});
}
