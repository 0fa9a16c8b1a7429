// SPDX-License-Identifier: AGPL-3.0-or-later
// What is blacked out of a referral. The original is never changed; a black
// box has always the same length. Redaction is by value: what is blacked out
// once is found everywhere. Pure.
import { toBytes } from './marks.js';

export const BOX = '\u2588'.repeat(5);

const PATTERNS = [
  ['phone', /[+\uff0b]?\p{Nd}(?:[\s().\u00a0-]?\p{Nd}){6,17}/gu],
  ['handle', /(?<![\p{L}\p{N}])@[\p{L}\p{N}_.]{3,}/gu],
  ['mail', /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+\.\p{L}{2,}/gu],
  ['plate', /(?<![\p{L}\p{N}])\p{Nd}{1,2}[A-Z]{1,2}[\s-]?\p{Nd}{4}(?!\p{N})/gu],
  ['name', /(?<=(?:\b(?:Mr|Mrs|Ms|Miss|Dr)\.?|លោក|អ្នកស្រី|កញ្ញា|បង)\s?)\p{L}[\p{L}\p{M}]{1,30}/gu],
  ['village', /(?<=(?:\bvillage of\s|\bPhum\s|ភូមិ\s?))\p{L}[\p{L}\p{M}]{1,30}/giu],
];

/** Everywhere this value stands: [from, to] in UTF-16 units. */
export function everywhere(text, value) {
  const found = [];
  if (!value) return found;
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length)) found.push([at, at + value.length]);
  return found;
}

/** Suggestions: [{kind, value}], each value once, in the order of the text. */
export function suggestions(text) {
  const found = PATTERNS.flatMap(([kind, pattern]) => [...text.matchAll(pattern)]
    .map((match) => ({ kind, value: match[0].trim(), at: match.index })));
  found.sort((a, b) => a.at - b.at || b.value.length - a.value.length);
  const seen = new Set();
  return found.filter(({ value }) => value && !seen.has(value) && seen.add(value)).map(({ kind, value }) => ({ kind, value }));
}

/** Spans without overlap, in order. */
export function spansOf(text, values) {
  const all = [...values].flatMap((value) => everywhere(text, value)).sort((a, b) => a[0] - b[0] || b[1] - a[1]);
  const spans = [];
  for (const [from, to] of all) {
    const last = spans[spans.length - 1];
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else spans.push([from, to]);
  }
  return spans;
}

/** The text as the partner gets it, in pieces {text, black}. */
export function blackened(text, values) {
  const pieces = [];
  let at = 0;
  for (const [from, to] of spansOf(text, values)) {
    if (from > at) pieces.push({ text: text.slice(at, from), black: false });
    pieces.push({ text: BOX, black: true });
    at = to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), black: false });
  return pieces;
}

/** The same as the desk wants it: [{at, len}] in bytes. */
export function asBytes(text, values) {
  return spansOf(text, values).map(([from, to]) => {
    const at = toBytes(text, from);
    return { at, len: toBytes(text, to) - at };
  });
}
