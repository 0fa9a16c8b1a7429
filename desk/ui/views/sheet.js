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
/** The standard's own name for what stands in the sheet already. */
const again = (doc, name, each) => name === 'cas_IncomingReferralDetails' && each === doc.x_summary;

const SHARES = { 'police-and-helpers': 1, 'helpers-only': 2, 'ask-first': 3, 'nobody-yet': 4 };
const MAYBES = { yes: 1, maybe: 2, no: 3, unknown: 9 };
/** The words of a member's codes. */
const KEYS = {
  x_reporter_relation: (each) => `about.${each}`, x_share: (each) => `share.${SHARES[each]}`, x_lang: (each) => `lang.${each}`,
  x_minor: (each) => `q.minor.${MAYBES[each]}`, x_person_knows: (each) => `q.minor.${MAYBES[each]}`, x_share_exception: (each) => `exception.${each}`, x_requested_service: (each) => `service.${each}`,
  cleaned: (each) => `q.minor.${each ? 1 : 3}`,
};
const TIMES = new Set(['x_created', 'x_reply_by', 'x_evidence_until']);
const momentOf = (ms) => `${local(ms).date} ${local(ms).time} (${utc(ms)})`;

/** In both languages where it is a code that has words. */
function said(each, name) {
  const key = KEYS[name]?.(each);
  if (TIMES.has(name) && !Number.isNaN(Date.parse(each))) return momentOf(Date.parse(each));
  return key in catalogues.en ? both(key) : written(String(each));
}

const ilo = (numbers) => h('ul', null, numbers.map((n) => h('li', null, `${n} `, both(`code.ilo.${n}`))));

function value(each, name) {
  if (name === 'x_ilo') return ilo(each);
  if (each === null || each === undefined) return '';
  if (Array.isArray(each)) return each.every((one) => typeof one !== 'object') && !KEYS[name] ? written(each.join(', ')) : h('ul', null, each.map((one) => h('li', null, value(one, name))));
  if (typeof each === 'object' && each.rule) return written(`${each.text} (${each.rule})`);
  if (typeof each === 'object') {
    return h('dl', { class: 'facts inner' }, Object.entries(each).map(([name, one]) => h('div', null, h('dt', null, label(name)), h('dd', null, value(one, name)))));
  }
  return said(each, name);
}

export function sheet(doc, partner) {
  return h('article', { class: 'sheet' },
    h('h3', { class: 'sheet-title' }, both('sheet.title')),
    h('p', null, both('sheet.to'), ': ', written(partner?.name ?? ''), ' · ', momentOf(Date.now())),
    h('dl', { class: 'facts sheet-facts' }, Object.entries(doc).filter(([name, each]) => !HIDDEN.has(name) && !again(doc, name, each) && each !== null && each !== '' && each?.length !== 0).map(([name, each]) => h('div', null,
      h('dt', null, label(name)), h('dd', null, value(each, name))))),
    h('p', { class: 'sheet-foot' }, both('sheet.foot')));
}
