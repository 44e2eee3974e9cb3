/* bond: several links as one, for more throughput or in case one fails.
 *
 * A port must be down when it joins, and is set up by joining. Some options want the bond down (its routes
 * go meanwhile), and `mode` and `fail-over-mac` want it without ports: those make it anew. Watching links
 * by `miimon` and by ARP exclude each other: setting one silently ends the other. Delays are kept as
 * multiples of `miimon` and rounded down to one. Some modes turn `miimon` on by themselves (100 ms), so
 * its fallback varies. A bond that watches nothing never notices a dead link. The module, when it is
 * loaded by the first bond, makes a `bond0` of its own (max_bonds=1), which is then in the way of ours. */
#include <linux/if_bonding.h>
#include <linux/if_link.h>

#include "base/ip.h"
#include "model/kinds.h"

static const struct name mode_names[] = {
    {"balance-rr", BOND_MODE_ROUNDROBIN}, {"active-backup", BOND_MODE_ACTIVEBACKUP},
    {"balance-xor", BOND_MODE_XOR},       {"broadcast", BOND_MODE_BROADCAST},
    {"802.3ad", BOND_MODE_8023AD},        {"balance-tlb", BOND_MODE_TLB},
    {"balance-alb", BOND_MODE_ALB},       {NULL, 0},
};
static const struct name lacp_rate_names[] = {{"slow", 0}, {"fast", 1}, {NULL, 0}};
static const struct name ad_select_names[] = {{"stable", 0}, {"bandwidth", 1}, {"count", 2}, {NULL, 0}};
static const struct name validate_names[] = {
    {"none", 0},   {"active", 1},        {"backup", 2},        {"all", 3},
    {"filter", 4}, {"filter_active", 5}, {"filter_backup", 6}, {NULL, 0},
};
static const struct name any_all_names[] = {{"any", 0}, {"all", 1}, {NULL, 0}};
static const struct name reselect_names[] = {{"always", 0}, {"better", 1}, {"failure", 2}, {NULL, 0}};
static const struct name fail_over_names[] = {{"none", 0}, {"active", 1}, {"follow", 2}, {NULL, 0}};
static const struct name hash_names[] = {
    {"layer2", BOND_XMIT_POLICY_LAYER2},
    {"layer3+4", BOND_XMIT_POLICY_LAYER34},
    {"layer2+3", BOND_XMIT_POLICY_LAYER23},
    {"encap2+3", BOND_XMIT_POLICY_ENCAP23},
    {"encap3+4", BOND_XMIT_POLICY_ENCAP34},
    {"vlan+srcmac", BOND_XMIT_POLICY_VLAN_SRCMAC},
    {NULL, 0},
};

