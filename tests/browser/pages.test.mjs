// SPDX-License-Identifier: AGPL-3.0-or-later
// The reporter's pages in a real browser at phone size, in every language
// there is, without scripts. The pages come from the C code that serves them
// (tests/browser/render.c), with the policy it would send.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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
// axe judges every page in every language. How each lies in its window takes
// minutes: TIPLINE_PAGES=all (make test-pages). Otherwise Khmer is looked at
// whole, and of the other languages the pages with the most words.
const all = process.env.TIPLINE_PAGES === 'all';
const each = /^(form|lines|long|receipt|b1|b2m|b2s|b3e|check|box|blank|end|queue|wait|filese?|safety|facts|missing)\./;
const longest = /^(form|b2m|box)\./;
const looksAt = (name, lang) => name.split('.')[1] === lang && (all || (lang === 'km' ? each : longest).test(name));
const closely = all ? languages : ['km', 'my', 'en'];
const sizes = [[360, 640], [240, 320], [320, 480]];
const code = '0123456789012345678901234';

let browser, server, base;
let asked = [];
const launch = {
	executablePath: '/usr/bin/chromium',
	args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
		'--disable-component-update', '--no-first-run'],
};

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
	browser = await chromium.launch(launch);
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

// What is wrong with how the page lies in its window, in words.
const misfits = () => {
	const found = [];
	for (let y = 0; y <= document.documentElement.scrollHeight; y += innerHeight) {
		window.scrollTo(0, y);
		const box = document.querySelector('header a.x').getBoundingClientRect();
		if (box.top !== 0 || box.height < 48 || box.width !== document.documentElement.clientWidth) {
			found.push(`exit at ${box.top}, ${box.width} x ${box.height}`);
		}
	}
	for (const e of [document.documentElement, ...document.querySelectorAll('body *')]) {
		if (!e.closest('.h, .p, #t, script') && (e.getBoundingClientRect().right > innerWidth + 0.5 ||
			(e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline'))) {
			found.push(e.outerHTML.slice(0, 80));
		}
	}
	return found;
};

// A window that keeps axe while one document after the other is written into it.
async function newJudge() {
	const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
	const page = await context.newPage();
	await page.evaluate(axe);
	return page;
}

// Colours are the same in every language: they are looked at in some.
const contrasts = ['km', 'en'];

async function judge(page, name, html, colours) {
	await page.setContent(html);
	const violations = await page.evaluate(async (enabled) => (await window.axe.run(document, {
		runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
		rules: enabled ? {} : { 'color-contrast': { enabled } },
		resultTypes: ['violations'],
	})).violations.map((v) => [v.id, v.nodes.map((n) => n.html)]), colours);
	assert.deepEqual(violations, [], name);
}

// With its script, and as a browser without scripts has it. Where the script
// changes nothing before it is used, that is the same document.
async function judgeBoth(page, name, colours) {
	const html = readFileSync(join(folder, name), 'utf8');
	const without = html.replace(/<script>[^]*?<\/script>/, '');
	const body = () => page.evaluate(() => document.body.outerHTML.replace(/<script>[^]*?<\/script>/, ''));
	assert.notEqual(without, html);
	await judge(page, `${name}, scripts on`, html, colours);
	assert.equal(await page.evaluate(() => typeof document.querySelector('.x').onclick), 'function');
	const on = await body();
	await page.setContent(without);
	assert.equal(await page.evaluate(() => document.querySelector('.x').onclick), null);
	if (await body() !== on) {
		await judge(page, `${name}, scripts off`, without, colours);
	}
}

for (const lang of languages) {
	const own = pages.filter((name) => looksAt(name, lang));

	test(`each page in ${lang} is one request, has its style, and nothing in it is refused`, async () => {
		const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
		const page = await context.newPage();
		const complaints = [];
		page.on('console', (message) => complaints.push(message.text()));
		try {
			for (const name of own) {
				asked = [];
				await page.goto(base + name);
				// the style was allowed by its hash, and so was the script
				assert.equal(await page.locator('header').evaluate((e) => getComputedStyle(e).position), 'sticky');
				assert.equal(await page.evaluate(() => typeof document.querySelector('.x').onclick), 'function');
				// what was typed is still text
				assert.equal(await page.locator('#broken').count(), 0);
				assert.deepEqual(asked, ['/' + name]);
			}
			assert.deepEqual(complaints, []);
		} finally {
			await context.close();
		}
	});

	test(`each page in ${lang} fits small screens, large letters and wide spacing, and can be left`, async () => {
		const context = await browser.newContext({ javaScriptEnabled: false, bypassCSP: true });
		const page = await context.newPage();
		try {
			for (const name of own) {
				await page.goto(base + name);
				// 320 pixels are also what is left of 1280 at a zoom of 400 percent
				for (const [width, height] of sizes) {
					await page.setViewportSize({ width, height });
					assert.deepEqual(await page.evaluate(misfits), [], `${name} at ${width}`);
				}
				// WCAG 1.4.12
				await page.evaluate(() => {
					const style = document.createElement('style');
					style.textContent = `* { line-height: 2 !important; letter-spacing: .12em !important;
						word-spacing: .16em !important } p { margin-bottom: 2em !important }`;
					document.head.append(style);
				});
				assert.deepEqual(await page.evaluate(misfits), [], `${name} with wide spacing`);
			}
		} finally {
			await context.close();
		}
	});

	test(`axe finds nothing wrong in ${lang}, scripts on and off`, async () => {
		const names = pages.filter((name) => name.split('.')[1] === lang);
		const judges = await Promise.all([newJudge(), newJudge()]);
		try {
			// two at once, each the next page that is left
			await Promise.all(judges.map(async (judge) => {
				for (let name = names.pop(); name; name = names.pop()) {
					await judgeBoth(judge, name, all || contrasts.includes(lang));
				}
			}));
		} finally {
			await Promise.all(judges.map((judge) => judge.context().close()));
		}
	});
}

test('forced colours leave every control its edge', async () => {
	for (const name of ['form.km.html', 'b2.km.html', 'box.km.html']) {
		await open(name, { forcedColors: 'active' }, async (page) => {
			const bare = await page.evaluate(() => [...document.querySelectorAll('button, textarea, select, input[type=text]')]
				.filter((e) => !e.closest('.p') && parseFloat(getComputedStyle(e).borderTopWidth) < 2)
				.map((e) => e.outerHTML.slice(0, 80)));
			assert.deepEqual(bare, []);
		});
	}
});

test('a number of two digits stays on its line', async () => {
	await open('b2.my.html', { viewport: { width: 240, height: 320 } }, async (page) => {
		const lines = await page.locator('label.a b').evaluateAll((all) => all.map((e) => e.getClientRects()[0].height));
		assert.equal(new Set(lines.map(Math.round)).size, 1);
	});
});

test('no line of Khmer, Burmese or Lao begins inside a syllable', async () => {
	for (const lang of ['km', 'my', 'lo']) {
		await open(`b2.${lang}.html`, { viewport: { width: 240, height: 320 } }, async (page) => {
			// No line begins inside a syllable. Within a long word the browser
			// may use its dictionary, between words it has U+200B.
			const wrong = await page.evaluate(() => [...document.querySelectorAll('label.a')].flatMap((label) => {
				const text = label.lastChild;
				const range = document.createRange();
				const bad = [];
				let top;
				for (let i = 0; i < text.length; i++) {
					range.setStart(text, i);
					range.setEnd(text, i + 1);
					const box = range.getBoundingClientRect();
					if (box.height === 0 || box.width === 0) continue;
					if (top !== undefined && box.top > top + 10 && (/\p{M}/u.test(text.data[i]) || /[\u17d2\u1039]/.test(text.data[i - 1]))) {
						bad.push(text.data.slice(Math.max(0, i - 5), i + 5));
					}
					top = box.top;
				}
				return bad;
			}));
			assert.deepEqual(wrong, [], lang);
		});
	}
});

test('the keyboard reaches every control of every page, in their order, and none is covered', async () => {
	const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 480 } });
	const page = await context.newPage();
	const kinds = all ? pages.filter((name) => name.endsWith('.km.html'))
		: ['b1', 'b2', 'b3e', 'receipt', 'box', 'check', 'filese', 'end', 'safety', 'missing'].map((kind) => `${kind}.km.html`);
	try {
		for (const name of kinds) {
			await page.goto(base + name);
			// one of each group of radio buttons; nothing behind a fold
			const controls = await page.evaluate(() => [...new Set([...document.querySelectorAll(
				'a[href], button, summary, select, textarea, input:not([type=hidden], [tabindex])')]
				.filter((e) => e.tagName === 'SUMMARY' || !e.closest('details:not([open])'))
				.map((e) => (e.type === 'radio' ? e.name : [e.tagName, e.className, e.id, e.name, e.value, e.getAttribute('href')].join())))]);
			const met = [];
			// an alert takes the focus when it is there: begin before it
			if (await page.locator('[autofocus]').count() > 0) {
				await page.locator('[autofocus]:focus').waitFor();
			}
			await page.locator('header a').first().focus();
			for (let i = 0; i < 90; i++) {
				if (i > 0) {
					await page.keyboard.press('Tab');
				}
				const now = await page.evaluate(() => {
					const e = document.activeElement;
					const box = e.getBoundingClientRect();
					const bar = document.querySelector('header').getBoundingClientRect();
					return {
						what: e.type === 'radio' ? e.name : [e.tagName, e.className, e.id, e.name, e.value, e.getAttribute('href')].join(),
						body: e === document.body,
						alert: e.getAttribute('role') === 'alert',
						hidden: (!e.closest('header') && box.top < bar.bottom - 1) || box.bottom > innerHeight + 1 && box.height < 300,
						outline: getComputedStyle(e).outlineStyle,
					};
				});
				if (now.body || (i > 0 && now.what === met[0])) {
					break; // the end, or round again
				}
				assert.equal(now.hidden, false, `${name}: ${now.what}`);
				assert.notEqual(now.outline, 'none', `${name}: ${now.what}`);
				if (!now.alert && met.at(-1) !== now.what) {
					met.push(now.what);
				}
			}
			assert.deepEqual(met, controls, name);
			assert.ok(met[0].endsWith('/x?l=km') && met[1].endsWith('/x?l=km') && met[2].endsWith('#m'), name);
		}
	} finally {
		await context.close();
	}
});

