// SPDX-License-Identifier: AGPL-3.0-or-later
// Abuse: a network that sends more than its share waits, or its tips are
// marked; nobody is turned away, nothing that was typed is lost, and whoever
// comes by Tor or from elsewhere does not notice.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { Home, receiptOf, request, until } from './lib/home.mjs';

const BURST = 30; // forms of one network, see server/intake/fair.h
const intake = (lines) => (conf) => conf.replace(/^\[intake\]$/m, `[intake]\ncount_near = yes\n${lines}`);

/** A home for the length of one test. */
async function withHome(lines, body, processes) {
  const home = await Home.start({ edit: intake(lines), ...(processes && { processes }) });
  try {
    await body(home);
  } finally {
    await home.stop();
  }
}

const unescape = (text) => text.replace(/&(#\d+|lt|gt|amp);/g, (_, name) => (name[0] === '#'
  ? String.fromCharCode(Number(name.slice(1))) : { lt: '<', gt: '>', amp: '&' }[name]));
/** The form that waits in a page. */
function waiting(page) {
  const form = /<form id="v"[^]*?<\/form>/.exec(page.body.toString())?.[0];
  assert.ok(form, 'a page to wait in');
  const fields = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)]
    .map(([, name, value]) => [name, unescape(value)]);
  return { fields: Object.fromEntries(fields), bits: Number(/data-b="(\d+)"/.exec(form)[1]),
    seconds: Number(/data-s="(\d+)"/.exec(form)[1]) };
}

/** What the script of the page does; or, for nothing, a number that is no work. */
function work({ fields, bits }, works = true) {
  for (let n = 0; ; n++) {
    const hash = createHash('sha256').update(`${fields.w}:${n}`).digest();
    if ((hash.readUInt32BE(0) < 2 ** (32 - bits)) === works) return { ...fields, p: String(n) };
  }
}

