// SPDX-License-Identifier: AGPL-3.0-or-later
// Debian's nginx as a peer: one worker on one core, the same certificates and
// TLS settings as ours, a fixed 200 for every request, nothing logged.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { request, until } from '../e2e/lib/home.mjs';

// A word of nginx's configuration has an end: long bodies come in pieces.
const PIECE = 2000;

function configuration({ dir, tls, port, pageBytes }) {
  const pieces = Math.ceil(pageBytes / PIECE);
  const sets = [...Array(pieces).keys()].map((i) =>
    `set $p${i} "${'x'.repeat(Math.min(PIECE, pageBytes - i * PIECE))}";`).join('\n');
  return `daemon off;
master_process on;
worker_processes 1;
pid ${dir}/nginx.pid;
error_log ${dir}/nginx.error crit;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  server_tokens off;
  keepalive_requests 100;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${tls}/ecdsa.crt;
    ssl_certificate_key ${tls}/ecdsa.key;
    ssl_certificate ${tls}/rsa.crt;
    ssl_certificate_key ${tls}/rsa.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ecdh_curve X25519:P-256:P-384;
    ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256;
    ssl_prefer_server_ciphers on;
    ssl_session_tickets off;
    ssl_session_cache off;
    location = /km/a {
      default_type "text/html; charset=utf-8";
${sets}
      return 200 "${[...Array(pieces).keys()].map((i) => `$p${i}`).join('')}";
    }
    location / { return 200; }
  }
}
`;
}

export class Nginx {
  static async start({ dir, core, tls, port, pageBytes }) {
    const nginx = new Nginx();
    const conf = path.join(dir, 'nginx.conf');
    fs.writeFileSync(conf, configuration({ dir, tls, port, pageBytes }));
    nginx.port = port;
    nginx.args = ['-c', core, '/usr/sbin/nginx', '-p', dir, '-c', conf];
    await nginx.run();
    return nginx;
  }

  async run() {
    this.child = spawn('taskset', this.args, { stdio: 'inherit' });
    this.gone = once(this.child, 'exit');
    await until('nginx answers', async () => {
      if (this.child.exitCode !== null) throw new Error('nginx ended');
      return request(`https://127.0.0.1:${this.port}/`).catch(() => null);
    });
    const { pid } = this.child;
    this.worker = Number(fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0]);
  }

  async restart() {
    await this.stop();
    await this.run();
  }

  async stop() {
    this.child.kill('SIGTERM');
    await this.gone;
  }
}
