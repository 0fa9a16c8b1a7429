// SPDX-License-Identifier: AGPL-3.0-or-later
// What a reporter who comes back with the code is told of how the tip stands:
// by itself when the case moves, once for each change whichever desk dies or
// helps, and nothing where nobody can come back or wants to be told.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { Home, build, receiptOf, request, until } from './lib/home.mjs';

let home, officer, second, unsafe;
const at = (name) => path.join(home.dir, name);
const SAYS = {
  0: 'Nothing can be shown for this code.', 1: 'We have your message.', 2: 'A person has read it.', 3: 'We have a question for you.',
  4: 'We are working with helpers.', 5: 'We have finished. You can write again.',
};

before(async () => {
  home = await Home.start({ edit: (text) => text.replace(/^\[desk\]$/m, '[desk]\npartners = partners.json') });
  fs.writeFileSync(at('partner.pass'), 'a long passphrase\n', { mode: 0o600 });
  const key = execFileSync(path.join(build, 'tipline'), ['open', 'key', 'partner.key', '--cheap'], {
    cwd: home.dir, encoding: 'utf8',
    env: { ...process.env, TIPLINE_PASSPHRASE_FILE: at('partner.pass'), TIPLINE_NEW_PASSPHRASE_FILE: at('partner.pass') },
  }).split('\n')[0];
  fs.writeFileSync(at('partners.json'), JSON.stringify({ partners: [
    { id: 'marker-police', name: 'Marker Police', kind: 'ngo', key, verified_on: new Date(Date.now() - 86400e3).toISOString().slice(0, 10) }] }), { mode: 0o644 });
  (await home.redisRoot()).close();
  await Desk.add(home, 'dara');
  await home.desk();
  officer = await Desk.login(home);
});
after(() => home?.stop());

const post = (fields) => request(`${home.url}/en/c`, {
  method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields).toString(),
}).then((answer) => answer.body.toString());
const head = (page) => /<h1>([^<]*)<\/h1>/.exec(page)?.[1];
const shows = (code, sentence) => until(`the page says: ${sentence}`, async () => head(await post({ code })) === sentence);
const says = (code, status) => shows(code, SAYS[status]);

/** Ids of all statuses that were put into the stream, as often as they were. */
async function stream() {
  const client = await home.redisAs('root', 'x');
  const entries = await client.do('XRANGE', 'mail', '-', '+');
  client.close();
  return entries.map(([, [, mail]]) => mail).filter((mail) => mail[8] === 3)
    .map((mail) => mail.subarray(28, 44).toString('hex'));
}
const distinct = async () => new Set(await stream()).size;

/** A tip of the form: {code, id}. */
const known = new Set();
async function write(story, desk = officer, more = {}) {
  const { body } = await home.form({ story, share: '1', ...more }, { lang: 'en' });
  const code = receiptOf(body.toString());
  const { id } = await desk.row((row) => row.state === 'NEW' && row.channel === 'web' && !known.has(row.id));
  known.add(id);
  return { code, id };
}
const read = async (id, desk = officer) => (await desk.get(`/api/tips/${id}`)).body;
const done = async (id, change, desk = officer) => {
  const answer = await desk.do(id, change);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.now.state;
};
const seen = (id, status, desk = officer) => until(`the screen says that ${status} was sent`, async () => {
  const { shown } = await read(id, desk);
  return shown.sent && shown.status === status;
});

async function refer(id) {
  const ask = { partner: 'marker-police', summary: 'They need help.', include: [], redact: [] };
  const sent = await officer.refer(id, ask);
  assert.equal(sent.body.now?.state, 'REFERRED', JSON.stringify(sent.body));
}

test('a tip has a mailbox if a receipt code leads to one; to who has none nothing is said', async () => {
  const { id: written } = await write('with a code');
  const { body: { id: called } } = await officer.post('/api/calls', { key: '00'.repeat(16), via: 'hotline', lang: 'en', text: 'no code, no number' });
  for (const [id, mailbox] of [[called, false], [written, true]]) {
    await officer.take(id);
    assert.equal((await read(id)).mailbox, mailbox);
  }
  assert.equal((await read(called)).shown, null);
  await seen(written, 2); // both were looked at by then
  assert.equal((await stream()).length, 1);
  for (const id of [called, written]) await done(id, { event: 'RELEASE' });
});

