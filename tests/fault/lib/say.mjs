// SPDX-License-Identifier: AGPL-3.0-or-later
// One person's requests, byte by byte, through each front door: over TLS 1.2,
// TLS 1.3 (from an address of their own) and the onion socket.
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import twilio from 'twilio';
import { genericRequest, kannelRequest } from '../../e2e/lib/sign.mjs';

export const doors = ['TLSv1.2', 'TLSv1.3', 'onion'];

export async function connect(home, door, person) {
  const socket = door === 'onion'
    ? net.connect(path.join(home.dir, 'sock/onion'))
    : tls.connect({
      port: home.port, host: '127.0.0.1', localAddress: person.address,
      minVersion: door, maxVersion: door, rejectUnauthorized: false,
    });
  socket.on('error', () => {});
  await once(socket, door === 'onion' ? 'connect' : 'secureConnect');
  return socket;
}

/** The whole answer, or what there was of it when the connection closed. */
export function answerOf(socket, limit_ms = 60000) {
  return new Promise((resolve) => {
    let data = Buffer.alloc(0);
    const done = () => {
      clearTimeout(timer);
      socket.off('data', more);
      resolve({ status: Number(data.subarray(9, 12)) || 0, text: data.toString(), socket });
    };
    const more = (bytes) => {
      data = Buffer.concat([data, bytes]);
      const end = data.indexOf('\r\n\r\n');
      const length = /^Content-Length: (\d+)\r$/im.exec(data.subarray(0, end + 2).toString())?.[1];
      if (end >= 0 && length !== undefined && data.length >= end + 4 + Number(length)) done();
    };
    const timer = setTimeout(done, limit_ms);
    socket.on('data', more);
    socket.once('close', done);
  });
}

/** Send pieces, a moment between them; the answer. The connection stays. */
export async function say(home, door, person, ...pieces) {
  const socket = await connect(home, door, person);
  const answer = answerOf(socket);
  for (const piece of pieces) {
    socket.write(piece);
    if (pieces.length > 1) await sleep(15);
  }
  return answer;
}

export function message(method, target, headers, body = '') {
  const bytes = Buffer.from(body);
  const fields = Object.entries({ Host: 'x', ...headers, ...(method === 'POST' && !headers['Transfer-Encoding']
    ? { 'Content-Length': bytes.length } : {}) }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${fields.join('')}\r\n`), bytes]);
}

const form_type = 'application/x-www-form-urlencoded';
const formOf = (p) => ({ k: p.key, now: '2', story: p.story, where_country: '1', where_near: p.near });

export const form = (p, more = {}, headers = {}) => message('POST', '/km/a',
  { 'User-Agent': p.agent, 'Content-Type': form_type, ...headers },
  new URLSearchParams({ ...formOf(p), ...more }).toString());

function multipart(p, with_file) {
  const b = 'xYzZYxYzZY';
  const part = (name, value, rest = '') =>
    `--${b}\r\nContent-Disposition: form-data; name="${name}"${rest}\r\n\r\n${value}\r\n`;
  const file = with_file
    ? part('file', p.story.repeat(2000), `; filename="${p.word}.jpg"\r\nContent-Type: image/jpeg`) : '';
  return message('POST', '/en/a', { 'User-Agent': p.agent, 'Content-Type': `multipart/form-data; boundary=${b}` },
    `${Object.entries(formOf(p)).map(([name, value]) => part(name, value)).join('')}${file}--${b}--\r\n`);
}

/** A long upload in chunks, in many pieces over the wire. */
function chunked(p) {
  const body = Buffer.from(new URLSearchParams({ ...formOf(p), story: p.story.repeat(30) }).toString());
  const pieces = [message('POST', '/km/a', {
    'User-Agent': p.agent, 'Content-Type': form_type, 'Transfer-Encoding': 'chunked' })];
  for (let at = 0; at < body.length; at += 701) {
    const piece = body.subarray(at, at + 701);
    pieces.push(Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]));
  }
  return [...pieces, Buffer.from('0\r\n\r\n')];
}

const sign = (home, url, fields) => twilio.getExpectedTwilioSignature(home.secret('twilio'), url, fields);
const twilioFields = (p) => ({
  AccountSid: `AC${'b'.repeat(32)}`, Body: p.story, From: p.e164, MessageSid: p.message_id, NumMedia: '0', To: '+14155550100',
});

function twilioForm(home, p) {
  const fields = twilioFields(p);
  return message('POST', '/sms/twilio', {
    'User-Agent': p.agent, 'Content-Type': form_type,
    'X-Twilio-Signature': sign(home, `${home.url}/sms/twilio`, fields),
  }, new URLSearchParams(fields).toString());
}

function twilioGet(home, p) {
  const target = `/sms/twilio?${new URLSearchParams(twilioFields(p)).toString().replaceAll('+', '%20')}`;
  return message('GET', target, {
    'User-Agent': p.agent, 'X-Twilio-Signature': sign(home, `${home.url}${target}`, {}) });
}

function twilioJson(home, p) {
  const body = JSON.stringify({
    messageSid: p.message_id, accountSid: `AC${'b'.repeat(32)}`, from: p.e164, to: '+14155550100', body: p.story,
  });
  const target = `/sms/twilio?bodySHA256=${twilio.getExpectedBodyHash(body)}`;
  return message('POST', target, {
    'User-Agent': p.agent, 'Content-Type': 'application/json',
    'X-Twilio-Signature': sign(home, `${home.url}${target}`, {}),
  }, body);
}

const target = (url) => new URL(url).pathname + new URL(url).search;

function kannelPost(home, p) {
  const r = kannelRequest(`${home.url}/sms/kannel`, home.secret('kannel'), p.story, { id: p.message_id, from: p.e164 });
  return message('POST', target(r.url), { 'User-Agent': p.agent, ...r.headers }, r.body);
}

/** textb=%b: the message's own bytes, here UTF-16. */
function kannelGet(home, p) {
  const bytes = [...Buffer.from(p.story, 'utf16le').swap16()];
  const text = bytes.map((b) => `%${b.toString(16).padStart(2, '0')}`).join('');
  return message('GET', `/sms/kannel?from=${p.national}&to=8888&textb=${text}&charset=UTF-16BE&coding=2`
    + `&smsc=OP&id=${p.message_id}&ts=${Math.floor(Date.now() / 1000)}&udh=`, {
    'User-Agent': p.agent, Authorization: `Basic ${btoa(home.secret('kannel'))}` });
}

function generic(home, p, from) {
  const r = genericRequest(`${home.url}/sms/generic`, home.secret('generic'),
    { message_id: p.message_id, from, to: '8888', text: p.story, channel: 'sms', media: [{ type: 'image/jpeg', url: `https://x/${p.word}` }] },
    { id: p.message_id });
  return message('POST', '/sms/generic', { 'User-Agent': p.agent, ...r.headers }, r.body);
}

