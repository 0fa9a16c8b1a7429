// SPDX-License-Identifier: AGPL-3.0-or-later
// One tip on one screen: at the top what must be known before anything is done,
// left what was written and what was done, right what may be decided.
import { fail, say } from '../js/announce.js';
import { get, post, whenReady } from '../js/api.js';
import { wasRead } from '../js/care.js';
import { flagWord, stateWord, under18 } from '../js/codes.js';
import { dropDraft, keepDraft, readDraft } from '../js/drafts.js';
import { fill, h, written } from '../js/dom.js';
import { headerNow } from '../js/frame.js';
import { lastActive } from '../js/idle.js';
import { icon, priorityMark } from '../js/icons.js';
import { askReason } from '../js/dialog.js';
import { go } from '../js/router.js';
import { isSupervisor, session } from '../js/session.js';
import { alarmed, onAlarm } from '../js/sound.js';
import { t, tw } from '../js/text.js';
import { left } from '../js/timewords.js';
import { button, card, moment } from '../js/widgets.js';
import { act, claim, release, takeOver } from './acts.js';
import { isHeld, isMine, ownerWords, wantsBack } from './queue_row.js';
import { approveReferral } from './referral.js';
import { replyCard, seenLine } from './reply.js';
import { actionsCard, allowedOf, asked, outOfScope, setPriority } from './tip_actions.js';
import { codingCard } from './tip_coding.js';
import { contactCard } from './tip_contact.js';
import { filesCard } from './tip_files.js';
import { linksCard } from './tip_links.js';
import { logCard, noteCard } from './tip_log.js';
import { whereCard, whyCard } from './tip_side.js';
import { answersCard, textCard, translationCard } from './tip_text.js';

const RENEW_MS = 60000;
const path = (id, what = '') => `/api/tips/${encodeURIComponent(id)}${what}`;

/** Whether a supervisor hears that one is asked. */
const askedWords = () => t(alarmed().supervisor ? 'asked.heard' : headerNow().alarms?.set ? 'asked.alarm' : 'asked.call');

class Tip {
  constructor(root, { id, row }) {
    Object.assign(this, { root, id, row, tip: null, lost: false, draft: {}, offset_ms: 0, stale: false, fileCard: null });
  }

  now() {
    return Date.now() + this.offset_ms;
  }

  /** A tip that has just come is being opened: it is asked for again. */
  read(what = '') {
    return whenReady(({ word }) => word === 'opening', () => get(path(this.id, what)));
  }

  /** What it is now. Who has claimed it and looks at it has opened it: that is a change of the case. */
  async load() {
    try {
      let tip = await this.read();
      const opens = allowedOf(tip).get('open');
      if (opens && isMine(tip.row, this.now()) && await act(tip.row, { event: opens.event })) tip = await this.read();
      return { tip, row: tip.row, lost: false, sealed: null };
    } catch (error) {
      if (error.word === 'withdrawn') return { tip: null, row: { ...this.row, ...error.data.row }, lost: false, sealed: error.data.left ?? [] };
      if (error.word !== 'claim-first') throw error;
      const lost = this.lost || Boolean(this.tip) || isMine(this.row, this.now()); // closed, or somebody else's now: what we know of it is old
      return { tip: null, row: lost ? { ...this.row, owner: '', until_ms: 0, state: '' } : this.row, lost, sealed: null };
    }
  }

  take(found) {
    Object.assign(this, found);
    if (!this.tip) return;
    wasRead(this.id, this.row.priority === 1 || under18(this.row.under18) === 'yes');
    this.offset_ms = this.tip.now_ms - Date.now();
  }

