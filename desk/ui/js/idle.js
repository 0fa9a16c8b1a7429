// SPDX-License-Identifier: AGPL-3.0-or-later
// After so many seconds without a key or a pointer: run. The desk counts for
// itself as well; this one is for what stands on the screen.

let timer = 0;
let limit_ms = 0;
let last = 0;
let due = null;

function look() {
  const left = last + limit_ms - Date.now();
  if (left <= 0) {
    stopIdle();
    due();
  } else {
    timer = setTimeout(look, Math.min(left, 60000));
  }
}

/** A person is there. */
export function active() {
  last = Date.now();
}

export const lastActive = () => last;

export function startIdle(seconds, run) {
  stopIdle();
  limit_ms = seconds * 1000;
  due = run;
  active();
  look();
}

export function stopIdle() {
  clearTimeout(timer);
}

for (const event of ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart']) {
  document.addEventListener(event, active, { passive: true, capture: true });
}