static const struct option options[] = {
    {
        .key = "mode",
        .type = TYPE_ENUM,
        .wire = WIRE_U8,
        .attr = IFLA_BOND_MODE,
        .change = CHANGE_RECREATE,
        .names = mode_names,
        .fallback = "balance-rr",
        .ip = "mode %v",
        .help =
            "How the ports share the work: `active-backup` needs nothing from the switch, `802.3ad` is LACP.",
    },
    {
        .key = "miimon",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_BOND_MIIMON,
        .min = 0,
        .max = INT32_MAX,
        .unit = "ms",
        .ip = "miimon %v",
        .help = "How often the links of the ports are looked at; 0 is never.",
    },
    {
        .key = "updelay",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_BOND_UPDELAY,
        .min = 0,
        .max = INT32_MAX,
        .unit = "ms",
        .fallback = "0",
        .ip = "updelay %v",
        .help = "How long a link must be up before it is used: a multiple of `miimon`.",
    },
    {
        .key = "downdelay",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_BOND_DOWNDELAY,
        .min = 0,
        .max = INT32_MAX,
        .unit = "ms",
        .fallback = "0",
        .ip = "downdelay %v",
        .help = "How long a link must be down before it is given up: a multiple of `miimon`.",
    },
    {
        .key = "lacp-rate",
        .type = TYPE_ENUM,
        .wire = WIRE_U8,
        .attr = IFLA_BOND_AD_LACP_RATE,
        .change = CHANGE_DOWN,
        .names = lacp_rate_names,
        .fallback = "slow",
        .ip = "lacp_rate %v",
        .help = "How often the partner shall send LACP messages: every 30 s (slow) or every second (fast).",
    },
    {
        .key = "lacp-active",
        .type = TYPE_BOOL,
        .wire = WIRE_U8,
        .attr = IFLA_BOND_AD_LACP_ACTIVE,
        .change = CHANGE_DOWN,
        .fallback = "true",
        .ip = "lacp_active %o",
        .help = "Whether it sends LACP messages without being asked.",
    },
    {
        .key = "ad-select",
        .type = TYPE_ENUM,
        .wire = WIRE_U8,
        .attr = IFLA_BOND_AD_SELECT,
        .change = CHANGE_DOWN,
        .names = ad_select_names,
        .fallback = "stable",
        .ip = "ad_select %v",
        .help = "Which group of ports is used in mode 802.3ad when there are several.",
    },
    {
        .key = "hash-policy",
        .type = TYPE_ENUM,
        .wire = WIRE_U8,
        .attr = IFLA_BOND_XMIT_HASH_POLICY,
        .names = hash_names,
        .fallback = "layer2",
        .ip = "xmit_hash_policy %v",
        .help = "What of a packet decides by which port it leaves.",
    },
    {
        .key = "min-links",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_BOND_MIN_LINKS,
        .min = 0,
        .max = INT32_MAX,
        .unit = "ports",
        .fallback = "0",
        .ip = "min_links %v",
        .help = "How many ports must work before the bond has carrier.",
    },
    {
        .key = "primary",
        .type = TYPE_DEVICE,
        .wire = WIRE_IFINDEX,
        .attr = IFLA_BOND_PRIMARY,
        .change = CHANGE_BLINK,
        .ip = "primary %v",
        .help = "The port that is used whenever it works.",
    },
    {
        .key = "primary-reselect",
        .type = TYPE_ENUM,
        .wire = WIRE_U8,
        .attr = IFLA_BOND_PRIMARY_RESELECT,
        .names = reselect_names,
        .fallback = "always",
        .ip = "primary_reselect %v",
        .help = "When the primary is taken again after it failed: always, if it is better, or only when the "
                "other fails.",
    },
    {
        .key = "fail-over-mac",
        .type = TYPE_ENUM,
        .wire = WIRE_U8,
        .attr = IFLA_BOND_FAIL_OVER_MAC,
        .change = CHANGE_RECREATE,
        .names = fail_over_names,
        .fallback = "none",
        .ip = "fail_over_mac %v",
        .help = "Whether the ports keep their MAC addresses in mode active-backup.",
    },
    {
        .key = "arp-interval",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_BOND_ARP_INTERVAL,
        .min = 0,
        .max = INT32_MAX,
        .unit = "ms",
        .fallback = "0",
        .ip = "arp_interval %v",
        .help = "How often the targets are asked by ARP; 0 is never. Excludes `miimon`.",
    },
    {
        .key = "arp-targets",
        .type = TYPE_IP,
        .wire = WIRE_IP_LIST,
        .attr = IFLA_BOND_ARP_IP_TARGET,
        .flags = OPTION_LIST,
        .fallback = "",
        .ip = "arp_ip_target %v",
        .help = "Up to 16 IPv4 addresses that answer by ARP while the link works.",
    },
    {
        .key = "arp-validate",
        .type = TYPE_ENUM,
        .wire = WIRE_U32,
        .attr = IFLA_BOND_ARP_VALIDATE,
        .names = validate_names,
        .fallback = "none",
        .ip = "arp_validate %v",
        .help = "At which ports only the answers of the targets count as signs of life.",
    },
    {
        .key = "arp-all-targets",
        .type = TYPE_ENUM,
        .wire = WIRE_U32,
        .attr = IFLA_BOND_ARP_ALL_TARGETS,
        .names = any_all_names,
        .fallback = "any",
        .ip = "arp_all_targets %v",
        .help = "Whether any or all of the targets must answer.",
    },
    {
        .key = "num-grat-arp",
        .type = TYPE_NUMBER,
        .wire = WIRE_U8,
        .attr = IFLA_BOND_NUM_PEER_NOTIF,
        .min = 0,
        .max = 255,
        .fallback = "1",
        .ip = "num_grat_arp %v",
        .help = "How many gratuitous ARP and unsolicited neighbour messages are sent after a change of port.",
    },
    {
        .key = "resend-igmp",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_BOND_RESEND_IGMP,
        .min = 0,
        .max = 255,
        .fallback = "1",
        .ip = "resend_igmp %v",
        .help = "How many IGMP reports are sent after a change of port.",
    },
    {
        .key = "all-ports-active",
        .type = TYPE_BOOL,
        .wire = WIRE_U8,
        .attr = IFLA_BOND_ALL_SLAVES_ACTIVE,
        .fallback = "false",
        .ip = "all_slaves_active %b",
        .help = "Whether frames that come in by an inactive port are taken.",
    },
    {
        .key = "packets-per-port",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_BOND_PACKETS_PER_SLAVE,
        .min = 0,
        .max = 65535,
        .unit = "packets",
        .fallback = "1",
        .ip = "packets_per_slave %v",
        .help = "In mode balance-rr, how many packets a port sends before it is the next one's turn; 0 "
                "chooses at random.",
    },
    {
        .key = "learn-packet-interval",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_BOND_LP_INTERVAL,
        .min = 1,
        .max = INT32_MAX,
        .unit = "s",
        .fallback = "1",
        .ip = "lp_interval %v",
        .help = "In the modes balance-tlb and balance-alb, how often the switch is shown the MAC addresses.",
    },
};

