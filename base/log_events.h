/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/log_events.h - every event that can be logged after the start.
 *
 * X(NAME, NUMBER, LEVEL, "sentence"); each # stands for a number, at most two)
 * Numbers never change and are never used twice: operators search for them.
 * The sentences are ours; nothing a stranger sent can be in them.
 */
/* clang-format off */
#define LOG_EVENTS(X) \
	/* programs, 100 */ \
	X(LOG_READY,              101, NOTICE,  "ready") \
	X(LOG_STOP,               102, NOTICE,  "stopping") \
	X(LOG_CHILD_DIED,         103, WARNING, "child # ended with status #; another is started") \
	X(LOG_CHILD_BACKOFF,      104, WARNING, "children end too fast; next start in # ms") \
	X(LOG_RELOADED,           105, NOTICE,  "configuration and certificates read again") \
	X(LOG_RELOAD_REFUSED,     106, WARNING, "the new configuration has errors; the old one stays in force") \
	X(LOG_NO_MEMORY,          107, ERR,     "out of memory") \
	/* keys of teams, 110 */ \
	X(LOG_LIST_LOADED,        110, NOTICE,  "team #: its key list number # is in force") \
	X(LOG_EPOCH_NEXT,         111, NOTICE,  "team #: tips are sealed to key # of its list from now on") \
	X(LOG_LIST_DAYS,          112, WARNING, "team #: its key list ends in # days; make more with tipline key extend") \
	X(LOG_LIST_ENDED,         113, ERR,     "team #: its key list ended # days ago; tips are sealed to its last key; make more with tipline key extend") \
	X(LOG_LIST_EARLY,         114, WARNING, "team #: its key list begins later than now; this host's clock is wrong, or the list") \
	X(LOG_LIST_OLDER,         115, ERR,     "team #: list number # was in force before this start, and an older one is now; somebody has put it back") \
	X(LOG_CERT_DAYS,          116, WARNING, "certificate # (1 ECDSA, 2 RSA) ends in # days; renew it") \
	X(LOG_CERT_ENDED,         117, ERR,     "certificate # (1 ECDSA, 2 RSA) ended # days ago; nobody gets in with it") \
	X(LOG_RECORDINGS,         118, NOTICE,  "# recorded questions were read, # KiB") \
	/* sandbox, 120 */ \
	X(LOG_SANDBOX_FAILED,     120, ERR,     "the sandbox could not be entered: step # failed with error #") \
	X(LOG_SANDBOX_RELAXED,    121, WARNING, "the sandbox is relaxed: system calls and files are not closed; for tests only") \
	X(LOG_SANDBOX_NO_LANDLOCK, 122, NOTICE,  "this kernel has no landlock; files are closed by the filter of system calls alone") \
	X(LOG_CHILD_REFUSED,      123, ERR,     "child # made a system call that it may not make and was ended (# so far)") \
	X(LOG_DOOR_SHUT,          124, ERR,     "door # was shut or changed by a worker, which none of ours does; all workers are replaced; it is open again: # (1 yes, 0 no)") \
	/* keyd, 130 */ \
	X(LOG_KEYD_IDLE,          130, NOTICE,  "an officer who asked for nothing was logged out; # are logged in") \
	X(LOG_KEYD_CODE,          131, WARNING, "a wrong code came behind the right passphrase of an officer (# of late)") \
	X(LOG_KEYD_RING,          132, NOTICE,  "the team's ring was read again (# officers, # who have changed or gone)") \
	X(LOG_KEYD_RING_BAD,      133, WARNING, "the team's ring has changed and cannot be read (code #); the one of before stays in force") \
	X(LOG_KEYD_RING_SHUT,     134, ERR,     "the team's ring could not be read for # hours: nobody can log in until it can") \
	X(LOG_KEYD_RING_FINE,     135, NOTICE,  "the team's ring can be read again") \
	X(LOG_AUDIT_LOST,         140, ERR,     "what an officer did could not be written down (# so far)") \
	X(LOG_ALARM_GIVEN,        141, NOTICE,  "an alarm was given: priority # (0: nobody could open it), level #") \
	X(LOG_ALARM_FAILED,       142, ERR,     "an alarm could not be given by way # (1 webhook, 2 command), status #; it is tried again") \
	X(LOG_DESK_NOT_APART,     148, ERR,     "# keys or passwords lie in the folder of the ledger, where the part of the desk that has Redis may read and change them; tipline doctor names them") \
	X(LOG_PRACTICE_LIVE,      150, ERR,     "a desk for practice has tips that are not made up; it ends") \
	/* frames between processes, 200 */ \
	X(LOG_PEER_GARBAGE,       200, WARNING, "a peer on socket # sent what is not a frame; it was cut off") \
	X(LOG_SPOOL_LOST,         201, WARNING, "the spool went away with # tips waiting for its word") \
	X(LOG_SPOOL_BACK,         202, NOTICE,  "the spool is back; # tips were handed to it again") \
	/* connections, 300 */ \
	X(LOG_CONN_BAD_MOVE,      300, ERR,     "connection may not go from state # to #") \
	X(LOG_FD_LIMIT,           301, WARNING, "descriptor limit: # connections turned away in the last minute") \
	X(LOG_REFUSED_MINUTE,     302, NOTICE,  "# requests refused in the last minute") \
	X(LOG_LOOP_FATAL,         303, ERR,     "the event loop cannot go on (code #)") \
	X(LOG_FLOOD,              304, WARNING, "more than # forms a minute: networks that send many wait from now on") \
	/* gateways, 400 */ \
	X(LOG_PROOF_FAILED,       400, WARNING, "gateway #: # requests without valid proof in the last minute") \
	X(LOG_UNDECODABLE,        401, WARNING, "gateway #: # genuine requests could not be read and were kept whole") \
	X(LOG_PROOF_STALE,        402, WARNING, "gateway #: of these, # were signed at another time") \
	/* spool, 500 */ \
	X(LOG_SPOOL_IO,           500, ERR,     "the spool file failed with SQLite code #; nothing of the open group counts as received") \
	X(LOG_SPOOL_FULL,         501, ERR,     "the spool is full: # MiB free; tips are refused until there is room") \
	X(LOG_SPOOL_LOW,          502, WARNING, "the spool runs low: # MiB free") \
	X(LOG_RECEIPT_BAD,        503, WARNING, "a receipt did not verify and was ignored (# so far)") \
	X(LOG_SPOOL_OPEN,         504, NOTICE,  "spool opened with # records waiting; SQLite #") \
	X(LOG_SPOOL_DAMAGED,      505, ERR,     "the spool file was damaged and is set aside as damaged-N.db; # records were rescued, # or more were not") \
	X(LOG_SPOOL_RECORD_BAD,   506, ERR,     "# records do not have their hash any more; they are kept and not sent") \
	X(LOG_SPOOL_ROOM,         507, NOTICE,  "the spool has room again: # MiB free") \
	X(LOG_MAIL_BAD,           508, WARNING, "mail for a reporter that no desk has signed was refused (# so far)") \
	X(LOG_SPOOL_SHARE,        510, ERR,     "channel # has used its share of the spool; # of its records were refused so far") \
	X(LOG_MAIL_FULL,          509, WARNING, "there is no room for mail for reporters (# not taken so far); it comes again") \
	X(LOG_SPOOL_CLOCK_AHEAD,  511, WARNING, "this host's clock is # days ahead of what the spool has counted; mail and what else ends by age is kept meanwhile") \
	X(LOG_SPOOL_CLOCK_BEHIND, 512, WARNING, "this host's clock is # days behind what the spool has counted; nothing ends by age meanwhile") \
	X(LOG_SPOOL_CLOCK_FINE,   513, NOTICE,  "this host's clock and what the spool counts agree again") \
	/* relay, 600 */ \
	X(LOG_REDIS_LOST,         600, WARNING, "Redis is away; next try in # ms") \
	X(LOG_REDIS_BACK,         601, NOTICE,  "Redis is back; # records have no receipt yet") \
	X(LOG_REDIS_REPLY,        602, ERR,     "Redis answered what it may not answer (kind #)") \
	X(LOG_REDIS_REPLICAS,     603, WARNING, "# of # replicas confirmed") \
	X(LOG_RECEIPT_LATE,       604, WARNING, "# records have no receipt after # s") \
	X(LOG_REDIS_LOADING,      605, NOTICE,  "Redis is still reading its data") \
	X(LOG_REDIS_READONLY,     606, WARNING, "this Redis is a replica; records are sent to a master only") \
	X(LOG_REDIS_REFUSED,      607, ERR,     "Redis refuses the relay's password or its rights: compare relay.pass and users.acl") \
	X(LOG_REDIS_DISK,         608, ERR,     "Redis cannot write to its disk") \
	X(LOG_REDIS_FULL,         609, ERR,     "Redis has no memory left: start a desk, trim its streams or raise maxmemory") \
	X(LOG_REDIS_MIN_REPLICAS, 610, WARNING, "Redis has too few replicas to take records") \
	X(LOG_REDIS_LATE,         611, WARNING, "Redis did not answer in time") \
	X(LOG_RECEIPT_ODD,        612, WARNING, "# entries of the streams of receipts and mail are none; somebody else writes to them") \
	X(LOG_RELAY_SPOOL_LOST,   613, WARNING, "the spool is away; next try in # ms") \
	X(LOG_RELAY_SPOOL_BACK,   614, NOTICE,  "connected to the spool") \
	X(LOG_RELAY_HOUR,         615, NOTICE,  "# records sent, # forgotten by the spool on a receipt, in the last hour") \
	X(LOG_REDIS_NOWHERE,      616, WARNING, "no majority of the Sentinels names the same master") \
	X(LOG_REDIS_MOVED,        617, NOTICE,  "the Sentinels name another master; all without a receipt is sent again") \
	X(LOG_REDIS_HEAVY,        618, WARNING, "Redis uses # percent of its memory: files wait in the spool, and texts too if this is 1 and not 2: #") \
	X(LOG_REDIS_UNMEASURED,   619, WARNING, "Redis does not say how full it is: give the user relay the right to MEMORY STATS in users.acl") \
	/* cases, 630 */ \
	X(LOG_CASES_FORGED,       630, ERR,     "Redis had # cases and # changes that no desk of ours has signed; none of it is believed") \
	X(LOG_CASES_OLD,          631, WARNING, "Redis had # cases as they were before, or not at all; they were put back from the ledger") \
	X(LOG_CASES_LACKING,      632, WARNING, "# changes of cases did not come to this desk; # were made beside another of the same case") \
	X(LOG_CASES_STRANGE,      633, ERR,     "Redis had # cases and # lists of desks of another type or size; they were taken out") \
	X(LOG_ENTRIES_LEFT,       634, WARNING, "# entries stay in Redis: quarantine has no room; # are in the ledger: Redis has no room for their receipts, or takes none") \
	X(LOG_LEDGER_LOW,         635, ERR,     "the ledger's disk has # MiB left: tips wait in the queue until there is room (desk.min_free)") \
	X(LOG_LEDGER_FULL,        636, ERR,     "the ledger's disk is full, # MiB are left: nothing is written, and officers can change nothing") \
	X(LOG_LEDGER_ROOM,        637, NOTICE,  "the ledger's disk has room again, # MiB: the desk goes on") \
	X(LOG_DESK_CLOCK,         638, WARNING, "this host's clock is # hours behind that of Redis")
/* clang-format on */