test('every page in every language is text and controls alone, as Tor Browser at Safest shows it', async () => {
	for (const name of pages) {
		const html = readFileSync(join(folder, name), 'utf8');
		const other = /<(svg|img|picture|video|audio|canvas|math|object|embed|iframe)|url\(|@import|@font-face/i.exec(html);
		assert.equal(other, null, name);
	}
	const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1000, height: 900 } });
	const page = await context.newPage();
	await context.route('**', (route) => (route.request().resourceType() === 'document' ? route.continue() : route.abort()));
	try {
		for (const name of pages.filter((each) => /\.(km|en)\.html$/.test(each))) {
			await page.goto(base + name);
			const lost = await page.evaluate(() => [...document.querySelectorAll(
				'main a, main button, main select, main textarea, main input:not([type=hidden], [tabindex]), main p, main li, main h1, main h2')]
				.filter((e) => !e.closest('details:not([open]), .p, .k:empty') && e.innerText !== '' && !e.disabled &&
					(e.getBoundingClientRect().width < 20 || e.getBoundingClientRect().height < 20))
				.filter((e) => !e.hidden && e.id !== 'k' && e.textContent.trim() + (e.name ?? '') !== '')
				.map((e) => e.outerHTML.slice(0, 80)));
			assert.deepEqual(lost, [], name);
		}
	} finally {
		await context.close();
	}
});

