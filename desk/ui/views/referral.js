// SPDX-License-Identifier: AGPL-3.0-or-later
// Handing a tip to a partner: choose whom, choose what leaves field by field,
// black out, see exactly what the partner will read, pass the gate, send.
import { say } from '../js/announce.js';
import { bytes, get, isNotHere, post } from '../js/api.js';
import { flagWord, stateWord } from '../js/codes.js';
import { dialog } from '../js/dialog.js';
import { fill, h, written } from '../js/dom.js';
import { icon, priorityMark } from '../js/icons.js';
import { asBytes, blackened, suggestions } from '../js/redact.js';
import { go } from '../js/router.js';
import { t, tOr } from '../js/text.js';
import { area, button, card, check, facts, field, input, moment, notHere, select } from '../js/widgets.js';
import { wantsBack } from './queue_row.js';
import { sheet } from './sheet.js';
import { kindOf, showFile, sizeWords } from './tip_files.js';
import { timeOf } from './tip_log.js';

/** States from which a tip can be referred. */
export const MAY_REFER = new Set(['TRIAGE', 'VERIFY', 'WAIT_REPORTER', 'REF_DRAFT', 'REJECTED', 'NO_ANSWER']);
export const INCLUDES = ['original', 'near', 'contact', 'sender', 'perp', 'official'];
const EXCEPTIONS = ['', 'UNDER_18', 'IMMINENT_DANGER', 'COURT_ORDER'];
const SERVICES = ['shelter', 'health', 'legal', 'police-response', 'return', 'translation', 'child-protection'];
const path = (id, what) => `/api/tips/${encodeURIComponent(id)}/${what}`;

/** In words whether the contact was verified lately enough to receive. */
const freshness = (partner) => [partner.verified_on ? t('partner.verified', { date: partner.verified_on }) : t('partner.verified.never'), partner.fresh === false];

/** The referral that was written last on a tip, or undefined. */
export const newestReferral = (tip) => (tip.entries ?? []).filter((entry) => entry.kind === 'referral' && !entry.withdrawn).pop();

/** The files that go with a referral, as they are listed in it. */
const evidenceOf = (entry) => JSON.parse(entry.text).x_evidence ?? [];

/** What a file is, in words; it can only be seen whether metadata were taken out, not whether there are others. */
const fileWords = ({ bytes: n, kind, cleaned }) => [t(`file.kind.${kindOf({ type: kind })}`), ' · ', kind, ' · ', sizeWords(n), ' · ',
  h('span', { class: cleaned ? '' : 'late' }, !cleaned && icon('warn'), t(cleaned ? 'evidence.cleaned' : 'evidence.not-cleaned'))];

