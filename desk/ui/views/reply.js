// SPDX-License-Identifier: AGPL-3.0-or-later
// Writing to the reporter: into the mailbox behind the code, or by SMS. Before
// anything leaves, the officer sees and confirms the reporter's own rule for
// safe contact; with NO-CONTACT nothing leaves.
import { say } from '../js/announce.js';
import { ApiError, post, randomHex } from '../js/api.js';
import { LANGUAGES, languageWord } from '../js/codes.js';
import { contactNow } from '../js/contact.js';
import { dialog } from '../js/dialog.js';
import { fill, h, written } from '../js/dom.js';
import { icon } from '../js/icons.js';
import { count } from '../js/smscount.js';
import { t, tn } from '../js/text.js';
import { area, button, card, check, facts, field, radios, select } from '../js/widgets.js';
import { whyNot } from './acts.js';
import { phraseBox } from './phrases.js';
import { mayContact } from './tip_contact.js';

const path = (id, what) => `/api/tips/${encodeURIComponent(id)}/${what}`;

/** Which ways there are: mailbox for who has a code, SMS for who has a number; none for who has neither. */
export function waysOf(tip) {
  const ways = [];
  if (tip.mailbox) ways.push('mailbox');
  if (tip.row.channel === 'sms' || tip.contact?.method_set) ways.push('sms');
  return ways;
}

/** What the page behind the code says: it follows the tip, and the desk tells whether it was sent. */
export function seenLine({ shown }) {
  if (!shown) return null;
  const { status, text, sent, stopped, silent } = shown;
  const says = status ? text || t(`status.${status}`) : t('reply.status.empty');
  const how = !status || sent ? '' : t(stopped ? silent ? 'reporter-text.silent' : 'reply.status.stopped' : 'reply.status.waits');
  return h('p', { class: 'muted shown-line' }, t(status && !sent ? 'reply.status.next' : 'reply.status'), ' ', h('q', null, written(says)), ' ', how);
}

function ruleFacts(contact) {
  return facts([
    contact.hours ? [t('contact.hours'), written(String(contact.hours))] : null,
    contact.cover ? [t('contact.cover'), written(String(contact.cover))] : null,
    contact.method ? [t('contact.method'), written(String(contact.method))] : null,
  ]);
}

/** Refusals that a reason may go past: a supervisor's word to the mailbox, what the desk says of an SMS. */
const mayOverride = (error, way) => error instanceof ApiError && (way === 'sms' ? error.data.may_override === true : error.word === 'no-contact');

/** Somebody has written on the case since it was read: perhaps of safe contact. */
const isOld = (error) => error instanceof ApiError && error.word === 'changed';

/** The last look before it leaves; what stands against it may be gone past with a reason. {sent, old}; old: it is to be read anew first. */
async function confirmAndSend(tip, way, { text, lang, status = 0, sentence = false, once, asks = false }, why = '') {
  const read = check(t('reply.read'));
  const over = h('textarea', { rows: 2, maxlength: 2000, 'aria-label': t('reply.override') });
  let refused = null;
  const sent = await dialog(t(`reply.send.${way}`), [
    h('p', { class: 'muted' }, t('reply.leaves')), text && h('blockquote', { class: 'original' }, written(text, lang)),
    way !== 'sms' && status > 0 && h('p', null, t('reply.status.set'), ': ', h('q', null, sentence ? written(text, lang) : t(`status.${status}`))),
    way === 'sms' && h('p', null, tn('sms.parts', count(text).parts)), ruleFacts(contactNow(tip)),
    why && [h('p', { class: 'stop-line' }, icon('warn'), why), h('p', null, t('reply.override')), over],
    read.node], {
    ok: t('reply.go'),
    run: async () => {
      if (!read.box.checked) { read.box.focus(); throw new Error(t('reply.read.missing')); }
      if (why && !over.value.trim()) throw new Error(t('reason.missing'));
      const reason = over.value.trim();
      try {
        await post(path(tip.row.id, way === 'sms' ? 'sms' : 'reply'), {
          text, lang, once, ...(way === 'sms' ? { read_rule: true } : {}), ...(way !== 'sms' && status ? { status, sentence } : {}), ...(asks ? { asks } : {}), ...(reason ? { override_reason: reason } : {}),
        });
      } catch (error) {
        if (!isOld(error) && (reason || !mayOverride(error, way))) throw error;
        refused = error;
      }
    },
  });
  if (refused && isOld(refused)) return { sent: false, old: true };
  if (sent && refused) return confirmAndSend(tip, way, { text, lang, status, sentence, once, asks }, whyNot(refused));
  return { sent, old: false };
}

