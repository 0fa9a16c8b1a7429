// SPDX-License-Identifier: AGPL-3.0-or-later
// Pictures of every page for people to look at: make shots writes them under
// build/shots, a folder for each size, and sheets that show a page in all
// languages side by side.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const build = process.env.TIPLINE_BUILD ?? new URL('../../build', import.meta.url).pathname;
const languages = (process.env.SHOTS_LANGUAGES ?? 'km my th en').split(' ');
const sizes = { '240x320': [240, 320], '360x640': [360, 640], desktop: [1280, 800] };
const out = join(build, 'shots');
const folder = mkdtempSync(join(tmpdir(), 'tipline-shots-'));
execFileSync(join(build, 'tests/browser/render'), [folder]);
const kinds = [...new Set(readdirSync(folder).filter((name) => name.endsWith('.html')).map((name) => name.split('.')[0]))];

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--hide-scrollbars'],
});
try {
  for (const [size, [width, height]] of Object.entries(sizes)) {
    mkdirSync(join(out, size), { recursive: true });
    const context = await browser.newContext({ viewport: { width, height }, javaScriptEnabled: false });
    const page = await context.newPage();
    for (const kind of kinds) {
      const shown = [];
      for (const language of languages) {
        const file = join(out, size, `${kind}.${language}.png`);
        await page.setViewportSize({ width, height });
        await page.goto(`file://${folder}/${kind}.${language}.html`);
        writeFileSync(file, await page.screenshot({ fullPage: true }));
        shown.push(`<img src="data:image/png;base64,${readFileSync(file).toString('base64')}">`);
      }
      await page.setViewportSize({ width: languages.length * (width + 8), height: 100 });
      await page.setContent(`<body style="margin:0;display:flex;gap:8px;background:#888;align-items:start">${shown.join('')}`);
      writeFileSync(join(out, `${size}-${kind}.png`), await page.screenshot({ fullPage: true }));
    }
    await context.close();
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
console.log(`pictures of ${kinds.length} pages in ${languages.join(', ')}: ${out}`);
