// SPDX-License-Identifier: AGPL-3.0-or-later
// An intake that is stopped while a file comes, and whose client leaves then:
// the words before the file are a tip all the same.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { Home, until } from './lib/home.mjs';

test('who leaves in the middle of a file while the intake stops has sent a tip', async () => {
  const home = await Home.start({ edit: (conf) => conf.replace(/^\[intake\]$/m, '[intake]\nworkers = 1') });
  try {
    const socket = tls.connect({ port: home.port, host: '127.0.0.1', rejectUnauthorized: false });
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    socket.write('POST /en/a HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n'
      + '--b\r\nContent-Disposition: form-data; name="story"\r\n\r\nwords before the file\r\n'
      + '--b\r\nContent-Disposition: form-data; name="voice"; filename="v.amr"\r\n\r\n#!AMR\n');
    socket.write(Buffer.alloc(100000, 7));
    await until('the first piece is kept', async () => (await home.spooled()).records > 0);
    home.procs.spool.kill('SIGSTOP');
    socket.end(Buffer.alloc(1000, 7));
    socket.destroySoon();
    home.procs.intake.kill('SIGTERM');
    await sleep(1000); // longer than the worker needs to lose it
    home.procs.spool.kill('SIGCONT');
    await home.procs.intake.gone;
    const [tip] = await home.inboxOf(1);
    assert.equal(tip.text, 'words before the file');
    assert.equal(tip.attachments[0].state, 'incomplete');
  } finally {
    home.procs.spool.kill('SIGCONT');
    await home.stop();
  }
});
