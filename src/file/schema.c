/* The JSON Schema (draft 2020-12) of network files. Each table row becomes a property; each class and each
 * kind a definition.
 *
 * Schemas do not say everything: which keys an interface may have depends on its `type`, and where that is
 * missing, on its surroundings; so without a type all keys are allowed. Values of options are those of the
 * tables, not looser. */
#include "file/schema.h"

#include <stdlib.h>
#include <string.h>

#include "file/firewall.h"
#include "file/networks.h"

static json_t *type_of(const char *name)
{
    return json_pack("{s:s}", "type", name);
}

static json_t *reference_to(const char *definition)
{
    return json_pack("{s:o}", "$ref", json_sprintf("#/$defs/%s", definition));
}

static json_t *list_of(json_t *items)
{
    return json_pack("{s:s, s:o}", "type", "array", "items", items);
}

/* One, or a list of it. */
static json_t *one_or_more(json_t *item)
{
    return json_pack("{s:[o, o]}", "anyOf", json_incref(item), list_of(item));
}

/* Words and numbers alike: YAML reads `10` as a number, and the reader takes both. */
static json_t *word(void)
{
    return json_pack("{s:[s, s]}", "type", "string", "number");
}

static json_t *words_of(const struct name *names)
{
    json_t *list = json_array();
    for (const struct name *name = names; name->name; name++) {
        char *end;
        long number = strtol(name->name, &end, 10);
        json_array_append_new(list, json_string(name->name));
        if (!*end)
            json_array_append_new(list, json_integer(number)); /* unquoted, YAML calls it a number */
    }
    return json_pack("{s:o}", "enum", list);
}

static json_t *either(json_t *one, json_t *other)
{
    return json_pack("{s:[o, o]}", "anyOf", one, other);
}

/* A text of that pattern, or one in which `{n}` is to be replaced by a number. */
static json_t *pattern(const char *regex)
{
    return json_pack("{s:s, s:o}", "type", "string", "pattern", json_sprintf("%s|\\{n\\}", regex));
}

/* A number, or its digits between quotes: the reader does not ask how it was written, only what. */
static json_t *number(json_t *integer)
{
    return either(integer, pattern("^(-?[0-9]+|0[Xx][0-9A-Fa-f]+)$"));
}

/* The same, and what YAML of old calls a truth. */
static json_t *boolean(void)
{
    return json_pack("{s:[b, b, s, s, s, s, s, s]}", "enum", true, false, "true", "false", "yes", "no", "on",
                     "off");
}

static json_t *number_of(const struct option *option)
{
    json_t *integer = type_of("integer");
    if (option->min || option->max) {
        json_object_set_new(integer, "minimum", json_integer(option->min));
        json_object_set_new(integer, "maximum", json_integer(option->max));
    }
    return option->names ? either(number(integer), words_of(option->names)) : number(integer);
}

/* One value of an option. */
static json_t *value_of(const struct option *option)
{
    switch (option->type) {
    case TYPE_BOOL:
        return boolean();
    case TYPE_NUMBER:
        return number_of(option);
    case TYPE_ENUM:
        return words_of(option->names);
    case TYPE_MAC:
        return pattern("^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$");
    case TYPE_IP:
        return pattern("^[0-9A-Fa-f:.]+$");
    case TYPE_ADDRESS:
        return pattern("^[0-9A-Fa-f:.-]+/[0-9]+$");
    case TYPE_NETWORK:
        return pattern("^(default|[0-9A-Fa-f:.]+(/[0-9]+)?)$");
    case TYPE_KEY:
        return pattern("^[A-Za-z0-9+/]{43}=$");
    case TYPE_ENDPOINT:
        return pattern("^([0-9.]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]+$");
    case TYPE_NEXTHOPS:
        return reference_to("nexthop");
    case TYPE_INTERFACE:
    case TYPE_DEVICE:
    case TYPE_TEXT:
    case TYPE_USER:
    case TYPE_GROUP:
    case TYPE_VLANS:
    case TYPE_RULES:
    case TYPE_LINES:
    case TYPE_ELEMENTS:
    case TYPE_MAX:
        break;
    }
    return word();
}

