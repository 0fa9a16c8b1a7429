// SPDX-License-Identifier: AGPL-3.0-or-later
// A word is for the referral that it was given for: not for one that has come
// into its place meanwhile, at another desk or by the same officer.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { Home, build, request, until } from './lib/home.mjs';

let home, first, second;
const at = (name) => path.join(home.dir, name);
const summary = (words) => ({ summary: words, include: [], redact: [] });

before(async () => {
  home = await Home.start({ edit: (conf) => conf.replace(/^\[desk\]$/m, '[desk]\npartners = partners.json') });
  fs.writeFileSync(at('partner.pass'), 'a long passphrase\n', { mode: 0o600 });
  const env = { ...process.env, TIPLINE_NEW_PASSPHRASE_FILE: at('partner.pass') };
  const [key] = execFileSync(path.join(build, 'tipline'), ['open', 'key', 'partner.key', '--cheap'], { cwd: home.dir, env, encoding: 'utf8' }).split('\n');
  const partner = (id, kind) => ({ id, name: id, kind, key, verified_on: new Date(Date.now() - 86400e3).toISOString().slice(0, 10) });
  fs.writeFileSync(at('partners.json'), JSON.stringify({ partners: [partner('helpers', 'ngo'), partner('unit', 'police')] }));
  for (const name of ['sok', 'dara']) await Desk.add(home, name);
  const urls = [await home.desk(), await home.desk('desk2')];
  first = await Desk.login(home, { url: urls[0], name: 'sok' });
  second = await Desk.login(home, { url: urls[1], name: 'dara' });
});
after(() => home?.stop());

async function taken(story) {
  await home.form({ story, share: '1', where_province: '12' }, { lang: 'en' });
  const { id, priority } = await first.row((row) => row.state === 'NEW');
  assert.ok(priority > 1);
  await first.take(id);
  return id;
}

const preview = async (id, wanted) => (await first.post(`/api/tips/${id}/referrals/preview`, wanted)).body;
const order = (id, wanted, { ref, created_s, hash }) => first.post(`/api/tips/${id}/referrals`, { ...wanted, ref, created_s, hash });

test('who agrees to a referral that is taken back meanwhile lets no other one go in its place', async () => {
  const id = await taken('They took our passports');
  const url = (rest) => `/api/tips/${id}/referrals${rest}`;
  const [one, other] = ['what the second officer reads', 'what nobody else has read'].map((words) => ({ ...summary(words), partner: 'unit' }));
  const seen = await preview(id, one);
  assert.equal((await order(id, one, seen)).status, 202);
  await until('the other desk has it', async () => (await second.get(url(''))).body.entry?.hash === seen.hash, 60000);
  // the second desk's key holder takes long over what is written on the tip
  const keyd = home.childrenOf('desk2').find((pid) => fs.readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('tipline-keyd'));
  process.kill(keyd, 'SIGSTOP');
  let agreed;
  try {
    const agreeing = second.post(url('/approve'), { hash: seen.hash });
    await second.post(`/api/tips/${id}/activity`, {}); // its store has told by then
    assert.equal((await first.do(id, { event: 'REFUSE', reason: 'another one' })).status, 200);
    assert.equal((await order(id, other, await preview(id, other))).status, 202);
    process.kill(keyd, 'SIGCONT');
    agreed = await agreeing;
  } finally {
    process.kill(keyd, 'SIGCONT');
  }
  assert.equal(agreed.status, 409, JSON.stringify(agreed.body));
  assert.equal((await first.get(`/api/tips/${id}`)).body.row.state, 'REF_APPROVAL');
  assert.equal((await first.get(url('/file'))).status, 409);
  const entry = await until('the other desk has the next one', async () => {
    const { body } = await second.get(url(''));
    return body.entry && JSON.parse(body.entry.text).x_summary === other.summary && body.entry;
  }, 60000);
  assert.equal((await second.post(url('/approve'), { hash: entry.hash })).status, 200);
});

test('what one officer may send alone takes nothing with it that two have to agree to', async () => {
  const id = await taken('They hit my sister');
  const alone = { ...summary('for helpers'), partner: 'helpers' };
  const both = { ...summary('for police'), partner: 'unit' };
  const refuse = () => first.do(id, { event: 'REFUSE', reason: 'another one' });
  assert.equal((await order(id, both, await preview(id, both))).status, 202);
  for (let i = 0; i < 12; i += 1) {
    await refuse();
    const [a, b] = [await preview(id, alone), await preview(id, both)];
    const late = (ms) => new Promise((done) => { setTimeout(done, ms); });
    await Promise.all([order(id, alone, a), order(id, both, b), ...[0, 1, 2, 3, 4, 6, 8].map((ms) => late(ms).then(refuse))]);
    const tip = (await first.get(`/api/tips/${id}`)).body;
    const last = tip.entries.filter((entry) => entry.kind === 'referral').pop();
    if (tip.row.state === 'REFERRED') {
      assert.equal(last.partner, 'helpers');
      await first.post(`/api/tips/${id}/referrals/ack`, { word: 'rejected', reason: 'no room' });
      await first.do(id, { event: 'AGAIN' });
    }
  }
});

test('what waits for another officer waits for her also once it has become a P1', async () => {
  const page = (await home.form({ story: 'She is at their house', now: '2', share: '1' }, { lang: 'en' })).body.toString();
  const { id } = await first.row((row) => row.state === 'NEW' && row.priority === 2);
  await first.take(id);
  const wanted = { ...summary('for police'), partner: 'unit' };
  const seen = await preview(id, wanted);
  assert.equal((await order(id, wanted, seen)).status, 202);
  const more = async (text, ...fields) => (await request(`${home.url}/en/b`, { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams([['s', /name="s" value="([^"]*)"/.exec(text)[1]], ...fields]).toString() })).body.toString();
  await more(await more(page, ['g', '1'], ['go', 'next']), ['g', '2'], ['go', 'end'], ['ind', '1'], ['ind', '2']);
  await first.row((row) => row.id === id && row.priority === 1);
  const own = await first.post(`/api/tips/${id}/referrals/approve`, { hash: seen.hash });
  assert.deepEqual([own.status, own.body.error], [409, 'second']);
  const agreed = await until('the other desk agrees', async () => {
    const answer = await second.post(`/api/tips/${id}/referrals/approve`, { hash: seen.hash });
    return answer.status === 200 && answer.body;
  }, 60000);
  assert.equal(agreed.now.state, 'REFERRED');
});
