// SPDX-License-Identifier: AGPL-3.0-or-later
// Where the matched words are. The desk counts bytes of UTF-8, the browser
// counts UTF-16 units; a report's offsets may be wrong and must not break the
// page. Pure.

/** How many bytes a sign takes in UTF-8. A lone surrogate counts as U+FFFD. */
function bytesOf(code) {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

/**
 * UTF-16 offsets of byte offsets. An offset within a sign goes to the sign's
 * beginning, one behind the end to the end.
 */
export function toUtf16(text, offsets) {
  const order = [...offsets.keys()].sort((a, b) => offsets[a] - offsets[b]);
  const found = new Array(offsets.length);
  let byte = 0;
  let unit = 0;
  for (const i of order) {
    while (unit < text.length) {
      const code = text.codePointAt(unit);
      const size = bytesOf(code);
      if (byte + size > offsets[i]) break;
      byte += size;
      unit += code > 0xffff ? 2 : 1;
    }
    found[i] = unit;
  }
  return found;
}

/** Byte offset of a UTF-16 offset. */
export function toBytes(text, unit) {
  let byte = 0;
  for (const sign of text.slice(0, unit)) byte += bytesOf(sign.codePointAt(0));
  return byte;
}

/** An offset that is not within a cluster that the eye sees as one sign. */
function widen(text, from, to) {
  const combining = /^[\p{M}\u200c\u200d]/u;
  let end = to;
  while (end < text.length && combining.test(text.slice(end))) end += text.codePointAt(end) > 0xffff ? 2 : 1;
  return [from, end];
}

/**
 * The text in pieces, in order and complete: {text, groups}, groups being the
 * names of the lists whose phrases are there (none: an empty list). Marks may
 * overlap and be nonsense.
 */
export function segments(text, marks) {
  const good = marks.filter((m) => Number.isInteger(m.at) && Number.isInteger(m.len) && m.at >= 0 && m.len > 0);
  const units = toUtf16(text, good.flatMap((m) => [m.at, m.at + m.len]));
  const spans = good.map((m, i) => [...widen(text, units[2 * i], units[2 * i + 1]), m.group])
    .filter(([from, to]) => to > from);
  const cuts = [...new Set([0, text.length, ...spans.flatMap(([from, to]) => [from, to])])].sort((a, b) => a - b);
  const pieces = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    const groups = [...new Set(spans.filter(([from, to]) => from <= cuts[i] && to >= cuts[i + 1]).map(([, , group]) => group))];
    pieces.push({ text: text.slice(cuts[i], cuts[i + 1]), groups });
  }
  return pieces;
}

/** Signs that no eye sees, or that turn the direction, made visible: pieces {text, sign}. */
export function rawPieces(text) {
  const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u00a0\ufffd]/u;
  const pieces = [];
  for (const sign of text) {
    const isHidden = sign !== '\n' && hidden.test(sign);
    const shown = isHidden ? `U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}` : sign;
    const last = pieces[pieces.length - 1];
    if (!isHidden && last && !last.sign) last.text += shown;
    else pieces.push({ text: shown, sign: isHidden });
  }
  return pieces;
}

/** A text cut into sentences, each with what ends it; nothing is lost. */
export function sentences(text) {
  return text.match(/[^.!?。！？។៕\n]*[.!?。！？។៕\n]+\s*|[^.!?。！？។៕\n]+$/gu) ?? (text ? [text] : []);
}
