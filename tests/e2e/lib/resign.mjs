// SPDX-License-Identifier: AGPL-3.0-or-later
// A vector's request, proved anew for a running home: its own address, secret
// and clock. What a provider signs is spelled out here a second time.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';
import twilio from 'twilio';

const require = createRequire(import.meta.url);
const jwt = require('jsonwebtoken');
const HashGenerator = require('@vonage/server-sdk/lib/HashGenerator');

const now_s = () => Math.floor(Date.now() / 1000);
const sha256 = (bytes, form = 'hex') => crypto.createHash('sha256').update(bytes).digest(form);
const hmac = (secret, form, ...pieces) => {
  const mac = crypto.createHmac('sha256', secret);
  for (const piece of pieces) mac.update(piece);
  return mac.digest(form);
};
const basic = ({ secret }) => ({ Authorization: `Basic ${btoa(secret)}` });

function twilioSign({ url, secret, body, json }) {
  if (json) return { 'X-Twilio-Signature': twilio.getExpectedTwilioSignature(secret, url, {}) };
  // the package takes an object: a name that comes twice has a list
  const params = {};
  for (const [name, value] of new URLSearchParams(body.toString())) {
    params[name] = name in params ? [].concat(params[name], value) : value;
  }
  return { 'X-Twilio-Signature': twilio.getExpectedTwilioSignature(secret, url, params) };
}

function plivoSign({ url, secret, body }) {
  const nonce = crypto.randomUUID();
  const [address, query = ''] = url.split('?');
  const join = (text, between) => [...new URLSearchParams(text)].map(([k, v]) => k + between + v).sort();
  const q = join(query, '=').join('&');
  const p = join(body.toString(), '').join('');
  const signed = `${address}?${q}${q && p ? '.' : ''}${p}.${nonce}`;
  return { 'X-Plivo-Signature-V3': hmac(secret, 'base64', signed), 'X-Plivo-Signature-V3-Nonce': nonce };
}

const proofs = {
  twilio: twilioSign,
  somleng: twilioSign,
  plivo: plivoSign,
  telnyx: ({ home, body }) => {
    const key = crypto.createPrivateKey(fs.readFileSync(path.join(home.dir, 'secrets/telnyx.key')));
    const at = String(now_s());
    return { 'telnyx-timestamp': at, 'telnyx-signature-ed25519': crypto.sign(null, Buffer.concat([Buffer.from(`${at}|`), body]), key).toString('base64') };
  },
  messagebird: ({ url, secret, body }) => ({
    'MessageBird-Signature-JWT': jwt.sign({
      iss: 'MessageBird', nbf: now_s() - 1, exp: now_s() + 60, jti: crypto.randomUUID(), url_hash: sha256(url),
      ...(body.length > 0 ? { payload_hash: sha256(body) } : {}),
    }, secret, { noTimestamp: true }),
  }),
  bird: ({ url, secret, body }) => {
    const at = String(now_s());
    return { 'messagebird-request-timestamp': at, 'messagebird-signature': hmac(secret, 'base64', `${at}\n${url}\n`, crypto.createHash('sha256').update(body).digest()) };
  },
  'vonage-messages': ({ secret, body }) => ({
    Authorization: `Bearer ${jwt.sign({ jti: crypto.randomUUID(), iss: 'Vonage', payload_hash: sha256(body), api_key: 'a1b2c3d' }, secret)}`,
  }),
  sinch: ({ secret, body }) => {
    const nonce = crypto.randomUUID();
    const at = String(now_s());
    return {
      'x-sinch-webhook-signature': hmac(secret, 'base64', body, `.${nonce}.${at}`),
      'x-sinch-webhook-signature-nonce': nonce, 'x-sinch-webhook-signature-timestamp': at,
    };
  },
  generic: ({ secret, body }) => {
    const id = crypto.randomUUID();
    const at_s = now_s(); // one for both: a second may end in between
    return {
      'webhook-id': id, 'webhook-timestamp': String(at_s), 'webhook-signature': new Webhook(secret).sign(id, new Date(at_s * 1000), body.toString()),
    };
  },
  'android-sms-gateway': ({ secret, body }) => {
    const at = String(now_s());
    return { 'X-Timestamp': at, 'X-Signature': hmac(secret, 'hex', body, at) };
  },
  httpsms: ({ url, secret }) => ({
    Authorization: `Bearer ${jwt.sign({ iss: 'api.httpsms.com', sub: 'u', aud: [url], iat: now_s(), nbf: now_s() - 600, exp: now_s() + 600 }, secret)}`,
  }),
  telegram: ({ secret }) => ({ 'X-Telegram-Bot-Api-Secret-Token': secret }),
  infobip: basic, africastalking: basic, clickatell: basic, bandwidth: basic, kannel: basic, jasmin: basic, nuntium: basic, custom: basic,
  '8x8': () => ({}), macrokiosk: () => ({}),
};

/** Vonage's proof is among the parameters, and so is its time. */
function vonageSms(vector, query, body, secret) {
  const json = /json/.test(vector.headers['Content-Type'] ?? '');
  const text = vector.method === 'GET' ? query : body.toString();
  const all = json ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
  delete all.sig;
  all.timestamp = String(now_s());
  delete all['message-timestamp'];
  all.sig = new HashGenerator().generate('sha256', secret, all);
  const made = json ? JSON.stringify(all) : new URLSearchParams(all).toString();
  return vector.method === 'GET' ? [made, body] : [query, Buffer.from(made)];
}

/** {url, method, headers, body} of a vector for this home. */
export function resign(home, vector) {
  const secret = home.secret(vector.provider);
  const segment = ['8x8', 'macrokiosk'].includes(vector.provider) ? `/${secret}` : '';
  let query = vector.url.split('?')[1] ?? '';
  let body = Buffer.from(vector.body_b64 ?? '', 'base64');
  const type = vector.headers['Content-Type'];
  const headers = type ? { 'Content-Type': type } : {};
  for (const [name, value] of Object.entries(vector.headers)) {
    if (/^x-kannel-/i.test(name)) headers[name] = value;
  }
  if (vector.provider === 'vonage-sms') [query, body] = vonageSms(vector, query, body, secret);
  const url = `${home.url}/sms/${vector.provider}${segment}${query && `?${query}`}`;
  const proof = proofs[vector.provider]?.({ home, url, secret, body, json: /json/.test(type ?? '') }) ?? {};
  return { url, method: vector.method, headers: { ...headers, ...proof }, body: vector.method === 'GET' ? undefined : body };
}
