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

export async function ask(method, path, { body, signal, headers } = {}) {
  try {
    return await fetch(path, {
      method, signal, cache: 'no-store', credentials: 'same-origin', redirect: 'error',
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
  const text = await response.text();
  const data = text ? JSON.parse(text) : {};
  return response.status === 202 && data && typeof data === 'object' ? { ...data, accepted: true } : data;
}

export const get = (path, options) => call('GET', path, undefined, options);
export const post = (path, body = {}) => call('POST', path, body);
export const put = (path, body) => call('PUT', path, body);
export const remove = (path) => call('DELETE', path);

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

/** Bytes of a file; nothing is written anywhere. */
export async function bytes(path) {
  const response = await ask('GET', path);
  return response.ok ? response.blob() : refuse(response, path);
}

/** /api/x?a=1 without what is empty. */
export function query(path, params) {
  const all = new URLSearchParams(Object.entries(params).filter(([, v]) => v !== '' && v !== undefined && v !== null));
  const text = all.toString();
  return text ? `${path}?${text}` : path;
}
