/* What is known of settings by their names. */
#pragma once
#include <stdbool.h>

/* Its value is a mask of processors, in hexadecimal without 0x. */
bool sysctl_is_mask(const char *name);

/* The name under which a setting is kept that has two: net/ipv4/conf/all/forwarding is also
 * net/ipv4/ip_forward. */
const char *sysctl_plain(const char *name);

/* Whoever writes the leader sets the follower too: to the same value, or to the contrary. */
struct sysctl_follower {
    const char *leader;
    const char *name; /* "*": any interface, and `default` */
    bool is_contrary;
};
extern const struct sysctl_follower sysctl_followers[]; /* ended by one without a leader */
/* By the name of any object: those of others are never like that of a setting. The row, or NULL. */
bool sysctl_leads(const char *name);
const struct sysctl_follower *sysctl_follower_of(const char *name);
/* What it is when the leader was set to the value. */
const char *sysctl_followed(const struct sysctl_follower *follower, const char *value);
