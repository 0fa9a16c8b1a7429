// SPDX-License-Identifier: AGPL-3.0-or-later
// What leaves with a referral, and who has to look at it, at the console in a
// real browser, with a desk whose answers are made up.
import assert from 'node:assert/strict';
import test from 'node:test';
import { openTip, press, withDesk } from './lib/desk_page.mjs';

test('no file of a tip goes with a referral unless it is ticked, and what goes is in the preview', async () => {
  await withDesk({}, async ({ page, made }) => {
    await openTip(page);
    await press(page, 'f');
    const boxes = page.locator('.referral-files input');
    await boxes.first().waitFor();
    assert.deepEqual(await boxes.evaluateAll((all) => all.map((box) => [box.checked, box.disabled])), [[false, false], [false, false], [false, true]]);
    const words = await page.locator('.referral-files').innerText();
    assert.match(words, /Picture · image\/jpeg · 47 KB · metadata taken out\n/);
    assert.match(words, /Sound · audio\/ogg · 89 KB · may tell when, where and with what it was made/);
    assert.match(words, /not whole: incomplete/);
    assert.ok(!words.includes('alert(1)'), 'no name of the reporter\'s stands here');
    await page.locator('.partner').first().click();
    await page.locator('.referral-what textarea').first().fill('What is known.');
    const preview = async () => {
      await page.locator('.preview .button').first().click();
      await page.locator('.sheet').waitFor();
      return made.done.filter(([asked]) => asked.endsWith('/referrals/preview')).pop()[1].files;
    };
    assert.equal(await preview(), undefined);
    const first = await page.locator('.sheet').innerText();
    assert.ok(!first.includes('SHA-256'));
    // the fields of HTCDS, by words in both languages; what stands there already is not said twice
    assert.match(first, /វិធីគ្រប់គ្រង \(HTCDS\) \/ Methods of control \(HTCDS\)\s+Other, PhysicalAbuse/i);
    assert.match(first, /Event\s+Exploitation[^]*Country\s+KH/i);
    assert.equal(first.split('What is known.').length, 2);
    await boxes.nth(1).check();
    assert.equal(await page.locator('.sheet').count(), 0, 'what was previewed is not what would leave now');
    assert.deepEqual(await preview(), ['b2'.repeat(32)]);
    const sheet = await page.locator('.sheet').innerText();
    assert.match(sheet, /R-4f1c22aa-20261121T222640Z-1/);
    assert.ok(sheet.includes('b2'.repeat(32)));
    assert.match(sheet, /Metadata taken out\s+[^/]+ \/ no/i);
    await page.getByLabel('I have read what leaves').check();
    await page.getByText('Seal and send', { exact: true }).click();
    await page.getByText('Get sealed file 1').waitFor();
    assert.equal(await page.getByText(/^Get sealed file/).count(), 1);
    assert.deepEqual(made.done.filter(([asked]) => asked.endsWith('/referrals')).pop()[1].files, ['b2'.repeat(32)]);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Get sealed file 1').click()]);
    assert.equal(download.suggestedFilename(), 'R-4f1c22aa-20261121T222640Z-1.tip');
    assert.ok(made.done.some(([asked]) => asked.endsWith('/referrals/files/1')));
  });
});

/** What the desk tells of a tip, with more(tip) done to it. */
function tells(made, more) {
  const { answer } = made;
  made.answer = (...asked) => {
    const [status, json] = answer.apply(made, asked);
    if (json.attachments) more(json);
    return [status, json];
  };
}

test('who refers, or takes out what has gone, sees that the reporter takes it back', async () => {
  for (const [flags, n] of [[['withdraw'], 1], [[], 0]]) {
    await withDesk({}, async ({ page, made }) => {
      Object.assign(made.rows[0], { flags });
      await openTip(page);
      await press(page, 'f');
      await page.locator('.referral-files input').first().waitFor();
      assert.equal(await page.locator('.tip-head .chip-warn').getByText('wants to withdraw').count(), n);
    });
  }
});