/** The sealed file from this path, as a download. */
async function download(from, name) {
  const url = URL.createObjectURL(await bytes(from));
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** Each file of a referral that was sent, to be taken sealed. */
const sealedFiles = (id, list) => list.length > 0 && [h('p', { class: 'hint' }, t('evidence.apart')), h('ul', { class: 'plain evidence' }, list.map((item, i) => h('li', null,
  button(t('evidence.get', { n: i + 1 }), () => download(path(id, `referrals/files/${i + 1}`), `${item.name}.tip`)), ' ', h('span', { class: 'muted' }, fileWords(item)))))];

/** What has left of the newest referral, for who recalls it; null: nothing. */
export function leftOf(tip) {
  const referral = newestReferral(tip);
  const left = new Map((tip.entries ?? []).filter((entry) => entry.kind === 'referral-file' && entry.ref === referral?.ref).map(({ file }) => [file.name, file]));
  return left.size === 0 ? null : h('div', { class: 'left' }, h('p', null, t('evidence.left', { name: referral.partner_name ?? referral.partner })),
    h('ul', null, [...left.values()].map((file) => h('li', null, h('code', null, file.name), ' ', fileWords(file)))));
}

/** Each file that somebody is to agree to, to be looked at first. */
function looks(tip, list, urls, which) {
  return list.length > 0 && h('ul', { class: 'plain evidence' }, list.map((item, i) => {
    const file = { n: i + 1, type: item.kind, bytes: item.bytes };
    const place = h('div', { class: 'file-place' });
    return h('li', null, h('p', null, t('file.alt', { n: file.n }), ' ', h('span', { class: 'muted' }, fileWords(item))),
      kindOf(file) !== 'other' && h('p', { class: 'buttons' }, button(t(`file.show.${kindOf(file)}`), () => showFile(path(tip.row.id, `referrals/look/${file.n}${which}`), file, place, urls))), place);
  }));
}

/** A referral and its files for a second officer, who agrees when they are read: agree(). Resolves to whether that was done. */
async function readReferral(tip, entry, title, agree, which = '') {
  const urls = [];
  const seen = check(t('referral.seen'));
  return dialog(title, [h('p', null, t('asked', { name: entry.who })), sheet(JSON.parse(entry.text), { name: entry.partner_name }), looks(tip, evidenceOf(entry), urls, which), seen.node], {
    ok: title, wide: true,
    run: async () => {
      if (!seen.box.checked) { seen.box.focus(); throw new Error(t('referral.seen.missing')); }
      await agree();
      say(t('asked.done'));
    },
  }).finally(() => urls.forEach((url) => URL.revokeObjectURL(url)));
}

/** What a second officer has to read before she or he agrees. */
export function approveReferral(tip) {
  const entry = newestReferral(tip);
  return readReferral(tip, entry, t('do.APPROVE'), () => post(path(tip.row.id, 'referrals/approve'), { hash: entry.hash }));
}

/** What of a P1 has gone already, for the officer who looks at it within the hour. */
export async function lookAfterwards(tip, one, agree) {
  const which = `?ref=${encodeURIComponent(one.ref)}`;
  const { entry } = await get(path(tip.row.id, `referrals${which}`));
  return readReferral(tip, entry, t('asked.agree'), agree, which);
}

class Referral {
  constructor(root, { id }) {
    Object.assign(this, { root, id, tip: null, partners: [], partner: null, values: new Set(), preview: null });
  }

  async load() {
    const [tip, partners] = await Promise.all([get(`/api/tips/${encodeURIComponent(this.id)}`), get('/api/partners').catch((error) => {
      if (isNotHere(error)) return null;
      throw error;
    })]);
    this.tip = tip;
    this.partners = partners && partners.partners;
  }

  partnerCard() {
    const list = h('ul', { class: 'plain partners', role: 'list' });
    const search = input({ type: 'search', placeholder: t('partner.search'), oninput: () => draw() });
    const draw = () => {
      const words = search.value.trim().toLowerCase();
      fill(list, this.partners.filter((each) => !words || JSON.stringify(each).toLowerCase().includes(words)).map((each) => {
        const [fresh, stale] = freshness(each);
        return h('li', null, h('button', {
          type: 'button', class: 'partner', 'aria-pressed': String(each === this.partner), onclick: () => { this.partner = each; this.preview = null; draw(); list.querySelector('[aria-pressed=true]').focus(); this.drawPreview(); },
        }, h('b', null, written(each.name)), h('span', { class: 'chip' }, tOr(`partner.kind.${each.kind}`, each.kind)),
        h('span', { class: 'muted' }, [each.country, (each.provinces ?? []).join(', '), each.hours].filter(Boolean).join(' · ')),
        h('span', { class: stale ? 'late' : 'muted' }, stale && icon('warn'), fresh),
        each.passes_on_to?.length > 0 && h('span', { class: 'note-line' }, t('partner.onward', { kinds: each.passes_on_to.map((kind) => tOr(`partner.kind.${kind}`, kind)).join(', ') }))));
      }), this.partners.length === 0 && h('li', { class: 'muted' }, t('partner.none')));
    };
    draw();
    return card(t('referral.partner'), { class: 'referral-partner' }, field(t('partner.search'), search, { hideLabel: true }), list);
  }

  includeCard() {
    this.boxes = new Map(INCLUDES.map((name) => [name, check(t(`include.${name}`), { onchange: () => this.changed() })]));
    this.summary = area({ rows: 4, maxlength: 4000, oninput: () => this.changed() });
    this.promised = input({ maxlength: 500, oninput: () => this.changed() });
    this.services = new Map(SERVICES.map((name) => [name, check(t(`service.${name}`), { onchange: () => this.changed() })]));
    this.exception = select(EXCEPTIONS.map((name) => [name, t(`exception.${name || 'none'}`)]), { onchange: () => this.changed() });
    this.reason = area({ rows: 2, maxlength: 2000, oninput: () => this.changed() });
    return card(t('referral.what'), { class: 'referral-what' },
      field(t('referral.summary'), this.summary, { hint: t('referral.summary.hint') }),
      h('fieldset', null, h('legend', null, t('referral.include')), h('p', { class: 'hint' }, t('referral.include.hint')), [...this.boxes.values()].map((box) => box.node)),
      h('fieldset', { class: 'two' }, h('legend', null, t('referral.services')), [...this.services.values()].map((box) => box.node)),
      field(t('referral.promised'), this.promised), field(t('exception'), this.exception, { hint: t('exception.hint') }), field(t('exception.reason'), this.reason));
  }

  /** The files of the tip that can go; none does unless it is ticked. */
  filesCard() {
    const files = new Map(); // one box for what was sent twice: the whole one's
    for (const file of this.tip.attachments ?? []) if (file.sha256 && files.get(file.sha256)?.state !== 'complete') files.set(file.sha256, file);
    this.files = new Map();
    if (files.size === 0) return null;
    return card(t('files'), { class: 'referral-files' }, h('p', { class: 'hint' }, t('evidence.hint')), h('ul', { class: 'plain' }, [...files.values()].map((file) => {
      const whole = file.state === 'complete';
      const box = check([t('file.alt', { n: file.n }), ' ', h('span', { class: 'muted' }, fileWords({ ...file, kind: file.type || 'application/octet-stream' })),
        !whole && [' ', h('span', { class: 'chip chip-warn' }, icon('warn'), t('file.state', { state: file.state }))]], { disabled: !whole, onchange: () => this.changed() });
      this.files.set(file.sha256, box);
      return h('li', null, box.node, file.content_note && h('p', { class: 'file-note' }, h('span', { class: 'muted' }, `${t('file.note')}: `), written(file.content_note)));
    })));
  }

  redactCard() {
    const text = this.tip.text ?? '';
    const shown = h('p', { class: 'original' });
    const chips = h('ul', { class: 'plain chips' });
    const own = input({ maxlength: 200 });
    const found = suggestions(text);
    const draw = () => {
      fill(shown, h('bdi', { lang: this.tip.text_lang, dir: this.tip.dir ?? 'auto' }, blackened(text, this.values).map((piece) => (piece.black
        ? h('span', { class: 'black', title: t('redact.black') }, piece.text, h('span', { class: 'sr' }, t('redact.black'))) : piece.text))));
      const all = [...found, ...[...this.values].filter((value) => !found.some((each) => each.value === value)).map((value) => ({ kind: 'own', value }))];
      fill(chips, all.map(({ kind, value }) => {
        const box = check([h('span', { class: 'muted' }, `${t(`redact.${kind}`)}: `), written(value)], {
          checked: this.values.has(value), onchange: () => { if (box.box.checked) this.values.add(value); else this.values.delete(value); draw(); this.changed(); },
        });
        return h('li', null, box.node);
      }));
    };
    const add = (value) => { if (value.trim() && text.includes(value.trim())) { this.values.add(value.trim()); own.value = ''; draw(); this.changed(); } else say(t('redact.not-there'), 'bad'); };
    for (const { value } of found) this.values.add(value);
    draw();
    return card(t('redact'), { class: 'referral-redact' }, h('p', { class: 'hint' }, t('redact.hint')), shown, chips,
      h('div', { class: 'split-line' }, field(t('redact.own'), own), h('p', { class: 'buttons' }, button(t('redact.selected'), () => add(String(getSelection()))),
        button(t('redact.add'), () => add(own.value)))));
  }

  changed() {
    if (!this.preview) return;
    this.preview = null;
    this.drawPreview();
  }

  /** What is ticked, by hash: a number would mean another file once more have come. */
  chosen() {
    const files = [...this.files].filter(([, box]) => box.box.checked).map(([hash]) => hash);
    return files.length > 0 ? { files } : {};
  }

  body() {
    return {
      partner: this.partner.id,
      include: INCLUDES.filter((name) => this.boxes.get(name).box.checked),
      redact: asBytes(this.tip.text ?? '', this.values),
      summary: this.summary.value.trim(),
      ...(this.promised.value.trim() ? { promised: this.promised.value.trim() } : {}),
      ...this.chosen(),
      services: SERVICES.filter((name) => this.services.get(name).box.checked),
      ...(this.exception.value ? { exception: this.exception.value, exception_reason: this.reason.value.trim() } : {}),
    };
  }

  gateList() {
    return h('ul', { class: 'plain gate-list' }, this.preview.gate.checks.map((each) => {
      const { word } = each;
      return h('li', { class: `gate-${word}` }, icon(word === 'passed' ? 'ok' : word === 'later' ? 'clock' : 'stop'), h('b', null, tOr(`gate.${each.check}`, each.check)), ': ',
        tOr(`gate.word.${word}`, word), each.text && h('span', { class: 'muted' }, ` ${each.text}`));
    }));
  }

  drawPreview() {
    const ask = button(t('referral.preview'), async () => {
      if (!this.partner) throw new Error(t('referral.partner.missing'));
      if (!this.summary.value.trim()) { this.summary.focus(); throw new Error(t('referral.summary.missing')); }
      this.preview = await post(path(this.id, 'referrals/preview'), this.body());
      this.drawPreview();
    }, { kind: this.preview ? '' : 'primary' });
    if (!this.preview) {
      fill(this.previewBox, h('p', { class: 'muted' }, this.partner ? t('referral.preview.hint', { name: this.partner.name }) : t('referral.partner.missing')), h('p', { class: 'buttons' }, ask));
      return;
    }
    const { preview } = this;
    // what a second officer's word is missing for may be asked for
    const blocked = preview.gate.checks.some(({ check: name, word }) => word === 'blocked' && name !== 'four-eyes');
    const seen = check(t('referral.seen'));
    const send = button(t('referral.send'), async () => {
      if (!seen.box.checked) { seen.box.focus(); throw new Error(t('referral.seen.missing')); }
      const answer = await post(path(this.id, 'referrals'), { ...this.body(), ref: preview.ref, created_s: preview.created_s, hash: preview.hash });
      say(t(answer.sent ? 'referral.sent' : 'act.pending'));
      this.sent = answer;
      await this.drawSent();
    }, { kind: 'primary', disabled: blocked });
    fill(this.previewBox, h('h3', { tabindex: -1 }, t('gate')), this.gateList(), h('h3', null, t('referral.exactly')), sheet(preview.preview, this.partner), seen.node,
      h('p', { class: 'buttons' }, send, ask, button(t('print'), () => window.print())));
    this.previewBox.querySelector('h3').focus();
  }

  async drawSent() {
    const { sent, ref } = this.sent;
    const { hash } = this.preview;
    fill(this.previewBox, h('p', { class: 'note-line', tabindex: -1 }, icon('ok'), t(sent ? 'referral.sent' : 'referral.waits')), facts([
      [t('sheet.ref'), h('code', null, ref)], [t('hash'), h('code', { class: 'hash' }, hash)], [t('referral.to'), written(this.partner.name)]]),
    sent && sealedFiles(this.id, this.preview.preview.x_evidence ?? []),
    h('p', { class: 'buttons' }, sent && button(t('referral.file'), () => this.file(), { kind: 'primary' }), button(t('tip.back'), () => go('tip', { id: this.id }))));
    this.previewBox.querySelector('.note-line').focus();
  }

  /** The sealed file for the partner, as a download. */
  file() {
    return download(path(this.id, 'referrals/file'), 'referral.tip');
  }

  /** One that was sent: its file, and how the partner answered. */
  sentCard() {
    const sent = newestReferral(this.tip);
    if (!sent) return null;
    const { state } = this.tip.row;
    const reason = input({ maxlength: 2000 });
    const line = area({ rows: 2, maxlength: 8192 });
    const answer = (word) => button(t(`ack.${word}`), async () => {
      const told = line.value.trim() ? { line: line.value.trim() } : { word, reason: reason.value.trim() };
      await post(path(this.id, 'referrals/ack'), told);
      say(t('saved'));
      await this.again();
    });
    const waits = ['REFERRED', 'NO_ANSWER', 'ACCEPTED'].includes(state);
    return card(t('referrals'), { class: 'referrals-sent' }, facts([
      [t('referral.to'), written(sent.partner_name ?? sent.partner)], [t('sheet.ref'), h('code', null, sent.ref)], [t('handover.state'), stateWord(state)],
      [t('hash'), h('code', { class: 'hash' }, sent.hash)], [t('audit.who'), [written(sent.who), ' · ', moment(timeOf(sent))]]]),
    waits && [h('p', { class: 'buttons' }, button(t('referral.file'), () => this.file(), { kind: 'primary' })), sealedFiles(this.id, evidenceOf(sent)),
      h('div', { class: 'row-fields' }, field(t('ack.line'), line, { hint: t('ack.line.hint') }), field(t('reason'), reason)),
      h('p', { class: 'buttons' }, answer('accepted'), answer('rejected'), state === 'ACCEPTED' && answer('done'))]);
  }

  async again() {
    await this.load();
    this.draw();
    this.root.querySelector('h1').focus();
  }

  draw() {
    const { row } = this.tip;
    this.previewBox = h('div', { class: 'preview', 'aria-live': 'polite' });
    fill(this.root, h('header', { class: 'tip-head' }, button(t('tip.back'), () => go('tip', { id: this.id }), { action: 'back', kind: 'quiet' }),
      h('h1', { tabindex: -1 }, t('referral.title', { n: row.seq ?? '' })), priorityMark(row.priority),
    wantsBack(row) && h('span', { class: 'chip chip-warn' }, icon('stop'), flagWord('withdraw'))));
    if (!this.partners) { this.root.append(notHere()); return; }
    const done = this.sentCard();
    if (done) this.root.append(done);
    if (!MAY_REFER.has(row.state)) return;
    this.root.append(h('div', { class: 'referral-grid' }, h('div', null, this.partnerCard(), this.includeCard(), this.filesCard()),
      h('div', null, this.redactCard(), card(t('referral.preview.title'), { class: 'referral-preview' }, this.previewBox))));
    this.drawPreview();
  }
}

export async function referral(root, params) {
  const it = new Referral(root, params);
  await it.load();
  it.draw();
  return { keys: { back: () => go('tip', { id: params.id }) } };
}
