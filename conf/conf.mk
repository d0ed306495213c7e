# conf.mk - sources of conf/: options, reader, generator, optimisers
#
# SPDX-License-Identifier: MIT OR Apache-2.0

# What reads a configuration: in the library, the command, the generator.
RTM_CONF_READER = \
	conf/classes.c \
	conf/conf.c \
	conf/conf.h \
	conf/error.c \
	conf/error.h \
	conf/lines.c \
	conf/names.c \
	conf/option.c \
	conf/option.h \
	conf/options.def \
	conf/parse.h \
	conf/toml.c \
	conf/toml.h \
	conf/value.c \
	conf/value.h

RTM_CONF_SRC = \
	$(RTM_CONF_READER) \
	conf/exact.c \
	conf/greedy.c \
	conf/histogram.h \
	conf/ladder.c \
	conf/layout.h \
	conf/price.c \
	conf/price.h \
	conf/report.c \
	conf/report.h
nodist_librtcore_la_SOURCES = conf/default_conf.c

# The generator runs on the machine that builds, so it is compiled for that
# one, with what configure found there and none of the target's flags.
RTM_GEN_DEFAULT_SRC = \
	$(RTM_CONF_READER) \
	conf/gen_default.c \
	src/base/format.c \
	src/base/format.h

conf/gen_default: $(RTM_GEN_DEFAULT_SRC)
	$(AM_V_GEN)$(MKDIR_P) conf && sources= \
	&& for file in $(RTM_GEN_DEFAULT_SRC); do \
		case $$file in \
		*.c) sources="$$sources $(srcdir)/$$file" ;; \
		esac; \
	done \
	&& $(CC_FOR_BUILD) -std=gnu11 -D_GNU_SOURCE $(RTM_GEN_CPPFLAGS) \
		-I$(top_srcdir)/src -I$(top_srcdir) \
		$(CPPFLAGS_FOR_BUILD) $(CFLAGS_FOR_BUILD) \
		$(LDFLAGS_FOR_BUILD) -o $@ $$sources $(INIH_LIBS_FOR_BUILD)

# RTMALLOC_CLASSES is the file of --with-config, or empty.
conf/default_conf.c: conf/gen_default conf/default.toml $(RTMALLOC_CLASSES)
	$(AM_V_GEN)conf/gen_default $(srcdir)/conf/default.toml \
		$(RTMALLOC_CLASSES) >$@.tmp && mv $@.tmp $@

EXTRA_DIST += conf/default.toml conf/gen_default.c
CLEANFILES += conf/default_conf.c conf/default_conf.c.tmp conf/gen_default
dist_man_MANS += doc/rtmalloc.toml.5

# Tables that bench/tune made and measured; tests/conf/tuned.sh.
tuneddir = $(pkgdatadir)/tuned
dist_tuned_DATA = \
	conf/tuned/README \
	conf/tuned/ghostscript-pages.toml \
	conf/tuned/perl-pod2text.toml \
	conf/tuned/python-ast.toml \
	conf/tuned/sqlite-memory.toml
