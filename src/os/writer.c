/*
 * writer.c - text into a file, where stdio cannot be used
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/writer.h"
#include "os/file.h"

#include <string.h>

static void
flush(struct rtm_writer *writer)
{
	if (writer->error == 0)
		writer->error = rtm_file_write(
		    writer->file, writer->text.buffer, writer->text.length);
	rtm_text_init(&writer->text, writer->buffer, sizeof(writer->buffer));
}

void
rtm_writer_init(struct rtm_writer *writer, int file)
{
	writer->file = file;
	writer->error = 0;
	rtm_text_init(&writer->text, writer->buffer, sizeof(writer->buffer));
}

void
rtm_writer_add(struct rtm_writer *writer, const char *string)
{
	size_t n = strlen(string);

	while (n != 0) {
		size_t room = sizeof(writer->buffer) - writer->text.length - 1;
		size_t n_now = n < room ? n : room;

		rtm_text_add_bytes(&writer->text, string, n_now);
		string += n_now;
		n -= n_now;
		if (n != 0)
			flush(writer);
	}
}

void
rtm_writer_add_right(struct rtm_writer *writer, uint64_t number, unsigned width)
{
	char digits[24];
	struct rtm_text text;

	rtm_text_init(&text, digits, sizeof(digits));
	rtm_text_add_number(&text, number);
	for (size_t n = text.length; n < width; n++)
		rtm_writer_add(writer, " ");
	rtm_writer_add(writer, digits);
}

void
rtm_writer_add_number(struct rtm_writer *writer, uint64_t number)
{
	rtm_writer_add_right(writer, number, 0);
}

int
rtm_writer_finish(struct rtm_writer *writer)
{
	flush(writer);
	return writer->error;
}
