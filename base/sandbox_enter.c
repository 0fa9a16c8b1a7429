/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The steps of sandbox_enter(), in their order. */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/landlock.h>

#include "base/log.h"
#include "base/sandbox_table.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED true
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

/* Where it went wrong, as LOG_SANDBOX_FAILED tells it. */
enum step { STEP_LIMITS = 1, STEP_BASICS, STEP_FILES, STEP_CALLS };

enum mode { MODE_KILL, MODE_NAME, MODE_RELAXED };

static enum mode mode_now(void)
{
	const char *text = getenv("TIPLINE_SANDBOX");

	if (SANITIZED || (text != NULL && strcmp(text, "relaxed") == 0)) {
		return MODE_RELAXED;
	}
	return text != NULL && strcmp(text, "name") == 0 ? MODE_NAME
							 : MODE_KILL;
}

bool sandbox_is_relaxed(void)
{
	return mode_now() == MODE_RELAXED;
}

bool sandbox_was_refused(int wait_status)
{
	return WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGSYS;
}

/* ---- limits ------------------------------------------------------------- */

static bool limit(int what, rlim_t most)
{
	const struct rlimit to = { most, most };

	return setrlimit((__rlimit_resource_t)what, &to) == 0;
}

static bool log_is_a_file(void)
{
	struct stat st;

	return fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode);
}

static bool set_limits(const struct sandbox_row *row)
{
	if (row->descriptors > 0 && !limit(RLIMIT_NOFILE, row->descriptors)) {
		return false;
	}
	/* what is written to a log must not be the end of us */
	if (row->no_file_grows && !log_is_a_file() && !limit(RLIMIT_FSIZE, 0)) {
		return false;
	}
	/* does not bind root; the filter does */
	return !row->no_children || limit(RLIMIT_NPROC, 0);
}

/* ---- files -------------------------------------------------------------- */

/* The kernel's struct as of version 6; a kernel that knows less is given
 * less of it. Debian 12's header ends after the first. */
struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

#define LANDLOCK_TCP    UINT64_C(0x3) /* bind, connect: from version 4 */
#define LANDLOCK_SCOPES UINT64_C(0x3) /* abstract sockets, signals: from 6 */

static uint64_t fs_rights_of(long version)
{
	unsigned n = 13; /* EXECUTE to MAKE_SYM */

	if (version >= 2) {
		n = 14; /* REFER */
	}
	if (version >= 3) {
		n = 15; /* TRUNCATE */
	}
	if (version >= 5) {
		n = 16; /* IOCTL_DEV */
	}
	return (UINT64_C(1) << n) - 1;
}

#define READS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

static bool open_one(int ruleset, int fd, uint64_t rights)
{
	const struct landlock_path_beneath_attr beneath = {
		.allowed_access = rights,
		.parent_fd = fd,
	};

	return rights == 0 ||
	    syscall(__NR_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		&beneath, 0) == 0;
}

/* rights are for the folders; a file is read or it is not. */
static bool open_paths(
    uint64_t rights, int ruleset, const struct sandbox_folders *folders)
{
	bool done = true;

	if (folders == NULL) {
		return true;
	}
	for (size_t i = 0; done && i < folders->n; i++) {
		done = open_one(ruleset, folders->fds[i], rights);
	}
	for (size_t i = 0; done && i < folders->n_files; i++) {
		done = open_one(ruleset, folders->files[i],
		    rights & LANDLOCK_ACCESS_FS_READ_FILE);
	}
	return done;
}

