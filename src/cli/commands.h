/* The commands, one file each; the table in main.c says in which order they are shown. */
#pragma once
#include "cli/command.h"

extern const struct command command_apply, command_plan, command_check, command_down, command_confirm,
    command_rollback, command_list, command_show, command_status, command_history, command_save,
    command_forget, command_exec, command_shell, command_network, command_run, command_plug, command_unplug,
    command_firewall, command_leases, command_schema, command_manual, command_complete;

/* Below `network`. */
extern const struct command command_network_create, command_network_ls, command_network_inspect,
    command_network_rm, command_network_connect, command_network_disconnect, command_network_publish,
    command_network_unpublish;