test('each move of a case that changes it is on the page behind the code, once', async () => {
  const before_ = await distinct();
  const { code, id } = await write('my sister is there');
  assert.equal(head(await post({ code })), SAYS[0]);
  await officer.take(id);
  await says(code, 2);
  await seen(id, 2);
  const asked = await officer.post(`/api/tips/${id}/reply`, { text: 'marker-question', asks: true });
  assert.equal(asked.body.now.state, 'WAIT_REPORTER');
  await says(code, 3);
  await seen(id, 3);
  const page = await post({ code });
  assert.ok(page.includes('marker-question'));
  await post({ s: /name="s" value="([^"]*)"/.exec(page)[1], do: 'more', story: 'in the blue house' });
  await says(code, 2);
  await refer(id);
  await says(code, 4);
  await seen(id, 4);
  // the partner wants nothing to do with it: that is no step back for the reporter
  assert.equal(await done(id, { event: 'REJECT' }), 'REJECTED');
  assert.equal(await done(id, { event: 'AGAIN' }), 'REF_DRAFT');
  assert.equal(await done(id, { event: 'GIVE_UP' }), 'TRIAGE');
  await seen(id, 4);
  assert.equal(await distinct(), before_ + 4);
  assert.equal(head(await post({ code })), SAYS[4]);
  // but an officer may say so, and in other words
  assert.equal((await officer.post(`/api/tips/${id}/reply`, { status: 2 })).status, 200);
  await says(code, 2);
  assert.equal((await officer.post(`/api/tips/${id}/reply`, { status: 2, text: 'We look again. <b>', sentence: true })).status, 200);
  await shows(code, 'We look again. &lt;b&gt;');
  await seen(id, 2);
  assert.equal(await done(id, { event: 'CLOSE', disposition: 'INFO_GIVEN', reporter_text: 'Thank you. Write when you like.' }), 'CLOSED');
  await shows(code, 'Thank you. Write when you like.');
  const { shown } = await until('it was sent', async () => {
    const { body } = await officer.get(`/api/tips/${id}`);
    return body.shown?.sent === undefined || body.shown.sent ? body : false;
  });
  if (shown) assert.equal(shown.status, 5);
  const last = await post({ code });
  for (const word of [/police/i, /rescue/i, /marker-police/i, /traffick/i]) assert.doesNotMatch(last, word);
  assert.ok(last.includes('marker-question')); // statuses have pushed no words out
  await post({ s: /name="s" value="([^"]*)"/.exec(last)[1], do: 'more', story: 'and one thing more' });
  await says(code, 1);
  assert.equal(await distinct(), before_ + 8);
  assert.equal((await stream()).length, await distinct());
});

test('of a duplicate the page says what its target\'s says, and of no question that was not asked', async () => {
  const one = await write('the first of two');
  await officer.take(one.id);
  const other = await write('the second of two');
  await officer.take(other.id);
  await says(other.code, 2);
  assert.equal(await done(other.id, { event: 'LINK', target: one.id }), 'DUPLICATE');
  assert.equal((await officer.post(`/api/tips/${one.id}/reply`, { text: 'Where?', asks: true })).status, 200);
  await says(one.code, 3);
  assert.equal(await done(one.id, { event: 'ESCALATE' }), 'ESCALATED');
  await says(one.code, 2);
  assert.equal(head(await post({ code: other.code })), SAYS[2]);
  assert.ok(!(await post({ code: other.code })).includes('Where?'));
  const supervisor = officer; // the first officer of a home is one
  assert.equal(await done(one.id, { event: 'DECIDE_REFER' }, supervisor), 'REF_DRAFT');
  await refer(one.id);
  await says(one.code, 4);
  await says(other.code, 4);
});

test('who wants no contact is told nothing any more', async () => {
  const { code, id } = await write('and then leave me alone');
  await officer.take(id);
  await says(code, 2);
  const page = await post({ code });
  const { version } = await officer.row((row) => row.id === id);
  await post({ s: /name="s" value="([^"]*)"/.exec(page)[1], do: 'stop' });
  // it stands in the row when it is read, and a moment later it is a change of the case
  await officer.row((row) => row.id === id && row.flags.includes('no contact') && row.version > version);
  const before_ = await distinct();
  await refer(id);
  await until('the screen says so', async () => (await read(id)).shown.stopped);
  // what comes behind it has been looked at, and so has this
  const next = await write('the next one');
  await officer.take(next.id);
  await says(next.code, 2);
  assert.equal(await distinct(), before_ + 1);
  assert.equal(head(await post({ code })), SAYS[2]);
});

