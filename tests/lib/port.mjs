// SPDX-License-Identifier: AGPL-3.0-or-later
// A TCP port of the loopback that nobody listens at.
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';

const LOWEST = 10000;

/** Below those that the kernel gives to connections: one of these would take
 * the port while a server that stopped is about to start again. */
export async function freePort() {
  const end = Number(fs.readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s/)[0]);
  for (;;) {
    const server = net.createServer();
    server.listen(LOWEST + Math.floor((end - LOWEST) * Math.random()), '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if (error.code === 'EADDRINUSE') continue;
      throw error;
    }
    const { port } = server.address();
    server.close();
    await once(server, 'close');
    return port;
  }
}
