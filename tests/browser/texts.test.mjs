// SPDX-License-Identifier: AGPL-3.0-or-later
// The tools that make C of texts and pages refuse what must not be built:
// each fault once, put into a copy of the real files.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
const build = process.env.TIPLINE_BUILD ?? join(root, 'build');
const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' };

// Run a tool over a copy of web/ in which file was changed by edit.
function run(tool, file, edit) {
	const folder = mkdtempSync(join(tmpdir(), 'tipline-texts-'));
	try {
		cpSync(join(root, 'web'), folder, { recursive: true });
		const path = join(folder, file);
		const before = readFileSync(path, 'utf8');
		const after = edit(before);
		if (file !== 'page.css') {
			assert.notEqual(after, before);
		}
		writeFileSync(path, after);
		const made = join(folder, 'out.c');
		const args = tool === 'tool_po'
			? [join(folder, 'out.h'), made, join(folder, 'po/en.po'), join(folder, 'po/km.po')]
			: [made, ...['page.css', 'exit.js', 'wait.js', 'pages/form.html', 'pages/receipt.html', 'pages/message.html']
				.map((name) => join(folder, name))];
		const { status, stderr } = spawnSync(join(build, 'tools', tool), args, { encoding: 'utf8', env });
		return { status, stderr, made: existsSync(made) };
	} finally {
		rmSync(folder, { recursive: true });
	}
}

function refused(tool, file, edit, words) {
	const { status, stderr, made } = run(tool, file, edit);
	assert.equal(status, 1, stderr);
	assert.match(stderr, words);
	assert.ok(!made, 'nothing is written');
}

const entry = (key) => new RegExp(`msgid "${key}"\nmsgstr ".*"\n`);
const catalogues = [
	['a missing key', (po) => po.replace(entry('exit'), ''), /exit: missing/],
	['an empty text', (po) => po.replace(entry('exit'), 'msgid "exit"\nmsgstr ""\n'), /exit: empty/],
	['an extra key', (po) => po + '\nmsgid "exti"\nmsgstr "ក"\n', /exti: not a key/],
	['a key that stands twice', (po) => po + '\nmsgid "exit"\nmsgstr "ក"\n', /duplicate/],
	['a lost placeholder', (po) => po.replaceAll('{number}', '1288'), /call: other placeholders/],
	['another placeholder', (po) => po.replaceAll('{number}', '{nummer}'), /call: other placeholders/],
	['English left in Khmer', (po) => po.replace(entry('send'), 'msgid "send"\nmsgstr "Send"\n'), /send: the English text/],
	['a fuzzy entry', (po) => po.replace('msgid "exit"', '#, fuzzy\nmsgid "exit"'), /exit: fuzzy/],
	['an exclamation mark', (po) => po.replace('msgstr "ផ្ញើ"', 'msgstr "ផ្ញើ!"'), /send: an exclamation/],
	['a break at the end', (po) => po.replace('msgstr "ផ្ញើ"', 'msgstr "ផ្ញើ\u200b"'), /send: U\+200B at the end/],
	['a plural with one form too many', (po) => po.replace(/(msgid_plural "age.days"\n)/, '$1msgstr[1] "{n} ថ្ងៃ"\n'), /age\.days: other plural|km\.po/],
	['a plural rule of its own', (po) => po.replace('nplurals=1; plural=0;', 'nplurals=3; plural=n;'), /Plural-Forms: must/],
	['no plural where the master has one', (po) => po.replace('msgid_plural "age.days"\n', '').replace('msgstr[0]', 'msgstr'), /age\.days@n: missing/],
	['another language', (po) => po.replace('Language: km', 'Language: th'), /Language: must be/],
	['no word on review', (po) => po.replace(/"X-Review.*\n/, ''), /X-Review: must name/],
	['broken quotes', (po) => po.replace('msgstr "ផ្ញើ"', 'msgstr "ផ្ញើ'), /km\.po:\d+/],
];
for (const [what, edit, words] of catalogues) {
	test(`a catalogue with ${what} does not build`, () => refused('tool_po', 'po/km.po', edit, words));
}

const templates = [
	['an unknown text', '{{exti}}', /no such text/],
	['an unknown value', '{{=sotry}}', /no such value/],
	['an unknown section', '{{#sotry}}', /no such flag/],
	['a value of an item outside a list', '{{=.value}}', /no such value here/],
	['words of its own', '<p>Hello</p>', /not in the catalogue/],
	['a value outside quotes', '<p id={{=story}}></p>', /only between quotes/],
	['a text without its value', '<p>{{call}}</p>', /has other places/],
	['a value that the text has no place for', '<p>{{exit number=urgent}}</p>', /has other places/],
	['a section that stays open', '{{#proxy}}', /not closed/],
	['a section closed twice', '{{/proxy}}', /closes what is not open/],
	['a list within a list', '{{#now}}{{#code}}{{/code}}{{/now}}', /no such flag, value or list here/],
	['a tag over two lines', '{{exit', /does not end on its line/],
	['a raw value', '{{{story}}}', /no such text/],
	['a quote that stays open', '<p class="x>', /./],
];
for (const [what, words, says] of templates) {
	test(`a page with ${what} does not build`, () =>
		refused('tool_page', 'pages/form.html', (html) => html + words + '\n', says));
}

test('a style that could end its element does not build', () => {
	refused('tool_page', 'page.css', (css) => css + 'a::after { content: "</style>" }\n', /"<" in a style/);
});

for (const script of ['exit.js', 'wait.js']) {
	test(`${script} does not build if it could end its element, or is too long`, () => {
		refused('tool_page', script, (js) => js + "'</script>'\n", /in a script/);
		refused('tool_page', script, (js) => js + 'x;'.repeat(500) + '\n', /over 1024 bytes/);
	});
}

test('every language says that nobody has reviewed it, until somebody has', () => {
	for (const name of readdirSync(join(root, 'web/po'))) {
		const text = readFileSync(join(root, 'web/po', name), 'utf8');
		const [, review] = /^"X-Review: (.*)\\n"$/m.exec(text);
		assert.match(review, /^draft, needs native review$|^reviewed by .+, \d{4}-\d\d-\d\d$/, name);
	}
});

test('what is in the tree builds', () => {
	const same = (css) => css;
	assert.equal(run('tool_page', 'page.css', same).status, 0);
	assert.equal(run('tool_po', 'page.css', same).status, 0);
});

test('all catalogues are in normal form C', () => {
	for (const name of readdirSync(join(root, 'web/po'))) {
		const text = readFileSync(join(root, 'web/po', name), 'utf8');
		assert.equal(text, text.normalize('NFC'), name);
	}
});
