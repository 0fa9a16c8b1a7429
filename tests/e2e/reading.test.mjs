// SPDX-License-Identifier: AGPL-3.0-or-later
// What the intake makes of what is written: urgency outside of the seal or
// not, an operator's own rules and words, floods and honeypots, tips that are
// nearly the same, Burmese of both kinds.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Home, insist, request, root, until } from './lib/home.mjs';
import { kannelRequest } from './lib/sign.mjs';

let counter = 0;
const newKey = () => (counter++).toString(16).padStart(32, '0');
const send = async (home, story, more = {}) => {
  const answer = await home.form({ k: newKey(), story, ...more });
  assert.equal(answer.status, 200);
};
const sms = async (home, text, from) => {
  const r = kannelRequest(`${home.url}/sms/kannel`, home.secret('kannel'), text, { from });
  assert.equal((await insist(() => request(r.url, r))).status, 200);
};
const by = (tips, text) => tips.find((tip) => tip.text === text);
const intake = (line) => (conf) => conf.replace('[intake]\n', `[intake]\n${line}\n`);
async function withHome(edit, body, processes) {
  const home = await Home.start({ edit, processes });
  try {
    await body(home);
  } finally {
    await home.stop();
  }
}
const urgentIn = async (home) => (await home.spooled()).urgent;

test('nearly the same, floods, honeypots and Zawgyi are told to the desk', async () => {
  const story = 'They keep eleven of us on the third floor of a white building behind the market in Bavet';
  const near = story.replace('eleven', 'twelve');
  await withHome(intake('workers = 1'), async (home) => {
    await send(home, story);
    await send(home, near, { now: '1' });
    await send(home, 'Another story about a boat that never comes to the harbour at all');
    await send(home, 'buy cheap watches', { website: 'x' });
    await send(home, 'help, locked in', { website: 'x' });
    await sms(home, 'သူတို႔က ေသာ့ခတ္ထားတယ္', '+95912345678');
    for (let i = 0; i < 31; i++) await sms(home, `offer ${i}`, '+85511111111');
    await sms(home, 'help me', '+85511111111');
    const tips = await home.inboxOf(38);
    assert.deepEqual(by(tips, story).like, [by(tips, near).id]);
    assert.deepEqual(by(tips, near).like, [by(tips, story).id]);
    assert.equal(tips.filter((tip) => tip.like).length, 2);
    assert.ok(tips.every((tip) => !('likeness' in tip)));

    // counted, shown, and last; what is urgent stays urgent
    assert.equal(by(tips, 'buy cheap watches').priority, 'P4');
    assert.deepEqual(by(tips, 'buy cheap watches').flags, ['honeypot', 'quarantine']);
    assert.equal(by(tips, 'help, locked in').priority, 'P1');
    assert.equal(by(tips, 'offer 29').priority, 'P3');
    assert.equal(by(tips, 'offer 30').priority, 'P4');
    assert.ok(by(tips, 'offer 30').flags.includes('flood'));
    assert.equal(by(tips, 'help me').priority, 'P2');
    assert.equal(tips.at(-1).priority, 'P4');

    const burmese = by(tips, 'သူတို႔က ေသာ့ခတ္ထားတယ္');
    assert.equal(burmese.text_unicode, 'သူတို့က သော့ခတ်ထားတယ်');
    assert.equal(burmese.priority, 'P2');
    const { at, len, word } = burmese.words[0];
    assert.equal(Buffer.from(burmese.text).subarray(at, at + len).toString(), word);
  });
});

test('one bit says urgent outside of the seal, and none does with urgent_mark = no', async () => {
  for (const [edit, marked] of [[undefined, 1], [intake('urgent_mark = no'), 0]]) {
    await withHome(edit, async (home) => {
      await send(home, 'a girl, they beat her', { now: '1' });
      await send(home, 'nothing of the kind');
      assert.equal(await urgentIn(home), marked);
      await home.run('redis');
      await home.run('relay');
      const tips = await home.inboxOf(2);
      assert.equal(tips[0].priority, 'P1');
    }, ['spool', 'intake']);
  }
});

test("an operator's own rules and words are in force, and a mistake keeps the intake from starting", async () => {
  const rules = readFileSync(path.join(root, 'data/rules.txt'), 'utf8')
    .replace(/^version .*$/m, 'version ours-1')
    .replace('P3 when K.DEBT\n', 'P1 when K.DEBT\n');
  const words = `${readFileSync(path.join(root, 'data/keywords.tsv'), 'utf8')}en\tDEBT\t0\tzebra\n`;
  const write = (home) => {
    writeFileSync(path.join(home.dir, 'rules.txt'), rules);
    writeFileSync(path.join(home.dir, 'keywords.tsv'), words);
  };
  const home = await Home.start({
    processes: [],
    edit: intake('rules = rules.txt\nkeywords = keywords.tsv'),
  });
  try {
    write(home);
    for (const name of ['redis', 'spool', 'relay', 'intake']) await home.run(name);
    await home.ready();
    await send(home, 'they own my zebra');
    const [tip] = await home.inboxOf(1);
    assert.equal(tip.priority, 'P1');
    assert.equal(tip.rules_version, 'ours-1');
    assert.deepEqual(tip.rules.map((rule) => rule.rule), ['K-DEBT']);

    await home.kill('intake', 'SIGTERM');
    writeFileSync(path.join(home.dir, 'rules.txt'), `${rules}P1 when nwo=1\n`);
    const intakeAgain = await home.run('intake');
    await intakeAgain.gone;
    assert.notEqual(intakeAgain.exitCode, 0);
    await until('it is said', () => /cannot use the rules: line \d+: no question of the form/.test(home.log('intake')));
  } finally {
    await home.stop();
  }
});