test('who is watched is told nothing any more, not at the end either; who took it back is', async () => {
  const watched = { contact: '2', contact_number: '+85512777111', contact_watched: 'mango' };
  const { code, id } = await write('they look at my phone', officer, watched);
  await officer.take(id);
  await says(code, 2);
  await seen(id, 2);
  const more = async (fields, flag) => {
    const page = await post({ code: fields.code });
    const { version } = await officer.row((row) => row.id === fields.id);
    await post({ s: /name="s" value="([^"]*)"/.exec(page)[1], ...fields.asks });
    await officer.row((row) => row.id === fields.id && row.version > version && (!flag || row.flags.includes(flag)));
  };
  await more({ code, id, asks: { do: 'more', story: 'I like mango' } });
  await until('the card says so', async () => (await read(id)).contact.no_contact);
  const before_ = await distinct();
  await refer(id);
  const { shown } = await until('it is not sent', async () => {
    const tip = await read(id);
    return tip.shown.status === 4 && tip;
  });
  assert.deepEqual([shown.sent, shown.stopped, shown.silent], [false, true, true]);
  for (const event of ['ACCEPT', 'REPORTED']) await done(id, { event });
  await done(id, { event: 'RESULT', outcome: 'PERSON_SAFE' });
  await done(id, { event: 'CLOSE', disposition: 'REF_NGO', reporter_text: 'okapi: they are safe' });
  // another case of the same number: nothing of its own says so
  const other = await write('it is me again', officer, { contact: '2', contact_number: '+855 12 777 111' });
  await officer.take(other.id);
  assert.equal((await read(other.id)).contact.no_contact, true);
  const held = await officer.post(`/api/tips/${other.id}/reply`, { text: 'okapi?' });
  assert.deepEqual([held.status, held.body.error], [409, 'no-contact']);
  // what comes behind it has been looked at, and so has this
  await says(other.code, 2);
  assert.equal(head(await post({ code })), SAYS[2]);
  assert.ok(!(await post({ code })).includes('okapi'));
  assert.equal(await distinct(), before_ + 1);
  await done(other.id, { event: 'RELEASE' }); // nobody has more than five
  const back = await write('I would rather not', officer);
  await officer.take(back.id);
  await says(back.code, 2);
  await more({ ...back, asks: { do: 'withdraw' } }, 'withdraw');
  await done(back.id, { event: 'CLOSE', disposition: 'INSUFFICIENT', reason: 'they want it back', reporter_text: 'okapi: we have stopped' });
  await shows(back.code, 'okapi: we have stopped');
});

test('a desk that is killed between the change and the sending loses and doubles nothing', async () => {
  const tips = [];
  const before_ = await distinct();
  for (let i = 0; i < 3; i++) {
    const tip = await write(`before the desk dies, ${i}`);
    await officer.take(tip.id);
    await done(tip.id, { event: 'RELEASE' }); // nobody has more than five
    tips.push(tip);
  }
  await home.kill('desk');
  await home.desk();
  officer = await Desk.login(home);
  for (const { code } of tips) await says(code, 2);
  for (const { id } of tips) {
    // the spool has what its page says; the desk may not have found Redis yet
    await until('it can be claimed', async () => (await officer.do(id, { event: 'CLAIM' })).status === 200);
    await done(id, { event: 'CLOSE', disposition: 'INFO_GIVEN' });
  }
  await home.kill('desk');
  await home.desk();
  officer = await Desk.login(home);
  for (const { code } of tips) await says(code, 5);
  assert.equal(await distinct(), before_ + 6);
  // and at rest nothing is sent again
  const all = (await stream()).length;
  await home.kill('desk', 'SIGTERM');
  await home.desk();
  officer = await Desk.login(home);
  const next = await write('behind all that');
  await officer.take(next.id);
  await says(next.code, 2);
  assert.equal((await stream()).length, all + 1);
});

test('of two desks one sends it, and both say that it was sent', async () => {
  second = await Desk.login(home, { url: await home.desk('desk2'), name: 'dara' });
  const before_ = await distinct();
  const { code, id } = await write('for two desks');
  await second.row((row) => row.id === id && row.state === 'NEW');
  await second.take(id);
  await says(code, 2);
  await seen(id, 2, second);
  assert.equal(await done(id, { event: 'CLOSE', disposition: 'INFO_GIVEN' }, second), 'CLOSED');
  await says(code, 5);
  await until('the other desk knows', async () => (await officer.row((row) => row.id === id, 'view=closed')).state === 'CLOSED');
  await seen(id, 5); // a supervisor reads without the lease
  assert.equal(await distinct(), before_ + 2);
});

