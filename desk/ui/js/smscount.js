// SPDX-License-Identifier: AGPL-3.0-or-later
// How many short messages a text is. Pure. One sign outside of GSM 03.38 makes
// all of it UCS-2, as Khmer always is.

const BASIC = new Set('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà');
const TWICE = new Set('\f^{}\\[~]|€');

/** {alphabet: 'gsm'|'ucs2', units, parts, left}: left in the last part. */
export function count(text) {
  const gsm = [...text].every((sign) => BASIC.has(sign) || TWICE.has(sign));
  const units = gsm ? [...text].reduce((sum, sign) => sum + (TWICE.has(sign) ? 2 : 1), 0) : text.length;
  const [one, each] = gsm ? [160, 153] : [70, 67];
  if (units <= one) return { alphabet: gsm ? 'gsm' : 'ucs2', units, parts: units === 0 ? 0 : 1, left: one - units };
  const parts = Math.ceil(units / each);
  return { alphabet: gsm ? 'gsm' : 'ucs2', units, parts, left: parts * each - units };
}
