// SPDX-License-Identifier: AGPL-3.0-or-later
// The queue: what waits, most urgent first. The list is drawn when the officer
// asks for it; what comes meanwhile is counted in a bar, and what changes in a
// row that is shown changes in its place.
import { fail, say } from '../js/announce.js';
import { get, query } from '../js/api.js';
import { LANGUAGES, languageWord } from '../js/codes.js';
import { fill, h } from '../js/dom.js';
import { headerNow, setHeader } from '../js/frame.js';
import { PRIORITIES } from '../js/icons.js';
import { go } from '../js/router.js';
import { keepLikes, likes } from '../js/session.js';
import { t, tn } from '../js/text.js';
import { button, input, select } from '../js/widgets.js';
import { act, claim, release, takeOver } from './acts.js';
import { headRow, isHeld, isMine, makeRow, newBar, whyWords } from './queue_row.js';

export const VIEWS = ['mine', 'open', 'second', 'waiting', 'referrals', 'quarantine', 'closed'];
const PAGE = 25;
const LOOK_MS = 400;

/** Where the officer was; kept while the page lives, never stored. */
const kept = { page: 1, q: '', chosen: '' };

class Queue {
  constructor(root, params) {
    this.root = root;
    this.filters = { view: 'mine', lang: '', priority: '', ...likes.filters };
    if (VIEWS.includes(params.view)) this.filters.view = params.view;
    this.items = [];
    this.fresh = new Set();
    this.offset_ms = 0;
    this.total = 0;
  }

  now() {
    return Date.now() + this.offset_ms;
  }

