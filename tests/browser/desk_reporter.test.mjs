// SPDX-License-Identifier: AGPL-3.0-or-later
// What a reporter's page says and how a reporter can be reached, at the console
// in a real browser, with a desk whose answers are made up.
import assert from 'node:assert/strict';
import test from 'node:test';
import { openTip, withDesk } from './lib/desk_page.mjs';

test('the desk says what a reporter\'s page says, whether that was sent, and lets an officer choose', async () => {
  await withDesk({}, async ({ page, made }) => {
    Object.assign(made.rows[0], { channel: 'web', state: 'REFERRED', shown: { status: 4 } });
    await openTip(page);
    const card = page.locator('#reply');
    const dialog = page.locator('dialog');
    const send = async () => {
      await card.getByRole('button', { name: 'Look and send' }).click();
      await dialog.getByLabel('I have read the rule for safe contact').check();
      await dialog.getByRole('button', { name: 'Send' }).click();
      await dialog.waitFor({ state: 'detached' });
    };
    await card.getByText('The reporter’s page says: We are working with helpers.').waitFor();
    await card.getByRole('button', { name: 'Look and send' }).click();
    await page.getByText('The message is empty.').first().waitFor();
    await card.getByLabel('Status the reporter sees').selectOption('2'); // without a message
    await send();
    await card.getByText('The reporter’s page is to say: A person has read it. That is not sent yet; it goes by itself.').waitFor();
    await card.getByLabel('Message').fill('We look <b> again.');
    await card.getByLabel('My words in place of this sentence').check();
    await card.getByRole('button', { name: 'Look and send' }).click();
    await page.getByText('Choose which status it is.').first().waitFor();
    await card.getByLabel('Status the reporter sees').selectOption('2');
    await send();
    await card.getByText('The reporter’s page is to say: We look <b> again.').waitFor();
    const sent = made.done.filter(([asked]) => asked.endsWith('/reply')).map(([, body]) => [body.text, body.status, body.sentence]);
    assert.deepEqual(sent, [['', 2, false], ['We look <b> again.', 2, true]]);
  });
  await withDesk({}, async ({ page, made }) => {
    Object.assign(made.rows[0], { channel: 'web', shown: { status: 5, sent: false, stopped: true } });
    await openTip(page);
    await page.locator('#reply').getByText('It is not sent: the reporter has deleted the messages.').waitFor();
  });
  await withDesk({}, async ({ page }) => {
    await openTip(page); // by SMS: there is no page
    await page.locator('#reply').waitFor();
    assert.equal(await page.getByText('The reporter’s page').count(), 0);
  });
});

test('where nobody is to write it says all that this may be for, and what a supervisor sends is on its way', async () => {
  for (const [stopped, says] of [[true, 'nobody is to write to them (NO CONTACT, STOP, the word for “I am watched”, or something that cannot be read)'], [false, 'it goes by itself']]) {
    await withDesk({}, async ({ page, made }) => {
      Object.assign(made.rows[0], { channel: 'web', shown: { status: 5, sent: false, silent: true, stopped } });
      await openTip(page);
      await page.locator('#reply .shown-line').getByText(says).waitFor();
      assert.equal(await page.getByText('has deleted the messages').count(), 0);
    });
  }
});

test('a text is not sent by a rule that was read before somebody changed the case', async () => {
  await withDesk({}, async ({ page, made }) => {
    await openTip(page);
    await page.locator('[data-field=reply]').fill('Is it safe to write?');
    const dialog = page.locator('dialog');
    const look = () => page.getByRole('button', { name: 'Look and send' }).click();
    await look();
    await dialog.getByText('after 22:00').waitFor();
    await dialog.getByLabel('I have read the rule').check();
    made.refuses = { error: 'changed', text: 'x' };
    made.rows[0].heard = { hours: 'never at night' };
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Somebody changed it meanwhile.').first().waitFor();
    await page.locator('.contact').getByText('never at night').waitFor();
    assert.equal(await page.locator('[data-field=reply]').inputValue(), 'Is it safe to write?');
    made.refuses = null;
    await look();
    await dialog.getByText('never at night').waitFor();
    assert.equal(await dialog.getByLabel('I have read the rule').isChecked(), false);
    await dialog.getByLabel('I have read the rule').check();
    await dialog.getByRole('button', { name: 'Send' }).click();
    await page.getByText('Ordered.').first().waitFor();
    const [first, second] = made.done.filter(([asked]) => asked.endsWith('/sms')).map(([, body]) => body);
    assert.notEqual(second.once, first.once);
  });
});

test('who left neither a code nor a number is offered no way to be written to', async () => {
  await withDesk({}, async ({ page, made }) => {
    Object.assign(made.rows[0], { channel: 'voice' });
    await openTip(page);
    await page.locator('#reply').getByText('the tip has no receipt code and no number').waitFor();
    assert.equal(await page.locator('[data-field=reply]').count(), 0);
  });
  await withDesk({}, async ({ page, made }) => {
    Object.assign(made.rows[0], { channel: 'voice', signed: false });
    await openTip(page);
    await page.locator('#reply').getByText('whoever made it up would read the answer').waitFor();
  });
});
