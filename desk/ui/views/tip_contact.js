// SPDX-License-Identifier: AGPL-3.0-or-later
// The card of safe contact with its hard stop, and the form for what was heard
// since: what is safe changes.
import { say } from '../js/announce.js';
import { post } from '../js/api.js';
import { contactWord } from '../js/codes.js';
import { contactNow } from '../js/contact.js';
import { dialog } from '../js/dialog.js';
import { h, written } from '../js/dom.js';
import { icon } from '../js/icons.js';
import { isSupervisor } from '../js/session.js';
import { t, tw } from '../js/text.js';
import { age } from '../js/timewords.js';
import { area, button, card, check, facts, field, input, radios, select } from '../js/widgets.js';

/** {stop, why}: may anybody write or call? Only a supervisor goes past NO-CONTACT. */
export function mayContact(tip) {
  const contact = contactNow(tip);
  const wishes = (tip.row.flags ?? []).some((flag) => /^(no.contact|stop)$/i.test(flag));
  if (contact.stop || contact.no_contact || wishes) return { stop: true, why: t('contact.stopped'), over: isSupervisor() };
  if (contact.unread) return { stop: true, why: t('contact.unread'), over: isSupervisor() };
  return { stop: false, why: '', over: false };
}

const isYes = (value) => value === true || value === '1';
const isNo = (value) => value === false || value === '2';
const yesNo = (value) => (isYes(value) ? t('yes') : isNo(value) ? t('no') : t('not-said'));

/** The words to be heard are shown when they are asked for. */
function wordsOf(contact) {
  if (!contact.safe_word && !contact.watched_word) return contact.safe_word_set ? t('contact.word.set') : t('contact.word.none');
  const place = h('span', null, t('contact.word.set'), ' ');
  place.append(button(t('contact.word.show'), () => place.replaceChildren(
    h('b', null, written(contact.safe_word || t('contact.word.none'))),
    ...(contact.watched_word ? [h('span', { class: 'muted' }, ` · ${t('contact.watched')}: `), written(contact.watched_word)] : [])), { kind: 'quiet slim' }));
  return place;
}

/** Write down the way back as it is now. */
async function edit(tip, saved) {
  const now = contactNow(tip);
  const text = (name, props) => input({ maxlength: 200, value: typeof now[name] === 'string' ? now[name] : '', ...props });
  const three = (label, value) => radios(label, [['1', t('yes')], ['2', t('no')], ['', t('not-said')]], { value: isYes(value) ? '1' : isNo(value) ? '2' : '' });
  const wish = select(['1', '2', '3', '4'].map((each) => [each, t(`contact.wish.${each}`)]), { value: ['2', '3', '4'].includes(String(now.wish)) ? String(now.wish) : '1' });
  const hours = text('hours');
  const message = three(t('contact.message'), now.message_ok);
  const who = three(t('contact.say'), now.who_to_say);
  const cover = area({ rows: 2, maxlength: 200, value: now.cover ?? '' });
  const word = text('safe_word', { maxlength: 100 });
  const watched = text('watched_word', { maxlength: 100 });
  const stop = check(t('contact.stop.set'), { checked: Boolean(now.no_contact), disabled: Boolean(now.no_contact) });
  const ran = await dialog(t('contact.edit.title'), [h('p', { class: 'hint' }, t('contact.edit.hint')),
    field(t('contact.wish'), wish), field(t('contact.hours'), hours, { hint: t('contact.hours.hint') }),
    h('div', { class: 'inline' }, message.node, who.node), field(t('contact.cover'), cover),
    h('div', { class: 'row-fields from-top' }, field(t('contact.word'), word, { hint: t('contact.word.hint') }), field(t('contact.watched'), watched, { hint: t('contact.watched.hint') })), stop.node], {
    ok: t('contact.save'),
    run: () => post(`/api/tips/${encodeURIComponent(tip.row.id)}/entries`, {
      kind: 'contact', safe: Object.fromEntries(Object.entries({
        wish: wish.value, hours: hours.value.trim(), message_ok: message.value(), who_to_say: who.value(), cover: cover.value.trim(),
        safe_word: word.value.trim(), watched_word: watched.value.trim(), no_contact: stop.box.checked,
      })),
    }),
  });
  if (ran) { say(t('saved')); saved(); }
}

export function contactCard(tip, now_ms, { may, saved }) {
  const contact = contactNow(tip);
  const { stop, why } = mayContact(tip);
  const wants = contact.wish && String(contact.wish) !== '1';
  return card(t('contact'), { class: stop ? 'contact contact-stop' : 'contact' },
    stop && h('p', { class: 'stop-line', role: 'note' }, icon('stop'), h('b', null, why)),
    facts([
      [t('contact.wish'), contact.wish ? contactWord(contact.wish) : t('not-said')],
      contact.method || contact.method_set ? [t('contact.method'), contact.method ? written(String(contact.method)) : t('contact.method.set')] : null,
      contact.hours ? [t('contact.hours'), written(String(contact.hours))] : null,
      wants ? [t('contact.message'), yesNo(contact.message_ok)] : null,
      contact.who_to_say ? [t('contact.say'), yesNo(contact.who_to_say)] : null,
      contact.cover ? [t('contact.cover'), written(String(contact.cover))] : null,
      wants ? [t('contact.word'), wordsOf(contact)] : null,
      (wants || contact.by) && contact.said_ms ? [t('contact.said'), [contact.by && [written(contact.by), ' · '], t('contact.ago', { age: tw(age(contact.said_ms, now_ms)) })]] : null,
    ]),
    h('div', { class: 'split-line' }, !stop && h('p', { class: 'hint' }, t(wants ? 'contact.ask-again' : tip.row.channel === 'sms' && !contact.wish ? 'contact.sms' : 'contact.default')),
      may && button(t('contact.edit'), () => edit(tip, saved), { kind: 'quiet slim' })));
}