static json_t *schema_of_option(const struct option *option)
{
    json_t *schema = value_of(option);
    if (option->type == TYPE_NEXTHOPS)
        schema = list_of(schema);
    else if (option->flags & OPTION_LIST)
        schema = one_or_more(schema);
    if (option->help)
        json_object_set_new(schema, "description", json_string(option->help));
    if (option->fallback && *option->fallback)
        json_object_set_new(schema, "default", json_string(option->fallback));
    return schema;
}

static void add_options(json_t *properties, const struct option *options, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (!(options[i].flags & OPTION_INTERNAL) && !json_object_get(properties, options[i].key))
            json_object_set_new(properties, options[i].key, schema_of_option(&options[i]));
}

static json_t *required_of(const struct option *options, unsigned n)
{
    json_t *required = json_array();
    for (unsigned i = 0; i < n; i++)
        if (options[i].flags & OPTION_REQUIRED && !(options[i].flags & OPTION_INTERNAL))
            json_array_append_new(required, json_string(options[i].key));
    return required;
}

/* Keys of the table */

static json_t *kind_names(void)
{
    json_t *names = json_array();
    for (unsigned i = 0; kinds[i]; i++)
        if (kinds[i] != &kind_other)
            json_array_append_new(names, json_string(kinds[i]->name));
    return json_pack("{s:o}", "enum", names);
}

static json_t *map_of(json_t *values)
{
    return json_pack("{s:[s, s], s:o}", "type", "object", "null", "additionalProperties", values);
}

static json_t *number_between(int min, int max)
{
    return number(json_pack("{s:s, s:i, s:i}", "type", "integer", "minimum", min, "maximum", max));
}

static json_t *vlan_range(void)
{
    return json_pack("{s:[o, o]}", "anyOf", number_between(1, 4094), pattern("^[0-9]+(-[0-9]+)?$"));
}

static json_t *class_of(const struct key *key)
{
    return reference_to(classes[key->class]->name);
}

static json_t *shape_value(const struct key *key)
{
    switch (key->shape) {
    case SHAPE_TEXT:
        return word();
    case SHAPE_NAME:
        return pattern("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$"); /* topology_name_is_valid() */
    case SHAPE_BOOL:
        return boolean();
    case SHAPE_COUNT:
        return number_between(1, 4096);
    case SHAPE_KIND:
        return kind_names();
    case SHAPE_REFERENCE:
        return type_of("string");
    case SHAPE_WORDS:
    case SHAPE_REFERENCES:
    case SHAPE_IPS:
        return one_or_more(type_of("string"));
    case SHAPE_VLAN:
        return number_between(1, 4094);
    case SHAPE_VLANS:
        return one_or_more(vlan_range());
    case SHAPE_ADDRESSES:
        return one_or_more(either(type_of("string"), class_of(key)));
    case SHAPE_OBJECTS:
        return list_of(class_of(key));
    case SHAPE_ACCEPT_RA:
        return json_pack("{s:[b, b, s]}", "enum", true, false, "forwarding");
    case SHAPE_SETTINGS:
        return map_of(word());
    case SHAPE_RESOLVER:
        return either(class_of(key), one_or_more(type_of("string")));
    case SHAPE_INTERFACES:
        return map_of(either(reference_to("interface"), type_of("null")));
    case SHAPE_NAMESPACES:
        return map_of(either(reference_to("namespace"), type_of("null")));
    case SHAPE_FIREWALL:
        return either(reference_to("firewall"), type_of("null"));
    case SHAPE_NETWORKS:
        return map_of(either(reference_to("network"), type_of("null")));
    case SHAPE_GUEST:
        return either(one_or_more(type_of("string")), map_of(either(reference_to("guest"), type_of("null"))));
    case SHAPE_GUEST_ONE:
        return either(type_of("string"), map_of(either(reference_to("guest"), type_of("null"))));
    case SHAPE_MAX:
        break;
    }
    return NULL;
}