test('where an officer heard that it is not safe, nobody but a supervisor goes on', async () => {
  const { code, id } = await write('my phone is looked at');
  await second.row((row) => row.id === id && row.state === 'NEW');
  await second.take(id);
  await says(code, 2);
  assert.equal((await second.post(`/api/tips/${id}/entries`, { kind: 'contact', safe: { no_contact: true } })).status, 200);
  const choice = { status: 4, override_reason: 'I think it is' };
  const answers = async (desk, body) => {
    const { status, body: { error } } = await desk.post(`/api/tips/${id}/reply`, { lang: 'en', ...body });
    return error ?? status;
  };
  assert.equal(await answers(second, choice), 'no-contact');
  assert.equal(await answers(second, { text: 'Are you safe?', override_reason: 'I think it is' }), 'no-contact');
  await until('the other desk knows', async () => (await read(id)).contact.no_contact);
  assert.equal(await answers(officer, { text: 'Are you safe?' }), 'no-contact'); // a supervisor too says why
  assert.deepEqual((await read(id, second)).entries.filter((entry) => ['reply', 'status'].includes(entry.kind)), []);
  assert.equal(await done(id, { event: 'CLOSE', disposition: 'INFO_GIVEN' }, second), 'CLOSED');
  await until('the screen says that it does not go', async () => {
    const { shown } = await read(id);
    return shown.status === 5 && shown.stopped;
  });
  // what comes behind it has been looked at, and so has this
  const next = await write('behind the one who is not safe');
  await second.row((row) => row.id === next.id && row.state === 'NEW');
  await second.take(next.id);
  await says(next.code, 2);
  assert.equal(head(await post({ code })), SAYS[2]);
  assert.equal(await answers(officer, choice), 200);
  await says(code, 4);
  assert.equal(await answers(officer, { text: 'okapi: are you safe?', override_reason: 'they asked for it' }), 200);
  await until('the words are there', async () => (await post({ code })).includes('okapi: are you safe?'));
  unsafe = id;
});

test('NO CONTACT on another case of the same number holds words for the mailbox too', async () => {
  const same = { contact: '2', contact_number: '+85512777555' };
  const first = await write('from my own telephone', officer, same);
  const next = await write('from my own telephone again', officer, { ...same, contact_number: '+855 12 777 555' });
  const other = await write('from another one', officer, { ...same, contact_number: '+85512777556' });
  for (const { id } of [first, next, other]) {
    await second.row((row) => row.id === id && row.state === 'NEW');
    await second.take(id);
    await officer.row((row) => row.id === id && row.owner === 'dara');
  }
  const words = (id, reason) => officer.post(`/api/tips/${id}/reply`, { text: 'okapi?', lang: 'en', ...(reason && { override_reason: reason }) });
  assert.equal((await words(next.id)).status, 200);
  assert.equal((await officer.post(`/api/tips/${first.id}/entries`, { kind: 'contact', safe: { no_contact: true } })).status, 200);
  const held = await words(next.id);
  assert.deepEqual([held.status, held.body.error], [409, 'no-contact']);
  assert.equal((await words(other.id)).status, 200);
  assert.equal((await words(next.id, 'she called from a safe place')).status, 200);
});

test('a status is not lost where Redis goes just when it is to be sent', async () => {
  const { code, id } = await write('before Redis goes');
  await officer.take(id);
  await says(code, 2);
  await done(id, { event: 'CLOSE', disposition: 'INFO_GIVEN' });
  await home.kill('redis');
  await home.run('redis');
  await says(code, 5);
});

test('Redis forgets whom was written to after the 90 days in which a status may be sent', async () => {
  const client = await home.redisRoot();
  const kept = await client.do('KEYS', 'desk:mail:*');
  assert.ok(kept.length > 3, kept.length);
  for (const key of kept) {
    const left = await client.do('TTL', key);
    assert.ok(left > 89 * 86400 && left <= 90 * 86400, left);
  }
  client.close();
});

test('a desk that may not have it forgotten yet writes all the same', async () => {
  const had = / \(%W~desk:mail:\* resetchannels -@all \+expire\)/g;
  await home.redisUsers((text) => {
    assert.match(text, had);
    return text.replace(had, '');
  });
  const { code, id } = await write('before the users are loaded anew');
  await officer.take(id);
  await says(code, 2);
});

test('the command line asks a supervisor for a reason too where an officer heard that it is not safe', async () => {
  await home.kill('desk', 'SIGTERM'); // it has the ledger
  process.env.TIPLINE_OFFICER = 'officer';
  const { id } = await home.inbox().then((tips) => tips.find((tip) => tip.text === 'before Redis goes'));
  const reply = (...args) => home.tipline('reply', ...args, '--status', 'read').then(({ stdout }) => stdout, ({ stderr }) => stderr);
  assert.match(await reply(unsafe), /^tipline: NO CONTACT: an officer wrote so on the case/m);
  const { stderr } = spawnSync(path.join(build, 'tipline'), ['-c', home.conf, 'reply', unsafe, '--status', 'read', '--force', 'I think so'], {
    encoding: 'utf8', env: { ...process.env, TIPLINE_OFFICER: 'dara', TIPLINE_PASSPHRASE_FILE: at('dara.pass') } });
  assert.match(stderr, /^tipline: NO CONTACT: .* Only a supervisor decides otherwise$/m);
  assert.match(await reply(unsafe, '--force', 'life in danger'), /^1 in the queue/);
  assert.match(await reply(id), /^1 in the queue/); // of others it is not so
});
