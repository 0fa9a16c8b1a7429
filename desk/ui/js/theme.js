// SPDX-License-Identifier: AGPL-3.0-or-later
// Dark at night, light by day, or as chosen. Looks at the clock once a minute.
import { likes } from './session.js';
import { isNight } from './timewords.js';

export function applyTheme() {
  const theme = likes.theme === 'auto' ? (isNight(Date.now()) ? 'dark' : 'light') : likes.theme;
  document.documentElement.dataset.theme = theme;
}

export function startTheme() {
  applyTheme();
  setInterval(applyTheme, 60000);
}
