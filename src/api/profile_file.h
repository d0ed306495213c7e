/*
 * profile_file.h - where a profile goes: names, and the file
 *
 * The file is text, one thing a line, words parted by a blank:
 *
 *	rtmalloc-profile 1          what it is, and the format's version
 *	program NAME                the last part of the program's file name
 *	process NUMBER
 *	live_bytes NUMBER           when it was written
 *	peak_bytes NUMBER           when the heap was largest
 *	unknown_frees NUMBER        of blocks older than the recording
 *	bucket UPPER REQUESTS FREES BYTES LIVE
 *	end NUMBER                  how many buckets there were
 *
 * A bucket holds the requests for up to UPPER bytes, above the one before it
 * in conf/histogram.h; LIVE objects of it were alive at the peak.  Buckets
 * that nothing was asked from are left out.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_API_PROFILE_FILE_H
#define RTM_API_PROFILE_FILE_H

/* All of it into the file: 0, or -errno.  Locks nothing; keeps errno. */
int rtm_profile_write_file(const char *path);

/* Once more to where RTMALLOC_PROFILE says: 0, or -errno. */
int rtm_profile_write_again(void);

/* In the child of fork(2): it writes a file of its own. */
void rtm_profile_file_fork_child(void);

#endif
