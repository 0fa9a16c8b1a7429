// SPDX-License-Identifier: AGPL-3.0-or-later
// Asking the desk. Every call carries the tab's token; an answer that is not
// 2xx is thrown as ApiError with the desk's word for it. 401 and a lock are
// told to whoever registered, wherever they came up.
import { session } from './session.js';
import { tOr, t } from './text.js';

export class ApiError extends Error {
  constructor(status, data) {
    super(data.text ?? data.error ?? String(status));
    this.status = status;
    this.word = data.error ?? '';
    this.data = data;
  }

  /** What to tell the officer, in the language of the console if it has it. */
  get said() {
    if (this.status === 0) return t('error.network');
    return tOr(`error.${this.word}`, this.data.text ?? t('error.status', { n: this.status }), this.data);
  }
}

/** The desk has no such thing (an older or smaller desk). */
export const isNotHere = (error) => error instanceof ApiError && [404, 405, 501].includes(error.status);

const listeners = { out() {}, locked() {} };
export const onOut = (out) => { listeners.out = out; };
export const onLocked = (locked) => { listeners.locked = locked; };

export async function ask(method, path, { body, signal, headers, keepalive } = {}) {
  try {
    return await fetch(path, {
      method, signal, keepalive, cache: 'no-store', credentials: 'same-origin', redirect: 'error',
      headers: {
        ...(session.token ? { 'X-Desk-Token': session.token } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, { error: 'network' });
  }
}

const ANSWER_MS = 30000; // the whole of it
const STALL_MS = 15000; // between two pieces of a file

async function refuse(response, path) {
  const data = await response.json().catch(() => ({}));
  const error = new ApiError(response.status, data);
  if (error.word === 'locked') listeners.locked();
  else if (response.status === 401 && !/^\/api\/(login|unlock)$/.test(path)) listeners.out();
  throw error;
}

async function call(method, path, body, options) {
  const response = await ask(method, path, { body, ...options });
  if (!response.ok) return refuse(response, path);
  const text = await response.text().catch(() => { throw new ApiError(0, { error: 'network' }); });
  const data = text ? JSON.parse(text) : {};
  return response.status === 202 && data && typeof data === 'object' ? { ...data, accepted: true } : data;
}

export const get = (path, options) => call('GET', path, undefined, { signal: AbortSignal.timeout(ANSWER_MS), ...options });
export const post = (path, body = {}, options = {}) => call('POST', path, body, options);
export const put = (path, body, options = {}) => call('PUT', path, body, options);
export const remove = (path, options = {}) => call('DELETE', path, undefined, options);

/** Ask again while what it is about is on its way: isComing(error). */
export async function whenReady(isComing, ask, tries = 40) {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ApiError) || !isComing(error) || tries === 0) throw error;
    await new Promise((done) => { setTimeout(done, 500); });
    return whenReady(isComing, ask, tries - 1);
  }
}

/** The name of an order: asked for twice, it is one. */
export const randomHex = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const BREAKS = 5;

const lengthOf = (pieces) => pieces.reduce((sum, { length }) => sum + length, 0);

/** What comes of an answer is added to pieces; gives how it ended. */
async function readOn(response, pieces, told) {
  const reader = response.body.getReader();
  let stalled = false;
  let timer;
  const more = () => {
    clearTimeout(timer);
    timer = setTimeout(() => { stalled = true; reader.cancel().catch(() => {}); }, STALL_MS);
    return reader.read();
  };
  try {
    for (let next = await more(); !next.done; next = await more()) {
      pieces.push(next.value);
      told(lengthOf(pieces));
    }
    return !stalled;
  } catch {
    return false; // the connection broke
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Bytes of a file; nothing is written anywhere. told(n): so many are here. Over
 * a bad line it goes on where it broke.
 */
export async function bytes(path, told = () => {}) {
  let pieces = [];
  for (let breaks = 0; breaks <= BREAKS; breaks++) {
    const at = lengthOf(pieces);
    if (breaks > 0) await new Promise((done) => { setTimeout(done, 500 * breaks); });
    const response = await ask('GET', path, at > 0 ? { headers: { Range: `bytes=${at}-` } } : {}).catch((error) => { if (error.status !== 0) throw error; });
    if (response && !response.ok) return refuse(response, path);
    if (response && !response.headers.get('Content-Range')?.startsWith(`bytes ${at}-`)) pieces = []; // it is the whole
    if (response && await readOn(response, pieces, told)) return new Blob(pieces);
  }
  throw new ApiError(0, { error: 'network' });
}

/** /api/x?a=1 without what is empty. */
export function query(path, params) {
  const all = new URLSearchParams(Object.entries(params).filter(([, v]) => v !== '' && v !== undefined && v !== null));
  const text = all.toString();
  return text ? `${path}${path.includes('?') ? '&' : '?'}${text}` : path;
}