enum { ARP_TARGETS_MAX = 16 };

static unsigned bit(int64_t mode)
{
    return 1U << mode;
}

static const unsigned needs_link_watch = 1U << BOND_MODE_8023AD | 1U << BOND_MODE_TLB | 1U << BOND_MODE_ALB;

/* Options that Linux takes in some modes only. */
static const struct {
    const char *key;
    unsigned modes;
    const char *words;
} only_in[] = {
    {"lacp-rate", 1U << BOND_MODE_8023AD, "802.3ad"},
    {"lacp-active", 1U << BOND_MODE_8023AD, "802.3ad"},
    {"packets-per-port", 1U << BOND_MODE_ROUNDROBIN, "balance-rr"},
    {"primary", 1U << BOND_MODE_ACTIVEBACKUP | 1U << BOND_MODE_TLB | 1U << BOND_MODE_ALB,
     "active-backup, balance-tlb or balance-alb"},
    {"arp-interval",
     1U << BOND_MODE_ROUNDROBIN | 1U << BOND_MODE_ACTIVEBACKUP | 1U << BOND_MODE_XOR |
         1U << BOND_MODE_BROADCAST,
     "balance-rr, active-backup, balance-xor or broadcast"},
    {"arp-validate",
     1U << BOND_MODE_ROUNDROBIN | 1U << BOND_MODE_ACTIVEBACKUP | 1U << BOND_MODE_XOR |
         1U << BOND_MODE_BROADCAST,
     "balance-rr, active-backup, balance-xor or broadcast"},
};

static void check_modes(const struct object *bond, int64_t mode, struct errors *errors)
{
    for (unsigned i = 0; i < sizeof only_in / sizeof only_in[0]; i++)
        if (object_has(bond, only_in[i].key) && !(only_in[i].modes & bit(mode)))
            errors_add(errors, &bond->place,
                       "`%s` of the bond %s/%s works in mode %s only, and the mode is %s", only_in[i].key,
                       bond->ns, bond->name, only_in[i].words, names_format(mode_names, mode));
}

/* Linux rounds a delay down without a word, and then it would differ from the file for ever. */
static void check_delay(const struct object *bond, const char *key, int64_t miimon, struct errors *errors)
{
    int64_t delay = object_number(bond, key, 0);
    if (delay && !miimon)
        errors_add(errors, &bond->place, "`%s` of the bond %s/%s needs `miimon`", key, bond->ns, bond->name);
    else if (delay && delay % miimon)
        errors_add(errors, &bond->place,
                   "`%s` of the bond %s/%s is %lld ms, and must be a multiple of `miimon` (%lld ms)", key,
                   bond->ns, bond->name, (long long)delay, (long long)miimon);
}

static void check_targets(const struct object *bond, struct errors *errors)
{
    const char *targets = object_text(bond, "arp-targets");
    unsigned n = 1;
    if (!targets || !*targets) {
        if (object_number(bond, "arp-interval", 0))
            errors_add(errors, &bond->place, "`arp-interval` of the bond %s/%s needs `arp-targets`", bond->ns,
                       bond->name);
        return;
    }
    for (const char *c = targets; *c; c++)
        n += *c == ',';
    if (n > ARP_TARGETS_MAX)
        errors_add(errors, &bond->place, "the bond %s/%s has %u `arp-targets`, and at most %d are possible",
                   bond->ns, bond->name, n, ARP_TARGETS_MAX);
    if (ip_text_is_ipv6(targets))
        errors_add(errors, &bond->place,
                   "`arp-targets` of the bond %s/%s are asked by ARP, and must be IPv4 addresses", bond->ns,
                   bond->name);
}

static void check(const struct object *bond, struct errors *errors)
{
    int64_t mode = object_number(bond, "mode", BOND_MODE_ROUNDROBIN);
    int64_t miimon = object_number(bond, "miimon", needs_link_watch & bit(mode) ? 100 : 0);
    check_modes(bond, mode, errors);
    check_delay(bond, "updelay", miimon, errors);
    check_delay(bond, "downdelay", miimon, errors);
    check_targets(bond, errors);
    if (miimon && object_number(bond, "arp-interval", 0))
        errors_add(errors, &bond->place, "`miimon` and `arp-interval` of the bond %s/%s exclude each other",
                   bond->ns, bond->name);
    if (!miimon && !object_number(bond, "arp-interval", 0))
        errors_warn(errors, &bond->place,
                    "the bond %s/%s has neither `miimon` nor `arp-interval`, and never notices a dead link",
                    bond->ns, bond->name);
}

const struct kind kind_bond = {
    .name = "bond",
    .info_kind = "bond",
    .maker = MAKER_LINK,
    .flags = KIND_PORTS | KIND_PORTS_DOWN,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .mtu = 1500,
    .comes_with = "bond0",
    .config = "BONDING",
    .help = "Several interfaces as one, for throughput or in case one fails.",
    .check = check,
};
