// SPDX-License-Identifier: AGPL-3.0-or-later
// Looks for what a reporter sent in the memory of processes and in files, in
// every spelling that a library may have made of it.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const khmer = 'កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវសហឡអ';
const pick = (from, n) => Array.from({ length: n }, () => [...from][crypto.randomInt([...from].length)]).join('');

const utf16be = (text) => Buffer.from(text, 'utf16le').swap16();
const percent = (bytes) => [...bytes].map((b) => `%${b.toString(16).padStart(2, '0')}`).join('');

/** The characters of base64 that bytes give, wherever they begin. */
function base64s(bytes) {
  return [0, 1, 2].map((shift) => {
    const all = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    return Buffer.from(all.slice(Math.ceil(shift * 8 / 6), Math.floor((shift + bytes.length) * 8 / 6)));
  });
}

function spellings(name, bytes) {
  const list = [
    ['raw', bytes],
    ['hex', Buffer.from(bytes.toString('hex'))],
    ['HEX', Buffer.from(bytes.toString('hex').toUpperCase())],
    ['percent', Buffer.from(percent(bytes))],
    ['PERCENT', Buffer.from(percent(bytes).toUpperCase())],
    ...base64s(bytes).map((b, i) => [`base64 at ${i}`, b]),
  ];
  return list.map(([how, what]) => ({ name, how, bytes: what }));
}

/** The same digits as SMS packs them: two a byte, low half first and not.
 * Less than five bytes of it are met by chance. */
function packed(name, digits) {
  const pairs = digits.match(/../g);
  return [['packed', (p) => p[1] + p[0]], ['PACKED', (p) => p]].map(([how, order]) => ({
    name, how, bytes: Buffer.from(pairs.map(order).join(''), 'hex'),
  }));
}

function integer(name, digits) {
  const le = Buffer.alloc(8);
  le.writeBigUInt64LE(BigInt(digits));
  return [{ name, how: 'integer', bytes: le, aligned: 8 }];
}

/** What one person sends, made up anew, and what to look for. */
export class Person {
  constructor() {
    // in both alphabets, so that escaped and unescaped spellings differ
    this.word = pick(letters, 14);
    this.khmer = pick(khmer, 7);
    this.story = `${this.word} ${this.khmer} & <${this.word}> "${this.khmer}"\r\n${this.word}+${this.khmer}`;
    this.near = pick(letters, 14);
    this.agent = `Mozilla/5.0 ${pick(letters, 14)}`;
    this.key = crypto.randomBytes(16).toString('hex');
    this.message_id = `SM${crypto.randomBytes(16).toString('hex')}`;
    this.subscriber = `97${crypto.randomInt(2, 10)}${String(crypto.randomInt(10 ** 6)).padStart(6, '0')}`;
    this.e164 = `+855${this.subscriber}`;
    this.national = `0${this.subscriber}`;
    // no byte that is a letter or stands at the front of a pointer
    this.address = `127.${crypto.randomInt(128, 240)}.${crypto.randomInt(128, 240)}.${crypto.randomInt(128, 240)}`;
    this.codes = [];
  }

  patterns() {
    const text = (name, value) => [
      ...spellings(name, Buffer.from(value)),
      { name, how: 'UTF-16BE', bytes: utf16be(value) },
      { name, how: 'UTF-16LE', bytes: Buffer.from(value, 'utf16le') },
    ];
    const raw4 = Buffer.from(this.address.split('.').map(Number));
    return [
      ...text('story', this.word),
      ...text('story in Khmer', this.khmer),
      ...text('place', this.near),
      ...text('user agent', this.agent.slice(-14)),
      ...text('sender', this.subscriber),
      ...packed('sender', this.e164.slice(1)),
      ...packed('sender', this.e164.slice(2)),
      ...packed('sender', this.national),
      ...integer('sender', this.subscriber),
      ...spellings('message id', Buffer.from(this.message_id.slice(2))),
      ...spellings('message id', Buffer.from(this.message_id.slice(2), 'hex')),
      ...spellings('idempotency key', Buffer.from(this.key)),
      ...spellings('idempotency key', Buffer.from(this.key, 'hex')),
      { name: 'address', how: 'text', bytes: Buffer.from(this.address) },
      { name: 'address', how: 'socket address', bytes: Buffer.concat([raw4, Buffer.alloc(8)]) },
      { name: 'address', how: 'mapped to IPv6', bytes: Buffer.concat([Buffer.from([0, 0, 0xff, 0xff]), raw4]) },
      { name: 'address', how: 'raw', bytes: raw4, chance: true },
      { name: 'address', how: 'raw, reversed', bytes: Buffer.from(raw4).reverse(), chance: true },
      ...this.codes.flatMap((code) => [
        ...spellings('receipt code', Buffer.from(code)),
        ...['-', ' ', '\u00a0', '</span><span>'].flatMap((gap) => [4, 5].map((n) => ({
          name: 'receipt code', how: 'groups',
          bytes: Buffer.from([0, n, 2 * n].map((at) => code.slice(at, at + n)).join(gap)),
        }))),
      ]),
    ];
  }
}