static json_t *shape_schema(const struct key *key)
{
    json_t *schema = shape_value(key);
    json_object_set_new(schema, "description", json_string(key->help));
    return schema;
}

static void add_keys(json_t *properties, unsigned at)
{
    for (const struct key *key = keys; key->key; key++)
        if (key->at & at)
            json_object_set_new(properties, key->key, shape_schema(key));
}

/* Definitions */

static json_t *closed_map(json_t *properties)
{
    return json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties, "additionalProperties",
                     false);
}

/* The maps of a key. */
static json_t *schema_of_maps(const struct key *key)
{
    const struct class *class = classes[key->class];
    json_t *properties = json_object();
    add_options(properties, class->options, class->n_options);
    if (key->more)
        add_options(properties, key->more, 1);
    json_t *schema = closed_map(properties);
    json_object_set_new(schema, "required", required_of(class->options, class->n_options));
    json_object_set_new(schema, "description", json_string(class->help));
    return schema;
}

static json_t *schema_of_nexthop(void)
{
    static const char *const of_route[] = {"via", "dev", "onlink"};
    json_t *properties = json_object();
    for (unsigned i = 0; i < sizeof of_route / sizeof *of_route; i++)
        json_object_set_new(properties, of_route[i],
                            schema_of_option(class_option(CLASS_ROUTE, of_route[i])));
    json_object_set_new(properties, "weight", number_between(1, 256));
    return closed_map(properties);
}

/* An interface of one kind; of NULL: of any. */
static json_t *schema_of_kind(const struct kind *kind)
{
    const struct class *class = classes[CLASS_INTERFACE];
    json_t *properties = json_object();
    add_keys(properties, AT_INTERFACE);
    add_options(properties, class->options, class->n_options);
    for (unsigned i = 0; kinds[i]; i++)
        if (!kind || kinds[i] == kind)
            add_options(properties, kinds[i]->options, kinds[i]->n_options);
    if (kind)
        json_object_set_new(properties, "type",
                            json_pack("{s:s, s:s}", "const", kind->name, "description", kind->help));
    return closed_map(properties);
}

/* By its type: `if` it is that, `then` its keys and no others. */
static json_t *schema_of_interface(void)
{
    json_t *all = json_array();
    for (unsigned i = 0; kinds[i]; i++) {
        if (kinds[i] == &kind_other)
            continue;
        json_t *condition = json_pack("{s:{s:{s:s}}, s:[s]}", "properties", "type", "const", kinds[i]->name,
                                      "required", "type");
        json_array_append_new(all,
                              json_pack("{s:o, s:o}", "if", condition, "then", schema_of_kind(kinds[i])));
    }
    json_t *schema = schema_of_kind(NULL);
    json_object_set_new(schema, "allOf", all);
    return schema;
}

static json_t *schema_of_namespace(void)
{
    const struct class *class = classes[CLASS_NAMESPACE];
    json_t *properties = json_object();
    add_keys(properties, AT_NAMESPACE);
    add_options(properties, class->options, class->n_options);
    return closed_map(properties);
}

