/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/fetch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <curl/curl.h>

#include "desk/address.h"

#define CONNECT_MS 5000L
#define TOTAL_MS   15000L
#define TOR_MS     120000L
#define ONION      56u /* characters of a service's name */

struct fetch {
	CURL *curl;
	CURLcode set; /* the first option that was refused */
	bool has_left;
	bool is_near;     /* an address was refused for being ours */
	const char *home; /* the url whose host may be, or NULL */
	struct curl_slist *headers, *at;
	char why[CURL_ERROR_SIZE];
};

enum tl_err fetch_new(struct fetch **ret_fetch)
{
	struct fetch *fetch = calloc(1, sizeof(*fetch));

	if (fetch == NULL) {
		return TL_ENOMEM;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
		fetch->curl = curl_easy_init();
	}
	if (fetch->curl == NULL) {
		free(fetch);
		return TL_ENOMEM;
	}
	*ret_fetch = fetch;
	return TL_OK;
}

static size_t take(char *at, size_t size, size_t n, void *arg)
{
	struct buf *answer = arg;

	buf_put(answer, at, size * n);
	return buf_err(answer) == TL_OK ? size * n : 0;
}

static bool is_local(const char *url)
{
	return strncmp(url, "http://127.0.0.1:", 17) == 0 ||
	    strncmp(url, "http://[::1]:", 13) == 0;
}

static bool is_onion(const char *url)
{
	return strncmp(url, "http://", 7) == 0 &&
	    strcspn(url + 7, "./:") == ONION &&
	    strncmp(url + 7 + ONION, ".onion/", 7) == 0;
}

static const char *schemes_of(const struct fetch_call *call)
{
	bool is_safe = (call->may_stay && is_local(call->url)) ||
	    (call->proxy != NULL && is_onion(call->url));

	return is_safe ? "http" : "https";
}

static void set_number(struct fetch *fetch, CURLoption option, long number)
{
	if (fetch->set == CURLE_OK) {
		fetch->set = curl_easy_setopt(fetch->curl, option, number);
	}
}

static void set_text(struct fetch *fetch, CURLoption option, const char *text)
{
	if (fetch->set == CURLE_OK) {
		fetch->set = curl_easy_setopt(fetch->curl, option, text);
	}
}

static void set_list(
    struct fetch *fetch, CURLoption option, struct curl_slist *list)
{
	if (fetch->set == CURLE_OK) {
		fetch->set = curl_easy_setopt(fetch->curl, option, list);
	}
}

static void set_authorities(struct fetch *fetch, struct bytes pem)
{
	struct curl_blob blob = { .data = (void *)(uintptr_t)pem.at,
		.len = pem.len,
		.flags = CURL_BLOB_NOCOPY };

	if (pem.len == 0 || fetch->set != CURLE_OK) {
		return;
	}
	fetch->set = curl_easy_setopt(fetch->curl, CURLOPT_CAINFO_BLOB, &blob);
	set_text(fetch, CURLOPT_CAPATH, NULL);
}

