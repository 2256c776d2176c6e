/** What a guest returns to be called again, in the lower four bits; above them a handle. */
export const callbackCode = { exit: 0, yield: 1, wait: 2 } as const;
export const codeBits = 4;
export const codeMask = 0xf;
