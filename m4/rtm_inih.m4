# SPDX-License-Identifier: MIT OR Apache-2.0
#
# rtm_inih.m4 - find inih, as an archive of position-independent code
#
# librtmalloc needs libc alone, so inih goes into it.  That takes an
# archive whose objects may stand in a shared object; Debian's do.  Where
# only libinih.so is found, librtmalloc.so depends on it, and the summary
# says so.
#
# Makefile.am renames the archive's functions on the way, and so do the
# macros in INIH_CFLAGS for the two that take no path and use no heap.
#
# Sets INIH_CFLAGS, INIH_LIBS (empty with the archive), INIH_ARCHIVE,
# rtm_inih_say, and the Automake conditional INIH_ARCHIVE.

AC_DEFUN([RTM_LIB_INIH], [
	PKG_CHECK_MODULES([INIH], [inih], [],
		[AC_MSG_ERROR([inih is missing (Debian: libinih-dev)])])
	PKG_CHECK_VAR([rtm_inih_libdir], [inih], [libdir])
	AC_ARG_VAR([INIH_ARCHIVE], [path of a static libinih.a, compiled PIC])
	AS_IF([test -z "$INIH_ARCHIVE"],
		[INIH_ARCHIVE=$rtm_inih_libdir/libinih.a])

	AC_MSG_CHECKING([whether $INIH_ARCHIVE can stand in a shared object])
	rtm_inih_pic=no
	AS_IF([test -f "$INIH_ARCHIVE" &&
		$CC $CFLAGS -shared -o conftest.so \
			-Wl,--whole-archive "$INIH_ARCHIVE" \
			-Wl,--no-whole-archive -Wl,-z,text \
			>&AS_MESSAGE_LOG_FD 2>&1],
		[rtm_inih_pic=yes])
	rm -f conftest.so
	AC_MSG_RESULT([$rtm_inih_pic])

	AS_IF([test "$rtm_inih_pic" = yes],
		[INIH_CFLAGS="$INIH_CFLAGS -Dini_parse_string=rtm_ini_parse_string"
		INIH_CFLAGS="$INIH_CFLAGS -Dini_parse_stream=rtm_ini_parse_stream"
		INIH_LIBS=
		rtm_inih_say="in the library ($INIH_ARCHIVE)"],
		[rtm_inih_say="only shared: librtmalloc.so will need libinih.so"])
	AM_CONDITIONAL([INIH_ARCHIVE], [test "$rtm_inih_pic" = yes])
])
