// SPDX-License-Identifier: AGPL-3.0-or-later
// A second reader, written from docs/FORMAT.md and from nothing else: it opens
// every good vector and refuses every bad one for the reason that is written
// there. It shares no code with tipline; libsodium comes from npm.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import sodium from 'libsodium-wrappers-sumo';

await sodium.ready;

const read = (name) => readFileSync(fileURLToPath(new URL(`../vectors/${name}`, import.meta.url)), 'utf8');
const hex = (text) => Buffer.from(text, 'hex');
const ascii = (text) => Buffer.from(text, 'latin1');
const H = (n, message, key = null) => Buffer.from(sodium.crypto_generichash(n, message, key));

class Refused extends Error {
	constructor(reason, fault) {
		super(reason);
		this.reason = reason;
		this.fault = fault;
	}
}
const must = (holds, reason, fault) => {
	if (!holds) {
		throw new Refused(reason, fault);
	}
};
// The library throws where the bytes are not what they should be.
const proven = (open, fault) => {
	let result = false;
	try {
		result = open();
	} catch {
		result = false;
	}
	must(result, 'proof', fault);
	return result;
};

// ---- Envelope ---------------------------------------------------------------

const keyId = (publicKey) => H(32, Buffer.concat([ascii('tipline key v1\0'), publicKey])).subarray(0, 8);

// Checks 1 to 3.
function layOut(e) {
	must(e.length >= 36, 'format', 'short');
	must(e.subarray(0, 7).equals(ascii('tipline')), 'format', 'magic');
	must(e[7] === 1, 'format', 'version');
	must(e[8] === 1, 'format', 'suite');
	const n = e[9];
	const c = e[10];
	must(n >= 1 && n <= 8, 'format', 'count');
	must(c >= 12 && c <= 20, 'format', 'class');
	must(e[11] === 0, 'format', 'reserved');
	const size = 2 ** c;
	const k = c <= 16 ? 1 : 2 ** (c - 16);
	must(e.length === 124 + 88 * n + size + 17 * k, 'format', 'length');
	const slots = [];
	for (let i = 0; i < n; i++) {
		const slot = e.subarray(36 + 88 * i, 36 + 88 * (i + 1));
		slots.push({ id: slot.subarray(0, 8), wrap: slot.subarray(8) });
	}
	must(new Set(slots.map((slot) => slot.id.toString('hex'))).size === n, 'format', 'twice');
	return {
		tipId: e.subarray(12, 28),
		intakeKeyId: e.subarray(28, 36),
		slots,
		header: e.subarray(36 + 88 * n, 60 + 88 * n),
		bound: e.subarray(0, 60 + 88 * n),
		body: e.subarray(60 + 88 * n, e.length - 64),
		signed: e.subarray(0, e.length - 64),
		signature: e.subarray(e.length - 64),
		size,
		k,
	};
}

function decrypt(parts, contentKey) {
	const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(parts.header, contentKey);
	const chunk = Math.min(parts.size, 65536);
	const content = [];
	for (let i = 0; i < parts.k; i++) {
		const sealed = parts.body.subarray(i * (chunk + 17), (i + 1) * (chunk + 17));
		const { message, tag } = proven(() =>
			sodium.crypto_secretstream_xchacha20poly1305_pull(state, sealed, i === 0 ? parts.bound : null), 'body');
		must(tag === (i === parts.k - 1 ? 3 : 0), 'format', 'tag');
		content.push(Buffer.from(message));
	}
	return Buffer.concat(content);
}

function openEnvelope(envelope, team, intakes) {
	const parts = layOut(envelope);
	const slot = parts.slots.find(({ id }) => id.equals(keyId(team.public)));
	must(slot, 'no-recipient', 'stranger');
	const contentKey = proven(() => sodium.crypto_box_seal_open(slot.wrap, team.public, team.secret), 'wrap');
	const content = decrypt(parts, contentKey);
	const reportEnd = 8 + content.readUInt32BE(0);
	const rawEnd = reportEnd + content.readUInt32BE(4);
	must(rawEnd <= parts.size, 'format', 'padding');
	must(content.subarray(rawEnd).every((byte) => byte === 0), 'format', 'padding');
	const message = Buffer.concat([ascii('tipline envelope v1\0'), H(32, parts.signed)]);
	return {
		tipId: parts.tipId.toString('hex'),
		intakeKeyId: parts.intakeKeyId.toString('hex'),
		report: content.subarray(8, reportEnd),
		raw: content.subarray(reportEnd, rawEnd),
		signedByUs: intakes.some((intake) => keyId(intake).equals(parts.intakeKeyId) &&
			sodium.crypto_sign_verify_detached(parts.signature, message, intake)),
	};
}

