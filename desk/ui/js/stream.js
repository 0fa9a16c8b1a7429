// SPDX-License-Identifier: AGPL-3.0-or-later
// The desk's events, read with fetch(): EventSource cannot send the token. An
// event has numbers and ids, never content. A broken stream is opened again,
// slower while it keeps breaking, and whoever listens is told to ask anew.
import { ask } from './api.js';
import { makeReader } from './sse.js';

let stop = null;

async function readOnce(tell, signal) {
  const response = await ask('GET', '/api/events', { signal, headers: { Accept: 'text/event-stream' } });
  if (response.status === 401) return (await response.json().catch(() => ({}))).error === 'locked' ? 'lock' : 'out';
  if (!response.ok) throw new Error(String(response.status));
  tell('live', true);
  const feed = makeReader(({ event, data }) => {
    let parsed = {};
    try {
      parsed = data ? JSON.parse(data) : {};
    } catch {
      return; // not ours
    }
    tell(event, parsed);
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return 'again';
    feed(value);
  }
}

/** tell(event, data) for each event; and 'live' with true or false. */
export function listen(tell) {
  hush();
  const control = new AbortController();
  stop = control;
  (async () => {
    for (let wait_ms = 500; !control.signal.aborted;) {
      const began = Date.now();
      let end = 'again';
      try {
        end = await readOnce(tell, control.signal);
      } catch { /* opened again below */ }
      if (control.signal.aborted) return;
      tell('live', false);
      if (end !== 'again') {
        tell(end, {});
        return;
      }
      wait_ms = Date.now() - began > 10000 ? 500 : Math.min(wait_ms * 2, 15000);
      await new Promise((done) => { setTimeout(done, wait_ms); });
    }
  })();
}

export function hush() {
  stop?.abort();
  stop = null;
}
