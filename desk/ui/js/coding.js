// SPDX-License-Identifier: AGPL-3.0-or-later
// Indications of trafficking: the ILO's eleven, and act, means and purpose of
// the Palermo protocol. What the answers point to, and what officers coded
// over it. An indication is no legal finding. Pure.

export const GROUPS = {
  ilo: ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11'],
  act: ['recruitment', 'transport', 'harbouring'],
  means: ['force', 'coercion', 'abduction', 'deception', 'vulnerability', 'payment'],
  purpose: ['sexual', 'labour', 'servitude', 'organs'],
};
/** In this order a chip goes round. */
export const STATES = ['unknown', 'seen', 'not'];
export const nextState = (state) => STATES[(STATES.indexOf(state) + 1) % STATES.length];

/** By the values of the question `ind`, 1 to 16: the indicator it points to first. */
const ILO = [3, 5, 5, 6, 6, 7, 8, 9, 2, 4, 10, 11, 1, 1, 3, 6];
/** [group, code, question, its values] */
const POINTS = [
  ['act', 'recruitment', 'how', [1, 2, 3, 4, 5, 6]], ['act', 'transport', 'ind', [15]], ['act', 'transport', 'how', [7]], ['act', 'harbouring', 'ind', [1, 10]],
  ['means', 'force', 'ind', [1, 2, 3, 4, 5]], ['means', 'coercion', 'ind', [6, 7, 8, 13, 16]], ['means', 'abduction', 'how', [7]],
  ['means', 'deception', 'ind', [9]], ['means', 'vulnerability', 'ind', [14]], ['means', 'vulnerability', 'minor', [1]],
  ['purpose', 'sexual', 'work', [9]], ['purpose', 'labour', 'work', [1, 2, 3, 4, 5, 7, 11]], ['purpose', 'servitude', 'work', [6, 8]],
];
const SOLD = ['means', 'payment'];

function valuesOf(answers, name) {
  return new Set(answers.filter((each) => each.name === name).flatMap((each) => [each.value].flat()).map(Number));
}

/** What answers and marked words point to: {group: {code: 'seen'}}. */
export function pointedTo(answers = [], marks = []) {
  const found = { ilo: {}, act: {}, means: {}, purpose: {} };
  for (const value of valuesOf(answers, 'ind')) if (ILO[value - 1]) found.ilo[ILO[value - 1]] = 'seen';
  for (const [group, code, name, values] of POINTS) {
    const said = valuesOf(answers, name);
    if (values.some((value) => said.has(value))) found[group][code] = 'seen';
  }
  const married = valuesOf(answers, 'how').has(1) && valuesOf(answers, 'work').has(8);
  if (married || marks.some((mark) => mark.group === 'SOLD')) found[SOLD[0]][SOLD[1]] = 'seen';
  return found;
}

/** The newest coding counts, chip by chip; only what is known is taken. */
export function coded(pointed, entries = []) {
  const newest = entries.filter((entry) => entry.kind === 'coding' && entry.codes && typeof entry.codes === 'object').pop()?.codes ?? {};
  return Object.fromEntries(Object.entries(GROUPS).map(([group, codes]) => [group, Object.fromEntries(codes.map((code) => {
    const said = newest[group]?.[code];
    return [code, STATES.includes(said) ? said : pointed[group][code] ?? 'unknown'];
  }))]));
}

/** [[group, code], ...] of what is seen. */
export const seenIn = (codes) => Object.entries(GROUPS).flatMap(([group, list]) => list.filter((code) => codes?.[group]?.[code] === 'seen').map((code) => [group, code]));