const vectors = JSON.parse(read('envelope.json'));
const teams = Object.fromEntries(Object.entries(vectors.teams).map(([name, team]) =>
	[name, { secret: hex(team.secret), public: hex(team.public), keyId: team.key_id }]));
const ours = vectors.trusted_intakes.map((name) => hex(vectors.intakes[name].public));
const goodOf = (name) => Buffer.from(vectors.good.find((vector) => vector.name === name).envelope, 'base64');

function envelopeOf(vector) {
	if (vector.envelope !== undefined) {
		return Buffer.from(vector.envelope, 'base64');
	}
	let envelope = Buffer.from(goodOf(vector.from));
	for (const { at, bytes } of vector.put ?? []) {
		hex(bytes).copy(envelope, at);
	}
	for (const { source, source_at: from, length, at } of vector.copy ?? []) {
		goodOf(source).copy(envelope, at, from, from + length);
	}
	envelope = envelope.subarray(0, vector.cut_to ?? envelope.length);
	return Buffer.concat([envelope, hex(vector.append ?? '')]);
}

test('public keys and key ids are those of the secret keys', () => {
	for (const team of Object.values(teams)) {
		assert.deepEqual(Buffer.from(sodium.crypto_scalarmult_base(team.secret)), team.public);
		assert.equal(keyId(team.public).toString('hex'), team.keyId);
	}
	for (const intake of Object.values(vectors.intakes)) {
		assert.equal(keyId(hex(intake.public)).toString('hex'), intake.key_id);
	}
});

for (const vector of vectors.good) {
	test(`opens: ${vector.name}`, () => {
		const repeated = (unit, length) => Buffer.alloc(length, unit.length > 0 ? unit : undefined);
		const report = repeated(hex(vector.report), vector.report_bytes);
		const raw = repeated(hex(vector.raw), vector.raw_bytes);
		for (const [name, team] of Object.entries(teams)) {
			if (!vector.open_with.includes(name)) {
				assert.throws(() => openEnvelope(envelopeOf(vector), team, ours), { reason: 'no-recipient' });
				continue;
			}
			const opened = openEnvelope(envelopeOf(vector), team, ours);
			assert.equal(opened.tipId, vector.tip_id);
			assert.equal(opened.intakeKeyId, vector.intake_key_id);
			assert.equal(opened.signedByUs, vector.signed_by_us);
			assert.ok(opened.report.equals(report));
			assert.ok(opened.raw.equals(raw));
		}
	});
}

for (const vector of vectors.bad) {
	test(`refuses: ${vector.name}`, () => {
		assert.throws(() => openEnvelope(envelopeOf(vector), teams[vector.open_with], ours),
			{ reason: vector.error, fault: vector.fault });
	});
}

// ---- Key files, receipts, receipt codes -------------------------------------

const keys = JSON.parse(read('keys.json'));

const KINDS = {
	'team-identity': 32,
	'intake-sign': 64,
	'intake-verify': 32,
	'receipt-sign': 64,
	'receipt-verify': 32,
	pepper: 32,
	dedup: 32,
};

const base64 = (line, length) => {
	const bytes = Buffer.from(line, 'base64');
	must(bytes.length === length && bytes.toString('base64') === line, 'format');
	return bytes;
};

// The lines before the check line, if that is right.
function linesOf(text) {
	const at = text.lastIndexOf('check ');
	must(at >= 0, 'format');
	const check = H(32, ascii(text.slice(0, at))).subarray(0, 8).toString('hex');
	must(text.slice(at) === `check ${check}\n`, 'format');
	return text.slice(0, at).split('\n').slice(0, -1);
}

function readKey(text, kind) {
	const lines = linesOf(text);
	must(lines.length === 2 && lines[0] === `tipline key 1 ${kind}`, 'format');
	return base64(lines[1], KINDS[kind]);
}

const xchachaOpen = (wrapped, bound, key) => Buffer.from(proven(() =>
	sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, wrapped.subarray(24), bound, wrapped.subarray(0, 24), key)));

