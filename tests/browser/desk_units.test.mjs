// SPDX-License-Identifier: AGPL-3.0-or-later
// The console's pure modules, without a browser: times in words, offsets,
// black boxes, keys, catalogues, contrast.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';

const ui = path.resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../desk/ui');
const load = (name) => import(path.join(ui, name));
const marks = await load('js/marks.js');
const redact = await load('js/redact.js');
const times = await load('js/timewords.js');
const keymap = await load('js/keymap.js');
const { count } = await load('js/smscount.js');
const { makeReader } = await load('js/sse.js');
const coding = await load('js/coding.js');
const contact = await load('js/contact.js');
const { stepOf } = await load('js/chart.js');
const en = (await load('texts/en.js')).default;
const km = (await load('texts/km.js')).default;
const files = fs.readdirSync(ui, { recursive: true }).map(String).filter((name) => /\.(js|css|html)$/.test(name));
const sources = new Map(files.map((name) => [name, fs.readFileSync(path.join(ui, name), 'utf8')]));

const MIN = 60000;
const HOUR = 60 * MIN;

test('bytes of UTF-8 become UTF-16 offsets in any script', () => {
  const text = 'aé\u17d2ខ😀z';
  const bytes = [0, 1, 3, 6, 9, 13, 14];
  assert.deepEqual(marks.toUtf16(text, bytes), [0, 1, 2, 3, 4, 6, 7]);
  bytes.forEach((byte, i) => assert.equal(marks.toBytes(text, [0, 1, 2, 3, 4, 6, 7][i]), byte));
  assert.deepEqual(marks.toUtf16(text, [2, 10, 99]), [1, 4, 7], 'within a sign: its beginning; behind the end: the end');
  assert.deepEqual(marks.toUtf16(text, [14, 0]), [7, 0], 'in any order');
});

test('every byte offset of every text agrees with the encoder', () => {
  for (const text of ['ជួយខ្ញុំផង! ABC', 'ช่วยด้วย', '救命 SOS', '\u200bx\u200d😀👩‍👩‍👧', '']) {
    for (let unit = 0; unit <= text.length; unit++) {
      if (/[\udc00-\udfff]/.test(text[unit] ?? '')) continue;
      const byte = Buffer.byteLength(text.slice(0, unit));
      assert.deepEqual(marks.toUtf16(text, [byte]), [unit]);
      assert.equal(marks.toBytes(text, unit), byte);
    }
  }
});

test('marks cut a text into pieces that are the whole of it, whatever they say', () => {
  const text = 'គេចាក់សោទ្វារ';
  const whole = (list) => marks.segments(text, list).map((piece) => piece.text).join('');
  const good = marks.segments(text, [{ at: 6, len: 18, group: 'HELD' }]);
  assert.deepEqual(good.map((piece) => piece.groups), [[], ['HELD'], []]);
  assert.equal(good[1].text, 'ចាក់សោ');
  for (const list of [[], [{ at: -1, len: 3 }], [{ at: 1e9, len: 5, group: 'x' }], [{ at: 0, len: 1e9, group: 'x' }], [{ at: 1, len: 1, group: 'x' }],
    [{ at: 0, len: 9, group: 'a' }, { at: 3, len: 9, group: 'b' }, { at: 3, len: 9, group: 'b' }], [{ at: 'x', len: null }]]) {
    assert.equal(whole(list), text);
  }
  const over = marks.segments('abcd', [{ at: 0, len: 3, group: 'a' }, { at: 1, len: 3, group: 'b' }]);
  assert.deepEqual(over.map(({ text: t, groups }) => [t, groups]), [['a', ['a']], ['bc', ['a', 'b']], ['d', ['b']]]);
});

test('a mark never parts a sign from what hangs on it', () => {
  const [first] = marks.segments('ជួយ', [{ at: 0, len: 3, group: 'HELP' }]);
  assert.equal(first.text, 'ជួ');
});

test('signs that no eye sees are shown by their numbers', () => {
  const pieces = marks.rawPieces('a\u200bb\u202ec\n');
  assert.deepEqual(pieces, [{ text: 'a', sign: false }, { text: 'U+200B', sign: true }, { text: 'b', sign: false }, { text: 'U+202E', sign: true }, { text: 'c\n', sign: false }]);
});