  /** Load and draw; what was begun stays. At nobody's wish: not under a hand that writes. */
  refresh({ asked = true } = {}) {
    const mine = this.turn = (this.turn ?? 0) + 1;
    this.busy = (async () => {
      try {
        const found = await this.load();
        if (mine !== this.turn || !this.root.isConnected) return; // the one that was begun last tells most
        if (!asked && this.isWritten()) {
          this.tellStale();
        } else {
          this.take(found);
          this.draw();
        }
      } catch (error) {
        fail(error);
      }
    })();
    return this.busy;
  }

  /** A change of one's own, and the tip as it is then: its event may come first, and finds words that are not a draft any more. */
  save(write) {
    const ends = write().then(() => { say(t('saved')); return this.refresh(); });
    this.busy = ends.catch(() => {});
    return ends;
  }

  isWritten() {
    return Boolean(document.querySelector('dialog')) || (this.root.contains(document.activeElement) && document.activeElement.matches('textarea, input, select'));
  }

  tellStale() {
    this.stale = true;
    this.drawBar();
    say(t('tip.changed'));
  }

  keep(name, value) {
    this.draft[name] = value;
    const some = Object.values(this.draft).some((each) => (Array.isArray(each) ? each.some(Boolean) : each));
    if (some) keepDraft(this.id, { ...this.draft });
    else dropDraft(this.id);
  }

  head() {
    const { row } = this;
    const mine = isMine(row, this.now());
    const held = isHeld(row, this.now());
    const number = row.seq ? t('tip.number', { n: row.seq }) : t('tip');
    this.bar = h('div', { class: 'new-bar', 'aria-live': 'polite' });
    this.drawBar();
    return h('header', { class: 'tip-head' },
      button(t('back'), () => go('queue'), { action: 'back', kind: 'quiet' }),
      h('h1', { tabindex: -1 }, priorityMark(row.priority), ' ', number),
      wantsBack(row) && h('span', { class: 'chip chip-warn' }, icon('stop'), flagWord('withdraw')),
      row.state && h('span', { class: 'chip' }, stateWord(row.state)),
      (row.flags ?? []).filter((flag) => flag !== 'withdraw').map((flag) => h('span', { class: 'chip' }, written(flagWord(flag)))),
      row.state === 'ESCALATED' && !isSupervisor() && h('span', { class: 'chip chip-warn asked-line' }, askedWords()),
      h('span', { class: mine ? 'owner mine' : 'owner' }, ownerWords(row, this.now()),
        mine && row.until_ms && h('span', { class: 'muted', 'data-due': row.until_ms }, ` ${tw(left(row.until_ms, this.now()))}`)),
      h('span', { class: 'tip-buttons' }, this.bar,
        !held && !['QUARANTINE', 'WITHDRAWN'].includes(row.state) && button(t('act.claim'), () => this.claim(), { action: 'claim', kind: 'primary' }),
        held && !mine && button(t('takeover.button'), () => this.takeOver()),
        mine && button(t('act.release'), () => this.release(), { action: 'release', title: t('act.release.why') })));
  }

  drawBar() {
    fill(this.bar, this.stale && button(t('tip.changed'), () => this.reload(), { action: 'reload', kind: 'primary' }));
  }

  /** Not opened yet: it has to be claimed first. A referral that waits for a second officer is read without. */
  async drawAsked() {
    const { asked: entries } = await this.read('/asked');
    if (this.askedBox.isConnected) fill(this.askedBox, asked({ row: this.row, entries }, () => this.reload()));
  }

  /** Taken back by its reporter: to whom it had gone, and nothing else. */
  takenBack() {
    return card(t('state.WITHDRAWN'), { class: 'closed-tip' }, h('p', null, t('tip.withdrawn')),
      this.sealed.length > 0 && [h('p', null, t('tip.withdrawn.left')), h('ul', { class: 'left' }, this.sealed.map((one) => h('li', null,
        written(one.partner_name ?? one.partner), ` · ${one.ref} · `, moment(one.at_ms), one.files.map((file) => [' · ', h('code', null, file.name)]))))]);
  }