// Three lines from lines[at] on; what stands before them is bound to them.
function unwrap(lines, at, passphrase, before = lines.slice(0, at)) {
	const cost = /^argon2id ([1-9][0-9]*) ([1-9][0-9]*)$/.exec(lines[at]);
	must(cost && cost[1] <= 16 && cost[2] >= 8 && cost[2] <= 1048576, 'format');
	const key = sodium.crypto_pwhash(32, Buffer.from(passphrase, 'utf8'), base64(lines[at + 1], 16),
		Number(cost[1]), Number(cost[2]) * 1024, sodium.crypto_pwhash_ALG_ARGON2ID13);
	const bound = ascii([...before, lines[at], lines[at + 1]].map((line) => `${line}\n`).join(''));
	return xchachaOpen(base64(lines[at + 2], 72), bound, key);
}

function unlockIdentity(text, passphrase) {
	const lines = linesOf(text);
	must(lines.length === 5 && lines[0] === 'tipline key 1 team-identity-secret', 'format');
	const seed = unwrap(lines, 2, passphrase);
	must(Buffer.from(sodium.crypto_sign_seed_keypair(seed).publicKey).equals(base64(lines[1], 32)), 'format');
	return seed;
}

const decimal = (text, max) => {
	must(/^(0|[1-9][0-9]*)$/.test(text) && Number(text) <= max, 'format');
	return Number(text);
};
const END_OF_TIME = 253402300799;

function readList(text) {
	const lines = linesOf(text);
	must(lines.length >= 6 && lines[0] === 'tipline list 1', 'format');
	const word = (line, name) => {
		must(line.startsWith(`${name} `), 'format');
		return line.slice(name.length + 1);
	};
	const identity = base64(word(lines[1], 'identity'), 32);
	const number = decimal(word(lines[2], 'number'), 999999999);
	const epochs = lines.slice(3, -2).map((line) => {
		const [start, key, ...more] = word(line, 'epoch').split(' ');
		must(key !== undefined && more.length === 0, 'format');
		return { start: decimal(start, END_OF_TIME), key: base64(key, 32) };
	});
	const end = decimal(word(lines.at(-2), 'end'), END_OF_TIME);
	const signature = base64(word(lines.at(-1), 'signature'), 64);
	const signed = ascii(lines.slice(0, -1).map((line) => `${line}\n`).join(''));
	const message = Buffer.concat([ascii('tipline list v1\0'), H(32, signed)]);
	proven(() => sodium.crypto_sign_verify_detached(signature, message, identity));
	must(number > 0 && epochs.length > 0 && epochs.length <= 1024, 'format');
	const starts = [-1, ...epochs.map(({ start }) => start), end];
	must(starts.every((start, i) => i === 0 || start > starts[i - 1]), 'format');
	must(new Set(epochs.map(({ key }) => key.toString('hex'))).size === epochs.length, 'format');
	for (const { key } of epochs) {
		let shared = null;
		try {
			shared = sodium.crypto_scalarmult(Buffer.alloc(32, 7), key);
		} catch {
			shared = null;
		}
		must(shared?.some((byte) => byte !== 0), 'format');
	}
	return { identity, number, end, epochs };
}

const ROLES = [, 'officer', 'supervisor', 'administrator'];

// What an officer may do, their second factor and the ring's key.
function badgeOf(lines, passphrase, officer) {
	const word = (line, name) => {
		must(line.startsWith(`${name} `), 'format');
		return line.slice(name.length + 1);
	};
	const signer = base64(word(lines[1], 'signer'), 32);
	const at = lines.indexOf(`officer ${officer}`);
	must(at >= 2 && at % 6 === 2, 'format');
	const own = unwrap(lines, at + 1, passphrase, [lines[0], lines[at]]);
	const badge = base64(word(lines[at + 4], 'badge'), 165);
	base64(word(lines[at + 5], 'entry'), 93);
	const key = H(32, Buffer.concat([ascii('tipline badge v1\0'), badge.subarray(0, 32), sodium.crypto_scalarmult_base(own)]),
		sodium.crypto_scalarmult(own, badge.subarray(0, 32)));
	const plain = Buffer.from(proven(() => sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
		null, badge.subarray(32), null, Buffer.alloc(24), key)));
	proven(() => sodium.crypto_sign_verify_detached(plain.subarray(53),
		Buffer.concat([ascii(`tipline badge v1\0${officer}\0`), plain.subarray(0, 53)]), signer));
	const role = ROLES[plain[0]];
	const ringKey = plain.subarray(21, 53);
	if (role !== 'administrator') {
		const pair = sodium.crypto_sign_seed_keypair(H(32, ascii('tipline ring signer v1\0'), ringKey));
		must(signer.equals(Buffer.from(pair.publicKey)), 'proof');
	}
	return { role, totp: plain.subarray(1, 21).toString('hex'), ringKey: role === 'administrator' ? null : ringKey };
}

