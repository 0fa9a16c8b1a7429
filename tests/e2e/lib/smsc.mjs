// SPDX-License-Identifier: AGPL-3.0-or-later
// An operator's SMSC over SMPP 3.4, as much of it as Kannel needs: it delivers
// what phones send, part by part, and counts what is sent to phones.
import net from 'node:net';
import { once } from 'node:events';
import { until } from './home.mjs';

const BIND_TRANSCEIVER = 9;
const SUBMIT = 4;
const DELIVER = 5;
const cstring = (text) => Buffer.from(`${text}\0`);

export class Smsc {
  static async start() {
    const smsc = new Smsc();
    smsc.submitted = 0;
    smsc.answered = new Map(); // sequence: command_status
    smsc.next = 1;
    smsc.server = net.createServer((socket) => smsc.serve(socket));
    smsc.server.listen(0, '127.0.0.1');
    await once(smsc.server, 'listening');
    smsc.port = smsc.server.address().port;
    return smsc;
  }

  serve(socket) {
    let buffer = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      buffer = Buffer.concat([buffer, data]);
      while (buffer.length >= 16 && buffer.length >= buffer.readUInt32BE(0)) {
        const length = buffer.readUInt32BE(0);
        this.take(socket, buffer.subarray(0, length));
        buffer = buffer.subarray(length);
      }
    });
  }

  take(socket, pdu) {
    const id = pdu.readUInt32BE(4);
    const sequence = pdu.readUInt32BE(12);
    if (id >= 0x80000000) {
      this.answered.set(sequence, pdu.readUInt32BE(8));
      return;
    }
    if (id === BIND_TRANSCEIVER) this.socket = socket;
    if (id === SUBMIT) this.submitted += 1;
    this.write(socket, id + 0x80000000, sequence, id === BIND_TRANSCEIVER || id === SUBMIT ? cstring('test') : Buffer.alloc(0));
  }

  write(socket, id, sequence, body) {
    const head = Buffer.alloc(16);
    [16 + body.length, id, 0, sequence].forEach((value, i) => head.writeUInt32BE(value, 4 * i));
    socket.write(Buffer.concat([head, body]));
  }

  bound() {
    return until('Kannel has bound', () => this.socket);
  }

  /** One short message in UCS-2, with its header; done when it is answered. */
  async deliver(from, to, units, udh = Buffer.alloc(0)) {
    const bytes = Buffer.concat([udh, units]);
    const sequence = this.next++;
    this.write(this.socket, DELIVER, sequence, Buffer.concat([
      cstring(''), Buffer.from([1, 1]), cstring(from), Buffer.from([0, 1]), cstring(to),
      Buffer.from([udh.length > 0 ? 0x40 : 0, 0, 0]), cstring(''), cstring(''),
      Buffer.from([0, 0, 8, 0, bytes.length]), bytes,
    ]));
    await until('Kannel has it', () => this.answered.has(sequence));
  }

  /** A long text as a phone cuts it: 67 units a part, in this order. */
  async deliverLong(from, to, text, ref, order) {
    const units = Buffer.from(text, 'utf16le').swap16();
    const total = Math.ceil(units.length / 134);
    for (const seq of order ?? Array.from({ length: total }, (_, i) => i + 1)) {
      await this.deliver(from, to, units.subarray((seq - 1) * 134, seq * 134), Buffer.from([5, 0, 3, ref, total, seq]));
    }
    return total;
  }

  async stop() {
    this.socket?.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}