static long landlock_version(void)
{
	long version = syscall(__NR_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	if (version < 1) {
		/* the filter refuses files where the profile has none */
		log_event(LOG_SANDBOX_NO_LANDLOCK, 0, 0);
	}
	return version;
}

static bool restrict_to(const struct ruleset *rules, size_t len,
    uint64_t rights, const struct sandbox_folders *folders)
{
	long ruleset = syscall(__NR_landlock_create_ruleset, rules, len, 0);
	bool done;

	if (ruleset < 0) {
		return false;
	}
	done = open_paths(rights & rules->fs, (int)ruleset, folders) &&
	    syscall(__NR_landlock_restrict_self, (int)ruleset, 0) == 0;
	(void)close((int)ruleset);
	return done;
}

static bool close_files(
    const struct sandbox_row *row, const struct sandbox_folders *folders)
{
	long version = landlock_version();
	struct ruleset rules = { .fs = fs_rights_of(version) };
	size_t len = sizeof(rules.fs);

	if (version < 1) {
		return true;
	}
	if (version >= 4) {
		rules.net = LANDLOCK_TCP & ~row->tcp_rights;
		len = offsetof(struct ruleset, scoped);
	}
	if (version >= 6) {
		/* children are inside, so their parent may end them */
		rules.scoped = LANDLOCK_SCOPES;
		len = sizeof(rules);
	}
	return restrict_to(&rules, len, row->folder_rights, folders);
}

enum tl_err sandbox_read_only(const struct sandbox_folders *may_read)
{
	struct ruleset rules = { .fs = 0 };
	long version;

	if (mode_now() == MODE_RELAXED) {
		log_event(LOG_SANDBOX_RELAXED, 0, 0);
		return TL_OK;
	}
	version = landlock_version();
	if (version < 1) {
		return TL_OK;
	}
	rules.fs = fs_rights_of(version) & ~LANDLOCK_ACCESS_FS_EXECUTE;
	if (may_read == NULL) {
		rules.fs &= ~READS;
	}
	if (!restrict_to(&rules, sizeof(rules.fs), READS, may_read)) {
		log_event(LOG_SANDBOX_FAILED, STEP_FILES, errno);
		return TL_EPERM;
	}
	return TL_OK;
}

/* ---- system calls ------------------------------------------------------- */

#define CALLS_MAX 512u

/* For MODE_NAME alone: their names, looked up before the filter is in force,
 * since that allocates. */
static const char *call_names[CALLS_MAX];

static void name_and_end(int number, siginfo_t *info, void *context)
{
	const char *name = "an unknown call";

	(void)context;
	if ((unsigned)info->si_syscall < CALLS_MAX &&
	    call_names[info->si_syscall] != NULL) {
		name = call_names[info->si_syscall];
	}
	if (write(STDERR_FILENO, "sandbox: refused: ", 18) > 0 &&
	    write(STDERR_FILENO, name, strlen(name)) > 0) {
		(void)!write(STDERR_FILENO, "\n", 1);
	}
	(void)raise(number); /* SA_RESETHAND: this one ends the process */
}

static bool prepare_names(void)
{
	/* SA_NODEFER: raise() above must not wait for the handler's end */
	const struct sigaction action = {
		.sa_sigaction = name_and_end,
		.sa_flags = SA_SIGINFO | (int)SA_RESETHAND | SA_NODEFER,
	};

	for (unsigned i = 0; i < CALLS_MAX; i++) {
		call_names[i] =
		    seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)i);
	}
	return sigaction(SIGSYS, &action, NULL) == 0;
}

static bool allow(scmp_filter_ctx filter, const struct sandbox_rule *rule)
{
	const struct scmp_arg_cmp itself = {
		.arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)getpid()
	};
	int done;

	if (rule->to_itself) {
		done = seccomp_rule_add_array(
		    filter, SCMP_ACT_ALLOW, rule->call, 1, &itself);
	} else {
		done = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW,
		    rule->call, rule->n_arguments, rule->arguments);
	}
	/* a call that this processor does not have is no loss */
	return done == 0 || done == -EDOM;
}

static bool close_calls(const struct sandbox_row *row, enum mode mode)
{
	scmp_filter_ctx filter = seccomp_init(
	    mode == MODE_NAME ? SCMP_ACT_TRAP : SCMP_ACT_KILL_PROCESS);
	bool right = filter != NULL &&
	    seccomp_attr_set(
		filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
	    seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0;

	for (size_t i = 0; i < SANDBOX_GROUPS_MAX && row->groups[i] != NULL;
	     i++) {
		for (size_t j = 0; right && j < row->groups[i]->n; j++) {
			right = allow(filter, &row->groups[i]->rules[j]);
		}
	}
	if (right && mode == MODE_NAME) {
		right = prepare_names();
	}
	right = right && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return right;
}

/* ---- all of it ---------------------------------------------------------- */

static enum step enter(const struct sandbox_row *row, enum mode mode,
    const struct sandbox_folders *folders)
{
	/* who breaks a time down later must not look for the zone's file */
	tzset();
	/* sanitizers and valgrind have descriptors and children of their own */
	if (mode != MODE_RELAXED && !set_limits(row)) {
		return STEP_LIMITS;
	}
	if (sandbox_basics() != TL_OK) {
		return STEP_BASICS;
	}
	if (mode == MODE_RELAXED) {
		log_event(LOG_SANDBOX_RELAXED, 0, 0);
		return 0;
	}
	if (!close_files(row, folders)) {
		return STEP_FILES;
	}
	return close_calls(row, mode) ? 0 : STEP_CALLS;
}

enum tl_err sandbox_enter(
    enum sandbox_profile profile, const struct sandbox_folders *folders)
{
	enum step failed = enter(sandbox_row(profile), mode_now(), folders);

	if (failed != 0) {
		log_event(LOG_SANDBOX_FAILED, (int)failed, errno);
		return TL_EPERM;
	}
	return TL_OK;
}