function openRing(text, passphrase, officer) {
	const lines = linesOf(text);
	must(lines[0] === 'tipline key 1 team-ring', 'format');
	const list = lines.findIndex((line) => line.startsWith('list '));
	must(list > 2 && list % 6 === 2, 'format');
	const { ringKey } = badgeOf(lines, passphrase, officer);
	if (ringKey === null) {
		return null;
	}
	const time = (seconds) => {
		const bytes = Buffer.alloc(8);
		bytes.writeBigUInt64BE(BigInt(seconds));
		return bytes;
	};
	return lines.slice(list + 1).map((line) => {
		const [word, start, end, key, last] = line.split(' ');
		const epoch = { start: Number(start), end: Number(end), public: base64(key, 32).toString('hex') };
		if (word === 'gone') {
			return { ...epoch, destroyed: Number(last) };
		}
		const bound = Buffer.concat([ascii('tipline epoch v1\0'), time(start), time(end), base64(key, 32)]);
		return { ...epoch, secret: xchachaOpen(base64(last, 72), bound, ringKey).toString('hex') };
	});
}

test('reads key files of every kind', () => {
	assert.deepEqual(keys.key_files.map(({ kind }) => kind).sort(), Object.keys(KINDS).sort());
	for (const { kind, text, key } of keys.key_files) {
		assert.equal(readKey(text, kind).toString('hex'), key);
		assert.throws(() => readKey(text.replace(/check ./, 'check x'), kind), { reason: 'format' });
	}
});

const team = JSON.parse(read('team.json'));

test('unlocks the identity with its passphrase and with no other', () => {
	for (const { text, passphrase, seed } of team.identities) {
		assert.equal(unlockIdentity(text, passphrase).toString('hex'), seed);
		assert.throws(() => unlockIdentity(text, `${passphrase} `), { reason: 'proof' });
	}
});

test('reads good lists and finds the key of every time', () => {
	for (const vector of team.lists.good) {
		const list = readList(vector.text);
		assert.equal(list.identity.toString('hex'), vector.identity);
		assert.equal(list.number, vector.number);
		assert.equal(list.end, vector.end);
		for (const { time, public: key } of vector.seal_to) {
			const epoch = list.epochs.filter(({ start }) => start <= time).at(-1) ?? list.epochs.at(-1);
			assert.equal(epoch.key.toString('hex'), key);
		}
	}
});

for (const vector of team.lists.bad) {
	test(`refuses a list: ${vector.name}`, () => {
		assert.throws(() => readList(vector.text), { reason: vector.error });
	});
}

test('opens rings, but for what was destroyed', () => {
	for (const { text, officer, role, totp, passphrase, ring_key: key, epochs } of team.rings) {
		assert.deepEqual(openRing(text, passphrase, officer), key === null ? null : epochs);
		const badge = badgeOf(linesOf(text), passphrase, officer);
		assert.equal(badge.role, role);
		assert.equal(badge.ringKey?.toString('hex') ?? null, key);
		if (totp !== null) assert.equal(badge.totp, totp);
		assert.throws(() => openRing(text, `${passphrase} `, officer), { reason: 'proof' });
	}
});

test('shows identities as digits and as words', () => {
	for (const { public: key, digits, words } of team.fingerprints) {
		const hash = H(32, Buffer.concat([ascii('tipline fingerprint v1\0'), hex(key)]));
		const numbers = Array.from({ length: 8 }, (_, i) => hash.readUInt16BE(2 * i));
		const consonant = (bits) => 'bdfghjklmnprstvz'[bits & 15];
		const vowel = (bits) => 'aiou'[bits & 3];
		assert.equal(numbers.map((n) => String(n).padStart(5, '0')).join(' '), digits);
		assert.equal(numbers.map((n) => consonant(n >> 12) + vowel(n >> 10) + consonant(n >> 6) + vowel(n >> 4) +
			consonant(n)).join(' '), words);
	}
});

