/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOG_LINE_BYTES 512u

/* journald and syslog read the number in brackets as the line's priority */
enum level { LEVEL_ERR = 3, LEVEL_WARNING = 4, LEVEL_NOTICE = 5 };

struct row {
	enum log_event event;
	enum level level;
	const char *text;
};

#define LOG_ROW(name, number, level, text) { name, LEVEL_##level, text },
static const struct row rows[] = { LOG_EVENTS(LOG_ROW) };
#undef LOG_ROW

static const char *program = "tipline";

void log_open(const char *name)
{
	program = name;
}

static size_t add_text(char *line, size_t len, const char *text, size_t n)
{
	size_t room = LOG_LINE_BYTES - 1 - len;

	n = n < room ? n : room;
	memcpy(line + len, text, n);
	return len + n;
}

static size_t add_number(char *line, size_t len, long long value)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%lld", value);

	return add_text(line, len, digits, (size_t)n);
}

/* One write, so that lines of several processes do not mix. A lost line is
 * no reason to stop taking tips. */
static void write_line(char *line, size_t len)
{
	line[len] = '\n';
	if (write(STDERR_FILENO, line, len + 1) < 0) {
		return;
	}
}

static const struct row *find_row(enum log_event event)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].event == event) {
			return &rows[i];
		}
	}
	return &rows[0];
}

void log_event(enum log_event event, long long a, long long b)
{
	const struct row *row = find_row(event);
	char line[LOG_LINE_BYTES];
	long long number = a;
	size_t len;

	len = (size_t)snprintf(line, sizeof(line), "<%d>%s[%d]: E%d ",
	    (int)row->level, program, (int)getpid(), (int)row->event);
	for (const char *at = row->text; *at != '\0'; at++) {
		if (*at == '#') {
			len = add_number(line, len, number);
			number = b;
		} else {
			len = add_text(line, len, at, 1);
		}
	}
	write_line(line, len);
}

void say_error(const char *format, ...)
{
	char line[LOG_LINE_BYTES];
	va_list args;
	size_t len;
	int n;

	len = (size_t)snprintf(line, sizeof(line), "%s: ", program);
	va_start(args, format);
	n = vsnprintf(line + len, sizeof(line) - len, format, args);
	va_end(args);
	if (n > 0) {
		len += (size_t)n;
	}
	write_line(line, len < LOG_LINE_BYTES ? len : LOG_LINE_BYTES - 1);
}
