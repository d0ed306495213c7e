# compat.mk - other people's names for our functions
#
# SPDX-License-Identifier: MIT OR Apache-2.0

RTM_COMPAT_SRC = compat/malloc.c
