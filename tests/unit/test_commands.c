/* Steps and the commands that are shown for them, word by word. That the commands also do what they say is
 * proven on a kernel by tests/net/commands_true.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "model/object.h"
#include "model/step.h"

/* An object: "[namespace:]class-or-kind key=value; key=value". A value that stays empty is the empty text. */
struct row {
    enum verb verb;
    const char *old, *new, *peer;
    const char *lines; /* each with its newline */
};

#define RULE_LO                                                                                           \
    "{\"expr\":[{\"match\":{\"left\":{\"meta\":{\"key\":\"iifname\"}},\"op\":\"==\",\"right\":\"lo\"}},{" \
    "\"accept\":null}]}"
#define RULE_SET                                                                                \
    "{\"comment\":\"deny from "                                                                 \
    "@blocked\",\"expr\":[{\"match\":{\"left\":{\"payload\":{\"field\":\"saddr\",\"protocol\":" \
    "\"ip\"}},\"op\":\"==\",\"right\":\"@blocked\"}},{\"counter\":null},{\"drop\":null}]}"

static const struct row rows[] = {
    /* namespace */
    {VERB_ADD, NULL, "namespace name=red", NULL, "ip netns add red\n"},
    {VERB_ADD, NULL, "namespace name=c1; pid=4711", NULL, "ip netns attach c1 4711\n"},
    {VERB_ADD, NULL, "namespace name=c1; path=/proc/1/ns/net", NULL,
     "mkdir -p /run/netns && touch /run/netns/c1 && mount --bind /proc/1/ns/net /run/netns/c1\n"},
    {VERB_DEL, "namespace name=red", NULL, NULL, "ip netns del red\n"},

    /* bridge */
    {VERB_ADD, NULL, "bridge name=br0; up=true", NULL, "ip link add name br0 up type bridge\n"},
    {VERB_ADD, NULL,
     "bridge name=br0; up=false; mtu=9000; stp=on; vlan-aware=yes; ageing-time=60; vlan-protocol=802.1ad; "
     "forward-delay=15",
     NULL,
     "ip link add name br0 mtu 9000 type bridge stp_state 1 vlan_filtering 1 vlan_protocol 802.1ad "
     "ageing_time "
     "6000\n"},
    {VERB_ADD, NULL, "red:bridge name=br0; up=true; vlan-default-pvid=5; vlans=5 pvid untagged,10-12", NULL,
     "ip -n red link add name br0 up type bridge vlan_default_pvid 5\n"
     "bridge -n red vlan add dev br0 vid 10-12 self\n"},
    {VERB_SET, "bridge name=br0; up=true; ageing-time=60; multicast-router=auto",
     "bridge name=br0; up=true; ageing-time=300; multicast-router=always", NULL,
     "ip link set dev br0 type bridge ageing_time 30000 mcast_router 2\n"},
    {VERB_SET, "bridge name=br0; up=false; vlans=1 pvid untagged", "bridge name=br0; up=true; vlans=", NULL,
     "bridge vlan del dev br0 vid 1 self\n"
     "ip link set dev br0 up\n"},
    {VERB_DEL, "red:bridge name=br0; up=true", NULL, NULL, "ip -n red link del dev br0\n"},

    /* veth, and what all interfaces have */
    {VERB_ADD, NULL, "veth name=v0; up=true; mtu=1400; mac=02:00:00:00:00:01; master=host/br0; peer=red/eth0",
     "red:veth name=eth0; up=true; mtu=1300; mac=02:00:00:00:00:02; peer=host/v0",
     "ip link add name v0 mtu 1400 address 02:00:00:00:00:01 master br0 up type veth peer name eth0 mtu 1300 "
     "address 02:00:00:00:00:02 netns red\n"},
    {VERB_ADD, NULL, "red:veth name=eth0; up=true; peer=blue/eth0",
     "blue:veth name=eth0; up=true; peer=red/eth0",
     "ip -n red link add name eth0 up type veth peer name eth0 netns blue\n"},
    {VERB_ADD, NULL, "veth name=a; up=false; peer=host/b", "veth name=b; up=false; peer=host/a",
     "ip link add name a type veth peer name b\n"},
    {VERB_ADD, NULL, "red:veth name=a; up=true; peer=host/b", NULL,
     "ip -n red link add name a up type veth peer name b netns $$\n"},
    {VERB_ADD, NULL, "veth name=a; up=true; peer=?", NULL, "ip link add name a up type veth\n"},
    {VERB_ADD, NULL,
     "veth name=v0; up=true; master=host/br0; isolated=true; flood=true; path-cost=7; vlans=10 pvid untagged",
     NULL,
     "ip link add name v0 master br0 up type veth\n"
     "ip link set dev v0 type bridge_slave isolated on cost 7\n"
     "bridge vlan del dev v0 vid 1\n"
     "bridge vlan add dev v0 vid 10 pvid untagged\n"},
    {VERB_SET, "red:veth name=eth0; up=false; peer=host/v0", "red:veth name=eth0; up=true; peer=host/v0",
     NULL, "ip -n red link set dev eth0 up\n"},
    {VERB_SET, "veth name=v0; up=true; mtu=1500", "veth name=v0; up=false; mtu=1400", NULL,
     "ip link set dev v0 down\n"
     "ip link set dev v0 mtu 1400\n"},
    {VERB_SET, "veth name=v0; up=false; mtu=1500", "veth name=v0; up=true; mtu=1400; qlen=100", NULL,
     "ip link set dev v0 mtu 1400 txqueuelen 100 up\n"},
    {VERB_SET, "veth name=v0; up=true; master=host/br0", "veth name=v0; up=true; master=", NULL,
     "ip link set dev v0 nomaster\n"},
    {VERB_SET, "veth name=v0; up=false; master=host/br0; hairpin=true; vlans=10 pvid untagged",
     "veth name=v0; up=true; master=host/br1; hairpin=true; vlans=10 pvid untagged", NULL,
     "ip link set dev v0 master br1\n"
     "ip link set dev v0 type bridge_slave hairpin on\n"
     "bridge vlan del dev v0 vid 1\n"
     "bridge vlan add dev v0 vid 10 pvid untagged\n"
     "ip link set dev v0 up\n"},
    {VERB_SET, "veth name=v0; up=true; master=host/br0; vlans=1 pvid untagged,20-30; learning=true",
     "veth name=v0; up=true; master=host/br0; vlans=1 untagged,20-24,26-30,40 pvid untagged; learning=false",
     NULL,
     "ip link set dev v0 type bridge_slave learning off\n"
     "bridge vlan del dev v0 vid 25\n"
     "bridge vlan add dev v0 vid 1 untagged\n"
     "bridge vlan add dev v0 vid 40 pvid untagged\n"},
    {VERB_DEL, "veth name=v0; up=true; peer=red/eth0", NULL, "red:veth name=eth0; peer=host/v0",
     "ip link del dev v0\n"},

    /* hardware and loopback */
    {VERB_ADD, NULL, "red:loopback name=lo; up=true", NULL, "ip -n red link set dev lo up\n"},
    {VERB_SET, "physical name=eno1; up=false; mtu=1500",
     "physical name=eno1; up=true; mtu=9000; master=host/br0", NULL,
     "ip link set dev eno1 mtu 9000 master br0 up\n"},
    {VERB_DEL, "physical name=eno1; up=true", NULL, NULL, ""},
    {VERB_DEL, "other name=team0; up=true", NULL, NULL, "ip link del dev team0\n"},

    /* tap, tun */
    {VERB_ADD, NULL, "tap name=tap0; up=true; owner=1000; group=100; multi-queue=true; master=host/br0", NULL,
     "ip tuntap add dev tap0 mode tap user 1000 group 100 multi_queue\n"
     "ip link set dev tap0 master br0 up\n"},
    {VERB_ADD, NULL, "red:tun name=tun0; up=false; packet-info=true; vnet-header=false", NULL,
     "ip -n red tuntap add dev tun0 mode tun pi\n"},
    {VERB_SET, "tap name=tap0; up=false", "tap name=tap0; up=true", NULL, "ip link set dev tap0 up\n"},
    {VERB_DEL, "tap name=tap0; up=true", NULL, NULL, "ip link del dev tap0\n"},

    /* what lies on another */
    {VERB_ADD, NULL, "vlan name=eno1.10; up=true; parent=host/eno1; id=10; protocol=802.1q", NULL,
     "ip link add name eno1.10 link eno1 up type vlan id 10\n"},
    {VERB_ADD, NULL, "vlan name=s; up=true; parent=host/eno1; id=10; protocol=802.1ad", NULL,
     "ip link add name s link eno1 up type vlan id 10 protocol 802.1ad\n"},
    {VERB_ADD, NULL, "red:macvlan name=eth0; up=true; mac=02:00:00:00:00:03; parent=host/eno1; mode=bridge",
     NULL,
     "ip link add name eth0 link eno1 netns red address 02:00:00:00:00:03 type macvlan mode bridge\n"
     "ip -n red link set dev eth0 up\n"},
    {VERB_ADD, NULL, "macvlan name=m0; up=true; parent=red/eth0; mode=vepa; master=host/br0", NULL,
     "ip -n red link add name m0 link eth0 netns $$ type macvlan\n"
     "ip link set dev m0 master br0 up\n"},
    {VERB_SET, "macvlan name=m0; up=true; parent=host/e; broadcast-queue=1000",
     "macvlan name=m0; up=true; parent=host/e; broadcast-queue=50", NULL,
     "ip link set dev m0 type macvlan bcqueuelen 50\n"},
    {VERB_ADD, NULL, "ipvlan name=i0; up=true; parent=host/eno1; mode=l2; isolation=private", NULL,
     "ip link add name i0 link eno1 up type ipvlan mode l2 private\n"},

    /* tunnels */
    {VERB_ADD, NULL,
     "vxlan name=vx0; up=true; id=42; local=10.0.0.1; remote=10.0.0.2; port=4789; mac-learning=false", NULL,
     "ip link add name vx0 up type vxlan id 42 local 10.0.0.1 remote 10.0.0.2 dstport 4789 nolearning\n"},
    {VERB_ADD, NULL, "vxlan name=vx0; up=true; id=42; remote=239.1.1.1; parent=host/eno1; tos=16", NULL,
     "ip link add name vx0 up type vxlan id 42 group 239.1.1.1 tos 0x10 dev eno1\n"},
    {VERB_SET, "vxlan name=vx0; up=true; id=42; remote=10.0.0.2",
     "vxlan name=vx0; up=true; id=42; remote=fd00::2", NULL,
     "ip link set dev vx0 type vxlan remote fd00::2\n"},
    {VERB_ADD, NULL, "gre name=g0; up=true; local=10.0.0.1; remote=10.0.0.2; ttl=64; parent=host/eno1", NULL,
     "ip link add name g0 up type gre local 10.0.0.1 remote 10.0.0.2 ttl 64 dev eno1\n"},
    {VERB_ADD, NULL, "gretap name=g1; up=false; remote=10.0.0.2; path-mtu-discovery=false", NULL,
     "ip link add name g1 type gretap remote 10.0.0.2 nopmtudisc\n"},
    {VERB_ADD, NULL,
     "wireguard name=wg0; up=true; listen-port=51820; "
     "private-key=yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=",
     NULL,
     "ip link add name wg0 up type wireguard\n"
     "printf '(hidden)' | wg set wg0 listen-port 51820 private-key /dev/stdin\n"},
    {VERB_ADD, NULL, "red:wireguard name=wg0; up=true; private-key-file=/etc/wg key; fwmark=7", NULL,
     "ip -n red link add name wg0 up type wireguard\n"
     "ip netns exec red wg set wg0 private-key '/etc/wg key' fwmark 7\n"},
    {VERB_SET, "wireguard name=wg0; up=true; listen-port=1", "wireguard name=wg0; up=true; listen-port=2",
     NULL, "wg set wg0 listen-port 2\n"},
    {VERB_ADD, NULL,
     "red:wgpeer dev=wg0; public-key=xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=; endpoint=192.0.2.1:51820; "
     "allowed-ips=10.0.0.0/8,fd00::/8; "
     "keepalive=25",
     NULL,
     "ip netns exec red wg set wg0 peer xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg= endpoint "
     "192.0.2.1:51820 allowed-ips 10.0.0.0/8,fd00::/8 "
     "persistent-keepalive 25\n"},
    {VERB_SET,
     "wgpeer dev=wg0; public-key=xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=; allowed-ips=10.0.0.0/8",
     "wgpeer dev=wg0; public-key=xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=; allowed-ips=; "
     "preshared-key=yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=",
     NULL,
     "printf '(hidden)' | wg set wg0 peer xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg= allowed-ips '' "
     "preshared-key /dev/stdin\n"},
    {VERB_DEL, "wgpeer dev=wg0; public-key=xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", NULL, NULL,
     "wg set wg0 peer xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg= remove\n"},

    /* bond, vrf, dummy */
    {VERB_ADD, NULL,
     "bond name=bond0; up=false; mode=802.3ad; lacp-rate=fast; miimon=100; hash-policy=layer3+4", NULL,
     "ip link add name bond0 type bond mode 802.3ad miimon 100 lacp_rate fast xmit_hash_policy layer3+4\n"},
    {VERB_ADD, NULL,
     "bond name=bond0; up=true; mode=active-backup; arp-interval=200; arp-targets=10.0.0.1,10.0.0.2; "
     "primary=eno1",
     NULL,
     "ip link add name bond0 up type bond mode active-backup primary eno1 arp_interval 200 arp_ip_target "
     "10.0.0.1,10.0.0.2\n"},
    {VERB_SET, "bond name=bond0; up=true; mode=802.3ad; lacp-rate=slow",
     "bond name=bond0; up=true; mode=802.3ad; lacp-rate=fast", NULL,
     "ip link set dev bond0 down\n"
     "ip link set dev bond0 type bond lacp_rate fast\n"
     "ip link set dev bond0 up\n"},
    {VERB_SET, "bond name=bond0; up=true; arp-targets=10.0.0.1",
     "bond name=bond0; up=true; arp-targets=", NULL, "ip link set dev bond0 type bond arp_ip_target ''\n"},
    {VERB_ADD, NULL, "vrf name=blue; up=true; table=100", NULL,
     "ip link add name blue up type vrf table 100\n"},
    {VERB_ADD, NULL, "red:dummy name=d0; up=true", NULL, "ip -n red link add name d0 up type dummy\n"},

    /* address */
    {VERB_ADD, NULL, "red:address dev=eth0; address=10.0.0.1/24", NULL,
     "ip -n red address add 10.0.0.1/24 dev eth0\n"},
    {VERB_ADD, NULL,
     "address dev=p0; address=10.0.0.1/32; peer=10.0.0.2; scope=link; broadcast=10.0.0.3; noprefixroute=true",
     NULL, "ip address add 10.0.0.1 peer 10.0.0.2/32 broadcast 10.0.0.3 scope link noprefixroute dev p0\n"},
    {VERB_SET, "address dev=eth0; address=fd00::1/64; metric=5; preferred=forever",
     "address dev=eth0; address=fd00::1/64; metric=5; valid=forever; preferred=0", NULL,
     "ip address replace fd00::1/64 metric 5 preferred_lft 0 dev eth0\n"},
    {VERB_DEL, "address dev=eth0; address=10.0.0.1/24; label=eth0:web; metric=5", NULL, NULL,
     "ip address del 10.0.0.1/24 dev eth0\n"},

    /* route */
    {VERB_ADD, NULL, "red:route to=default; via=10.0.0.254", NULL,
     "ip -n red route add default via 10.0.0.254\n"},
    {VERB_ADD, NULL, "route to=::/0; via=fe80::1; dev=eth0; metric=100", NULL,
     "ip -6 route add default via fe80::1 dev eth0 metric 100\n"},
    {VERB_ADD, NULL,
     "route to=10.9.0.0/16; table=100; metric=50; via=10.0.0.2; dev=eth0; src=10.0.0.1; mtu=1400; "
     "onlink=true",
     NULL,
     "ip route add 10.9.0.0/16 via 10.0.0.2 dev eth0 src 10.0.0.1 mtu 1400 onlink table 100 metric 50\n"},
    {VERB_ADD, NULL, "route to=10.9.0.0/16; type=blackhole", NULL, "ip route add blackhole 10.9.0.0/16\n"},
    {VERB_ADD, NULL, "route to=10.9.0.0/16; via=fe80::1; dev=eth0; scope=global", NULL,
     "ip route add 10.9.0.0/16 via inet6 fe80::1 dev eth0 scope global\n"},
    {VERB_ADD, NULL, "route to=10.9.0.0/16; nexthops=via 10.0.0.2 dev eth0 weight 2,via 10.0.0.3", NULL,
     "ip route add 10.9.0.0/16 nexthop via 10.0.0.2 dev eth0 weight 2 nexthop via 10.0.0.3\n"},
    {VERB_ADD, NULL, "route to=10.9.0.0/16; nexthops=via fe80::1 dev eth0,dev eth1 onlink", NULL,
     "ip route add 10.9.0.0/16 nexthop via inet6 fe80::1 dev eth0 nexthop dev eth1 onlink\n"},
    {VERB_SET, "route to=10.9.0.0/16; via=10.0.0.2", "route to=10.9.0.0/16; via=10.0.0.3; src=", NULL,
     "ip route replace 10.9.0.0/16 via 10.0.0.3\n"},
    {VERB_DEL, "route to=10.9.0.0/16; table=local; via=10.0.0.2; dev=eth0", NULL, NULL,
     "ip route del 10.9.0.0/16 table local\n"},
    {VERB_DEL, "red:route to=fd00::/64; dev=eth0", NULL, NULL,
     "ip -n red -6 route del fd00::/64 dev eth0 metric 1024\n"},

    /* rule */
    {VERB_ADD, NULL, "rule priority=100; from=10.0.0.0/24; to=10.1.0.0/16; iif=eth0; mark=1; table=100", NULL,
     "ip rule add priority 100 from 10.0.0.0/24 to 10.1.0.0/16 iif eth0 fwmark 1 table 100\n"},
    {VERB_ADD, NULL, "red:rule priority=5; family=ipv6; oif=eth0; action=blackhole", NULL,
     "ip -n red -6 rule add priority 5 oif eth0 blackhole\n"},
    {VERB_DEL, "rule priority=5; table=main", NULL, NULL, "ip rule del priority 5 table main\n"},

    /* neighbour, fdb */
    {VERB_ADD, NULL, "neighbour dev=eth0; ip=10.0.0.2; mac=02:00:00:00:00:02", NULL,
     "ip neighbour add 10.0.0.2 lladdr 02:00:00:00:00:02 nud permanent dev eth0\n"},
    {VERB_SET, "red:neighbour dev=eth0; ip=10.0.0.2; mac=02:00:00:00:00:02",
     "red:neighbour dev=eth0; ip=10.0.0.2; mac=02:00:00:00:00:03", NULL,
     "ip -n red neighbour replace 10.0.0.2 lladdr 02:00:00:00:00:03 nud permanent dev eth0\n"},
    {VERB_DEL, "neighbour dev=eth0; ip=fd00::2; mac=02:00:00:00:00:02", NULL, NULL,
     "ip neighbour del fd00::2 dev eth0\n"},
    {VERB_ADD, NULL, "fdb dev=v0; mac=02:00:00:00:00:02; vlan=10", NULL,
     "bridge fdb add 02:00:00:00:00:02 dev v0 vlan 10 master static\n"},
    {VERB_ADD, NULL, "red:fdb dev=vx0; mac=00:00:00:00:00:00; dst=10.0.0.2", NULL,
     "bridge -n red fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.2 self permanent\n"},
    {VERB_DEL, "fdb dev=v0; mac=02:00:00:00:00:02", NULL, NULL,
     "bridge fdb del 02:00:00:00:00:02 dev v0 master\n"},

    /* service */
    {VERB_ADD, NULL,
     "service name=dnsmasq-lan; program=dnsmasq; interface=lan; config=interface=lan\ndomain=100%; "
     "names=10.0.0.2 "
     "web",
     NULL,
     "mkdir -p /run/plexus-services/host/dnsmasq-lan\n"
     "printf 'interface=lan\\ndomain=100%%' > /run/plexus-services/host/dnsmasq-lan/config\n"
     "printf '10.0.0.2 web' > /run/plexus-services/host/dnsmasq-lan/names\n"
     "dnsmasq --conf-file=/run/plexus-services/host/dnsmasq-lan/config\n"},
    {VERB_SET, "service name=dnsmasq-lan; program=dnsmasq; interface=lan; names=10.0.0.2 web",
     "service name=dnsmasq-lan; program=dnsmasq; interface=lan; names=10.0.0.3 web", NULL,
     "printf '10.0.0.3 web' > /run/plexus-services/host/dnsmasq-lan/names\n"
     "kill -HUP $(cat /run/plexus-services/host/dnsmasq-lan/pid)\n"},
    {VERB_SET, "service name=dnsmasq-lan; program=dnsmasq; interface=lan; config=a",
     "service name=dnsmasq-lan; program=dnsmasq; interface=lan; config=b", NULL,
     "printf b > /run/plexus-services/host/dnsmasq-lan/config\n"
     "kill $(cat /run/plexus-services/host/dnsmasq-lan/pid)\n"
     "dnsmasq --conf-file=/run/plexus-services/host/dnsmasq-lan/config\n"},
    {VERB_ADD, NULL, "red:service name=dhcp-eth0; program=dhcp-client; interface=eth0; config=hostname red",
     NULL,
     "mkdir -p /run/plexus-services/red/dhcp-eth0\n"
     "printf 'hostname red' > /run/plexus-services/red/dhcp-eth0/config\n"
     "ip netns exec red udhcpc -b -R -p /run/plexus-services/red/dhcp-eth0/pid -i eth0 -x hostname:red\n"},
    {VERB_DEL, "red:service name=dhcp-eth0; program=dhcp-client; interface=eth0", NULL, NULL,
     "kill $(cat /run/plexus-services/red/dhcp-eth0/pid)\n"
     "rm -r /run/plexus-services/red/dhcp-eth0\n"},

    /* sysctl, resolver */
    {VERB_SET, "sysctl name=net/ipv4/ip_forward; value=0", "sysctl name=net/ipv4/ip_forward; value=1", NULL,
     "sysctl -qw net.ipv4.ip_forward=1\n"},
    {VERB_ADD, NULL, "red:sysctl name=net/ipv4/conf/eth0.10/forwarding; value=1; dev=eth0.10", NULL,
     "ip netns exec red sysctl -qw net/ipv4/conf/eth0.10/forwarding=1\n"},
    {VERB_SET, "sysctl name=net/ipv4/ping_group_range; value=1 0",
     "sysctl name=net/ipv4/ping_group_range; value=0 100", NULL,
     "sysctl -qw 'net.ipv4.ping_group_range=0 100'\n"},
    {VERB_ADD, NULL, "red:resolver name=resolver; servers=1.1.1.1,fd00::1; search=lan,example.org", NULL,
     "mkdir -p /etc/netns/red\n"
     "printf 'nameserver 1.1.1.1\\nnameserver fd00::1\\nsearch lan example.org\\n' > "
     "/etc/netns/red/resolv.conf\n"},
    {VERB_SET, "red:resolver name=resolver; servers=1.1.1.1", "red:resolver name=resolver; servers=9.9.9.9",
     NULL, "printf 'nameserver 9.9.9.9\\n' > /etc/netns/red/resolv.conf\n"},
    {VERB_DEL, "red:resolver name=resolver; servers=1.1.1.1", NULL, NULL,
     "rm -f /etc/netns/red/resolv.conf\n"
     "rmdir --ignore-fail-on-non-empty /etc/netns/red\n"},

    /* table, set, chain */
    {VERB_ADD, NULL, "table family=inet; name=plexus-lab", NULL, "nft add table inet plexus-lab\n"},
    {VERB_DEL, "red:table family=inet; name=plexus-lab", NULL, NULL,
     "ip netns exec red nft delete table inet plexus-lab\n"},
    {VERB_ADD, NULL,
     "set family=inet; table=plexus-lab; name=blocked; key=ipv4_addr; interval=true; "
     "elements=10.0.0.0/8\n192.0.2.1",
     NULL,
     "nft 'add set inet plexus-lab blocked { type ipv4_addr; flags interval; }'\n"
     "nft 'add element inet plexus-lab blocked { 10.0.0.0/8, 192.0.2.1 }'\n"},
    {VERB_ADD, NULL,
     "set family=inet; table=plexus-lab; name=seen; key=ipv4_addr; dynamic=true; timeout=60; size=100; "
     "counted=true",
     NULL,
     "nft 'add set inet plexus-lab seen { type ipv4_addr; flags dynamic; timeout 60s; size 100; counter; "
     "}'\n"},
    {VERB_SET,
     "set family=inet; table=plexus-lab; name=ports; key=inet_service; data=verdict; elements=22 : accept",
     "set family=inet; table=plexus-lab; name=ports; key=inet_service; data=verdict; elements=22 : drop\n80 "
     ": accept",
     NULL,
     "nft 'delete element inet plexus-lab ports { 22 : accept }'\n"
     "nft 'add element inet plexus-lab ports { 22 : drop, 80 : accept }'\n"},
    {VERB_ADD, NULL,
     "set family=inet; table=plexus-lab; name=ways; key=ifname . ifname; data=verdict; elements=eth0 . log : "
     "jump a",
     NULL,
     "nft 'add map inet plexus-lab ways { type ifname . ifname : verdict; }'\n"
     "nft 'add element inet plexus-lab ways { \"eth0\" . \"log\" : jump a }'\n"},
    {VERB_DEL, "set family=inet; table=plexus-lab; name=ports; key=inet_service; data=verdict", NULL, NULL,
     "nft delete map inet plexus-lab ports\n"},
    {VERB_ADD, NULL,
     "chain family=inet; table=plexus-lab; name=input; type=filter; hook=input; priority=-5; policy=drop; "
     "rules=" RULE_LO "\n" RULE_SET,
     NULL,
     "nft 'add chain inet plexus-lab input { type filter hook input priority -5; policy accept; }'\n"
     "nft 'add rule inet plexus-lab input iifname \"lo\" accept'\n"
     "nft 'add rule inet plexus-lab input ip saddr @blocked counter drop comment \"deny from @blocked\"'\n"
     "nft 'chain inet plexus-lab input { policy drop; }'\n"},
    {VERB_ADD, NULL, "red:chain family=inet; table=plexus-lab; name=guests", NULL,
     "ip netns exec red nft add chain inet plexus-lab guests\n"},
    {VERB_SET, "chain family=inet; table=plexus-lab; name=input; policy=accept; rules=" RULE_SET,
     "chain family=inet; table=plexus-lab; name=input; policy=drop; rules=" RULE_LO, NULL,
     "nft 'flush chain inet plexus-lab input; add rule inet plexus-lab input iifname \"lo\" accept; chain "
     "inet "
     "plexus-lab input { policy drop; }'\n"},
    {VERB_DEL, "chain family=inet; table=plexus-lab; name=input", NULL, NULL,
     "nft delete chain inet plexus-lab input\n"},
};

