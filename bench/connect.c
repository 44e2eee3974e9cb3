/* How long new connections take: connect CLIENT SERVER ADDRESS PORT N
 *
 * Listens in the namespace SERVER, connects N times from CLIENT, one after another, and prints how many nanoseconds one
 * took. Each is ended by a reset, so that nothing waits for a port to become free. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int socket_in(const char *ns)
{
    char path[256];
    snprintf(path, sizeof path, "/run/netns/%s", ns);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
        die(path);
    close(fd);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        die("socket");
    return fd;
}

int main(int argc, char **argv)
{
    if (argc != 6)
        return 2;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[4]))};
    const struct linger reset = {.l_onoff = 1};
    int one = 1, n = atoi(argv[5]);
    struct timespec begun, ended;
    inet_pton(AF_INET, argv[3], &to.sin_addr);
    int server = socket_in(argv[2]);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(server, (struct sockaddr *)&to, sizeof to) < 0 || listen(server, 128) < 0)
        die("listen");
    close(socket_in(argv[1]));
    clock_gettime(CLOCK_MONOTONIC, &begun);
    for (int i = 0; i < n; i++) {
        int client = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(client, (struct sockaddr *)&to, sizeof to) < 0)
            die("connect");
        int accepted = accept(server, NULL, NULL);
        setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(client);
        close(accepted);
    }
    clock_gettime(CLOCK_MONOTONIC, &ended);
    printf("%.0f\n",
           ((double)(ended.tv_sec - begun.tv_sec) * 1e9 + (double)(ended.tv_nsec - begun.tv_nsec)) / n);
    return 0;
}
