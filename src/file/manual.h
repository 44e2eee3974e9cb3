/* The reference of all keys and options, as a part of the manual page plexus.file(5): made from the tables.
 */
#pragma once
#include <stdio.h>

void manual_write(FILE *stream); /* scdoc */
