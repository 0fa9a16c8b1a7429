// SPDX-License-Identifier: AGPL-3.0-or-later
// What somebody can make who may write to Redis and knows the team's public
// list: an envelope that opens, of any id, signed by no intake of ours.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import sodium from 'libsodium-wrappers-sumo';
import { until } from './home.mjs';

await sodium.ready;

const H = (message) => Buffer.from(sodium.crypto_generichash(32, message));
const keyId = (key) => H(Buffer.concat([Buffer.from('tipline key v1\0'), key])).subarray(0, 8);
const CHUNK = 65536;
const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };

/** The key of the epoch of now. */
function teamKey(home) {
  const epochs = [...fs.readFileSync(path.join(home.dir, 'keys/team.list'), 'utf8').matchAll(/^epoch (\d+) (\S+)$/gm)];
  const now = epochs.filter(([, start]) => Number(start) <= Date.now() / 1000).pop() ?? epochs[0];
  return Buffer.from(now[2], 'base64');
}

/** An envelope with this report, and raw bytes beside it, sealed to an X25519 key and signed by a pair of Ed25519. */
export function seal(recipient, signer, report, raw = Buffer.alloc(0)) {
  const doc = Buffer.from(JSON.stringify(report));
  const content = Buffer.concat([u32(doc.length), u32(raw.length), doc, raw]);
  const sizeClass = Math.max(12, Math.ceil(Math.log2(content.length)));
  const padded = Buffer.concat([content, Buffer.alloc(2 ** sizeClass - content.length)]);
  const key = sodium.crypto_secretstream_xchacha20poly1305_keygen();
  const { state, header } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
  const id = Buffer.from(report.id ?? '00'.repeat(16), 'hex');
  const bound = Buffer.concat([Buffer.from('tipline'), Buffer.from([1, 1, 1, sizeClass, 0]), id,
    keyId(Buffer.from(signer.publicKey)), keyId(recipient), sodium.crypto_box_seal(key, recipient), header]);
  const chunks = Array.from({ length: Math.ceil(padded.length / CHUNK) }, (_, i) => sodium.crypto_secretstream_xchacha20poly1305_push(state,
    padded.subarray(i * CHUNK, (i + 1) * CHUNK), i === 0 ? bound : null, (i + 1) * CHUNK < padded.length ? 0 : 3));
  const signed = Buffer.concat([bound, ...chunks]);
  const message = Buffer.concat([Buffer.from('tipline envelope v1\0'), H(signed)]);
  return Buffer.concat([signed, sodium.crypto_sign_detached(message, signer.privateKey)]);
}

/** What the intake of this home signs with: for what it would have sealed at another time. */
export function intakeOf(home) {
  const key = Buffer.from(fs.readFileSync(path.join(home.dir, 'keys/intake.key'), 'utf8').split('\n')[1], 'base64');
  return { privateKey: key, publicKey: key.subarray(32) };
}

/** Put it into the stream, as the relay's user may. */
export async function inject(home, report, raw, signer = sodium.crypto_sign_keypair(), recipient = teamKey(home)) {
  const pass = fs.readFileSync(path.join(home.dir, 'redis/relay.pass'), 'utf8').trim();
  const ask = (...words) => Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...words.map((word) => Buffer.from(word))
    .flatMap((word) => [Buffer.from(`$${word.length}\r\n`), word, Buffer.from('\r\n')])]);
  const socket = net.connect(path.join(home.dir, 'redis/redis.sock'));
  let said = '';
  socket.on('data', (data) => { said += data; });
  socket.write(ask('AUTH', 'relay', pass));
  socket.write(ask('XADD', 'tips', '*', 'id', Buffer.from(report.id, 'hex'), 'r', seal(recipient, signer, report, raw)));
  await until('Redis has it', () => /^\+OK\r\n\$\d+\r\n\d+-\d+\r\n/.test(said));
  socket.destroy();
}
