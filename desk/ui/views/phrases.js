// SPDX-License-Identifier: AGPL-3.0-or-later
// The phrase book: questions that were translated in advance, so that an
// officer can ask in a language that he or she cannot write.
import { get, isNotHere } from '../js/api.js';
import { fill, h, written } from '../js/dom.js';
import { language, t } from '../js/text.js';
import { field, input, notHere } from '../js/widgets.js';

let book = null; // the same for everybody, and no secret

/** One phrase for each id, of the desk's list of one for each language. */
export function byId(list) {
  const found = new Map();
  for (const each of list) {
    const one = found.get(each.id) ?? { id: each.id, use: each.use, texts: { ...each.texts } };
    if (each.lang) one.texts[each.lang] = each.text;
    found.set(each.id, one);
  }
  return [...found.values()];
}

/** [{id, use, texts: {lang: text}}], or null where this desk has none. */
export async function phrases() {
  if (book) return book;
  try {
    const data = await get('/api/phrases');
    book = byId(data.phrases ?? []);
  } catch (error) {
    if (!isNotHere(error)) throw error;
    return null;
  }
  return book;
}

const phraseIn = (phrase, lang) => phrase.texts[lang] ?? '';

/** A list to choose from, of the language and the way asked for: pick(text). */
export function phraseBox(langOf, wayOf, pick) {
  const place = h('div', { class: 'phrases' });
  const search = input({ type: 'search', placeholder: t('phrases.search') });
  const list = h('ul', { class: 'plain phrase-list' });
  const draw = (all) => {
    const words = search.value.trim().toLowerCase();
    const lang = langOf();
    const found = all.filter((phrase) => phraseIn(phrase, lang) && (wayOf() !== 'sms' || phrase.use !== 'code'))
      .filter((phrase) => !words || Object.values(phrase.texts).some((text) => String(text).toLowerCase().includes(words)));
    fill(list, found.slice(0, 60).map((phrase) => h('li', null, h('button', { type: 'button', class: 'phrase', onclick: () => pick(phraseIn(phrase, lang)) },
      h('span', { lang: language() }, phraseIn(phrase, language()) || phraseIn(phrase, 'en')),
      lang !== language() && h('bdi', { lang, class: 'phrase-there' }, phraseIn(phrase, lang))))),
    found.length === 0 && h('li', { class: 'muted' }, t('phrases.none')));
  };
  fill(place, h('p', { class: 'muted' }, t('loading')));
  phrases().then((all) => {
    if (!all) { fill(place, h('h3', null, t('phrases')), notHere()); return; }
    search.addEventListener('input', () => draw(all));
    fill(place, field(t('phrases'), search), list);
    place.redraw = () => draw(all);
    draw(all);
  }, (error) => fill(place, h('p', { class: 'wrong' }, error.said)));
  return place;
}
