// SPDX-License-Identifier: AGPL-3.0-or-later
// The team's secrets, by docs/FORMAT.md alone, and where they are in memory.
import sodium from 'libsodium-wrappers-sumo';
import { scanFolder, scanProcess } from './scan.mjs';

await sodium.ready;

/** The ring's key and the secrets of its epochs, by docs/FORMAT.md alone. */
export function openRing(text, officer, passphrase) {
  const lines = text.split('\n');
  const b64 = (line) => Buffer.from(line, 'base64');
  const open = (wrapped, bound, key) => Buffer.from(sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
    null, wrapped.subarray(24), bound, wrapped.subarray(0, 24), key));
  const at = lines.indexOf(`officer ${officer}`);
  const [, passes, kib] = lines[at + 1].split(' ');
  const key = sodium.crypto_pwhash(32, Buffer.from(passphrase), b64(lines[at + 2]), Number(passes), Number(kib) * 1024,
    sodium.crypto_pwhash_ALG_ARGON2ID13);
  const own = open(b64(lines[at + 3]), Buffer.from(`${[lines[0], ...lines.slice(at, at + 3)].join('\n')}\n`), key);
  const badge = b64(lines[at + 4].slice('badge '.length));
  const once = badge.subarray(0, 32);
  const plain = Buffer.from(sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, badge.subarray(32), null, Buffer.alloc(24),
    sodium.crypto_generichash(32, Buffer.concat([Buffer.from('tipline badge v1\0'), once, sodium.crypto_scalarmult_base(own)]),
      sodium.crypto_scalarmult(own, once))));
  const R = plain.subarray(21, 53);
  const time = (s) => { const b = Buffer.alloc(8); b.writeBigUInt64BE(BigInt(s)); return b; };
  const epochs = lines.filter((line) => line.startsWith('epoch ')).map((line) => {
    const [, start, end, pub, wrapped] = line.split(' ');
    return open(b64(wrapped), Buffer.concat([Buffer.from('tipline epoch v1\0'), time(start), time(end), b64(pub)]), R);
  });
  return { R, epochs };
}

/** What scan.mjs looks for: these bytes. */
const finder = (wanted) => ({
  find: (bytes, base = 0) => wanted.flatMap((want) => {
    const hits = [];
    for (let at = bytes.indexOf(want); at >= 0; at = bytes.indexOf(want, at + 1)) hits.push({ at: base + at });
    return hits;
  }),
});

/** Copies of these bytes in the memory of a process. */
export const copies = (pid, ...wanted) => scanProcess('process', pid, finder(wanted)).hits.length;

/** The files under a folder, but those to leave(file), that have a copy of one of these. */
export const filesWith = (folder, wanted, leave) => scanFolder(folder, finder(wanted), leave).hits.map(({ where }) => where);
