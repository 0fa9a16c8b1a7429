// SPDX-License-Identifier: AGPL-3.0-or-later
// What a partner imports: referrals as the template for spreadsheets, the
// survey form and JSON of HTCDS 2.0. How the reporter is reached safely is in
// front in each, and no word of a referral acts on what reads the file.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import sodium from 'libsodium-wrappers-sumo';
import { build, root } from './lib/home.mjs';
import { seal } from './lib/forge.mjs';

await sodium.ready;
let dir, line, desk;
const at = (name) => path.join(dir, name);

/** {status, out, err} of `tipline open`. */
const open = (...words) => new Promise((done) => {
  const env = { ...process.env, TIPLINE_PASSPHRASE_FILE: at('pass'), TIPLINE_NEW_PASSPHRASE_FILE: at('pass') };
  execFile(path.join(build, 'tipline'), ['open', ...words], { cwd: dir, env, encoding: 'utf8', maxBuffer: 1 << 26 },
    (error, out, err) => done({ status: error ? error.code : 0, out, err }));
});

before(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-'));
  fs.writeFileSync(at('pass'), 'a long passphrase\n', { mode: 0o600 });
  desk = sodium.crypto_sign_keypair();
  for (const [name, pair] of Object.entries({ desk, other: sodium.crypto_sign_keypair() })) {
    const text = `tipline key 1 intake-verify\n${Buffer.from(pair.publicKey).toString('base64')}\n`;
    const hash = Buffer.from(sodium.crypto_generichash(32, text)).subarray(0, 8).toString('hex');
    fs.writeFileSync(at(`${name}.pub`), `${text}check ${hash}\n`);
  }
  const made = await open('key', 'partner.key', '--cheap');
  assert.equal(made.status, 0, made.err);
  line = made.out.split('\n')[0];
});
after(() => fs.rmSync(dir, { recursive: true }));

const tell = { x_profile: 'tipline-referral/1', x_ref: 'R-00c0ffee', x_created: '2026-11-21T22:26:40Z', x_reply_by: '2026-11-24T22:26:40Z',
  x_priority: 'P1', x_reasons: [{ rule: 'R1', text: 'danger now' }], x_safe_contact: 'NO CONTACT', x_summary: 'មនុស្ស ១១ នាក់\nthird floor',
  x_place: { country: 'KH', province: '18', near: 'blue gate; rear' }, x_minor: 'yes', x_persons: '6-20', x_reporter_relation: 'self',
  x_ctl_RestrictsMovement: 1, x_ctl_ImminentMove: 0, x_exp_ForcedCriminality: 1, x_ilo: [3, 5], x_share: 'helpers-only', x_lang: 'km',
  x_officer: 'dara', con_Consent: 'FALSE', vic_MethodsOfControl: ['Other', 'DebtBondage'], vic_TypeOfExploitation: ['ForcedLabour', 'Other'],
  vic_ForcedLabourIndustry: 'J_InformationAndCommunication', vic_RecruitmentWebsitesAndApps: ['Telegram'], prs_PrimaryLanguage: 'khm',
  hte: [{ hte_Type: 'Exploitation', hte_Country: 'KH', hte_State: 'KH-18', hte_City: 'blue gate; rear' }],
  cas_IncomingReferralDate: '2026-11-21', cas_IncomingReferralDetails: 'មនុស្ស ១១ នាក់\nthird floor' };
const safely = { x_safe_contact: { method: 'call', value: '012 345 678', when: 'after 22:00', message: 'no', say: 'no',
  cover: 'the pharmacy', safe_word: 'mango', watched_word: 'is it raining' }, prs_MobilePhone: '+85512345678' };
/** A file of a referral that has these members too; undefined takes one out. */
const file = (name, more = {}, pair = desk) => {
  fs.writeFileSync(at(name), seal(Buffer.from(line, 'base64').subarray(0, 32), pair, { ...tell, ...more }));
  return name;
};
const as = async (form, ...words) => {
  const { status, out, err } = await open('show', ...words, '--as', form, '--desk', 'desk.pub');
  assert.equal(status, 0, err);
  assert.equal(err, '');
  return out;
};

