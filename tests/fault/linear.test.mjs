// SPDX-License-Identifier: AGPL-3.0-or-later
// Reading a tip takes time that grows with its length alone, whatever is in
// it. Counted in instructions, by valgrind, and not in seconds: the same on a
// busy machine. tests/bench/text.c prints the seconds.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../e2e/lib/home.mjs';

const KIB = 1024;
const SIZES = [KIB, 100 * KIB, KIB * KIB];
// valgrind takes its time: with TIPLINE_LONG=1 all shapes have all sizes
const SHORTER = [KIB, 10 * KIB, 100 * KIB];
const LONG = ['a Khmer story'];
// lists of hits and runs of marks are sorted: n log n is a little more
const MORE = 1.5;
// a byte costs about a hundred; the costliest shapes some thousand
const PER_BYTE_MAX = 6000;

let seed = 1;
const random = (n) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return (seed >>> 8) % n;
};
const mixed = [0x1780, 0x17d2, 0x17b8, 0x17bb, 0x17c1, 0x0e40, 0x0e4d, 0x0e48, 0x1031, 0x1039, 0x103a,
  0x1000, 0x1040, 0x301, 0x323, 0x65, 0x45, 0x20, 0x39, 0x200b, 0x6740, 0xfdfa];
const shapes = {
  'a Khmer story': () => 'ខ្ញុំធ្វើការនៅក្នុងអគារធំមួយ ហើយគេមិនឱ្យចេញក្រៅទេ។ ',
  'a Burmese story in Zawgyi': () => 'ကၽြန္မတို႔ကို အခန္းထဲမွာ ေသာ့ခတ္ထားတယ္ ',
  'Burmese that may be both': () => 'ကေလး ပိတ်ထားတယ် ပိတ္ထားတယ္ ',
  'Vietnamese with marks': () => 'họ nhốt chúng tôi trong nhà cứu tôi với ',
  'a phrase on each place': () => 'help ',
  'one letter': () => 'e',
  'letters in threes': () => 'eeeaaabbb ',
  'romanised Khmer, nearly': () => 'chuoyx chumnuy kchey ',
  'marks without a letter': () => '\u0301\u0323',
  'one Khmer syllable': () => '\u17b8\u17c6\u17d2',
  'Khmer that every rule is about': () => '\u1780\u17d2\u178a\u17d2\u17c1\u17bb\u17b8\u17ca',
  'one Burmese letter, all signs': () => '\u103b\u1031\u1039\u108b\u1064',
  'Thai signs in a row': () => '\u0e4d\u0e48',
  spaces: () => ' \u200b\t',
  'bytes that are no text': () => Buffer.from([0xff, 0xe1, 0x80, 0xf0, 0x9f]),
  'signs by chance': () => String.fromCodePoint(...Array.from({ length: 4096 }, () => mixed[random(mixed.length)])),
};

let dir;
before(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'linear-'));
  // as it is shipped: one that counts its branches counts them for every byte
  execFileSync('make', ['-j2', '--no-print-directory', 'VARIANT=release', 'build/tipline'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
});
after(() => fs.rmSync(dir, { recursive: true }));

/** Instructions of `tipline rules explain` for that text. */
function count(file) {
  return new Promise((resolve, reject) => {
    const child = spawn('valgrind', ['--tool=callgrind', '--callgrind-out-file=/dev/null',
      path.join(root, 'build/tipline'), 'rules', 'explain', 'channel=sms'], {
      stdio: [fs.openSync(file, 'r'), 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (data) => { said += data; });
    child.on('error', reject);
    child.on('close', (status) => {
      const found = /Collected : (\d+)/.exec(said);
      if (status === 0 && found) resolve(Number(found[1]));
      else reject(new Error(said));
    });
  });
}

for (const [name, piece] of Object.entries(shapes)) {
  test(`linear: ${name}`, async () => {
    const one = Buffer.from(piece());
    const sizes = process.env.TIPLINE_LONG || LONG.includes(name) ? SIZES : SHORTER;
    const counts = [];
    for (const size of sizes) {
      const file = path.join(dir, 'text');
      // a sign may be cut at the end: the sizes must be what they say
      fs.writeFileSync(file, Buffer.alloc(size, one));
      counts.push(await count(file));
    }
    const slopes = [1, 2].map((i) => (counts[i] - counts[i - 1]) / (sizes[i] - sizes[i - 1]));
    const shown = `${slopes.map((slope) => slope.toFixed(0)).join(', then ')} instructions a byte`;
    assert.ok(slopes[1] <= slopes[0] * MORE, shown);
    assert.ok(slopes[1] <= PER_BYTE_MAX, shown);
    if (process.env.TIPLINE_SHOW) console.log(`# ${name}: ${shown}`);
  });
}
