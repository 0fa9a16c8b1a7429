// SPDX-License-Identifier: AGPL-3.0-or-later
// `tipline setup` makes a host from answers, in an image here: what belongs
// where, with which mode; and what is there already stays. With a systemd it
// is tried by `make test-boot`, with packages by `make test-deb`.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { build, root } from './lib/home.mjs';
import { dir, image, one, setup, tree, users } from './lib/image.mjs';
import { ec, installer, make, pairs } from './lib/certificates.mjs';

after(() => fs.rmSync(dir, { recursive: true }));

test('one host is made from answers, each file with its mode', async () => {
  const at = image();
  const { status, said } = await setup(one, '--root', at);
  assert.equal(status, 0, said);
  const made = tree(at);
  const modes = Object.fromEntries(Object.entries(made).map(([name, [mode]]) => [name, mode]));
  const want = {};
  const put = (mode, folder, ...names) => { for (const name of names) want[`${folder}/${name}`] = mode; };
  put('400', 'etc/tipline/keys', 'intake.key', 'pepper.key', 'dedup.key');
  put('644', 'etc/tipline/keys', 'team.list', 'identity.pub', 'receipt.pub');
  put('640', 'etc/tipline', 'tls/ecdsa.key', 'secrets/phones', 'secrets/partner', 'redis/users.acl');
  put('644', 'etc/tipline', 'tls/ecdsa.pem', 'tipline.conf', 'redis/tipline-redis.conf');
  put('600', 'etc/tipline/redis', 'relay.pass', 'desk.pass', 'admin.pass', 'janitor.pass');
  put('600', 'srv/desk', 'team.ring', 'receipt.key', 'desk.key', 'desk.pass', 'tipline.conf');
  put('644', 'srv/desk', 'intake.pub', 'desk.pub');
  put('644', 'etc', 'sysctl.d/60-tipline.conf', 'systemd/journald.conf.d/tipline.conf');
  for (const [name, mode] of Object.entries(want)) assert.equal(modes[name], mode, name);
  const others = Object.keys(modes).filter((name) => !(name in want)
    && !/^etc\/(passwd|group|systemd\/system\/)|^root\/tipline-keys\//.test(name));
  assert.deepEqual(others, []);
  assert.match(made['etc/tipline/secrets/phones'][1], /^phones:[0-9a-f]{32}\n$/);
  assert.match(made['etc/tipline/secrets/partner'][1], /^whsec_[A-Za-z0-9+/]{43}=\n$/);
  assert.deepEqual(users(made['etc/tipline/redis/users.acl'][1]), ['default', 'relay', 'desk', 'janitor', 'admin']);
  if (process.getuid() === 0) {
    const uid = (name) => Number(fs.readFileSync(`${at}/etc/passwd`, 'utf8').match(new RegExp(`^${name}:x:(\\d+)`, 'm'))[1]);
    assert.equal(fs.statSync(`${at}/srv/desk/team.ring`).uid, uid('reader'));
    assert.equal(fs.statSync(`${at}/etc/tipline/tls/ecdsa.key`).gid, uid('tipline-intake'));
    assert.equal(fs.statSync(`${at}/etc/tipline/keys/pepper.key`).uid, 0);
  }
});

test('set up again, nothing is changed; another answer is said and changes nothing either', async () => {
  const at = image();
  assert.equal((await setup(one, '--root', at)).status, 0);
  const before = tree(at);
  const again = await setup(one, '--root', at);
  assert.equal(again.status, 0, again.said);
  assert.doesNotMatch(again.said, /: made|stays| now /);
  assert.deepEqual(tree(at), before);
  // the folder of keys is gone, as it should be: no new team
  assert.match(again.said, /tipline-keys: move identity\.key/);
  fs.rmSync(`${at}/root/tipline-keys`, { recursive: true });
  const other = await setup(one.replace('notes.', 'letters.'), '--root', at);
  assert.equal(other.status, 0, other.said);
  assert.match(other.said, /tipline\.conf: is there and is not what would be written now; it stays/);
  const now = tree(at);
  for (const [name, was] of Object.entries(before)) if (!name.startsWith('root/')) assert.deepEqual(now[name], was, name);
  assert.ok(!('root/tipline-keys/team.ring' in now));
  assert.doesNotMatch(other.said, /identity\.key/, 'what is done is not asked for again');
});

test('a certificate that was taken away is made anew for the key that is there', async () => {
  const at = image();
  const answers = one.replace(/^officer.*\ndesk_folder.*\n/m, 'console = 10.0.0.5:9443\n');
  assert.equal((await setup(answers, '--root', at)).status, 0);
  const pairs = ['tls/ecdsa', 'desk-tls/desk'].map((name) => `${at}/etc/tipline/${name}`);
  const keys = pairs.map((pair) => fs.readFileSync(`${pair}.key`, 'utf8'));
  for (const pair of pairs) fs.rmSync(`${pair}.pem`);
  const { status, said } = await setup(answers, '--root', at);
  assert.equal(status, 0, said);
  assert.doesNotMatch(said, /it stays/);
  pairs.forEach((pair, i) => {
    assert.equal(fs.readFileSync(`${pair}.key`, 'utf8'), keys[i]);
    const of = (...args) => execFileSync('openssl', args, { encoding: 'utf8' });
    assert.equal(of('x509', '-in', `${pair}.pem`, '-noout', '-pubkey'), of('pkey', '-in', `${pair}.key`, '-pubout'));
  });
});

test('keys that systemd-creds has encrypted in their place are not asked for again', async () => {
  const at = image();
  const keys = `${at}/etc/tipline/keys`;
  assert.equal((await setup(one, '--root', at)).status, 0);
  for (const name of ['intake', 'pepper', 'dedup']) {
    fs.writeFileSync(`${keys}/${name}.cred`, `${name}, encrypted\n`, { mode: 0o600 });
    fs.rmSync(`${keys}/${name}.key`);
  }
  fs.rmSync(`${at}/root/tipline-keys`, { recursive: true });
  const before = tree(at);
  for (const more of [['--dry-run'], []]) {
    const { status, said } = await setup(one, '--root', at, ...more);
    assert.equal(status, 0, said);
    assert.doesNotMatch(said, /etc\/tipline\/keys\/(intake|pepper|dedup)/);
  }
  assert.deepEqual(tree(at), before);
  // also with the keys at hand, no plain one comes beside them
  const again = await setup(`${one}keys = ${keys}\n`, '--root', at);
  assert.equal(again.status, 0, again.said);
  // without either it is said as ever
  fs.rmSync(`${keys}/dedup.cred`);
  const lacks = await setup(one, '--root', at);
  assert.equal(lacks.status, 1);
  assert.match(lacks.said, /dedup\.key is not there, and is needed/);
});

test('a mode that was changed is set right, and said', async () => {
  const at = image();
  await setup(one, '--root', at);
  fs.chmodSync(`${at}/etc/tipline/keys/pepper.key`, 0o644);
  const { said } = await setup(one, '--root', at);
  assert.match(said, /pepper\.key: now has mode 400/);
  assert.equal(tree(at)['etc/tipline/keys/pepper.key'][0], '400');
});

/** Planted by whom the folder belongs to: as(image, uid) runs commands in folders of the image. */
const as = (at, uid) => (folder, program, ...args) => execFileSync(program, args, { cwd: path.join(at, folder), uid, gid: uid });

/** What must stay as it is: a secret of root's, a folder, and a file that is not there. */
function treasure(at) {
  fs.mkdirSync(`${at}/root/closed`, { recursive: true, mode: 0o755 });
  for (const name of ['shadow', 'other', 'third']) fs.writeFileSync(`${at}/root/${name}`, `${name}\n`, { mode: 0o600 });
  const seen = () => ['', 'closed', 'shadow', 'other', 'third'].map((name) => {
    const { uid, gid, mode } = fs.statSync(`${at}/root/${name}`);
    return `${name} ${uid}:${gid} ${mode.toString(8)} ${mode & 0o040000 ? fs.readdirSync(`${at}/root/${name}`) : fs.readFileSync(`${at}/root/${name}`)}`;
  });
  const was = seen();
  return () => assert.deepEqual(seen(), was);
}

test('links that the officer planted lead root nowhere', async () => {
  if (process.getuid() !== 0) return; // nobody to plant them
  const at = image();
  const answers = one.replace('/srv/desk', '/home/reader/desk');
  fs.mkdirSync(`${at}/home/reader`, { recursive: true });
  fs.chownSync(`${at}/home/reader`, 7, 7);
  const first = await setup(answers, '--root', at);
  assert.equal(first.status, 0, first.said);
  const desk = `${at}/home/reader/desk`;
  assert.equal(fs.statSync(`${desk}/team.ring`).uid, 7);
  const untouched = treasure(at);
  const reader = as(at, 7);
  const plant = (target, name) => {
    reader('home/reader/desk', 'rm', '-rf', name);
    reader('home/reader/desk', 'ln', '-s', `${at}/root/${target}`, name);
  };
  plant('shadow', 'intake.pub');
  plant('closed', 'ledger');
  plant('other', 'desk.pass.new');
  plant('missing', 'receipt.key');
  reader('home/reader/desk', 'rm', 'desk.pass');
  const again = await setup(answers, '--root', at);
  untouched();
  assert.equal(again.status, 1, again.said);
  for (const name of ['intake.pub', 'ledger', 'receipt.key']) assert.match(again.said, new RegExp(`desk/${name}: is a link`));
  assert.match(again.said, /desk\.pass: made/);
  assert.equal(fs.readFileSync(`${desk}/desk.pass`, 'utf8'), fs.readFileSync(`${at}/etc/tipline/redis/desk.pass`, 'utf8'));
  assert.equal(fs.lstatSync(`${desk}/desk.pass`).uid, 7);
  // the whole folder, in a home that is the officer's
  reader('home/reader', 'rm', '-rf', 'desk');
  reader('home/reader', 'ln', '-s', `${at}/root`, 'desk');
  const gone = await setup(answers, '--root', at);
  assert.notEqual(gone.status, 0);
  assert.match(gone.said, /home\/reader\/desk: is a link/);
  untouched();
});

test('nor do those of Redis, of the Sentinel and of who makes backups', async () => {
  if (process.getuid() !== 0) return;
  const at = image();
  const answers = `${one}redis_listen = 10.9.0.1:6379\nredis_network = 10.9.0.0/24\nsentinel_listen = 10.9.0.1:26379\n`;
  assert.equal((await setup(answers, '--root', at)).status, 0);
  const untouched = treasure(at);
  const uid = (folder) => fs.statSync(path.join(at, folder)).uid;
  const replace = (folder, name, target) => {
    assert.notEqual(uid(folder), 0, folder);
    as(at, uid(folder))(folder, 'rm', '-rf', name);
    as(at, uid(folder))(folder, 'ln', '-s', `${at}/root/${target}`, name);
  };
  replace('var/lib/tipline-redis', 'redis.conf', 'missing');
  replace('var/lib/tipline-sentinel', 'peer.pass.new', 'shadow');
  replace('var/lib/tipline-sentinel', 'watch.pass', 'other');
  replace('var/lib/tipline-sentinel', 'sentinel.conf', 'third');
  const again = await setup(answers, '--root', at);
  assert.equal(again.status, 1, again.said);
  for (const name of ['tipline-redis/redis.conf', 'tipline-sentinel/watch.pass', 'tipline-sentinel/sentinel.conf']) {
    assert.match(again.said, new RegExp(`${name}: is a link`));
  }
  untouched();
  // nor is it read, when the Sentinel's file is to be made anew
  replace('var/lib/tipline-sentinel', 'peer.pass', 'shadow');
  as(at, uid('var/lib/tipline-sentinel'))('var/lib/tipline-sentinel', 'rm', 'sentinel.conf');
  const anew = await setup(answers, '--root', at);
  assert.match(anew.said, /peer\.pass: cannot be read/);
  untouched();
});

test('nor is what root alone may read taken from a folder of another', async () => {
  if (process.getuid() !== 0) return;
  const at = image();
  const untouched = treasure(at);
  const given = (folder) => path.join(at, 'home/reader', folder);
  fs.mkdirSync(`${at}/home`);
  execFileSync(`${build}/tipline`, ['keygen', '--cheap', `${at}/made`], { env: { ...process.env, TIPLINE_PASSPHRASE_FILE: `${dir}/pass` } });
  fs.mkdirSync(given('secrets'), { recursive: true });
  fs.renameSync(`${at}/made`, given('keys'));
  fs.writeFileSync(`${given('secrets')}/partner`, 'token\n', { mode: 0o600 });
  execFileSync('chown', ['-R', '7:7', `${at}/home/reader`]);
  const reader = as(at, 7);
  const answers = `${one}keys = ${given('keys')}\nsecrets = ${given('secrets')}\n`;
  // what may not be taken, in whose place, and where it would have gone
  for (const [folder, name, to] of [['secrets', 'partner', 'etc/tipline/secrets/partner'], ['keys', 'desk.pub', 'srv/desk/desk.pub']]) {
    reader(`home/reader/${folder}`, 'mv', name, 'mine');
    for (const target of [`${at}/root/shadow`, '../../../root/other']) {
      reader(`home/reader/${folder}`, 'ln', '-sf', target, name);
      const { status, said } = await setup(answers, '--root', at);
      assert.equal(status, 1, said);
      assert.match(said, new RegExp(`${folder}/${name}: is in a folder of user 7, who may not read it`));
      assert.ok(!fs.existsSync(path.join(at, to)), to);
    }
    // a link to what is theirs is
    reader(`home/reader/${folder}`, 'ln', '-sf', 'mine', name);
  }
  // a file of root's that was put there is not read as root either
  fs.chownSync(`${given('secrets')}/mine`, 0, 0);
  assert.match((await setup(answers, '--root', at)).said, /partner: is in a folder of user 7/);
  fs.chownSync(`${given('secrets')}/mine`, 7, 7);
  const { status, said } = await setup(answers, '--root', at);
  assert.equal(status, 0, said);
  assert.deepEqual(tree(at)['etc/tipline/secrets/partner'], ['640', 'token\n']);
  assert.deepEqual(fs.readFileSync(`${at}/srv/desk/desk.pub`), fs.readFileSync(`${given('keys')}/mine`));
  untouched();
});

test('nor are passwords of Redis, and a link of root\'s is followed as far as root may go', async () => {
  if (process.getuid() !== 0) return;
  const at = image();
  const first = await setup(one, '--root', at);
  assert.equal(first.status, 0, first.said);
  const other = image();
  treasure(other);
  fs.cpSync(`${at}/etc/tipline/redis`, `${other}/home/reader/passwords`, { recursive: true });
  execFileSync('chown', ['-R', '7:7', `${other}/home/reader`]);
  fs.symlinkSync('home/reader/passwords', `${other}/passwords`);
  const reader = as(other, 7);
  reader('home/reader/passwords', 'mv', 'desk.pass', 'mine');
  reader('home/reader/passwords', 'ln', '-s', `${other}/root/shadow`, 'desk.pass');
  const answers = `${one}redis_passwords = ${other}/passwords\n`;
  const { status, said } = await setup(answers, '--root', other);
  assert.equal(status, 1, said);
  assert.match(said, /passwords\/desk\.pass: is in a folder of user 7/);
  assert.ok(!fs.existsSync(`${other}/etc/tipline/redis/desk.pass`));
  reader('home/reader/passwords', 'ln', '-sf', 'mine', 'desk.pass');
  const again = await setup(answers, '--root', other);
  assert.equal(again.status, 0, again.said);
  assert.deepEqual(fs.readFileSync(`${other}/srv/desk/desk.pass`), fs.readFileSync(`${at}/etc/tipline/redis/desk.pass`));
});

test('what is root\'s is made in no folder that others may write to', async () => {
  if (process.getuid() !== 0) return;
  const at = image();
  assert.equal((await setup(one, '--root', at)).status, 0);
  fs.chmodSync(`${at}/etc/sysctl.d`, 0o777);
  fs.rmSync(`${at}/etc/sysctl.d/60-tipline.conf`);
  // root's own links are nobody's trap
  fs.renameSync(`${at}/srv`, `${at}/data`);
  fs.symlinkSync('data', `${at}/srv`);
  const { status, said } = await setup(one, '--root', at);
  assert.equal(status, 1, said);
  assert.match(said, /60-tipline\.conf: is root's, and others may write/);
  assert.ok(!fs.existsSync(`${at}/etc/sysctl.d/60-tipline.conf`));
  assert.doesNotMatch(said, /\/srv\/desk[^ ]*:/);
});

test('every wrong answer is told at once, and no value is shown', async () => {
  const at = image();
  const { status, said } = await setup(`host = one
public_url = http://SECRET.example
nonsense = 1
region = kh
host = desk
tunnel = 6400
no line
gateway.missing.account = AC1
`, '--root', at);
  assert.equal(status, 1);
  for (const wrong of [/answers:2: public_url/, /answers:3: there is no question "nonsense"/, /answers:4: region/,
    /answers:5: host is answered twice/, /tunnel: is not for a host that is one/, /answers:7: must be NAME = VALUE/,
    /officer: has no answer/, /desk_folder: has no answer/, /gateway\.missing/]) assert.match(said, wrong);
  assert.doesNotMatch(said, /SECRET/);
  assert.ok(!fs.existsSync(`${at}/etc/tipline`));
});

test('an answer that makes no configuration stops before the configuration is written', async () => {
  const at = image();
  const { status, said } = await setup(`${one}delay = 120s 30s\n`, '--root', at);
  assert.equal(status, 1);
  assert.match(said, /make no configuration/);
  assert.ok(!fs.existsSync(`${at}/etc/tipline/tipline.conf`));
});

test("a gateway's type and options are judged first, also without doing anything", async () => {
  for (const more of [[], ['--dry-run']]) {
    const at = image();
    const answers = one.replace('phones=kannel', 'phones=nokia').replace('phones.numbers', 'phones.nambers');
    const { status, said } = await setup(`${answers}gateway.partner.type = twice\n`, '--root', at, ...more);
    assert.equal(status, 1);
    assert.match(said, /setup: gateway phones: gateway\.type: must be one word of: twilio .* custom\n/);
    assert.match(said, /setup: gateway phones: \[gateway\] has no nambers; did you mean numbers\?\n/);
    assert.match(said, /setup: gateway partner: .*type.*\n/);
    assert.doesNotMatch(said, /put the secret|\/gateway:/);
    assert.ok(!fs.existsSync(`${at}/etc/tipline`));
  }
});

test('root is no officer', async () => {
  const { status, said } = await setup(one.replace('= reader', '= root'), '--root', image(), '--dry-run');
  assert.equal(status, 1);
  assert.match(said, /officer: this is no answer to: Account of this host \(not root\)/);
});

test('a secret that its provider gives has to be there first', async () => {
  const at = image();
  const answers = `${one.replace('phones=kannel', 'phones=twilio')}`.replace(/gateway.*numbers.*\n/, '');
  const lacks = await setup(answers, '--root', at);
  assert.equal(lacks.status, 1);
  assert.match(lacks.said, /gateway phones: put the secret/);
  fs.mkdirSync(`${at}/secrets`);
  fs.writeFileSync(`${at}/secrets/phones`, 'token\n');
  const has = await setup(`${answers}secrets = ${at}/secrets\n`, '--root', at);
  assert.equal(has.status, 0, has.said);
  assert.deepEqual(tree(at)['etc/tipline/secrets/phones'], ['640', 'token\n']);
});

test('a dry run prints what would be made, and no secret, and makes nothing', async () => {
  const at = image();
  const before = tree(at);
  for (const [kind, answers] of [['one', one],
    ['intake', `host = intake\npublic_url = https://notes.example.org\nteam_host = team.example.org:6400\nrelay_password = ${dir}/pass\nkeys = /root/keys\nonion = yes\n`],
    ['desk', 'host = desk\nofficer = reader\ndesk_folder = /srv/desk\nkeys = /root/keys\nredis_listen = 10.9.0.2:6379\nredis_network = 10.9.0.0/24\nredis_master = 10.9.0.1:6379\nredis_passwords = /root/first\nsentinel_listen = 10.9.0.2:26379\n']]) {
    const { status, said } = await setup(answers, '--dry-run', '--root', at);
    assert.equal(status, 0, said);
    assert.match(said, /^run systemctl|^run systemd-sysusers/m, kind);
    assert.doesNotMatch(said, /a passphrase for tests/);
    if (kind === 'intake') {
      assert.match(said, /connect = team\.example\.org:6400/);
      assert.match(said, /^run .*debian-tor$/m);
    }
    if (kind === 'desk') assert.match(said, /sentinel\.conf \(600 tipline-sentinel:tipline-sentinel\), watching 10\.9\.0\.1:6379/);
  }
  assert.deepEqual(tree(at), before);
});

test('a public host gets the tunnel, the relay\'s password, and none of the team\'s keys', async () => {
  const keys = path.join(dir, 'keys-of-intake');
  execFileSync(`${build}/tipline`, ['keygen', '--cheap', keys], { env: { ...process.env, TIPLINE_PASSPHRASE_FILE: `${dir}/pass` } });
  const at = image();
  fs.mkdirSync(`${at}/etc/apparmor.d`);
  fs.writeFileSync(`${at}/etc/apparmor.d/system_tor`, ''); // of Debian's package
  const answers = `host = intake
public_url = https://notes.example.org
keys = ${keys}
team_host = team.example.org:6400
relay_password = ${dir}/pass
onion = yes
`;
  const { status, said } = await setup(answers, '--root', at);
  assert.equal(status, 0, said);
  const made = tree(at);
  // Debian's profile for Tor reads one more file, which everybody may read
  assert.match(made['etc/apparmor.d/local/system_tor'][1], /^include if exists ".*\/tor\/tipline\.apparmor"$/m);
  assert.equal(made['etc/apparmor.d/local/system_tor'][0], '644');
  assert.match(made['etc/stunnel/tipline.conf'][1], /^connect = team\.example\.org:6400$/m);
  assert.match(made['etc/tipline/tipline.conf'][1], /^socket = \/run\/tipline-tunnel\/redis-1\.sock$/m);
  assert.match(made['etc/tipline/tipline.conf'][1], /^memory = 1GiB$/m);
  assert.equal(made['etc/tipline/redis/relay.pass'][0], '600');
  assert.match(made['etc/tor/torrc'][1], /^%include .*\/tor\/tipline\.torrc$/m);
  await setup(answers, '--root', at);
  for (const name of ['tor/torrc', 'apparmor.d/local/system_tor']) {
    assert.equal(fs.readFileSync(`${at}/etc/${name}`, 'utf8'), made[`etc/${name}`][1], 'once');
  }
  assert.deepEqual(Object.keys(made).filter((name) => /ring|receipt\.key|identity\.key|desk\.|admin\.pass|users\.acl/.test(name)), []);
});

test('nor does set-up make a new team there, and it says so before anything is made', async () => {
  const answers = `host = intake\npublic_url = https://notes.example.org\nteam_host = team.example.org:6400\nrelay_password = ${dir}/pass\n`;
  // by its default, and by name
  for (const more of ['', 'keys = new\n']) {
    for (const dry of [[], ['--dry-run']]) {
      const at = image();
      const before = tree(at);
      const { status, said } = await setup(answers + more, '--root', at, ...dry);
      assert.equal(status, 1, said);
      assert.match(said, /^setup: keys: new is not for a public host: .* name the folder of the six files/m);
      assert.deepEqual(tree(at), before);
    }
  }
  // where it is made, it is said what to carry there
  const team = await setup('host = desk\nofficer = reader\ndesk_folder = /srv/desk\n', '--root', image());
  assert.match(team.said, /tipline-keys: carry intake\.key, .* receipt\.pub to each public host/);
  // at a terminal it is no answer, nor the one that is shown
  const typed = 'intake\nhttps://notes.example.org\n\n\n\nnew\n\n/root/keys\n';
  const { stdout } = spawnSync('script', ['-qec', `${build}/tipline setup --dry-run --root ${image()}`, '/dev/null'], {
    input: typed, encoding: 'utf8', env: { ...process.env, TERM: 'dumb' } });
  assert.match(stdout, /^ {2}keys: new\r?\n\s*new is not for a public host: /m);
  assert.match(stdout, /^ {2}keys: \r?\n\s*This is no answer to the question\./m);
  assert.match(stdout, /^ {2}keys: \/root\/keys\r?\n\s*Gateways/m);
});

test('with a console the daemon has the desk, and systemd its address', async () => {
  const at = image();
  const answers = `${one.replace(/^officer.*\n|^desk_folder.*\n/gm, '')}console = 10.0.0.5:9443\n`;
  const { status, said } = await setup(answers, '--root', at);
  assert.equal(status, 0, said);
  assert.match(said, /tipline -c \/etc\/tipline\/desk\.conf officer totp officer\./);
  const made = tree(at);
  for (const name of ['team.ring', 'receipt.key', 'desk.key', 'desk.pass']) assert.equal(made[`var/lib/tipline/desk/${name}`][0], '600', name);
  assert.equal(made['etc/tipline/desk-tls/desk.key'][0], '640');
  assert.match(made['etc/systemd/system/tipline-desk.socket.d/address.conf'][1], /^ListenStream=\nListenStream=10\.0\.0\.5:9443$/m);
  assert.match(made['etc/tipline/desk.conf'][1], /^ledger = \/var\/lib\/tipline\/desk\/ledger$/m);
  assert.match(made['etc/tipline/desk.conf'][1], /^backup = \/var\/backups\/tipline-ledger$/m);
  assert.equal(fs.statSync(`${at}/var/backups/tipline-ledger`).mode & 0o777, 0o700);
  assert.ok(!('srv/desk/team.ring' in made));
  assert.match((await setup(`${answers}officer = reader\n`, '--root', image())).said, /officer: is not for a host that is one with console/);
});

test('the spool is backed up where the answers say, and nothing is run from there', async () => {
  const at = image();
  const { status, said } = await setup(`${one}backup = /mnt/copies\n`, '--root', at);
  assert.equal(status, 0, said);
  assert.match(tree(at)['etc/systemd/system/tipline-backup.service.d/folder.conf'][1],
    /^ExecStart=\/usr\/bin\/tipline backup \/mnt\/copies\nBindPaths=\/mnt\/copies\nNoExecPaths=\+\/mnt\/copies$/m);
});

test('the journal is kept for 14 days from now on, each of its files for one', async () => {
  const at = image();
  const { status, said } = await setup(one, '--root', at);
  assert.equal(status, 0, said);
  // systemd removes whole files alone, and one may be a month long
  const settings = tree(at)['etc/systemd/journald.conf.d/tipline.conf'][1];
  for (const line of ['[Journal]', 'MaxRetentionSec=14day', 'MaxFileSec=1day']) assert.ok(settings.split('\n').includes(line), line);
  // it reads them at its start
  const dry = await setup(one, '--root', at, '--dry-run');
  assert.match(dry.said, /^run systemctl restart systemd-journald$/m);
  assert.doesNotMatch((await setup(`${one}kernel = no\n`, '--root', at, '--dry-run')).said, /journald/);
});

test('a console\'s ledger is backed up by a timer, where the answers say, unless they refuse', async () => {
  const console = `${one.replace(/^officer.*\n|^desk_folder.*\n/gm, '')}console = 127.0.0.1:9443\n`;
  const unit = 'etc/systemd/system/tipline-desk-backup.service.d/folder.conf';
  const made = async (more) => {
    const at = image();
    const { status, said } = await setup(console + more, '--root', at);
    assert.equal(status, 0, said);
    const dry = await setup(console + more, '--root', at, '--dry-run');
    return { at, files: tree(at), timer: /systemctl enable .*tipline-desk-backup\.timer/.test(dry.said) };
  };
  const usual = await made('');
  assert.ok(usual.timer);
  assert.ok(!(unit in usual.files));
  const other = await made('ledger_backup = /mnt/copies\n');
  assert.ok(other.timer);
  assert.match(other.files['etc/tipline/desk.conf'][1], /^backup = \/mnt\/copies$/m);
  assert.match(other.files[unit][1], /^ExecStart=\/usr\/bin\/tipline -c \/etc\/tipline\/desk\.conf backup \/mnt\/copies\nBindPaths=\/mnt\/copies\nNoExecPaths=\+\/mnt\/copies$/m);
  assert.equal(fs.statSync(`${other.at}/mnt/copies`).mode & 0o777, 0o700);
  const none = await made('ledger_backup = no\n');
  assert.ok(!none.timer);
  assert.doesNotMatch(none.files['etc/tipline/desk.conf'][1], /backup/);
});

test('the list of questions is a file of answers, once those without one are filled in', async () => {
  const questions = execFileSync(`${build}/tipline`, ['setup', '--questions']).toString();
  const names = [...questions.matchAll(/^#?([a-z_]+) =/gm)].map((found) => found[1]);
  assert.equal(new Set(names).size, names.length);
  const mine = one.split('\n').map((line) => line.split(' = ')[0]);
  const others = questions.split('\n').filter((line) => {
    const name = line.match(/^([a-z_]+) =/)?.[1];
    const kinds = questions.slice(0, questions.indexOf(`\n${line}`)).split('\n').at(-1);
    return name && !mine.includes(name) && (!kinds.startsWith('# (only') || /\bone\b/.test(kinds));
  });
  const { status, said } = await setup(one + others.join('\n'), '--root', image(), '--dry-run');
  assert.equal(status, 0, said);
});

test('what passes through a set-up that is killed is wiped by the next one', async () => {
  const work = fs.mkdtempSync(`${dir}/work-`);
  const bin = fs.mkdtempSync(`${dir}/bin-`);
  fs.writeFileSync(`${bin}/openssl`, '#!/bin/sh\nkill -9 $PPID\n', { mode: 0o755 });
  const at = image();
  const run = (more) => new Promise((resolve) => {
    fs.writeFileSync(`${dir}/answers-work`, one);
    execFile(`${build}/tipline`, ['setup', '--answers', `${dir}/answers-work`, '--root', at], {
      env: { ...process.env, TIPLINE_PASSPHRASE_FILE: `${dir}/pass`, TIPLINE_SETUP_CHEAP: 'yes', TIPLINE_SETUP_WORK: work, ...more },
    }, (error, stdout, stderr) => resolve({ signal: error?.signal, status: error?.code ?? 0, said: stdout + stderr }));
  });
  assert.equal((await run({ PATH: `${bin}:${process.env.PATH}` })).signal, 'SIGKILL');
  const [left, ...others] = fs.readdirSync(work);
  assert.match(left, /^tipline-setup\.\d+\./);
  assert.deepEqual(others, []);
  assert.ok(fs.readdirSync(`${work}/${left}`).length > 0);
  // one that runs is left alone, and so is what is no set-up's
  fs.mkdirSync(`${work}/tipline-setup.${process.pid}.abcdef`);
  fs.mkdirSync(`${work}/tipline-setup.x.abcdef`);
  const { status, said } = await run({});
  assert.equal(status, 0, said);
  assert.deepEqual(fs.readdirSync(work).sort(), [`tipline-setup.${process.pid}.abcdef`, 'tipline-setup.x.abcdef']);
});

test('of a file that found no room nothing stays, under no name', () => {
  const at = fs.mkdtempSync(`${dir}/room-`);
  const place = (...limits) => spawnSync('bash', ['-c', `. "$0/tools/setup-files"; trap '' XFSZ; ${limits.join()}
    words=$(head -c 5000 /dev/zero | place file 600 ./team.ring) || words="$words failed"; echo "$words"`, root], { cwd: at, encoding: 'utf8' });
  assert.equal(place('ulimit -f 1').stdout, ' failed\n');
  assert.deepEqual(fs.readdirSync(at), []);
  assert.equal(place().stdout, 'made\n');
  assert.deepEqual(fs.readdirSync(at), ['team.ring']);
});

test('what certbot runs takes the certificates of this site alone', async () => {
  const at = image();
  const hook = `${at}/etc/letsencrypt/renewal-hooks/deploy/tipline`;
  const answers = `${one}certificate = letsencrypt:notes.1\n`;
  // certbot has not run, so it ends early; the hook is there
  assert.match((await setup(answers, '--root', at)).said, /deploy\/tipline: made/);
  const { tls } = installer(dir);
  make(dir, 'le', 'DNS:notes.example.org', ...ec);
  const renew = (name) => {
    const live = `${dir}/le/${name}`;
    fs.mkdirSync(live, { recursive: true });
    fs.copyFileSync(`${dir}/le.pem`, `${live}/fullchain.pem`);
    fs.copyFileSync(`${dir}/le.key`, `${live}/privkey.pem`);
    execFileSync(hook, { env: { ...process.env, TIPLINE_TLS: tls, RENEWED_LINEAGE: live }, stdio: 'pipe' });
    const found = Object.keys(pairs(tls));
    for (const file of found) fs.rmSync(`${tls}/${file}`);
    return found.length;
  };
  for (const name of ['mail.example.net', 'notes', 'notes.1-rsa-0001', 'notesX1', 'my-notes.1']) assert.equal(renew(name), 0, name);
  for (const name of ['notes.1', 'notes.1-rsa']) assert.equal(renew(name), 2, name);
  // one that an earlier set-up made, for every certificate of the host, is made anew
  const now = fs.readFileSync(hook, 'utf8');
  fs.writeFileSync(hook, `#!/bin/sh\n# made by tipline setup: after each renewal\nexec ${now.match(/exec (\S+)/)[1]}\n`);
  await setup(answers, '--root', at);
  assert.equal(fs.readFileSync(hook, 'utf8'), now);
});