/** The card to write in. With a question the desk has the tip wait for the reporter. */
export function replyCard(tip, { draft, keep, saved, may }) {
  if (!may) return null;
  const contact = mayContact(tip);
  const seen = seenLine(tip);
  if (waysOf(tip).length === 0) {
    return card(t('reply'), { class: 'reply', id: 'reply', tabindex: -1 },
      contact.stop && h('p', { class: 'stop-line' }, icon('stop'), h('b', null, contact.why)), h('p', { class: 'hint' }, t(tip.row.signed ? 'reply.no-way' : 'reply.unsigned')));
  }
  const ways = waysOf(tip).filter((each) => !contact.stop || each !== 'sms'); // nobody's word lets a text go past a stop
  if (contact.stop && (!contact.over || ways.length === 0)) {
    return card(t('reply'), { class: 'reply', id: 'reply', tabindex: -1 }, h('p', { class: 'stop-line' }, icon('stop'), h('b', null, contact.why)), seen);
  }
  const way = radios(t('reply.way'), ways.map((each) => [each, t(`reply.way.${each}`)]), { value: ways[0], onchange: () => { measure(); book.redraw?.(); } });
  const lang = select(LANGUAGES.map((each) => [each, languageWord(each)]), { value: LANGUAGES.includes(tip.text_lang) ? tip.text_lang : tip.row.lang || 'km', onchange: () => { text.lang = lang.value; book.redraw?.(); } });
  const text = area({ rows: 4, value: draft ?? '', maxlength: 2000, 'data-field': 'reply', lang: lang.value, oninput: () => { measure(); keep(text.value); } });
  const status = select([['', t('reply.status.same')], ...[1, 2, 3, 4, 5].map((n) => [String(n), t(`status.${n}`)])], { 'data-field': 'status' });
  const sentence = check(t('reply.sentence'));
  const statusField = ways.includes('mailbox') && h('div', null, field(t('reply.status.set'), status), sentence.node);
  const size = h('p', { class: 'muted', role: 'status' });
  const question = check(t('reply.question'));
  const book = phraseBox(() => lang.value, () => way.value(), (phrase) => {
    if (way.value() === 'sms') text.value = phrase; // the desk lets whole sentences of the book go
    else text.setRangeText(phrase, text.selectionStart, text.selectionEnd, 'end');
    text.focus();
    measure();
    keep(text.value);
  });
  function measure() {
    const n = count(text.value);
    const isSms = way.value() === 'sms';
    fill(size, isSms ? t('sms.size', { parts: n.parts, left: n.left }) : tn('reply.signs', [...text.value].length), isSms && n.parts > 1 && h('b', { class: 'late' }, ' ', t('sms.one-part')));
    if (statusField) statusField.hidden = isSms;
  }
  measure();
  const send = button(t('reply.button'), async () => {
    const words = { text: text.value.trim(), lang: lang.value, status: Number(status.value), sentence: sentence.box.checked, once: randomHex(), asks: question.box.checked };
    if (!words.text && (way.value() === 'sms' || !words.status || words.sentence || words.asks)) { text.focus(); throw new Error(t('reply.empty')); }
    if (words.sentence && !words.status && way.value() !== 'sms') { status.focus(); throw new Error(t('reply.sentence.status')); }
    const { sent, old } = await confirmAndSend(tip, way.value(), words);
    if (old) {
      keep(text.value);
      await saved();
      say(t('error.changed'), 'bad');
    }
    if (!sent) return;
    text.value = '';
    keep('');
    say(t(way.value() === 'sms' ? 'sms.ordered' : 'reply.sent'));
    saved();
  }, { kind: 'primary' });
  return card(t('reply'), { class: 'reply', id: 'reply', tabindex: -1 },
    contact.stop && h('p', { class: 'stop-line' }, icon('stop'), h('b', null, contact.why)), seen,
    h('div', { class: 'reply-grid' }, h('div', null, h('div', { class: 'split-line' }, way.node, field(t('reply.lang'), lang)),
      field(t('reply.text'), text, { hint: t('reply.hint') }), size, statusField, question.node, h('p', { class: 'buttons' }, send)), book));
}
