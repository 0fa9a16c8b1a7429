// SPDX-License-Identifier: AGPL-3.0-or-later
// A tip that its reporter takes back: an officer grants it where nobody is in
// danger and nobody is under 18; then no route gives a word of it, at neither
// desk, after no restart and not in the inbox; what the reporter writes later
// is read, and nothing from before.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { Home, build, receiptOf, request, root, until } from './lib/home.mjs';

let home, first, second, third, urls;
const at = (name) => path.join(home.dir, name);
const json = (value) => JSON.stringify(value);
const SECRET = 'marker-';

process.env.TIPLINE_OFFICER = 'officer'; // of three

before(async () => {
  home = await Home.start({ edit: (conf) => conf.replace(/^\[desk\]$/m, '[desk]\npartners = partners.json') });
  fs.writeFileSync(at('partner.pass'), 'a long passphrase\n', { mode: 0o600 });
  const env = { ...process.env, TIPLINE_NEW_PASSPHRASE_FILE: at('partner.pass') };
  const [key] = execFileSync(path.join(build, 'tipline'), ['open', 'key', 'partner.key', '--cheap'], { cwd: home.dir, env, encoding: 'utf8' }).split('\n');
  fs.writeFileSync(at('partners.json'), json({ partners: [{ id: 'helpers', name: 'The Helpers', kind: 'ngo', key,
    verified_on: new Date(Date.now() - 86400e3).toISOString().slice(0, 10) }] }));
  await Desk.add(home, 'sok');
  await Desk.add(home, 'dara', 'supervisor');
  urls = [await home.desk(), await home.desk('desk2')];
  first = await Desk.login(home, { url: urls[0], name: 'sok' });
  second = await Desk.login(home, { url: urls[1], name: 'dara' });
  third = await Desk.login(home, { url: urls[0], name: 'dara' });
});
after(() => home?.stop());

const post = async (fields) => (await request(`${home.url}/en/c`, {
  method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields).toString(),
})).body.toString();
const sayIn = async (code, fields) => post({ s: /name="s" value="([^"]*)"/.exec(await post({ code }))[1], ...fields });
const wish = (code) => sayIn(code, { do: 'withdraw' });
const says = (code, sentence) => until(`the page says: ${sentence}`, async () => (await post({ code })).includes(`<h1>${sentence}</h1>`));

/** A tip of the form that an officer has read: {id, code}. */
async function taken(story, more = {}) {
  const { body } = await home.form({ story, share: '1', minor: '3', ...more }, { lang: 'en' });
  const { id } = await first.row((row) => row.state === 'NEW' && row.version >= 2, `view=open&q=${encodeURIComponent(story)}`);
  await first.take(id);
  return { id, code: receiptOf(body.toString()) };
}
const asked = (desk, id, view = 'open') => desk.row((row) => row.id === id && row.flags.includes('withdraw'), `view=${view}`);
const allowed = async (desk, id) => (await desk.get(`/api/tips/${id}`)).body.allowed.filter(({ event }) => event === 'WITHDRAW');
const withdraw = (desk, id, more) => until('all that came is opened', async () => {
  const answer = await desk.do(id, { event: 'WITHDRAW', ...more });
  return answer.body.error !== 'opening' && (answer.body.error !== 'changed' || more?.version) && answer;
});
async function granted(id, more) {
  const { status, body } = await withdraw(first, id, more);
  assert.equal(status, 200, json(body));
  assert.deepEqual([body.now.state, body.now.owner], ['WITHDRAWN', '']);
}

