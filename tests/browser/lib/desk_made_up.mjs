// SPDX-License-Identifier: AGPL-3.0-or-later
// Made-up answers of a desk, for what a running one cannot be brought to in a
// test: pages of statistics, partners in every state of freshness, pictures of
// all views. Everything here is invented.
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const ui = path.resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../../desk/ui');
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
/** As desk/api.c sends it. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
  + "font-src 'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

const MIN = 60000;
const HOUR = 60 * MIN;
const id = (n) => n.toString(16).padStart(32, '0');

const rows = (now) => [
  { id: id(1), seq: 1041, priority: 1, reasons: [{ rule: 'R1', text: 'Says danger now' }, { rule: 'K-COMBO', text: 'Held, with violence or help words' }], arrived_ms: now - 70000, clock: 1, due_ms: now + 50000, lang: 'km', place: 'Preah Sihanouk', under18: 0, about: 1, share: 2, contact: 2, channel: 'sms', links: 0, owner: '', state: 'NEW', version: 2, flags: [], signed: true },
  { id: id(2), seq: 1038, priority: 1, reasons: [{ rule: 'R3', text: 'Under 18 with violence, sex, held or moved' }], arrived_ms: now - 26 * MIN, clock: 2, due_ms: now - 11 * MIN, lang: 'vi', place: 'Svay Rieng', under18: 1, about: 3, share: 3, contact: 1, channel: 'web', links: 2, owner: 'srey', since_ms: now - 12 * MIN, until_ms: now + 3 * MIN, state: 'TRIAGE', version: 6, flags: [], signed: true },
  { id: id(3), seq: 1040, priority: 2, reasons: [{ rule: 'K-SOLD', text: 'Words of being sold' }], arrived_ms: now - 9 * MIN, clock: 1, due_ms: now + 6 * MIN, lang: 'th', place: 'Banteay Meanchey', under18: 0, about: 4, share: 1, contact: 3, channel: 'web', links: 0, owner: '', state: 'NEW', version: 2, flags: [], signed: true },
  { id: id(4), seq: 1036, priority: 2, reasons: [{ rule: 'R7', text: 'Cannot leave' }, { rule: 'K-TWO', text: 'Two of papers, debt, pay' }], arrived_ms: now - 65 * MIN, clock: 2, due_ms: now + 55 * MIN, lang: 'zh-Hans', place: 'Phnom Penh', under18: 2, about: 1, share: 2, contact: 4, channel: 'telegram', links: 1, owner: 'dara', since_ms: now - 4 * MIN, until_ms: now + 11 * MIN, state: 'TRIAGE', version: 5, flags: [], signed: true },
  { id: id(5), seq: 1029, priority: 2, reasons: [{ rule: 'R9', text: 'More than 20 people' }], arrived_ms: now - 5 * HOUR, clock: 3, due_ms: now + 19 * HOUR, lang: 'en', place: 'Kampot', under18: 0, about: 5, share: 1, contact: 2, channel: 'web', links: 0, owner: '', state: 'VERIFY', version: 8, flags: [], signed: true },
  { id: id(6), seq: 1033, priority: 2, reasons: [{ rule: 'AGE', text: 'Waiting too long' }], arrived_ms: now - 9 * HOUR, clock: 1, due_ms: now - 6 * HOUR, lang: 'bn', place: '', under18: 0, about: 1, share: 0, contact: 'stop', channel: 'whatsapp', links: 0, owner: '', state: 'NEW', version: 3, flags: ['no-contact'], signed: true },
  { id: id(7), seq: 1030, priority: 3, reasons: [{ rule: 'K-DOC', text: 'Papers taken' }], arrived_ms: now - 3 * HOUR, clock: 2, due_ms: now + 21 * HOUR, lang: 'km', place: 'Battambang', under18: 0, about: 2, share: 3, contact: 0, channel: 'web', links: 0, owner: '', state: 'TRIAGE', version: 4, flags: ['reopened'], signed: true },
  { id: id(8), seq: 1027, priority: 3, reasons: [{ rule: 'R14', text: 'Not classified' }], arrived_ms: now - 26 * HOUR, clock: 3, due_ms: now + 46 * HOUR, lang: 'my', place: 'ក្រុងប៉ោយប៉ែត ភូមិក្បែរផ្សារ ជិតព្រំដែន', under18: 0, about: 4, share: 4, contact: 0, channel: 'voice', links: 3, owner: '', state: 'WAIT_REPORTER', version: 7, flags: [], signed: true },
  { id: id(9), seq: 1039, priority: 3, reasons: [{ rule: 'R1', text: 'Says danger now' }], arrived_ms: now - 14 * MIN, clock: 1, due_ms: now + 106 * MIN, lang: 'en', place: '', under18: 0, about: 9, share: 0, contact: 0, channel: 'sms', links: 0, owner: '', state: 'NEW', version: 2, flags: [], signed: false },
];

const text = 'ជួយខ្ញុំផង! គេចាក់សោទ្វារ ហើយវាយខ្ញុំរាល់ថ្ងៃ។ ខ្ញុំនៅជាន់ទី៥ ជិតផ្សារ លេខ 012 345 678។ លោកសុខា មានកាំភ្លើង។';
const at = (word) => ({ in: '', at: Buffer.byteLength(text.slice(0, text.indexOf(word))), len: Buffer.byteLength(word) });

function tipOf(row, now) {
  return {
    now_ms: now, row, text, text_lang: row.lang === 'en' ? 'km' : row.lang, dir: 'ltr', folded: text.replaceAll(' ', ''),
    marks: [{ ...at('ជួយខ្ញុំ'), group: 'HELP' }, { ...at('ចាក់សោ'), group: 'HELD' }, { ...at('វាយ'), group: 'VIOLENCE' }, { ...at('កាំភ្លើង'), group: 'WEAPON' }],
    rules: row.reasons, words: [{ group: 'HELP', lang: 'km', word: 'ជួយខ្ញុំ' }, { group: 'HELD', lang: 'km', word: 'ចាក់សោ' }],
    answers: [{ name: 'now', value: '1', words: 'yes, now' }, { name: 'count', value: '3', question: 'How many people are trapped?', words: '6 to 20' },
      { name: 'ind', value: ['1', '2'], question: 'What happens to them?', words: 'locked in; beaten' }, { name: 'perp', value: '<img src=x onerror=alert(1)>', question: 'Who does this?', words: '<img src=x onerror=alert(1)>' },
      { name: 'contact_number', value: '•••88' }, { name: 'contact_safeword', value: 'mango' }],
    sender_masked: '+855 •• ••• •78', mailbox: row.channel === 'web', shown: row.channel === 'web' ? { status: 2, text: '', at_ms: now, chosen: false, sent: true, stopped: false, ...row.shown } : null,
    contact: { wish: 2, method: 'text', hours: 'after 22:00, never on Sunday', message_ok: false, who_to_say: '2', cover: 'Say that you are from the phone shop.', safe_word_set: true, ...row.heard, said_ms: now - 3 * 24 * HOUR, no_contact: false, stop: row.contact === 'stop', unread: row.contact === 'unread' },
    timeline: [{ at_ms: row.arrived_ms, kind: 'tip', who: '' }, { at_ms: row.arrived_ms + 30000, kind: 'change', event: 'SCORE', state: 'NEW', priority: row.priority }, { at_ms: row.arrived_ms + 35000, kind: 'view', who: 'srey' }],
    attachments: [{ n: 1, name: '"><script>alert(1)</script>.jpg', type: 'image/jpeg', bytes: 48211, state: 'complete', sha256: 'a1'.repeat(32), cleaned: true, content_note: '' }, { n: 2, name: 'voice-7.ogg', type: 'audio/ogg', bytes: 91000, state: 'complete', sha256: 'b2'.repeat(32), cleaned: false, content_note: 'a man shouts, 40 s' },
      { n: 3, name: 'c.jpg', type: 'image/jpeg', bytes: 300, state: 'incomplete', sha256: 'c3'.repeat(32), cleaned: true, content_note: '' }],
    links: [{ id: id(4), seq: 1036, kind: 'same place', who: 'srey', at: 1795300000 }], alike: [{ id: id(8), seq: 1027, percent: 84, same_number: true, priority: 3, state: 'NEW' }],
    entries: [{ id: 'e1', at_ms: row.arrived_ms + 40000, kind: 'note', who: 'srey', for: 'supervisor', text: 'Building with a blue roof, seen on two tips.' },
      { id: 'e2', at_ms: row.arrived_ms + 60000, kind: 'reply', who: 'srey', lang: 'km', text: 'តើអ្នកនៅទីណា?' }],
    allowed: row.state === 'NEW' ? [{ event: 'CLAIM', needs: [] }]
      : [{ event: 'RELEASE', needs: [] }, { event: 'PRIORITY', needs: ['reason'] }, { event: 'ASK', needs: [] }, { event: 'CHECK', needs: [] }, { event: 'ESCALATE', needs: [] }, { event: 'DRAFT', needs: ['partner'] }, { event: 'LINK', needs: ['target'] }, { event: 'CLOSE', needs: ['second'] },
        ...(row.flags.includes('withdraw') ? [{ event: 'WITHDRAW', needs: ['reason'] }] : [])],
    ...row.came,
  };
}

const partners = (now) => [
  { id: 'child-line', name: 'Child line (made up)', kind: 'childline', country: 'Cambodia', hours: 'day and night', verified_on: new Date(now - 20 * 24 * HOUR).toISOString().slice(0, 10), passes_on_to: [] },
  { id: 'shelter-north', name: 'Shelter North (made up)', kind: 'aftercare', provinces: ['02', '15'], hours: '08:00-17:00', verified_on: new Date(now - 8 * 24 * HOUR).toISOString().slice(0, 10), passes_on_to: ['ngo'] },
  { id: 'unit-12', name: 'Protection unit (made up)', kind: 'police', provinces: ['18'], hours: 'day and night', verified_on: new Date(now - 120 * 24 * HOUR).toISOString().slice(0, 10), fresh: false, passes_on_to: [] },
];

const phrases = [
  { id: 'safe', group: 'safety', texts: { en: 'Is it safe for you to write now?', km: 'តើអ្នកសរសេរឥឡូវមានសុវត្ថិភាពទេ?', vi: 'Bây giờ bạn viết có an toàn không?' } },
  { id: 'where', group: 'place', texts: { en: 'Where are you? What can you see?', km: 'តើអ្នកនៅទីណា? តើអ្នកឃើញអ្វីខ្លះ?', vi: 'Bạn đang ở đâu? Bạn nhìn thấy gì?' } },
  { id: 'many', group: 'people', texts: { en: 'How many people are with you?', km: 'តើមានមនុស្សប៉ុន្មាននាក់នៅជាមួយអ្នក?', vi: 'Có bao nhiêu người ở cùng bạn?' } },
];

const header = (now) => ({
  received_today: 42, never_opened: 3, gaps: 0, head: '3fa912bc77d04e1e9b0a55c2d3f1a6e8',
  channels: [{ name: 'web', last_ms: now - 4 * MIN, silent: false }, { name: 'twilio', last_ms: now - MIN, silent: false }, { name: 'modem', last_ms: now - 3 * HOUR, silent: true }],
});

const stats = (now) => ({
  total: 412, closed: 288, referred: 57, answered: 120,
  first_touch: { p1: { median_ms: 74000, p90_ms: 190000, in_target: 0.86 }, p2: { median_ms: 11 * MIN, p90_ms: 31 * MIN, in_target: 0.78 }, p3: { median_ms: 95 * MIN, p90_ms: 7 * HOUR, in_target: 0.71 } },
  by: {
    day: Array.from({ length: 28 }, (_, i) => ({ day: new Date(now - (27 - i) * 24 * HOUR).toISOString().slice(0, 10), n: i === 20 ? null : [11, 9, 14, 12, 18, 7, 5][i % 7] + (i > 13 ? 3 : 0) })),
    priority: { 1: 31, 2: 118, 3: 220, 4: 43 }, channel: { web: 231, sms: 139, voice: 22, telegram: 16, desk: null },
    province: { 12: 141, 18: 96, '02': 40, '-': 122, '09': null }, lang: { km: 188, en: 61, vi: 55, th: 34, 'zh-Hans': 40, my: 20, bn: 9, ne: null }, state: { NEW: 9, TRIAGE: 21, REFERRED: 12, CLOSED: 288, QUARANTINE: 43 },
  },
});

const handover = (now, all) => ({
  open: all.filter((row) => row.priority < 3).map((row, i) => ({ ...row, plan: i % 2 ? { text: 'Ask for the place by SMS after 22:00', by_ms: now + 3 * HOUR } : null })),
  leases: all.filter((row) => row.owner), promises: [{ text: 'Answer to tip 1036: which embassy', by_ms: now + 5 * HOUR }], partners: [{ name: 'Shelter North (made up)', id: id(22), seq: 1022, since_ms: now - 25 * HOUR, overdue: true }, { name: 'Unit 12 (made up)', id: id(23), seq: 1023, since_ms: now - 20 * MIN, overdue: false }],
  channels: [{ name: 'modem', text: 'modem: silent for 3 hours', silent: true }], counts: { in: 17, out: 11, open: 9, never_opened: 3 }, gaps: 0, head: '3fa912bc77d04e1e9b0a55c2d3f1a6e8c41d',
  mine: { opened: 9, replied: 4, referred: 2 },
});

const audit = (now) => ({
  head: '3fa912bc77d04e1e9b0a55c2d3f1a6e8c41d', records: 4, next: 0, entries: [
    { at_ms: now - MIN, who: 'dara', what: 'trail', note: 'own' }, { at_ms: now - 4 * MIN, who: 'dara', what: 'view', tip: id(4), note: '' },
    { at_ms: now - 5 * MIN, who: 'dara', what: 'change', tip: id(4), note: 'CLAIM' }, { at_ms: now - 6 * MIN, who: 'dara', what: 'entry', tip: id(4), note: 'note' },
    { at_ms: now - 9 * MIN, who: 'dara', what: 'reveal', tip: id(4), note: 'call back was agreed' }, { at_ms: now - 40 * MIN, who: 'dara', what: 'login', note: '' }],
});

function preview(body, row) {
  const police = body.partner === 'unit-12';
  const evidence = tipOf(row, row.arrived_ms).attachments.filter((file) => (body.files ?? []).includes(file.sha256))
    .map(({ sha256, bytes, type, cleaned }, i) => ({ name: `R-4f1c22aa-20261121T222640Z-${i + 1}`, sha256, bytes, kind: type, cleaned }));
  const say = (word) => (police ? 'blocked' : word);
  return {
    ref: 'R-4f1c22aa', created_s: Math.floor(row.arrived_ms / 1000), hash: 'a5b1'.repeat(16), suggestions: [],
    gate: {
      all: say('later'), needs_exception: police, needs_second: police, needs_supervisor: false,
      checks: [{ check: 'consent', word: say('passed'), text: police ? 'The reporter said: helpers only.' : '' }, { check: 'onward', word: 'passed', text: '' }, { check: 'conflict', word: 'passed', text: '' },
        { check: 'fresh', word: say('passed'), text: '' }, { check: 'content', word: 'passed', text: '' }, { check: 'four-eyes', word: say('later'), text: '' }],
    },
    preview: {
      x_profile: 'tipline-referral/1', x_ref: 'R-4f1c22aa', x_created: new Date(row.arrived_ms).toISOString(), x_priority: `P${row.priority}`, x_reasons: [{ rule: 'R1', text: 'Says danger now' }], x_summary: body.summary,
      x_place: { country: 'Cambodia', province: row.place }, x_minor: 'maybe', x_reporter_relation: 'self', x_persons: '6-20', x_lang: 'km', x_share: 'helpers-only', con_Consent: 'FALSE', x_safe_contact: 'NO CONTACT', x_ilo: [3, 5], x_requested_service: body.services, x_evidence: evidence, x_officer: 'dara',
      vic_MethodsOfControl: ['Other', 'PhysicalAbuse'], hte: [{ hte_Type: 'Exploitation', hte_Country: 'KH' }], cas_IncomingReferralDate: '2026-11-21', cas_IncomingReferralDetails: body.summary,
    },
  };
}

/** desk(): answer(method, path, query, body) gives {status, json}; what is done is remembered. */
export function desk({ role = 'officer', name = 'dara', practice = false, missing = [], now = Date.now() } = {}) {
  const all = rows(now);
  const session = { token: 'made-up', officer: { name, role }, idle_s: 300, lang: '', practice };
  const drafts = new Map();
  const entries = new Map(); // of a tip, as they were written
  const done = [];
  const find = (path) => all.find((row) => path.includes(row.id));
  const routes = [
    [/^POST \/api\/login$/, (_, body) => (body.code === '000000' ? [401, { error: 'refused' }] : [200, session])],
    [/^GET \/api\/session$/, () => [200, session]],
    [/^(POST \/api\/(logout|lock|unlock))$/, () => [200, {}]],
    [/^PUT \/api\/draft/, (path, body) => [200, (drafts.set(path, body), {})]],
    [/^GET \/api\/draft/, (path) => (drafts.has(path) ? [200, drafts.get(path)] : [404, { error: 'none' }])],
    [/^DELETE \/api\/draft/, (path) => [200, (drafts.delete(path), {})]],
    [/^GET \/api\/queue$/, (path, body, query) => {
      const asked = all.filter((row) => row.asked);
      const shown = query?.get('view') === 'second' ? asked : all;
      return [200, { now_ms: Date.now(), total: shown.length, unseen: 0, rows: shown, elsewhere: [], header: { ...header(Date.now()), seconds: made.uncounted ? null : asked.length } }];
    }],
    [/^POST .*\/do$/, (path, body) => {
      const row = find(path);
      if (body.event === 'CLAIM' && made.coming-- > 0) return [409, { error: 'none' }]; // no case yet
      if (body.version && body.version !== row.version) return [409, { error: 'changed', now: { ...row } }];
      if (body.event === 'WITHDRAW' && made.keeps) return [409, made.keeps];
      if (body.event === 'CLAIM' && row.owner) return [409, { error: 'held', owner: row.owner, since_ms: row.since_ms }];
      Object.assign(row, { version: row.version + 1 }, body.event === 'RELEASE' ? { owner: '', until_ms: 0 } : { owner: name, since_ms: Date.now(), until_ms: Date.now() + 15 * MIN },
        row.state === 'NEW' ? { state: 'TRIAGE' } : {}, body.priority ? { priority: body.priority } : {}, body.event === 'CLOSE' ? { state: 'CLOSED' } : {}, body.event === 'WITHDRAW' ? { state: 'WITHDRAWN', flags: [], owner: '', until_ms: 0 } : {});
      return [200, { now: { ...row } }];
    }],
    [/^POST .*\/entries$/, (path, body) => {
      const { id: of } = find(path);
      entries.set(of, [...(entries.get(of) ?? []), { id: `w${entries.size}`, at_ms: Date.now(), who: name, ...body }]);
      return [200, { now: {} }];
    }],
    [/^POST .*\/reply$/, (path, { text, lang, status, sentence, asks }) => {
      const { id: of } = find(path);
      if (status) find(path).shown = { status, text: sentence ? text : '', sent: false };
      entries.set(of, [...(entries.get(of) ?? []), { id: `r${entries.size}`, at_ms: Date.now(), who: name, kind: 'reply', text, lang, status, asks }]);
      return [200, { now: {} }];
    }],
    [/^POST .*\/reveal$/, () => [200, { sender: '+855 12 345 678', contact_number: '012 777 888' }]],
    [/^POST .*\/sms$/, (path, body) => (made.refuses && !body.override_reason ? [409, made.refuses] : [202, { outcome: 'sending', parts: 1 }])],
    [/^POST .*\/referrals\/preview$/, (path, body) => [200, preview(body, find(path))]],
    [/^POST .*\/referrals$/, () => [200, { now: {}, ref: 'R-4f1c22aa', sent: true }]],
    [/^POST \/api\/calls$/, () => [200, { id: id(1), confirmed: made.confirmed }]],
    [/^POST .*\/activity$/, (path) => [200, { now: { ...find(path), until_ms: Date.now() + made.ahead_ms + 15 * MIN } }]],
    [/^POST \/api\/tips\//, () => [200, {}]],
    [/^GET \/api\/tips\/[0-9a-f]+$/, (path) => {
      const row = find(path);
      if (row.state === 'WITHDRAWN') return [410, { error: 'withdrawn', row, left: [{ ref: 'R-4f1c22aa', partner: 'x', partner_name: 'Shelter North', at_ms: now, who: 'srey', files: [{ name: 'R-4f1c22aa-1', bytes: 9 }] }] }];
      const tip = tipOf(row, Date.now());
      tip.entries.push(...(entries.get(row.id) ?? []));
      return row.owner === name || role === 'supervisor' ? [200, tip] : [403, { error: 'claim-first', text: 'Claim it first.' }];
    }],
    [/^GET .*\/files\/\d+$/, () => [200, {}]],
    [/^GET .*\/asked$/, () => [200, { asked: made.asked }]],
    [/^GET .*\/referrals$/, () => (made.referral ? [200, { entry: made.referral }] : [404, { error: 'none' }])],
    [/^GET \/api\/partners$/, () => [200, { partners: partners(now) }]],
    [/^GET \/api\/phrases$/, () => [200, { draft: true, phrases: phrases.flatMap(({ id, texts }) => Object.entries(texts).map(([lang, text]) => ({ id, use: 'sms', lang, text }))) }]],
    [/^GET \/api\/stats$/, () => [200, stats(now)]],
    [/^GET \/api\/handover$/, () => [200, handover(now, all)]],
    [/^POST \/api\/handover$/, () => [200, {}]],
    [/^GET \/api\/audit$/, () => [200, audit(now)]],
  ];
  const made = {
    rows: all, done, asked: [], referral: null, refuses: null, keeps: null, coming: 0, confirmed: true, file: null, breaks: 0, half: null, ahead_ms: 0, uncounted: false, hold: () => {}, // hold(path): its answer waits for that
    answer(method, path, body = {}, query = null) {
      const asked = `${method} ${path}`;
      done.push([asked, body]);
      if (missing.some((each) => path.startsWith(each))) return [404, { error: 'none', text: 'The desk has no such call.' }];
      const route = routes.find(([pattern]) => pattern.test(asked));
      return route ? route[1](path, body, query) : [404, { error: 'none' }];
    },
  };
  return made;
}

/** made.file, from where a range begins; made.breaks times only half of it, and the rest is up to who has made.half. */
function giveFile(made, request, response) {
  const { file } = made;
  const { range } = request.headers;
  const at = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  made.done.push([`GET a file from ${at}`]);
  response.writeHead(range ? 206 : 200, { 'Content-Length': file.length - at, ...(range && { 'Content-Range': `bytes ${at}-${file.length - 1}/${file.length}` }) });
  if (made.breaks-- > 0) (made.half = response).write(file.subarray(at, at + (file.length - at) / 2));
  else response.end(file.subarray(at));
}

/** Serve the console and these answers on the loopback: {url, tell(event, data), stop()}. */
export async function serve(made) {
  const listeners = new Set();
  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://desk');
    let body = '';
    request.on('data', (piece) => { body += piece; });
    request.on('end', async () => {
      await made.hold(pathname);
      if (pathname === '/api/events') {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(': welcome\n\n');
        listeners.add(response);
        response.on('close', () => listeners.delete(response));
      } else if (made.file && /\/(files|look)\/\d+$/.test(pathname)) {
        giveFile(made, request, response);
      } else if (pathname.startsWith('/api/')) {
        const [status, json] = made.answer(request.method, pathname, body ? JSON.parse(body) : undefined, searchParams);
        response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(json));
      } else {
        const file = path.join(ui, pathname === '/' ? 'index.html' : path.normalize(pathname));
        if (!fs.existsSync(file)) return response.writeHead(404).end();
        response.writeHead(200, { 'Content-Type': TYPES[path.extname(file)], 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-store' }).end(fs.readFileSync(file));
      }
      return undefined;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://localhost:${server.address().port}/`, // where browsers have crypto.subtle
    tell: (event, data) => listeners.forEach((each) => each.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)),
    stop: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }),
  };
}