test('sentences of Khmer, English and Chinese lose nothing', () => {
  for (const text of ['មួយ។ ពីរ! បី', 'One. Two?\nThree', '一。二', '...', '']) assert.equal(marks.sentences(text).join(''), text);
  assert.equal(marks.sentences('មួយ។ ពីរ! បី').length, 3);
});

test('how long it takes and is late is said in words', () => {
  const words = ({ key, n, m }) => `${key} ${n} ${m}`;
  assert.equal(words(times.age(0, 59999)), 'age.s 59 00');
  assert.equal(words(times.age(0, 3 * MIN)), 'age.min 3 00');
  assert.equal(words(times.age(0, 2 * HOUR + 5 * MIN)), 'age.h 2 05');
  assert.equal(words(times.age(0, 50 * HOUR)), 'age.d 2 02');
  assert.equal(times.age(10, 0).key, 'age.s', 'a clock that is behind makes no negative age');
  assert.equal(words(times.left(4 * MIN, 0)), 'left.min 4 00');
  assert.equal(words(times.left(1, 12 * MIN + 1)), 'late.min 12 00');
  assert.equal(times.left(1, 2).late, true);
  assert.equal(times.left(0, 5).key, 'left.none');
  for (const kind of ['age', 'left', 'late']) for (const unit of ['s', 'min', 'h', 'd']) assert.ok(en[`${kind}.${unit}`] && km[`${kind}.${unit}`]);
});

test('local time is Phnom Penh, with the day of the week, and goes there and back', () => {
  const at = Date.parse('2026-11-22T17:30:05Z');
  assert.deepEqual(times.local(at), { date: '2026-11-23', day: 1, time: '00:30', second: '05' });
  assert.equal(times.utc(at), '2026-11-22 17:30 UTC');
  assert.equal(times.fromLocal('2026-11-23', '00:30'), Date.parse('2026-11-22T17:30:00Z'));
  assert.ok(Number.isNaN(times.fromLocal('')));
  assert.equal(times.isNight(at), true);
  assert.equal(times.isNight(Date.parse('2026-11-22T05:00:00Z')), false);
});

test('a black box has always the same length, and stands wherever the word stands', () => {
  const text = 'Sok met Sok at 012 345 678.';
  const said = redact.blackened(text, new Set(['Sok', '012 345 678'])).map((piece) => piece.text).join('');
  assert.equal(said, `${redact.BOX} met ${redact.BOX} at ${redact.BOX}.`);
  assert.deepEqual(redact.asBytes('ខ Sok', new Set(['Sok'])), [{ at: 4, len: 3 }]);
  assert.deepEqual(redact.spansOf('aaaa', new Set(['aa', 'aaa'])), [[0, 4]], 'spans that touch are one');
});

test('numbers of any script, handles, names after a title and villages are suggested', () => {
  const kinds = (text) => redact.suggestions(text).map(({ kind, value }) => `${kind} ${value}`);
  assert.deepEqual(kinds('call 012 345 678'), ['phone 012 345 678']);
  assert.deepEqual(kinds('លេខ ០១២៣៤៥៦៧៨'), ['phone ០១២៣៤៥៦៧៨']);
  assert.deepEqual(kinds('on telegram @boss_kh'), ['handle @boss_kh']);
  assert.deepEqual(kinds('Mr Dara hit me'), ['name Dara']);
  assert.ok(kinds('លោកសុខា មាន').some((each) => each.startsWith('name ')));
  assert.deepEqual(kinds('nothing here, room 12'), []);
});

test('answers point to indicators, and what an officer coded counts instead', () => {
  const pointed = coding.pointedTo([{ name: 'ind', value: '1' }, { name: 'ind', value: '16' }, { name: 'work', value: ['9'] }, { name: 'how', value: '7' }, { name: 'ind', value: '99' }], [{ group: 'SOLD' }]);
  assert.deepEqual(pointed, { ilo: { 3: 'seen', 6: 'seen' }, act: { transport: 'seen', harbouring: 'seen' }, means: { force: 'seen', coercion: 'seen', abduction: 'seen', payment: 'seen' }, purpose: { sexual: 'seen' } });
  const codes = coding.coded(pointed, [{ kind: 'coding', codes: { ilo: { 5: 'seen' } } }, { kind: 'coding', codes: { ilo: { 3: 'not', 4: '<b>', 77: 'seen' }, more: 1 } }, { kind: 'note' }]);
  assert.deepEqual([codes.ilo[3], codes.ilo[4], codes.ilo[5], codes.ilo[6]], ['not', 'unknown', 'unknown', 'seen'], 'the newest coding, and only what is known');
  assert.deepEqual(Object.keys(codes.ilo), coding.GROUPS.ilo);
  assert.deepEqual(coding.seenIn(codes).slice(0, 2), [['ilo', '6'], ['act', 'transport']]);
  assert.deepEqual(coding.STATES.map(coding.nextState), ['seen', 'not', 'unknown']);
});