const printable = (bytes) => bytes.toString('latin1').replace(/[^ -~]/g, '.');

/** All patterns at once: their first four bytes in a table that nearly every
 * place of the memory fails at. */
export class Patterns {
  constructor(people) {
    this.list = people.flatMap((person) => person.patterns());
    this.begin = new Map();
    this.maybe = new Uint8Array(1 << 20);
    for (const pattern of this.list) {
      const first = pattern.bytes.readInt32BE(0);
      this.begin.set(first, [...this.begin.get(first) ?? [], pattern]);
      this.maybe[Math.imul(first, 0x9e3779b1) >>> 12] = 1;
    }
  }

  get length() { return this.list.length; }

  /** Every copy in bytes, of which the first stands at base. */
  find(bytes, base = 0) {
    const { maybe } = this;
    const hits = [];
    let last4 = 0;
    for (let i = 0; i < bytes.length; i++) {
      last4 = (last4 << 8) | bytes[i];
      if (maybe[Math.imul(last4, 0x9e3779b1) >>> 12] === 1 && i >= 3) this.check(bytes, i - 3, last4, base, hits);
    }
    return hits;
  }

  check(bytes, at, first, base, hits) {
    for (const pattern of this.begin.get(first) ?? []) {
      const end = at + pattern.bytes.length;
      if (end > bytes.length || !pattern.bytes.equals(bytes.subarray(at, end))) continue;
      if (pattern.aligned && (base + at) % pattern.aligned !== 0) continue;
      hits.push({
        name: pattern.name, how: pattern.how, chance: pattern.chance, at: base + at,
        around: printable(bytes.subarray(Math.max(0, at - 48), at + 80)),
      });
    }
  }
}

const room = Buffer.alloc(16 << 20);
const overlap = 256;
const PAGE = 4096;

/** A mapping that can hold what came in: what is only readable and comes from
 * a file is as the file is. */
function* mappings(pid) {
  for (const line of fs.readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    const m = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+ *(.*)$/.exec(line);
    if (!m || m[3][0] !== 'r' || /^\[v/.test(m[4])) continue;
    if (m[3][1] !== 'w' && m[4].startsWith('/')) continue;
    yield { from: parseInt(m[1], 16), to: parseInt(m[2], 16), rights: m[3], path: m[4] || 'anonymous' };
  }
}

/** It ended while it was looked at, and its memory is nobody's any more. */
const hasGone = (error) => error.code === 'ENOENT' || error.code === 'ESRCH';

/** Every copy in the memory of one process. */
export function scanProcess(name, pid, patterns) {
  const hits = [];
  let scanned = 0;
  let fd;
  try {
    fd = fs.openSync(`/proc/${pid}/mem`, 'r');
  } catch (error) {
    if (hasGone(error)) return { hits, scanned };
    throw new Error(`the memory of process ${pid} (${name}) cannot be read: ${error.code}. `
      + 'This test needs root, or the right to trace processes (CAP_SYS_PTRACE)');
  }
  try {
    for (const map of mappings(pid)) {
      let at = map.from;
      while (at < map.to) {
        const want = Math.min(room.length, map.to - at);
        let got = 0;
        try {
          got = fs.readSync(fd, room, 0, want, at);
          if (got === 0) return { hits, scanned }; // it has ended
        } catch (error) {
          if (error.code !== 'EIO') throw new Error(`the memory of process ${pid} (${name}) cannot be read: ${error.code}. `
            + 'This test needs root, or the right to trace processes (CAP_SYS_PTRACE)');
        }
        scanned += got;
        for (const hit of patterns.find(room.subarray(0, got), at)) {
          // Argon2 fills its 64 MiB with what looks like chance
          const slow_step = map.to - map.from >= 64 << 20;
          hits.push({ where: `${name} ${map.path} ${map.rights} +${(hit.at - map.from).toString(16)}`, slow_step, ...hit });
        }
        // a page that is not there, or not any more, ends a read: behind it there may be more
        if (got === room.length) at += room.length - overlap;
        else at += got === want ? want : Math.floor((at + got) / PAGE + 1) * PAGE - at;
      }
    }
  } catch (error) {
    if (!hasGone(error)) throw error;
  } finally {
    fs.closeSync(fd);
    room.fill(0);
  }
  return { hits, scanned };
}

/** Every copy in the files of a folder; leave(file) says which to leave out. */
export function scanFolder(folder, patterns, leave = () => false) {
  const hits = [];
  let scanned = 0;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (leave(file)) continue;
    hits.push(...scanBytes(`name of ${file}`, Buffer.from(entry.name), patterns));
    if (entry.isDirectory()) {
      const inner = scanFolder(file, patterns, leave);
      hits.push(...inner.hits);
      scanned += inner.scanned;
    } else if (entry.isFile()) {
      try {
        const bytes = fs.readFileSync(file);
        scanned += bytes.length;
        hits.push(...scanBytes(file, bytes, patterns));
      } catch (error) {
        if (!hasGone(error)) throw error; // renamed or removed since
      }
    }
  }
  return { hits, scanned };
}

export const scanBytes = (where, bytes, patterns) => patterns.find(bytes).map((hit) => ({ where, ...hit }));