  closed() {
    this.askedBox = h('div', { 'aria-live': 'polite' });
    setTimeout(() => this.drawAsked().catch(fail), 0);
    const agree = this.row.state === 'REF_APPROVAL' && this.row.owner !== session.officer.name && button(t('do.APPROVE'), async () => {
      const { entry } = await get(path(this.id, '/referrals'));
      await approveReferral({ row: this.row, entries: [entry] });
      await this.reload();
    }, { kind: 'primary' });
    return card(t('tip.closed'), { class: 'closed-tip' }, h('p', null, t(this.lost ? 'tip.lost' : 'tip.closed.why')),
      h('p', { class: 'buttons' }, agree, isHeld(this.row, this.now()) ? button(t('takeover.button'), () => this.takeOver())
        : button(t('act.claim'), () => this.claim(), { action: 'claim', kind: 'primary' })), this.askedBox);
  }

  senderCard() {
    const { tip } = this;
    const given = (tip.answers ?? []).find(({ name }) => name === 'contact_number')?.value;
    const masks = Object.entries({ sender: tip.sender_masked, contact_number: given }).filter(([, mask]) => mask);
    if (masks.length === 0) return null;
    const numbers = new Map(masks.map(([name, mask]) => [name, h('bdi', { class: 'number', dir: 'ltr' }, mask)]));
    const show = button(t('reveal'), async () => {
      await askReason(t('reveal.title'), { hint: t('reveal.hint'), ok: t('reveal') }, async (reason) => {
        const shown = await post(path(this.id, '/reveal'), { reason });
        for (const [name, node] of numbers) node.textContent = shown[name] ?? '';
        show.remove();
      });
    });
    return card(t('sender'), { class: 'sender' }, h('p', { class: 'split-line' }, h('span', null, [...numbers.values()].map((node, i) => [i > 0 && ' · ', node])), show));
  }

  /** Draw anew; who was in a field is in it again, else at the heading. */
  draw() {
    const was = document.activeElement;
    const field = was?.dataset.field;
    const had = this.root.contains(was);
    this.drawAll();
    const now = field && this.root.querySelector(`[data-field="${field}"]`);
    if (had) (now ?? this.root.querySelector('h1'))?.focus({ preventScroll: true });
  }

  drawAll() {
    this.fileCard?.leave();
    this.stale = false;
    if (!this.tip) {
      fill(this.root, this.head(), this.sealed ? this.takenBack() : this.closed());
      return;
    }
    const { tip } = this;
    const may = isMine(this.row, this.now()) || isSupervisor();
    const saved = () => this.refresh();
    const entries = tip.entries ?? [];
    const save = (write) => this.save(write);
    const shared = (name) => ({ saved, save, may, draft: this.draft[name], keep: (value) => this.keep(name, value) });
    this.fileCard = filesCard(tip, { saved, may });
    fill(this.root, this.head(), h('div', { class: 'tip-top', role: 'group', 'aria-label': t('tip.side') },
      whyCard(tip), whereCard(tip, this.now()), contactCard(tip, this.now(), { saved, may })),
    h('div', { class: 'tip-grid' },
      h('div', { class: 'tip-main' },
        tip.withdrawn ? h('p', { class: 'note-line' }, t('tip.withdrawn.before')) : textCard(tip), translationCard(tip, entries, { ...shared('translation'), draft: this.draft.translation ?? [] }),
        answersCard(tip), codingCard(tip, { saved, may }), this.fileCard.node, replyCard(tip, shared('reply')), noteCard(tip, shared('note')), logCard(tip)),
      h('div', { class: 'tip-side' }, actionsCard(tip, { done: saved, refer: () => this.refer() }),
        this.senderCard(), linksCard(tip, { saved, may }))));
  }

  refer() {
    if (this.tip) go('referral', { id: this.id });
  }

  async claim() {
    const now = await claim(this.row);
    if (now) Object.assign(this.row, now);
    await this.refresh();
  }

