# conf.mk - sources of conf/: options, classes, reader
#
# SPDX-License-Identifier: MIT OR Apache-2.0

RTM_CONF_SRC = \
	conf/conf.c \
	conf/conf.h \
	conf/default_conf.c \
	conf/options.def
