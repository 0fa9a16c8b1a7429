// SPDX-License-Identifier: AGPL-3.0-or-later
// Pictures and recordings of a tip on the console: looked at by choice, and whole.
import assert from 'node:assert/strict';
import test from 'node:test';
import { openTip, press, withDesk } from './lib/desk_page.mjs';

test('a picture is not asked for before the content note was seen', async () => {
  await withDesk({}, async ({ page, made }) => {
    await openTip(page);
    await page.getByRole('button', { name: 'Show picture' }).click();
    await page.locator('dialog').getByText('You would be the first').waitFor();
    assert.ok(!made.done.some(([asked]) => asked.includes('/files/')));
    await press(page, 'Escape');
    assert.equal(await page.locator('img').count(), 0);
    await page.getByRole('button', { name: 'Show picture' }).click();
    await page.getByRole('button', { name: 'Show it' }).click();
    await page.locator('img.dimmed').waitFor();
    await page.getByRole('button', { name: 'Show it sharp' }).click();
    await page.locator('img:not(.dimmed)').waitFor();
    await page.getByRole('button', { name: 'Hide' }).click();
    assert.equal(await page.locator('img').count(), 0);
  });
});

test('a recording that comes over a bad line is whole, and can be jumped in', async () => {
  await withDesk({}, async ({ page, made }) => {
    const wav = Buffer.alloc(44 + 80000, 128); // ten seconds of nothing
    wav.write('RIFF');
    wav.writeUInt32LE(wav.length - 8, 4);
    wav.write('WAVEfmt ', 8);
    for (const [at, value] of [[16, 16], [24, 8000], [28, 8000]]) wav.writeUInt32LE(value, at);
    for (const [at, value] of [[20, 1], [22, 1], [32, 1], [34, 8]]) wav.writeUInt16LE(value, at);
    wav.write('data', 36);
    wav.writeUInt32LE(80000, 40);
    Object.assign(made, { file: wav, breaks: 2 });
    await openTip(page);
    await page.getByRole('button', { name: 'Play sound' }).click();
    await page.getByRole('button', { name: 'Show it' }).click();
    const half = (here) => page.locator('.file-place').getByText(`${here} KB of 89 KB are here`).waitFor();
    await half(39);
    await page.evaluate(() => {
      const later = window.setTimeout;
      window.setTimeout = (run, ms, ...more) => (ms === 15000 ? (window.stall = run, 0) : later(run, ms, ...more));
    });
    made.half.destroy(); // it breaks
    await half(59); // a half of the rest
    await page.evaluate(() => window.stall()); // and then nothing comes any more
    const sound = page.locator('audio');
    await sound.waitFor();
    assert.deepEqual(made.done.map(([asked]) => asked).filter((asked) => asked.startsWith('GET a file')),
      ['GET a file from 0', 'GET a file from 40022', 'GET a file from 60033']);
    const at = await sound.evaluate((node) => new Promise((done) => {
      node.addEventListener('seeked', () => done([Math.round(node.duration), node.currentTime]));
      if (node.readyState > 0) node.currentTime = 7;
      else node.addEventListener('loadedmetadata', () => { node.currentTime = 7; });
    }));
    assert.deepEqual(at, [10, 7]);
  });
});
