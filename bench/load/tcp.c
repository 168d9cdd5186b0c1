/* TCP connections to an IPv4 address. */
#include "tcp.h"

#include "measure.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

int tcp_connect(const char *host, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
        return -1;
    int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_fd < 0)
        return -1;
    int yes = 1;
    setsockopt(socket_fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(socket_fd, (struct sockaddr *)&address, sizeof address)) {
        close(socket_fd);
        return -1;
    }
    return socket_fd;
}

int tcp_wait(const char *host, int port, double deadline)
{
    while (now() < deadline) {
        int socket_fd = tcp_connect(host, port);
        if (socket_fd >= 0) {
            close(socket_fd);
            return 0;
        }
        usleep(1000);
    }
    return -1;
}
