// SPDX-License-Identifier: AGPL-3.0-or-later
// Changing a case: one call, and what is told when somebody was faster or a
// second officer has to agree.
import { say } from '../js/announce.js';
import { ApiError, post, whenReady } from '../js/api.js';
import { dialog } from '../js/dialog.js';
import { h } from '../js/dom.js';
import { session } from '../js/session.js';
import { t } from '../js/text.js';
import { local } from '../js/timewords.js';

const path = (id) => `/api/tips/${encodeURIComponent(id)}`;

/** In words why not; who has it is told by name and time. */
export function whyNot(error) {
  if (error instanceof ApiError && error.word === 'held' && error.data.owner) {
    const { owner, since_ms } = error.data;
    return t(owner === session.officer?.name ? 'error.yours' : 'error.held', { owner, when: since_ms ? local(since_ms).time : '?' });
  }
  return error.said ?? String(error.message ?? error);
}

/** What has just come is listed before it is a case that somebody can have. */
const isNoCaseYet = ({ status, word, data }) => status === 409 && (word === 'none' || data.now?.state === 'RECEIVED');

/**
 * Do it: {event, ...}. Gives what the case is now, null if it may not be (told
 * to the officer; thrown, from within a dialog), or {pending} where a second
 * officer has to agree. The row is what the case is from then on: the next
 * change is of that, also before the tip was read again.
 */
export async function act(row, change, { inDialog = false } = {}) {
  try {
    const answer = await whenReady(isNoCaseYet, () => post(`${path(row.id)}/do`, { version: row.version, ...change }));
    Object.assign(row, answer.now);
    if (answer.pending) {
      say(t('act.pending'));
      return { pending: answer.pending };
    }
    return answer.now ?? answer;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    if (inDialog) throw new Error(whyNot(error));
    say(whyNot(error), 'bad');
    return null;
  }
}

/** One key press, on whatever it is by now: who was faster is told all the same. */
export async function claim(row) {
  const now = await act(row, { event: 'CLAIM', version: 0 });
  if (now) say(t('act.claimed'));
  return now;
}

/** Before a lease ends: only with a reason; who had it is told. */
export async function takeOver(row) {
  const reason = h('textarea', { rows: 3, 'aria-label': t('reason'), maxlength: 2000 });
  let now = null;
  await dialog(t('takeover.title'), [h('p', null, t('takeover.hint', { name: row.owner })), reason], {
    ok: t('takeover.go'),
    kind: '',
    run: async () => {
      if (!reason.value.trim()) throw new Error(t('reason.missing'));
      now = await act(row, { event: 'TAKE_OVER', reason: reason.value.trim() }, { inDialog: true });
    },
  });
  return now;
}

export async function release(row) {
  const now = await act(row, { event: 'RELEASE' });
  if (now) say(t('act.released'));
  return now;
}