// ---- Shares -----------------------------------------------------------------

const gfMul = (a, b) => {
	let product = 0;
	for (let x = a, y = b; y > 0; y >>= 1) {
		product ^= y & 1 ? x : 0;
		x = x << 1 ^ (x & 128 ? 0x11b : 0);
	}
	return product;
};
const gfDiv = (a, b) => {
	let inverse = 1;
	while (gfMul(inverse, b) !== 1) {
		inverse++;
	}
	return gfMul(a, inverse);
};

function readShare(line) {
	must(line.startsWith('tipline share 1 '), 'no share');
	must(H(32, ascii(line.slice(0, -8))).subarray(0, 4).toString('hex') === line.slice(-8), 'damaged');
	const parts = /^tipline share 1 (identity|ring) ([0-9a-f]{16}) ([1-9]\d?) of ([1-9]\d?) need ([1-9]\d?) ([0-9a-f]{80}) /
		.exec(line);
	must(parts, 'no share');
	const [x, n, k] = parts.slice(3, 6).map(Number);
	must(k >= 2 && k <= n && n <= 16 && x <= n, 'no share');
	return { kind: parts[1], set: [parts[1], parts[2], n, k].join(), x, k, data: hex(parts[6]) };
}

const lagrange = (shares, at) => Buffer.from(shares[0].data.map((_, b) => shares.reduce((sum, { x, data }) =>
	sum ^ gfMul(data[b], shares.reduce((weight, other) =>
		other.x === x ? weight : gfMul(weight, gfDiv(at ^ other.x, x ^ other.x)), 1)), 0)));

function combine(lines) {
	const shares = lines.map(readShare);
	must(shares.every(({ set }) => set === shares[0].set), 'mixed');
	must(new Set(shares.map(({ x }) => x)).size === shares.length, 'twice');
	const { k, kind } = shares[0];
	must(shares.length >= k, 'too few');
	const chosen = shares.slice(0, k);
	const all = lagrange(chosen, 0);
	const check = H(32, Buffer.concat([ascii('tipline share v1\0'), Buffer.from([kind === 'ring' ? 1 : 0]),
		all.subarray(0, 32)])).subarray(0, 8);
	must(check.equals(all.subarray(32)), 'some');
	must(shares.every(({ x, data }) => lagrange(chosen, x).equals(data)), 'wrong');
	return all.subarray(0, 32).toString('hex');
}

test('puts shares together', () => {
	const { good, bad } = JSON.parse(read('share.json'));
	for (const { name, shares, secret } of good) {
		assert.equal(combine(shares), secret, name);
	}
	for (const { name, shares, fault } of bad) {
		// to find out which of four is false takes more than this reader does
		const reasons = fault === 'wrong' ? ['wrong', 'some'] : [fault];
		assert.throws(() => combine(shares), ({ reason }) => reasons.includes(reason), name);
	}
});

test('verifies good receipts and no bad ones', () => {
	for (const { name, public: publicKey, tip_id: tipId, hash, signature, holds } of keys.receipts) {
		const message = Buffer.concat([ascii('tipline receipt v1\0'), hex(tipId), hex(hash)]);
		assert.equal(sodium.crypto_sign_verify_detached(hex(signature), message, hex(publicKey)), holds, name);
	}
});

const DAMM = ['0317598642', '7092154863', '4206871359', '1750983426', '6123045978',
	'3674209581', '5869720134', '8945362017', '9438617205', '2581436790'];
const damm = (digits) => [...digits].reduce((interim, digit) => DAMM[interim][digit], '0');

function deriveCode(pepper, idem, content) {
	for (let i = 0; ; i++) {
		const counter = Buffer.alloc(4);
		counter.writeUInt32BE(i);
		const block = H(64, Buffer.concat([ascii('tipline code v1\0'), idem, content, counter]), pepper);
		const digits = [...block].filter((byte) => byte < 250).slice(0, 24).map((byte) => byte % 10).join('');
		if (digits.length === 24 && new Set(digits).size >= 4) {
			return digits + damm(digits);
		}
	}
}

