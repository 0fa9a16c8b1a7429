# SPDX-License-Identifier: AGPL-3.0-or-later
# tipline. `make help` lists what can be made.

VARIANT ?= release
CC      ?= cc
CXX     ?= c++
AR      ?= ar
DESTDIR ?=
prefix  ?= /usr

B := $(if $(filter release,$(VARIANT)),build,build/$(VARIANT))
Q := $(if $(V),,@)

# ---- flags -----------------------------------------------------------------
ifneq ($(filter fuzz cov,$(VARIANT)),)
override CC  := clang
override CXX := clang++
endif
ifeq ($(VARIANT),afl)
override CC  := afl-clang-fast
override CXX := afl-clang-fast++
export AFL_QUIET := 1
endif

WARN := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion \
	-Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wswitch-enum \
	-Wnull-dereference -Wduplicated-cond -Wduplicated-branches \
	-Wlogical-op -Wrestrict -Warith-conversion -Wformat-signedness
WARN_C := -Wstrict-prototypes -Wmissing-prototypes
HARD := -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection=full -ftrivial-auto-var-init=zero \
	-fno-strict-aliasing -fno-delete-null-pointer-checks
PROBED := $(WARN) $(HARD)

OPT_release := -O2 -D_FORTIFY_SOURCE=3
OPT_debug   := -O1 -Werror
OPT_asan    := -O1 -Werror -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
OPT_fuzz    := -O1 -Werror -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
OPT_afl     := -O1 -Werror -fsanitize=address,undefined -fno-sanitize-recover=all
# counted in a file that is mapped before main(), so that a process that may
# open nothing, or is killed, is counted too
OPT_cov     := -O0 -Werror -gdwarf-4 -fprofile-instr-generate=$(CURDIR)/$(B)/counts/%c%m.profraw \
	-fcoverage-mapping -mllvm -runtime-counter-relocation=true
OPT := $(OPT_$(VARIANT))

CPPFLAGS += -D_GNU_SOURCE -I. -I$(B)/gen
# not ":=": FLAGS_OK is read from a file further down
COMMON    = -g -fPIE -ffile-prefix-map=$(CURDIR)=. $(OPT) $(FLAGS_OK)
CFLAGS   += -std=gnu17 $(WARN_C) $(COMMON)
# vptr: its run time is in the C++ one, and programs are linked by the C driver
CXXFLAGS += -std=gnu++17 $(COMMON) $(if $(findstring undefined,$(OPT)),-fno-sanitize=vptr)
LDFLAGS  += -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack \
	-Wl,-z,separate-code -Wl,--as-needed \
	$(filter -fsanitize=address% -fprofile-instr-generate%,$(OPT)) \
	$(if $(filter fuzz,$(VARIANT)),-fsanitize=address$(,)undefined)
, := ,
# Each program takes what its objects need and nothing else (--as-needed).
LIBS := -levent_openssl -levent_core -lssl -lcrypto -lsodium -lsqlite3 \
	-lhiredis -ljansson -lphonenumber -lutf8proc -lz -lstdc++ -lseccomp -lsystemd -lcurl -loath -lqrencode

# ---- what there is ---------------------------------------------------------
# Layers, top first. An archive is linked once, so a call upwards is an
# undefined symbol.
LAYERS := cli desk server/intake server/spool server/relay sms server/net \
	web queue config crypto media text base