static bool has_same(CURLU *one, CURLU *other, CURLUPart part)
{
	char *a = NULL, *b = NULL;
	bool same =
	    curl_url_get(one, part, &a, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	    curl_url_get(other, part, &b, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	    curl_strequal(a, b) != 0;

	curl_free(a);
	curl_free(b);
	return same;
}

/* Whether curl is at the host that it was sent to, not where it was led. Read
 * by its own eyes: it writes a user's name into where it was led. */
static bool is_home(const struct fetch *fetch)
{
	CURLU *home = curl_url(), *here = curl_url();
	const char *at = NULL;
	bool is = fetch->home != NULL && home != NULL && here != NULL &&
	    curl_easy_getinfo(fetch->curl, CURLINFO_EFFECTIVE_URL, &at) ==
		CURLE_OK &&
	    at != NULL &&
	    curl_url_set(home, CURLUPART_URL, fetch->home, 0) == CURLUE_OK &&
	    curl_url_set(here, CURLUPART_URL, at, 0) == CURLUE_OK &&
	    has_same(home, here, CURLUPART_SCHEME) &&
	    has_same(home, here, CURLUPART_HOST) &&
	    has_same(home, here, CURLUPART_PORT);

	curl_url_cleanup(home);
	curl_url_cleanup(here);
	return is;
}

/* Asked for each address when it is dialled: neither a redirect nor a name
 * that leads elsewhere the second time gets by. */
static curl_socket_t dial_far(
    void *arg, curlsocktype purpose, struct curl_sockaddr *at)
{
	struct fetch *fetch = arg;

	(void)purpose;
	if (!is_home(fetch) && !address_is_public(&at->addr)) {
		fetch->is_near = true;
		return CURL_SOCKET_BAD;
	}
	return socket(at->family, at->socktype | SOCK_CLOEXEC, at->protocol);
}

static void set_far(struct fetch *fetch, const char *home)
{
	fetch->home = home;
	/* a connection that is open was not asked for by this call; and what a
	 * redirect leads to takes one all the same, so none stays open */
	set_number(fetch, CURLOPT_FRESH_CONNECT, 1);
	set_number(fetch, CURLOPT_FORBID_REUSE, 1);
	if (fetch->set == CURLE_OK) {
		fetch->set = curl_easy_setopt(
		    fetch->curl, CURLOPT_OPENSOCKETFUNCTION, dial_far);
	}
	if (fetch->set == CURLE_OK) {
		fetch->set = curl_easy_setopt(
		    fetch->curl, CURLOPT_OPENSOCKETDATA, fetch);
	}
}

static CURLcode set_up(
    struct fetch *fetch, const struct fetch_call *call, struct buf *answer)
{
	const char *schemes = schemes_of(call);
	bool by_tor = call->proxy != NULL;

	curl_easy_reset(fetch->curl);
	fetch->why[0] = '\0';
	fetch->is_near = false;
	fetch->set =
	    curl_easy_setopt(fetch->curl, CURLOPT_ERRORBUFFER, fetch->why);
	set_text(fetch, CURLOPT_URL, call->url);
	set_text(fetch, CURLOPT_CUSTOMREQUEST, call->method);
	set_text(fetch, CURLOPT_PROTOCOLS_STR, schemes);
	set_text(fetch, CURLOPT_REDIR_PROTOCOLS_STR, schemes);
	set_number(fetch, CURLOPT_FOLLOWLOCATION, call->follows ? 1 : 0);
	set_number(fetch, CURLOPT_MAXREDIRS, 3);
	/* a proxy of the environment would see whom we ask */
	set_text(fetch, CURLOPT_PROXY, by_tor ? call->proxy : "");
	set_text(fetch, CURLOPT_NOPROXY, ""); /* nor is one for us left out */
	set_number(fetch, CURLOPT_NETRC, CURL_NETRC_IGNORED);
	set_number(fetch, CURLOPT_NOSIGNAL, 1);
	set_number(
	    fetch, CURLOPT_CONNECTTIMEOUT_MS, by_tor ? TOR_MS : CONNECT_MS);
	set_number(fetch, CURLOPT_TIMEOUT_MS, by_tor ? TOR_MS : TOTAL_MS);
	if (call->type != NULL) {
		set_number(fetch, CURLOPT_POSTFIELDSIZE, (long)call->body.len);
		set_text(
		    fetch, CURLOPT_POSTFIELDS, (const char *)call->body.at);
	}
	if (call->user != NULL) {
		set_number(fetch, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		set_text(fetch, CURLOPT_USERNAME, call->user);
		set_text(fetch, CURLOPT_PASSWORD, call->password);
	}
	if (call->far_only || call->far_when_led) {
		set_far(fetch, call->far_only ? NULL : call->url);
	}
	set_authorities(fetch, call->authorities);
	set_list(fetch, CURLOPT_HTTPHEADER, fetch->headers);
	set_list(fetch, CURLOPT_RESOLVE, fetch->at);
	if (fetch->set == CURLE_OK) {
		fetch->set =
		    curl_easy_setopt(fetch->curl, CURLOPT_WRITEFUNCTION, take);
	}
	if (fetch->set == CURLE_OK) {
		fetch->set =
		    curl_easy_setopt(fetch->curl, CURLOPT_WRITEDATA, answer);
	}
	return fetch->set;
}

static enum tl_err add(struct curl_slist **list, const char *line)
{
	struct curl_slist *more = curl_slist_append(*list, line);

	if (more == NULL) {
		return TL_ENOMEM;
	}
	*list = more;
	return TL_OK;
}

static enum tl_err add_type(struct curl_slist **list, const char *type)
{
	struct buf line;
	enum tl_err err;

	buf_init(&line, 256);
	buf_put_str(&line, "Content-Type: ");
	buf_put_str(&line, type);
	buf_put_u8(&line, 0);
	err = buf_err(&line);
	if (err == TL_OK) {
		err = add(list, (const char *)line.data);
	}
	buf_free(&line);
	return err;
}

static enum tl_err make_lists(
    struct fetch *fetch, const struct fetch_call *call)
{
	enum tl_err err = add(&fetch->headers, "Expect:");

	if (err == TL_OK && call->type != NULL) {
		err = add_type(&fetch->headers, call->type);
	}
	for (size_t i = 0; err == TL_OK && i < FETCH_HEADERS_MAX; i++) {
		if (call->headers[i] != NULL) {
			err = add(&fetch->headers, call->headers[i]);
		}
	}
	if (err == TL_OK && call->at != NULL) {
		err = add(&fetch->at, call->at);
	}
	return err;
}

/* Forget address and password. */
static void end_call(struct fetch *fetch)
{
	long sent = 0;

	(void)curl_easy_getinfo(fetch->curl, CURLINFO_REQUEST_SIZE, &sent);
	fetch->has_left = sent > 0;
	curl_easy_reset(fetch->curl);
	curl_slist_free_all(fetch->headers);
	curl_slist_free_all(fetch->at);
	fetch->headers = fetch->at = NULL;
}

enum tl_err fetch_do(struct fetch *fetch, const struct fetch_call *call,
    int *ret_status, struct buf *answer, const char **ret_why)
{
	enum tl_err err = make_lists(fetch, call);
	long status = 0;
	CURLcode done;

	if (err != TL_OK) {
		end_call(fetch);
		return err;
	}
	done = set_up(fetch, call, answer);
	if (done == CURLE_OK) {
		done = curl_easy_perform(fetch->curl);
	}
	if (done == CURLE_OK) {
		done = curl_easy_getinfo(
		    fetch->curl, CURLINFO_RESPONSE_CODE, &status);
	}
	end_call(fetch);
	if (buf_err(answer) != TL_OK) {
		return buf_err(answer);
	}
	if (done != CURLE_OK && fetch->is_near) {
		*ret_why = "its address is one of this host or of a network of"
			   " your own: a gateway may not send us there";
		return TL_EIO;
	}
	if (done != CURLE_OK) {
		*ret_why = fetch->why[0] != '\0' ? fetch->why
						 : curl_easy_strerror(done);
		return TL_EIO;
	}
	*ret_status = (int)status;
	return TL_OK;
}

bool fetch_has_left(const struct fetch *fetch)
{
	return fetch->has_left;
}

void fetch_free(struct fetch *fetch)
{
	if (fetch == NULL) {
		return;
	}
	curl_easy_cleanup(fetch->curl);
	curl_global_cleanup();
	free(fetch);
}
