/* The words of a firewall: services by name, kinds of ICMP, protocols, verdicts. */
#include "model/firewall/firewall.h"

const struct name fw_verdict_names[] = {
    {"accept", FW_ACCEPT}, {"drop", FW_DROP}, {"reject", FW_REJECT}, {NULL, 0}};

const char *const fw_chain_names[FW_CHAINS] = {"input", "forward", "output"};

const struct name fw_nat_names[] = {{"masquerade", FW_MASQUERADE},
                                    {"snat", FW_SNAT},
                                    {"dnat", FW_DNAT},
                                    {"redirect", FW_REDIRECT},
                                    {NULL, 0}};

const struct name fw_protocol_names[] = {
    {"tcp", IPPROTO_TCP},
    {"udp", IPPROTO_UDP},
    {"sctp", IPPROTO_SCTP},
    {"dccp", IPPROTO_DCCP},
    {"udplite", IPPROTO_UDPLITE},
    {"icmp", IPPROTO_ICMP},
    {"gre", IPPROTO_GRE},
    {"esp", IPPROTO_ESP},
    {"ah", IPPROTO_AH},
    {"igmp", IPPROTO_IGMP},
    {"ospf", 89},
    {"vrrp", 112},
    {NULL, 0},
};

bool fw_protocol_has_ports(uint8_t protocol)
{
    return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
           protocol == IPPROTO_DCCP || protocol == IPPROTO_UDPLITE;
}

/* Names of libnftables' types icmp_type and icmpv6_type. */
const struct fw_icmp fw_icmps[] = {
    {"echo-request", "echo-request", "echo-request"},
    {"echo-reply", "echo-reply", "echo-reply"},
    {"destination-unreachable", "destination-unreachable", "destination-unreachable"},
    {"packet-too-big", NULL, "packet-too-big"},
    {"time-exceeded", "time-exceeded", "time-exceeded"},
    {"parameter-problem", "parameter-problem", "parameter-problem"},
    {"redirect", "redirect", "nd-redirect"},
    {"router-advertisement", "router-advertisement", "nd-router-advert"},
    {"router-solicitation", "router-solicitation", "nd-router-solicit"},
    {"neighbour-solicitation", NULL, "nd-neighbor-solicit"},
    {"neighbour-advertisement", NULL, "nd-neighbor-advert"},
    {"timestamp-request", "timestamp-request", NULL},
    {"timestamp-reply", "timestamp-reply", NULL},
    {"source-quench", "source-quench", NULL},
    {"mld-query", NULL, "mld-listener-query"},
    {"mld-report", NULL, "mld-listener-report"},
    {"mld-done", NULL, "mld-listener-done"},
    {"mld2-report", NULL, "mld2-listener-report"},
    {NULL, NULL, NULL},
};

const struct fw_known_service fw_known_services[] = {
    {"amqp", "tcp/5672"},
    {"bgp", "tcp/179"},
    {"bittorrent", "tcp/6881-6889"},
    {"consul", "tcp/8300-8302,udp/8301-8302,tcp/8500,tcp/8600,udp/8600"},
    {"dhcp", "udp/67"},
    {"dhcp-client", "udp/68"},
    {"dhcpv6", "udp/547"},
    {"dhcpv6-client", "udp/546"},
    {"dns", "tcp/53,udp/53"},
    {"dns-over-tls", "tcp/853,udp/853"},
    {"docker", "tcp/2376"},
    {"elasticsearch", "tcp/9200,tcp/9300"},
    {"etcd", "tcp/2379-2380"},
    {"ftp", "tcp/21"},
    {"git", "tcp/9418"},
    {"grafana", "tcp/3000"},
    {"http", "tcp/80"},
    {"http-proxy", "tcp/3128"},
    {"http3", "udp/443"},
    {"https", "tcp/443"},
    {"imap", "tcp/143"},
    {"imaps", "tcp/993"},
    {"ipp", "tcp/631,udp/631"},
    {"ipsec", "udp/500,udp/4500,esp,ah"},
    {"irc", "tcp/6667"},
    {"iscsi", "tcp/3260"},
    {"kerberos", "tcp/88,udp/88"},
    {"kubernetes-api", "tcp/6443"},
    {"ldap", "tcp/389"},
    {"ldaps", "tcp/636"},
    {"libvirt", "tcp/16509"},
    {"libvirt-tls", "tcp/16514"},
    {"mdns", "udp/5353"},
    {"memcached", "tcp/11211"},
    {"minecraft", "tcp/25565"},
    {"mongodb", "tcp/27017"},
    {"mqtt", "tcp/1883"},
    {"mqtts", "tcp/8883"},
    {"mysql", "tcp/3306"},
    {"nfs", "tcp/2049"},
    {"node-exporter", "tcp/9100"},
    {"ntp", "udp/123"},
    {"openflow", "tcp/6653"},
    {"openvpn", "tcp/1194,udp/1194"},
    {"ovsdb", "tcp/6640"},
    {"ping", "icmp/echo-request"},
    {"pop3", "tcp/110"},
    {"pop3s", "tcp/995"},
    {"postgresql", "tcp/5432"},
    {"prometheus", "tcp/9090"},
    {"proxmox", "tcp/8006"},
    {"ptp", "udp/319-320"},
    {"radius", "udp/1812-1813"},
    {"rdp", "tcp/3389,udp/3389"},
    {"redis", "tcp/6379"},
    {"rsync", "tcp/873"},
    {"rtsp", "tcp/554"},
    {"samba", "udp/137-138,tcp/139,tcp/445"},
    {"sip", "tcp/5060,udp/5060"},
    {"sips", "tcp/5061"},
    {"smtp", "tcp/25"},
    {"smtps", "tcp/465"},
    {"snmp", "udp/161"},
    {"snmp-trap", "udp/162"},
    {"spice", "tcp/5900-5999"},
    {"ssdp", "udp/1900"},
    {"ssh", "tcp/22"},
    {"stun", "tcp/3478,udp/3478"},
    {"submission", "tcp/587"},
    {"syslog", "udp/514"},
    {"syslog-tls", "tcp/6514"},
    {"telnet", "tcp/23"},
    {"tftp", "udp/69"},
    {"traceroute", "udp/33434-33523"},
    {"vnc", "tcp/5900-5903"},
    {"vrrp", "vrrp"},
    {"vxlan", "udp/4789"},
    {"wireguard", "udp/51820"},
    {"xmpp", "tcp/5222,tcp/5269"},
    {"zabbix", "tcp/10050-10051"},
    {NULL, NULL},
};

enum fw_chain fw_rule_chain(const struct fw_rule *rule)
{
    if (rule->from.form == FW_HOST)
        return FW_OUTPUT;
    return rule->to.form == FW_HOST || !rule->to.is_said ? FW_INPUT : FW_FORWARD;
}
