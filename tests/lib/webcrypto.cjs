// SPDX-License-Identifier: AGPL-3.0-or-later
// Debian 12's node 18 has Web Crypto, but not as a global; packages that the
// tests use expect it there. Loaded before every test by tests/run.
globalThis.crypto ??= require('node:crypto').webcrypto;
