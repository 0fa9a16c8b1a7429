// SPDX-License-Identifier: AGPL-3.0-or-later
// Log a call: what came by hotline, messenger or in person is written down in
// the form's own questions, sealed and queued like every other tip.
import { say } from '../js/announce.js';
import { post, randomHex } from '../js/api.js';
import { LANGUAGES, languageWord } from '../js/codes.js';
import { fill, h } from '../js/dom.js';
import { dropDraft, keepDraft, readDraft } from '../js/drafts.js';
import { go } from '../js/router.js';
import { t } from '../js/text.js';
import { area, button, card, check, field, input, radios, select } from '../js/widgets.js';

const DRAFT = 'call'; // its name among the drafts
const VIA = ['hotline', 'whatsapp', 'telegram', 'messenger', 'person', 'partner', 'other'];
const PROVINCES = Array.from({ length: 25 }, (_, i) => String(i + 1).padStart(2, '0'));
const upTo = (n) => Array.from({ length: n }, (_, i) => String(i + 1));
const choices = (name, values) => [['', t('not-asked')], ...values.map((value) => [value, t(`${name}.${value}`)])];

/** Questions by their names on the wire: {name: {node, value()}}; what is empty was not said. */
class Form {
  constructor() {
    this.all = new Map();
    this.notAnswers = new Set();
  }

  add(name, node, value, set) {
    this.all.set(name, { value, set });
    return node;
  }

  /** A control that is not an answer. */
  own(name, control) {
    this.add(name, control, () => control.value.trim(), (value) => { control.value = value; });
    this.notAnswers.add(name);
    return control;
  }

  one(name, words, values) {
    const made = radios(t(`q.${name}`), choices(words, values));
    return this.add(name, made.node, made.value, made.set);
  }

  pick(name, words, values, props) {
    const made = select([['', t('not-asked')], ...values.map((value) => [value, t(`${words}.${value}`)])], props);
    return this.add(name, field(t(`q.${name}`), made), () => made.value, (value) => { made.value = value; made.dispatchEvent(new Event('change')); });
  }

  many(name, values) {
    const boxes = values.map((value) => [value, check(t(`q.${name}.${value}`))]);
    return this.add(name, h('div', { class: 'two' }, boxes.map(([, { node }]) => node)), () => boxes.filter(([, { box }]) => box.checked).map(([value]) => value),
      (said) => boxes.forEach(([value, { box }]) => { box.checked = said.includes(value); }));
  }

  text(name, maxlength, { rows, hint } = {}) {
    const made = rows ? area({ rows, maxlength }) : input({ maxlength });
    return this.add(name, field(t(`q.${name}`), made, { hint }), () => made.value.trim(), (value) => { made.value = value; });
  }

  read() {
    return Object.fromEntries([...this.all].map(([name, { value }]) => [name, value()]).filter(([, value]) => value.length > 0));
  }

  answers() {
    return Object.fromEntries(Object.entries(this.read()).filter(([name]) => !this.notAnswers.has(name)));
  }

  /** What was begun, as read() gave it. */
  restore(said) {
    for (const [name, value] of Object.entries(said)) {
      if (typeof value === 'string' || Array.isArray(value)) this.all.get(name)?.set(value);
    }
  }
}

const more = (title, ...nodes) => h('details', null, h('summary', null, title), nodes);

function askedCards(form) {
  return [
    card(t('call.asked'), {}, h('div', { class: 'inline' }, form.one('now', 'q.now', ['1', '2', '3', '9']), form.one('who', 'about', ['1', '2', '3', '4', '5']), form.one('minor', 'q.minor', ['1', '2', '3', '9']),
      form.one('count', 'q.count', ['1', '2', '3', '4', '9']), form.one('share', 'share', ['1', '2', '3', '4']), form.one('official', 'q.minor', ['1', '2', '3', '9'])),
    more(t('call.more'), form.one('share_knows', 'q.yes-no', ['1', '2']), form.text('official_note', 1000))),
    card(t('q.ind'), {}, form.many('ind', upTo(16)), more(t('q.work'), form.many('work', upTo(12))), more(t('q.how'), form.many('how', upTo(9)), form.text('how_app', 100)))];
}

