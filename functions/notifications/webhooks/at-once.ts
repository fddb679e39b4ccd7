// How much may be on its way to one webhook at once, in this process. A file of its own, as functions that send to no webhook have none of
// the files that do.

export const MESSAGES_AT_ONCE = 8;
export const TESTS_AT_ONCE = 2;
