// SPDX-License-Identifier: AGPL-3.0-or-later
// Care for who reads: how many urgent and children's tips were read in this
// shift, and when a pause is suggested. It is in this page's memory alone, and
// told to nobody.
import { likes } from './session.js';

const read = new Set();
let rested = 0; // of them, at the last pause
let tell = () => {};

export const onPause = (listener) => { tell = listener; };

/** How many, if it is time for a pause; else 0. */
export const pauseDue = () => (likes.pause > 0 && read.size - rested >= likes.pause ? read.size : 0);

/** A tip was read. */
export function wasRead(id, isHard) {
  if (!isHard || read.has(id)) return;
  read.add(id);
  tell();
}

export function paused() {
  rested = read.size;
  tell();
}

/** The shift is over. */
export function forgetRead() {
  read.clear();
  rested = 0;
}
