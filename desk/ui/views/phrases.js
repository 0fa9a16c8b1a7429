// SPDX-License-Identifier: AGPL-3.0-or-later
// The phrase book: questions that were translated in advance, so that an
// officer can ask in a language that he or she cannot write.
import { get, isNotHere } from '../js/api.js';
import { fill, h, written } from '../js/dom.js';
import { language, t, tOr } from '../js/text.js';
import { field, input, notHere } from '../js/widgets.js';

let book = null;

/** [{id, group, texts: {lang: text}}], or null where this desk has none. */
export async function phrases() {
  if (book) return book;
  try {
    const data = await get('/api/phrases');
    book = data.phrases ?? data.rows ?? [];
  } catch (error) {
    if (!isNotHere(error)) throw error;
    return null;
  }
  return book;
}

export const phraseIn = (phrase, lang) => (phrase.texts ?? phrase)[lang] ?? '';

/** A list to choose from: pick(text) gets the phrase in the language asked for. */
export function phraseBox(langOf, pick) {
  const place = h('div', { class: 'phrases' });
  const search = input({ type: 'search', placeholder: t('phrases.search') });
  const list = h('ul', { class: 'plain phrase-list' });
  const draw = (all) => {
    const words = search.value.trim().toLowerCase();
    const lang = langOf();
    const found = all.filter((phrase) => phraseIn(phrase, lang))
      .filter((phrase) => !words || Object.values(phrase.texts ?? phrase).some((text) => String(text).toLowerCase().includes(words)));
    fill(list, found.slice(0, 60).map((phrase) => h('li', null, h('button', { type: 'button', class: 'phrase', onclick: () => pick(phraseIn(phrase, lang)) },
      h('span', { lang: language() }, phraseIn(phrase, language()) || phraseIn(phrase, 'en')),
      lang !== language() && h('bdi', { lang, class: 'phrase-there' }, phraseIn(phrase, lang)),
      phrase.group && h('span', { class: 'sr' }, tOr(`phrases.${phrase.group}`, phrase.group))))),
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
