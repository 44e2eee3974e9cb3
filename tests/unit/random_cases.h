/* Cases that random pairs have found, as small as they could be made. */
#pragma once

enum way { A_TO_B, NOTHING_TO_B, A_TO_NOTHING };

struct known_case {
    const char *name;
    enum way way;                /* of what is struck */
    const char *foreign, *a, *b; /* as random_say.h reads them, a line for each object */
    bool adopt, moves;
};

static const struct known_case known_cases[] = {
    {
        .name = "what was seen returns when the journal stays",
        .a = "dummy host name=d0 up=true\n",
    },
    {
        .name = "what was seen returns after down",
        .way = A_TO_NOTHING,
        .a = "dummy host name=d0 up=true\n",
    },
    {
        .name = "what was seen is not lost on a way back that is struck",
        .a = "dummy host name=d0 up=true\n",
        .b = "dummy host name=d0 up=true\n"
             "dummy host name=d1 up=true\n",
    },
    {
        .name = "the namespace of births is not left behind",
        .way = NOTHING_TO_B,
        .b = "namespace host name=n2\n"
             "loopback n2 name=lo up=true\n"
             "sysctl n2 name=net/ipv4/ip_forward value=1\n",
    },
    {
        .name = "a route that no longer says its interface may lie on any",
        .a = "dummy host name=d0 up=true\n"
             "dummy host name=d1 up=true\n"
             "address host dev=d1 address=10.3.0.2/24\n"
             "route host to=10.14.0.0/16 dev=d0\n",
        .b = "dummy host name=d0 up=true\n"
             "dummy host name=d1 up=true\n"
             "address host dev=d1 address=10.3.0.2/24\n"
             "route host to=10.14.0.0/16 via=10.3.0.100\n",
    },
    {
        .name = "a port that was none before goes back to what a port is born with",
        .foreign = "physical host name=eth0 up=true mac=52:54:00:00:00:01\n",
        .a = "bridge host name=br1 up=true\n"
             "physical host name=eth0 up=true master=host/br1 vlans=10+pvid+untagged hairpin=true\n",
        .b = "bridge host name=br1 up=true\n"
             "physical host name=eth0 up=true master=host/br1\n",
    },
    {
        .name = "what was made on an adopted bridge goes, though the bridge was changed too",
        .adopt = true,
        .way = NOTHING_TO_B,
        .foreign = "bridge host name=br1 up=true mtu=1400\n",
        .b = "bridge host name=br1 up=true mtu=1500\n"
             "address host dev=br1 address=10.3.0.2/24\n"
             "route host to=10.14.0.0/16 via=10.3.0.100\n"
             "neighbour host dev=br1 ip=10.3.0.50 mac=02:00:00:00:01:01\n",
    },
    {
        .name = "what agreed and dies by our doing returns to whoever it belongs to",
        .foreign = "physical host name=eth0 up=true mac=52:54:00:00:00:01\n"
                   "address host dev=eth0 address=fd01::2/64\n"
                   "neighbour host dev=eth0 ip=10.0.0.50 mac=02:00:00:00:01:01\n",
        .a = "physical host name=eth0 up=true\n"
             "address host dev=eth0 address=fd01::2/64\n"
             "neighbour host dev=eth0 ip=10.0.0.50 mac=02:00:00:00:01:01\n",
        .b = "physical host name=eth0 up=true master=host/vrf0\n"
             "vrf host name=vrf0 up=true table=500\n"
             "address host dev=eth0 address=fd01::2/64\n"
             "neighbour host dev=eth0 ip=10.0.0.50 mac=02:00:00:00:01:01\n",
    },
    {
        .name = "a route of others over several hops returns when one of their interfaces is made anew",
        .adopt = true,
        .way = NOTHING_TO_B,
        .foreign = "physical host name=eth0 up=true mac=52:54:00:00:00:01\n"
                   "address host dev=eth0 address=192.0.2.1/24\n"
                   "vlan host name=x1 up=true parent=host/eth0 id=10\n"
                   "address host dev=x1 address=10.3.0.1/24\n"
                   "route host to=10.14.0.0/16 nexthops=via+10.3.0.9+dev+x1,via+192.0.2.9+dev+eth0\n"
                   "route host to=10.15.0.0/16 nexthops=via+10.3.0.9+dev+x1,via+10.3.0.8+dev+x1\n",
        .b = "physical host name=eth0 up=true\n"
             "vlan host name=x1 up=true parent=host/eth0 id=20\n",
    },
    {
        .name = "what is made anew is plugged in again, and its entries return",
        .adopt = true,
        .way = NOTHING_TO_B,
        .foreign = "bridge host name=br1 up=true\n"
                   "tap host name=t0 up=true master=host/br1 owner=1000\n"
                   "fdb host dev=t0 mac=02:00:00:00:02:01\n",
        .b = "tap host name=t0 up=true owner=1001\n",
    },
    {
        .name = "what lies on a port of a bond returns once the bond has given it its MTU",
        .a = "bridge host name=br1 up=true\n"
             "dummy host name=d2 up=true master=host/bond0\n"
             "bond host name=bond0 up=true mtu=9000\n"
             "vlan host name=x3 up=true master=host/br1 parent=host/d2 id=30\n"
             "sysctl host name=net/ipv4/conf/x3/rp_filter value=1 dev=x3\n",
        .b = "dummy host name=d2 up=true\n",
    },
    {
        .name = "a first apply notes what it sees, also where it touches but a part",
        .foreign = "physical host name=eth1 up=true\n",
        .a = "physical host name=eth1 up=true\n"
             "namespace host name=n2\n"
             "loopback n2 name=lo up=true\n"
             "dummy n2 name=d3 up=true\n",
        .b = "dummy host name=d1 up=true\n"
             "namespace host name=n2\n"
             "loopback n2 name=lo up=true\n"
             "dummy n2 name=d4 up=true\n",
    },
    {
        .name = "what is seen goes again when nothing was to be done before",
        .foreign = "physical host name=eth1 up=true\n",
        .a = "physical host name=eth1 up=true\n",
        .b = "dummy host name=d1 up=true\n",
    },
    {
        .name = "what lies on a port of a bond returns once the bond has its MTU again",
        .a = "namespace host name=n0\n"
             "loopback n0 name=lo up=true\n"
             "veth n0 name=v5 up=false peer=n0/w0\n"
             "veth n0 name=w0 up=true master=n0/bond1 peer=n0/v5\n"
             "bond n0 name=bond1 up=false mode=802.3ad\n"
             "vlan host name=x0 up=true parent=n0/w0 id=20\n",
        .b = "namespace host name=n0\n"
             "loopback n0 name=lo up=true\n"
             "veth n0 name=v5 up=true peer=n0/w0\n"
             "veth n0 name=w0 up=true master=n0/bond1 peer=n0/v5\n"
             "bond n0 name=bond1 up=true mtu=1400 mode=802.3ad\n",
    },
    {
        .name = "what lies on an interface of another namespace returns to it",
        .a = "namespace host name=n1\n"
             "loopback n1 name=lo up=true\n"
             "dummy n1 name=d1 up=true\n"
             "dummy n1 name=d3 up=true\n"
             "macvlan host name=m0 up=true parent=n1/d3 mode=bridge\n",
        .b = "namespace host name=n1\n"
             "loopback n1 name=lo up=true\n"
             "dummy n1 name=d1 up=true\n"
             "dummy n1 name=d3 up=true\n"
             "macvlan host name=m0 up=true parent=n1/d1 mode=bridge\n",
    },
    {
        .name = "what joins a bond with an MTU of its own gets that back",
        .adopt = true,
        .way = NOTHING_TO_B,
        .foreign = "dummy host name=d3 up=true mtu=1500\n",
        .a = "bridge host name=br1 up=true mtu=9000\n"
             "dummy host name=d3 up=true mtu=1400 master=host/br1\n",
        .b = "bridge host name=br1 up=true mtu=9000\n"
             "dummy host name=d3 up=true master=host/bond0\n"
             "bond host name=bond0 up=true\n",
    },
    {
        .name = "the MTU that a bond gave is not what a port had before",
        .adopt = true,
        .foreign = "dummy host name=d2 up=true mtu=1500\n",
        .a = "dummy host name=d2 up=true master=host/bond0\n"
             "bond host name=bond0 up=true mtu=1400\n",
        .b = "dummy host name=d2 up=true mtu=1500\n",
    },
    {
        .name = "what others have on a card moves to the bridge and back",
        .way = NOTHING_TO_B,
        .foreign = "physical host name=eth0 up=true mac=52:54:00:00:00:01\n"
                   "address host dev=eth0 address=192.0.2.1/24\n"
                   "address host dev=eth0 address=192.0.2.2/24\n"
                   "address host dev=eth0 address=2001:db8::1/64\n"
                   "route host to=default via=192.0.2.254 src=192.0.2.1\n"
                   "route host to=198.51.100.0/24 dev=eth0 table=77\n"
                   "neighbour host dev=eth0 ip=192.0.2.254 mac=52:54:00:00:00:fe\n",
        .b = "bridge host name=br0 up=true\n"
             "physical host name=eth0 up=true master=host/br0\n"
             "namespace host name=n0\n"
             "loopback n0 name=lo up=true\n"
             "veth host name=v0 peer=n0/w0 up=true master=host/br0\n"
             "veth n0 name=w0 peer=host/v0 up=true\n",
        .moves = true,
    },
    {
        .name = "it returns when the bridge goes",
        .way = A_TO_NOTHING,
        .foreign = "physical host name=eth0 up=true mac=52:54:00:00:00:01\n"
                   "address host dev=eth0 address=192.0.2.1/24\n"
                   "route host to=default via=192.0.2.254 src=192.0.2.1\n",
        .a = "bridge host name=br0 up=true\n"
             "physical host name=eth0 up=true master=host/br0\n",
        .moves = true,
    },
    {
        .name = "it moves on to another bridge",
        .foreign = "physical host name=eth0 up=true mac=52:54:00:00:00:01\n"
                   "address host dev=eth0 address=192.0.2.1/24\n"
                   "route host to=default via=192.0.2.254\n",
        .a = "bridge host name=br0 up=true\n"
             "physical host name=eth0 up=true master=host/br0\n",
        .b = "bridge host name=br1 up=true\n"
             "physical host name=eth0 up=true master=host/br1\n",
        .moves = true,
    },
    {
        .name = "a bridge that stays gives it back with the marks that it had",
        .way = NOTHING_TO_B,
        .foreign = "physical host name=eth0 up=true mac=52:54:00:00:00:01\n"
                   "address host dev=eth0 address=192.0.2.2/24\n"
                   "route host to=default metric=100 via=192.0.2.254\n"
                   "bridge host name=br0 up=true mtu=1500\n"
                   "address host dev=br0 address=10.204.0.1/24\n",
        .b = "bridge host name=br0 up=true\n"
             "physical host name=eth0 up=true master=host/br0\n",
        .adopt = true,
        .moves = true,
    },
    {
        .name = "a VLAN of the card is a port of the same bridge",
        .foreign = "physical host name=eth0 up=true mac=52:54:00:00:00:01\n"
                   "address host dev=eth0 address=192.0.2.1/24\n"
                   "route host to=default via=192.0.2.254\n",
        .a = "bridge host name=br1 up=true\n"
             "physical host name=eth0 up=true master=host/br1\n"
             "vlan host name=x2 up=true master=host/br1 parent=host/eth0 id=30\n",
        .moves = true,
    },
};