test('a file that was sent twice has one box, and goes when that is ticked', async () => {
  await withDesk({}, async ({ page, made }) => {
    tells(made, (tip) => tip.attachments.push({ ...tip.attachments[1], n: 4 }, { ...tip.attachments[0], n: 5, state: 'incomplete' }));
    await openTip(page);
    await press(page, 'f');
    const boxes = page.locator('.referral-files input');
    await boxes.first().waitFor();
    assert.deepEqual(await boxes.evaluateAll((all) => all.map((box) => box.disabled)), [false, false, true]);
    await page.locator('.partner').first().click();
    await page.locator('.referral-what textarea').first().fill('What is known.');
    for (const at of [0, 1]) await boxes.nth(at).check();
    await page.locator('.preview .button').first().click();
    await page.locator('.sheet').waitFor();
    assert.deepEqual(made.done.filter(([asked]) => asked.endsWith('/referrals/preview')).pop()[1].files, ['a1'.repeat(32), 'b2'.repeat(32)]);
  });
});

test('who has a P1 is asked to look at what has gone until somebody has, whatever the partner answers', async () => {
  await withDesk({ name: 'sok', role: 'supervisor' }, async ({ page, made }) => {
    const more = [{ id: 7, event: 'NOTE', kind: 'ask-second', asks: 'post-approve', ref: 'R-4f1c22aa', who: 'srey', at: 1 }, { id: 8, event: 'ACCEPT', kind: 'referral-answer', who: 'srey', at: 2 }];
    tells(made, (tip) => tip.entries.push(...more));
    await openTip(page);
    await page.locator('.asked .button').waitFor();
    more.push({ id: 9, event: 'NOTE', kind: 'post-approval', asked: 7, ref: 'R-4f1c22aa', who: 'sok', at: 3 });
    await press(page, 'Escape');
    await openTip(page);
    await page.locator('.tip-text').waitFor();
    assert.equal(await page.locator('.asked').count(), 0);
  });
});

test('what has gone of a P1 is read, and its files can be seen, before a second officer agrees', async () => {
  await withDesk({}, async ({ page, made }) => {
    made.asked = [{ id: 7, kind: 'ask-second', asks: 'post-approve', ref: 'R-4f1c22aa', who: 'srey', at_ms: Date.now() }];
    made.referral = {
      ref: 'R-4f1c22aa', who: 'srey', partner_name: 'Unit', hash: 'a5'.repeat(32),
      text: JSON.stringify({ x_ref: 'R-4f1c22aa', x_summary: 'gone already', x_evidence: [{ name: 'R-4f1c22aa-20261121T222640Z-1', sha256: 'b2'.repeat(32), bytes: 300, kind: 'image/jpeg', cleaned: false }] }),
    };
    await press(page, 'Enter');
    const { referral } = made;
    made.referral = null; // nothing is agreed to that cannot be read
    await page.locator('.asked .button').click();
    await page.getByText('There is no such thing on this desk.').first().waitFor();
    assert.ok(!made.done.some(([asked]) => asked.endsWith('/agree')));
    made.referral = referral;
    await page.locator('.asked .button').click();
    const dialog = page.locator('dialog[open]');
    await dialog.getByText('gone already').waitFor();
    assert.match(await dialog.locator('.evidence').innerText(), /may tell when, where and with what it was made/);
    made.file = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
    await dialog.getByText('Show picture').click();
    await dialog.locator('.shown-picture.dimmed').waitFor();
    assert.equal(made.done.pop()[0], 'GET a file from 0');
    await dialog.getByRole('button', { name: 'Agree' }).click();
    await dialog.getByText('Read what leaves first.').waitFor();
    assert.ok(!made.done.some(([asked]) => asked.endsWith('/agree')));
    await dialog.getByLabel('I have read what leaves').check();
    await dialog.getByRole('button', { name: 'Agree' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.deepEqual(made.done.filter(([asked]) => asked.endsWith('/agree')).map(([, body]) => body), [{ entry: 7 }]);
  });
});