test('derives receipt codes of 25 digits, their mailboxes and reply keys', () => {
	for (const code of keys.codes) {
		const pepper = hex(code.pepper);
		const digits = deriveCode(pepper, hex(code.idem), hex(code.content));
		assert.equal(digits, code.digits);
		assert.equal(damm(digits), '0');
		assert.equal(H(16, ascii(`tipline mailbox v1\0${digits}`), pepper).toString('hex'), code.mailbox);
		assert.equal(H(32, ascii(`tipline reply v1\0${digits}`), pepper).toString('hex'), code.reply_key);
	}
});

test('derives mailboxes and reply keys of receipt codes of 20 digits', () => {
	for (const code of keys.slow_codes) {
		const pepper = hex(code.pepper);
		assert.match(code.digits, /^[0-9]{20}$/);
		assert.equal(damm(code.digits), '0');
		const S = H(48, ascii(`tipline slow v1\0${code.digits}`), pepper);
		const A = Buffer.from(sodium.crypto_pwhash(32, S.subarray(0, 32), S.subarray(32), 2, 65536 * 1024,
			sodium.crypto_pwhash_ALG_ARGON2ID13));
		assert.equal(H(16, Buffer.concat([ascii('tipline slow mailbox v1\0'), A]), pepper).toString('hex'), code.mailbox);
		assert.equal(H(32, Buffer.concat([ascii('tipline slow reply v1\0'), A]), pepper).toString('hex'), code.reply_key);
	}
});

// ---- Mail -------------------------------------------------------------------

const post = JSON.parse(read('mail.json'));

function readMail(mail, desk) {
	must(mail.length >= 48, 'format');
	must(mail.subarray(0, 7).equals(ascii('tipmail')) && mail[7] === 1, 'format');
	must(mail.subarray(9, 12).every((byte) => byte === 0), 'format');
	must(mail.length === { 1: 2200, 2: 112, 3: 2200 }[mail[8]], 'format');
	const signed = mail.subarray(0, mail.length - 64);
	const message = Buffer.concat([ascii('tipline mail v1\0'), H(32, signed)]);
	proven(() => sodium.crypto_sign_verify_detached(mail.subarray(mail.length - 64), message, desk));
	return {
		kind: { 1: 'reply', 2: 'deletion', 3: 'status' }[mail[8]],
		mailbox: mail.subarray(12, 28).toString('hex'),
		id: mail.subarray(28, 44).toString('hex'),
		last_day: mail.readUInt32BE(44),
	};
}

function openMail(mail, desk, mailbox, key) {
	const head = readMail(mail, desk);
	must(head.kind !== 'deletion' && head.mailbox === mailbox, 'format');
	const content = Buffer.from(proven(() => sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
		null, mail.subarray(72, 2136), mail.subarray(0, 72), mail.subarray(48, 72), key)));
	const length = content.readUInt16BE(2);
	must(content[0] <= 5 && content[1] === 0 && length <= 2036 && (content[0] > 0 || (length > 0 && head.kind === 'reply')), 'format');
	must(content.readBigUInt64BE(4) < 2n ** 63n, 'format');
	must(content.subarray(12 + length).every((byte) => byte === 0), 'format');
	return {
		...head,
		status: content[0],
		sent: Number(content.readBigUInt64BE(4)),
		text: content.subarray(12, 12 + length).toString('utf8'),
	};
}

function mailOf(vector) {
	const from = vector.from === undefined ? vector : post.good.find(({ name }) => name === vector.from);
	const mail = Buffer.from(from.mail, 'base64');
	for (const { at, bytes } of vector.put ?? []) {
		hex(bytes).copy(mail, at);
	}
	return {
		mail: Buffer.concat([mail.subarray(0, vector.cut_to ?? mail.length), hex(vector.append ?? '')]),
		mailbox: vector.mailbox ?? from.mailbox,
		desk: hex(from.desk ?? post.desk),
		key: hex(vector.key ?? from.key ?? '00'.repeat(32)),
	};
}

test('opens good mail and reads deletions', () => {
	for (const { name, key, mail: _, desk: _desk, ...want } of post.good) {
		const { mail, mailbox, desk } = mailOf(post.good.find((vector) => vector.name === name));
		const got = key === undefined ? readMail(mail, desk) : openMail(mail, desk, mailbox, hex(key));
		assert.deepEqual(got, want, name);
	}
});

test('refuses bad mail for the reason that is written there', () => {
	for (const vector of post.bad) {
		const { mail, mailbox, desk, key } = mailOf(vector);
		assert.throws(() => openMail(mail, desk, mailbox, key), (error) => error.reason === vector.error, vector.name);
	}
});