/** Rows of a CSV, by a reader that is not ours. */
const rows = (text, separator = ',') => JSON.parse(execFileSync('python3', ['-c',
  'import csv,io,json,sys; print(json.dumps(list(csv.reader(io.TextIOWrapper(sys.stdin.buffer,"utf-8-sig",newline=""),delimiter=sys.argv[1],strict=sys.argv[1]==","))))',
  separator], { input: text, encoding: 'utf8', maxBuffer: 1 << 26 }));
const table = (text) => {
  const [names, labels, ...cases] = rows(text);
  for (const row of [labels, ...cases]) assert.equal(row.length, 39);
  return { names, labels, cases: cases.map((row) => Object.fromEntries(row.map((cell, i) => [i === 0 ? 'number' : names[i] || labels[i], cell]))) };
};
/** The details begin with the contact, whatever else there is. */
const NO_CONTACT = /^NO CONTACT \/ កុំទាក់ទង\. Do not call/;

test('a spreadsheet has the rows of the template, and one for each referral', async () => {
  const out = await as('htcds-2.0-excel', file('a.tip'), file('b.tip', { x_ref: 'R-00000002', ...safely }), file('c.tip', { x_ref: 'R-00000003' }));
  assert.ok(out.startsWith('\ufeff,cas_CaseOwner,'));
  assert.equal(out.replace(/"(?:[^"]|"")*"/g, '').split('\r\n').length, 6); // five rows that end so
  const { names, labels, cases } = table(out);
  assert.deepEqual([names[0], names[19], names[13], names[35], labels[13], labels[35]],
    ['', 'vic_TraffickinStatusDecisionMakingOrg', 'prs_MailingCity', '', 'Mailing Street', 'Reason for Outgoing Referral']);
  assert.deepEqual(cases.map((row) => row.number), ['1', '2', '3']);
  const [first, second] = cases;
  assert.deepEqual([first.con_Consent, first.vic_MethodsOfControl, first.vic_TypeOfExploitation, first.vic_ForcedLabourIndustry, first.cas_IncomingReferralDate],
    ['FALSE', 'Other;DebtBondage', 'ForcedLabour;Other', 'J_InformationAndCommunication', '2026-11-21']);
  assert.equal(first.vic_LocationOfExploitation, 'blue gate; rear, KH-18, KH');
  assert.equal(first.vic_TraffickingStatus, '', 'for a person to decide');
  const details = first.cas_IncomingReferralDetails.split('\n');
  assert.match(details[0], NO_CONTACT);
  assert.deepEqual(details.slice(1, 4), ['Reference: R-00c0ffee', 'RESTRICTED MOVEMENT: people are locked in or cannot leave.',
    'FORCED CRIMINALITY: people are made to break the law. They may be victims, not suspects.']);
  for (const word of ['  | មនុស្ស ១១ នាក់', '  | third floor', 'Under 18: yes', 'Officer: dara', '  | khm', '  | Telegram', 'Place: blue gate; rear, KH-18, KH',
    'ILO indicators of forced labour (an indication, not a legal finding): [3,5]']) assert.ok(details.includes(word), word);
  // a number that can be read and dialled, and that no spreadsheet takes for one
  assert.equal(second.prs_MobilePhone, "'+85512345678");
  assert.ok(second.cas_IncomingReferralDetails.startsWith(`SAFE CONTACT ONLY. By call, and in no other way: “012 345 678”
Leave no message.
Do not say who you are.
When it is safe: “after 22:00”
If somebody else answers, say: “the pharmacy”
Say nothing before you have heard the safe word: “mango”
End it at once at the word for “I am watched”: “is it raining”
Ask again at every contact whether it is safe.
Reference: R-00000002
RESTRICTED MOVEMENT`), second.cas_IncomingReferralDetails);
  assert.equal(await as('htcds-2.0-excel', 'a.tip', 'b.tip', 'c.tip'), out, 'the same bytes each time');
});