  frame() {
    this.title = h('h1', { tabindex: -1, class: 'sr' }, t('go.queue'));
    this.tabs = h('div', { class: 'views', role: 'group', 'aria-label': t('queue.views') });
    this.search = input({ type: 'search', class: 'q-search', 'aria-label': t('queue.search'), placeholder: t('queue.search'), value: kept.q, maxlength: 200 });
    this.search.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') { kept.q = this.search.value.trim(); this.load({ page: 1 }); }
    });
    this.search.addEventListener('search', () => { if (!this.search.value && kept.q) { kept.q = ''; this.load({ page: 1 }); } });
    const pick = (name, choices, label) => select(choices, {
      'aria-label': label, value: this.filters[name],
      onchange: (event) => { this.filters[name] = event.target.value; this.keepFilters(); this.load({ page: 1 }); },
    });
    this.bar = h('div', { class: 'new-bar', 'aria-live': 'polite' });
    this.list = h('div', { class: 'q-list', role: 'grid', 'aria-label': t('go.queue'), 'aria-rowcount': -1 });
    this.empty = h('div', { role: 'gridcell' });
    this.pager = h('div', { class: 'pager' });
    this.looks = h('div', { class: 'q-looks', 'aria-live': 'polite' });
    this.peek = h('div', { class: 'peek' });
    fill(this.root, this.title,
      h('div', { class: 'q-tools' }, this.tabs, h('div', { class: 'q-filters' }, this.search,
        pick('priority', [['', t('queue.any.priority')], ...PRIORITIES.map((n) => [String(n), `P${n} ${t(`priority.${n}`)}`])], t('col.priority.long')),
        pick('lang', [['', t('queue.any.lang')], ...LANGUAGES.map((lang) => [lang, languageWord(lang)])], t('col.lang.long')))),
      this.looks, h('div', { class: 'q-line' }, this.pager, this.bar), this.list, this.peek);
    this.drawTabs();
  }

  keepFilters() {
    likes.filters = { ...this.filters };
    keepLikes();
  }

  drawTabs() {
    fill(this.tabs, VIEWS.map((view) => h('button', {
      type: 'button', class: 'button quiet', 'aria-pressed': String(view === this.filters.view), 'data-view': view,
      onclick: () => { this.filters.view = view; this.keepFilters(); this.drawTabs(); this.load({ page: 1 }); },
    }, t(`view.${view}`))));
    this.countTabs();
  }

  /** How many wait for a second officer stands there, also at 3 in the morning. */
  countTabs() {
    const n = headerNow().seconds;
    this.tabs.querySelector('[data-view=second]').textContent = n > 0 ? `${t('view.second')} (${n})` : t('view.second');
    const { n: all = 0, unseen = 0, in_full: full = 0 } = headerNow().quarantine ?? {};
    this.tabs.querySelector('[data-view=quarantine]').textContent = all > 0 ? `${t('view.quarantine')} (${all})` : t('view.quarantine');
    const line = this.filters.view === 'quarantine' && all > 0 ? t('quarantine.line', { n: all, unseen, full }) : '';
    const shown = this.unseen().length;
    if (this.looks.dataset.said === `${line}${shown}`) return; // not under a hand that presses
    this.looks.dataset.said = `${line}${shown}`;
    fill(this.looks, line && [h('p', null, line), shown > 0 && button(t('quarantine.looked'), () => this.looked(), { action: 'looked' })]);
  }

  /** Those of this page that nobody has looked through, but for those that are to be read in full. */
  unseen() {
    return this.items.filter(({ row }) => row.flags?.includes('not looked through') && !row.flags.includes('read in full'));
  }

  /** Each for itself: what came meanwhile was not looked through. */
  async looked() {
    let n = 0;
    for (const { row } of this.unseen()) n += await act(row, { event: 'LOOK' }) ? 1 : 0;
    say(tn('quarantine.done', n));
    await this.load({ focus: true });
  }

  /** What the officer wants to see now. */
  question() {
    return query('/api/queue', { ...this.filters, q: kept.q, page: kept.page - 1 || '' }); // the desk counts from 0
  }

  /** Draw the list anew. Only ever at the officer's wish; who wishes again while it is on its way waits for that first, so that a slow desk shows something too. */
  load({ page = kept.page, focus = false } = {}) {
    kept.page = page;
    this.wish = { focus: focus || this.wish?.focus };
    this.loading ??= (async () => {
      for (let wish = this.wish; wish; wish = this.wish) {
        this.wish = null;
        await this.draw(wish.focus);
      }
      this.loading = null;
    })();
    return this.loading;
  }

  async draw(focus) {
    const asked = this.question();
    try {
      const data = await get(asked);
      if (!this.root.isConnected || asked !== this.question()) return; // what is wanted by now is asked for next
      this.drawn = asked;
      this.take(data);
      this.fresh.clear();
      this.items = data.rows.map((row) => makeRow(row, this.now(), { select: (item) => this.choose(item), open: (item) => this.open(item) }));
      fill(this.list, headRow(), this.items.map((item) => item.node),
        this.items.length === 0 && h('div', { role: 'row', class: 'q-empty' }, this.empty));
      this.drawEmpty();
      this.drawBar();
      this.countTabs();
      this.drawPager();
      this.choose(this.items.find(({ row }) => row.id === kept.chosen) ?? this.items[0], focus);
    } catch (error) {
      fail(error);
    }
  }

  take(data) {
    this.total = data.total;
    this.offset_ms = data.now_ms ? data.now_ms - Date.now() : 0;
    setHeader({ ...data.header, opening: data.opening ?? 0 });
    this.countTabs();
  }

  /** Nothing waits only where all were asked. */
  drawEmpty() {
    const { view } = this.filters;
    this.empty.textContent = view === 'second' && headerNow().seconds === null ? t('queue.counting') : t(kept.q ? 'queue.nothing' : `queue.empty.${view}`);
  }

  drawBar() {
    const n = this.fresh.size;
    fill(this.bar, n > 0 && button(newBar(n), () => this.load({ focus: true }), { action: 'reload', kind: 'primary' }));
  }

  drawPager() {
    const pages = Math.max(1, Math.ceil(this.total / PAGE));
    const step = (page, label, off) => h('button', { type: 'button', class: 'button quiet', disabled: off, onclick: () => this.load({ page, focus: true }) }, label);
    fill(this.pager, h('span', null, tn('queue.total', this.total)),
      pages > 1 && [step(kept.page - 1, t('page.before'), kept.page <= 1),
        h('span', null, t('page.of', { n: kept.page, all: pages })), step(kept.page + 1, t('page.next'), kept.page >= pages)]);
  }

  choose(item, focus = false) {
    for (const each of this.items) {
      const on = each === item;
      each.node.tabIndex = on ? 0 : -1;
      each.node.classList.toggle('chosen', on);
      each.node.setAttribute('aria-selected', String(on));
    }
    this.chosen = item;
    kept.chosen = item?.row.id ?? '';
    this.drawPeek();
    if (focus) item?.node.focus();
  }

  drawPeek() {
    const row = this.chosen?.row;
    if (!row) { fill(this.peek, h('p', { class: 'muted' }, t('queue.peek.none'))); return; }
    const mine = isMine(row, this.now());
    fill(this.peek, h('p', { class: 'peek-why' }, h('b', null, `${t('why')}: `), whyWords(row)),
      h('p', { class: 'buttons' }, button(t('act.open'), () => this.open(this.chosen), { action: 'open', kind: mine || row.state === 'QUARANTINE' ? 'primary' : '' }),
        mine && button(t('act.release'), () => this.doTo(release), { action: 'release' }),
        !mine && row.state !== 'QUARANTINE' && (isHeld(row, this.now()) ? button(t('takeover.button'), () => this.doTo(takeOver))
          : button(t('act.claim'), () => this.doTo(claim), { action: 'claim', kind: 'primary' }))));
  }

  move(step) {
    if (this.items.length === 0) return;
    const at = this.items.indexOf(this.chosen);
    const next = this.items[Math.min(this.items.length - 1, Math.max(0, at + step))];
    this.choose(next, true);
    next.node.scrollIntoView({ block: 'nearest' });
  }

  async doTo(act) {
    const item = this.chosen;
    if (!item) return;
    const now = await act(item.row);
    if (now) {
      item.update({ ...item.row, ...now }, this.now());
      this.drawPeek();
    } else {
      this.lookLater();
    }
    item.node.focus();
  }

  open(item) {
    if (item) go('tip', { id: item.row.id, row: item.row });
  }

  /** What is shown, as it is now: changed in its place, nothing moves. */
  async look() {
    const asked = this.question();
    if (asked !== this.drawn) { // other rows are to be shown first
      if (this.loading) this.lookLater();
      else await this.load();
      return;
    }
    try {
      const data = await get(query(asked, { shown: this.items.map(({ row }) => row.id).join('.') }));
      if (!this.root.isConnected || asked !== this.question() || asked !== this.drawn) return;
      this.take(data);
      const now = new Map([...data.rows, ...data.elsewhere].map((row) => [row.id, row]));
      for (const item of this.items) {
        const row = now.get(item.row.id);
        if (!row) {
          item.gone();
        } else if (item.isGone || JSON.stringify(row) !== JSON.stringify(item.row)) {
          item.update(row, this.now());
        }
        now.delete(item.row.id);
      }
      if (!this.items.length && data.rows.length) await this.load();
      this.drawEmpty();
      this.countTabs();
      this.drawPeek();
    } catch (error) {
      fail(error);
    }
  }

  /** Once for all that happens till then: waiting for quiet, a busy desk would never look. */
  lookLater() {
    this.timer ??= setTimeout(() => { this.timer = null; this.look(); }, LOOK_MS);
  }

  onEvent(event, data) {
    if (event === 'header') {
      this.countTabs();
      if (this.items.length === 0) this.lookLater();
    } else if (event === 'new' && !this.items.some(({ row }) => row.id === data.id)) {
      this.fresh.add(data.id);
      this.drawBar();
      if (this.items.length === 0) this.load();
      else say(newBar(this.fresh.size));
    } else {
      this.lookLater();
    }
  }

  start() {
    this.frame();
    this.ticks = setInterval(() => {
      for (const item of this.items) item.tick(this.now());
    }, 1000);
  }

  leave() {
    clearInterval(this.ticks);
    clearTimeout(this.timer);
  }
}

export async function queue(root, params) {
  const it = new Queue(root, params);
  it.start();
  await it.load({ focus: true });
  return {
    ownFocus: true,
    leave: () => it.leave(),
    onEvent: (event, data) => it.onEvent(event, data),
    keys: {
      next: () => it.move(1),
      previous: () => it.move(-1),
      open: () => it.open(it.chosen),
      claim: () => it.doTo(claim).catch(fail),
      release: () => it.doTo(release).catch(fail),
      reload: () => it.load({ focus: true }),
      search: () => it.search.focus(),
      back: () => it.chosen?.node.focus(),
    },
  };
}
