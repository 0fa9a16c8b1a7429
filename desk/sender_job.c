/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * One thing that leaves, in a process of its own. The order is the point: all
 * files are closed that it has no use for; then the address, while there is
 * nothing to be had here; then its files; then the locks; then the provider.
 */
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/read_file.h"
#include "base/sandbox.h"
#include "crypto/secret.h"
#include "desk/fetch.h"
#include "desk/secret_file.h"
#include "desk/sender.h"

#define AUTHORITIES       "/etc/ssl/certs/ca-certificates.crt"
#define AUTHORITIES_BYTES ((size_t)4u * 1024u * 1024u)
#define ANSWER_BYTES      65536u
#define HOST_BYTES        256u
#define AT_BYTES          1024u
#define ADDRESSES_MAX     4u
#define HEADER_BYTES      1100u

struct job {
	const struct config *config;
	int fd;
	struct fetch *fetch;
	struct buf authorities, at, answer;
};

static _Noreturn void say(const struct job *job, enum send_said said,
    int status, const struct buf *id)
{
	struct buf out;

	buf_init(&out, 3 + SEND_ID_MAX_BYTES);
	buf_put_u8(&out, (uint8_t)said);
	buf_put_u16(
	    &out, status < 0 || status > UINT16_MAX ? 0 : (uint16_t)status);
	if (id != NULL && id->len <= SEND_ID_MAX_BYTES) {
		buf_put(&out, id->data, id->len);
	}
	if (buf_err(&out) != TL_OK ||
	    write(job->fd, out.data, out.len) != (ssize_t)out.len) {
		_exit(1);
	}
	_exit(0);
}

static _Noreturn void say_later(const struct job *job)
{
	say(job, SEND_LATER, 0, NULL);
}

/* ---- where it is -------------------------------------------------------- */

struct place {
	char host[HOST_BYTES];
	char port[6];
	bool is_name; /* else it is an address already */
};

/* Of a URL that configuration and provider have made. */
static bool place_of(const char *url, struct place *ret)
{
	const char *host = strstr(url, "://");
	const char *end, *port;

	if (host == NULL) {
		return false;
	}
	host += 3;
	if (*host == '[') { /* an address in brackets */
		ret->is_name = false;
		return true;
	}
	end = host + strcspn(host, "/?#");
	port = memchr(host, ':', (size_t)(end - host));
	(void)snprintf(ret->port, sizeof(ret->port), "%.*s",
	    port == NULL ? 3 : (int)(end - port - 1),
	    port == NULL ? "443" : port + 1);
	end = port == NULL ? end : port;
	if (end == host || (size_t)(end - host) >= sizeof(ret->host)) {
		return false;
	}
	memcpy(ret->host, host, (size_t)(end - host));
	ret->host[end - host] = '\0';
	ret->is_name = strspn(ret->host, "0123456789.") != strlen(ret->host);
	return true;
}

static void put_address(
    struct buf *at, const struct addrinfo *info, const char *between)
{
	char text[64];

	if (getnameinfo(info->ai_addr, info->ai_addrlen, text, sizeof(text),
		NULL, 0, NI_NUMERICHOST) != 0) {
		return;
	}
	buf_put_str(at, between);
	buf_put_str(at, info->ai_family == AF_INET6 ? "[" : "");
	buf_put_str(at, text);
	buf_put_str(at, info->ai_family == AF_INET6 ? "]" : "");
}

/* "host:port:address,..." for fetch_call.at; nothing for an address. */
static bool find(const char *url, struct buf *at)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct place place = { .is_name = false };
	struct addrinfo *list = NULL;
	unsigned n = 0;

	if (!place_of(url, &place)) {
		return false;
	}
	if (!place.is_name) {
		return true;
	}
	if (getaddrinfo(place.host, place.port, &hints, &list) != 0) {
		return false;
	}
	buf_put_str(at, place.host);
	buf_put_u8(at, ':');
	buf_put_str(at, place.port);
	for (const struct addrinfo *info = list;
	     info != NULL && n < ADDRESSES_MAX; info = info->ai_next) {
		put_address(at, info, n++ == 0 ? ":" : ",");
	}
	freeaddrinfo(list);
	buf_put_u8(at, 0);
	return n > 0 && buf_err(at) == TL_OK;
}

/* ---- what is read before the locks ----------------------------------------
 *
 * The answers of a name server are a stranger's, and this user's folders have
 * the team's ring and the receipt key in them.
 */

