/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/net/http_head.h"

#include <string.h>
#include <strings.h>

#include "base/wipe.h"
#include "server/net/http_byte.h"
#include "server/net/http_field.h"

#define METHOD_BYTES_MAX 16u
#define CLASS_BYTES      4u /* of "/sms" and "/api" */

enum state {
	METHOD,
	PATH,
	QUERY,
	VERSION,
	LINE, /* the first byte of a line */
	NAME,
	BLANKS, /* between colon and value */
	VALUE,
	VALUE_LF,
	END_LF,
	/* nothing is taken any more */
	DONE,
	REFUSED,
};

/* How a segment of the path has begun: "." and ".." are refused. */
enum segment { EMPTY, DOT, DOT_DOT, NAMED };

static enum state refused(struct http_head *head, int status)
{
	head->status = status;
	return REFUSED;
}

static void keep(struct http_head *head, uint8_t byte)
{
	buf_put_u8(&head->kept, byte);
}

/* Forget what was kept from at on. */
static void cut(struct http_head *head, size_t at)
{
	if (head->kept.len > at) {
		wipe(head->kept.data + at, head->kept.len - at);
		head->kept.len = at;
	}
}

static struct bytes kept(const struct http_head *head, struct http_slot slot)
{
	return bytes_of(head->kept.data + slot.value_at, slot.value_len);
}

/* ---- request line -------------------------------------------------------- */

static enum state end_method(struct http_head *head)
{
	static const struct {
		const char *name;
		enum http_method method;
		bool of_officers;
	} methods[] = {
		{ "GET", HTTP_GET, false },
		{ "HEAD", HTTP_HEAD, false },
		{ "POST", HTTP_POST, false },
		{ "PUT", HTTP_PUT, true },
		{ "DELETE", HTTP_DELETE, true },
	};
	bool by_officer = head->class == HTTP_CLASS_OFFICER;
	struct bytes word = bytes_of(head->kept.data, head->kept.len);

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (bytes_equal(word, bytes_str(methods[i].name)) &&
		    (by_officer || !methods[i].of_officers)) {
			head->method = methods[i].method;
			cut(head, 0);
			return PATH;
		}
	}
	return refused(head, word.len == 0 ? 400 : 501);
}

static enum state in_method(struct http_head *head, uint8_t byte)
{
	if (byte == ' ') {
		return end_method(head);
	}
	if (!http_byte_is(byte, HTTP_BYTE_TOKEN)) {
		return refused(head, 400);
	}
	if (head->kept.len == METHOD_BYTES_MAX) {
		return refused(head, 501);
	}
	keep(head, byte);
	return METHOD;
}

static void set_class(struct http_head *head, enum http_class class)
{
	head->class = class;
	head->rules = class == HTTP_CLASS_GATEWAY ? &head->limits->gateway
	    : class == HTTP_CLASS_OFFICER         ? &head->limits->officer
						  : &head->limits->reporter;
}

/*
 * The class is settled by the first byte that no gateway's path has, or by
 * the last one that it must have. Whatever begins like one is a machine's, in
 * either case and with or without what should follow: a page must not go to a
 * gateway whose address was entered wrong, for it might text it to a phone.
 * Nobody's page begins with a dot.
 */
static void guess_class(struct http_head *head)
{
	static const char paths[][CLASS_BYTES + 1] = { "/sms", "/api", "/." };
	const char *path = (const char *)head->kept.data;
	size_t len = head->kept.len;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (strncasecmp(path, paths[i], len) != 0) {
			continue;
		}
		if (paths[i][len] == '\0') {
			set_class(head, HTTP_CLASS_GATEWAY);
		}
		return;
	}
	set_class(head, HTTP_CLASS_REPORTER);
}