function contactBox(form, number) {
  const details = h('div', { hidden: true }, form.text('contact_number', 100), form.text('contact_when', 200, { hint: t('call.contact.hint') }),
    h('div', { class: 'inline' }, form.one('contact_message', 'q.yes-no', ['1', '2']), form.one('contact_say', 'q.yes-no', ['1', '2'])), form.text('contact_cover', 200),
    h('div', { class: 'row-fields' }, form.text('contact_safeword', 100), form.text('contact_watched', 100)));
  const wish = form.pick('contact', 'contact.wish', ['1', '2', '3', '4'], { onchange: ({ target }) => { details.hidden = !['2', '3', '4'].includes(target.value); } });
  return card(t('contact'), {}, h('div', { class: 'row-fields from-top' }, field(t('call.number'), number, { hint: t('call.number.hint') }), wish), details);
}

export async function call(root) {
  const form = new Form();
  const begun = new AbortController();
  const key = randomHex(); // asked for twice, it is one call
  const via = form.own('via', select(VIA.map((each) => [each, t(`via.${each}`)])));
  const lang = form.own('spoken', select(LANGUAGES.map((each) => [each, languageWord(each)])));
  const text = form.own('text', area({ rows: 8, maxlength: 10000, required: true }));
  const number = form.own('sender', input({ maxlength: 40, inputmode: 'tel' }));
  const province = form.pick('where_province', 'province', PROVINCES);
  const save = button(t('call.save'), async () => {
    if (!text.value.trim()) { text.focus(); throw new Error(t('call.empty')); }
    const sender = number.value.trim();
    const { confirmed } = await post('/api/calls', { key, via: via.value, lang: lang.value, text: text.value.trim(), answers: form.answers(), ...(sender ? { sender } : {}) });
    begun.abort();
    await dropDraft(DRAFT);
    fill(root, h('h1', { tabindex: -1 }, t('call.saved')), confirmed === false && h('p', { class: 'note-line wide-text', role: 'alert' }, t('call.alone')), h('p', { class: 'wide-text' }, t('call.saved.why')),
      h('p', { class: 'buttons' }, button(t('go.queue'), () => go('queue'), { action: 'queue', kind: 'primary' }), button(t('call.again'), () => go('call'), { action: 'calls' })));
    say(t('call.saved'));
    root.querySelector('h1').focus();
  }, { kind: 'primary' });
  const draft = await readDraft(DRAFT); // before anybody can write into it
  fill(root, h('header', { class: 'page-head' }, h('h1', { tabindex: -1 }, t('go.call')), h('p', { class: 'muted' }, t('call.hint'))), h('div', { class: 'call-grid' },
    h('div', null,
      card(t('call.said'), {}, h('div', { class: 'row-fields' }, field(t('call.via'), via), field(t('call.lang'), lang)), field(t('call.text'), text, { hint: t('call.text.hint') }),
        h('div', { class: 'row-fields' }, form.pick('where_country', 'q.where_country', upTo(9)), province), form.text('where_near', 500), form.text('perp', 2000, { rows: 2 })),
      contactBox(form, number)),
    h('div', null, askedCards(form))),
  h('div', { class: 'peek' }, h('p', { class: 'peek-why muted' }, t('call.sealed')), h('p', { class: 'buttons' }, save)));
  form.restore(draft);
  for (const event of ['input', 'change']) root.addEventListener(event, () => keepDraft(DRAFT, text.value.trim() ? form.read() : {}), { signal: begun.signal });
  return { leave: () => begun.abort(), keys: { back: () => go('queue') } };
}