test('without a font for the script a page still fits 240 pixels, as in Opera Mini', async () => {
	// only Latin letters here: all others become boxes
	const config = join(folder, 'fonts.conf');
	writeFileSync(config, `<?xml version="1.0"?><fontconfig><dir>/usr/share/fonts/truetype/dejavu</dir>
		<cachedir>${folder}/fonts</cachedir></fontconfig>`);
	const poor = await chromium.launch({ ...launch, env: { ...process.env, FONTCONFIG_FILE: config } });
	try {
		const context = await poor.newContext({
			javaScriptEnabled: false, viewport: { width: 240, height: 320 }, extraHTTPHeaders: { 'Save-Data': 'on' },
		});
		const page = await context.newPage();
		for (const name of pages.filter((each) => /^(form|b2m|b3|box|receipt|safety)\.(km|my|lo)\.html$/.test(each))) {
			asked = [];
			await page.goto(base + name);
			assert.deepEqual(await page.evaluate(misfits), [], name);
			assert.deepEqual(asked, ['/' + name], 'nothing is loaded beside');
		}
	} finally {
		await poor.close();
	}
});

test('the receipt prints on one sheet of A4, with its code and without', async () => {
	await open('receipt.km.html', {}, async (page) => {
		const sheets = async () => (await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type \/Page\b/g).length;
		assert.equal(await sheets(), 1);
		await page.locator('label[for=print]').click();
		assert.equal(await sheets(), 1);
	});
});

for (const lang of closely) {
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
			assert.ok(line >= (['km', 'lo', 'my', 'th'].includes(lang) ? 1.7 : 1.5));
			assert.equal(await page.locator('input[type=text], textarea, select').evaluateAll(
				(all) => all.filter((e) => e.autocomplete !== 'off').length), 0);
		});
	});

	test(`the keyboard in ${lang} meets exit first, and nothing focused is covered`, async () => {
		await open(`form.${lang}.html`, { viewport: { width: 320, height: 480 } }, async (page) => {
			const order = [];
			for (let i = 0; i < 40; i++) {
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
			assert.deepEqual(order.slice(3, 3 + languages.length).sort(), languages.map((l) => `/${l}/`).sort());
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
			await page.locator('[role=alert]:focus').waitFor(); // when the page is drawn first
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
			assert.match(sent.headers()['content-type'], /^multipart\/form-data; boundary=/);
			const parts = [...sent.postDataBuffer().toString().matchAll(/name="([^"]*)"[^\r]*(?:\r\nContent-Type[^\r]*)?\r\n\r\n([\s\S]*?)\r\n-/g)];
			assert.deepEqual(parts.map((part) => [part[1], part[2]]), [
				['k', '00112233445566778899aabbccddeeff'], ['now', '1'],
				['story', 'ជួយ​ផង\r\na+b&c=d'], ['where_country', '1'],
				['where_province', '08'], ['where_near', 'វត្ត'], ['website', ''], ['voice', ''],
			]);
		});
	});
}
