// SPDX-License-Identifier: AGPL-3.0-or-later
// Wrong spools, to see that the checks see what they do: one that says KEPT
// and keeps nothing, and one that hands records on without their dedup key.
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';

const PUT = 1;
const KEPT = 2;
const head_bytes = 8;
const EARLY_MS = 100;

function frame(type, body) {
  const head = Buffer.alloc(head_bytes);
  head.writeUInt32BE(body.length, 0);
  head.writeUInt16BE(type, 4);
  return Buffer.concat([head, body]);
}

/** Call each(type, body) for every whole frame of a socket. */
function frames(socket, each) {
  let data = Buffer.alloc(0);
  socket.on('data', (more) => {
    data = Buffer.concat([data, more]);
    while (data.length >= head_bytes && data.length >= head_bytes + data.readUInt32BE(0)) {
      const end = head_bytes + data.readUInt32BE(0);
      each(data.readUInt16BE(4), data.subarray(head_bytes, end));
      data = data.subarray(end);
    }
  });
}

async function listen(file, serve) {
  const sockets = new Set();
  fs.rmSync(file, { force: true });
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(file);
  await once(server, 'listening');
  return {
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Says KEPT to everything. */
export function forgetful(file) {
  return listen(file, (socket) => {
    frames(socket, (type, body) => {
      if (type === PUT) socket.write(frame(KEPT, Buffer.concat([body.subarray(0, 4), Buffer.from([0])])));
    });
  });
}

/** Says KEPT at once, and hands the record to the spool at file `real` a little
 * later, as one does who syncs by a timer: what was on its way when that dies
 * was promised for nothing. */
export function earlyFront(file, real) {
  return listen(file, (socket) => {
    const spool = net.connect(real);
    const end = () => { spool.destroy(); socket.destroy(); };
    spool.on('error', end).on('close', end);
    spool.resume();
    socket.on('close', () => spool.destroy());
    frames(socket, (type, body) => {
      if (type === PUT) socket.write(frame(KEPT, Buffer.concat([body.subarray(0, 4), Buffer.from([0])])));
      setTimeout(() => spool.write(frame(type, body)), EARLY_MS);
    });
  });
}

/** The body of a PUT without its dedup keys. */
function withoutDedup(body) {
  const parts = [body.subarray(0, 5)];
  let at = 5;
  for (let n = body[4]; n > 0; n--) {
    const keys = [0, 1, 3][body[at + 18]];
    parts.push(body.subarray(at, at + 18), Buffer.from([0]));
    at += 19 + 16 * keys;
    const len = body.readUInt32BE(at);
    parts.push(body.subarray(at, at + 4 + len));
    at += 4 + len;
  }
  return Buffer.concat(parts);
}

/** Stands before the real spool at file `real`. */
export function undeduped(file, real) {
  return listen(file, (socket) => {
    const spool = net.connect(real);
    spool.on('error', () => socket.destroy());
    spool.pipe(socket);
    frames(socket, (type, body) => spool.write(frame(type, type === PUT ? withoutDedup(body) : body)));
    socket.on('close', () => spool.destroy());
  });
}
