// SPDX-License-Identifier: AGPL-3.0-or-later
// Requests as the gateways make them, signed by the providers' own packages.
import twilio from 'twilio';
import { Webhook } from 'standardwebhooks';

let counter = 0;
export const sid = () => `SM${(Date.now().toString(16) + (counter++).toString(16)).padStart(32, '0').slice(-32)}`;

/** A Twilio (or Somleng) message: {url, method, headers, body}. */
export function twilioRequest(url, token, fields) {
  const all = {
    MessageSid: sid(), AccountSid: `AC${'b'.repeat(32)}`, From: '+85512345678',
    To: '+14155550100', Body: '', NumMedia: '0', ...fields,
  };
  return {
    url,
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'X-Twilio-Signature': twilio.getExpectedTwilioSignature
        ? twilio.getExpectedTwilioSignature(token, url, all)
        : twilio.webhook.getExpectedTwilioSignature(token, url, all),
    },
    body: new URLSearchParams(all).toString(),
    fields: all,
  };
}

/** A partner's message after Standard Webhooks. */
export function genericRequest(url, secret, message, { id = sid(), now = new Date() } = {}) {
  const body = JSON.stringify(message);
  return {
    url,
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, now, body),
    },
    body,
  };
}

/** A Kannel delivery by post-url. */
export function kannelRequest(url, userpass, text, { id = sid(), from = '+85512345678', to = '8888' } = {}) {
  return {
    url: `${url}?id=${id}&charset=UTF-16BE&coding=2&ts=${Math.floor(Date.now() / 1000)}&udh=&smsc=OP`,
    method: 'POST',
    headers: {
      'Content-Type': 'text/plain; charset="UTF-16BE"',
      'X-Kannel-From': from,
      'X-Kannel-To': to,
      Authorization: `Basic ${Buffer.from(userpass).toString('base64')}`,
    },
    body: Buffer.from(text, 'utf16le').swap16(),
  };
}