test('header rows, the address under them and labels are as a partner asks for', async () => {
  file('mail.tip', { prs_MailingStreet: 'Street 5', prs_MailingCity: 'Poipet', prs_Gender: 'TransgenderFeminine', cas_Status: 'FollowUp',
    cas_ReasonForIncomingReferral: 'MigrationOrChangeOfLocation', vic_ForcedLabourIndustry: 'E_WaterSupplySewerageWasteManagement' });
  const both = table(await as('htcds-2.0-excel', 'mail.tip')).cases[0];
  assert.deepEqual([both.prs_MailingCity, both.prs_MailingStreet, both.cas_Status], ['Poipet', 'Street 5', 'FollowUp']);
  const names = rows(await as('htcds-2.0-excel', 'mail.tip', '--header', 'names'));
  assert.deepEqual([names.length, names[0][13], names[1][13], names[1][16]], [2, 'prs_MailingCity', 'Poipet', 'Street 5']);
  const labels = rows(await as('htcds-2.0-excel', 'mail.tip', '--header', 'labels', '--labels'));
  const value = (label) => labels[1][labels[0].indexOf(label)];
  assert.deepEqual(['Mailing Street', 'Mailing City', 'Gender', 'Status', 'Reason for Incoming Referral', 'Methods of Control', 'Forced Labour Industry'].map(value),
    ['Street 5', 'Poipet', 'TransgenderFeminine', 'Follow up', 'Migration Or Change Of Location', 'Other;Debt bondage', 'Water supply; sewerage, waste management and remediation']);
});

const hostile = '=cmd|\'/c calc\'!A1 ]]> <x>&amp; "q"; \u202e\u0007\u009b31m\ufffe\u0000 \n=1;\u200b＝2\r+3\t-4';
/** Members of every kind that hold what nobody should believe. */
const evil = (ref, value) => ({ x_ref: ref, x_summary: value, x_promised: value, x_original: value, x_new: { [value.slice(0, 9)]: [value] }, [`x_${value.slice(0, 20)}`]: value,
  cas_IncomingReferralDetails: `${value}2`, prs_FirstName: value, prs_SecondName: '+1', prs_MailingPostalCode: '012345', prs_Title: ` \u3000\u200b${value}`, vic_LocationOfRecruitment: '＠SUM(1)',
  prs_Birthdate: value, prs_Gender: value, vic_MethodsOfControl: [value, 'PhysicalAbuse', 7, 'DebtBondage '], con_Consent: value, prs_Citizenship: [value, 'KH', 'VN'],
  hte: [{ hte_City: value, hte_Country: value, hte_Type: 'Exploitation' }, value], x_safe_contact: { ...safely.x_safe_contact, when: value, [value.slice(0, 7)]: value },
  'x ref': value, [value.slice(0, 12)]: [value], prs_MobilePhone: value, prs_Email: value });

