/* A packet in a person's words: "tcp/22 from wan", "from 192.0.2.7 to 10.0.0.5 tcp/80 in eno1 out br0". */
#pragma once
#include "cli/command.h"
#include "model/firewall/firewall.h"
#include "model/network.h"
#include "model/nft/evaluate.h"

struct question {
    const struct firewall *fw;
    const struct network *networks;
    const struct model *model; /* whose addresses and routes say where a packet goes */
    struct nft_packet packet;
    bool from_host;
    const char *unsaid; /* an interface whose addresses are not known; NULL: none */
    bool is_said_where; /* the words say whether it is for the host, or where it leaves */
};

/* Reads the words, and fills in what they leave open: interfaces by the addresses, addresses by the
 * zones; else examples of the documentation (RFC 5737, 3849). RESULT_DONE, or RESULT_USAGE with an error. */
enum result packet_read(struct cli *cli, char *const *words, size_t n, struct question *question);

/* Whether an address is one of the namespace itself; the interface by which it sends to another, NULL:
 * not known. */
bool packet_is_local(const struct question *question, const char *address);
const char *packet_route(const struct question *question, const char *address);
