# SPDX-License-Identifier: MIT OR Apache-2.0
#
# rtm_cflags.m4 - flags for RTM_CFLAGS, after asking the compiler

# _RTM_CFLAGS(FLAGS, WHAT-TO-SAY, IF-REFUSED)
# Append FLAGS to RTM_CFLAGS if the compiler takes them all.  clang only warns
# about a flag it does not know, hence -Werror.
AC_DEFUN([_RTM_CFLAGS], [
	AC_MSG_CHECKING([whether $CC takes $2])
	rtm_saved_cflags=$CFLAGS
	CFLAGS="$CFLAGS -Werror m4_normalize([$1])"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
		[AC_MSG_RESULT([yes])
		RTM_CFLAGS="$RTM_CFLAGS${RTM_CFLAGS:+ }m4_normalize([$1])"
		CFLAGS=$rtm_saved_cflags],
		[AC_MSG_RESULT([no])
		CFLAGS=$rtm_saved_cflags
		$3])
])

# RTM_TRY_CFLAGS(FLAGS): append those that the compiler takes.  Mostly it takes
# them all, which is asked first: it is one question instead of thirty.
AC_DEFUN([RTM_TRY_CFLAGS],
	[_RTM_CFLAGS([$1], [the flags for it],
		[m4_foreach_w([_rtm_flag], [$1],
			[_RTM_CFLAGS(_rtm_flag, _rtm_flag)])])])

# RTM_NEED_CFLAGS(FLAGS): append all of them, or stop.
AC_DEFUN([RTM_NEED_CFLAGS],
	[_RTM_CFLAGS([$1], [the flags that are needed],
		[m4_foreach_w([_rtm_flag], [$1],
			[_RTM_CFLAGS(_rtm_flag, _rtm_flag,
				[AC_MSG_ERROR(
					[the compiler must take ]_rtm_flag)])])])])