  async takeOver() {
    const now = await takeOver(this.row);
    if (now) await this.refresh();
  }

  async release() {
    if (await release(this.row)) go('queue');
  }

  /** Somebody changed it: what was begun is in this.draft and comes back. */
  reload() {
    return this.refresh();
  }

  to(id) {
    const node = this.root.querySelector(id);
    (node?.querySelector('textarea') ?? node)?.focus();
    node?.scrollIntoView({ block: 'nearest' });
  }

  async rate(n) {
    const now = this.tip && await setPriority(this.tip, n, allowedOf(this.tip));
    if (!now) return;
    if (!now.pending) say(t('saved'));
    await this.refresh();
  }

  async scope() {
    if (this.tip && await outOfScope(this.tip, allowedOf(this.tip))) await this.refresh();
  }

  onEvent(event, data) {
    if (event === 'live') {
      this.onEvent('case', { id: this.id, version: -1 });
    } else if (event === 'case' && data.id === this.id && data.sent) {
      this.tellSent(data.version).catch(() => {});
    } else if (event === 'case' && data.id === this.id) {
      this.follow(data.altered ? -1 : data.version);
    }
  }

  /** What the reporter's page says has gone out: nothing else is drawn anew, whoever writes. */
  async tellSent(version) {
    await this.busy;
    if (!this.tip || version !== this.row.version) return;
    this.tip.shown = (await this.read('')).shown;
    this.root.querySelector('.shown-line')?.replaceWith(seenLine(this.tip));
  }

  /** A change of this case; one's own is under way already, and -1 may be any. */
  async follow(version) {
    for (let busy = null; busy !== this.busy;) {
      busy = this.busy;
      await busy;
    }
    if (!this.root.isConnected || (version >= 0 && version <= this.row.version)) return;
    if (this.isWritten()) this.tellStale();
    else await this.refresh({ asked: false });
  }

  tick() {
    for (const node of this.root.querySelectorAll('[data-due]')) {
      const words = left(Number(node.dataset.due), this.now());
      const said = tw(words);
      if (!node.textContent.includes(said)) fill(node, said);
    }
    const now = Date.now();
    if (this.tip && isMine(this.row, this.now()) && now - (this.renewed_ms ?? 0) > RENEW_MS && now - lastActive() < RENEW_MS) {
      this.renewed_ms = now;
      post(path(this.id, '/activity')).then((answer) => {
        this.row.until_ms = answer.now.until_ms;
        this.root.querySelector('.owner [data-due]')?.setAttribute('data-due', this.row.until_ms);
      }, () => {});
    }
  }
}

export async function tip(root, params) {
  const it = new Tip(root, params);
  const [draft, found] = await Promise.all([readDraft(params.id), it.load()]);
  it.draft = draft;
  it.take(found);
  if (!it.row) throw new Error(t('tip.unknown'));
  it.renewed_ms = Date.now();
  it.draw();
  const ticks = setInterval(() => it.tick(), 1000);
  const unheard = onAlarm(() => { for (const node of root.querySelectorAll('.asked-line')) fill(node, askedWords()); });
  const safely = (run) => () => Promise.resolve(run()).catch(fail);
  return {
    leave: () => { clearInterval(ticks); unheard(); it.fileCard?.leave(); },
    onEvent: (event, data) => it.onEvent(event, data),
    keys: {
      back: () => go('queue'),
      claim: safely(() => it.claim()),
      release: safely(() => it.release()),
      reload: safely(() => it.reload()),
      note: () => it.to('.note-write'),
      reply: () => it.to('.reply'),
      status: () => it.to('.reply'),
      link: () => it.to('.links'),
      refer: () => it.refer(),
      scope: safely(() => it.scope()),
      p1: safely(() => it.rate(1)), p2: safely(() => it.rate(2)), p3: safely(() => it.rate(3)), p4: safely(() => it.rate(4)),
    },
  };
}
