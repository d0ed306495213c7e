# src/cli/cli.mk - the command rtmalloc
#
# SPDX-License-Identifier: MIT OR Apache-2.0

# It needs nothing of the allocator's but conf/, which is linked in: one that
# is broken or missing must not keep the command from saying so.  It has to know where it and the
# library are installed, and by which name the loader asks for the library
# (tests/cli compares that with the library).
bin_PROGRAMS += rtmalloc
rtmalloc_SOURCES = \
	src/cli/class_use.c src/cli/class_use.h \
	src/cli/cmd_config.c \
	src/cli/cmd_record.c \
	src/cli/cmd_report.c \
	src/cli/cmd_run.c \
	src/cli/cmd_tune.c \
	src/cli/conf_file.c src/cli/conf_file.h \
	src/cli/elf_file.c src/cli/elf_file.h \
	src/cli/library.c src/cli/library.h \
	src/cli/main.c \
	src/cli/message.c src/cli/message.h \
	src/cli/output.c src/cli/output.h \
	src/cli/profile.c src/cli/profile.h \
	src/cli/program.c src/cli/program.h \
	src/cli/report.h \
	src/cli/report_json.c \
	src/cli/report_svg.c \
	src/cli/report_text.c \
	src/cli/suggest.c src/cli/suggest.h \
	src/cli/verb.h
rtmalloc_CPPFLAGS = $(AM_CPPFLAGS) \
	-DRTM_BINDIR='"$(bindir)"' -DRTM_LIBDIR='"$(libdir)"' \
	-DRTM_SONAME='"librtmalloc.so.0"'

rtmalloc_LDADD = librtcore.la -lm

dist_man_MANS += doc/rtmalloc.1

# bash looks for a file of the command's name.
EXTRA_DIST += src/cli/rtmalloc.bash
completionsdir = $(datadir)/bash-completion/completions
install-data-local:
	$(MKDIR_P) '$(DESTDIR)$(completionsdir)'
	$(INSTALL_DATA) $(srcdir)/src/cli/rtmalloc.bash \
		'$(DESTDIR)$(completionsdir)/rtmalloc'
uninstall-local:
	rm -f '$(DESTDIR)$(completionsdir)/rtmalloc'

include tests/cli/cli.mk