static enum state end_path(struct http_head *head, uint8_t byte)
{
	if (head->target_len == 0 || head->segment == DOT ||
	    head->segment == DOT_DOT) {
		return refused(head, 400);
	}
	if (head->class == HTTP_CLASS_NONE) {
		set_class(head, HTTP_CLASS_REPORTER);
	}
	head->path_len = head->target_len;
	if (byte == ' ') {
		return VERSION;
	}
	head->query.value_at = head->path_len;
	head->target_len++;
	return QUERY;
}

static enum state in_path(struct http_head *head, uint8_t byte)
{
	if (byte == ' ' || byte == '?') {
		return end_path(head, byte);
	}
	if (byte == '/') {
		if (head->target_len > 0 && head->segment != NAMED) {
			return refused(head, 400);
		}
		head->segment = EMPTY;
	} else if (head->target_len == 0 ||
	    !http_byte_is(byte, HTTP_BYTE_PATH)) {
		return refused(head, 400);
	} else if (byte != '.') {
		head->segment = NAMED;
	} else if (head->segment != NAMED) {
		head->segment++;
	}
	if (head->target_len == head->rules->target_max_bytes) {
		return refused(head, 414);
	}
	keep(head, byte);
	head->target_len++;
	if (head->class == HTTP_CLASS_NONE) {
		guess_class(head);
	}
	return PATH;
}

static enum state refused_query(struct http_head *head, int status)
{
	head->bad_query = true;
	return refused(head, status);
}

static enum state in_query(struct http_head *head, uint8_t byte)
{
	enum http_byte_bit allowed = head->class == HTTP_CLASS_REPORTER
	    ? HTTP_BYTE_QUERY
	    : HTTP_BYTE_QUERY_ANY;

	if (byte == ' ') {
		return VERSION;
	}
	if (!http_byte_is(byte, allowed)) {
		return refused_query(head, 400);
	}
	if (head->target_len == head->rules->target_max_bytes) {
		return refused_query(head, 414);
	}
	keep(head, byte);
	head->target_len++;
	head->query.value_len++;
	return QUERY;
}

static enum state in_version(struct http_head *head, uint8_t byte)
{
	static const char form[] = "HTTP/0.0\r\n"; /* 0: any digit */
	uint8_t expected = (uint8_t)form[head->at];

	if (expected == '0' && http_byte_is(byte, HTTP_BYTE_DIGIT)) {
		head->version = (uint8_t)(head->version * 10 + (byte - '0'));
	} else if (byte != expected) {
		return refused(head, 400);
	}
	head->at++;
	if (form[head->at] != '\0') {
		return VERSION;
	}
	return head->version == 10 || head->version == 11 ? LINE
							  : refused(head, 505);
}

/* ---- fields -------------------------------------------------------------- */

static enum state in_line(struct http_head *head, uint8_t byte)
{
	if (byte == '\r') {
		return END_LF;
	}
	if (!http_byte_is(byte, HTTP_BYTE_TOKEN)) {
		return refused(head, 400);
	}
	if (head->n_fields == HTTP_FIELDS_MAX) {
		return refused(head, 431);
	}
	head->n_fields++;
	head->now = (struct http_slot){ .name_at = (uint16_t)head->kept.len };
	head->high = false;
	keep(head, http_byte_lower(byte));
	return NAME;
}

static const char *name_of(
    const struct http_head *head, const struct http_slot *slot)
{
	return (const char *)head->kept.data + slot->name_at;
}