enum tl_err sender_may_read(const struct config *config, const char *secret,
    struct sandbox_folders *ret)
{
	static const char *const folders[] = { "/usr", "/lib", "/lib64",
		"/etc/ssl", "/run/systemd/resolve" };
	static const char *const names[] = { "/etc/gai.conf", "/etc/group",
		"/etc/host.conf", "/etc/hosts", "/etc/ld.so.cache",
		"/etc/localtime", "/etc/mdns.allow", "/etc/networks",
		"/etc/nsswitch.conf", "/etc/passwd", "/etc/protocols",
		"/etc/resolv.conf", "/etc/services", "/dev/urandom" };
	enum tl_err err = TL_OK;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (err == TL_OK) {
			err = sandbox_folders_add(ret, folders[i]);
		}
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (err == TL_OK) {
			err = sandbox_folders_add_file(ret, names[i]);
		}
	}
	if (err == TL_OK && config->desk.ca_file[0] != '\0') {
		err = sandbox_folders_add_file(ret, config->desk.ca_file);
	}
	return err == TL_OK && secret[0] != '\0'
	    ? sandbox_folders_add_file(ret, secret)
	    : err;
}

static void close_files(const struct job *job, const char *secret)
{
	struct sandbox_folders folders = { .n = 0 };

	if (sender_may_read(job->config, secret, &folders) != TL_OK ||
	    sandbox_read_only(&folders) != TL_OK) {
		say_later(job);
	}
	sandbox_folders_close(&folders);
}

/* ---- all that is needed, and then the locks -------------------------------
 *
 * Nothing is freed: the process ends by what it says. */

static struct job job_of(const struct config *config, int fd)
{
	struct job job = { .config = config, .fd = fd };

	buf_init(&job.authorities, AUTHORITIES_BYTES);
	buf_init(&job.at, AT_BYTES);
	buf_init(&job.answer, ANSWER_BYTES);
	return job;
}

static char *secret_of(const struct job *job, const char *path)
{
	char *secret = NULL;

	if (secret_file_read(path, &secret) != TL_OK) {
		say_later(job);
	}
	return secret;
}

static void lock_in(struct job *job)
{
	const char *own = job->config->desk.ca_file;

	if (read_file(own[0] != '\0' ? own : AUTHORITIES, &job->authorities) !=
		TL_OK ||
	    fetch_new(&job->fetch) != TL_OK ||
	    sandbox_enter(SANDBOX_SENDING, NULL) != TL_OK) {
		say_later(job);
	}
}

static struct fetch_call fetch_of(
    const struct job *job, const char *method, const char *url)
{
	return (struct fetch_call){
		.method = method,
		.url = url,
		.may_stay = true,
		.authorities =
		    bytes_of(job->authorities.data, job->authorities.len),
		.at = job->at.len > 0 ? (const char *)job->at.data : NULL,
	};
}

/* ---- a text ------------------------------------------------------------- */

static enum tl_err header_of(const struct send_call *call, struct buf *header)
{
	buf_put_str(header, call->header);
	buf_put_str(header, ": ");
	buf_put_str(header, (const char *)call->header_value.data);
	buf_put_u8(header, 0);
	return buf_err(header);
}

static _Noreturn void send_it(struct job *job,
    const struct send_account *account, const struct send_call *call)
{
	struct fetch_call request =
	    fetch_of(job, call->method == PROVIDER_GET ? "GET" : "POST",
		(const char *)call->url.data);
	enum send_said said = SEND_UNKNOWN;
	const char *why = "";
	struct buf header, id;
	int status = 0;
	enum tl_err err = TL_OK;

	buf_init(&header, HEADER_BYTES);
	buf_init(&id, SEND_ID_MAX_BYTES);
	request.type = call->type;
	request.body = bytes_of(call->body.data, call->body.len);
	if (call->basic) {
		request.user =
		    account->user[0] != '\0' ? account->user : account->account;
		request.password = account->password;
	}
	if (call->header != NULL) {
		err = header_of(call, &header);
		request.headers[0] = (const char *)header.data;
	}
	if (err != TL_OK) {
		say_later(job);
	}
	err = fetch_do(job->fetch, &request, &status, &job->answer, &why);
	if (err == TL_OK) {
		said = send_said(account, status,
		    bytes_of(job->answer.data, job->answer.len), &id);
	} else if (!fetch_has_left(job->fetch)) {
		said = SEND_LATER;
	}
	say(job, said, status, &id);
}