const post = (home, where, fields) => request(`${home.url}/en/${where}`, {
  method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields).toString(),
});
const enter = (home, code) => post(home, 'c', { code });
function enterByTor(home, code) {
  return new Promise((resolve, reject) => {
    const body = new URLSearchParams({ code }).toString();
    const req = http.request({ socketPath: path.join(home.dir, 'sock/onion'), method: 'POST', path: '/en/c',
      headers: { Host: 'x', 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': body.length } },
    (res) => { res.resume(); resolve(res.statusCode); });
    req.on('error', reject);
    req.end(body);
  });
}
const WRONG = '2704 1395 8061 7240 1230';

test('the sixth code of a network waits, is not typed again, and opens as the others did; Tor goes on', async () => {
  await withHome('wait_max = 1s', async (home) => {
    const shown = [];
    for (let i = 0; i < 5; i++) shown.push(await enter(home, WRONG));
    assert.deepEqual(shown.map((page) => page.status), [200, 200, 200, 200, 200]);
    let page = await enter(home, WRONG);
    assert.equal(page.status, 429);
    assert.equal(waiting(page).fields.code.replaceAll(' ', ''), WRONG.replaceAll(' ', ''));
    assert.equal(page.body.length % 4096, 0, 'its length tells nothing');
    assert.equal(await enterByTor(home, WRONG), 200, 'Tor has a share of its own');
    // no script: the button is pressed until it is time
    await until('the turn comes', async () => {
      page = await post(home, 'c', waiting(page).fields);
      return page.status === 200;
    });
    assert.equal(page.body.length, shown[0].body.length);
    await until('both are counted', async () => await home.metric('web_waits_total') > 0
      && await home.metric('web_waited_total') === 1);
  });
});

test('one network cannot keep the slow step for itself: two of its codes are under way, Tor and others go on', async () => {
  await withHome('workers = 1\ncode_pool = 0\ncode_tries = 50', async (home) => {
    const [worker] = home.workers();
    const silent = home.childrenOf('intake').filter((pid) => pid !== worker);
    const begun = [];
    const entered = async (n) => until(`${n} codes are entered`, async () => await home.metric('web_returns_total') === n);
    let page;
    let tor;
    for (const pid of silent) process.kill(pid, 'SIGSTOP');
    try {
      begun.push(enter(home, WRONG), enter(home, WRONG));
      await entered(2);
      page = await enter(home, WRONG);
      assert.equal(page.status, 429);
      // nor does work help, or what was waited for
      const again = await post(home, 'c', work(waiting(page)));
      assert.equal(again.status, 429);
      assert.equal(waiting(again).fields.w, waiting(page).fields.w, 'it is the same place');
      tor = enterByTor(home, WRONG);
      await entered(5);
    } finally {
      for (const pid of silent) process.kill(pid, 'SIGCONT');
    }
    assert.deepEqual((await Promise.all(begun)).map((each) => each.status), [200, 200]);
    assert.equal(await tor, 200);
    assert.equal((await post(home, 'c', work(waiting(page)))).status, 200);
  }, ['spool', 'intake']);
});

test('what cannot be a code counts for nothing; work is as good as waiting; tickets do not last for ever', async () => {
  await withHome('', async (home) => {
    const tip = receiptOf((await home.form({ story: 'right' })).body);
    for (let i = 0; i < 20; i++) assert.equal((await enter(home, '1234')).status, 422);
    for (let i = 0; i < 5; i++) assert.equal((await enter(home, i % 2 ? tip : WRONG)).status, 200);
    const late = [await enter(home, WRONG), await enter(home, tip)];
    for (const page of late) { // none of these reaches the kdf
      assert.equal(page.status, 429);
      // before its time, without work, and with work for another ticket
      const early = await post(home, 'c', waiting(page).fields);
      assert.equal(early.status, 429);
      assert.equal((await post(home, 'c', work(waiting(page), false))).status, 429);
      assert.equal((await post(home, 'c', { ...waiting(page).fields, w: 'A'.repeat(68) })).status, 429);
    }
    assert.equal(late[0].body.length, late[1].body.length, 'right and wrong codes wait alike');
    const worked = work(waiting(late[0]));
    const [first, second, third] = [await post(home, 'c', worked), await post(home, 'c', worked), await post(home, 'c', worked)];
    assert.deepEqual([first.status, second.status, third.status], [200, 200, 429]);
    // for a code, not for a form
    assert.equal((await post(home, 'c', work(waiting(late[1])))).status, 200);
  });
});

test('beyond its share a tip is taken and marked while nothing is attacked', async () => {
  await withHome('forms_minute = 60000', async (home) => {
    const n = BURST + 5;
    for (let i = 0; i < n; i++) {
      const page = await home.form({ story: `tip ${i}`, k: i.toString(16).padStart(32, '0') });
      assert.ok(receiptOf(page.body), `tip ${i}: ${page.status}`);
    }
    const tips = await home.inboxOf(n);
    const marked = tips.filter((tip) => (tip.flags ?? []).includes('quarantine'));
    assert.ok(marked.length >= 1, 'a form is worth 20 s: so long they do not take');
    for (const tip of marked) assert.ok(Number(/\d+/.exec(tip.text)[0]) >= BURST);
    await until('they are counted', async () => await home.metric('web_marked_total') === marked.length);
  });
});

test('under attack who has sent much waits with the words in the page; then the tip is a tip like others', async () => {
  await withHome('forms_minute = 0', async (home) => {
    const words = 'a "story" <b>\r\nof two lines & កម្ពុជា';
    let page;
    let sent = 0;
    for (; sent <= 3 * BURST; sent++) {
      page = await home.form({ story: words, now: '1', where_near: `near ${sent}`, k: sent.toString(16).padStart(32, '0') });
      if (page.status !== 200) break;
    }
    assert.equal(page.status, 429);
    assert.ok(sent >= BURST);
    const form = waiting(page);
    assert.equal(form.fields.story, words);
    assert.equal(form.fields.near ?? form.fields.where_near, `near ${sent}`);
    assert.doesNotMatch(page.body.toString(), /It has arrived/);
    page = await post(home, 'a', work(form));
    assert.ok(receiptOf(page.body), `${page.status}`);
    // the same once more: a browser that sends again has the same tip
    assert.equal(receiptOf((await post(home, 'a', work(form))).body), receiptOf(page.body));
    const tips = await home.inboxOf(sent + 1);
    assert.equal(tips.length, sent + 1);
    const last = tips.find((tip) => tip.answers.some?.(([, value]) => value === `near ${sent}`)
      || JSON.stringify(tip.answers).includes(`"near ${sent}"`));
    assert.equal(last.text, words);
    assert.ok(!(last.flags ?? []).includes('quarantine'));
  });
});

test('this host itself is nobody\'s network unless the operator says so', async () => {
  const home = await Home.start({ processes: ['spool', 'intake'],
    edit: (conf) => conf.replace(/^\[intake\]$/m, '[intake]\nforms_minute = 0\ncode_tries = 1') });
  try {
    for (let i = 0; i < 2; i++) assert.equal((await enter(home, WRONG)).status, 200);
    for (let i = 0; i < BURST + 5; i++) {
      assert.ok(receiptOf((await home.form({ story: `tip ${i}`, k: i.toString(16).padStart(32, '0') })).body));
    }
    assert.equal(await home.metric('web_marked_total'), 0);
  } finally {
    await home.stop();
  }
});
