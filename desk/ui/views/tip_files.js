// SPDX-License-Identifier: AGPL-3.0-or-later
// Files of a tip. Nothing opens by itself: first what it is and what a
// colleague noted of it, then, after a click, the picture or the sound, in
// memory alone. Saving to disk is the last resort and says so.
import { say } from '../js/announce.js';
import { bytes, post } from '../js/api.js';
import { dialog } from '../js/dialog.js';
import { fill, h, written } from '../js/dom.js';
import { icon } from '../js/icons.js';
import { likes } from '../js/session.js';
import { t } from '../js/text.js';
import { button, card, field, input } from '../js/widgets.js';

const PICTURES = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif']);
const SOUNDS = /^audio\/(aac|amr|mp4|mpeg|ogg|wav|webm|x-m4a|3gpp|flac)$/;

export function sizeWords(n) {
  if (n < 1024) return t('size.b', { n });
  return n < 1048576 ? t('size.kb', { n: Math.round(n / 1024) }) : t('size.mb', { n: (n / 1048576).toFixed(1) });
}

const path = (id, file) => `/api/tips/${encodeURIComponent(id)}/files/${file.n}`;
export const kindOf = (file) => (PICTURES.has(file.type) ? 'image' : SOUNDS.test(file.type ?? '') ? 'audio' : 'other');

/** The bytes as a blob of a type from our own list, whatever the desk said; how many have come is shown in place. A sound is jumped in when it is here. */
async function blobOf(from, file, place) {
  const said = h('p', { class: 'muted', role: 'status' });
  place.replaceChildren(said);
  const blob = await bytes(from, (n) => { said.textContent = t('file.coming', { n: sizeWords(n), all: sizeWords(file.bytes ?? n) }); })
    .finally(() => said.remove());
  return new Blob([blob], { type: kindOf(file) === 'other' ? 'application/octet-stream' : file.type });
}

/** In its place: a picture blurred and grey, a sound to be played; what is neither is not shown. */
export async function showFile(from, file, place, urls) {
  const url = URL.createObjectURL(await blobOf(from, file, place));
  urls.push(url);
  if (kindOf(file) === 'image') {
    const picture = h('img', { src: url, alt: t('file.alt', { n: file.n }), class: likes.dim ? 'shown-picture dimmed' : 'shown-picture' });
    const sharp = likes.dim && button(t('file.sharp'), () => { picture.classList.remove('dimmed'); sharp.nextElementSibling.focus(); sharp.remove(); });
    fill(place, picture, sharp, button(t('file.hide'), () => { URL.revokeObjectURL(url); place.replaceChildren(); }, { kind: 'quiet' }));
    place.querySelector('button').focus();
  } else {
    const sound = h('audio', { src: url, controls: true, preload: 'metadata', 'aria-label': t('file.alt', { n: file.n }) });
    place.replaceChildren(sound);
    sound.focus();
  }
}

async function reveal(id, file, place, urls) {
  const noted = file.content_note;
  const sure = await dialog(t(`file.show.${kindOf(file)}`), [
    noted ? h('p', null, h('b', null, `${t('file.note')}: `), written(noted)) : h('p', null, t('file.note.none')),
    h('p', null, t('file.show.hint'))], { ok: t('file.show.go') });
  if (sure) await showFile(path(id, file), file, place, urls);
}

async function save(id, file) {
  const sure = await dialog(t('file.save'), [h('p', null, t('file.save.why')), h('p', null, t('file.save.audit'))], { ok: t('file.save.go'), kind: 'danger' });
  if (!sure) return;
  const url = URL.createObjectURL(new Blob([await bytes(path(id, file))], { type: 'application/octet-stream' }));
  // a name of ours: what the reporter called it may be an attack or a trace
  h('a', { href: url, download: `file-${file.n}.bin` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

async function noteContent(id, file, saved) {
  const text = input({ maxlength: 200, value: '' });
  const ran = await dialog(t('file.note.write'), [h('p', null, t('file.note.why')), field(t('file.note'), text)], {
    ok: t('save'),
    run: async () => {
      if (!text.value.trim()) throw new Error(t('reason.missing'));
      await post(`/api/tips/${encodeURIComponent(id)}/entries`, { kind: 'content-note', file: file.n, text: text.value.trim() });
    },
  });
  if (ran) { say(t('saved')); saved(); }
}

/** The card, or null; leave() lets go of what was shown. */
export function filesCard(tip, { saved, may }) {
  const files = tip.attachments ?? [];
  if (files.length === 0) return { node: null, leave() {} };
  const { id } = tip.row;
  const urls = [];
  const list = files.map((file) => {
    const place = h('div', { class: 'file-place' });
    const whole = !file.state || /^(whole|complete|kept|ok)/.test(file.state);
    const kind = kindOf(file);
    return h('li', { class: 'file' },
      h('p', null, icon('file'), h('b', null, t(`file.kind.${kind}`)), ' ', written(file.name || t('file.noname')), ' ',
        h('span', { class: 'muted' }, `${file.type || t('file.type.none')} · ${sizeWords(file.bytes ?? 0)}`),
        !whole && h('span', { class: 'chip chip-warn' }, icon('warn'), t('file.state', { state: file.state }))),
      h('p', { class: 'file-note' }, h('span', { class: 'muted' }, `${t('file.note')}: `), file.content_note ? written(file.content_note) : t('file.note.none')),
      h('p', { class: 'buttons' },
        whole && kind !== 'other' && button(t(`file.show.${kind}`), () => reveal(id, file, place, urls)),
        may && button(t('file.note.write'), () => noteContent(id, file, saved), { kind: 'quiet' }),
        whole && button(t('file.save'), () => save(id, file), { kind: 'quiet' })),
      place);
  });
  return {
    node: card(t('files'), { class: 'files' }, h('p', { class: 'hint' }, t('files.hint')), h('ul', { class: 'plain' }, list)),
    leave: () => urls.forEach((url) => URL.revokeObjectURL(url)),
  };
}