test('the newest word on safe contact counts, and no form takes a stop back', () => {
  const tip = { contact: { wish: '2', hours: 'after 22:00', no_contact: true, safe_word_set: false }, entries: [
    { kind: 'contact', at: 5, who: 'srey', safe: { wish: '3', hours: '' } }, { kind: 'contact', at: 7, who: 'dara', safe: { wish: '4', safe_word: 'rice', no_contact: false, evil: 'x', cover: 5 } }] };
  assert.deepEqual(contact.contactNow(tip), { wish: '4', hours: 'after 22:00', no_contact: true, safe_word_set: true, safe_word: 'rice', by: 'dara', said_ms: 7000 });
  assert.deepEqual(contact.contactNow({ contact: { wish: '1' } }), { wish: '1' });
  assert.equal(contact.safeOf({ kind: 'note', safe: {} }), null);
});

test('short messages are counted as the operator counts them', () => {
  assert.deepEqual(count(''), { alphabet: 'gsm', units: 0, parts: 0, left: 160 });
  assert.equal(count('x'.repeat(160)).parts, 1);
  assert.equal(count('x'.repeat(161)).parts, 2);
  assert.equal(count('€'.repeat(80)).parts, 1);
  assert.equal(count('€'.repeat(81)).parts, 2);
  assert.deepEqual(count('ខ'.repeat(70)), { alphabet: 'ucs2', units: 70, parts: 1, left: 0 });
  assert.equal(count('ខ'.repeat(71)).parts, 2);
});

test('each action of the keyboard map has one key, a name and a place in the help', async () => {
  assert.deepEqual(keymap.clashes(keymap.keysOf()), []);
  for (const action of Object.keys(keymap.DEFAULT_KEYS)) assert.ok(en[`key.${action}`], action);
  const help = sources.get(path.join('views', 'help.js'));
  for (const action of Object.keys(keymap.DEFAULT_KEYS)) assert.match(help, new RegExp(`'${action}'`), action);
});

test('the keys are those of the map, can be changed, and not all of them', () => {
  const keys = keymap.keysOf({ claim: 'x', panic: 'z', next: 'no', note: '' });
  assert.equal(keys.claim, 'x');
  assert.equal(keys.panic, 'Mod+l', 'the panic lock stays');
  assert.equal(keys.next, 'j');
  assert.equal(keys.note, '');
  assert.deepEqual(keymap.match(keys, '', 'g'), { prefix: 'g' });
  assert.deepEqual(keymap.match(keys, 'g', 'h'), { action: 'handover' });
  assert.deepEqual(keymap.match(keys, '', 'q'), {});
  assert.equal(keymap.nameOf({ key: 'L', ctrlKey: true }), 'Mod+l');
  assert.equal(keymap.nameOf({ key: 'Shift' }), '');
  assert.equal(keymap.clashes({ a: 'j', b: 'j' }).length, 1);
});

test('events are read in any pieces', () => {
  const stream = 'event: new\ndata: {"id":"a"}\n\n: beat\n\nevent: lock\r\ndata: {}\r\n\r\ndata: x\n\n';
  for (const size of [1, 2, 7, 1000]) {
    const seen = [];
    const feed = makeReader((event) => seen.push(`${event.event} ${event.data}`));
    for (let i = 0; i < stream.length; i += size) feed(stream.slice(i, i + size));
    assert.deepEqual(seen, ['new {"id":"a"}', 'lock {}', 'message x']);
  }
});

test('an axis has steps that people count in', () => {
  assert.deepEqual([1, 4, 17, 90, 412].map((most) => stepOf(most)), [1, 1, 5, 50, 200]);
});

test('both catalogues have the same texts with the same blanks', () => {
  const blanks = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
  assert.deepEqual(Object.keys(km).sort(), Object.keys(en).sort());
  for (const key of Object.keys(en)) {
    assert.ok(en[key].trim() && km[key].trim(), key);
    assert.deepEqual(blanks(km[key]), blanks(en[key]), key);
  }
  for (const key of Object.keys(en).filter((each) => each.endsWith('.one'))) assert.ok(key.replace(/one$/, 'other') in en, key);
});

