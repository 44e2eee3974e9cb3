/* How a command ends: these are the exit codes that users and scripts see. */
#pragma once

enum result {
    RESULT_DONE = 0,        /* done, or nothing to do; a question answered with yes */
    RESULT_FAILED = 1,      /* failed; differs or not reachable, for commands that ask */
    RESULT_USAGE = 2,       /* a mistake in the command line or in the file */
    RESULT_UNCONFIRMED = 3, /* not confirmed in time, so the old network is back */
    RESULT_NOT_FOUND = 4,
    RESULT_NOT_PERMITTED = 5,
    RESULT_BUSY = 6,        /* another apply runs, or something foreign is in the way */
    RESULT_ROLLED_BACK = 7, /* it failed, and what was done is undone */
};
