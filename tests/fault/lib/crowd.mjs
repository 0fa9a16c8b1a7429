// SPDX-License-Identifier: AGPL-3.0-or-later
// A crowd of clients who come to stay: node crowd.mjs PORT KIND N opens N
// connections, says "there" when all have done what their kind does first,
// and opens a new one for each that is closed. It ends with its input.
import net from 'node:net';
import tls from 'node:tls';

const [port, kind, count] = [Number(process.argv[2]), process.argv[3], Number(process.argv[4])];
const AT_ONCE = 50; // handshakes; the others wait
const EVERY_MS = 1000;
const AGAIN_MS = 10000;
const BODY_BYTES = 12 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;
const HOST = `Host: 127.0.0.1:${port}\r\n`;
const FORM = 'Content-Type: application/x-www-form-urlencoded\r\n';
let session;

const secure = (socket) => {
  const stream = tls.connect({ socket, rejectUnauthorized: false, session });
  stream.on('session', (ticket) => { session ??= ticket; });
  return stream;
};
/** A byte every second, of what never ends. */
const drip = (stream, byte, settled) => {
  settled();
  const timer = setInterval(() => stream.write(byte), EVERY_MS);
  stream.on('close', () => clearInterval(timer));
};

// What each kind does with a socket that is connected; settled() when it has
// come to where it stays.
const kinds = {
  // says nothing at all
  silent: (socket, settled) => settled(),
  // begins to shake hands, and never ends
  hello: (socket, settled) => {
    socket.write(Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]));
    drip(socket, Buffer.from([7]), settled);
  },
  // looked at a page and keeps the connection
  idle: (socket, settled) => {
    const stream = secure(socket);
    stream.on('data', settled);
    stream.write(`GET /x HTTP/1.1\r\n${HOST}\r\n`);
    return stream;
  },
  // fields without end
  head: (socket, settled) => {
    const stream = secure(socket);
    stream.write(`GET /en/ HTTP/1.1\r\n${HOST}X-A: `, () => drip(stream, 'a', settled));
    return stream;
  },
  // a form without end
  post: (socket, settled) => {
    const stream = secure(socket);
    stream.write(`POST /en/a HTTP/1.1\r\n${HOST}${FORM}Content-Length: 60000\r\n\r\nstory=`,
      () => drip(stream, 'a', settled));
    return stream;
  },
  // a file without end
  upload: (socket, settled) => {
    const stream = secure(socket);
    stream.write(`POST /en/a HTTP/1.1\r\n${HOST}Content-Type: multipart/form-data; boundary=b\r\n`
      + 'Content-Length: 2000000\r\n\r\n--b\r\nContent-Disposition: form-data; name="voice"; filename="a.amr"\r\n\r\n#!AMR\n',
      () => drip(stream, 'a', settled));
    return stream;
  },
  // as long a body as any there is, but for its end, where no file is taken
  stopped: (socket, settled) => {
    const stream = secure(socket);
    let left = BODY_BYTES - 1;
    const more = () => {
      const bytes = Buffer.alloc(Math.min(left, PIECE_BYTES));
      left -= bytes.length;
      if (bytes.length > 0) stream.write(bytes, more);
      else settled();
    };
    stream.write(`POST /en/b HTTP/1.1\r\n${HOST}Content-Type: multipart/form-data; boundary=b\r\n`
      + `Content-Length: ${BODY_BYTES}\r\n\r\n`, more);
    stream.on('data', settled); // was told that it is too long
    return stream;
  },
  // asks for many pages at once, each second, and reads them all
  pipeline: (socket, settled) => {
    const stream = secure(socket);
    const ask = () => stream.write(`GET /en/ HTTP/1.1\r\n${HOST}\r\n`.repeat(30), settled);
    const timer = setInterval(ask, EVERY_MS);
    stream.on('close', () => clearInterval(timer));
    stream.resume();
    ask();
    return stream;
  },
  // asks for a page of 170 KB and does not read it; what the kernel takes
  // for it is soon sent, so it comes again
  reader: (socket, settled) => {
    const stream = secure(socket);
    const body = `story=${'x'.repeat(170000)}`;
    stream.write(`POST /en/a HTTP/1.1\r\n${HOST}${FORM}Content-Length: ${body.length}\r\n\r\n${body}`, () => {
      socket.pause();
      settled();
      setTimeout(() => socket.destroy(), AGAIN_MS);
    });
    stream.pause();
    return stream;
  },
};

let waiting = count;
let opening = 0;
let there = 0;

function next() {
  while (waiting > 0 && opening < AT_ONCE) {
    waiting -= 1;
    opening += 1;
    open();
  }
}

function open() {
  let is_settled = false;
  const settled = () => {
    if (is_settled) return;
    is_settled = true;
    opening -= 1;
    there += 1;
    if (there === count) console.log('there');
    next();
  };
  const socket = net.connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  let stream = socket;
  const gone = () => {
    if (!is_settled) opening -= 1;
    is_settled = true;
    waiting += 1;
    setTimeout(next, EVERY_MS);
  };
  socket.on('close', gone);
  socket.on('error', () => {});
  socket.on('connect', () => {
    stream = kinds[kind](socket, settled) ?? socket;
    stream.on('error', () => socket.destroy());
    stream.on('close', () => socket.destroy());
    if (stream === socket) socket.on('end', () => socket.destroy());
  });
}

next();
process.stdin.on('end', () => process.exit(0)).resume();
