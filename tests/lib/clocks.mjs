// SPDX-License-Identifier: AGPL-3.0-or-later
// What runs by another clock (faketime) and is killed leaves its number in
// /dev/shm, and no later process of that number would start by one.
import fs from 'node:fs';

export function sweepClocks() {
  for (const name of fs.readdirSync('/dev/shm')) {
    const pid = name.match(/^(sem\.)?faketime_(sem|shm)_(\d+)$/)?.[3];
    if (pid && !fs.existsSync(`/proc/${pid}`)) fs.rmSync(`/dev/shm/${name}`, { force: true });
  }
}