test('every text that the code names is there, and every text is named', () => {
  const code = [...sources].filter(([name]) => name.endsWith('.js') && !name.startsWith('texts')).map(([, text]) => text).join('\n');
  for (const [, call, key] of code.matchAll(/\b(t|tn|both|tOr)\('([^']+)'/g)) {
    assert.ok(call === 'tn' ? `${key}.one` in en : key in en, key);
  }
  const made = [...code.matchAll(/`([\w.-]+\.)\$\{/g)].map(([, start]) => start);
  const kinds = [...code.matchAll(/(?:word|tOrWord)\('([\w.]+)'/g)].map(([, kind]) => `${kind}.`);
  const unused = Object.keys(en).filter((key) => !code.includes(`'${key}'`) && !code.includes(`'${key.replace(/\.(one|other)$/, '')}'`)
    && ![...made, ...kinds, 'q.', 'left.', 'late.'].some((start) => key.startsWith(start)));
  assert.deepEqual(unused, []);
});

test('what docs/OFFICERS.md shows in bold stands on the screen', () => {
  const doc = fs.readFileSync(path.join(ui, '../../docs/OFFICERS.md'), 'utf8').replace(/\s+/g, ' ');
  const said = Object.values(en).map((text) => text.toLowerCase());
  const bold = [...doc.matchAll(/\*\*(.+?)\*\*/g)].map(([, words]) => words);
  assert.ok(bold.length > 80);
  const asThere = (words) => words.replace(/\bN\b/, '{n}').replace("'", '’').replace('NAME', '{name}').replace(/^P\d /, '').toLowerCase();
  assert.deepEqual(bold.filter((words) => !said.some((text) => text.includes(asThere(words)))), []);
});

test('text stands at 7 to 1 or more in both themes, and shapes at 3 to 1', () => {
  const css = sources.get(path.join('css', 'tokens.css'));
  const light = (hex) => {
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  for (const theme of ['dark', 'light']) {
    const block = css.slice(css.indexOf(`[data-theme="${theme}"]`));
    const tokens = Object.fromEntries([...block.slice(0, block.indexOf('}')).matchAll(/--([\w-]+): (#[0-9a-fA-F]{6})/g)].map(([, name, hex]) => [name, hex]));
    const grounds = ['ground', 'field', 'surface', 'raised', 'hover', 'chosen'];
    for (const text of ['text', 'muted', 'link', 'p1', 'p2', 'p3', 'p4']) {
      for (const on of grounds) assert.ok(ratio(tokens[text], tokens[on]) >= 7, `${theme}: ${text} on ${on} ${ratio(tokens[text], tokens[on]).toFixed(2)}`);
    }
    for (const [text, on] of [['on-accent', 'accent-ground'], ['text', 'mark'], ['text', 'warn-ground'], ['p1', 'p1-ground'], ['text', 'good-ground'], ['p2', 'raised']]) {
      assert.ok(ratio(tokens[text], tokens[on]) >= 7, `${theme}: ${text} on ${on} ${ratio(tokens[text], tokens[on]).toFixed(2)}`);
    }
    for (const shape of ['p1-shape', 'p2-shape', 'p3-shape', 'edge-strong', 'focus']) {
      for (const on of ['surface', 'chosen', 'ground']) assert.ok(ratio(tokens[shape], tokens[on]) >= 3, `${theme}: ${shape} on ${on}`);
    }
  }
});

test('no file hands a string to the HTML parser, or asks another host, or is too long', () => {
  for (const [name, text] of sources) {
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function|javascript:/, name);
    assert.doesNotMatch(text.replace('http://www.w3.org/2000/svg', ''), /https?:\/\//, name);
    assert.ok(text.split('\n').length <= 600, name);
  }
  const page = sources.get('index.html');
  assert.doesNotMatch(page, /<script(?![^>]*src=)|<style|style=|\son\w+=/);
});

test('no letter is smaller than 16 px', () => {
  for (const [name, text] of sources) {
    if (!name.endsWith('.css') || name.endsWith('print.css')) continue;
    for (const [, size, unit] of text.matchAll(/font-size:\s*([\d.]+)(px|rem|em)/g)) assert.ok(unit === 'px' ? size >= 16 : size >= 1, `${name}: ${size}${unit}`);
  }
});
