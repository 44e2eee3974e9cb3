/*
 * Runs a fuzz target over its corpus as a plain test, for builds without libFuzzer.
 *
 * Each argument is a file, or a folder of files. A file is given whole, and then cut short at up to CUTS
 * places: the end of the input is where a parser most often reads too far. Every input lies in a heap block
 * of its exact size, so that a sanitizer sees one byte too many.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CUTS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long n_inputs;

static void input_run(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size ? size : 1);

    if (!exact)
        abort();
    memcpy(exact, data, size);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    n_inputs++;
}

static int file_run(const char *path, size_t size)
{
    uint8_t *data = malloc(size + 1);
    FILE *f = fopen(path, "rb");
    int r = -EIO;

    if (data && f && fread(data, 1, size, f) == size) {
        size_t step = size / CUTS + 1;

        input_run(data, size);
        for (size_t cut = 0; cut < size; cut += step)
            input_run(data, cut);
        r = 0;
    } else {
        fprintf(stderr, "%s: cannot be read\n", path);
    }
    if (f)
        fclose(f);
    free(data);
    return r;
}

static int path_run(const char *path)
{
    struct stat st;
    struct dirent *entry;
    DIR *dir;
    int r = 0;

    if (stat(path, &st) < 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -errno;
    }
    if (!S_ISDIR(st.st_mode))
        return file_run(path, (size_t)st.st_size);

    dir = opendir(path);
    if (!dir)
        return -errno;
    while (r == 0 && (entry = readdir(dir))) {
        char child[PATH_MAX];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
        r = path_run(child);
    }
    closedir(dir);
    return r;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (path_run(argv[i]) < 0)
            return EXIT_FAILURE;
    if (n_inputs == 0) {
        fprintf(stderr, "no inputs: the corpus is empty\n");
        return EXIT_FAILURE;
    }
    printf("%lu inputs\n", n_inputs);
    return EXIT_SUCCESS;
}