static struct value read_list(struct model *model, const struct option *option, char *written)
{
    struct text joined CLEANUP_TEXT = {0};
    char *rest = NULL;
    for (char *word = strtok_r(written, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        const char *expected, *near;
        struct value value;
        assert_int_equal(option_parse(option, word, &model->arena, &value, &expected, &near), 0);
        text_printf(&joined, "%s%s", joined.length ? "," : "", value.text);
    }
    return value_text(arena_strdup(&model->arena, text_of(&joined)));
}

static void read_option(struct model *model, struct object *object, char *pair)
{
    char *equal = strchr(pair, '=');
    const char *expected, *near;
    struct value value;
    assert_non_null(equal);
    *equal = '\0';
    int i = object_find_option(object, pair);
    if (i < 0)
        fail_msg("no option `%s`", pair);
    const struct option *option = object_option(object, (unsigned)i);
    if (!equal[1])
        value = value_text("");
    else if (option->flags & OPTION_LIST)
        value = read_list(model, option, equal + 1);
    else if (option_parse(option, equal + 1, &model->arena, &value, &expected, &near) < 0)
        fail_msg("`%s` of option `%s`", equal + 1, pair);
    object->values[i] = value;
}

static struct object *read_object(struct model *model, const char *written)
{
    if (!written)
        return NULL;
    char *copy = arena_strdup(&model->arena, written), *rest = NULL;
    char *word = strsep(&copy, " "), *colon = strchr(word, ':'), *ns = colon ? word : NULL;
    if (colon) {
        *colon = '\0';
        word = colon + 1;
    }
    const struct kind *kind = kind_by_name(word);
    const struct class *class = kind ? classes[CLASS_INTERFACE] : class_by_name(word);
    if (!class)
        fail_msg("no class or kind `%s`", word);
    struct object *object = model_new(model, class, kind, ns ? ns : HOST);
    for (char *pair = strtok_r(copy, ";", &rest); pair; pair = strtok_r(NULL, ";", &rest))
        read_option(model, object, pair + strspn(pair, " "));
    assert_int_equal(model_add(model, object, NULL), 0);
    return object;
}

static void check_row(const struct row *row, struct value default_pvid)
{
    struct model before CLEANUP_MODEL = {0}, after CLEANUP_MODEL = {0};
    struct commands commands CLEANUP_COMMANDS = {0};
    struct text lines CLEANUP_TEXT = {0};
    struct step step = {.verb = row->verb,
                        .old = read_object(&before, row->old),
                        .new = read_object(&after, row->new),
                        .peer = read_object(row->new ? &after : &before, row->peer),
                        .default_pvid = default_pvid};
    if (row->verb == VERB_SET)
        assert_string_equal(step.old->id, step.new->id);
    for (unsigned i = 0; row->verb == VERB_SET && i < object_n_options(step.new); i++)
        if (value_is_set(&step.new->values[i]) && !value_equal(&step.new->values[i], &step.old->values[i]))
            option_set_put(&step.changed, i);
    step_commands(&step, &commands);
    for (size_t i = 0; i < commands.n; i++)
        text_printf(&lines, "%s\n", commands.lines[i]);
    assert_string_equal(text_of(&lines), row->lines);
}

static void steps_are_shown_as_commands(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_row(&rows[i], (struct value){0});
}

/* A new port has the default VLAN of its bridge, which is not always 1. */
static void ports_leave_the_default_vlan_of_their_bridge(void **state)
{
    (void)state;
    static const struct row of_99 = {VERB_ADD, NULL,
                                     "veth name=v0; up=true; master=host/br0; vlans=10 pvid untagged", NULL,
                                     "ip link add name v0 master br0 up type veth\n"
                                     "bridge vlan del dev v0 vid 99\n"
                                     "bridge vlan add dev v0 vid 10 pvid untagged\n"};
    static const struct row of_0 = {VERB_ADD, NULL,
                                    "veth name=v0; up=true; master=host/br0; vlans=1 pvid untagged,20", NULL,
                                    "ip link add name v0 master br0 up type veth\n"
                                    "bridge vlan add dev v0 vid 1 pvid untagged\n"
                                    "bridge vlan add dev v0 vid 20\n"};
    static const struct row joins_99 = {VERB_SET, "veth name=v0; up=true; master=; vlans=",
                                        "veth name=v0; up=true; master=host/br0; vlans=99", NULL,
                                        "ip link set dev v0 master br0\n"
                                        "bridge vlan add dev v0 vid 99\n"};
    check_row(&of_99, value_number(99));
    check_row(&of_0, value_number(0));
    check_row(&joins_99, value_number(99));
}

/* Each kind is made by some row, or one would be forgotten. */
static void every_class_and_kind_has_a_row(void **state)
{
    (void)state;
    bool seen_class[CLASS_MAX] = {false};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct model model CLEANUP_MODEL = {0};
        seen_class[read_object(&model, rows[i].new ? rows[i].new : rows[i].old)->class->id] = true;
    }
    for (unsigned i = 0; i < CLASS_MAX; i++)
        assert_true(seen_class[i]);
    for (unsigned k = 0; kinds[k]; k++) {
        bool seen = false;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0] && !seen; i++) {
            struct model model CLEANUP_MODEL = {0};
            seen = read_object(&model, rows[i].new ? rows[i].new : rows[i].old)->kind == kinds[k];
        }
        if (!seen)
            fail_msg("no row for kind %s", kinds[k]->name);
    }
}

/* Whatever is said for an object made of all that a table has, is said without secrets. */
static void secrets_are_never_shown(void **state)
{
    (void)state;
    static const char *const written[] = {
        "wireguard name=wg0; up=true; private-key=yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=",
        "wgpeer dev=wg0; public-key=xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=; "
        "preshared-key=yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=",
    };
    for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
        struct model model CLEANUP_MODEL = {0};
        struct commands commands CLEANUP_COMMANDS = {0};
        struct step step = {.verb = VERB_ADD, .new = read_object(&model, written[i])};
        step_commands(&step, &commands);
        assert_true(commands.n > 0);
        for (size_t j = 0; j < commands.n; j++)
            assert_null(strstr(commands.lines[j], "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_shown_as_commands),
        cmocka_unit_test(ports_leave_the_default_vlan_of_their_bridge),
        cmocka_unit_test(every_class_and_kind_has_a_row),
        cmocka_unit_test(secrets_are_never_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