void sender_do_sms(
    const struct config *config, const struct sender_sms *sms, int fd)
{
	const struct config_gateway *gateway = &config->gateways[sms->gateway];
	struct job job = job_of(config, fd);
	struct send_account account = { .type = gateway->type,
		.account = gateway->account,
		.api_url = gateway->api_url,
		.user = gateway->api_user,
		.password = "-",
		.from = gateway->number };
	struct send_call call = { 0 };

	close_files(&job, gateway->api_secret_file);
	/* without the password: where does it go? */
	if (send_call_make(&account, sms->to, sms->text, &call) != TL_OK) {
		say(&job, SEND_REFUSED, 0, NULL);
	}
	if (!find((const char *)call.url.data, &job.at)) {
		say_later(&job);
	}
	send_call_free(&call);
	account.password = secret_of(&job, gateway->api_secret_file);
	lock_in(&job);
	if (send_call_make(&account, sms->to, sms->text, &call) != TL_OK) {
		say(&job, SEND_REFUSED, 0, NULL);
	}
	send_it(&job, &account, &call);
}

/* ---- alarms ------------------------------------------------------------- */

static void put_hex(
    const struct alarm *alarm, char ret[static 2 * ALARM_ID_BYTES + 1])
{
	for (size_t i = 0; i < ALARM_ID_BYTES; i++) {
		(void)snprintf(ret + 2 * i, 3, "%02x", alarm->id[i]);
	}
}

static void put_alarm(
    const struct config *config, const struct alarm *alarm, struct buf *out)
{
	char id[2 * ALARM_ID_BYTES + 1];

	buf_put_str(out, "{\"alarm\":\"");
	buf_put_str(out, alarm_what_word(alarm->what));
	buf_put_str(out, "\",\"level\":\"");
	buf_put_str(out, alarm_level_word(alarm->level));
	buf_put_str(out, "\",\"priority\":");
	buf_put_dec(out, alarm->priority);
	buf_put_str(out, ",\"count\":");
	buf_put_dec(out, alarm->count);
	buf_put_str(out, ",\"late_s\":");
	buf_put_dec(out, alarm->late_s);
	buf_put_str(out, ",\"desk\":\"");
	buf_put_str(out, config->desk.name); /* a-z, 0-9, - */
	if (alarm->has_id) {
		put_hex(alarm, id);
		buf_put_str(out, "\",\"id\":\"");
		buf_put_str(out, id);
	}
	buf_put_str(out, "\"}");
}

void sender_do_webhook(
    const struct config *config, const struct alarm *alarm, int fd)
{
	const struct config_desk *desk = &config->desk;
	struct job job = job_of(config, fd);
	struct fetch_call call;
	struct buf body, header;
	const char *why = "";
	int status = 0;

	buf_init(&body, 512);
	buf_init(&header, HEADER_BYTES);
	close_files(&job, desk->alarm_secret_file);
	if (!find(desk->alarm_url, &job.at)) {
		say_later(&job);
	}
	if (desk->alarm_secret_file[0] != '\0') {
		buf_put_str(&header, "Authorization: Bearer ");
		buf_put_str(&header, secret_of(&job, desk->alarm_secret_file));
		buf_put_u8(&header, 0);
	}
	put_alarm(config, alarm, &body);
	if (buf_err(&body) != TL_OK || buf_err(&header) != TL_OK) {
		say_later(&job);
	}
	lock_in(&job);
	call = fetch_of(&job, "POST", desk->alarm_url);
	call.type = "application/json";
	call.body = bytes_of(body.data, body.len);
	call.headers[0] = header.len > 0 ? (const char *)header.data : NULL;
	if (fetch_do(job.fetch, &call, &status, &job.answer, &why) != TL_OK) {
		say_later(&job);
	}
	say(&job, status >= 200 && status < 300 ? SEND_TAKEN : SEND_REFUSED,
	    status, NULL);
}

void sender_do_command(const struct config *config, const struct alarm *alarm)
{
	char priority[12], count[12], late_s[12];
	char id[2 * ALARM_ID_BYTES + 1] = "-";
	char *const argv[SENDER_COMMAND_ARGS] = {
		config->desk.alarm_command,
		(char *)(uintptr_t)alarm_what_word(alarm->what),
		priority,
		(char *)(uintptr_t)alarm_level_word(alarm->level),
		count,
		late_s,
		id,
		NULL,
	};
	char *const env[] = {
		(char[]){ "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
			  "/usr/bin:/sbin:/bin" },
		NULL
	};
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)snprintf(priority, sizeof(priority), "%u", alarm->priority);
	(void)snprintf(count, sizeof(count), "%u", alarm->count);
	(void)snprintf(late_s, sizeof(late_s), "%u", alarm->late_s);
	if (alarm->has_id) {
		put_hex(alarm, id);
	}
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
	    dup2(nothing, STDOUT_FILENO) < 0) {
		_exit(126);
	}
	/* what it inherits is as a shell would give it */
	(void)sigaction(SIGPIPE, &usual, NULL);
	(void)sigaction(SIGHUP, &usual, NULL);
	(void)execve(argv[0], argv, env);
	_exit(127);
}
