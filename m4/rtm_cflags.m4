# SPDX-License-Identifier: MIT OR Apache-2.0
#
# rtm_cflags.m4 - flags for RTM_CFLAGS, after asking the compiler

# _RTM_CFLAG(FLAG, IF-REFUSED)
# Append FLAG to RTM_CFLAGS.  clang only warns about a flag it does not
# know, hence -Werror.
AC_DEFUN([_RTM_CFLAG], [
	AC_MSG_CHECKING([whether $CC takes $1])
	rtm_saved_cflags=$CFLAGS
	CFLAGS="$CFLAGS -Werror $1"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
		[AC_MSG_RESULT([yes])
		RTM_CFLAGS="$RTM_CFLAGS${RTM_CFLAGS:+ }$1"],
		[AC_MSG_RESULT([no])
		$2])
	CFLAGS=$rtm_saved_cflags
])

# RTM_TRY_CFLAGS(FLAGS): append those that the compiler takes.
AC_DEFUN([RTM_TRY_CFLAGS],
	[m4_foreach_w([_rtm_flag], [$1],
		[_RTM_CFLAG(_rtm_flag)])])

# RTM_NEED_CFLAGS(FLAGS): append all of them, or stop.
AC_DEFUN([RTM_NEED_CFLAGS],
	[m4_foreach_w([_rtm_flag], [$1],
		[_RTM_CFLAG(_rtm_flag,
			[AC_MSG_ERROR([the compiler must take ]_rtm_flag)])])])
