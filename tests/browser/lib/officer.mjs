// SPDX-License-Identifier: AGPL-3.0-or-later
// An officer's second factor, as an authenticator on the phone makes it. A code
// is good once, and none from before the desk started: so the next step of time
// that was not used is taken, which the desk lets be one ahead.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const STEP_MS = 30000;
const used = new Map();

function bytesOf(base32) {
  const bits = [...base32].map((sign) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

/** RFC 6238, six digits. */
export function totp(secret, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = crypto.createHmac('sha1', bytesOf(secret)).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

/** A code that is good now; empty where the home has no second factor. */
export async function codeOf(home, name = 'officer') {
  const file = path.join(home.dir, `${name}.totp`);
  if (!fs.existsSync(file)) return '';
  const [, secret] = /secret=([A-Z2-7]+)/.exec(fs.readFileSync(file, 'utf8'));
  const step = Math.max(Math.floor(Date.now() / STEP_MS) + 1, (used.get(file) ?? 0) + 1);
  used.set(file, step);
  const wait_ms = (step - 1) * STEP_MS - Date.now() + 300;
  if (wait_ms > 0) await sleep(wait_ms);
  return totp(secret, step);
}
