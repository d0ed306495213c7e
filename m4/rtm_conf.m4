# SPDX-License-Identifier: MIT OR Apache-2.0
#
# rtm_conf.m4 - the built-in configuration and what makes it
#
# conf/gen_default turns a TOML file into C while the library is built; it is
# compiled and linked for the machine that builds.
#
# Sets RTMALLOC_CLASSES (absolute, or empty), INIH_LIBS_FOR_BUILD and
# rtm_conf_say.  Needs RTM_LIB_INIH before it.

AC_DEFUN([RTM_CONF], [
	AC_ARG_VAR([RTMALLOC_CLASSES],
		[TOML file to build in, if there is no --with-config])
	AC_ARG_WITH([config],
		[AS_HELP_STRING([--with-config=FILE],
			[build in the options and size classes of FILE, see
			rtmalloc.toml(5) @<:@conf/default.toml@:>@])],
		[AS_CASE([$withval],
			[yes], [AC_MSG_ERROR([--with-config needs a file])],
			[no], [RTMALLOC_CLASSES=],
			[RTMALLOC_CLASSES=$withval])])
	AS_CASE([$RTMALLOC_CLASSES],
		['' | /*], [],
		[RTMALLOC_CLASSES=`pwd`/$RTMALLOC_CLASSES])
	AS_IF([test -n "$RTMALLOC_CLASSES" && test ! -r "$RTMALLOC_CLASSES"],
		[AC_MSG_ERROR([cannot read $RTMALLOC_CLASSES])])
	rtm_conf_say=${RTMALLOC_CLASSES:-conf/default.toml}

	AC_ARG_VAR([CPPFLAGS_FOR_BUILD], [preprocessor flags, see CC_FOR_BUILD])
	AC_ARG_VAR([CFLAGS_FOR_BUILD], [compiler flags, see CC_FOR_BUILD])
	AC_ARG_VAR([LDFLAGS_FOR_BUILD], [linker flags, see CC_FOR_BUILD])
	AC_ARG_VAR([INIH_LIBS_FOR_BUILD],
		[inih of the machine that builds, see CC_FOR_BUILD])
	AC_SUBST([RTM_GEN_CPPFLAGS], [])
	AS_IF([test "$cross_compiling" = yes],
		[: "${INIH_LIBS_FOR_BUILD:=-linih}"],
		[RTM_GEN_CPPFLAGS=`$PKG_CONFIG --cflags inih`
		AS_IF([test "$rtm_inih_pic" = yes],
			[: "${INIH_LIBS_FOR_BUILD:=$INIH_ARCHIVE}"],
			[: "${INIH_LIBS_FOR_BUILD:=$INIH_LIBS}"])])
])