src = $(filter-out %/main.c $(1)/tool_%.c base/wipe_malloc.c desk/keyd.c cli/open.c,\
	$(wildcard $(1)/*.c $(1)/*.cc))
obj = $(addsuffix .o,$(addprefix $(B)/obj/,$(basename $(1))))
lib = $(addprefix $(B)/lib/,$(addsuffix .a,$(subst /,_,$(1))))
ARCHIVES := $(call lib,$(LAYERS))

# Made at build time: texts from web/po, pages from web/pages and web/page.css.
PO    := web/po/en.po $(filter-out web/po/en.po,$(sort $(wildcard web/po/*.po)))
PAGES := $(filter-out web/pages/_%,$(sort $(wildcard web/pages/*.html)))
GEN_web := $(call obj,gen_web_texts.c gen_web_pages.c)
# The lists and rules that are compiled in.
DATA := data/rules.txt data/keywords.tsv data/stopwords.tsv data/function-words.tsv data/map-hosts.tsv \
	data/phrases.tsv data/htcds.tsv data/htcds-values.tsv
GEN_text := $(call obj,gen_text_data.c)

PROGRAMS := tipline tipline-open tipline-intake tipline-spool tipline-relay tipline-keyd \
	tipline-desk
MAIN_tipline        := cli/main.c
MAIN_tipline-open   := cli/open.c
MAIN_tipline-intake := server/intake/main.c
MAIN_tipline-spool  := server/spool/main.c
MAIN_tipline-relay  := server/relay/main.c
MAIN_tipline-keyd   := desk/keyd.c
MAIN_tipline-desk   := desk/main.c
# Freed memory is wiped in the programs that run in production. Sanitizers
# and valgrind bring an allocator of their own.
WIPE := $(if $(filter release cov,$(VARIANT)),$(B)/obj/base/wipe_malloc.o)
BUILT := $(foreach p,$(PROGRAMS),$(if $(wildcard $(MAIN_$(p))),$(B)/$(p)))

UNIT  := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/*.c))
FUZZ  := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,\
	$(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c)))
BENCH := $(patsubst tests/bench/%.c,$(B)/tests/bench/%,$(wildcard tests/bench/*.c))
TLIB  := $(call lib,tests/lib)

# ---- commands --------------------------------------------------------------
.DEFAULT_GOAL := all

## make            build the programs into build/
all: $(BUILT)
	@:

## make run        install what is missing, build, run a whole tipline in run/
run:
	$(Q)tools/deps build run
	$(Q)$(MAKE) -j2 --no-print-directory all
	$(Q)exec tools/run

## make demo       send sample tips through the front doors of a running home
demo:
	$(Q)tools/demo

## make practice   a desk with made-up tips for new officers, in run-practice
practice:
	$(Q)tools/deps build run
	$(Q)$(MAKE) -j2 --no-print-directory all
	$(Q)exec tools/practice run-practice

## make test       install what is missing, run every test; last line: N passed, N failed
test:
	$(Q)tools/deps build run test
	$(Q)tools/promtool >/dev/null
	$(Q)tests/run all

## make test-style, test-unit, test-e2e, test-browser, test-fault
##                 run one kind of tests (VARIANT=asan for the sanitizers)
test-style test-unit test-e2e test-browser test-fault:
	$(Q)VARIANT=$(VARIANT) tests/run $(@:test-%=%)

## make test-pages look at every page in every language, scripts on and off
test-pages:
	$(Q)tools/deps build run test
	$(Q)$(MAKE) -j2 --no-print-directory all browser-programs
	$(Q)tests/npm-install
	$(Q)TIPLINE_PAGES=all TIPLINE_BUILD=$(CURDIR)/$(B) node --test tests/browser/pages.test.mjs

## make shots      pictures of every page on three screens into build/shots, to look at
shots:
	$(Q)tools/deps build run test
	$(Q)$(MAKE) -j2 --no-print-directory all browser-programs
	$(Q)tests/npm-install
	$(Q)TIPLINE_BUILD=$(CURDIR)/$(B) node tests/browser/shots.mjs

## make test-slow  crowds of thousands that hold connections, one after the other; a table
test-slow:
	$(Q)tools/deps build run test
	$(Q)$(MAKE) -j2 --no-print-directory all
	$(Q)TIPLINE_LONG=1 TIPLINE_BUILD=$(CURDIR)/$(B) node --test tests/fault/slow.test.mjs

## make test-tls   what testssl.sh finds at the intake's TLS, some minutes; a table
test-tls:
	$(Q)tools/deps build run test
	$(Q)$(MAKE) -j2 --no-print-directory all
	$(Q)TIPLINE_BUILD=$(CURDIR)/$(B) node --test tests/tls/testssl.test.mjs

## make shots-desk pictures of the officers' console into build/shots, to look at
shots-desk:
	$(Q)tools/deps test
	$(Q)tests/npm-install
	$(Q)node tests/browser/desk_shots.mjs build/shots/desk

## make asan       build with ASan and UBSan, run the unit and end-to-end tests with it
asan:
	$(Q)tools/deps build run test
	$(Q)VARIANT=asan tests/run unit e2e

## make test-boot  start the systemd units under a systemd of their own (as root)
test-boot:
	$(Q)tools/deps build run test
	$(Q)tests/boot/run

## make test-wipe  wipe Redis with 5,000 tips and their cases in every stage
test-wipe:
	$(Q)tools/deps build run test
	$(Q)$(MAKE) -j2 --no-print-directory all $(B)/tests/fault/cases_fill
	$(Q)tests/npm-install
	$(Q)WIPE_TIPS=5000 TIPLINE_BUILD=$(CURDIR)/$(B) \
	    NODE_OPTIONS="--require $(CURDIR)/tests/lib/webcrypto.cjs" \
	    node --test tests/fault/wipe.test.mjs

## make test-crash kill ledger, desk and relay at each of their system calls, one by one
test-crash:
	$(Q)tools/deps build run test
	$(Q)$(MAKE) -j2 --no-print-directory all fault-programs
	$(Q)tests/npm-install
	$(Q)CRASH_SECONDS=3000 TIPLINE_BUILD=$(CURDIR)/$(B) \
	    NODE_OPTIONS="--require $(CURDIR)/tests/lib/webcrypto.cjs" \
	    node --test tests/fault/desk-crash.test.mjs

## make test-deb   build the packages again and compare, install them into a Debian made for it, and use them (as root)
test-deb: deb
	$(Q)tools/deps test-deb
	$(Q)tests/deb/same
	$(Q)tests/deb/run

## make test-vm    start the packages' units under Debian's own kernel and AppArmor (as root)
test-vm: deb
	$(Q)tools/deps test-vm
	$(Q)tests/boot/vm

## make bench      print the benchmark table (ratios against peers in the same run)
bench:
	$(Q)tools/deps build run bench
	$(Q)$(MAKE) -j2 --no-print-directory all bench-programs
	$(Q)tests/bench/run

## make faults     kill, cut off and fail over under load until 50,000 tips are through; a table
faults:
	$(Q)tools/deps build run test
	$(Q)$(MAKE) -j2 --no-print-directory all fault-programs
	$(Q)tests/npm-install
	$(Q)TIPLINE_BUILD=$(CURDIR)/$(B) \
	    NODE_OPTIONS="--require $(CURDIR)/tests/lib/webcrypto.cjs" \
	    node tests/fault/faults.mjs

## make fuzz       fuzz each target for FUZZ_SECONDS (60)
fuzz:
	$(Q)tools/deps build fuzz
	$(Q)$(MAKE) -j2 --no-print-directory VARIANT=fuzz fuzz-programs
	$(Q)tests/fuzz/run

## make fuzz-afl   the same with AFL++, which looks in other places
fuzz-afl:
	$(Q)tools/deps build fuzz-afl
	$(Q)$(MAKE) -j2 --no-print-directory VARIANT=afl fuzz-programs
	$(Q)tests/fuzz/run --afl

## make vectors    write tests/vectors/envelope.json anew, after a change that is meant
vectors:
	$(Q)$(MAKE) --no-print-directory build/tests/unit/crypto_vectors
	$(Q)build/tests/unit/crypto_vectors --write

## make coverage   lines and branches over all that is tested (half an hour)
coverage:
	$(Q)tools/deps build test coverage
	$(Q)tests/coverage

## make coverage-unit    the same over the unit tests and the fuzzers' corpora
coverage-unit:
	$(Q)tools/deps build test coverage
	$(Q)tests/coverage unit

## make coverage-crypto  the same of envelope, seal and open alone
coverage-crypto:
	$(Q)tools/deps build test coverage
	$(Q)tests/coverage crypto

## make analyse    cppcheck, gcc's analyser, clang-tidy over the programs (half an hour)
analyse:
	$(Q)tools/deps build analyse
	$(Q)$(MAKE) -j2 --no-print-directory all
	$(Q)tests/analyse

## make format     lay out the C sources with clang-format
format:
	$(Q)clang-format -i $$(git ls-files '*.c' '*.h' '*.cc')

## make deps       install the packages that building, running and testing need
deps:
	$(Q)tools/deps build run test

## make install    install into DESTDIR (prefix=/usr)
SHARE := $(DESTDIR)$(prefix)/share
LIB   := $(DESTDIR)$(prefix)/lib
install: all
	install -d $(DESTDIR)$(prefix)/bin $(SHARE)/man/man1 $(SHARE)/man/man5 \
	    $(SHARE)/man/man8 $(SHARE)/doc/tipline $(SHARE)/tipline/redis \
	    $(SHARE)/tipline/tools $(LIB)/systemd/system $(LIB)/sysusers.d \
	    $(LIB)/tmpfiles.d
	install $(BUILT) $(DESTDIR)$(prefix)/bin
	for s in 1 5 8; do install -m 644 docs/man/*.$$s $(SHARE)/man/man$$s || exit 1; done
	install -m 644 README.md CHANGELOG.md LICENSE docs/*.md docs/*openapi.yaml docs/*.schema.json docs/tipline.conf.sample $(SHARE)/doc/tipline
	install -m 644 redis/*.conf redis/*.in $(SHARE)/tipline/redis
	install -d $(SHARE)/tipline/stunnel
	install -m 644 stunnel/*.conf $(SHARE)/tipline/stunnel
	install tools/code tools/home-path tools/practice tools/redis-home tools/sentinel-home tools/setup tools/tls-install $(SHARE)/tipline/tools
	install -m 644 tools/setup-files tools/setup-pieces $(SHARE)/tipline/tools
	install -d $(SHARE)/tipline/watch
	install -m 644 watch/*.yml watch/*.json $(SHARE)/tipline/watch
	install watch/tipline-textfile $(SHARE)/tipline/watch
	install -d $(SHARE)/tipline/tor
	install -m 644 tor/* $(SHARE)/tipline/tor
	install -d $(SHARE)/tipline/console
	cp -r --no-preserve=mode,ownership desk/ui/. $(SHARE)/tipline/console
	install -m 644 systemd/*.service systemd/*.socket systemd/*.timer systemd/*.slice $(LIB)/systemd/system
	sed -i 's|/usr/bin/tipline|$(prefix)/bin/tipline|g' $(LIB)/systemd/system/tipline-*.service
	install -m 644 systemd/sysusers.conf $(LIB)/sysusers.d/tipline.conf
	install -m 644 systemd/tmpfiles.conf $(LIB)/tmpfiles.d/tipline.conf

## make deb        build the Debian packages of what is committed into build/deb
deb:
	$(Q)tools/deps build deb
	$(Q)tools/deb

## make clean      remove build/
clean:
	rm -rf build

## make help       this list
help:
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST))

# ---- rules -----------------------------------------------------------------
# A compiler that lacks a flag still builds: each is tried once per variant.
FLAGS_MK := $(B)/flags-$(notdir $(lastword $(CC))).mk
$(FLAGS_MK): Makefile
	@mkdir -p $(@D)
	@own=$@.$$$$; echo "FLAGS_OK :=" > $$own; for f in $(PROBED); do \
		if echo 'int x;' | $(CC) -Werror $$f -x c -c -o /dev/null - 2>/dev/null; \
		then echo "FLAGS_OK += $$f" >> $$own; fi; done; mv $$own $@
ifeq ($(filter help analyse clean format deps deb run shots shots-desk test demo fuzz fuzz-afl bench coverage coverage-% vectors asan test-%,$(MAKECMDGOALS)),)
include $(FLAGS_MK)
endif

# Other flags or another compiler: everything is built again.
FLAGS_NOW = $(CC) $(CXX) $(CPPFLAGS) $(CFLAGS) $(CXXFLAGS)
$(B)/flags: force
	@mkdir -p $(@D)
	@echo '$(FLAGS_NOW)' | cmp -s - $@ || echo '$(FLAGS_NOW)' > $@

$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	@$(if $(V),,echo "  CC  $<")
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/%.o: $(B)/gen/%.c $(B)/flags
	@mkdir -p $(@D)
	@$(if $(V),,echo "  CC  $<")
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The one C++ file. C-only flags were left out above.
$(B)/obj/%.o: %.cc $(B)/flags
	@mkdir -p $(@D)
	@$(if $(V),,echo "  CXX $<")
	$(Q)$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/gen_web_texts.h $(B)/gen/gen_web_texts.c &: $(B)/tools/tool_po $(PO)
	@mkdir -p $(@D)
	$(Q)ASAN_OPTIONS=detect_leaks=0 $< $(B)/gen/gen_web_texts.h $(B)/gen/gen_web_texts.c $(PO)

$(B)/gen/gen_web_pages.c: $(B)/tools/tool_page web/page.css web/exit.js web/wait.js $(PAGES) $(wildcard web/pages/_*.html)
	@mkdir -p $(@D)
	$(Q)ASAN_OPTIONS=detect_leaks=0 $< $@ web/page.css web/exit.js web/wait.js $(PAGES)

$(B)/gen/gen_text_data.c: $(B)/tools/tool_data $(DATA)
	@mkdir -p $(@D)
	$(Q)$< $@ $(DATA)

$(call obj,$(wildcard web/page*.c) web/words.c): | $(B)/gen/gen_web_texts.h

$(B)/tools/tool_po: $(call obj,web/tool_po.c web/lint.c web/utf8.c)
$(B)/tools/tool_page: $(call obj,web/tool_page.c web/tool_squeeze.c gen_web_texts.c) $(call lib,base)
$(B)/tools/tool_data: $(call obj,text/tool_data.c)
$(B)/tools/%:
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LD  $*")
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lgettextpo -lcrypto

define archive_rule
$(call lib,$(1)): $(call obj,$(call src,$(1))) $(GEN_$(subst /,_,$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(Q)$$(AR) rcD $$@ $$(filter %.o,$$^)
endef
$(foreach layer,$(LAYERS) tests/lib,$(eval $(call archive_rule,$(layer))))

define program_rule
$(B)/$(1): $(call obj,$(MAIN_$(1))) $(if $(filter-out tipline,$(1)),$(WIPE)) $(ARCHIVES)
	@$$(if $$(V),,echo "  LD  $(1)")
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$(p))))

$(B)/tests/unit/%: $(B)/obj/tests/unit/%.o $(TLIB) $(ARCHIVES)
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LD  $*")
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) -lcmocka $(LIBS)

# These play the worker around an upload: with an archive the real one would
# come beside it.
$(B)/tests/unit/intake_upload $(B)/tests/fuzz/upload: $(B)/obj/tests/lib/upload/upload_world.o

# These play the other end of each socket: likewise.
$(B)/tests/fuzz/kdf $(B)/tests/fuzz/mailbox: $(B)/obj/tests/lib/peers/peer_double.o

# These have storage calls of their own: in an archive, others might find them.
$(addprefix $(B)/tests/unit/queue_spool_,faults memory power rescue): $(B)/obj/tests/lib/disk/bad_disk.o

# Calls of ours that may fail: the linker turns them to bad_calls.
BAD_CALLS := malloc calloc reallocarray asprintf __asprintf_chk getrandom mkdir realpath open openat \
	fstat fchmod flock fsync unlinkat renameat2 fstatvfs posix_fallocate
BAD_CALLED := $(addprefix $(B)/tests/unit/queue_,ledger_copy relay_memory spool_dir spool_limits spool_memory spool_parts spool_rescue) \
	$(addprefix $(B)/tests/unit/,desk_failing_memory desk_tips_folded sms_memory text_json_memory)
$(BAD_CALLED): $(B)/obj/tests/lib/disk/bad_calls.o
$(BAD_CALLED): private LDFLAGS += $(addprefix -Wl$(,)--wrap=,$(BAD_CALLS))

# This one plays keyd in the process that would become it.
$(B)/tests/unit/desk_keyd_client: private LDFLAGS += $(addprefix -Wl$(,)--wrap=,execve program_beside)

ifneq ($(filter fuzz afl,$(VARIANT)),)
# By the C++ compiler: only it brings the sanitizer's half for sms/phone.
$(B)/tests/fuzz/%: $(B)/obj/tests/fuzz/%.o $(TLIB) $(ARCHIVES)
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LD  fuzz/$*")
	$(Q)$(CXX) $(LDFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)
else
$(B)/tests/fuzz/%: $(B)/obj/tests/fuzz/%.o $(B)/obj/tests/fuzz/replay.o $(TLIB) $(ARCHIVES)
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LD  fuzz/$*")
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)
endif

# tipline-spool with a mistake that the crash test has to catch.
MUTANT_WRAPS := put commit idle pause finish
$(B)/tests/fault/spool_mutant: $(B)/obj/tests/fault/spool_mutant.o \
		$(call obj,$(MAIN_tipline-spool)) $(ARCHIVES)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $(MUTANT_WRAPS:%=-Wl,--wrap=spool_%) -o $@ $^ $(LIBS)

# A desk without keys, which the fault tests kill; what fills the cases; what
# makes a spool older; what shuts a worker's doors; what speaks for one.
$(B)/tests/fault/desk $(B)/tests/fault/cases_fill $(B)/tests/fault/spool_older \
		$(B)/tests/fault/shut_door $(B)/tests/fault/tell_list: \
		$(B)/tests/fault/%: $(B)/obj/tests/fault/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/tests/bench/%: $(B)/obj/tests/bench/%.o $(TLIB) $(ARCHIVES)
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LD  bench/$*")
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/tests/bench/load: $(call obj,$(wildcard tests/bench/load/*.c))

$(B)/tests/browser/%: $(B)/obj/tests/browser/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LD  $*")
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

unit-programs: $(BUILT) $(UNIT) $(FUZZ)
fault-programs: $(B)/tests/fault/desk $(B)/tests/fault/cases_fill $(B)/tests/fault/spool_mutant $(B)/tests/fault/spool_older $(B)/tests/fault/shut_door $(B)/tests/fault/tell_list
browser-programs: $(B)/tests/browser/render
fuzz-programs: $(FUZZ)
bench-programs: $(BENCH)

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

.PHONY: all shots shots-desk deb test-deb test-vm run practice demo test test-wipe test-style test-unit test-e2e test-browser \
	test-fault test-boot test-crash test-slow test-tls asan bench faults fuzz fuzz-afl coverage coverage-unit coverage-crypto vectors format deps install clean help \
	unit-programs browser-programs fault-programs fuzz-programs bench-programs force
.SECONDARY:
