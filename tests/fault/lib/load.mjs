// SPDX-License-Identifier: AGPL-3.0-or-later
// Reporters and gateways who do not give up: each tip has one key for life
// and is sent again until it was acknowledged. What was acknowledged is
// written down as the client saw it, and held against the desk at the end.
import https from 'node:https';
import crypto from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { receiptOf, request } from '../../e2e/lib/home.mjs';
import { genericRequest, kannelRequest, twilioRequest } from '../../e2e/lib/sign.mjs';

export const kinds = ['web', 'twilio', 'kannel', 'generic'];

/** The request of one tip; the same bytes each time but for the time signed. */
function requestOf(home, tip) {
  switch (tip.kind) {
    case 'web':
      return {
        url: `${home.url}/km/a`,
        method: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ k: tip.key, story: tip.text }).toString(),
      };
    case 'twilio':
      return twilioRequest(`${home.url}/sms/twilio`, home.secret('twilio'),
        { Body: tip.text, MessageSid: `SM${tip.key}` });
    case 'kannel':
      return kannelRequest(`${home.url}/sms/kannel`, home.secret('kannel'), tip.text, { id: tip.key });
    default:
      return genericRequest(`${home.url}/sms/generic`, home.secret('generic'),
        { message_id: tip.key, from: '012345678', to: '8888', text: tip.text, channel: 'sms' }, { id: tip.key });
  }
}

/** Did this answer promise that the tip is kept? */
function isAcknowledgement(tip, answer) {
  return answer.status === 200 && (tip.kind !== 'web' || /^[0-9]{20,25}$/.test(receiptOf(answer.body) ?? ''));
}

export class Load {
  constructor(home, { agents = 4 } = {}) {
    this.home = home;
    this.agents = Array.from({ length: agents }, () => new https.Agent({ keepAlive: true, maxSockets: 2 }));
    this.sent = 0;
    this.tries = 0;
    this.acknowledged = new Map(); // text: kind
    this.refused = new Map(); // what a try met: how often
  }

  next(kind = kinds[this.sent % kinds.length]) {
    this.sent += 1;
    const key = crypto.randomBytes(16).toString('hex');
    return { kind, key, text: `ខ្ញុំ ${this.sent} ${key}` };
  }

  /** One try: true if it was acknowledged. */
  async once(tip) {
    this.tries += 1;
    const agent = this.agents[this.tries % this.agents.length];
    let why;
    try {
      const r = requestOf(this.home, tip);
      const answer = await request(r.url, { ...r, agent });
      if (isAcknowledgement(tip, answer)) {
        this.acknowledged.set(tip.text, tip.kind);
        return true;
      }
      why = answer.status;
    } catch (error) {
      why = error.code ?? error.message;
    }
    this.refused.set(why, (this.refused.get(why) ?? 0) + 1);
    return false;
  }

  async insist(tip, end_ms) {
    while (!await this.once(tip)) {
      if (Date.now() > end_ms) return;
      await sleep(50 + 200 * Math.random());
    }
  }

  /** Send n tips, some at a time. */
  async send(n, { at_once = 8, limit_ms = 240000 } = {}) {
    const end = Date.now() + limit_ms;
    let left = n;
    await Promise.all(Array.from({ length: at_once }, async () => {
      while (left > 0) {
        left -= 1;
        await this.insist(this.next(), end);
      }
    }));
  }

  /** Send until stop() says so; then what is on its way is seen through. */
  async sendWhile(goOn, { at_once = 6, pause_ms = 100, limit_ms = 60000 } = {}) {
    await Promise.all(Array.from({ length: at_once }, async () => {
      while (goOn()) {
        await this.insist(this.next(), Date.now() + limit_ms);
        await sleep(pause_ms);
      }
    }));
  }

  close() {
    for (const agent of this.agents) agent.destroy();
  }
}

/** The check: what was acknowledged against what an officer sees. */
export function account(acknowledged, tips) {
  const seen = new Map();
  for (const tip of tips) seen.set(tip.text, (seen.get(tip.text) ?? 0) + 1);
  const doubled = [...seen.values()].filter((n) => n > 1).length
    + tips.length - new Set(tips.map((tip) => tip.id)).size;
  return {
    acknowledged: acknowledged.size,
    arrived: seen.size,
    lost: [...acknowledged.keys()].filter((text) => !seen.has(text)).length,
    doubled,
    strange: tips.filter((tip) => tip.quarantine || !tip.signed_by_us).length,
  };
}

/** Let the desk fetch until all that was acknowledged is there. */
export async function collect(home, load, limit_ms = 120000) {
  const end = Date.now() + limit_ms;
  for (;;) {
    const tips = await home.inbox().catch(() => []);
    const sum = account(load.acknowledged, tips);
    if (sum.lost === 0 || Date.now() > end) return sum;
    await sleep(300);
  }
}
