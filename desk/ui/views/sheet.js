// SPDX-License-Identifier: AGPL-3.0-or-later
// The sheet that a partner without our program is given: A4, Khmer and English
// side by side, a reference and a hash, no code to scan. What stands in it is
// the object that is sealed, and nothing else.
import { h, written } from '../js/dom.js';
import { expand, catalogues } from '../js/text.js';
import { local, utc } from '../js/timewords.js';

const both = (key, params) => [h('span', { lang: 'km' }, expand(catalogues.km[key] ?? key, params)), ' / ', h('span', { lang: 'en' }, expand(catalogues.en[key] ?? key, params))];
const label = (member) => {
  const name = member.replace(/^x_/, '');
  return `sheet.${name}` in catalogues.en ? both(`sheet.${name}`) : name.replaceAll('_', ' ');
};
const HIDDEN = new Set(['x_profile']);

const ilo = (numbers) => h('ul', null, numbers.map((n) => h('li', null, `${n} `, both(`code.ilo.${n}`))));

function value(each, name) {
  if (name === 'x_ilo') return ilo(each);
  if (each === null || each === undefined) return '';
  if (Array.isArray(each)) return each.every((one) => typeof one !== 'object') ? written(each.join(', ')) : h('ul', null, each.map((one) => h('li', null, value(one))));
  if (typeof each === 'object' && each.rule) return written(`${each.text} (${each.rule})`);
  if (typeof each === 'object') {
    return h('dl', { class: 'facts inner' }, Object.entries(each).map(([name, one]) => h('div', null, h('dt', null, label(name)), h('dd', null, value(one)))));
  }
  return written(String(each));
}

export function sheet(doc, partner) {
  const now = Date.now();
  return h('article', { class: 'sheet' },
    h('h3', { class: 'sheet-title' }, both('sheet.title')),
    h('p', null, both('sheet.to'), ': ', written(partner?.name ?? ''), ' · ', `${local(now).date} ${local(now).time} (${utc(now)})`),
    h('dl', { class: 'facts sheet-facts' }, Object.entries(doc).filter(([name, each]) => !HIDDEN.has(name) && each !== null && each !== '' && each?.length !== 0).map(([name, each]) => h('div', null,
      h('dt', null, label(name)), h('dd', null, value(each, name))))),
    h('p', { class: 'sheet-foot' }, both('sheet.foot')));
}
