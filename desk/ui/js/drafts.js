// SPDX-License-Identifier: AGPL-3.0-or-later
// What an officer has begun to write about a tip. It goes to the desk's memory,
// sealed there, some seconds after the last key and before a lock; where a desk
// keeps none it stays in this page's memory. Never on this browser's disk.
import { get, put, remove } from './api.js';

const WAIT_MS = 2000;
const SEND_MS = 10000;
const waiting = new Map(); // id: {fields, timer}
const sending = new Map(); // id: the newest of those on their way, one behind the other
const here = new Map();    // id: fields, of a desk that keeps none, or would not just then
let sitting = 0; // one more with each officer who leaves

const path = (id) => `/api/draft/${encodeURIComponent(id)}`;

async function give(id, fields, whose) {
  if (whose !== sitting) return;
  const signal = AbortSignal.timeout(SEND_MS);
  const text = Object.values(fields).some(Boolean) ? JSON.stringify(fields) : '';
  try {
    await (text ? put(path(id), { text }, { signal }) : remove(path(id), { signal }));
    here.delete(id);
  } catch {
    if (whose !== sitting) return;
    if (text) here.set(id, fields);
    else here.delete(id);
  }
}

async function send(id) {
  const one = waiting.get(id);
  const before = sending.get(id);
  if (!one) { await before; return; }
  clearTimeout(one.timer);
  waiting.delete(id);
  const whose = sitting;
  const sent = (async () => { await before; await give(id, one.fields, whose); })();
  sending.set(id, sent);
  await sent;
  if (sending.get(id) === sent) sending.delete(id);
}

/** fields: {name: text}. The newest counts. */
export function keepDraft(id, fields) {
  clearTimeout(waiting.get(id)?.timer);
  waiting.set(id, { fields, timer: setTimeout(() => send(id), WAIT_MS) });
}

/** Everything that still waits, now. */
export const flushDrafts = () => Promise.all([...waiting.keys(), ...sending.keys()].map(send));

export async function readDraft(id) {
  await sending.get(id);
  if (here.has(id)) return here.get(id); // newer than what the desk has
  try {
    const { text } = await get(path(id));
    const fields = text ? JSON.parse(text) : {};
    return fields && typeof fields === 'object' ? fields : {};
  } catch {
    return {};
  }
}

/** Somebody else may sit down now. */
export function forgetDrafts() {
  for (const { timer } of waiting.values()) clearTimeout(timer);
  waiting.clear();
  sending.clear();
  here.clear();
  sitting += 1;
}

export async function dropDraft(id) {
  clearTimeout(waiting.get(id)?.timer);
  waiting.delete(id);
  await sending.get(id);
  await remove(path(id)).catch(() => {});
  here.delete(id);
}
