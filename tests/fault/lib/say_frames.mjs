// SPDX-License-Identifier: AGPL-3.0-or-later
// The spool's frames as a worker and a relay say them.
import crypto from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import sodium from 'libsodium-wrappers-sumo';

await sodium.ready;

export const PUT = 1, KEPT = 2, TAKE = 30, LENT = 31, RECEIPT = 35, FORGOTTEN = 36, STATS_WANT = 40, STATS = 41;

export const frame = (type, body = Buffer.alloc(0)) => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length, 0);
  head.writeUInt16BE(type, 4);
  return Buffer.concat([head, body]);
};
export const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };

/** A record of these tests repeats its own id: whoever finds it can see that
 * its bytes are right. */
export const sealedOf = (id) => Buffer.alloc(600 + id[0] * 4, id);
export const newId = () => crypto.randomBytes(16);

export const put = (req, ids, urgent = 0) => frame(PUT, Buffer.concat([
  u32(req), Buffer.from([ids.length]),
  ...ids.flatMap((id) => {
    const sealed = sealedOf(id);
    return [id, Buffer.from([0, urgent, 0]), u32(sealed.length), sealed];
  }),
]));

/** Ed25519 key pair of a desk, and its files. */
export function deskKeys() {
  const pair = sodium.crypto_sign_seed_keypair(crypto.randomBytes(32));
  const key = sodium.to_base64(pair.publicKey, sodium.base64_variants.ORIGINAL);
  const lines = `tipline key 1 receipt-verify\n${key}\n`;
  const check = Buffer.from(sodium.crypto_generichash(8 * 4, Buffer.from(lines))).subarray(0, 8).toString('hex');
  return { secret: Buffer.from(pair.privateKey), publicFile: `${lines}check ${check}\n` };
}

export function receipt(secret, id, sealed) {
  const hash = Buffer.from(sodium.crypto_generichash(32, sealed));
  const signed = Buffer.concat([Buffer.from('tipline receipt v1\0'), id, hash]);
  return frame(RECEIPT, Buffer.concat([id, hash, Buffer.from(sodium.crypto_sign_detached(signed, secret))]));
}

/** One end of a socket: next() gives {type, body}, or null when it closed. */
export class Door {
  /** Tried for limit_ms, while alive() says that there is somebody to come to; null if nobody did. */
  static async open(file, limit_ms = 0, alive = () => true) {
    const end = Date.now() + limit_ms;
    do {
      const socket = net.connect(file);
      try {
        await once(socket, 'connect');
        return new Door(socket);
      } catch {
        socket.destroy();
      }
      if (limit_ms > 0) await sleep(5);
    } while (Date.now() < end && alive());
    return null;
  }

  constructor(socket) {
    this.socket = socket;
    this.bytes = Buffer.alloc(0);
    this.open = true;
    socket.on('data', (chunk) => { this.bytes = Buffer.concat([this.bytes, chunk]); this.wake?.(); });
    socket.on('error', () => {});
    socket.on('close', () => { this.open = false; this.wake?.(); });
  }

  async next() {
    for (;;) {
      if (this.bytes.length >= 8 && this.bytes.length >= 8 + this.bytes.readUInt32BE(0)) {
        const len = 8 + this.bytes.readUInt32BE(0);
        const got = { type: this.bytes.readUInt16BE(4), body: this.bytes.subarray(8, len) };
        this.bytes = this.bytes.subarray(len);
        return got;
      }
      if (!this.open) return null;
      await new Promise((resolve) => { this.wake = resolve; });
    }
  }

  say(bytes) { if (this.open) this.socket.write(bytes); }
  close() { this.socket.destroy(); }
}
