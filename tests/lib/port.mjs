// SPDX-License-Identifier: AGPL-3.0-or-later
// A TCP port of the loopback that nobody listens at.
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';

const LOWEST = 10000;
const BLOCKS = 64;
const given = new Set();
let own; // the block of this process

/** A server that listens there; undefined where somebody does already. */
async function listenAt(port) {
  const server = net.createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

/** A block is this process's for as long as it listens at its first port. */
async function takeBlock() {
  const end = Number(fs.readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s/)[0]);
  const size = Math.floor((end - LOWEST) / BLOCKS);
  for (let i = 0; i < BLOCKS; i++) {
    const first = LOWEST + ((process.pid + i) % BLOCKS) * size;
    const server = await listenAt(first);
    if (server) {
      server.unref();
      return { first: first + 1, size: size - 1 };
    }
  }
  throw new Error('all blocks of ports are taken');
}

/**
 * Below those that the kernel gives to connections: one of these would take
 * the port while a server that stopped is about to start again. None twice,
 * and each process has a block of its own: whoever is given a port takes it a
 * while later, and until then nobody can see that it is taken.
 */
export async function freePort() {
  const { first, size } = await (own ??= takeBlock());
  for (;;) {
    if (given.size === size) given.clear();
    const port = first + Math.floor(size * Math.random());
    if (given.has(port)) continue;
    given.add(port);
    const server = await listenAt(port);
    if (!server) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
