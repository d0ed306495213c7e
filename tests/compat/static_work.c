/*
 * static_work.c - what a program that is linked statically does all day
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern void *__libc_malloc(size_t n_bytes);
extern void __libc_free(void *block);

static void *
work(void *text)
{
	char *blocks[100] = { NULL };
	size_t n = 0;

	for (unsigned i = 0; i < 20000; i++) {
		unsigned which = i * 7919u % 100;

		free(blocks[which]);
		n = i * 31u % 5000 + 1;
		blocks[which] = i % 3 ? malloc(n) : aligned_alloc(64, n);
		if (blocks[which] == NULL ||
		    malloc_usable_size(blocks[which]) < n)
			return NULL;
		memset(blocks[which], (int)i, n);
	}
	for (unsigned i = 0; i < 100; i++)
		free(blocks[i]);
	return text;
}

int
main(void)
{
	pthread_t threads[4];
	char *line = NULL;
	int status = 0;
	size_t n_line = 0;
	void *result;
	FILE *stream;
	pid_t child;

	for (int i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, work, "done") != 0)
			return 1;
	child = fork();
	if (child == 0)
		_exit(work("done") == NULL);
	for (int i = 0; i < 4; i++)
		if (pthread_join(threads[i], &result) != 0 || result == NULL)
			return 2;
	if (waitpid(child, &status, 0) != child || status != 0)
		return 3;
	stream = open_memstream(&line, &n_line);
	for (int i = 0; i < 10000; i++)
		fprintf(stream, "%d ", i);
	if (fclose(stream) != 0 || n_line != 48890)
		return 4;
	free(line);
	__libc_free(__libc_malloc(10));
	__libc_free(malloc(10));
	free(__libc_malloc(10));
	puts("good");
	return 0;
}
