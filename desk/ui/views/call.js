// SPDX-License-Identifier: AGPL-3.0-or-later
// Log a call: what came by hotline, messenger or in person is written down in
// the form's own questions, sealed and queued like every other tip.
import { say } from '../js/announce.js';
import { post } from '../js/api.js';
import { LANGUAGES, languageWord } from '../js/codes.js';
import { fill, h } from '../js/dom.js';
import { go } from '../js/router.js';
import { t } from '../js/text.js';
import { area, button, card, check, field, input, radios, select } from '../js/widgets.js';

const INDICATORS = Array.from({ length: 16 }, (_, i) => String(i + 1));
const choices = (name, values) => [['', t('not-asked')], ...values.map((value) => [value, t(`${name}.${value}`)])];

/** The questions as controls; read() gives {name: value or values}. */
function questions() {
  const one = {
    now: radios(t('q.now'), choices('q.now', ['1', '2', '3', '9'])),
    who: radios(t('q.who'), choices('about', ['1', '2', '3', '4', '5'])),
    minor: radios(t('q.minor'), choices('q.minor', ['1', '2', '3', '9'])),
    count: radios(t('q.count'), choices('q.count', ['1', '2', '3', '4', '9'])),
    share: radios(t('q.share'), choices('share', ['1', '2', '3', '4'])),
    official: radios(t('q.official'), choices('q.minor', ['1', '2', '3', '9'])),
  };
  const many = INDICATORS.map((value) => [value, check(t(`q.ind.${value}`))]);
  return {
    one, many,
    read() {
      const answers = {};
      for (const [name, each] of Object.entries(one)) if (each.value()) answers[name] = each.value();
      const ind = many.filter(([, each]) => each.box.checked).map(([value]) => value);
      if (ind.length > 0) answers.ind = ind;
      return answers;
    },
  };
}

export async function call(root) {
  const via = select(['hotline', 'whatsapp', 'telegram', 'messenger', 'person', 'partner', 'other'].map((each) => [each, t(`via.${each}`)]));
  const lang = select(LANGUAGES.map((each) => [each, languageWord(each)]));
  const text = area({ rows: 8, maxlength: 10000, required: true });
  const near = input({ maxlength: 500 });
  const number = input({ maxlength: 40, inputmode: 'tel' });
  const contact = input({ maxlength: 500 });
  const perp = area({ rows: 2, maxlength: 2000 });
  const asked = questions();
  const save = button(t('call.save'), async () => {
    if (!text.value.trim()) { text.focus(); throw new Error(t('call.empty')); }
    const answers = asked.read();
    if (near.value.trim()) answers.where_near = near.value.trim();
    if (perp.value.trim()) answers.perp = perp.value.trim();
    if (contact.value.trim()) answers.contact_hours = contact.value.trim();
    const answer = await post('/api/calls', {
      via: via.value, lang: lang.value, text: text.value.trim(), answers, ...(number.value.trim() ? { sender: number.value.trim() } : {}),
    });
    fill(root, h('h1', { tabindex: -1 }, t('call.saved')), h('p', null, t('call.saved.why')),
      h('p', { class: 'buttons' }, answer.id && button(t('act.open'), () => go('tip', { id: answer.id, row: answer.row }), { kind: 'primary' }), button(t('call.again'), () => go('call')), button(t('go.queue'), () => go('queue'))));
    say(t('call.saved'));
    root.querySelector('h1').focus();
  }, { kind: 'primary' });
  const { now, who, minor, count, share, official } = asked.one;
  fill(root, h('header', { class: 'page-head' }, h('h1', { tabindex: -1 }, t('go.call')), h('p', { class: 'muted' }, t('call.hint'))), h('div', { class: 'call-grid' },
    h('div', null,
      card(t('call.said'), {}, h('div', { class: 'row-fields' }, field(t('call.via'), via), field(t('call.lang'), lang)), field(t('call.text'), text, { hint: t('call.text.hint') }),
        field(t('q.where_near'), near), field(t('q.perp'), perp)),
      card(t('contact'), {}, h('div', { class: 'row-fields from-top' }, field(t('call.number'), number, { hint: t('call.number.hint') }), field(t('call.contact'), contact, { hint: t('call.contact.hint') })))),
    h('div', null,
      card(t('call.asked'), {}, h('div', { class: 'inline' }, [now, who, minor, count, share, official].map((each) => each.node))),
      card(t('q.ind'), {}, h('div', { class: 'two' }, asked.many.map(([, each]) => each.node))))),
  h('div', { class: 'peek' }, h('p', { class: 'peek-why muted' }, t('call.sealed')), h('p', { class: 'buttons' }, save)));
  return { keys: { back: () => go('queue') } };
}
