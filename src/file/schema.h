/* The JSON Schema of network files, for editors: made from the tables. */
#pragma once
#include <jansson.h>

json_t *schema_make(void); /* draft 2020-12; a new reference */
