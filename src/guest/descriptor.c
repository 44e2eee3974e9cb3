#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "guest/plug.h"

/* unix(7): with at least a byte of data, which means nothing. */
int descriptor_pass(int socket, int fd)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    char byte = 0;
    struct iovec data = {&byte, sizeof byte};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.bytes};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(rights), &fd, sizeof fd);
    while (sendmsg(socket, &message, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}