static json_t *firewall_value(enum firewall_form form)
{
    switch (form) {
    case FIREWALL_VERDICT:
        return words_of(fw_verdict_names);
    case FIREWALL_LOG:
        return json_pack("{s:[s, s]}", "enum", "dropped", "nothing");
    case FIREWALL_LISTS:
        return map_of(one_or_more(word()));
    case FIREWALL_SETS:
        return map_of(either(one_or_more(word()), closed_map(json_pack("{s:o}", "file", type_of("string")))));
    case FIREWALL_RULES:
        return list_of(either(type_of("string"), reference_to("firewall-rule")));
    case FIREWALL_POLICIES:
        return one_or_more(
            map_of(json_pack("{s:[s, s, s, s, s]}", "enum", "allow", "accept", "deny", "drop", "reject")));
    case FIREWALL_PHRASES:
        return one_or_more(type_of("string"));
    case FIREWALL_WORDS:
        return one_or_more(word());
    case FIREWALL_WORD:
        return word();
    case FIREWALL_NUMBER:
        return number_between(1, 1000000);
    case FIREWALL_BOOL:
        return type_of("boolean");
    case FIREWALL_FORMS:
        break;
    }
    return NULL;
}

static json_t *schema_of_firewall(const struct firewall_key *table)
{
    json_t *properties = json_object();
    for (const struct firewall_key *key = table; key->key; key++) {
        json_t *schema = firewall_value(key->form);
        json_object_set_new(schema, "description", json_string(key->help));
        json_object_set_new(properties, key->key, schema);
    }
    return closed_map(properties);
}

static json_t *schema_of_table(const struct option *options, unsigned n)
{
    json_t *properties = json_object();
    add_options(properties, options, n);
    return closed_map(properties);
}

/* `true`, or a map; with the description that the option of that name has. */
static void set_switch(json_t *properties, const char *key, json_t *map)
{
    json_t *schema = json_object_get(properties, key);
    json_object_del(schema, "type");
    json_object_del(schema, "anyOf");
    json_object_set_new(schema, "anyOf", json_pack("[o, o]", boolean(), map));
}

static json_t *schema_of_dhcp(void)
{
    json_t *schema = schema_of_table(dhcp_options, DHCP_OPTIONS);
    json_t *properties = json_object_get(schema, "properties");
    json_object_set_new(properties, "hosts", list_of(schema_of_table(lease_options, LEASE_OPTIONS)));
    json_object_set_new(properties, "options", map_of(one_or_more(word())));
    return schema;
}

static json_t *schema_of_network(void)
{
    json_t *properties = json_object();
    add_options(properties, network_options, NETWORK_OPTIONS);
    json_t *ipv6 = json_object_get(properties, "ipv6");
    json_object_del(ipv6, "type");
    json_object_set_new(ipv6, "anyOf",
                        json_pack("[o, o]", type_of("boolean"), pattern("^[0-9A-Fa-f:]+/[0-9]+$")));
    set_switch(properties, "dhcp", schema_of_dhcp());
    set_switch(properties, "dns", schema_of_table(dns_options, DNS_OPTIONS));
    return closed_map(properties);
}

static json_t *schema_of_guest(void)
{
    json_t *properties = json_object();
    add_options(properties, guest_options, GUEST_OPTIONS);
    return closed_map(properties);
}

static json_t *definitions(void)
{
    json_t *all = json_object();
    for (const struct key *key = keys; key->key; key++)
        if (key_has_maps(key))
            json_object_set_new(all, classes[key->class]->name, schema_of_maps(key));
    json_object_set_new(all, "firewall", schema_of_firewall(firewall_keys));
    json_object_set_new(all, "firewall-rule", schema_of_firewall(firewall_rule_keys));
    json_object_set_new(all, "network", schema_of_network());
    json_object_set_new(all, "guest", schema_of_guest());
    json_object_set_new(all, "nexthop", schema_of_nexthop());
    json_object_set_new(all, "interface", schema_of_interface());
    json_object_set_new(all, "namespace", schema_of_namespace());
    return all;
}

json_t *schema_make(void)
{
    json_t *properties = json_object();
    add_keys(properties, AT_TOP);
    json_t *schema = closed_map(properties);
    json_object_set_new(schema, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
    json_object_set_new(schema, "patternProperties", json_pack("{s:b}", "^x-", true)); /* for anchors */
    json_object_set_new(schema, "title", json_string("Plexus network file"));
    json_object_set_new(schema, "$defs", definitions());
    return schema;
}
