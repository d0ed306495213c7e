# lint.mk - tests that read the sources and the built library
#
# SPDX-License-Identifier: MIT OR Apache-2.0