static bool came_already(const struct http_head *head, const char *name)
{
	for (size_t i = 0; i < head->n_slots; i++) {
		if (strcmp(name_of(head, &head->slots[i]), name) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_listed(const char *const *names, const char *name)
{
	while (*names != NULL && strcmp(*names, name) != 0) {
		names++;
	}
	return *names != NULL;
}

static unsigned given_to(enum http_class class)
{
	return class == HTTP_CLASS_GATEWAY ? HTTP_FIELD_GATEWAY
	    : class == HTTP_CLASS_OFFICER  ? HTTP_FIELD_OFFICER
					   : HTTP_FIELD_REPORTER;
}

/* The name is complete: may it come, and is its value kept? */
static enum state end_name(struct http_head *head)
{
	const char *name = name_of(head, &head->now);
	const struct http_field_rule *rule = http_field_rule(name);
	bool listed = is_listed(head->rules->once, name);
	bool once = listed || (rule->flags & HTTP_FIELD_ONCE) != 0;
	bool given = listed || (rule->flags & given_to(head->class)) != 0;
	bool again;

	if ((rule->flags & HTTP_FIELD_PRESENCE) != 0) {
		cut(head, head->now.name_at + strlen(rule->name));
		keep(head, '\0');
	}
	again = listed || rule->id == HTTP_FIELD_OTHER
	    ? came_already(head, name)
	    : http_head_has(head, rule->id);
	if (once && again) {
		return refused(head, 400);
	}
	head->seen |= (uint16_t)(1u << rule->id);
	head->rule = rule;
	head->drop =
	    (!given || again) && (rule->flags & HTTP_FIELD_USED_UP) == 0;
	if (head->drop) {
		cut(head, head->now.name_at);
	}
	head->now.value_at = (uint16_t)head->kept.len;
	return BLANKS;
}

static enum state in_name(struct http_head *head, uint8_t byte)
{
	if (byte == ':') {
		keep(head, '\0');
		/* without memory there is no name to look at */
		return buf_err(&head->kept) == TL_OK ? end_name(head) : NAME;
	}
	if (!http_byte_is(byte, HTTP_BYTE_TOKEN)) {
		return refused(head, 400);
	}
	keep(head, http_byte_lower(byte));
	return NAME;
}

static enum state in_value(struct http_head *head, uint8_t byte)
{
	if (byte == '\r') {
		return VALUE_LF;
	}
	if (!http_byte_is(byte, HTTP_BYTE_VALUE)) {
		return refused(head, 400);
	}
	if (http_byte_is(byte, HTTP_BYTE_HIGH)) {
		head->high = true;
	}
	if (!head->drop) {
		keep(head, byte);
	}
	return VALUE;
}

static enum state in_blanks(struct http_head *head, uint8_t byte)
{
	return http_byte_is_blank(byte) ? BLANKS : in_value(head, byte);
}

/* What the value says about framing; 0, or a status. */
static int use_up(struct http_head *head, struct bytes value)
{
	switch (head->rule->id) {
	case HTTP_FIELD_HOST:
		head->host = head->now;
		return http_host_ok(value) ? 0 : 400;
	case HTTP_FIELD_LENGTH:
		return http_length(value, &head->length) == TL_OK ? 0 : 400;
	case HTTP_FIELD_CODING:
		return http_word_is(value, "chunked") ? 0 : 400;
	case HTTP_FIELD_EXPECT:
		head->continues = http_word_is(value, "100-continue");
		return 0;
	default: /* Connection, which may come in several lines */
		head->closes |= !head->high && http_list_has(value, "close");
		return 0;
	}
}

static void trim(struct http_head *head)
{
	size_t end = head->kept.len;

	while (end > head->now.value_at &&
	    http_byte_is_blank(head->kept.data[end - 1])) {
		end--;
	}
	cut(head, end);
	head->now.value_len = (uint16_t)(end - head->now.value_at);
}

static enum state end_used_up(struct http_head *head)
{
	int status = use_up(head, kept(head, head->now));

	if (head->rule->id != HTTP_FIELD_HOST) {
		cut(head, head->now.name_at);
	}
	return status == 0 ? LINE : refused(head, status);
}

static enum state end_field(struct http_head *head)
{
	if (head->drop) {
		return LINE;
	}
	if (head->high && (head->rule->flags & HTTP_FIELD_ASCII) != 0) {
		return refused(head, 400);
	}
	trim(head);
	if ((head->rule->flags & HTTP_FIELD_USED_UP) != 0) {
		return end_used_up(head);
	}
	if (head->high || (head->rule->flags & HTTP_FIELD_PRESENCE) != 0) {
		cut(head, head->now.value_at);
		head->now.value_len = 0;
	}
	head->now.absent = head->high;
	head->encoded |= head->rule->id == HTTP_FIELD_ENCODING && !head->high;
	head->slots[head->n_slots++] = head->now;
	return LINE;
}

static enum state in_value_lf(struct http_head *head, uint8_t byte)
{
	return byte == '\n' ? end_field(head) : refused(head, 400);
}

/* ---- the whole head ------------------------------------------------------ */

bool http_head_has(const struct http_head *head, unsigned id)
{
	return (head->seen & 1u << id) != 0;
}

static bool has_body(const struct http_head *head)
{
	return head->method == HTTP_POST || head->method == HTTP_PUT;
}

static enum state in_end_lf(struct http_head *head, uint8_t byte)
{
	bool is_10 = head->version == 10;
	bool takes_body = has_body(head);
	bool length = http_head_has(head, HTTP_FIELD_LENGTH);
	bool coding = http_head_has(head, HTTP_FIELD_CODING);
	bool expect = http_head_has(head, HTTP_FIELD_EXPECT);
	/* Two ways to say where the body ends, or one that the method cannot
	 * have, are how requests are smuggled: 400 before all else. */
	const struct {
		bool holds;
		int status;
	} faults[] = {
		{ byte != '\n', 400 },
		{ !is_10 && !http_head_has(head, HTTP_FIELD_HOST), 400 },
		{ coding && (length || is_10 || !takes_body), 400 },
		{ !takes_body && head->length > 0, 400 },
		{ takes_body && !coding && !length, 411 },
		{ expect && (is_10 || !head->continues), 417 },
		{ head->length == UINT64_MAX, 413 },
		{ head->encoded && head->class != HTTP_CLASS_GATEWAY, 415 },
	};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (faults[i].holds) {
			return refused(head, faults[i].status);
		}
	}
	return DONE;
}

static size_t bytes_max(const struct http_head *head)
{
	return has_body(head) ? head->rules->head_post_max_bytes
			      : head->rules->head_get_max_bytes;
}

static enum state step(struct http_head *head, uint8_t byte)
{
	static enum state (*const steps[])(struct http_head *, uint8_t) = {
		[METHOD] = in_method,
		[PATH] = in_path,
		[QUERY] = in_query,
		[VERSION] = in_version,
		[LINE] = in_line,
		[NAME] = in_name,
		[BLANKS] = in_blanks,
		[VALUE] = in_value,
		[VALUE_LF] = in_value_lf,
		[END_LF] = in_end_lf,
	};
	enum state next;

	if (head->bytes == bytes_max(head)) {
		return refused(head,
		    head->state == PATH || head->state == QUERY ? 414 : 431);
	}
	head->bytes++;
	next = steps[head->state](head, byte);
	return buf_err(&head->kept) == TL_OK ? next : refused(head, 503);
}

void http_head_init(struct http_head *head, const struct http_limits *limits)
{
	*head = (struct http_head){ .limits = limits };
	/* What is kept is never longer than the head, and its places are
	 * numbers of 16 bits. */
	buf_init(&head->kept, UINT16_MAX);
	head->rules = &limits->reporter;
	if (limits->only != HTTP_CLASS_NONE) {
		set_class(head, limits->only);
	}
}

void http_head_free(struct http_head *head)
{
	buf_free(&head->kept);
	wipe(head, sizeof(*head));
}

enum http_head_event http_head_feed(
    struct http_head *head, const uint8_t *bytes, size_t len, size_t *ret_used)
{
	size_t used = 0;

	while (used < len && head->state < DONE) {
		head->state = (uint8_t)step(head, bytes[used++]);
	}
	*ret_used = used;
	if (head->state < DONE) {
		return HTTP_HEAD_MORE;
	}
	return head->state == DONE ? HTTP_HEAD_DONE : HTTP_HEAD_REFUSED;
}