/** Every call of the API that names a tip, of any method. */
function callsOf(id) {
  const yaml = fs.readFileSync(path.join(root, 'docs/desk-openapi.yaml'), 'utf8');
  const calls = [];
  let where = '';
  for (const line of yaml.split('\n')) {
    where = /^ {2}(\/\S*):/.exec(line)?.[1] ?? where;
    const method = /^ {4}(get|post|put|delete):/.exec(line)?.[1];
    if (method && /^\/api\/(tips|draft)\/\{/.test(where)) calls.push([method.toUpperCase(), where.replace(/\{[a-z]*\}/, id).replace(/\{[a-z]*\}/g, '1')]);
  }
  assert.ok(calls.length > 15, json(calls));
  return calls;
}

/** No word of it anywhere, at this desk. */
async function isSealedAt(desk, id, words, flags = []) {
  let last;
  await until('the desk knows', async () => (last = await desk.get(`/api/tips/${id}`)).status === 410).catch((error) => { throw new Error(`${error.message} ${desk.name}@${desk.url}: ${json(last.body)}`); });
  for (const [method, where] of callsOf(id)) {
    const sent = where.endsWith('/links') ? { kind: 'update', target: id } : {};
    const { status, body } = await desk.ask(method, where, method === 'POST' || method === 'PUT' ? sent : undefined);
    assert.deepEqual([method, where, status], [method, where, 410], json(body));
    assert.equal(body.error, 'withdrawn');
    assert.ok(!json(body).includes(SECRET), `${where}: ${json(body)}`);
  }
  for (const view of ['open', 'closed', 'waiting', 'referrals', 'quarantine', 'second', 'mine']) {
    for (const word of words) assert.equal((await desk.queue(`view=${view}&q=${encodeURIComponent(word)}`)).total, 0, `${view}: ${word}`);
  }
  const row = (await desk.queue('view=closed')).rows.find((one) => one.id === id);
  assert.equal(row.state, 'WITHDRAWN');
  assert.deepEqual([row.place, row.under18, row.about, row.share, row.contact, row.alike, row.links, row.reasons, row.flags],
    [null, null, null, null, false, 0, 0, [], flags]);
  assert.ok(!json(await desk.queue('view=closed')).includes(SECRET));
  assert.ok(!json((await desk.get('/api/handover')).body).includes(SECRET));
}
const inboxOf = async (id) => (await home.inbox()).filter((tip) => tip.id === id);

test('who has not asked, a child and a life in danger are refused, and it is said which', async () => {
  const { id, code } = await taken('nobody is paid in the first house');
  assert.deepEqual(await allowed(first, id), []);
  const refused = async (tip, word, more) => {
    const { status, body } = await withdraw(first, tip, more);
    assert.deepEqual([status, body.error], [409, word], json(body));
    assert.equal((await first.get(`/api/tips/${tip}`)).status, 200);
  };
  await refused(id, 'not-asked');
  await first.do(id, { event: 'RELEASE' });
  const cases = [
    ['a child is in the second house', { minor: '1' }, 'under-18'],
    ['a child may be in the third house', { minor: '2' }, 'under-18'],
    ['they are in danger in the fourth house', { now: '1' }, 'danger'],
    ['they are moved soon from the fifth house', { now: '2' }, 'danger'],
    ['she was hit in the sixth house', { ind: '2' }, 'urgent'],
    ['nobody said how old in the seventh house', { minor: '' }, 'age'],
    ['unknown how old in the eighth house', { minor: '9' }, 'age'],
  ];
  for (const [story, answers, word] of cases) {
    const tip = await taken(story, answers);
    await wish(tip.code);
    await asked(first, tip.id);
    await refused(tip.id, word);
    const [{ needs }] = await allowed(first, tip.id);
    assert.equal(needs.includes('reason'), answers.minor !== undefined && answers.minor !== '3', json(needs));
    // a reason is for the age alone
    if (word !== 'age') await refused(tip.id, word, { reason: 'I know it' });
    await first.do(tip.id, { event: 'RELEASE' });
  }
  await wish(code);
  await asked(first, id);
  // whoever does not have it, and whoever saw it as it was before, does not either
  const bare = await withdraw(first, id);
  assert.deepEqual([bare.status, bare.body.error], [409, 'claim-first']);
  await first.take(id);
  const old = await withdraw(first, id, { version: 2 });
  assert.deepEqual([old.status, old.body.error], [409, 'changed']);
  await granted(id);
});

test('what was taken back is sealed at every desk, for supervisors too, in search and the inbox', async () => {
  const { id, code } = await taken('the marker-story is here', { perp: 'marker-perp', where_province: '12', contact_number: '012 marker-number' });
  await first.post(`/api/tips/${id}/entries`, { kind: 'note', text: 'marker-note' });
  await first.ask('PUT', `/api/draft/${id}`, { text: 'marker-draft' });
  await sayIn(code, { do: 'more', story: 'also marker-later' });
  await first.row((row) => row.id === id, 'view=open&q=marker+later');
  const ask = { partner: 'helpers', summary: 'marker-summary', include: [], redact: [] };
  const sent = await first.refer(id, ask);
  assert.equal(sent.body.now?.state, 'REFERRED', json(sent.body));
  await wish(code);
  await asked(first, id);
  await asked(second, id);
  await granted(id);
  const words = ['marker', 'story', 'marker-story', 'marker-perp', 'marker-later'];
  for (const desk of [first, second, third]) await isSealedAt(desk, id, words);
  // what has left stays known: somebody has to ask for it back
  const { body } = await second.get(`/api/tips/${id}`);
  assert.deepEqual(body.left.map((one) => [one.ref, one.partner_name, one.files.length]), [[sent.body.ref, 'The Helpers', 0]]);
  const trail = json((await third.get('/api/audit')).body);
  assert.ok(trail.includes(id) && trail.includes('WITHDRAW') && !trail.includes(SECRET), trail);
  assert.deepEqual(await inboxOf(id), [{ id, withdrawn: true }]);
  const { stdout } = await home.tipline('inbox');
  assert.ok(!stdout.includes(SECRET), stdout);
  await says(code, 'We have finished. You can write again.');
  // a further wish, or that the mail is gone, is no word: it stays so
  await wish(code);
  await sayIn(code, { do: 'delete' });
  const { id: next } = await taken('a tip behind that, of the ninth house');
  await first.do(next, { event: 'RELEASE' });
  await until('it is to be deleted', async () => (await first.queue('view=closed')).rows.find((row) => row.id === id).flags.length > 0);
  await isSealedAt(first, id, words, ['delete']);
  // both desks anew: one from its ledger, the other with none, from Redis alone
  await Promise.all([home.kill('desk', 'SIGTERM'), home.kill('desk2', 'SIGTERM')]);
  fs.rmSync(at('ledger2'), { recursive: true });
  const redis = await home.redisRoot();
  await redis.do('XGROUP', 'SETID', 'tips', 'officers2', '0');
  redis.close();
  urls = [await home.desk(), await home.desk('desk2')];
  first = await Desk.login(home, { url: urls[0], name: 'sok' });
  second = await Desk.login(home, { url: urls[1], name: 'dara' });
  await first.opened('view=closed');
  await isSealedAt(first, id, words, ['delete']);
  await first.row((row) => row.id === next, 'view=open');
  // not for a moment: the records come before what has happened with them
  await until('the other desk has opened all', async () => {
    assert.equal((await second.queue('view=open&q=marker')).total, 0);
    assert.ok(!json((await second.get(`/api/tips/${id}`)).body).includes(SECRET));
    const { rows, opening } = await second.queue('view=open');
    return opening === 0 && rows.some((row) => row.id === next);
  });
  await isSealedAt(second, id, words, ['delete']);
});

test('who writes again is heard, and nothing from before is shown', async () => {
  const { id, code } = await taken('the marker-old of the tenth house', { perp: 'marker-perp' });
  await first.post(`/api/tips/${id}/entries`, { kind: 'note', text: 'marker-note' });
  await sayIn(code, { do: 'more', story: 'marker-before' });
  await first.row((row) => row.id === id, 'view=open&q=marker+before');
  await wish(code);
  await asked(first, id);
  await granted(id);
  await isSealedAt(first, id, ['marker']);
  await sayIn(code, { do: 'more', story: 'fresh words of the reporter' });
  const isFresh = async (desk) => {
    const row = await desk.row((one) => one.id === id, 'view=open&q=fresh+words');
    assert.ok(row.flags.includes('reopened') && !row.flags.includes('withdraw'), json(row));
    assert.deepEqual([row.place, row.share, row.reasons.filter(({ rule }) => rule !== 'R14')], [null, null, []]);
    assert.equal((await desk.queue('view=open&q=marker')).total, 0);
    assert.equal((await desk.queue('view=closed&q=marker')).total, 0);
    return row;
  };
  assert.equal((await isFresh(first)).state, 'NEW');
  await first.take(id);
  const reads = async (desk) => {
    const { status, body } = await desk.get(`/api/tips/${id}`);
    assert.equal(status, 200, json(body));
    assert.ok(!json(body).includes(SECRET), json(body));
    assert.deepEqual([body.withdrawn, body.text, body.answers, body.attachments], [true, '', [], []]);
    assert.deepEqual(body.timeline.map(({ text }) => text), ['fresh words of the reporter']);
    assert.equal(body.mailbox, true);
  };
  await reads(first);
  assert.equal((await first.ask('GET', `/api/draft/${id}`)).body.text, '');
  assert.equal((await first.get(`/api/tips/${id}/files/1`)).status, 404);
  assert.ok((await allowed(first, id)).length === 0);
  // the reporter can be answered as before
  assert.equal((await first.post(`/api/tips/${id}/reply`, { text: 'we read what you wrote now' })).status, 200);
  await until('the answer is there', async () => (await post({ code })).includes('we read what you wrote now'));
  assert.deepEqual((await home.inbox()).filter((tip) => tip.id === id || tip.tip === id).map((tip) => tip.text ?? 'sealed').sort(),
    ['fresh words of the reporter', 'sealed']);
  // the same at the other desk, for a supervisor, and after a start
  await isFresh(second);
  await reads(second);
  await first.logout();
  await home.kill('desk', 'SIGKILL');
  urls[0] = await home.desk();
  first = await Desk.login(home, { url: urls[0], name: 'sok' });
  await isFresh(first);
  await first.take(id);
  await reads(first);
  // and it can be taken back once more, with what was written since
  await wish(code);
  await asked(first, id);
  await granted(id, { reason: 'they said so on the telephone' });
  await isSealedAt(first, id, ['marker', 'fresh'], ['reopened']);
  await isSealedAt(second, id, ['marker', 'fresh'], ['reopened']);
});

test('words are read that nobody had read when their reporter asked once more', async () => {
  const { id, code } = await taken('the marker-story of the eleventh house');
  await wish(code);
  await asked(first, id);
  await granted(id);
  await isSealedAt(first, id, ['marker']);
  await Promise.all([first.logout(), second.logout()]);
  await sayIn(code, { do: 'more', story: 'unread words, urgent' });
  await wish(code);
  first = await Desk.login(home, { url: urls[0], name: 'sok' });
  const row = await first.row((one) => one.id === id, 'view=open&q=unread+words');
  assert.equal(row.state, 'NEW');
  // an officer judges the second wish as they judged the first one
  await asked(first, id);
  await first.take(id);
  const { body } = await first.get(`/api/tips/${id}`);
  assert.deepEqual(body.timeline.map(({ text }) => text).filter((text) => text !== ''), ['unread words, urgent']);
  assert.equal((await first.queue('view=open&q=marker')).total, 0);
});

test('a desk that has none of the events shows later words too, and nothing from before', async () => {
  const { id, code } = await taken('the marker-story of the twelfth house');
  await sayIn(code, { do: 'more', story: 'marker-before' });
  await first.row((row) => row.id === id, 'view=open&q=marker+before');
  await wish(code);
  await asked(first, id);
  await granted(id);
  await sayIn(code, { do: 'more', story: 'words that stay' });
  await first.row((row) => row.id === id, 'view=open&q=words+that+stay');
  await home.kill('desk2', 'SIGTERM');
  fs.rmSync(at('ledger2'), { recursive: true });
  const redis = await home.redisRoot();
  await redis.do('XGROUP', 'SETID', 'tips', 'officers2', '0');
  await redis.do('XTRIM', 'events', 'MAXLEN', '0');
  redis.close();
  urls[1] = await home.desk('desk2');
  second = await Desk.login(home, { url: urls[1], name: 'dara' });
  await second.row((row) => row.id === id, 'view=open&q=words+that+stay');
  for (const desk of [first, second]) {
    assert.equal((await desk.queue('view=open&q=marker')).total, 0);
    assert.equal((await desk.queue('view=closed&q=marker')).total, 0);
  }
});
