/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/random.h - random numbers from the system, good for keys and ids.
 *
 * Promise:   never fails and never gives weak numbers after crypto_start();
 *            a process whose random source breaks is ended.
 * Runs in:   every program.
 * Disk:      none; getrandom() needs no file.
 */
#ifndef TL_CRYPTO_RANDOM_H
#define TL_CRYPTO_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Fill len bytes at p. */
void random_bytes(void *p, size_t len);

/* A number from 0 to n - 1, each as likely as the other; 0 if n is 0 or 1. */
uint32_t random_below(uint32_t n);

#endif
