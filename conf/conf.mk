# conf.mk - sources of conf/: options, classes, reader
#
# SPDX-License-Identifier: MIT OR Apache-2.0

RTM_CONF_SRC = \
	conf/classes.c \
	conf/conf.c \
	conf/conf.h \
	conf/default_conf.c \
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
