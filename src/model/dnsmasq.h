/* What dnsmasq(8) is told for a network: the texts of its files, as pure functions of what the file says. */
#pragma once
#include "base/text.h"
#include "model/network.h"

/* Its configuration; `folder` is where its other files are. */
void dnsmasq_config(const struct network *network, const char *folder, struct text *out);
/* The names of guests with addresses of their own, as in hosts(5). */
void dnsmasq_names(const struct network *network, struct text *out);
/* Addresses that are kept for one client (--dhcp-hostsfile). */
void dnsmasq_leases(const struct network *network, struct text *out);
/* Whether it is a DHCP option that dnsmasq knows by that name or number: "ntp-server", "42", "option6:23". */
bool dnsmasq_knows_option(const char *name, const char **ret_near);
/* A line of --dhcp-optsfile. */
void dnsmasq_option(const char *name, const char *value, struct text *out);
/* Whether DNS can have it as a name. */
bool dnsmasq_can_name(const char *name);
