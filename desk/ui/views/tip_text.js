// SPDX-License-Identifier: AGPL-3.0-or-later
// What the reporter wrote: the text as it came with the matched words marked,
// folded, and raw with every sign that no eye sees; and the officer's own
// translation beside it, sentence by sentence.
import { post } from '../js/api.js';
import { answerWord, groupWord, languageWord, questionWord } from '../js/codes.js';
import { h, written } from '../js/dom.js';
import { rawPieces, segments, sentences } from '../js/marks.js';
import { language, t } from '../js/text.js';
import { area, button, card, field, tabs } from '../js/widgets.js';

/** The text with its marks, and nothing but the text: it is copied and selected. */
export function marked(text, marks, lang, dir) {
  return h('bdi', { lang: lang || undefined, dir: dir || 'auto', class: 'words' }, segments(text, marks).map((piece) => {
    if (piece.groups.length === 0) return piece.text;
    const groups = piece.groups.map(groupWord).join(', ');
    return h('mark', { title: groups, 'aria-description': groups }, piece.text);
  }));
}

function raw(text) {
  return h('bdi', { dir: 'auto', class: 'words raw' }, rawPieces(text).map((piece) => (piece.sign
    ? h('code', { class: 'hidden-sign' }, piece.text) : piece.text)));
}

function groupsOf(marks) {
  const groups = [...new Set(marks.map((mark) => mark.group))];
  return groups.length > 0 && h('p', { class: 'muted' }, `${t('text.marked')}: ${groups.map(groupWord).join(', ')}`);
}

/** A long message of which parts have not come. */
export function partsLine({ parts }) {
  if (!parts || parts.state === 'complete') return null;
  return h('p', { class: 'note-line' }, t(parts.state === 'expected' ? 'parts.expected' : 'parts.missing', { list: (parts.missing ?? []).join(', ') || '?', n: parts.total ?? '?' }));
}

const languageLine = (tip) => h('p', { class: 'muted' }, tip.text_lang
  ? t('text.lang', { lang: languageWord(tip.text_lang) }) : t('text.lang.unknown'));

const kindOf = (url) => (url.startsWith('geo:') ? 'came.place' : url.startsWith('tel:') ? 'came.contact' : null);

/** What came beside the words. Nothing of it is a link: the provider would see who looks. */
export function besideLines({ button: pressed, media }) {
  return [pressed && h('p', { class: 'note-line' }, `${t('came.button')}: `, written(pressed)),
    ...(media ?? []).map(({ type, url = '' }) => h('p', { class: 'note-line' }, kindOf(url)
      ? [`${t(kindOf(url))}: `, h('bdi', { dir: 'ltr' }, url.slice(url.indexOf(':') + 1))] : t('came.file', { type })))].filter(Boolean);
}

/** The card of the text; marks of answers are shown with the answers. */
export function textCard(tip) {
  const text = tip.text ?? '';
  const marks = (tip.marks ?? []).filter((mark) => !mark.in);
  if (!text) return card(t('text'), { class: 'tip-text' }, h('p', { class: 'muted' }, t('text.none')), besideLines(tip));
  const views = [['text', t(tip.as_came ? 'text.decoded' : 'text.as'), () => h('p', { class: 'original' }, marked(text, marks, tip.text_lang, tip.dir))]];
  if (tip.folded) views.push(['folded', t('text.folded'), () => h('p', { class: 'original' }, written(tip.folded, tip.text_lang, tip.dir))]);
  if (tip.as_came) views.push(['as-came', t('text.as'), () => h('p', { class: 'original' }, written(tip.as_came))]);
  views.push(['raw', t('text.raw'), () => h('p', { class: 'original' }, raw(text))]);
  return card(t('text'), { class: 'tip-text' }, tabs(t('text'), views).node, besideLines(tip), partsLine(tip),
    h('div', { class: 'split-line' }, languageLine(tip), groupsOf(marks)));
}

/** Earlier translations, and fields for a new one. */
export function translationCard(tip, entries, { draft, keep, save, may }) {
  const pieces = sentences(tip.text ?? '').filter((sentence) => sentence.trim());
  const done = entries.filter((entry) => entry.kind === 'translation');
  const old = done.map((entry) => h('div', { class: 'entry' }, h('p', null, written(entry.text ?? '', entry.lang)),
    h('p', { class: 'muted' }, entry.who)));
  if (!may || pieces.length === 0) return old.length > 0 && card(t('translation'), {}, old);
  const boxes = pieces.map((sentence, i) => area({
    rows: 1, value: draft[i] ?? '', 'data-sentence': i, maxlength: 4000, oninput: () => keep(boxes.map((box) => box.value)),
  }));
  const list = pieces.map((sentence, i) => h('div', { class: 'sentence' }, h('p', null, written(sentence.trim(), tip.text_lang, tip.dir)),
    field(t('translation.of', { n: i + 1 }), boxes[i], { hideLabel: true })));
  const body = h('details', { open: boxes.some((box) => box.value) }, h('summary', null, t('translation.write')), list,
    h('p', { class: 'buttons' }, button(t('translation.save'), async () => {
      const text = boxes.map((box) => box.value.trim()).filter(Boolean).join('\n');
      if (!text) throw new Error(t('translation.empty'));
      await save(async () => {
        await post(`/api/tips/${tip.row.id}/entries`, { kind: 'translation', text, lang: language() });
        keep([]);
      });
    })));
  return card(t('translation'), { class: 'translation' }, h('p', { class: 'hint' }, t('translation.hint')), old, body);
}

/** One line for each question: a question with several answers has them together. */
function byQuestion(answers) {
  const found = new Map();
  for (const { name, value, question, words } of answers) {
    const one = found.get(name) ?? { name, question, values: [] };
    for (const each of [value].flat()) one.values.push({ value: String(each), words: Array.isArray(value) ? undefined : words });
    found.set(name, one);
  }
  return [...found.values()];
}

/** What is not for every eye that falls on the screen: the card of safe contact has it, when it is asked for. */
const HIDDEN = new Set(['contact_safeword', 'contact_watched']);

/** Answers in the console's words, with the marks that lie in them. */
export function answersCard(tip) {
  const answers = byQuestion((tip.answers ?? []).filter(({ name }) => !HIDDEN.has(name)));
  if (answers.length === 0) return null;
  return card(t('answers'), { class: 'answers' }, h('dl', { class: 'facts' }, answers.map((answer) => {
    const marks = (tip.marks ?? []).filter((mark) => mark.in === answer.name);
    const said = answer.values.map(({ value, words }) => answerWord(answer.name, value, words)).join(', ');
    return h('div', null, h('dt', null, questionWord(answer.name, answer.question)),
      h('dd', null, marks.length > 0 ? marked(answer.values[0].value, marks, tip.text_lang) : written(said)));
  })));
}
