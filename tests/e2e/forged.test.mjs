// SPDX-License-Identifier: AGPL-3.0-or-later
// Somebody may write to Redis and knows the team's public list: what they make
// up under the id of a real tip takes nothing from it.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { inject, intakeOf } from './lib/forge.mjs';
import { Home, receiptOf, request, until } from './lib/home.mjs';

const BOUNDARY = 'xxBOUNDARYxx';
const voice = Buffer.concat([Buffer.from('#!AMR\n'), randomBytes(100000)]);
let home;
let folder;
let tip;

const part = (head, bytes) => Buffer.concat([
  Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`), Buffer.from(bytes), Buffer.from('\r\n')]);
/** The form with the voice; the digits of its receipt. */
async function send(idem) {
  const body = Buffer.concat([part('name="k"', idem), part('name="story"', 'the real one'),
    part('name="voice"; filename="a.amr"', voice), Buffer.from(`--${BOUNDARY}--\r\n`)]);
  const answer = await request(`${home.url}/en/a`, {
    method: 'POST', headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`, 'Content-Length': body.length }, body,
  });
  assert.equal(answer.status, 200);
  return receiptOf(answer.body).replace(/\D/g, '');
}

const report = (more) => ({
  v: 1, received: '2020-01-01T00:00:00Z', channel: 'web', gateway: '', lang: 'en', text: 'made up', trust: 'web', priority: 1, ...more,
});

before(async () => {
  home = await Home.start();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-forged-'));
  let idem;
  let first;
  await until('a code of 20 digits', async () => {
    idem = randomBytes(16).toString('hex');
    first = await send(idem);
    return first.length === 20;
  }, 300000); // who makes them has what time nobody else wants
  // after a restart the form has another code, and its key a record of its own
  await home.kill('intake', 'SIGTERM');
  await home.run('intake');
  await home.ready();
  assert.notEqual(await send(idem), first);
  tip = await until('the tip and its second key', async () => {
    return (await home.inbox()).find(({ text, mailboxes }) => text === 'the real one' && mailboxes.length === 2);
  });
});

after(async () => {
  await home?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

test('a made-up tip of the same id is shown as that, beside the real one', async () => {
  const fake = randomBytes(16).toString('hex');
  const [real] = tip.attachments;
  await inject(home, report({ id: fake, kind: 'piece', tip: tip.id, file: 1, piece: 1 }), Buffer.from('not the voice'));
  for (const id of real.ids) {
    await inject(home, report({ id, kind: 'piece', tip: tip.id, file: 1, piece: 1 }), Buffer.from('not the voice'));
  }
  await inject(home, report({
    id: tip.id, form: 'ff'.repeat(16),
    attachments: [{
      ...real, bytes: 13, pieces: 1, ids: [fake],
      sha256: createHash('sha256').update('not the voice').digest('hex'),
    }],
  }));
  const tips = await until('both', async () => {
    const all = (await home.inbox()).filter(({ id }) => id === tip.id);
    return all.length === 2 && all;
  });
  assert.deepEqual(tips.map(({ text, signed_by_us }) => ({ text, signed_by_us })),
    [{ text: 'the real one', signed_by_us: true }, { text: 'made up', signed_by_us: false }]);
});

test('what is made up stands behind all that is real, whatever it claims, and is shown', async () => {
  for (const priority of [1, 4]) await inject(home, report({ id: randomBytes(16).toString('hex'), priority, text: `claims ${priority}` }));
  const tips = await until('both', async () => {
    const all = await home.inbox();
    return all.filter(({ text }) => /^claims/.test(text)).length === 2 && all;
  });
  const order = tips.map(({ signed_by_us }) => signed_by_us !== false);
  assert.deepEqual(order, [...order].sort((a, b) => Number(b) - Number(a)));
  assert.deepEqual(tips.map(({ text }) => text).filter((text) => /^claims/.test(text)), ['claims 1', 'claims 4']);
});

test('the real voice is saved under the name of the tip', async () => {
  const [real, other] = [`${tip.id}-1.amr`, `unsigned-${tip.id}-1.amr`].map((name) => path.join(folder, name));
  await until('both are saved', async () => { // pieces may come behind their tip
    const fine = await home.tipline('inbox', '--save', folder).then(() => true, () => false);
    return fine && fs.existsSync(real) && fs.existsSync(other);
  });
  assert.ok(fs.readFileSync(real).equals(voice));
  assert.equal(fs.readFileSync(other, 'utf8'), 'not the voice');
});

test('a reply goes to all codes of the real tip', async () => {
  const { stdout } = await home.tipline('reply', tip.id, '--status', 'read');
  assert.match(stdout, /^2 in the queue/);
});

test('what is made up and comes first takes neither the id nor the case of the real one', async () => {
  await home.desk();
  const desk = await Desk.login(home);
  const id = randomBytes(16).toString('hex');
  const row = (test) => desk.row((one) => one.id === id && one.state === 'NEW' && test(one));
  await inject(home, report({ id, priority: 4 }));
  await row(({ signed }) => !signed);
  await inject(home, report({ id, text: 'it is tonight', priority: 1 }), undefined, intakeOf(home));
  await row(({ signed, priority }) => signed && priority === 1);
  await desk.take(id);
  assert.equal((await desk.get(`/api/tips/${id}`)).body.text, 'it is tonight');
});
