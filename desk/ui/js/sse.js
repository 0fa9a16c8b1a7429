// SPDX-License-Identifier: AGPL-3.0-or-later
// The text/event-stream format. Pure.

/** Reads text/event-stream in any pieces; gives({event, data}). Pure. */
export function makeReader(gives) {
  let rest = '';
  return (piece) => {
    rest += piece;
    for (;;) {
      const end = /\r?\n\r?\n/.exec(rest);
      if (!end) return;
      const block = rest.slice(0, end.index);
      rest = rest.slice(end.index + end[0].length);
      const event = { event: 'message', data: '' };
      for (const line of block.split(/\r?\n/)) {
        const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
        if (name === 'event') event.event = value;
        if (name === 'data') event.data += event.data ? `\n${value}` : value;
      }
      if (event.data || event.event !== 'message') gives(event);
    }
  };
}
