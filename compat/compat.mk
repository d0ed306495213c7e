# compat.mk - other people's names for our functions
#
# SPDX-License-Identifier: MIT OR Apache-2.0

RTM_COMPAT_SRC = \
	compat/hooks.h \
	compat/malloc.c
RTM_COMPAT_LDFLAGS =

if COMPAT
RTM_COMPAT_SRC += \
	compat/heap_state.c \
	compat/hook_variables.c \
	compat/hook_variables.h \
	compat/hooks.c \
	compat/malloc_info.c \
	compat/mallopt.c \
	compat/operators.c \
	compat/runtime.c \
	compat/runtime.h
if HAVE_DEEPBIND
RTM_COMPAT_SRC += compat/dlopen.c
RTM_COMPAT_LDFLAGS += \
	-Wl,--defsym=dlopen=rtm_dlopen \
	-Wl,--defsym=dlmopen=rtm_dlmopen
endif
endif
