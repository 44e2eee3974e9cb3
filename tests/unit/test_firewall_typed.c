/* Rules as they are typed, and as a file has them; and what is said of words that no rule has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/firewall_words.h"

static const struct {
    const char *typed;
    const char *rule; /* NULL: refused */
    const char *hint; /* a part of it */
} cases[] = {
    {"allow ssh", "allow ssh", NULL},
    {"allow ssh, https from wan", "allow ssh, https from wan", NULL},
    {"allow tcp/8000-8010 from 10.0.0.0/8 to guests", "allow tcp/8000-8010 from 10.0.0.0/8 to guests", NULL},
    {"allow ssh from wan limit 6/minute burst 3 per source log",
     "allow ssh from wan limit 6/minute burst 3 per source log", NULL},
    {"allow ssh limit 6/minute from wan", "allow ssh limit 6/minute from wan", NULL},
    {"allow icmp echo-request", "allow icmp echo-request", NULL},
    {"deny from @blocked to any", "deny from @blocked to any", NULL},
    {"deny from 1.2.3.4", "deny from 1.2.3.4", NULL},
    {"deny any from wan", "deny any from wan", NULL},
    /* of ufw */
    {"allow 22", "allow tcp/22 udp/22", NULL},
    {"allow 22/tcp", "allow tcp/22", NULL},
    {"allow 80,443/tcp", "allow tcp/80 tcp/443", NULL},
    {"allow 6000:6007/udp", "allow udp/6000-6007", NULL},
    {"allow OpenSSH", "allow ssh", NULL},
    {"allow in ssh", "allow ssh", NULL},
    {"allow proto tcp from 10.0.0.0/8 to any port 80,443", "allow tcp/80 tcp/443 from 10.0.0.0/8", NULL},
    {"allow from 10.0.0.5 to any port 53", "allow tcp/53 udp/53 from 10.0.0.5", NULL},
    {"allow proto esp from 10.0.0.5", "allow esp from 10.0.0.5", NULL},
    {"limit 22/tcp", "limit tcp/22", NULL},
    {"deny out 25/tcp", "deny tcp/25 from host", NULL},
    {"reject out to 192.0.2.9 port 25 proto tcp", "reject tcp/25 from host to 192.0.2.9", NULL},
    /* refused */
    {"allow in on eth0 to any port 80", NULL, "zones: {wan: [eth0]}"},
    {"allow out on eth1", NULL, "to wan"},
    {"allow from 10.0.0.1 port 53", NULL, "leave it away"},
    {"allow to 10.0.0.1 port 80", NULL, "leave `to` away"},
    {"allow ssh from", NULL, "for example"},
    {"allow 22/tcp port 23", NULL, "several: 80,443/tcp"},
    {"allow ssh comment office", NULL, "comment: the office"},
    {"deny out from 10.0.0.1", NULL, "leave `from` away"},
};

static void test_typed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CLEANUP_ERRORS struct errors errors = {0};
        struct arena arena = {0};
        char *words = arena_strdup(&arena, cases[i].typed), *rest = strchr(words, ' ');
        *rest++ = '\0';
        const char *rule = firewall_rule_text(&arena, words, &rest, 1, &errors);
        if (cases[i].rule) {
            assert_non_null(rule);
            assert_string_equal(rule, cases[i].rule);
            assert_int_equal(errors.n_errors, 0);
        } else {
            assert_null(rule);
            assert_int_equal(errors.n_errors, 1);
            assert_non_null(strstr(errors.first->hint, cases[i].hint));
        }
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_typed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
