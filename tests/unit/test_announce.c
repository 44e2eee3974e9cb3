/* Announcements, byte by byte: the bytes below were worked out from the RFCs, not by the code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "kernel/announce.h"

static const struct mac mac = {{0x02, 0x00, 0x5e, 0x10, 0x00, 0xfe}};

/* RFC 826 for the fields; RFC 5227, sections 1.1 and 3: a request to all, sender and target IP both our
 * own, the target's hardware address zero. */
static void arp_is_an_announcement(void **state)
{
    (void)state;
    static const uint8_t expected[] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* to all */
        0x02, 0x00, 0x5e, 0x10, 0x00, 0xfe, /* from us */
        0x08, 0x06,                         /* ARP */
        0x00, 0x01, 0x08, 0x00, 0x06, 0x04, /* Ethernet, IPv4, and the lengths of their addresses */
        0x00, 0x01,                         /* request */
        0x02, 0x00, 0x5e, 0x10, 0x00, 0xfe, /* sender */
        192,  168,  50,   2,                /**/
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* target */
        192,  168,  50,   2,
    };
    uint8_t frame[ANNOUNCE_ARP_SIZE];
    struct ip ip;
    assert_int_equal(ip_parse("192.168.50.2", &ip), 0);
    announce_arp(&mac, &ip, frame);
    assert_int_equal(sizeof expected, sizeof frame);
    assert_memory_equal(frame, expected, sizeof frame);
}

/* RFC 4861, sections 4.4, 4.6.1 and 7.2.6; RFC 2464, section 7, for the address of the frame. The checksum
 * (RFC 4443, section 2.3) of the words that are not zero:
 *     source fd00 + 2, destination ff02 + 1, length 20, protocol 3a:       1fc5f
 *     type 8800, flags 2000, target fd00 + 2, option 0201, 0200 5e10 00fe: 20811
 *     together 40470; folded 0474; its complement fb8b. */
static const uint8_t ipv6_expected[] = {
    0x33, 0x33, 0x00, 0x00, 0x00, 0x01, /* to all nodes */
    0x02, 0x00, 0x5e, 0x10, 0x00, 0xfe, /* from us */
    0x86, 0xdd,                         /* IPv6 */
    0x60, 0x00, 0x00, 0x00,             /* version 6 */
    0x00, 0x20, 0x3a, 0xff,             /* 32 bytes of ICMPv6, hop limit 255 */
    0xfd, 0x00, 0,    0,    0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 2, /* source fd00::2 */
    0xff, 0x02, 0,    0,    0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 1, /* destination ff02::1 */
    0x88, 0x00, 0xfb, 0x8b,                                                 /* neighbour advertisement */
    0x20, 0x00, 0x00, 0x00, /* override; not solicited, no router */
    0xfd, 0x00, 0,    0,    0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 2, /* target */
    0x02, 0x01, 0x02, 0x00, 0x5e, 0x10, 0x00, 0xfe,                         /* its link-layer address */
};

static void ipv6_is_an_unsolicited_advertisement(void **state)
{
    (void)state;
    uint8_t frame[ANNOUNCE_IPV6_SIZE];
    struct ip ip;
    assert_int_equal(ip_parse("fd00::2", &ip), 0);
    announce_ipv6(&mac, &ip, frame);
    assert_int_equal(sizeof ipv6_expected, sizeof frame);
    assert_memory_equal(frame, ipv6_expected, sizeof frame);
}

/* Addresses and message, with length and protocol, add up to ffff. */
static void any_receiver_finds_the_checksum_right(void **state)
{
    (void)state;
    static const char *const addresses[] = {"fd00::2", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "::1"};
    for (unsigned a = 0; a < sizeof addresses / sizeof addresses[0]; a++) {
        uint8_t frame[ANNOUNCE_IPV6_SIZE];
        struct ip ip;
        unsigned sum = 0x20 + 0x3a;
        assert_int_equal(ip_parse(addresses[a], &ip), 0);
        announce_ipv6(&mac, &ip, frame);
        for (unsigned i = 22; i < sizeof frame; i += 2)
            sum += frame[i] * 256u + frame[i + 1];
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        assert_int_equal(sum, 0xffff);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arp_is_an_announcement),
        cmocka_unit_test(ipv6_is_an_unsolicited_advertisement),
        cmocka_unit_test(any_receiver_finds_the_checksum_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
