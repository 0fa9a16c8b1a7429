/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/fetch.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#define CONNECT_MS 5000L
#define TOTAL_MS   15000L

struct fetch {
	CURL *curl;
	CURLcode set; /* the first option that was refused */
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

static CURLcode set_up(struct fetch *fetch, const struct fetch_call *call,
    struct curl_slist *headers, struct buf *answer)
{
	const char *schemes =
	    call->may_stay && is_local(call->url) ? "http" : "https";

	curl_easy_reset(fetch->curl);
	fetch->why[0] = '\0';
	fetch->set =
	    curl_easy_setopt(fetch->curl, CURLOPT_ERRORBUFFER, fetch->why);
	set_text(fetch, CURLOPT_URL, call->url);
	set_text(fetch, CURLOPT_CUSTOMREQUEST, call->method);
	set_text(fetch, CURLOPT_PROTOCOLS_STR, schemes);
	set_text(fetch, CURLOPT_REDIR_PROTOCOLS_STR, schemes);
	set_number(fetch, CURLOPT_FOLLOWLOCATION, call->follows ? 1 : 0);
	set_number(fetch, CURLOPT_MAXREDIRS, 3);
	/* a proxy of the environment would see whom we ask */
	set_text(fetch, CURLOPT_PROXY, "");
	set_number(fetch, CURLOPT_NETRC, CURL_NETRC_IGNORED);
	set_number(fetch, CURLOPT_NOSIGNAL, 1);
	set_number(fetch, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	set_number(fetch, CURLOPT_TIMEOUT_MS, TOTAL_MS);
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
	if (fetch->set == CURLE_OK) {
		fetch->set =
		    curl_easy_setopt(fetch->curl, CURLOPT_HTTPHEADER, headers);
	}
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

static struct curl_slist *headers_of(const struct fetch_call *call)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
	struct curl_slist *more = NULL;
	struct buf line;

	if (headers == NULL || call->type == NULL) {
		return headers;
	}
	buf_init(&line, 256);
	buf_put_str(&line, "Content-Type: ");
	buf_put_str(&line, call->type);
	buf_put_u8(&line, 0);
	if (buf_err(&line) == TL_OK) {
		more = curl_slist_append(headers, (const char *)line.data);
	}
	buf_free(&line);
	if (more == NULL) {
		curl_slist_free_all(headers);
	}
	return more;
}

enum tl_err fetch_do(struct fetch *fetch, const struct fetch_call *call,
    int *ret_status, struct buf *answer, const char **ret_why)
{
	struct curl_slist *headers = headers_of(call);
	long status = 0;
	CURLcode done;

	if (headers == NULL) {
		return TL_ENOMEM;
	}
	done = set_up(fetch, call, headers, answer);
	if (done == CURLE_OK) {
		done = curl_easy_perform(fetch->curl);
	}
	if (done == CURLE_OK) {
		done = curl_easy_getinfo(
		    fetch->curl, CURLINFO_RESPONSE_CODE, &status);
	}
	/* forget address and password */
	curl_easy_reset(fetch->curl);
	curl_slist_free_all(headers);
	if (buf_err(answer) != TL_OK) {
		return buf_err(answer);
	}
	if (done != CURLE_OK) {
		*ret_why = fetch->why[0] != '\0' ? fetch->why
						 : curl_easy_strerror(done);
		return TL_EIO;
	}
	*ret_status = (int)status;
	return TL_OK;
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