test('no word of a referral acts on a spreadsheet, whatever it parts cells at', async () => {
  const out = await as('htcds-2.0-excel', file('evil.tip', evil('R-e0000001', hostile)), file('long.tip', { x_ref: 'R-e0000002', x_summary: `${'x'.repeat(31_990)}\n;=2;=3`.repeat(3) }));
  assert.doesNotMatch(out.replace(/\r\n/g, '').replace(/\n/g, ''), /[\x00-\x1f\x7f-\x9f\u202e\ufffe]/);
  const formula = /^[\s\u200b"\u3000]*[=+\-@＝＋－＠]/;
  for (const separator of [',', ';', '\t']) {
    for (const row of rows(out, separator)) for (const cell of row) assert.doesNotMatch(cell, formula, separator);
  }
  const [first, second] = table(out).cases;
  assert.ok(first.prs_FirstName.startsWith("'=cmd|"));
  assert.ok(first.prs_FirstName.includes(";\u200b'＝2"), first.prs_FirstName);
  assert.deepEqual([first.prs_SecondName, first.prs_MailingPostalCode, first.vic_LocationOfRecruitment], ["'+1", "'012345", "'＠SUM(1)"]);
  assert.match(first.prs_Title, /^ \u3000\u200b'=cmd/);
  // what is no value of the standard is told in words, and nowhere else
  assert.deepEqual([first.prs_Birthdate, first.prs_Gender, first.vic_MethodsOfControl, first.con_Consent, first.prs_Citizenship, first.prs_MobilePhone],
    ['', '', 'PhysicalAbuse;DebtBondage', '', 'KH;VN', '']);
  for (const name of ['prs_Birthdate', 'prs_Gender', 'vic_MethodsOfControl', 'con_Consent', 'prs_MobilePhone', 'x_new']) assert.match(first.cas_IncomingReferralDetails, new RegExp(`^${name}:$`, 'm'));
  for (const cell of Object.values(second)) assert.ok(cell.length <= 32_767);
  assert.match(second.cas_IncomingReferralDetails, NO_CONTACT);
  assert.match(second.cas_IncomingReferralDetails, /CUT HERE: read the referral itself\]$/);
});

test('what says nothing of safe contact says NO CONTACT, and no number goes beside it', async () => {
  const odd = [undefined, 'NO CONTACT', '', null, {}, [], { method: 'visit', value: '1' }, { method: ['call'] }, 'call 012', { value: '012 345 678' }];
  for (const [i, x_safe_contact] of odd.entries()) {
    file('odd.tip', { x_ref: `R-0000000${i}`, x_safe_contact, prs_MobilePhone: '+85512345678', prs_HomePhone: '85523456789', prs_Email: 'a@example.org' });
    const [row] = table(await as('htcds-2.0-excel', 'odd.tip')).cases;
    assert.match(row.cas_IncomingReferralDetails, NO_CONTACT);
    assert.deepEqual([row.prs_MobilePhone, row.prs_HomePhone, row.prs_Email], ['', '', '']);
    const xml = await as('htcds-2.0-xform', 'odd.tip');
    assert.match(xml, /<prs_MobilePhone\/>/);
    assert.match(xml, /<cas_IncomingReferralDetails>NO CONTACT/);
    const json = JSON.parse(await as('htcds-2.0-json', 'odd.tip'));
    assert.deepEqual([json.prs_MobilePhone, json.x_other.prs_MobilePhone], [undefined, '+85512345678']);
    assert.equal(json.x_safe_contact, 'NO CONTACT');
    assert.deepEqual(json.x_other.x_safe_contact, ['NO CONTACT', undefined, null].includes(x_safe_contact) ? undefined : x_safe_contact, 'as it came');
    assert.match(json.cas_IncomingReferralDetails, NO_CONTACT);
  }
});

const xpath = (xml, what) => execFileSync('xmllint', ['--nonet', '--xpath', `string(${what})`, '-'], { input: xml, encoding: 'utf8', maxBuffer: 1 << 26 }).replace(/\n$/, '');

test('the survey form is XML with the elements of the form, also of hostile text', async () => {
  const plain = await as('htcds-2.0-xform', file('a.tip'));
  assert.deepEqual([...plain.matchAll(/^ {2}<(\w+)/gm)].map(([, name]) => name).join(' '),
    'start end con_Consent prs_Salutation prs_First_Name prs_Second_Name prs_Birthdate prs_Gender prs_Citizenship prs_Title prs_Email prs_HomePhone prs_MobilePhone '
    + 'prs_MailingCity prs_MailingCountry prs_MailingState prs_MailingStreet prs_MailingPostalCode vic_MethodOfRecruitment vic_LocationOfRecruitment vic_TraffickingStatus '
    + 'vic_TraffickingStatusDecisionMakingOrg vic_Methods_of_Control vic_TypeOfExploitation vic_ForcedLabourIndustry vic_TypeOfSexExploitation vic_LocationOfExploitation '
    + 'cas_Status cas_ReferringOrganisation cas_IncomingReferralDate cas_ReferringPrimaryCaseWorker cas_ReasonForIncomingReferral cas_IncomingReferralDetails __version__ meta');
  assert.equal(xpath(plain, '/data/@id'), 'htcds_xlsform');
  assert.equal(xpath(plain, '/data/vic_Methods_of_Control'), 'Other DebtBondage');
  assert.equal(xpath(plain, '/data/start'), '2026-11-21T22:26:40.000Z');
  assert.match(xpath(plain, '/data/meta/instanceID'), /^uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.match(xpath(plain, '/data/cas_IncomingReferralDetails'), NO_CONTACT);
  assert.equal(await as('htcds-2.0-xform', 'a.tip'), plain);
  const other = await as('htcds-2.0-xform', file('b.tip', { x_ref: 'R-00000002' }));
  assert.notEqual(xpath(other, '/data/meta/instanceID'), xpath(plain, '/data/meta/instanceID'));

  const xml = await as('htcds-2.0-xform', file('evil.tip', evil('R-e0000001', hostile)));
  assert.equal(xpath(xml, '/data/prs_First_Name'), '=cmd|\'/c calc\'!A1 ]]> <x>&amp; "q"; <U+202E><U+0007><U+009B>31m<U+FFFE><U+0000> \n=1;\u200b＝2\n+3\t-4');
  assert.equal(xpath(xml, 'count(/data/*)'), '35');
  assert.equal(xpath(xml, '/data/prs_Citizenship'), 'KH');
  const two = await open('show', 'a.tip', 'b.tip', '--as', 'htcds-2.0-xform');
  assert.deepEqual([two.status, two.out], [1, '']);
  assert.match(two.err, /for one referral: open them one at a time/);
});

test('JSON is a line for each referral, as the schema has it', async () => {
  const require = createRequire(createRequire(import.meta.url).resolve('@seriousme/openapi-schema-validator'));
  const ajv = new (require('ajv/dist/2020').default)({ strict: true, strictRequired: false });
  require('ajv-formats').default(ajv);
  const schema = JSON.parse(fs.readFileSync(path.join(root, 'docs/htcds-2.0-json.schema.json'), 'utf8'));
  const fits = ajv.compile(schema);
  const out = await as('htcds-2.0-json', file('a.tip', { x_new: 'kept', x_sender_checked: false }), file('b.tip', { x_ref: 'R-00000002', ...safely }), file('evil.tip', evil('R-e0000001', hostile)));
  const lines = out.trimEnd().split('\n').map((text) => JSON.parse(text));
  assert.equal(lines.length, 3);
  for (const each of lines) assert.ok(fits(each), JSON.stringify(fits.errors));
  assert.doesNotMatch(out, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ufffe]/);
  const [first, second, third] = lines;
  assert.deepEqual({ ...first, cas_IncomingReferralDetails: '' }, { ...tell, x_new: 'kept', x_sender_checked: true, cas_IncomingReferralDetails: '' });
  assert.match(first.cas_IncomingReferralDetails, NO_CONTACT);
  assert.match(second.cas_IncomingReferralDetails, /^SAFE CONTACT ONLY/);
  assert.deepEqual([second.prs_MobilePhone, second.x_safe_contact], ['+85512345678', safely.x_safe_contact]);
  assert.deepEqual([third.vic_MethodsOfControl, third.prs_Citizenship, third.x_other.prs_Gender], [['PhysicalAbuse', 'DebtBondage'], ['KH', 'VN'], hostile]);
  assert.deepEqual(third.x_other.vic_MethodsOfControl, [hostile, 7]);
  // and the schema has the standard's values and no others
  const values = {};
  for (const row of fs.readFileSync(path.join(root, 'data/htcds-values.tsv'), 'utf8').split('\n').filter((text) => text && !/^#|^field\t/.test(text))) {
    const [field, name] = row.split('\t');
    (values[field] ??= []).push(name);
  }
  const properties = { ...schema.properties, ...schema.$defs.event.properties };
  for (const [field, names] of Object.entries(values)) assert.deepEqual(properties[field].enum ?? properties[field].items.enum, names, field);
  for (const bad of [{ prs_Gender: 'x' }, { vic_MethodsOfControl: 'Other' }, { id: 1 }, { prs_MobilePhone: '012' }, { x_profile: 'x' }]) assert.ok(!fits({ ...first, ...bad }), JSON.stringify(bad));
});

test('a file is new, whole and nobody else\'s, or it is not there', async () => {
  file('a.tip');
  const made = await open('show', 'a.tip', '--as', 'htcds-2.0-excel', '--desk', 'desk.pub', '--out', 'new.csv');
  assert.deepEqual([made.status, made.out, made.err], [0, 'new.csv  1 referral\n', '']);
  assert.equal(fs.statSync(at('new.csv')).mode & 0o777, 0o600);
  assert.equal(fs.readFileSync(at('new.csv'), 'utf8'), await as('htcds-2.0-excel', 'a.tip'));
  fs.symlinkSync('elsewhere', at('link.csv'));
  for (const out of ['new.csv', 'link.csv', 'none/new.csv']) {
    const again = await open('show', 'a.tip', '--as', 'htcds-2.0-json', '--out', out);
    assert.equal(again.status, 1, out);
    assert.match(again.err, /cannot make/);
  }
  assert.ok(!fs.existsSync(at('elsewhere')));
  assert.ok(fs.readFileSync(at('new.csv'), 'utf8').startsWith('\ufeff'));
});

test('what may be forged, comes twice or is of another format is not written', async () => {
  file('a.tip');
  const refused = async (why, ...words) => {
    const { status, out, err } = await open('show', ...words, '--as', 'htcds-2.0-excel', '--out', 'refused.csv');
    assert.deepEqual([status, out], [1, ''], String(why));
    assert.match(err, why);
    assert.ok(!fs.existsSync(at('refused.csv')));
  };
  await refused(/NOT SIGNED BY THE DESK/, 'a.tip', '--desk', 'other.pub');
  await refused(/NOT SIGNED BY THE DESK/, 'a.tip', file('forged.tip', { x_ref: 'R-f0000000' }, sodium.crypto_sign_keypair()), '--desk', 'desk.pub');
  await refused(/the same referral was named twice/, 'a.tip', 'a.tip');
  await refused(/of another format than this program knows/, file('next.tip', { x_profile: 'tipline-referral/2' }));
  await refused(/no reference/, file('none.tip', { x_ref: undefined }));
  // without the desk's key each row says so
  const unchecked = await open('show', 'a.tip', '--as', 'htcds-2.0-excel');
  assert.equal(unchecked.status, 0);
  assert.match(unchecked.err, /who sealed it was not checked/);
  assert.match(table(unchecked.out).cases[0].cas_IncomingReferralDetails, /^NO CONTACT.*\nWHO SENT THIS WAS NOT CHECKED: it may be forged\.\nReference/);
  assert.equal(JSON.parse((await open('show', 'a.tip', '--as', 'htcds-2.0-json')).out).x_sender_checked, false);
});

test('options that do not fit together are refused', async () => {
  for (const words of [['--labels'], ['--out', 'x'], ['--header', 'names'], ['--as', 'excel'], ['--as', 'htcds-2.0-json', '--json'], ['--as', 'htcds-2.0-json', '--labels'],
    ['--as', 'htcds-2.0-xform', '--header', 'both'], ['--as', 'htcds-2.0-excel', '--header', 'none']]) {
    const { status, out, err } = await open('show', 'a.tip', ...words);
    assert.deepEqual([status, out], [2, ''], words.join(' '));
    assert.match(err, /--(as|labels|header|json)/);
  }
});