/** Every way in: name, then the pieces to send. */
export const ways = {
  'form, urlencoded': (home, p) => [form(p)],
  'form, multipart': (home, p) => [multipart(p, false)],
  'form with a file': (home, p) => [multipart(p, true)],
  'form, in chunks': (home, p) => chunked(p),
  'twilio, form': (home, p) => [twilioForm(home, p)],
  'twilio, GET': (home, p) => [twilioGet(home, p)],
  'twilio, JSON': (home, p) => [twilioJson(home, p)],
  'kannel, POST': (home, p) => [kannelPost(home, p)],
  'kannel, GET': (home, p) => [kannelGet(home, p)],
  'generic, E.164': (home, p) => [generic(home, p, p.e164)],
  'generic, without plus': (home, p) => [generic(home, p, p.e164.slice(1))],
  'generic, national': (home, p) => [generic(home, p, p.national)],
};

const long = (p, n) => p.story.repeat(Math.ceil(n / Buffer.byteLength(p.story)));

/** Requests that are refused, each with its status (0: dropped). */
export const refusals = [
  [400, 'a field without a colon', (home, p) => message('GET', '/km/', { 'User-Agent': p.agent, [`${p.word} x`]: p.near })],
  [400, 'a broken percent sign', (home, p) => message('POST', '/km/a', { 'User-Agent': p.agent, 'Content-Type': form_type }, `k=${p.key}&story=${p.word}%zz&where_near=${p.near}`)],
  [400, 'a broken multipart body', (home, p) => message('POST', '/km/a', { 'User-Agent': p.agent, 'Content-Type': 'multipart/form-data; boundary=b' }, `--b\r\nContent-Disposition: form-data; name="story"\r\n\r\n${p.story}`)],
  [404, 'a path that is not there', (home, p) => message('GET', `/${p.word}/${p.near}?${p.key}`, { 'User-Agent': p.agent })],
  [405, 'a method that is not meant', (home, p) => message('POST', '/km/', { 'User-Agent': p.agent }, p.story)],
  [411, 'a body without a length', (home, p) => Buffer.from(`POST /km/a HTTP/1.1\r\nHost: x\r\nUser-Agent: ${p.agent}\r\nX: ${p.word} ${p.near}\r\n\r\n`)],
  [413, 'a body that is too long', (home, p) => Buffer.from(`POST /km/a HTTP/1.1\r\nHost: x\r\nUser-Agent: ${p.agent}\r\nContent-Length: 99999999\r\n\r\n${p.story}`)],
  [414, 'a target that is too long', (home, p) => message('GET', `/${p.word}${p.near.repeat(1500)}`, { 'User-Agent': p.agent })],
  [415, 'a type that is not read', (home, p) => message('POST', '/km/a', { 'User-Agent': p.agent, 'Content-Type': `text/${p.word}` }, p.story)],
  [417, 'an expectation', (home, p) => message('POST', '/km/a', { 'User-Agent': p.agent, Expect: p.word }, p.story)],
  [422, 'a story that is too long', (home, p) => form(p, { story: long(p, 60000) })],
  [422, 'no story', (home, p) => form(p, { story: ' ' })],
  [431, 'a head that is too long', (home, p) => message('GET', '/km/', { 'User-Agent': p.agent, X: p.word.repeat(3000) })],
  [400, 'a coding that is not known', (home, p) => Buffer.from(`POST /km/a HTTP/1.1\r\nHost: x\r\nUser-Agent: ${p.agent}\r\nTransfer-Encoding: ${p.word}\r\n\r\n${p.story}`)],
  [501, 'a method that is not known', (home, p) => message('BREW', `/km/${p.word}`, { 'User-Agent': p.agent, X: p.near })],
  [505, 'another version', (home, p) => Buffer.from(`GET /${p.word} HTTP/7.3\r\nHost: x\r\nUser-Agent: ${p.agent}\r\n\r\n`)],
  [403, 'twilio without proof', (home, p) => Buffer.from(twilioForm(home, p).toString().replace(/Signature: .{6}/, 'Signature: AAAAAA'))],
  [401, 'kannel without proof', (home, p) => Buffer.from(kannelGet(home, p).toString().replace(/Basic .{8}/, 'Basic AAAAAAAA'))],
  [401, 'generic without proof', (home, p) => Buffer.from(generic(home, p, p.e164).toString().replace(/v1,.{6}/, 'v1,AAAAAA'))],
];
